//! When reality changes: look for another way, take it if it is better, carry on or park otherwise.

use jiff::Timestamp;

use super::decide::{Turn, later};
use super::input::{Effect, Fact, Search};
use super::plan::{Disruption, Plan, Stage};
use super::solution::{Chosen, EngineerClaim, SolutionKind};
use super::task::{Task, TaskState, TaskWork};
use super::watchdog::PARKED_RETRY_MINUTES;

/// Another way must be this much better than carrying on, for every change costs trust and work.
const CHANGE_WORTH_MINUTES: i64 = 240;

/// After so many changes within an hour the plan is parked, so that a person looks at it.
pub(super) const CHANGES_PER_HOUR: usize = 6;

/// A parked customer hears from us again after so many searches in vain.
const ATTEMPTS_PER_WORD: i32 = 6;

/// What a plan that waits for another way would make of those that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wants {
    /// Indices of the ways that it would take, the best first; none when it would not take the best one.
    pub(crate) options: Vec<usize>,
    /// When the need is met without any of them, if the plan can carry on as before.
    pub(crate) carry_on: Option<Timestamp>,
}

/// What `plan` would make of `options`, the best first, if they were the result of its search `search`.
pub(crate) fn wants(plan: &Plan, search: i32, options: &[Chosen], now: Timestamp) -> Wants {
    let mut turn = Turn::new(plan.clone(), now);
    turn.learn_times(options);
    turn.wants(search, options)
}

impl Turn {
    /// A task will be done only at `until`. Delays that the date told absorbs are noted; others raise the question
    /// whether there is a better way.
    pub(super) fn delayed(&mut self, index: usize, until: Timestamp, reason: Disruption) {
        if self.plan.tasks[index].is_aftermath() {
            self.plan.tasks[index].due_at = self.arrival_due(until);
            return;
        }
        self.plan.tasks[index].expected_at = until;
        self.plan.tasks[index].due_at = self.arrival_due(until);
        if !self.is_current(index) {
            return;
        }
        if self.breaks_a_visit(index, until) | self.passes_on(index) {
            self.disrupt(reason, false);
        } else {
            self.weigh_delay(reason);
        }
    }

    /// Whether the date told still holds after a delay.
    pub(super) fn weigh_delay(&mut self, reason: Disruption) {
        let eta = self.eta();
        let told = self.plan.promise.map_or(Timestamp::MAX, |promise| promise.promised_at);
        match self.stage() {
            Some(Stage::Executing | Stage::Replanning { .. }) if eta > told => self.disrupt(reason, true),
            Some(Stage::Executing | Stage::Holding) => self.plan.expected_at = eta,
            Some(Stage::Replanning { .. } | Stage::Parked { .. }) | None => {}
        }
    }

    /// When the need will be met by carrying on: as late after the planned arrival as the latest task is after
    /// its own time, and not before anything that is still to happen.
    pub(super) fn eta(&self) -> Timestamp {
        let arrival = self.plan.chosen.arrival;
        let late_by = |task: &Task| task.expected_at.duration_since(task.work.expected_at()).as_mins();
        let counts = |task: &&Task| match (&task.work, task.state) {
            _ if task.is_aftermath() => false,
            (_, TaskState::Failed | TaskState::Shelving | TaskState::Undoing | TaskState::Undone) => false,
            // From here on its transfer says how late it is.
            (TaskWork::Hold { .. }, TaskState::Confirmed | TaskState::Done) => false,
            _ => true,
        };
        let shifted = self.plan.current().filter(counts).map(late_by).max().unwrap_or(0).max(0);
        let open = self.plan.current().filter(counts).filter(|task| task.state != TaskState::Done);
        let last = open.map(|task| task.expected_at).max().unwrap_or(arrival);
        later(arrival, shifted).max(last)
    }

