//! Where things are by now: what was sent, and the customer's instrument.

use meridian_types::{ItemId, Quantity, SiteId};

use super::input::AtHand;
use super::plan::Plan;
use super::task::{Task, TaskState, TaskWork};

impl Plan {
    /// What has arrived or is on its way, in whichever revision, and is not given up.
    pub(crate) fn at_hand(&self) -> Vec<AtHand> {
        let mut goods = Vec::new();
        for task in self.tasks.iter().filter(|task| self.is_at_hand(task)) {
            let Some(delivery) = task.work.delivery() else { continue };
            let from = Some(task.expected_at).filter(|_| task.state != TaskState::Done);
            let one = |(item, quantity): (&ItemId, Quantity)| AtHand {
                site: delivery.to_site.clone(),
                item: item.clone(),
                quantity,
                from,
            };
            goods.extend(delivery.goods.into_iter().map(one));
        }
        goods
    }

    fn is_at_hand(&self, task: &Task) -> bool {
        (task.state == TaskState::Done || task.is_on_the_way())
            && task.work.delivery().is_some_and(|delivery| !delivery.on_loan)
            && !self.gives_up(task)
    }

    /// Whether something was at hand when the plan stood as in `before` and is not any more: whoever counts on it, counts
    /// in vain.
    pub(crate) fn has_less_at_hand_than(&self, before: &Self) -> bool {
        let mut tasks = before.tasks.iter().zip(&self.tasks);
        tasks.any(|(then, now)| before.is_at_hand(then) && !self.is_at_hand(now))
    }

    /// Where the instrument was moved to last, in whichever revision.
    pub(crate) fn instrument_at(&self) -> Option<SiteId> {
        self.tasks.iter().rev().find_map(|task| match &task.work {
            TaskWork::MoveInstrument { movement, .. } if task.state == TaskState::Done => {
                Some(movement.to_site.clone())
            }
            _ => None,
        })
    }
}
