//! Transfers, visits and referrals on their way.

use jiff::Timestamp;
use meridian_types::{Interval, ReferralId, TransferId, VisitId};

use super::CustomerMilestone;
use super::decide::{Turn, later};
use super::input::{Fact, TransferMilestone, VisitMilestone};
use super::plan::{Disruption, Stage};
use super::task::{Task, TaskState, TaskWork};

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
            TaskState::Requested => {
                // What speaks against it now will do so the next moment.
                if let TaskWork::Send { claim, .. } = &self.plan.tasks[index].work {
                    self.plan.exclusions.add_goods(claim);
                }
                self.lost(index, Disruption::HoldExpired);
            }
            // It was never ordered. Had it left already, its owner would have said so before.
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            // The timeline says why; a person sees to what lies there.
            TaskState::Shelving => self.settle(index, TaskState::Failed, self.now),
            _ => {}
        }
    }

    pub(super) fn transfer_progressed(
        &mut self,
        transfer: TransferId,
        version: i64,
        milestone: TransferMilestone,
        (happened_at, expected_at): (Timestamp, Option<Timestamp>),
    ) {
        let Some(index) = self.transfer_task(transfer) else { return };
        let task = &mut self.plan.tasks[index];
        let is_over = task.state.is_settled() || task.state == TaskState::Shelving;
        if is_over || task.is_old_news(milestone, version) {
            return;
        }
        task.heard = task.heard.max(Some(version));
        match milestone {
            TransferMilestone::Picked => self.picked(index),
            TransferMilestone::Shipped => {
                self.on_the_way(index, expected_at);
                if self.is_current(index)
                    && self.concerns_customer(index)
                    && self.none_is_left(index, |task| {
                        !matches!(task.state, TaskState::UnderWay | TaskState::Done)
                    })
                {
                    self.customer_hears(self.shipped_milestone(index), happened_at);
                }
            }
            TransferMilestone::InCustoms => {
                self.on_the_way(index, expected_at);
                if self.is_current(index) && self.concerns_customer(index) {
                    self.customer_hears(CustomerMilestone::InCustoms, happened_at);
                }
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
                self.plan.tasks[index].expected_at = happened_at;
                self.finish_hold(index);
                if self.is_current(index) && self.passes_on(index) {
                    self.disrupt(Disruption::ShipmentLate, false);
                }
                self.arrived(index, happened_at);
            }
            TransferMilestone::PickFailed => {
                if let TaskWork::Send { claim, .. } = &self.plan.tasks[index].work {
                    self.plan.exclusions.add_goods(claim);
                }
                self.finish_hold(index);
                self.lost(index, Disruption::PickFailed);
            }
            TransferMilestone::Lost => {
                self.lose_parts(index);
                self.lost(index, Disruption::ShipmentLost);
            }
            TransferMilestone::Cancelled if self.plan.tasks[index].state == TaskState::Undoing => {
                self.settle(index, TaskState::Undone, self.now);
            }
            TransferMilestone::Cancelled => {
                self.finish_hold(index);
                self.lost(index, Disruption::PickFailed);
            }
        }
    }

    /// Goods, or the instrument, are there: those of the present revision, or some that save it from sending others.
    pub(super) fn arrived(&mut self, index: usize, happened_at: Timestamp) {
        if !self.is_current(index) && !self.saves_goods(index) {
            return;
        }
        let all_is_there = self.none_is_left(index, |task| task.state != TaskState::Done);
        if self.concerns_customer(index) && self.is_there(index) && all_is_there {
            self.customer_hears(self.arrived_milestone(index), happened_at);
        }
        self.complete_when_done(happened_at);
        self.confirm_when_all_held();
        self.send_what_is_complete();
    }

    fn shipped_milestone(&self, index: usize) -> CustomerMilestone {
        match self.plan.tasks[index].work {
            TaskWork::MoveInstrument { .. } => CustomerMilestone::InstrumentShipped,
            _ => CustomerMilestone::Shipped,
        }
    }

    /// Whether what moves is the customer's: a part for our engineer's work, or for a kit, is no delivery to them.
    fn concerns_customer(&self, index: usize) -> bool {
        let task = &self.plan.tasks[index];
        match &task.work {
            TaskWork::Send { claim, .. } => {
                let is_part = self.plan.chosen.stock.iter().any(|other| claim.feeds(other));
                claim.on_loan || (self.plan.chosen.engineers.is_empty() && !is_part)
            }
            TaskWork::Order { .. } => self.plan.chosen.engineers.is_empty(),
            _ => !task.is_aftermath(),
        }
    }

    /// Whether what has arrived is where the customer wants it: an instrument that reaches the depot is not.
    fn is_there(&self, index: usize) -> bool {
        match &self.plan.tasks[index].work {
            TaskWork::MoveInstrument { movement, .. } => movement.after_work,
            _ => true,
        }
    }

    /// Whether no other consignment to the same place is left of which `open` holds: customers hear of all that they get
    /// at once, not of each parcel as if it were everything.
    fn none_is_left(&self, index: usize, open: impl Fn(&Task) -> bool) -> bool {
        let Some(moved) = self.plan.tasks[index].work.delivery() else { return true };
        let is_left = |task: &Task| match task.work.delivery() {
            Some(other) => {
                let is_wanted = !matches!(
                    task.state,
                    TaskState::Failed | TaskState::Shelving | TaskState::Undoing | TaskState::Undone
                );
                other.to_site == moved.to_site && is_wanted && open(task)
            }
            None => false,
        };
        !self.current().into_iter().any(|other| other != index && is_left(&self.plan.tasks[other]))
    }

    fn arrived_milestone(&self, index: usize) -> CustomerMilestone {
        match &self.plan.tasks[index].work {
            TaskWork::Send { claim, .. } if claim.on_loan => CustomerMilestone::LoanerArrived,
            // One that stands at a depot of ours is not the customer's to hand over.
            TaskWork::Send { .. }
                if self.plan.replaced().is_some() && self.plan.instrument_at().is_none() =>
            {
                CustomerMilestone::ExchangeArrived
            }
            _ => CustomerMilestone::Arrived,
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
        self.delayed(index, expected_at, Disruption::ShipmentLate);
    }

    /// The goods of a transfer have left the shelf: there is no hold any more.
    fn finish_hold(&mut self, send: usize) {
        let TaskWork::Send { hold, .. } = self.plan.tasks[send].work else { return };
        let holds = |work: &TaskWork| matches!(work, TaskWork::Hold { hold: id, .. } if *id == hold);
        if let Some(index) = self.find(holds).filter(|&index| !self.plan.tasks[index].state.is_settled()) {
            self.settle(index, TaskState::Done, self.now);
        }
    }

    /// Customers hear only about what is being carried out.
    fn customer_hears(&mut self, milestone: CustomerMilestone, happened_at: Timestamp) {
        if self.stage().is_some_and(|stage| !matches!(stage, Stage::Parked { .. })) {
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
            (
                VisitMilestone::Booked | VisitMilestone::Accepted,
                TaskState::Requested | TaskState::Held | TaskState::Confirming,
            ) => {
                let due_at = self.hand_over_due(claim.during.start());
                self.settle(index, TaskState::Confirmed, due_at);
            }
            (VisitMilestone::Booked | VisitMilestone::Accepted, _)
            | (VisitMilestone::Started, TaskState::UnderWay) => {}
            // It is too late to call it off.
            (VisitMilestone::Started, _) => {
                let due_at = self.arrival_due(claim.work.end());
                self.settle(index, TaskState::UnderWay, due_at);
                if self.is_current(index) && !claim.remote {
                    self.customer_hears(CustomerMilestone::EngineerOnTheWay, self.now);
                }
            }
            (VisitMilestone::Finished, _) => self.repaired(index),
            (VisitMilestone::Unsolved, _) => {
                self.plan.exclusions.remote |= claim.remote;
                self.plan.exclusions.add_unsolved(&claim);
                self.lost(index, Disruption::Unsolved);
            }
            (VisitMilestone::Expired, _) => self.lost(index, Disruption::HoldExpired),
            (VisitMilestone::Cancelled, _) => {
                self.plan.exclusions.add_engineer(&claim);
                self.lost(index, Disruption::EngineerUnavailable);
            }
        }
    }

    /// The work is done: by whoever does it in the present revision, or by somebody who saves it from sending another.
    pub(super) fn repaired(&mut self, index: usize) {
        self.settle(index, TaskState::Done, self.now);
        self.plan.tasks[index].expected_at = self.now;
        if self.work_is_left(index) || (!self.is_current(index) && !self.saves_work(index)) {
            return;
        }
        self.customer_hears(CustomerMilestone::Repaired, self.now);
        self.complete_when_done(self.now);
        self.confirm_when_all_held();
        for other in self.current() {
            let task = &self.plan.tasks[other];
            let follows =
                matches!(&task.work, TaskWork::MoveInstrument { movement, .. } if movement.after_work);
            if follows && task.state == TaskState::Pending {
                self.ask(other);
            }
        }
    }

    /// Whether the work takes more of the engineer's bookings than are done: they go on another day, or were to and did not.
    pub(super) fn work_is_left(&self, index: usize) -> bool {
        let done = &self.plan.tasks[index];
        let TaskWork::Visit { claim: done_by, .. } = &done.work else { return false };
        let is_done = |task: &&Task| match &task.work {
            TaskWork::Visit { claim, .. } => {
                task.revision == done.revision
                    && task.state == TaskState::Done
                    && (&claim.region, &claim.engineer, &claim.site)
                        == (&done_by.region, &done_by.engineer, &done_by.site)
            }
            _ => false,
        };
        self.plan.tasks.iter().filter(is_done).count() < done_by.bookings
    }

    /// A visit of the plan takes place at another time: its watchdog, and what comes after it, move with it.
    pub(super) fn visit_moved(&mut self, visit: VisitId, work: Interval) {
        let Some(index) = self.visit_task(visit) else { return };
        let task = &self.plan.tasks[index];
        let is_over = task.state.is_settled() || task.state == TaskState::Undoing;
        if is_over || task.expected_at == work.end() {
            return;
        }
        self.delayed(index, work.end(), Disruption::EngineerUnavailable);
    }

    pub(super) fn visit_disrupted(&mut self, visit: VisitId) {
        let Some(index) = self.visit_task(visit) else { return };
        match (self.plan.tasks[index].state, &self.plan.tasks[index].work) {
            (TaskState::Undoing, _) => self.settle(index, TaskState::Undone, self.now),
            (state, TaskWork::Visit { claim, .. }) if !state.is_settled() => {
                self.plan.exclusions.add_engineer(claim);
                self.lost(index, Disruption::EngineerUnavailable);
            }
            _ => {}
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

    pub(super) fn referral_returned(&mut self, referral: ReferralId, was_asked: bool) {
        let Some(index) = self.referral_task(referral) else { return };
        if self.plan.tasks[index].state.is_settled() {
            return;
        }
        if let TaskWork::Refer { claim, .. } = &self.plan.tasks[index].work {
            let party = claim.party.clone();
            self.plan.exclusions.add_party(party, was_asked);
        }
        self.lost(index, Disruption::ReferralReturned);
    }

    /// When what moves in a task must be handed over: as much later than planned as it is to arrive.
    pub(super) fn departs(&self, index: usize) -> Timestamp {
        let task = &self.plan.tasks[index];
        let late = task.expected_at.duration_since(task.work.expected_at()).as_mins().max(0);
        later(task.work.departs(), late)
    }
}

impl TaskWork {
    /// When what moves must be handed over, as planned.
    pub(super) const fn departs(&self) -> Timestamp {
        match self {
            Self::Hold { claim, .. } | Self::Send { claim, .. } => claim.departs,
            Self::MoveInstrument { movement, .. } => movement.departs,
            Self::Visit { claim, .. } => claim.during.start(),
            Self::Order { claim, .. } => claim.done,
            Self::Refer { claim, .. } => claim.answer_due,
        }
    }
}

impl Task {
    /// Whether later news of the transfer was heard before, or the same. When it happened does not say: what is
    /// recorded later may have happened before. How it ended is never old.
    fn is_old_news(&self, milestone: TransferMilestone, version: i64) -> bool {
        milestone < TransferMilestone::Received && self.heard.is_some_and(|heard| version <= heard)
    }
}