    /// Passes the delay of a part on to the goods that it is put into, unless they have left. Says whether work cannot
    /// begin because of that.
    pub(super) fn passes_on(&mut self, part: usize) -> bool {
        let mut breaks_a_visit = false;
        for index in self.current() {
            let task = &self.plan.tasks[index];
            let TaskWork::Send { claim, .. } = &task.work else { continue };
            let waits = !task.is_on_the_way() && !task.state.is_settled() && task.state != TaskState::Undoing;
            if waits && self.plan.tasks[part].brings_part_for(claim) {
                let until = self.supplied(index);
                self.plan.tasks[index].expected_at = until;
                breaks_a_visit |= self.breaks_a_visit(index, until);
            }
        }
        breaks_a_visit
    }

    /// Whether a part, or the instrument itself, comes after the work on it has begun.
    fn breaks_a_visit(&self, index: usize, until: Timestamp) -> bool {
        let needed_for_work = match &self.plan.tasks[index].work {
            TaskWork::Send { .. } => true,
            TaskWork::MoveInstrument { movement, .. } => !movement.after_work && !movement.after_arrival,
            TaskWork::Order { claim, .. } => !claim.is_repair(),
            TaskWork::Hold { .. } | TaskWork::Visit { .. } | TaskWork::Refer { .. } => false,
        };
        needed_for_work
            && self.plan.current().any(|task| {
                !task.state.is_settled()
                    && task.state != TaskState::Undoing
                    && matches!(&task.work, TaskWork::Visit { claim, .. } if claim.work.start() < until)
            })
    }

    /// Something went wrong: look for another way. `carry_on` says whether the need would be met without one.
    pub(super) fn disrupt(&mut self, reason: Disruption, carry_on: bool) {
        let carry_on = match self.stage() {
            Some(Stage::Executing) => carry_on,
            // Carrying on stays impossible once something it needs is gone.
            Some(Stage::Replanning { carry_on: possible, .. }) => carry_on && possible,
            Some(Stage::Holding) => false,
            // Nothing is being carried out that could be disturbed.
            Some(Stage::Parked { .. }) | None => return,
        };
        self.plan.last_disruption = Some(reason);
        self.tell(Fact::Disrupted(reason));
        self.enter(Stage::Replanning { reason, carry_on });
        self.search();
    }

    pub(super) fn search(&mut self) {
        // What is put onto the shelf is not at hand.
        self.shelve_what_lies_idle();
        self.plan.searches += 1;
        let mut search = Search {
            search: self.plan.searches,
            exclusions: self.plan.exclusions.clone(),
            own_stock: Vec::new(),
            own_visits: Vec::new(),
            instrument_at: self.plan.instrument_at(),
            at_hand: self.plan.at_hand(),
            has_loaner: self.plan.has_lent(Task::is_lent_by_an_earlier_plan),
            in_time_until: Some(self.plan.in_time_until()),
        };
        for task in self.plan.current().filter(|task| task.state.is_claimed()) {
            match &task.work {
                TaskWork::Hold { claim, .. } => search.own_stock.push(claim.clone()),
                TaskWork::Visit { claim, .. } => search.own_visits.push(claim.clone()),
                // What is ordered is kept when the new way orders the same.
                TaskWork::Order { .. }
                | TaskWork::Send { .. }
                | TaskWork::MoveInstrument { .. }
                | TaskWork::Refer { .. } => {}
            }
        }
        self.effects.retain(|effect| !matches!(effect, Effect::Search(_)));
        self.effects.push(Effect::Search(search));
    }

