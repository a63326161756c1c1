//! When reality changes: look for another way, take it if it is better, carry on or park otherwise.

use jiff::Timestamp;

use super::decide::{Turn, later};
use super::input::{Effect, Fact};
use super::plan::{Chosen, Disruption, SolutionKind, Stage, StockClaim, TaskState, TaskWork};
use super::watchdog::PARKED_RETRY_MINUTES;

/// Another way must be this much better than carrying on, for every change costs trust and work.
const CHANGE_WORTH_MINUTES: i64 = 240;

/// A parked customer hears from us again after so many searches in vain.
const ATTEMPTS_PER_WORD: i32 = 6;

impl Turn {
    /// A task will be done only at `until`. Small delays are absorbed; others raise the question whether there is a
    /// better way.
    pub(super) fn delayed(&mut self, index: usize, until: Timestamp, reason: Disruption) {
        let planned = self.plan.tasks[index].work.expected_at();
        self.plan.tasks[index].expected_at = until;
        self.plan.tasks[index].due_at = self.arrival_due(until);
        if !self.is_current(index) || self.stage().is_none() {
            return;
        }
        if self.breaks_a_visit(index, until) {
            self.disrupt(reason, None);
            return;
        }
        let shift_minutes = until.duration_since(planned).as_mins().max(0);
        let eta = later(self.plan.chosen.arrival, shift_minutes).max(self.plan.expected_at);
        let told = self.plan.promise.map_or(Timestamp::MAX, |promise| promise.promised_at);
        if eta > told {
            self.disrupt(reason, Some(eta));
        } else {
            self.plan.expected_at = eta;
        }
    }

    /// Whether a part comes after the work that needs it has begun.
    fn breaks_a_visit(&self, index: usize, until: Timestamp) -> bool {
        matches!(self.plan.tasks[index].work, TaskWork::Send { .. })
            && self.plan.current().any(|task| {
                !task.state.is_settled()
                    && matches!(&task.work, TaskWork::Visit { claim, .. } if claim.work.start() < until)
            })
    }

    /// Something went wrong: look for another way. `carry_on` is when the need would be met without one.
    pub(super) fn disrupt(&mut self, reason: Disruption, carry_on: Option<Timestamp>) {
        if self.stage().is_none() {
            return;
        }
        self.plan.last_disruption = Some(reason);
        self.tell(Fact::Disrupted(reason));
        // Carrying on stays impossible once something it needs is gone.
        let carry_on = match self.stage() {
            Some(Stage::Replanning { carry_on: None, .. } | Stage::Parked { .. }) => None,
            _ => carry_on,
        };
        self.enter(Stage::Replanning { reason, carry_on });
        self.search();
    }

    pub(super) fn search(&mut self) {
        self.plan.searches += 1;
        let own_stock = self.stock_on_the_shelf();
        self.effects.push(Effect::Search {
            search: self.plan.searches,
            exclusions: self.plan.exclusions.clone(),
            own_stock,
        });
    }

    fn stock_on_the_shelf(&self) -> Vec<StockClaim> {
        self.plan
            .current()
            .filter(|task| {
                matches!(task.state, TaskState::Held | TaskState::Confirming | TaskState::Confirmed)
            })
            .filter_map(|task| match &task.work {
                TaskWork::Hold { claim, .. } => Some(claim.clone()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn options_found(&mut self, search: i32, options: Vec<Chosen>) {
        if search != self.plan.searches {
            return;
        }
        match self.stage() {
            Some(Stage::Replanning { reason, carry_on }) => match (carry_on, best(options)) {
                (Some(eta), Some(option)) if self.is_worth_changing(eta, &option) => self.adopt(option),
                (Some(eta), _) => self.carry_on(eta),
                (None, Some(option)) => self.adopt(option),
                (None, None) => self.park(reason, 0, self.now),
            },
            Some(Stage::Parked { reason, since, attempts }) => match best(options) {
                Some(option) => self.adopt(option),
                None => self.park(reason, attempts, since),
            },
            Some(Stage::Holding | Stage::Executing) | None => {}
        }
    }

    fn is_worth_changing(&self, eta: Timestamp, option: &Chosen) -> bool {
        let meets = |arrival| self.plan.deadline.is_some_and(|deadline| arrival <= deadline);
        option.kind != SolutionKind::Referral
            && !meets(eta)
            && later(option.arrival, CHANGE_WORTH_MINUTES) < eta
    }

    fn carry_on(&mut self, eta: Timestamp) {
        self.plan.expected_at = eta;
        self.correct_promise(Disruption::ShipmentLate);
        self.enter(Stage::Executing);
    }

    /// Takes another solution. What it needs and we hold already is kept; the rest is given back; what moves
    /// goes on moving.
    fn adopt(&mut self, option: Chosen) {
        let kept: Vec<usize> = self
            .current()
            .into_iter()
            .filter(|&index| {
                matches!(
                    self.plan.tasks[index].state,
                    TaskState::Held | TaskState::Confirming | TaskState::Confirmed
                ) && matches!(&self.plan.tasks[index].work, TaskWork::Hold { claim, .. }
                    if option.stock.iter().any(|wanted| wanted.same_goods(claim)))
            })
            .collect();
        let sends: Vec<usize> = kept.iter().filter_map(|&index| self.send_of(index)).collect();
        for index in self.current().into_iter().rev() {
            if !kept.contains(&index) && !sends.contains(&index) {
                self.undo(index);
            }
        }
        self.plan.revision += 1;
        for index in kept.into_iter().chain(sends) {
            self.plan.tasks[index].revision = self.plan.revision;
        }
        self.plan.chosen = option;
        self.plan.attended = false;
        self.begin();
    }

    fn send_of(&self, hold_index: usize) -> Option<usize> {
        let TaskWork::Hold { hold, .. } = self.plan.tasks[hold_index].work else { return None };
        self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold))
    }

    /// Nothing works at the moment: give back what is held, say so, and try again.
    fn park(&mut self, reason: Disruption, attempts: i32, since: Timestamp) {
        self.undo_current();
        self.take_promise_back();
        self.enter(Stage::Parked { reason, since, attempts: attempts + 1 });
        let responsibility = self.parked_responsibility(attempts + 1);
        let due = responsibility.due;
        if attempts == 0 {
            self.tell(Fact::Parked(reason, responsibility));
        }
        if attempts % ATTEMPTS_PER_WORD == 0 {
            self.still_looking(later(due, PARKED_RETRY_MINUTES * i64::from(ATTEMPTS_PER_WORD)));
        }
    }
}

/// The best way that needs nobody's consent; a referral only when there is no other.
fn best(options: Vec<Chosen>) -> Option<Chosen> {
    let mut usable = options.into_iter().filter(|option| !option.approval_required).peekable();
    let mut referral = None;
    for option in usable.by_ref() {
        if option.kind != SolutionKind::Referral {
            return Some(option);
        }
        referral.get_or_insert(option);
    }
    referral
}
