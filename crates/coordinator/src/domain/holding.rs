//! Holds: placed, refused, confirmed, lost.

use jiff::Timestamp;
use meridian_types::{HoldId, ReceiptId, VisitId};

use super::CustomerMilestone;
use super::decide::{Turn, later};
use super::input::{Command, Effect, Fact, Lacking};
use super::plan::{Disruption, PlanState, Stage};
use super::task::{Task, TaskState, TaskWork};
use super::watchdog::ANSWER_MINUTES;

impl Turn {
    fn hold_task(&self, hold: HoldId) -> Option<usize> {
        self.find(|work| matches!(work, TaskWork::Hold { hold: id, .. } if *id == hold))
    }

    pub(super) fn visit_task(&self, visit: VisitId) -> Option<usize> {
        self.find(|work| matches!(work, TaskWork::Visit { visit: id, .. } if *id == visit))
    }

    pub(super) fn hold_placed(&mut self, hold: HoldId) {
        if let Some(index) = self.hold_task(hold) {
            self.held(index);
        }
    }

    pub(super) fn visit_held(&mut self, visit: VisitId) {
        if let Some(index) = self.visit_task(visit) {
            self.held(index);
        }
    }

    /// A late answer about something that is being given back changes nothing: the release is on its way.
    pub(super) fn held(&mut self, index: usize) {
        if self.plan.tasks[index].state == TaskState::Requested {
            self.settle(index, TaskState::Held, self.in_minutes(ANSWER_MINUTES));
            self.confirm_when_all_held();
        }
    }

    /// All held: from here on the plan is committed.
    pub(super) fn confirm_when_all_held(&mut self) {
        let claims: Vec<usize> = self.current().into_iter().filter(|&index| self.is_claim(index)).collect();
        let ready = |state| {
            matches!(
                state,
                TaskState::Held
                    | TaskState::Confirming
                    | TaskState::Confirmed
                    | TaskState::UnderWay
                    | TaskState::Done
            )
        };
        if self.stage() != Some(Stage::Holding)
            || !claims.iter().all(|&index| ready(self.plan.tasks[index].state))
        {
            return;
        }
        for index in claims {
            if self.plan.tasks[index].state == TaskState::Held {
                self.confirm(index);
            }
        }
        self.enter(Stage::Executing);
        self.plan.attended = false;
        self.tell(Fact::Committed);
        let corrected = self.promise_arrival();
        if self.plan.chosen.party.is_none() && !corrected {
            let (milestone, happened_at) = (CustomerMilestone::PlanAgreed, self.now);
            self.tell(Fact::Milestone { milestone, happened_at, next_word_by: None });
        }
        for index in self.current() {
            let task = &self.plan.tasks[index];
            let nobody_works = !self.plan.chosen.has_work();
            let starts = matches!(&task.work, TaskWork::MoveInstrument { movement, .. }
                if !movement.after_arrival && (!movement.after_work || nobody_works));
            if starts && task.state == TaskState::Pending {
                self.ask(index);
            }
        }
        self.send_what_is_complete();
    }

    fn is_claim(&self, index: usize) -> bool {
        let work = &self.plan.tasks[index].work;
        matches!(work, TaskWork::Hold { .. } | TaskWork::Visit { .. } | TaskWork::Order { .. })
    }

    pub(super) fn confirm(&mut self, index: usize) {
        let region = self.region_of(index);
        let work = self.plan.tasks[index].work.clone();
        self.settle(index, TaskState::Confirming, self.in_minutes(ANSWER_MINUTES));
        self.effects.push(Effect::Send(Command::Confirm(region, work)));
    }

