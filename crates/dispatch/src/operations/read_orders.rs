//! Looking at work orders.

use std::collections::BTreeMap;

use meridian_types::VisitId;
use sqlx::PgConnection;

use crate::domain::order::{Stage, StoredOrder};
use crate::domain::visit::Visit;
use crate::error::Error;
use crate::store;
use crate::store::order::Listing;

/// An order and what has become of it.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) stored: StoredOrder,
    pub(crate) stage: Stage,
    /// One for each engineer; also those called off.
    pub(crate) visits: Vec<Visit>,
}

/// Orders by id, and whether there are more.
pub(crate) async fn list_orders(
    conn: &mut PgConnection,
    mut listing: Listing,
) -> Result<(Vec<Status>, bool), Error> {
    let most = usize::try_from(listing.most).unwrap_or(usize::MAX);
    listing.most += 1;
    let mut orders = store::order::list(conn, &listing).await?;
    let has_more = orders.len() > most;
    orders.truncate(most);
    let ids: Vec<VisitId> = orders.iter().flat_map(|(stored, _)| stored.order.visit_ids()).collect();
    let visits = store::visit::by_ids(conn, &ids).await?;
    let mut visits: BTreeMap<VisitId, Visit> =
        visits.into_iter().map(|visit| (visit.claim.visit, visit)).collect();
    let status = |(stored, stage): (StoredOrder, Stage)| {
        let ids = stored.order.visit_ids();
        Status { visits: ids.iter().filter_map(|id| visits.remove(id)).collect(), stored, stage }
    };
    Ok((orders.into_iter().map(status).collect(), has_more))
}

/// What has become of one order.
///
/// # Errors
/// There is none with this id.
pub(crate) async fn order_status(conn: &mut PgConnection, id: VisitId) -> Result<Status, Error> {
    let (found, _) = list_orders(conn, Listing { id: Some(id), most: 1, ..Listing::default() }).await?;
    found.into_iter().next().ok_or(Error::OrderNotFound(id))
}
