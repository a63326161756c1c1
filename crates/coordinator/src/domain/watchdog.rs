//! Every wait has an owner and a due time; this is what happens when the time comes.

use jiff::Timestamp;
use meridian_types::RegionId;

use super::decide::{Turn, later};
use super::input::{Command, Effect};
use super::plan::{Disruption, PlanState, Promise, Responsibility, Stage};
use super::task::{Task, TaskState, TaskWork};

/// How long an owner has to answer a command before it is asked again.
pub(super) const ANSWER_MINUTES: i64 = 15;
/// How long a search for another solution may take.
const SEARCH_MINUTES: i64 = 10;
/// How often a search is repeated that nobody answers before a person decides.
const SEARCHES_MAX: i32 = 6;
/// When a parked case is tried again.
pub(super) const PARKED_RETRY_MINUTES: i64 = 240;
/// How long after its time a hand-over, start or arrival is missed.
const GRACE_MINUTES: i64 = 60;
/// How often an open request is repeated before another way is looked for.
const ASKS_MAX: i32 = 3;
/// How long before a date at the latest it must be questioned, so that it is replaced or taken back in time: the least
/// wait for a search, and two timers.
const WORD_MINUTES: i64 = 3;
/// Least and most by which a silent delay of what has left is assumed to last.
const SILENT_DELAY_MINUTES: (i64, i64) = (4 * 60, 48 * 60);

impl Turn {
    /// When the watchdog looks whether something has left.
    pub(super) fn hand_over_due(&self, departs: Timestamp) -> Timestamp {
        later(departs.max(self.now), GRACE_MINUTES)
    }

    /// When the watchdog looks whether something has arrived.
    pub(super) fn arrival_due(&self, expected_at: Timestamp) -> Timestamp {
        self.missed_at(expected_at).max(later(self.now, 1))
    }

    /// When something expected counts as late: early enough to tell the customer before the date they were told has
    /// passed. A date without room is questioned even before what is expected is due: better a word too many than a
    /// broken promise.
    fn missed_at(&self, expected_at: Timestamp) -> Timestamp {
        let Some(Promise { promised_at, .. }) = self.plan.promise else {
            return later(expected_at, GRACE_MINUTES);
        };
        let room = promised_at.duration_since(expected_at).as_mins();
        let missed_at = later(expected_at, (room / 2).clamp(1, GRACE_MINUTES));
        if expected_at > promised_at { missed_at } else { missed_at.min(later(promised_at, -WORD_MINUTES)) }
    }

    /// Who does what by when, as things stand.
    pub(super) fn responsibility(&self, stage: Stage) -> Responsibility {
        let returns = self.plan.due_back();
        let mut responsibility = match stage {
            Stage::Parked { .. } if returns.is_some() => {
                self.return_responsibility(self.in_minutes(PARKED_RETRY_MINUTES))
            }
            Stage::Parked { attempts, .. } => Responsibility {
                owner: self.plan.office.clone(),
                next_action: format!("Decide how to help: nothing was found in {attempts} searches"),
                due: self.in_minutes(PARKED_RETRY_MINUTES),
            },
            Stage::Replanning { .. } => Responsibility {
                owner: format!("coordinator@{}", self.plan.region),
                next_action: "Find another way".to_owned(),
                due: self.in_minutes(SEARCH_MINUTES),
            },
            Stage::Holding | Stage::Executing => match (self.plan.next_task(), returns) {
                (Some(task), _) => task_responsibility(task),
                (None, Some(due)) => self.return_responsibility(due),
                (None, None) => Responsibility {
                    owner: self.plan.office.clone(),
                    next_action: "See that the need is met".to_owned(),
                    due: self.missed_at(self.plan.expected_at),
                },
            },
        };
        if let Some(watch) = self.plan_watch(stage) {
            responsibility.due = responsibility.due.min(watch);
        }
        if matches!(stage, Stage::Replanning { .. }) {
            // A search takes a moment, however late it is.
            responsibility.due = responsibility.due.max(self.in_minutes(1));
        }
        responsibility
    }

    /// When the plan as a whole must be looked at, whatever its tasks are waiting for.
    fn plan_watch(&self, stage: Stage) -> Option<Timestamp> {
        match stage {
            Stage::Executing if self.plan.chosen.party.is_none() => {
                Some(self.missed_at(self.plan.expected_at))
            }
            Stage::Holding | Stage::Replanning { .. } => self.plan.promise.map(give_up_promise_at),
            Stage::Executing | Stage::Parked { .. } => None,
        }
    }

