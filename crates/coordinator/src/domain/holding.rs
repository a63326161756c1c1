//! Holds: placed, refused, confirmed, lost.

use meridian_types::{HoldId, ItemId, SiteId, VisitId};

use super::CustomerMilestone;
use super::decide::Turn;
use super::input::{Command, Effect, Fact};
use super::plan::{Disruption, PlanState, Stage};
use super::task::{TaskState, TaskWork};
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
    fn held(&mut self, index: usize) {
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
            let nobody_works = self.plan.chosen.engineers.is_empty();
            let starts = matches!(&task.work, TaskWork::MoveInstrument { movement, .. }
                if !movement.after_work || nobody_works);
            if starts && task.state == TaskState::Pending {
                self.ask(index);
            }
        }
    }

    fn is_claim(&self, index: usize) -> bool {
        matches!(self.plan.tasks[index].work, TaskWork::Hold { .. } | TaskWork::Visit { .. })
    }

    pub(super) fn confirm(&mut self, index: usize) {
        let region = self.region_of(index);
        let work = self.plan.tasks[index].work.clone();
        self.settle(index, TaskState::Confirming, self.in_minutes(ANSWER_MINUTES));
        self.effects.push(Effect::Send(Command::Confirm(region, work)));
    }

    pub(super) fn hold_refused(&mut self, hold: HoldId, lacking: Option<(ItemId, SiteId)>) {
        let Some(index) = self.hold_task(hold) else { return };
        if self.plan.tasks[index].state != TaskState::Requested {
            return;
        }
        match (lacking, &self.plan.tasks[index].work) {
            (Some((item, site)), _) => self.plan.exclusions.add_stock(item, site),
            (None, TaskWork::Hold { claim, .. }) => self.plan.exclusions.add_goods(claim),
            (None, _) => {}
        }
        self.refused(index);
    }

    pub(super) fn visit_refused(&mut self, visit: VisitId) {
        let Some(index) = self.visit_task(visit) else { return };
        let TaskWork::Visit { claim, .. } = self.plan.tasks[index].work.clone() else { return };
        match self.plan.tasks[index].state {
            TaskState::Requested => {
                let asked_again = self.plan.tasks[index].asks > 0;
                self.plan.exclusions.add_engineer(&claim);
                self.refused(index);
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
    fn refused(&mut self, index: usize) {
        self.settle(index, TaskState::Failed, self.now);
        if !self.is_current(index) || self.stage() != Some(Stage::Holding) {
            return;
        }
        if self.plan.attended && self.plan.revision == 1 {
            self.undo_current();
            self.plan.state = PlanState::Ended;
            self.tell(Fact::Ended);
        } else {
            self.disrupt(Disruption::HoldRefused, false);
        }
    }

    /// Something that was ours is gone.
    pub(super) fn lost(&mut self, index: usize, reason: Disruption) {
        self.settle(index, TaskState::Failed, self.now);
        if self.is_current(index) {
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
        let send = self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold));
        if let Some(send) = send.filter(|&send| self.plan.tasks[send].state == TaskState::Pending) {
            self.ask(send);
        }
    }

    pub(super) fn hold_released(&mut self, hold: HoldId) {
        let Some(index) = self.hold_task(hold) else { return };
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.settle(index, TaskState::Undone, self.now),
            TaskState::Requested => self.refused(index),
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
