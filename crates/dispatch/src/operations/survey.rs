//! Looking at everything that planning has to know.

use std::collections::{BTreeMap, BTreeSet};

use meridian_messaging::{Journal, Work, database_problem};
use meridian_types::{Interval, Problem, RegionId, VisitId};

use crate::domain::scene::{Known, ORDERS_MAX};
use crate::store;

/// What is known of orders, engineers and visits in `window`, all at one moment.
///
/// # Errors
/// The database is away.
pub(crate) async fn survey(journal: &Journal, window: Interval) -> Result<Known, Problem> {
    let region = journal.origin().region.clone();
    journal
        .write("survey", move |work| {
            let region = region.clone();
            Box::pin(async move {
                let known = look(work, &region, window).await;
                known.map_err(|error| database_problem(&error))
            })
        })
        .await
}

async fn look(work: &mut Work, region: &RegionId, window: Interval) -> sqlx::Result<Known> {
    let now = work.now();
    let conn = work.conn();
    store::see_one_moment(conn).await?;
    let engineers = store::engineer::all(conn, region).await?;
    let absent = store::free_busy::within(conn, window).await?;
    // One more than can be planned tells that there are too many.
    let most = i64::try_from(ORDERS_MAX + 1).unwrap_or(i64::MAX);
    let orders = store::order::open(conn, most).await?;
    let firsts: BTreeSet<VisitId> =
        orders.iter().flat_map(|stored| &stored.order.demand.after).copied().collect();
    let outsourced = store::order::outsourced_among(conn, &firsts.into_iter().collect::<Vec<_>>()).await?;
    let visits = store::visit::open_for_planning(conn, window, now).await?;
    Ok(Known {
        engineers,
        absent: absent.into_iter().map(|(engineer, taken)| (engineer, taken.absent)).collect(),
        orders,
        outsourced: outsourced.into_iter().collect(),
        visits: visits.into_iter().map(|visit| (visit.claim.visit, visit)).collect::<BTreeMap<_, _>>(),
        now,
    })
}