    pub(super) fn hold_refused(&mut self, hold: HoldId, lacking: Option<Lacking>) {
        let Some(index) = self.hold_task(hold) else { return };
        if self.plan.tasks[index].state != TaskState::Requested {
            return;
        }
        match (lacking, &self.plan.tasks[index].work) {
            (Some(Lacking::Stock(item, site)), _) => self.plan.exclusions.add_stock(item, site),
            (Some(Lacking::Receipt(receipt)), _) => self.plan.exclusions.add_receipt(receipt),
            (None, TaskWork::Hold { claim, .. }) => self.plan.exclusions.add_goods(claim),
            (None, _) => {}
        }
        self.refused(index, Disruption::HoldRefused);
    }

    pub(super) fn visit_refused(&mut self, visit: VisitId) {
        let Some(index) = self.visit_task(visit) else { return };
        let TaskWork::Visit { claim, .. } = self.plan.tasks[index].work.clone() else { return };
        match self.plan.tasks[index].state {
            TaskState::Requested => {
                let asked_again = self.plan.tasks[index].asks > 0;
                self.plan.exclusions.add_engineer(&claim);
                self.refused(index, Disruption::HoldRefused);
                // The engineer may have become free in between, and the repeated request be granted.
                if asked_again {
                    self.send_undo(index);
                }
            }
            TaskState::Confirming => {
                self.plan.exclusions.add_engineer(&claim);
                self.lost(index, Disruption::HoldExpired);
            }
            _ => {}
        }
    }

    /// A refusal at commit is for the caller to decide on, if there is one; otherwise the next best is taken.
    pub(super) fn refused(&mut self, index: usize, reason: Disruption) {
        self.settle(index, TaskState::Failed, self.now);
        if !self.is_current(index) || self.stage() != Some(Stage::Holding) {
            return;
        }
        if self.plan.attended && self.plan.revision == 1 {
            self.undo_current();
            self.plan.state = PlanState::Ended;
            self.tell(Fact::Ended);
        } else {
            self.disrupt(reason, false);
        }
    }

    /// Something that was ours is gone.
    pub(super) fn lost(&mut self, index: usize, reason: Disruption) {
        self.settle(index, TaskState::Failed, self.now);
        if self.plan.tasks[index].is_aftermath() {
            self.does_not_come_back(index);
        } else if self.is_current(index) {
            self.disrupt(reason, false);
        }
    }

    pub(super) fn hold_confirmed(&mut self, hold: HoldId) {
        let Some(index) = self.hold_task(hold) else { return };
        if self.plan.tasks[index].state != TaskState::Confirming {
            return;
        }
        let TaskWork::Hold { claim, .. } = &self.plan.tasks[index].work else { return };
        let due_at = self.hand_over_due(claim.departs);
        self.settle(index, TaskState::Confirmed, due_at);
        self.send_what_is_complete();
    }

    /// Orders the shipments whose goods are reserved. Where kits are put together, all that goes in has to have come.
    pub(super) fn send_what_is_complete(&mut self) {
        // Nothing leaves before everything is held.
        if self.stage() == Some(Stage::Holding) {
            return;
        }
        for index in self.current() {
            let task = &self.plan.tasks[index];
            let TaskWork::Send { hold, claim, .. } = &task.work else { continue };
            let feeds = |other: &Task| other.brings_part_for(claim) && other.state != TaskState::Done;
            let is_reserved = match self.hold_task(*hold) {
                Some(held) => self.plan.tasks[held].state == TaskState::Confirmed,
                // Everything comes from elsewhere.
                None => true,
            };
            if task.state == TaskState::Pending && is_reserved && !self.plan.current().any(feeds) {
                self.ask(index);
            }
        }
    }

    /// Units that the hold awaited lie on the shelf now.
    pub(super) fn hold_covered(&mut self, hold: HoldId, receipt: &ReceiptId) {
        for task in &mut self.plan.tasks {
            if let TaskWork::Hold { hold: id, claim } | TaskWork::Send { hold: id, claim, .. } =
                &mut task.work
                && *id == hold
            {
                claim.awaited.retain(|awaited| awaited.receipt != *receipt);
            }
        }
    }