    /// Looks after everything whose time has come.
    pub(super) fn look_after_what_is_due(&mut self) {
        let stage = self.stage();
        for index in 0..self.plan.tasks.len() {
            let task = &self.plan.tasks[index];
            if task.due_at <= self.now && !task.state.is_settled() && task.state != TaskState::Pending {
                self.overdue(index);
            }
        }
        if self.stage() != stage {
            if stage.is_some_and(Stage::is_waiting_for_a_way) && self.wait_is_over() {
                self.take_passing_promise_back();
            }
            return;
        }
        if let Some(due_back) = self.plan.due_back() {
            return self.look_after_return(due_back);
        }
        match stage {
            Some(Stage::Holding) => self.take_passing_promise_back(),
            Some(Stage::Executing) => self.look_whether_late(),
            Some(stage @ (Stage::Replanning { .. } | Stage::Parked { .. })) if self.wait_is_over() => {
                self.take_passing_promise_back();
                self.search_again(stage);
            }
            Some(Stage::Replanning { .. } | Stage::Parked { .. }) | None => {}
        }
    }

    /// The answer did not come. A person hears of it in the end, and customers hear from us as they were told.
    fn search_again(&mut self, stage: Stage) {
        match stage {
            Stage::Replanning { reason, .. } if self.plan.unanswered >= SEARCHES_MAX => {
                return self.give_up_searching(reason);
            }
            Stage::Parked { reason, since, attempts } if self.plan.unanswered > 0 => {
                self.park(reason, attempts, since);
            }
            _ => {}
        }
        self.plan.unanswered += 1;
        self.search();
    }

    fn wait_is_over(&self) -> bool {
        matches!(&self.plan.state, PlanState::Open(_, responsibility) if responsibility.due <= self.now)
    }

    /// The time at which the need was to be met has passed, or will have passed before the customer can be told, and
    /// nobody says why: what should be done by now is taken to be late.
    fn look_whether_late(&mut self) {
        if self.plan_watch(Stage::Executing).is_none_or(|watch| watch > self.now) {
            return;
        }
        let until = self.in_minutes(SILENT_DELAY_MINUTES.0);
        for index in self.current() {
            let task = &self.plan.tasks[index];
            let missed_at = self.missed_at(task.expected_at).min(task.expected_at);
            if !task.state.is_settled() && missed_at <= self.now {
                self.plan.tasks[index].expected_at = until;
            }
        }
        self.weigh_delay(Disruption::Silence);
    }

