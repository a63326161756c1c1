//! The one function that moves a plan on.

use jiff::{SignedDuration, Timestamp};

use super::input::{Effect, Fact, Input};
use super::plan::{Plan, PlanState, Responsibility, Stage};
use super::task::{Task, TaskState, TaskWork};

/// What came of a turn: the plan as it is now, and what it has to say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision {
    /// The plan.
    pub(crate) plan: Plan,
    /// What it has to say, in order.
    pub(crate) effects: Vec<Effect>,
}

/// Moves a plan on by one input. The same arguments give the same decision; an input that is late, repeated
/// or about something unknown changes nothing.
pub(crate) fn decide(plan: Plan, input: Input, now: Timestamp) -> Decision {
    let mut turn = Turn::new(plan, now);
    turn.hear(input);
    turn.finish()
}

/// What searches take as given about a task: that it has left, or is done; whether it brings goods in time; and whether
/// an earlier plan of the case has lent a unit with it.
type Given = (Option<TaskState>, bool, bool);

/// A plan in the middle of a turn.
pub(super) struct Turn {
    pub(super) plan: Plan,
    pub(super) now: Timestamp,
    pub(super) effects: Vec<Effect>,
    before: Option<(Stage, Responsibility)>,
    given_before: Vec<Given>,
    /// Whether only something that has to come back was open before.
    pub(super) awaited_return: bool,
}

impl Turn {
    pub(super) fn new(plan: Plan, now: Timestamp) -> Self {
        let before = match &plan.state {
            PlanState::Open(stage, responsibility) => Some((*stage, responsibility.clone())),
            PlanState::Completed | PlanState::Ended => None,
        };
        let (given_before, awaited_return) = (plan.given(), plan.due_back().is_some());
        Self { plan, now, effects: Vec::new(), before, given_before, awaited_return }
    }

    fn hear(&mut self, input: Input) {
        match input {
            Input::HoldPlaced(hold) => self.hold_placed(hold),
            Input::HoldRefused(hold, lacking) => self.hold_refused(hold, lacking),
            Input::HoldConfirmed(hold) => self.hold_confirmed(hold),
            Input::HoldCovered(hold, receipt) => self.hold_covered(hold, &receipt),
            Input::HoldDelayed { hold, receipt, expected_at, told_at } => {
                self.hold_delayed(hold, &receipt, (expected_at, told_at));
            }
            Input::HoldReleased(hold) => self.hold_released(hold),
            Input::HoldExpired(hold) => self.hold_expired(hold),
            Input::HoldCommandRefused(hold) => self.hold_command_refused(hold),
            Input::TransferCommandRefused(transfer) => self.transfer_command_refused(transfer),
            Input::TransferOrdered(transfer) => self.transfer_ordered(transfer),
            Input::GoodsShelved(transfer) => self.goods_shelved(transfer),
            Input::TransferProgressed { transfer, version, milestone, happened_at, expected_at } => {
                self.transfer_progressed(transfer, version, milestone, (happened_at, expected_at));
            }
            Input::VisitHeld(visit) => self.visit_held(visit),
            Input::VisitRefused(visit) => self.visit_refused(visit),
            Input::VisitProgressed(visit, milestone) => self.visit_progressed(visit, milestone),
            Input::VisitMoved(visit, work) => self.visit_moved(visit, work),
            Input::VisitDisrupted(visit) => self.visit_disrupted(visit),
            Input::OrderProgressed { order, version, milestone, expected_at } => {
                self.order_progressed(order, milestone, (version, expected_at));
            }
            Input::ReferralOffered(referral, until) => self.referral_offered(referral, until),
            Input::ReferralAccepted(referral) => self.referral_accepted(referral),
            Input::ReferralReturned(referral) => self.referral_returned(referral, true),
            Input::ReferralWithdrawn(referral) => self.referral_returned(referral, false),
            Input::CallerGone => self.caller_gone(),
            Input::Withdrawn => self.withdraw(),
            Input::CalledOff => self.call_off(),
            Input::CameBack => self.came_back(),
            Input::DeadlineMoved(deadline) => self.move_deadline(deadline),
            Input::NeedStated(need) => self.state_need(need),
            Input::Due => self.look_after_what_is_due(),
            Input::OptionsFound { search, options } => self.options_found(search, options),
            Input::NothingNeeded { search, is_there } => self.nothing_needed(search, is_there),
        }
    }

    /// Brings the responsibility up to date and tells it when it changed.
    pub(super) fn finish(mut self) -> Decision {
        self.shelve_what_lies_idle();
        self.complete_when_nothing_is_due_back();
        self.search_anew_when_outdated();
        if let PlanState::Open(stage, _) = self.plan.state {
            let (responsibility, changed) = match self.before.take() {
                // Other news must not put off a search or a decision that is due.
                Some((before, responsibility))
                    if before == stage && stage.is_waiting_for_a_way() && !self.searches() =>
                {
                    (responsibility, false)
                }
                Some((_, before)) => {
                    let responsibility = self.responsibility(stage);
                    let changed = responsibility != before;
                    (responsibility, changed)
                }
                None => (self.responsibility(stage), true),
            };
            if changed {
                self.tell_responsibility(stage, &responsibility);
            }
            self.plan.state = PlanState::Open(stage, responsibility);
        }
        Decision { plan: self.plan, effects: self.effects }
    }

