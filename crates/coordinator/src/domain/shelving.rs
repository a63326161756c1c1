//! Goods that lie at a warehouse of ours for work, or for a kit, that is not to be any more: they come onto the shelf.

use std::collections::BTreeMap;

use meridian_types::{ItemId, Quantity, TransferId};

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

    /// What was sent is lost on its way and, if that was a kit, all that went into it: what its own revision brought before
    /// what was there from earlier ones, and nothing that came for a later kit.
    pub(super) fn lose_parts(&mut self, kit: usize) {
        let kit = self.plan.tasks[kit].clone();
        let TaskWork::Send { claim, .. } = &kit.work else { return };
        let mut lost: BTreeMap<ItemId, i64> = BTreeMap::new();
        for index in (0..self.plan.tasks.len()).rev() {
            let task = &self.plan.tasks[index];
            let TaskWork::Send { claim: part, .. } = &task.work else { continue };
            let goods = part.goods().to_vec();
            let went_in = |(item, quantity): &(ItemId, Quantity)| {
                let lost = lost.get(item).copied().unwrap_or_default();
                lost + quantity.units() <= kit.takes_from_elsewhere(item)
            };
            let may_be_in = task.state == TaskState::Done && task.revision <= kit.revision;
            if may_be_in && part.feeds(claim) && goods.iter().all(went_in) {
                self.settle(index, TaskState::Failed, self.now);
                for (item, quantity) in goods {
                    *lost.entry(item).or_default() += quantity.units();
                }
            }
        }
    }

    fn lies_idle(&self, task: &Task) -> bool {
        let ended = |state| matches!(state, TaskState::Failed | TaskState::Undone);
        task.state == TaskState::Done && self.plan.is_unused(task, ended)
    }
}

impl Plan {
    /// Whether goods that go to one of our sites are for a repair or a kit there, and not for its shelf.
    pub(super) fn is_for_work(&self, claim: &StockClaim) -> bool {
        let is_part = self.chosen.stock.iter().any(|other| claim.feeds(other));
        let is_repair = !self.chosen.engineers.is_empty();
        !claim.kits.is_empty() || (claim.to_region.is_some() && !claim.on_loan && (is_repair || is_part))
    }

    /// Whether nobody who looks for a way may count on what a task sent, since the plan is over that it was sent for: if it
    /// is not on the shelf yet, it will be.
    pub(super) fn gives_up(&self, part: &Task) -> bool {
        let ends = |state| matches!(state, TaskState::Failed | TaskState::Undone | TaskState::Undoing);
        self.stage().is_none() && self.is_unused(part, ends)
    }

    /// Whether goods came to a warehouse of ours for work or for a kit, and whatever was to use them has `ended` before it
    /// did, or has enough without them; a kit of their own revision waits for just these. While another way is looked for or
    /// held, that may be to work at the same place. Whoever could not solve it may have used them.
    fn is_unused(&self, part: &Task, ended: impl Fn(TaskState) -> bool) -> bool {
        let TaskWork::Send { claim, .. } = &part.work else { return false };
        let is_given_up = |user: &Task| match &user.work {
            TaskWork::Visit { claim, .. } => {
                let tried = (claim.region.clone(), claim.engineer.clone());
                matches!(self.stage(), None | Some(Stage::Executing))
                    && !self.exclusions.unsolved.contains(&tried)
            }
            _ => true,
        };
        let (over, going_on): (Vec<&Task>, Vec<&Task>) = self
            .tasks
            .iter()
            .filter(|user| user.uses(claim))
            .partition(|user| ended(user.state) && is_given_up(user));
        let has_enough = |(item, _): &(ItemId, Quantity)| {
            let taken = going_on.iter().map(|kit| kit.takes_from_elsewhere(item)).sum::<i64>();
            taken <= self.others_brought(item, part)
        };
        let is_waited_for =
            |user: &&Task| user.revision == part.revision || matches!(user.work, TaskWork::Visit { .. });
        claim.to_region.is_some()
            && self.went_for_work(part)
            && !(over.is_empty() && going_on.is_empty())
            && !going_on.iter().any(is_waited_for)
            && claim.goods().iter().all(has_enough)
    }

    /// Whether a task sent goods for a repair or a kit, and not for a shelf. Where that was not remembered, what is planned
    /// now tells.
    fn went_for_work(&self, task: &Task) -> bool {
        match &task.work {
            TaskWork::Send { for_case, claim, .. } => for_case.unwrap_or_else(|| self.is_for_work(claim)),
            _ => false,
        }
    }

    /// How many units of an item have come to the same place for work or for a kit, besides those of `part`.
    fn others_brought(&self, item: &ItemId, part: &Task) -> i64 {
        let TaskWork::Send { transfer, claim, .. } = &part.work else { return 0 };
        let units = |task: &Task| match &task.work {
            TaskWork::Send { transfer: id, claim: other, .. }
                if task.state == TaskState::Done
                    && id != transfer
                    && other.to_site == claim.to_site
                    && self.went_for_work(task) =>
            {
                units_of(item, other.goods())
            }
            _ => 0,
        };
        self.tasks.iter().map(units).sum()
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

    /// How many units of an item its kits take that do not lie at the warehouse.
    fn takes_from_elsewhere(&self, item: &ItemId) -> i64 {
        let TaskWork::Send { claim, .. } = &self.work else { return 0 };
        let parts = claim.kits.iter().map(|kit| units_of(item, &kit.parts)).sum::<i64>();
        let made =
            claim.kits.iter().filter(|kit| kit.kit == *item).map(|kit| kit.quantity.units()).sum::<i64>();
        parts + units_of(item, &claim.sent) - made - units_of(item, &claim.lines)
    }
}

fn units_of(item: &ItemId, lines: &[(ItemId, Quantity)]) -> i64 {
    lines.iter().filter(|(other, _)| other == item).map(|(_, quantity)| quantity.units()).sum()
}