    pub(super) fn options_found(&mut self, search: i32, options: Vec<Chosen>) {
        // Once the need is met, no other way is wanted.
        if search != self.plan.searches || self.plan.due_back().is_some() {
            return;
        }
        let Some(stage) = self.stage().filter(|stage| !matches!(stage, Stage::Holding | Stage::Executing))
        else {
            return;
        };
        // The answer has been used: the same one again is late.
        self.plan.searches += 1;
        self.plan.unanswered = 0;
        self.learn_times(&options);
        let best = self.usable(&options).first().copied().filter(|_| !self.is_restless());
        let option = best.and_then(|index| options.into_iter().nth(index));
        match (stage, option) {
            (Stage::Replanning { carry_on, .. }, option) if carry_on || self.is_sound() => match option {
                Some(option) if self.is_worth_changing(&option) => self.adopt(option),
                _ => self.carry_on(),
            },
            (_, Some(option)) => self.adopt(option),
            (Stage::Parked { reason, since, attempts }, None) => self.park(reason, attempts, since),
            (Stage::Replanning { reason, .. }, None) => self.park(reason, 0, self.now),
            (Stage::Holding | Stage::Executing, None) => {}
        }
    }

    /// A search has found that all that was asked for is there, or comes in time.
    pub(super) fn nothing_needed(&mut self, search: i32, is_there: bool) {
        let waits = self.stage().is_some_and(Stage::is_waiting_for_a_way) && self.plan.due_back().is_none();
        if search != self.plan.searches || !waits {
            return;
        }
        self.plan.unanswered = 0;
        match self.stage() {
            _ if is_there => {}
            Some(Stage::Replanning { carry_on, .. })
                if (carry_on || self.is_sound()) && self.eta() <= self.plan.in_time_until() =>
            {
                return self.carry_on();
            }
            stage => return self.wait_for_what_comes(stage),
        }
        self.undo_current();
        let arrivals = self
            .plan
            .tasks
            .iter()
            .filter(|task| task.work.delivery().is_some() && task.state == TaskState::Done);
        let last = arrivals.map(|task| task.expected_at).max();
        self.complete(last.unwrap_or(self.now));
    }

    /// All that is needed comes in time already, as far as the search knew. If nothing does any more, there is nothing to
    /// wait for: it is looked for a way again later.
    fn wait_for_what_comes(&mut self, stage: Option<Stage>) {
        if self.adopt_what_comes() {
            return;
        }
        // The answer has been used: the same one again is late.
        self.plan.searches += 1;
        match stage {
            Some(Stage::Parked { reason, since, attempts }) => self.park(reason, attempts, since),
            Some(Stage::Replanning { reason, .. }) => self.park(reason, 0, self.now),
            Some(Stage::Holding | Stage::Executing) | None => {}
        }
    }

    /// Indices of the ways that need nobody's consent, the best first; a referral only after all others. An instrument
    /// that is on its way, or was repaired, is left alone.
    fn usable(&self, options: &[Chosen]) -> Vec<usize> {
        let hands_off = (0..self.plan.tasks.len()).any(|index| {
            let task = &self.plan.tasks[index];
            match &task.work {
                TaskWork::MoveInstrument { .. } => task.state == TaskState::UnderWay,
                _ => {
                    let is_done = task.work.work_site().is_some() && task.state == TaskState::Done;
                    is_done && !self.work_is_left(index)
                }
            }
        });
        let at_hand = self.plan.at_hand();
        // Work that needs a part on its way cannot begin before the part is there.
        let too_early = |claim: &EngineerClaim| {
            at_hand.iter().any(|part| part.site == claim.site && part.from > Some(claim.work.start()))
        };
        let usable = |option: &Chosen| {
            !option.approval_required
                && !option.engineers.iter().any(too_early)
                && !(hands_off && (option.has_work() || !option.moves.is_empty()))
        };
        let usable = (0..options.len()).filter(|&index| usable(&options[index]));
        let (referrals, others): (Vec<_>, Vec<_>) =
            usable.partition(|&index| options[index].kind == SolutionKind::Referral);
        others.into_iter().chain(referrals).collect()
    }