    /// While another way is looked for, something has left or come to its end: the answer would count on what is
    /// no longer so.
    fn search_anew_when_outdated(&mut self) {
        let still_waits = |(before, _): &(Stage, Responsibility)| {
            before.is_waiting_for_a_way() && self.plan.stage() == Some(*before)
        };
        let waits = self.before.as_ref().is_some_and(still_waits) && self.plan.due_back().is_none();
        if waits && !self.searches() && self.plan.given() != self.given_before {
            self.search();
        }
    }

    fn searches(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Search(_)))
    }

    fn tell_responsibility(&mut self, stage: Stage, responsibility: &Responsibility) {
        match stage {
            Stage::Parked { reason, .. } => self.tell(Fact::Parked(reason, responsibility.clone())),
            // The fact that it was committed says it.
            _ if self.effects.contains(&Effect::Tell(Fact::Committed)) => {}
            _ => self.tell(Fact::Progressed(responsibility.clone())),
        }
    }

    pub(super) fn tell(&mut self, fact: Fact) {
        self.effects.push(Effect::Tell(fact));
    }

    /// Changes the stage; `finish` fills in the responsibility.
    pub(super) fn enter(&mut self, stage: Stage) {
        if let PlanState::Open(present, _) = &mut self.plan.state {
            *present = stage;
        }
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        self.plan.stage()
    }

    /// Index of the task that `is_it` describes.
    pub(super) fn find(&self, is_it: impl Fn(&TaskWork) -> bool) -> Option<usize> {
        self.plan.tasks.iter().position(|task| is_it(&task.work))
    }

    pub(super) fn is_current(&self, index: usize) -> bool {
        self.plan.tasks[index].revision == self.plan.revision
    }

    /// Indices of the tasks of the present revision.
    pub(super) fn current(&self) -> Vec<usize> {
        (0..self.plan.tasks.len()).filter(|&index| self.is_current(index)).collect()
    }

    /// News about a task: its new state, and when the watchdog looks at it next.
    pub(super) fn settle(&mut self, index: usize, state: TaskState, due_at: Timestamp) {
        let task = &mut self.plan.tasks[index];
        task.state = state;
        task.due_at = due_at;
        task.asks = 0;
    }

    /// The instant `minutes` from now.
    pub(super) fn in_minutes(&self, minutes: i64) -> Timestamp {
        later(self.now, minutes)
    }

    /// Completes the plan when all tasks of the present revision are done. `at` is when the last one was.
    pub(super) fn complete_when_done(&mut self, at: Timestamp) {
        if self.stage().is_some() && self.plan.is_met() {
            self.complete(at);
        }
    }

    /// Ends the plan: since `at` nothing is needed any more. Something lent or replaced has to come back first.
    pub(super) fn complete(&mut self, at: Timestamp) {
        self.plan.expected_at = at;
        self.keep_or_break_promise(at);
        if self.plan.due_back().is_some() {
            return self.await_return();
        }
        self.end_as_met(at);
    }

    /// Ends the plan: since `at` nothing more is waited for.
    pub(super) fn end_as_met(&mut self, at: Timestamp) {
        let taken_over =
            |task: &Task| matches!(task.work, TaskWork::Refer { .. }) && task.state == TaskState::Done;
        let referred = self.plan.current().any(taken_over);
        self.plan.state = PlanState::Completed;
        if !referred {
            self.tell(Fact::Completed);
            self.tell(Fact::Milestone {
                milestone: super::CustomerMilestone::Done,
                happened_at: at,
                next_word_by: None,
            });
        }
    }
}

/// The instant `minutes` after `from`, or the last instant there is.
pub(super) fn later(from: Timestamp, minutes: i64) -> Timestamp {
    from.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}

impl Stage {
    pub(super) const fn is_waiting_for_a_way(self) -> bool {
        matches!(self, Self::Replanning { .. } | Self::Parked { .. })
    }
}

impl Plan {
    /// What searches take as given about each task.
    fn given(&self) -> Vec<Given> {
        let given = |state: &TaskState| matches!(state, TaskState::UnderWay | TaskState::Done);
        let one = |task: &Task| {
            (Some(task.state).filter(given), self.comes_in_time(task), task.is_lent_by_an_earlier_plan())
        };
        self.tasks.iter().map(one).collect()
    }

    /// When the watchdog must look at the plan, if anything is still to happen.
    pub(crate) fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            PlanState::Open(_, responsibility) => Some(responsibility.due),
            PlanState::Completed | PlanState::Ended => self
                .tasks
                .iter()
                .filter(|task| matches!(task.state, TaskState::Undoing | TaskState::Shelving))
                .map(|task| task.due_at)
                .min(),
        }
    }

    /// The task that must happen next.
    pub(super) fn next_task(&self) -> Option<&Task> {
        self.tasks
            .iter()
            .filter(|task| !task.state.is_settled() && task.state != TaskState::Pending)
            .min_by_key(|task| (task.due_at, task.revision != self.revision))
    }
}
