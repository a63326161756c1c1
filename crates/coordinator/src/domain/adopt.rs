//! Taking another solution in place of the present one.

use super::decide::Turn;
use super::solution::Chosen;
use super::task::{Task, TaskState, TaskWork};

impl Turn {
    /// Takes another solution. What it needs and the plan has claimed already is kept; the rest is given back;
    /// what moves goes on moving, and is watched where the new work counts on it.
    pub(super) fn adopt(&mut self, option: Chosen) {
        let kept: Vec<usize> =
            self.current().into_iter().filter(|&index| self.can_keep(index, &option)).collect();
        let sends: Vec<usize> = kept.iter().filter_map(|&index| self.send_of(index)).collect();
        let awaited = self.awaited(&option);
        for index in self.current().into_iter().rev() {
            if !kept.contains(&index) && !sends.contains(&index) && !awaited.contains(&index) {
                self.undo(index);
            }
        }
        self.plan.revision += 1;
        for index in awaited {
            self.await_as_expected(index);
        }
        for index in kept.into_iter().chain(sends) {
            self.plan.tasks[index].revision = self.plan.revision;
            self.reschedule(index, &option);
        }
        self.plan.chosen = option;
        self.plan.attended = false;
        self.begin();
    }

    /// Whether a claim serves the other solution too, as it is.
    fn can_keep(&self, index: usize, option: &Chosen) -> bool {
        let task = &self.plan.tasks[index];
        // Whoever is asked already is not called off and asked the same again.
        let is_asked = task.state == TaskState::Requested && matches!(task.work, TaskWork::Order { .. });
        (task.state.is_claimed() || is_asked)
            && match &task.work {
                TaskWork::Hold { claim, .. } => {
                    let still_there = |send: usize| {
                        matches!(
                            self.plan.tasks[send].state,
                            TaskState::Pending | TaskState::Requested | TaskState::Confirmed
                        )
                    };
                    option.stock.iter().any(|wanted| wanted.same_goods(claim))
                        && self.send_of(index).is_some_and(still_there)
                }
                TaskWork::Visit { claim, .. } => option.engineers.contains(claim),
                TaskWork::Order { claim, .. } => option.orders.iter().any(|wanted| wanted.same_order(claim)),
                TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } | TaskWork::Refer { .. } => false,
            }
    }

    /// Goods on their way, of whichever revision, to where the other solution works: searches leave out what is at
    /// hand, so the work counts on them.
    fn awaited(&self, option: &Chosen) -> Vec<usize> {
        let is_awaited = |index: &usize| match &self.plan.tasks[*index] {
            task @ Task { work: TaskWork::Send { claim, .. }, .. } => {
                task.is_on_the_way()
                    && !claim.on_loan
                    && option.engineers.iter().any(|visit| visit.site == claim.to_site)
            }
            _ => false,
        };
        (0..self.plan.tasks.len()).filter(is_awaited).collect()
    }

    /// Takes a transfer into the present revision, which was made for the time at which it is expected now.
    fn await_as_expected(&mut self, index: usize) {
        let task = &mut self.plan.tasks[index];
        task.revision = self.plan.revision;
        if let TaskWork::Send { claim, .. } = &mut task.work {
            claim.arrives = task.expected_at;
        }
    }

    fn send_of(&self, hold_index: usize) -> Option<usize> {
        let TaskWork::Hold { hold, .. } = self.plan.tasks[hold_index].work else { return None };
        self.find(|work| matches!(work, TaskWork::Send { hold: id, .. } if *id == hold))
    }

    /// The same goods, at the times of the other solution.
    fn reschedule(&mut self, index: usize, option: &Chosen) {
        let (TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. }) = &mut self.plan.tasks[index].work
        else {
            return;
        };
        let Some(wanted) = option.stock.iter().find(|wanted| wanted.same_goods(claim)) else { return };
        claim.clone_from(wanted);
        let departs = wanted.departs;
        let task = &mut self.plan.tasks[index];
        task.expected_at = task.work.expected_at();
        if task.state == TaskState::Confirmed {
            self.plan.tasks[index].due_at = self.hand_over_due(departs);
        }
    }
}
