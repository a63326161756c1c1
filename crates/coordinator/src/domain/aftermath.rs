//! What follows once the need is met: a unit on loan comes back, or the instrument that a unit replaced.

use jiff::Timestamp;
use meridian_types::RegionId;

use super::decide::{Turn, later};
use super::plan::{Disruption, Plan, PlanState, Responsibility, Stage};
use super::solution::InstrumentMove;
use super::task::{Task, TaskState, TaskWork};

impl Plan {
    /// Whether all is done that the need is met with.
    pub(super) fn is_met(&self) -> bool {
        self.current().all(|task| task.is_aftermath() || task.state == TaskState::Done)
    }

    /// When what has to come back is due, once the need is met.
    pub(super) fn due_back(&self) -> Option<Timestamp> {
        let replaced = self.open_way_back().map(|task| task.expected_at);
        self.units_due_back().max(replaced).filter(|_| self.is_met())
    }

    /// The way back of the replaced instrument, while it is not there.
    fn open_way_back(&self) -> Option<&Task> {
        self.current().find(|task| task.is_aftermath() && task.state != TaskState::Done)
    }

    /// When the last unit is due back that the customer has, or may still get, and does not keep, of whichever revision:
    /// those on loan, and those that were to replace the instrument beside the one that does.
    fn units_due_back(&self) -> Option<Timestamp> {
        let (mut lent, mut replacing) = (None, Vec::new());
        for task in self.tasks.iter().filter(|task| task.has_come_or_may()) {
            let TaskWork::Send { claim, .. } = &task.work else { continue };
            if claim.on_loan {
                lent = lent.max(claim.due_back);
            } else {
                let same_way = |other: &&Task| other.is_aftermath() && other.revision == task.revision;
                replacing.extend(self.tasks.iter().find(same_way).map(|back| back.expected_at));
            }
        }
        replacing.sort_unstable();
        let kept = usize::from(self.replaced().is_some());
        lent.max(replacing.into_iter().skip(kept).max())
    }

    /// Gives up, at `now`, what it has lent and nobody has brought back: the case's next plan sees to it. What nobody has
    /// said a date for is due back as soon as the need is met.
    pub(crate) fn hand_over_loans(&mut self, now: Timestamp) -> Vec<Task> {
        let mut lent: Vec<Task> = self.tasks.extract_if(.., |task| task.is_lent()).collect();
        for task in &mut lent {
            if let TaskWork::Send { claim, .. } = &mut task.work {
                claim.due_back.get_or_insert(now);
            }
        }
        lent
    }

    /// Whether the customer has a unit on loan that `of` describes, or may still get one.
    pub(crate) fn has_lent(&self, of: impl Fn(&Task) -> bool) -> bool {
        self.tasks.iter().any(|task| task.is_lent() && of(task))
    }

    /// Region that has yet to answer whether a unit on loan stays there: its shipment is being called off.
    pub(crate) fn calls_loan_off_in(&self) -> Option<&RegionId> {
        let is_called_off = |task: &&Task| task.is_lent() && task.state == TaskState::Undoing;
        self.tasks.iter().find(is_called_off).and_then(|task| match &task.work {
            TaskWork::Send { claim, .. } => Some(&claim.region),
            _ => None,
        })
    }

    /// Whether something is out that the office can have back: a unit on loan, or, once the need is met, whatever is
    /// still waited for.
    pub(crate) fn has_something_out(&self) -> bool {
        self.has_lent(|_| true) || (self.stage().is_some() && self.due_back().is_some())
    }

    /// The way back of the instrument that a unit replaces.
    pub(crate) fn replaced(&self) -> Option<&InstrumentMove> {
        self.chosen.moves.iter().find(|movement| movement.after_arrival)
    }

    /// When the replaced instrument is handed over to go back: as much later as planned as the unit came at `arrived_at`.
    pub(crate) fn hand_over_by(&self, arrived_at: Timestamp) -> Option<Timestamp> {
        let late = arrived_at.duration_since(self.chosen.arrival).as_mins().max(0);
        self.replaced().map(|movement| later(movement.departs, late))
    }
}

