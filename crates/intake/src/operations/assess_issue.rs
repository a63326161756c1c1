//! The same issue, or another?

use jiff::Timestamp;
use meridian_types::CustomerId;
use sqlx::PgConnection;

use super::directory;
use crate::domain::issue::{Assessment, OpenIssue, assess};
use crate::domain::need::Need;
use crate::error::Error;
use crate::store;

/// Most open cases compared.
const COMPARED_MAX: i64 = 200;

pub(crate) async fn assess_issue(
    conn: &mut PgConnection,
    customer_id: &CustomerId,
    need: &Need,
    now: Timestamp,
) -> Result<Assessment, Error> {
    directory::customer(conn, customer_id).await?;
    let cases = store::support_case::open_of_customers(conn, &[customer_id], COMPARED_MAX).await?;
    let open: Vec<_> = cases
        .iter()
        .map(|case| OpenIssue { case_id: case.case_id, need: &case.need, opened_at: case.opened_at })
        .collect();
    Ok(assess(need, &open, now))
}
