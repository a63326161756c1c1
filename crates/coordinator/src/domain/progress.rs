//! Transfers, visits and referrals on their way.

use jiff::Timestamp;
use meridian_types::{EngineerId, ReferralId, TransferId, VisitId};

use super::CustomerMilestone;
use super::decide::{Turn, later};
use super::input::{Fact, TransferMilestone, VisitMilestone};
use super::plan::{Disruption, TaskState, TaskWork};

/// How long customs hold goods back when they don't say.
const CUSTOMS_HOLD_MINUTES: i64 = 48 * 60;

impl Turn {
    pub(super) fn transfer_task(&self, transfer: TransferId) -> Option<usize> {
        self.find(|work| match work {
            TaskWork::Send { transfer: id, .. } | TaskWork::MoveInstrument { transfer: id, .. } => {
                *id == transfer
            }
            _ => false,
        })
    }

    pub(super) fn transfer_ordered(&mut self, transfer: TransferId) {
        let Some(index) = self.transfer_task(transfer) else { return };
        if self.plan.tasks[index].state == TaskState::Requested {
            let due_at = self.hand_over_due(self.departs(index));
            self.settle(index, TaskState::Confirmed, due_at);
        }
    }

    pub(super) fn transfer_command_refused(&mut self, transfer: TransferId) {
        let Some(index) = self.transfer_task(transfer) else { return };
        match self.plan.tasks[index].state {
            TaskState::Requested => self.lost(index, Disruption::HoldExpired),
            // It has left already: it goes on, and what arrives is seen to then.
            TaskState::Undoing => {
                let due_at = self.arrival_due(self.plan.tasks[index].expected_at);
                self.settle(index, TaskState::UnderWay, due_at);
            }
            _ => {}
        }
    }

    pub(super) fn transfer_progressed(
        &mut self,
        transfer: TransferId,
        milestone: TransferMilestone,
        happened_at: Timestamp,
        expected_at: Option<Timestamp>,
    ) {
        let Some(index) = self.transfer_task(transfer) else { return };
        if self.plan.tasks[index].state.is_settled() {
            return;
        }
        match milestone {
            TransferMilestone::Picked => self.picked(index),
            TransferMilestone::Shipped => {
                self.on_the_way(index, expected_at);
                self.customer_hears(index, self.shipped_milestone(index), happened_at);
            }
            TransferMilestone::InCustoms => {
                self.on_the_way(index, expected_at);
                self.customer_hears(index, CustomerMilestone::InCustoms, happened_at);
            }
            TransferMilestone::CustomsReleased => self.on_the_way(index, expected_at),
            TransferMilestone::CustomsHold => {
                let until = expected_at
                    .unwrap_or_else(|| later(self.plan.tasks[index].expected_at, CUSTOMS_HOLD_MINUTES));
                self.plan.tasks[index].state = TaskState::UnderWay;
                self.delayed(index, until, Disruption::CustomsHold);
            }
            TransferMilestone::Received => {
                self.settle(index, TaskState::Done, happened_at);
                self.finish_hold(index);
                self.customer_hears(index, CustomerMilestone::Arrived, happened_at);
                self.complete_when_done(happened_at);
            }
            TransferMilestone::PickFailed => {
                self.exclude_goods(index);
                self.finish_hold(index);
                self.lost(index, Disruption::PickFailed);
            }
            TransferMilestone::Lost => self.lost(index, Disruption::ShipmentLost),
            TransferMilestone::Cancelled if self.plan.tasks[index].state == TaskState::Undoing => {
                self.settle(index, TaskState::Undone, self.now);
            }
            TransferMilestone::Cancelled => {
                self.finish_hold(index);
                self.lost(index, Disruption::PickFailed);
            }
        }
    }

    fn shipped_milestone(&self, index: usize) -> CustomerMilestone {
        match self.plan.tasks[index].work {
            TaskWork::MoveInstrument { .. } => CustomerMilestone::InstrumentShipped,
            _ => CustomerMilestone::Shipped,
        }
    }

    fn picked(&mut self, index: usize) {
        self.finish_hold(index);
        if self.plan.tasks[index].state == TaskState::Requested {
            let due_at = self.hand_over_due(self.departs(index));
            self.settle(index, TaskState::Confirmed, due_at);
        }
    }

    fn on_the_way(&mut self, index: usize, expected_at: Option<Timestamp>) {
        self.finish_hold(index);
        let expected_at = expected_at.unwrap_or(self.plan.tasks[index].expected_at);
        let due_at = self.arrival_due(expected_at);
        self.settle(index, TaskState::UnderWay, due_at);
        if expected_at > self.plan.tasks[index].expected_at {
            self.delayed(index, expected_at, Disruption::ShipmentLate);
        } else {
            self.plan.tasks[index].expected_at = expected_at;
        }
    }

