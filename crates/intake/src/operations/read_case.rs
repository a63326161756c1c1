//! Reading cases.

use meridian_types::CaseId;
use sqlx::PgConnection;

use crate::domain::case::Case;
use crate::error::Error;
use crate::store::support_case::{self, CaseFilter};

pub(crate) async fn one(conn: &mut PgConnection, case_id: CaseId) -> Result<Case, Error> {
    support_case::find(conn, case_id).await?.ok_or(Error::CaseNotFound(case_id))
}

/// The case as it will stay until the unit of work ends.
pub(crate) async fn for_update(conn: &mut PgConnection, case_id: CaseId) -> Result<Case, Error> {
    support_case::find_for_update(conn, case_id).await?.ok_or(Error::CaseNotFound(case_id))
}

/// A page of cases, newest first, and whether there are more.
pub(crate) async fn page(
    conn: &mut PgConnection,
    filter: &CaseFilter,
    size: usize,
) -> Result<(Vec<Case>, bool), Error> {
    let one_more = i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1);
    let mut cases = support_case::list(conn, filter, one_more).await?;
    let more = cases.len() > size;
    cases.truncate(size);
    Ok((cases, more))
}
