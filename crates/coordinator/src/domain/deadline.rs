//! When the customer needs it by another time than before.

use jiff::Timestamp;

use super::decide::Turn;
use super::plan::{Disruption, Promise, Stage};

impl Turn {
    /// The need should be met by another time. A plan that comes too late for it looks for a better way, and carries
    /// on when there is none; one that comes early enough says so.
    pub(super) fn move_deadline(&mut self, deadline: Option<Timestamp>) {
        if self.stage().is_none() || self.plan.deadline == deadline {
            return;
        }
        self.plan.deadline = deadline;
        // In every other stage another way is found or held already, or is looked for all the same.
        let is_carried_out = self.stage() == Some(Stage::Executing) && self.plan.due_back().is_none();
        if !is_carried_out || self.plan.chosen.party.is_some() {
            return;
        }
        if deadline.is_some_and(|deadline| self.eta() > deadline) {
            self.disrupt(Disruption::NeededEarlier, true);
        } else if self.plan.promise.is_some_and(|told| deadline.is_some_and(|by| by < told.promised_at)) {
            self.plan.last_disruption = Some(Disruption::NeededEarlier);
            self.promise_arrival();
        }
    }

    /// Whether the customer, who needs it earlier than the date told, will have it early enough.
    pub(super) fn is_good_news_for(&self, told: Promise) -> bool {
        let in_time = |deadline| self.plan.expected_at <= deadline && deadline < told.promised_at;
        self.plan.last_disruption == Some(Disruption::NeededEarlier)
            && self.plan.deadline.is_some_and(in_time)
    }
}
