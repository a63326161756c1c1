//! A unit on loan helps for a while: its plan goes on until the office has seen to the rest.

use jiff::Timestamp;

use super::decide::Turn;
use super::plan::{Disruption, Plan, PlanState, Responsibility, Stage};
use super::task::TaskState;

impl Plan {
    /// When the unit that the customer has on loan is due back.
    pub(super) fn loan_due_back(&self) -> Option<Timestamp> {
        let is_there = self.current().all(|task| task.state == TaskState::Done);
        self.chosen.stock.iter().filter_map(|claim| claim.due_back).max().filter(|_| is_there)
    }
}

impl Turn {
    /// The unit on loan has arrived. By the time it is due back, the customer's own must work again.
    pub(super) fn lend_until(&mut self, due_back: Timestamp) {
        self.enter(Stage::Executing);
        self.plan.expected_at = due_back;
    }

    /// The office sees to the instrument and to the loan. Once that is overdue, it hears so again and again.
    pub(super) fn loan_responsibility(&self, due: Timestamp) -> Responsibility {
        let subject = &self.plan.chosen.subject_name;
        Responsibility {
            owner: self.plan.office.clone(),
            next_action: format!("Have {subject} repaired and get the loaner back; then close the case"),
            due,
        }
    }

    /// Parks the plan when the loan is overdue, so that everybody sees it, and how long it has been.
    pub(super) fn look_after_loan(&mut self, due_back: Timestamp) {
        let PlanState::Open(stage, responsibility) = &self.plan.state else { return };
        if due_back > self.now || responsibility.due > self.now {
            return;
        }
        let (since, attempts) = match stage {
            Stage::Parked { since, attempts, .. } => (*since, *attempts),
            Stage::Holding | Stage::Executing | Stage::Replanning { .. } => (self.now, 0),
        };
        self.enter(Stage::Parked { reason: Disruption::LoanOverdue, since, attempts: attempts + 1 });
    }
}