impl Turn {
    /// The need is met. A unit on loan is due back by when the customer's own must work again; an instrument that was
    /// replaced is fetched, as much later as planned as its replacement came.
    pub(super) fn await_return(&mut self) {
        let late = self.plan.expected_at.duration_since(self.plan.chosen.arrival).as_mins().max(0);
        for index in self.current() {
            let task = &mut self.plan.tasks[index];
            // Given up with a solution that has met the need after all.
            let waits = matches!(task.state, TaskState::Pending | TaskState::Undone);
            match &mut task.work {
                TaskWork::MoveInstrument { movement, .. } if movement.after_arrival && waits => {
                    movement.departs = later(movement.departs, late);
                    movement.arrives = later(movement.arrives, late);
                    task.expected_at = movement.arrives;
                    self.ask(index);
                }
                _ => {}
            }
        }
        self.enter(Stage::Executing);
        if !self.awaited_return {
            self.call_back_loans();
        }
        if let Some(due_back) = self.plan.due_back() {
            self.plan.expected_at = due_back;
        }
    }

    /// The need is met otherwise than by what was lent before: that was kept until now, and takes as long to come back
    /// as it took to come.
    fn call_back_loans(&mut self) {
        let revision = self.plan.revision;
        for task in self.plan.tasks.iter_mut().filter(|task| task.is_lent() && task.revision < revision) {
            if let TaskWork::Send { claim, .. } = &mut task.work {
                let way_minutes = claim.arrives.duration_since(claim.departs).as_mins();
                claim.due_back = claim.due_back.max(Some(later(self.now, way_minutes)));
            }
        }
    }

    /// What was to come back does not come to the customer at all: there is nothing more to wait for.
    pub(super) fn complete_when_nothing_is_due_back(&mut self) {
        if self.awaited_return && self.stage().is_some() && self.plan.due_back().is_none() {
            self.complete_when_done(self.now);
        }
    }

    /// What was out is back, or will not come: nobody waits for it any more. A unit that was still to meet the need does
    /// not come to the customer. One that was only picked cannot be back: it is called off, and out until its owner says
    /// that it stays.
    pub(super) fn came_back(&mut self) {
        for index in 0..self.plan.tasks.len() {
            let task = &self.plan.tasks[index];
            if task.is_lent() {
                let is_missed = self.is_current(index) && task.state != TaskState::Done;
                match task.state {
                    TaskState::Confirmed => self.undo(index),
                    _ => self.settle(index, TaskState::Undone, self.now),
                }
                if is_missed {
                    self.disrupt(Disruption::ShipmentLost, false);
                }
            }
        }
        if self.awaited_return && self.stage().is_some() {
            // Nobody need fetch the instrument any more.
            self.undo_current();
            self.plan.expected_at = self.now;
            self.end_as_met(self.now);
        }
    }

    /// Something became of the way back before the instrument was there: from now on it is overdue.
    pub(super) fn does_not_come_back(&mut self, index: usize) {
        self.plan.tasks[index].expected_at = self.now;
        if self.stage() == Some(Stage::Executing) && self.plan.is_met() {
            self.enter(Stage::Parked { reason: Disruption::LoanOverdue, since: self.now, attempts: 1 });
        }
    }

    /// The office sees to what has to come back. Once that is overdue, it hears so again and again.
    pub(super) fn return_responsibility(&self, due: Timestamp) -> Responsibility {
        let subject = &self.plan.chosen.subject_name;
        let next_action = match (self.plan.open_way_back(), self.plan.replaced()) {
            (Some(_), Some(movement)) => format!(
                "Get the replaced {subject}, serial number {}, to {}; then confirm its return",
                movement.serial, movement.to_site
            ),
            _ if self.plan.chosen.stock.iter().any(|claim| claim.on_loan) => {
                format!("Have {subject} repaired and get the loaner back; then confirm its return")
            }
            _ => format!("Get the {subject} back that is not needed any more; then confirm its return"),
        };
        Responsibility { owner: self.plan.office.clone(), next_action, due }
    }

    /// Parks the plan when what has to come back is overdue, so that everybody sees it, and how long it has been.
    pub(super) fn look_after_return(&mut self, due_back: Timestamp) {
        let PlanState::Open(stage, responsibility) = &self.plan.state else { return };
        // Once something is overdue, it stays so though something else has more time.
        let is_overdue = due_back <= self.now || matches!(stage, Stage::Parked { .. });
        if !is_overdue || responsibility.due > self.now {
            return;
        }
        let (since, attempts) = match stage {
            Stage::Parked { since, attempts, .. } => (*since, *attempts),
            Stage::Holding | Stage::Executing | Stage::Replanning { .. } => (self.now, 0),
        };
        self.enter(Stage::Parked { reason: Disruption::LoanOverdue, since, attempts: attempts + 1 });
    }
}
