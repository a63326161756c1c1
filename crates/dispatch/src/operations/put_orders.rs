//! Creating, replacing and calling off work orders.

use std::collections::{BTreeMap, BTreeSet};

use meridian_messaging::Work;
use meridian_types::{Money, RegionId, VisitId};

use super::advance_visit::advance_visit;
use crate::domain::order::{Order, StoredOrder, second_visit};
use crate::domain::visit::{Outcome, Step, Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::wire::order::Asked;

/// Stores the orders, which are sorted by id. Returns how many are new or different. Visits stand as they are; the next
/// plan goes by the new orders.
pub(crate) async fn put_orders(work: &mut Work, region: &RegionId, asked: &[Asked]) -> Result<usize, Error> {
    let ids: Vec<VisitId> = asked.iter().map(|asked| asked.order.id()).collect();
    let stored = store::order::lock(work.conn(), &ids).await?;
    may_be_put(work, &ids, &stored).await?;
    let mut orders = Vec::with_capacity(asked.len());
    for (index, asked) in asked.iter().enumerate() {
        orders.push(with_profile(work, region, asked, index).await?);
    }
    wait_for_orders(work, &orders).await?;
    prices_are_reckoned_with(work, &orders).await?;
    let mut changed = 0;
    for order in &orders {
        changed += usize::from(store::order::put(work.conn(), order).await?.is_some());
    }
    Ok(changed)
}

/// An order that is over stays as it is, and a visit that is none of an order does not become one.
async fn may_be_put(
    work: &mut Work,
    ids: &[VisitId],
    stored: &BTreeMap<VisitId, StoredOrder>,
) -> Result<(), Error> {
    if let Some(cancelled) = stored.values().find(|stored| stored.is_cancelled) {
        return Err(Error::OrderCancelled(cancelled.order.id()));
    }
    let both: Vec<VisitId> = ids.iter().flat_map(|id| [*id, second_visit(*id)]).collect();
    for visit in store::visit::by_ids(work.conn(), &both).await? {
        if matches!(visit.state, VisitState::Finished | VisitState::Unsolved) {
            return Err(Error::OrderDone(visit.claim.visit));
        }
    }
    let fresh = ids.iter().filter(|id| !stored.contains_key(id));
    let fresh: Vec<VisitId> = fresh.flat_map(|id| [*id, second_visit(*id)]).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    store::order::keep_from_being_held(work.conn()).await?;
    match store::visit::taken(work.conn(), &fresh).await?.into_iter().next() {
        Some(taken) => Err(Error::VisitExists(taken)),
        None => Ok(()),
    }
}

async fn with_profile(
    work: &mut Work,
    region: &RegionId,
    asked: &Asked,
    index: usize,
) -> Result<Order, Error> {
    let profiles = match &asked.profile {
        Some((model, _)) => store::repair::profiles(work.conn(), model).await?,
        None => Vec::new(),
    };
    asked.with_profile(profiles, Some(region)).map_err(|(name, value, rule)| Error::Field {
        field: format!("work_orders[{index}].{name}"),
        value,
        rule,
    })
}

/// Whether prices of parties are in the currency of the engineers, if there are any yet.
async fn prices_are_reckoned_with(work: &mut Work, orders: &[Order]) -> Result<(), Error> {
    let mut prices = orders.iter().map(|order| order.demand.outsource).enumerate();
    let Some(currency) = store::engineer::currency(work.conn()).await? else { return Ok(()) };
    let is_other = |price: &Money| price.currency_code() != currency;
    let Some((index, price)) = prices.find_map(|(index, price)| Some((index, price.filter(is_other)?)))
    else {
        return Ok(());
    };
    Err(Error::Field {
        field: format!("work_orders[{index}].outsource_price.currency_code"),
        value: price.currency_code().to_string(),
        rule: "the currency of the engineers",
    })
}

/// Whether every order that comes before another one is there, and none waits for itself.
async fn wait_for_orders(work: &mut Work, orders: &[Order]) -> Result<(), Error> {
    let mut after: BTreeMap<VisitId, Vec<VisitId>> =
        orders.iter().map(|order| (order.id(), order.demand.after.clone())).collect();
    let mut unread: Vec<VisitId> = after.values().flatten().copied().collect();
    // Follows the chains; what is already there has no cycle in it.
    while !unread.is_empty() {
        unread.sort_unstable();
        unread.dedup();
        unread.retain(|id| !after.contains_key(id));
        let found = store::order::after(work.conn(), &unread).await?;
        for (index, order) in orders.iter().enumerate() {
            let is_missing = |first: &&VisitId| !after.contains_key(first) && !found.contains_key(first);
            if let Some(missing) = order.demand.after.iter().find(is_missing) {
                return Err(Error::Field {
                    field: format!("work_orders[{index}].after_visit_ids"),
                    value: missing.to_string(),
                    rule: "work orders",
                });
            }
        }
        unread = found.values().flatten().copied().collect();
        after.extend(found);
    }
    for (index, order) in orders.iter().enumerate() {
        if waits_for_itself(order.id(), &after) {
            return Err(Error::Field {
                field: format!("work_orders[{index}].after_visit_ids"),
                value: order.id().to_string(),
                rule: "no order that waits for this one",
            });
        }
    }
    Ok(())
}

fn waits_for_itself(order: VisitId, after: &BTreeMap<VisitId, Vec<VisitId>>) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![order]);
    while let Some(id) = next.pop() {
        for first in after.get(&id).into_iter().flatten() {
            if *first == order {
                return true;
            }
            if seen.insert(*first) {
                next.push(*first);
            }
        }
    }
    false
}

/// Calls the order and its visits off. One that has begun, or is done, stays as it is.
pub(crate) async fn cancel_order(work: &mut Work, region: &RegionId, id: VisitId) -> Result<(), Error> {
    let stored = store::order::lock(work.conn(), &[id]).await?.remove(&id);
    let stored = stored.ok_or(Error::OrderNotFound(id))?;
    if stored.is_cancelled {
        return Ok(());
    }
    let ids = stored.order.visit_ids();
    let visits = store::visit::by_ids(work.conn(), &ids).await?;
    let engineers: BTreeSet<_> = visits.iter().map(|visit| visit.claim.engineer.clone()).collect();
    for engineer in &engineers {
        store::engineer::lock(work.conn(), engineer, region).await?;
    }
    let now = work.now();
    let visits: Vec<Visit> = store::visit::by_ids(work.conn(), &ids).await?;
    if let Some(begun) = visits.iter().find(|visit| visit.after(Step::Cancel, now) == Outcome::Impossible) {
        let (visit, from) = (begun.claim.visit, begun.state);
        return Err(Error::VisitState { visit, from, to: VisitState::Cancelled });
    }
    // First, so that nobody is told that the order is planned again.
    store::order::cancel(work.conn(), id).await?;
    for visit in visits {
        advance_visit(work, visit.claim.visit, Step::Cancel).await?;
    }
    Ok(())
}
