//! Every wait has an owner and a due time; this is what happens when the time comes.

use jiff::Timestamp;

use super::decide::{Turn, later};
use super::input::{Command, Effect};
use super::plan::{Disruption, Responsibility, Stage, Task, TaskState, TaskWork};

/// How long an owner has to answer a command before it is asked again.
pub(super) const ANSWER_MINUTES: i64 = 15;
/// How long a search for another solution may take.
const SEARCH_MINUTES: i64 = 10;
/// When a parked case is tried again.
pub(super) const PARKED_RETRY_MINUTES: i64 = 240;
/// How long after its time a hand-over, start or arrival is missed.
const GRACE_MINUTES: i64 = 60;
/// How often an open request is repeated before another way is looked for.
const ASKS_MAX: i32 = 3;
/// Least and most by which a silent delay is assumed to last.
const SILENT_DELAY_MINUTES: (i64, i64) = (4 * 60, 48 * 60);

impl Turn {
    /// When the watchdog looks whether something has left.
    pub(super) fn hand_over_due(&self, departs: Timestamp) -> Timestamp {
        later(departs.max(self.now), GRACE_MINUTES)
    }

    /// When the watchdog looks whether something has arrived: early enough to tell the customer before the date
    /// they were told has passed.
    pub(super) fn arrival_due(&self, expected_at: Timestamp) -> Timestamp {
        let room = self
            .plan
            .promise
            .map_or(GRACE_MINUTES, |promise| promise.promised_at.duration_since(expected_at).as_mins() / 2);
        later(expected_at, room.clamp(1, GRACE_MINUTES)).max(later(self.now, 1))
    }

    /// Who does what by when, as things stand.
    pub(super) fn responsibility(&self, stage: Stage) -> Responsibility {
        match stage {
            Stage::Parked { attempts, .. } => self.parked_responsibility(attempts),
            Stage::Replanning { .. } => {
                let due = self.in_minutes(SEARCH_MINUTES);
                let due = self
                    .plan
                    .promise
                    .map_or(due, |promise| due.min(promise.promised_at).max(later(self.now, 1)));
                Responsibility {
                    owner: format!("coordinator@{}", self.plan.region),
                    next_action: "Find another way".to_owned(),
                    due,
                }
            }
            Stage::Holding | Stage::Executing => match self.plan.next_task() {
                Some(task) => self.task_responsibility(task),
                None => self.parked_responsibility(1),
            },
        }
    }

    pub(super) fn parked_responsibility(&self, attempts: i32) -> Responsibility {
        Responsibility {
            owner: self.plan.office.clone(),
            next_action: format!("Decide how to help: nothing was found in {attempts} searches"),
            due: self.in_minutes(PARKED_RETRY_MINUTES),
        }
    }

    fn task_responsibility(&self, task: &Task) -> Responsibility {
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
            TaskWork::Refer { claim, .. } => (claim.party.to_string(), "referral".to_owned()),
        };
        let verb = match task.state {
            TaskState::Pending | TaskState::Requested => "Answer the request:",
            TaskState::Held | TaskState::Confirming => "Confirm:",
            TaskState::Confirmed if matches!(task.work, TaskWork::Refer { .. }) => "Accept:",
            TaskState::Confirmed => "Start:",
            TaskState::UnderWay => "Finish:",
            TaskState::Undoing | TaskState::Done | TaskState::Failed | TaskState::Undone => "Take back:",
        };
        Responsibility { owner, next_action: format!("{verb} {what}"), due: task.due_at }
    }

    /// Looks after everything whose time has come.
    pub(super) fn look_after_what_is_due(&mut self) {
        for index in 0..self.plan.tasks.len() {
            let task = &self.plan.tasks[index];
            if task.due_at <= self.now && !task.state.is_settled() && task.state != TaskState::Pending {
                self.overdue(index);
            }
        }
        match self.stage() {
            Some(Stage::Replanning { .. }) => {
                let passing =
                    |promise: super::plan::Promise| promise.promised_at <= later(self.now, SEARCH_MINUTES);
                if self.plan.promise.is_some_and(passing) {
                    self.take_promise_back();
                    self.still_looking(self.in_minutes(PARKED_RETRY_MINUTES));
                }
                self.search();
            }
            Some(Stage::Parked { .. }) => self.search(),
            Some(Stage::Holding | Stage::Executing) | None => {}
        }
    }

    fn overdue(&mut self, index: usize) {
        self.plan.tasks[index].asks += 1;
        let asks = self.plan.tasks[index].asks;
        self.plan.tasks[index].due_at = self.in_minutes(ANSWER_MINUTES * i64::from(asks.min(16)));
        match self.plan.tasks[index].state {
            TaskState::Undoing => self.repeat(index, Command::Undo),
            TaskState::Requested if asks > ASKS_MAX && self.stage() == Some(Stage::Holding) => {
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

    fn repeat(&mut self, index: usize, command: fn(meridian_types::RegionId, TaskWork) -> Command) {
        let region = self.region_of(index);
        let work = self.plan.tasks[index].work.clone();
        self.effects.push(Effect::Send(command(region, work)));
    }

    /// The owner is silent. Its answer may still come: ask it to give back, and look elsewhere.
    fn give_up_waiting(&mut self, index: usize) {
        match &self.plan.tasks[index].work {
            TaskWork::Hold { claim, .. } => {
                let goods: Vec<_> =
                    claim.lines.iter().map(|(item, _)| (item.clone(), claim.warehouse.clone())).collect();
                self.plan.exclusions.stock.extend(goods);
            }
            TaskWork::Visit { claim, .. } => {
                let engineer = claim.engineer.clone();
                self.plan.exclusions.engineers.push(engineer);
            }
            _ => {}
        }
        self.send_undo(index);
        if self.is_current(index) {
            self.disrupt(Disruption::Silence, None);
        }
    }

    fn not_started(&mut self, index: usize, asks: i32) {
        match self.plan.tasks[index].work.clone() {
            TaskWork::Hold { .. } => {}
            TaskWork::Refer { .. } => self.repeat(index, Command::Ask),
            TaskWork::Visit { claim, .. } if asks >= ASKS_MAX => {
                self.plan.exclusions.engineers.push(claim.engineer);
                self.send_undo(index);
                if self.is_current(index) {
                    self.disrupt(Disruption::Silence, None);
                }
            }
            TaskWork::Visit { .. } => {}
            TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } => {
                let late = self.now.duration_since(self.departs(index)).as_mins();
                let until = later(self.plan.tasks[index].work.expected_at(), late + SILENT_DELAY_MINUTES.0);
                let due_at = self.in_minutes(SILENT_DELAY_MINUTES.0);
                self.delayed(index, until, Disruption::ShipmentLate);
                self.plan.tasks[index].due_at = due_at;
            }
        }
    }

    fn not_arrived(&mut self, index: usize) {
        let late = self.now.duration_since(self.plan.tasks[index].work.expected_at()).as_mins();
        let until = self.in_minutes(late.clamp(SILENT_DELAY_MINUTES.0, SILENT_DELAY_MINUTES.1));
        self.delayed(index, until, Disruption::ShipmentLate);
    }
}