    /// What the plan would make of a search's result.
    fn wants(&self, search: i32, options: &[Chosen]) -> Wants {
        let nothing = Wants { options: Vec::new(), carry_on: None };
        let carries_on = match self.stage() {
            Some(Stage::Replanning { carry_on, .. }) => carry_on || self.is_sound(),
            Some(Stage::Parked { .. }) => false,
            Some(Stage::Holding | Stage::Executing) | None => return nothing,
        };
        let usable = if self.is_restless() { Vec::new() } else { self.usable(options) };
        let worth = |index: &usize| !carries_on || self.is_worth_changing(&options[*index]);
        // Once the need is met, no other way is wanted.
        let is_open = search == self.plan.searches && self.plan.due_back().is_none();
        if !is_open || !usable.first().is_some_and(worth) {
            return nothing;
        }
        let carry_on = carries_on.then(|| self.eta());
        Wants { options: usable.into_iter().filter(worth).collect(), carry_on }
    }

    /// Whether all that the present solution needs is done, or comes in time: what was feared did not come true.
    fn is_sound(&self) -> bool {
        !self.plan.is_outdated()
            && self.current().into_iter().all(|index| {
                let task = &self.plan.tasks[index];
                match task.state {
                    TaskState::Done => true,
                    // What is reserved is ordered in a moment.
                    TaskState::Requested if !matches!(task.work, TaskWork::Send { .. }) => false,
                    TaskState::Pending
                    | TaskState::Requested
                    | TaskState::Confirmed
                    | TaskState::UnderWay => !self.breaks_a_visit(index, task.expected_at),
                    _ => false,
                }
            })
    }

    fn is_worth_changing(&self, option: &Chosen) -> bool {
        let eta = self.eta();
        let meets = |arrival| self.plan.deadline.is_some_and(|deadline| arrival <= deadline);
        option.kind != SolutionKind::Referral
            && !meets(eta)
            && later(self.arrival_of(option), CHANGE_WORTH_MINUTES) < eta
    }

    fn carry_on(&mut self) {
        self.enter(Stage::Executing);
        self.plan.expected_at = self.eta();
        self.promise_arrival();
        for index in self.current() {
            let task = &self.plan.tasks[index];
            let is_ordered =
                matches!(task.work, TaskWork::Order { .. }) && task.state == TaskState::Confirmed;
            if is_ordered || task.state == TaskState::UnderWay {
                self.plan.tasks[index].due_at = self.arrival_due(self.plan.tasks[index].expected_at);
            }
        }
    }

    /// Nobody answers: carry on if that is possible, and leave the rest to a person.
    pub(super) fn give_up_searching(&mut self, reason: Disruption) {
        self.plan.unanswered = 0;
        match self.stage() {
            Some(Stage::Replanning { carry_on, .. }) if carry_on || self.is_sound() => self.carry_on(),
            _ => self.park(reason, 0, self.now),
        }
    }

    /// Whether one way after the other was taken within a short time: what is refused at once again and again is not
    /// mended by asking once more.
    fn is_restless(&self) -> bool {
        let changes = &self.plan.changed_at;
        let hour_ago = later(self.now, -60);
        changes.len() >= CHANGES_PER_HOUR && changes.iter().all(|at| *at > hour_ago)
    }

    /// Nothing works at the moment: give back what is held, say so, and try again.
    pub(super) fn park(&mut self, reason: Disruption, attempts: i32, since: Timestamp) {
        self.undo_current();
        self.take_promise_back();
        self.plan.exclusions.reconsider();
        self.enter(Stage::Parked { reason, since, attempts: attempts + 1 });
        if attempts % ATTEMPTS_PER_WORD == 0 {
            if attempts > 0 {
                self.renumber();
            }
            self.still_looking(self.in_minutes(PARKED_RETRY_MINUTES * i64::from(ATTEMPTS_PER_WORD + 1)));
        }
    }

    /// A further word to the customer is a revision of its own: they hear of each revision once.
    fn renumber(&mut self) {
        for index in self.current() {
            self.plan.tasks[index].revision += 1;
        }
        self.plan.revision += 1;
    }
}
