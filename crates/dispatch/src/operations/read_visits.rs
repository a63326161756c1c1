//! Looking at visits.

use meridian_types::VisitId;
use sqlx::PgConnection;

use crate::domain::visit::Visit;
use crate::error::Error;
use crate::store;
use crate::store::visit::{Found, Listing};

/// What stands under the id.
///
/// # Errors
/// Nothing does.
pub(crate) async fn get_visit(conn: &mut PgConnection, id: VisitId) -> Result<Found, Error> {
    find_visit(conn, id).await?.ok_or(Error::VisitNotFound(id))
}

/// What stands under the id, if anything.
pub(crate) async fn find_visit(conn: &mut PgConnection, id: VisitId) -> Result<Option<Found>, Error> {
    Ok(store::visit::find(conn, id).await?)
}

/// Visits by start, and whether there are more.
pub(crate) async fn list_visits(
    conn: &mut PgConnection,
    mut listing: Listing,
) -> Result<(Vec<Visit>, bool), Error> {
    let most = listing.most;
    listing.most += 1;
    let mut visits = store::visit::list(conn, &listing).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_more = visits.len() > most;
    visits.truncate(most);
    Ok((visits, has_more))
}

/// How many pairs of open visits of one engineer overlap, and how many visits are open.
pub(crate) async fn audit_visits(conn: &mut PgConnection) -> Result<(i64, i64), Error> {
    Ok(store::visit::audit(conn).await?)
}