    /// The goods of a transfer have left the shelf: there is no hold any more.
    fn finish_hold(&mut self, send: usize) {
        let TaskWork::Send { hold, .. } = self.plan.tasks[send].work else { return };
        let holds = |work: &TaskWork| matches!(work, TaskWork::Hold { hold: id, .. } if *id == hold);
        if let Some(index) = self.find(holds).filter(|&index| !self.plan.tasks[index].state.is_settled()) {
            self.settle(index, TaskState::Done, self.now);
        }
    }

    fn exclude_goods(&mut self, index: usize) {
        if let TaskWork::Send { claim, .. } = &self.plan.tasks[index].work {
            let goods: Vec<_> =
                claim.lines.iter().map(|(item, _)| (item.clone(), claim.warehouse.clone())).collect();
            self.plan.exclusions.stock.extend(goods);
        }
    }

    /// Customers hear only about the present revision of an open plan.
    fn customer_hears(&mut self, index: usize, milestone: CustomerMilestone, happened_at: Timestamp) {
        if self.is_current(index) && self.stage().is_some() {
            self.tell(Fact::Milestone { milestone, happened_at, next_word_by: None });
        }
    }

    pub(super) fn visit_progressed(&mut self, visit: VisitId, milestone: VisitMilestone) {
        let Some(index) = self.visit_task(visit) else { return };
        let TaskWork::Visit { claim, .. } = self.plan.tasks[index].work.clone() else { return };
        let state = self.plan.tasks[index].state;
        if state.is_settled() {
            return;
        }
        match (milestone, state) {
            (VisitMilestone::Cancelled | VisitMilestone::Expired, TaskState::Undoing) => {
                self.settle(index, TaskState::Undone, self.now);
            }
            (_, TaskState::Undoing) => {}
            (VisitMilestone::Booked | VisitMilestone::Accepted, _) => {
                let due_at = self.hand_over_due(claim.during.start());
                self.settle(index, TaskState::Confirmed, due_at);
            }
            (VisitMilestone::Started, _) => {
                let due_at = self.arrival_due(claim.work.end());
                self.settle(index, TaskState::UnderWay, due_at);
                self.customer_hears(index, CustomerMilestone::EngineerOnTheWay, self.now);
            }
            (VisitMilestone::Finished, _) => self.repaired(index),
            (VisitMilestone::Expired, _) => self.lost(index, Disruption::HoldExpired),
            (VisitMilestone::Cancelled, _) => self.lost(index, Disruption::EngineerUnavailable),
        }
    }

    fn repaired(&mut self, index: usize) {
        self.settle(index, TaskState::Done, self.now);
        self.customer_hears(index, CustomerMilestone::Repaired, self.now);
        for other in self.current() {
            let task = &self.plan.tasks[other];
            let follows =
                matches!(&task.work, TaskWork::MoveInstrument { movement, .. } if movement.after_work);
            if follows && task.state == TaskState::Pending {
                self.ask(other);
            }
        }
        self.complete_when_done(self.now);
    }

    pub(super) fn visit_disrupted(&mut self, visit: VisitId, engineer: EngineerId) {
        let Some(index) = self.visit_task(visit) else { return };
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            state if state.is_settled() => {}
            _ => {
                self.plan.exclusions.engineers.push(engineer);
                self.lost(index, Disruption::EngineerUnavailable);
            }
        }
    }

    fn referral_task(&self, referral: ReferralId) -> Option<usize> {
        self.find(|work| matches!(work, TaskWork::Refer { referral: id, .. } if *id == referral))
    }

    pub(super) fn referral_offered(&mut self, referral: ReferralId, until: Timestamp) {
        let Some(index) = self.referral_task(referral) else { return };
        if self.plan.tasks[index].state == TaskState::Requested {
            self.plan.tasks[index].expected_at = until;
            self.plan.expected_at = until;
            self.settle(index, TaskState::Confirmed, self.arrival_due(until));
        }
    }

    pub(super) fn referral_accepted(&mut self, referral: ReferralId) {
        let Some(index) = self.referral_task(referral) else { return };
        if !self.plan.tasks[index].state.is_settled() {
            self.settle(index, TaskState::Done, self.now);
            self.complete_when_done(self.now);
        }
    }

    pub(super) fn referral_returned(&mut self, referral: ReferralId) {
        let Some(index) = self.referral_task(referral) else { return };
        if self.plan.tasks[index].state.is_settled() {
            return;
        }
        if let TaskWork::Refer { claim, .. } = &self.plan.tasks[index].work {
            let party = claim.party.clone();
            self.plan.exclusions.parties.push(party);
        }
        self.lost(index, Disruption::ReferralReturned);
    }

    /// When what moves in a task must be handed over, as planned.
    pub(super) fn departs(&self, index: usize) -> Timestamp {
        match &self.plan.tasks[index].work {
            TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. } => claim.departs,
            TaskWork::MoveInstrument { movement, .. } => movement.departs,
            TaskWork::Visit { claim, .. } => claim.during.start(),
            TaskWork::Refer { claim, .. } => claim.answer_due,
        }
    }
}
