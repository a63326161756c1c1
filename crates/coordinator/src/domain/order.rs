//! Orders with parties. Acceptance is a hold: an order is placed for good once everything is held, and called off when
//! something is not. The case stays ours until the party has delivered.

use jiff::Timestamp;
use meridian_types::PartyOrderId;

use super::decide::Turn;
use super::input::OrderMilestone;
use super::plan::Disruption;
use super::task::{TaskState, TaskWork};

impl Turn {
    /// Something became of an order; `said` is its version, and when it is done as of then.
    pub(super) fn order_progressed(
        &mut self,
        order: PartyOrderId,
        milestone: OrderMilestone,
        said: (i64, Timestamp),
    ) {
        let is_it = |work: &TaskWork| matches!(work, TaskWork::Order { order: id, .. } if *id == order);
        let Some(index) = self.find(is_it) else { return };
        let state = self.plan.tasks[index].state;
        if state.is_settled() {
            return;
        }
        match (milestone, state) {
            (OrderMilestone::Asked, TaskState::Requested) => self.party_has_its_time(index),
            (OrderMilestone::Accepted | OrderMilestone::Placed, TaskState::Undoing)
            | (OrderMilestone::Asked, _) => {}
            (OrderMilestone::Accepted, _) => {
                self.order_expected(index, said);
                self.held(index);
            }
            (OrderMilestone::Placed, _) => {
                if matches!(state, TaskState::Requested | TaskState::Held | TaskState::Confirming) {
                    let due_at = self.arrival_due(self.plan.tasks[index].expected_at);
                    self.settle(index, TaskState::Confirmed, due_at);
                }
                self.order_expected(index, said);
            }
            (OrderMilestone::Delivered, _) => self.delivered(index, said.1),
            (OrderMilestone::Declined | OrderMilestone::Cancelled, TaskState::Undoing) => {
                self.settle(index, TaskState::Undone, self.now);
            }
            (OrderMilestone::Declined, _) => self.declined(index),
            (OrderMilestone::Cancelled, _) => self.lost(index, Disruption::HoldExpired),
        }
    }

    /// The party was asked: there is nothing to do until its time is up.
    fn party_has_its_time(&mut self, index: usize) {
        if let TaskWork::Order { claim, .. } = &self.plan.tasks[index].work {
            let due_at = claim.answer_due;
            self.settle(index, TaskState::Requested, due_at);
        }
    }

    /// The party says when it is done. One that is later than planned is not ordered of again.
    fn order_expected(&mut self, index: usize, (version, expected_at): (i64, Timestamp)) {
        let task = &mut self.plan.tasks[index];
        let TaskWork::Order { claim, .. } = &mut task.work else { return };
        if claim.told.is_some_and(|told| version <= told) {
            return;
        }
        claim.told = Some(version);
        if task.expected_at == expected_at {
            return;
        }
        if expected_at > claim.done {
            self.plan.exclusions.add_supplier(claim.party.clone());
        }
        self.delayed(index, expected_at, Disruption::PartyLate);
    }

    /// What was ordered should be done by now, and nobody says a word: it is taken to be late.
    pub(super) fn not_delivered(&mut self, index: usize) {
        if let TaskWork::Order { claim, .. } = &self.plan.tasks[index].work {
            self.plan.exclusions.add_supplier(claim.party.clone());
        }
        let until = self.silent_delay_of(index);
        self.delayed(index, until, Disruption::PartyLate);
    }

    fn declined(&mut self, index: usize) {
        let task = &self.plan.tasks[index];
        if let TaskWork::Order { claim, .. } = &task.work {
            self.plan.exclusions.add_supplier(claim.party.clone());
        }
        match task.state {
            TaskState::Requested | TaskState::Held => self.refused(index, Disruption::PartyDeclined),
            _ => self.lost(index, Disruption::PartyDeclined),
        }
    }

    /// The goods are there, or the instrument works: also when the order was to be called off by then.
    fn delivered(&mut self, index: usize, at: Timestamp) {
        if self.plan.tasks[index].work.work_site().is_some() {
            return self.repaired(index);
        }
        self.settle(index, TaskState::Done, at);
        self.plan.tasks[index].expected_at = at;
        self.arrived(index, at);
    }
}