    fn overdue(&mut self, index: usize) {
        self.plan.tasks[index].asks += 1;
        let asks = self.plan.tasks[index].asks;
        self.plan.tasks[index].due_at = self.in_minutes(ANSWER_MINUTES * i64::from(asks.min(16)));
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.repeat(index, Command::Undo),
            TaskState::Shelving => self.repeat(index, Command::Shelve),
            TaskState::Requested if self.has_waited(index) && self.stage() == Some(Stage::Holding) => {
                self.give_up_waiting(index);
            }
            TaskState::Requested => self.repeat(index, Command::Ask),
            TaskState::Confirming => self.repeat(index, Command::Confirm),
            // Held: the others are not held yet, and they have watchdogs of their own. A confirmed hold waits
            // for its transfer.
            TaskState::Held => {}
            TaskState::Confirmed => self.not_started(index, asks),
            TaskState::UnderWay => self.not_arrived(index),
            TaskState::Pending | TaskState::Done | TaskState::Failed | TaskState::Undone => {}
        }
    }

    /// Whether an answer was waited for long enough. A party has the time that it was given.
    fn has_waited(&self, index: usize) -> bool {
        match &self.plan.tasks[index] {
            Task { work: TaskWork::Order { claim, .. }, .. } => claim.answer_due <= self.now,
            task => task.asks > ASKS_MAX,
        }
    }

    fn repeat(&mut self, index: usize, command: fn(RegionId, TaskWork) -> Command) {
        let region = self.region_of(index);
        let work = self.plan.tasks[index].work.clone();
        self.effects.push(Effect::Send(command(region, work)));
    }

    /// The owner is silent. Its answer may still come: ask it to give back, and look elsewhere.
    fn give_up_waiting(&mut self, index: usize) {
        match &self.plan.tasks[index].work {
            TaskWork::Hold { claim, .. } => self.plan.exclusions.add_goods(claim),
            TaskWork::Visit { claim, .. } => self.plan.exclusions.add_engineer(claim),
            TaskWork::Order { claim, .. } => self.plan.exclusions.add_supplier(claim.party.clone()),
            TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } | TaskWork::Refer { .. } => {}
        }
        self.send_undo(index);
        if self.is_current(index) {
            self.disrupt(Disruption::Silence, false);
        }
    }

    fn not_started(&mut self, index: usize, asks: i32) {
        match self.plan.tasks[index].work {
            TaskWork::Refer { .. } => self.repeat(index, Command::Ask),
            TaskWork::Order { .. } => self.not_delivered(index),
            TaskWork::Visit { .. } if asks >= ASKS_MAX => self.give_up_waiting(index),
            TaskWork::Hold { .. } | TaskWork::Visit { .. } => {}
            TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } => {
                let task = &self.plan.tasks[index];
                let late = self.now.duration_since(task.work.departs()).as_mins();
                // The longer nobody says a word, the longer it may last.
                let more = late.clamp(GRACE_MINUTES, SILENT_DELAY_MINUTES.1);
                let until = later(task.work.expected_at(), late + more).max(task.expected_at);
                let due_at = self.in_minutes(more);
                self.delayed(index, until, Disruption::ShipmentLate);
                self.plan.tasks[index].due_at = due_at;
            }
        }
    }

    fn not_arrived(&mut self, index: usize) {
        let work = &self.plan.tasks[index].work;
        let reason = match work {
            TaskWork::Visit { .. } => Disruption::Silence,
            _ => Disruption::ShipmentLate,
        };
        let until = self.silent_delay_of(index);
        self.delayed(index, until, reason);
    }

    /// When something is assumed to be done that should be by now, and of which nobody says a word.
    pub(super) fn silent_delay_of(&self, index: usize) -> Timestamp {
        let late = self.now.duration_since(self.plan.tasks[index].work.expected_at()).as_mins();
        self.in_minutes(late.clamp(SILENT_DELAY_MINUTES.0, SILENT_DELAY_MINUTES.1))
    }
}

/// The last moment for taking a date back while another way is looked for or held.
pub(super) fn give_up_promise_at(promise: Promise) -> Timestamp {
    later(promise.promised_at, -SEARCH_MINUTES)
}

fn task_responsibility(task: &Task) -> Responsibility {
    let (owner, what) = match &task.work {
        TaskWork::Hold { claim, .. } => {
            (format!("inventory@{}", claim.region), format!("stock at {}", claim.warehouse))
        }
        TaskWork::Send { claim, .. } => {
            (claim.warehouse.to_string(), format!("goods from {} to {}", claim.warehouse, claim.to_site))
        }
        TaskWork::MoveInstrument { movement, .. } => (
            movement.from_site.to_string(),
            format!("instrument {} from {} to {}", movement.serial, movement.from_site, movement.to_site),
        ),
        TaskWork::Visit { claim, .. } => (claim.engineer.to_string(), format!("visit at {}", claim.site)),
        TaskWork::Order { claim, .. } => {
            let what = if claim.is_repair() { "repair" } else { "delivery of goods" };
            (claim.party.to_string(), format!("{what} at {}", claim.site))
        }
        TaskWork::Refer { claim, .. } => (claim.party.to_string(), "referral".to_owned()),
    };
    let verb = match task.state {
        TaskState::Pending | TaskState::Requested => "Answer the request:",
        TaskState::Held | TaskState::Confirming => "Confirm:",
        TaskState::Confirmed if matches!(task.work, TaskWork::Refer { .. }) => "Accept:",
        TaskState::Confirmed if matches!(task.work, TaskWork::Order { .. }) => "Finish:",
        TaskState::Confirmed => "Start:",
        TaskState::UnderWay => "Finish:",
        TaskState::Shelving
        | TaskState::Undoing
        | TaskState::Done
        | TaskState::Failed
        | TaskState::Undone => "Take back:",
    };
    Responsibility { owner, next_action: format!("{verb} {what}"), due: task.due_at }
}
