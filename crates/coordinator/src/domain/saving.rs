//! What an older solution brings about after all: the present one need not do it again.

use std::collections::BTreeMap;

use meridian_types::ItemId;

use super::decide::Turn;
use super::task::{Delivery, Task, TaskState, TaskWork};

impl Turn {
    /// Goods of an older revision have arrived. Each consignment of the present one that would bring no more than them
    /// to the same place is left out, first of all those that have not left. Says whether there were any.
    pub(super) fn saves_goods(&mut self, arrived: usize) -> bool {
        let work = self.plan.tasks[arrived].work.clone();
        let Some(there) = work.delivery() else { return false };
        let mut left = BTreeMap::new();
        for (item, quantity) in &there.goods {
            *left.entry(*item).or_default() += quantity.units();
        }
        let mut sends: Vec<usize> = self.current();
        sends.sort_by_key(|&index| self.plan.tasks[index].is_on_the_way());
        let mut needless = Vec::new();
        for index in sends {
            let task = &self.plan.tasks[index];
            let Some(other) = task.work.delivery() else { continue };
            let same_use = (other.to_site, other.on_loan) == (there.to_site, there.on_loan);
            if same_use && task.state != TaskState::Done && take(&mut left, &other) {
                if let TaskWork::Send { hold, .. } = &task.work {
                    let holds =
                        |work: &TaskWork| matches!(work, TaskWork::Hold { hold: id, .. } if id == hold);
                    needless.extend(self.find(holds));
                }
                needless.push(index);
            }
        }
        self.leave_out(&needless, arrived)
    }

    /// Somebody of an older revision has done the work. Other work at the same place, and the parts for it, are left out; so is a repair elsewhere that would bring the instrument back there, if it has not left. Says whether
    /// there was any.
    pub(super) fn saves_work(&mut self, finished: usize) -> bool {
        let Some(site) = self.plan.tasks[finished].work.work_site().cloned() else { return false };
        let is_work = |task: &Task| task.work.work_site() == Some(&site);
        let is_part = |task: &Task| match &task.work {
            TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. } => {
                !claim.on_loan && claim.to_site == site
            }
            TaskWork::Order { claim, .. } => !claim.is_repair() && claim.site == site,
            _ => false,
        };
        let leaves = |task: &Task| {
            matches!(&task.work, TaskWork::MoveInstrument { movement, .. }
            if movement.from_site == site && (task.is_on_the_way() || task.state == TaskState::Done))
        };
        let comes_back = |task: &Task| {
            matches!(&task.work, TaskWork::MoveInstrument { movement, .. }
            if movement.to_site == site && movement.after_work)
        };
        let round_trip = self.plan.current().any(comes_back) && !self.plan.current().any(leaves);
        if !round_trip && !self.plan.current().any(is_work) {
            return false;
        }
        let is_needless = |&index: &usize| {
            let task = &self.plan.tasks[index];
            task.state != TaskState::Done && (round_trip || is_work(task) || is_part(task))
        };
        let needless: Vec<usize> = self.current().into_iter().filter(is_needless).collect();
        self.leave_out(&needless, finished)
    }

    /// Takes tasks out of the present revision, into that of the one which makes them needless. What has not left is
    /// given back. A plan that is over has no use for anything.
    fn leave_out(&mut self, needless: &[usize], instead: usize) -> bool {
        if self.stage().is_none() {
            return false;
        }
        for &index in needless.iter().rev() {
            self.plan.tasks[index].revision = self.plan.tasks[instead].revision;
            self.undo(index);
        }
        !needless.is_empty()
    }
}

/// Takes all that a delivery brings from what is left, or nothing.
fn take(left: &mut BTreeMap<&ItemId, i64>, delivery: &Delivery<'_>) -> bool {
    let mut rest: BTreeMap<&ItemId, i64> = left.clone();
    for (item, quantity) in &delivery.goods {
        match rest.get_mut(*item) {
            Some(units) if *units >= quantity.units() => *units -= quantity.units(),
            _ => return false,
        }
    }
    *left = rest;
    true
}
