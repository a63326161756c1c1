//! Where things are by now: what was sent, and the customer's instrument.

use meridian_types::{ItemId, Quantity, SiteId};

use super::input::AtHand;
use super::plan::Plan;
use super::task::{TaskState, TaskWork};

impl Plan {
    /// What has arrived or is on its way, in whichever revision, and is not given up.
    pub(crate) fn at_hand(&self) -> Vec<AtHand> {
        let mut goods = Vec::new();
        for task in &self.tasks {
            let Some(delivery) = task.work.delivery() else { continue };
            if matches!(&task.work, TaskWork::Send { claim, .. } if self.gives_up(claim)) {
                continue;
            }
            let from = match task.state {
                TaskState::Done => None,
                _ if task.is_on_the_way() => Some(task.expected_at),
                _ => continue,
            };
            if !delivery.on_loan {
                let site = delivery.to_site;
                let one = |(item, quantity): (&ItemId, Quantity)| AtHand {
                    site: site.clone(),
                    item: item.clone(),
                    quantity,
                    from,
                };
                goods.extend(delivery.goods.into_iter().map(one));
            }
        }
        goods
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
