//! Goods that lie at a warehouse of ours for work, or for a kit, that is not to be any more: they come onto the shelf.

use meridian_types::TransferId;

use super::decide::Turn;
use super::input::{Command, Effect};
use super::plan::{Plan, Stage};
use super::solution::StockClaim;
use super::task::{Task, TaskState, TaskWork};
use super::watchdog::ANSWER_MINUTES;

impl Turn {
    /// Has what lies idle put onto the shelf. Nobody counts on it any more from then on.
    pub(super) fn shelve_what_lies_idle(&mut self) {
        for index in 0..self.plan.tasks.len() {
            if self.lies_idle(&self.plan.tasks[index]) {
                self.settle(index, TaskState::Shelving, self.in_minutes(ANSWER_MINUTES));
                let (region, work) = (self.region_of(index), self.plan.tasks[index].work.clone());
                self.effects.push(Effect::Send(Command::Shelve(region, work)));
            }
        }
    }

    /// It is on the shelf: no part of the plan's any more.
    pub(super) fn goods_shelved(&mut self, transfer: TransferId) {
        if let Some(index) = self.transfer_task(transfer)
            && self.plan.tasks[index].state == TaskState::Shelving
        {
            self.settle(index, TaskState::Undone, self.now);
        }
    }

    fn lies_idle(&self, task: &Task) -> bool {
        let ended = |state| matches!(state, TaskState::Failed | TaskState::Undone);
        task.state == TaskState::Done
            && matches!(&task.work, TaskWork::Send { claim, .. } if self.plan.is_unused(claim, ended))
    }
}

impl Plan {
    /// Whether nobody who looks for a way may count on goods, since the plan is over that they were sent for: if they are
    /// not on the shelf yet, they will be.
    pub(super) fn gives_up(&self, part: &StockClaim) -> bool {
        let ends = |state| matches!(state, TaskState::Failed | TaskState::Undone | TaskState::Undoing);
        self.stage().is_none() && self.is_unused(part, ends)
    }

    /// Whether goods came to a warehouse of ours for work or for a kit, and whatever was to use them has `ended` before it
    /// did. While another way is looked for or held, that may be to work at the same place. Whoever could not solve it
    /// may have used them.
    fn is_unused(&self, part: &StockClaim, ended: impl Fn(TaskState) -> bool) -> bool {
        let is_given_up = |user: &Task| match &user.work {
            TaskWork::Visit { claim, .. } => {
                let tried = (claim.region.clone(), claim.engineer.clone());
                matches!(self.stage(), None | Some(Stage::Executing))
                    && !self.exclusions.unsolved.contains(&tried)
            }
            _ => true,
        };
        let mut uses = self.tasks.iter().filter(|user| user.uses(part)).peekable();
        part.to_region.is_some()
            && !part.on_loan
            && uses.peek().is_some()
            && uses.all(|user| ended(user.state) && is_given_up(user))
    }
}

impl Task {
    /// Whether it is what the goods of a claim are for.
    fn uses(&self, part: &StockClaim) -> bool {
        match &self.work {
            TaskWork::Send { claim, .. } => part.feeds(claim),
            TaskWork::Visit { claim, .. } => claim.site == part.to_site,
            _ => false,
        }
    }
}