    /// Units that the hold awaits come at another time. What is to leave after they come leaves as much later.
    pub(super) fn hold_delayed(
        &mut self,
        hold: HoldId,
        receipt: &ReceiptId,
        (expected_at, told_at): (Timestamp, Timestamp),
    ) {
        let mut is_news = false;
        for task in &mut self.plan.tasks {
            if let TaskWork::Hold { hold: id, claim } | TaskWork::Send { hold: id, claim, .. } =
                &mut task.work
                && *id == hold
            {
                let news = claim.awaited.iter_mut().filter(|awaited| {
                    awaited.receipt == *receipt && awaited.told_at.is_none_or(|before| before < told_at)
                });
                for awaited in news {
                    (awaited.told_at, awaited.expected_at) = (Some(told_at), Some(expected_at));
                    is_news = true;
                }
            }
        }
        let send = self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold));
        let Some(send) = send.filter(|_| is_news) else { return };
        let task = &self.plan.tasks[send];
        if task.state.is_settled() || task.state == TaskState::Undoing {
            return;
        }
        let until = self.supplied(send);
        if until != task.expected_at {
            self.delayed(send, until, Disruption::SupplyLate);
            self.plan.tasks[send].due_at = self.hand_over_due(self.departs(send));
            // When the next departure after a missed one is, a search knows.
            let is_missed = until > self.plan.tasks[send].work.expected_at();
            if is_missed && self.is_current(send) && self.stage() == Some(Stage::Executing) {
                self.disrupt(Disruption::SupplyLate, true);
            }
        }
    }

    /// When goods that have not left will arrive: as late after the plan as the last of what they wait for, be it units
    /// that the warehouse expects or parts from elsewhere.
    pub(super) fn supplied(&self, send: usize) -> Timestamp {
        let work = &self.plan.tasks[send].work;
        let TaskWork::Send { claim, .. } = work else { return work.expected_at() };
        let receipts = claim.awaited.iter().filter_map(|awaited| awaited.expected_at);
        let ready = receipts.fold(self.now, Timestamp::max);
        let late = |part: &Task| part.expected_at.duration_since(part.work.expected_at()).as_mins();
        let parts = self.plan.current().filter(|task| task.brings_part_for(claim)).map(late);
        let latest = parts.fold(ready.duration_since(claim.departs).as_mins(), i64::max);
        later(work.expected_at(), latest.max(0))
    }

    pub(super) fn hold_released(&mut self, hold: HoldId) {
        let Some(index) = self.hold_task(hold) else { return };
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            TaskState::Requested => self.refused(index, Disruption::HoldRefused),
            // Its transfer ended at the shelf, and says so itself.
            TaskState::Confirmed if self.is_ordered(hold) => self.settle(index, TaskState::Failed, self.now),
            TaskState::Held | TaskState::Confirming | TaskState::Confirmed => {
                self.lost(index, Disruption::HoldExpired);
            }
            _ => {}
        }
    }

    fn is_ordered(&self, hold: HoldId) -> bool {
        let send = self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold));
        send.is_some_and(|send| self.plan.tasks[send].state == TaskState::Confirmed)
    }

    pub(super) fn hold_expired(&mut self, hold: HoldId) {
        let Some(index) = self.hold_task(hold) else { return };
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            TaskState::Requested | TaskState::Held | TaskState::Confirming => {
                self.lost(index, Disruption::HoldExpired);
            }
            _ => {}
        }
    }

    /// Reserving came too late, or giving back found it used already.
    pub(super) fn hold_command_refused(&mut self, hold: HoldId) {
        let Some(index) = self.hold_task(hold) else { return };
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            TaskState::Confirming => self.lost(index, Disruption::HoldExpired),
            _ => {}
        }
    }

    /// The caller no longer waits: from here on the plan helps itself.
    pub(super) fn caller_gone(&mut self) {
        self.plan.attended = false;
    }
}
