//! When the customer needs it by another time than before.

use jiff::Timestamp;

use super::decide::Turn;
use super::plan::{Disruption, Stage};

impl Turn {
    /// The need should be met by another time. A plan that comes too late for it looks for a better way, and carries
    /// on when there is none.
    pub(super) fn move_deadline(&mut self, deadline: Option<Timestamp>) {
        if self.stage().is_none() || self.plan.deadline == deadline {
            return;
        }
        self.plan.deadline = deadline;
        let is_late = deadline.is_some_and(|deadline| self.eta() > deadline);
        // In every other stage another way is found or held already, or is looked for all the same.
        let is_carried_out = self.stage() == Some(Stage::Executing) && self.plan.loan_due_back().is_none();
        if is_late && is_carried_out && self.plan.chosen.party.is_none() {
            self.disrupt(Disruption::NeededEarlier, true);
        }
    }
}
