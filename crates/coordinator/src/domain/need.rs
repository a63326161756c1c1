//! When the customer needs something else than before, or elsewhere.

use super::decide::Turn;
use super::plan::{Disruption, Plan, Stage};

impl Plan {
    /// Whether what is carried out was found for another need.
    pub(super) fn is_outdated(&self) -> bool {
        let (found_for, needed) = (&self.chosen.need, &self.need);
        !found_for.is_empty() && !needed.is_empty() && found_for != needed
    }
}

impl Turn {
    /// What is needed now. A way that was found for another need is not carried on with; what has left already arrives
    /// where it was sent, and counts only if that is where it is needed.
    pub(super) fn state_need(&mut self, need: String) {
        if self.plan.need == need {
            return;
        }
        self.plan.need = need;
        // Once the need is met, what follows goes on.
        if !self.plan.is_outdated() || self.plan.due_back().is_some() || self.plan.chosen.party.is_some() {
            return;
        }
        match self.stage() {
            Some(Stage::Holding | Stage::Executing | Stage::Replanning { .. }) => {
                self.disrupt(Disruption::NeedChanged, false);
            }
            // The next search asks what is needed.
            Some(Stage::Parked { .. }) | None => {}
        }
    }
}
