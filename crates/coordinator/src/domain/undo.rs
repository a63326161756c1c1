//! Giving back: in reverse order, and only what has left us no more than a claim.

use super::CustomerMilestone;
use super::decide::Turn;
use super::input::{Command, Effect, Fact};
use super::plan::PlanState;
use super::task::{TaskState, TaskWork};
use super::watchdog::ANSWER_MINUTES;

impl Turn {
    /// Gives back what the present revision holds. What moves already goes on moving. Giving back is also asked
    /// for where the answer to a request is still open: owners take it for what they never saw, so that the
    /// late request finds nothing to do.
    pub(super) fn undo_current(&mut self) {
        for index in self.current().into_iter().rev() {
            self.undo(index);
        }
    }

    pub(super) fn undo(&mut self, index: usize) {
        let work = &self.plan.tasks[index].work;
        match self.plan.tasks[index].state {
            TaskState::Pending => self.settle(index, TaskState::Undone, self.now),
            TaskState::Requested | TaskState::Held | TaskState::Confirming | TaskState::Confirmed => {
                if matches!(work, TaskWork::Refer { .. }) {
                    // A referral cannot be called back; a party that accepts it all the same has the case.
                    self.settle(index, TaskState::Undone, self.now);
                } else {
                    self.send_undo(index);
                }
            }
            TaskState::UnderWay
            | TaskState::Done
            | TaskState::Failed
            | TaskState::Shelving
            | TaskState::Undoing
            | TaskState::Undone => {}
        }
    }

    pub(super) fn send_undo(&mut self, index: usize) {
        let region = self.region_of(index);
        let work = self.plan.tasks[index].work.clone();
        self.settle(index, TaskState::Undoing, self.in_minutes(ANSWER_MINUTES));
        self.effects.push(Effect::Send(Command::Undo(region, work)));
    }

    /// The office calls the plan off. The date told is taken back: the case's next plan corrects it.
    pub(super) fn call_off(&mut self) {
        if self.plan.promise.is_some() {
            self.take_promise_back();
            let (milestone, happened_at) = (CustomerMilestone::StillLooking, self.now);
            self.tell(Fact::Milestone { milestone, happened_at, next_word_by: None });
        }
        self.withdraw();
    }

    /// The case needs no plan any more.
    pub(super) fn withdraw(&mut self) {
        if self.stage().is_none() {
            return;
        }
        self.undo_current();
        if let Some(promise) = self.plan.promise.take() {
            self.tell(Fact::PromiseWithdrawn(promise.promise_id));
        }
        self.plan.state = PlanState::Ended;
        self.tell(Fact::Ended);
    }
}
