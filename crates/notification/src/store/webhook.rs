//! Table `webhook`: endpoints that want signed events.

use meridian_types::{CustomerId, NoticeId, WebhookId};
use sqlx::{FromRow, PgConnection, PgExecutor, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::expected;
use crate::domain::signature::Secret;

/// An endpoint.
#[derive(Debug)]
pub(crate) struct WebhookRow {
    pub(crate) webhook_id: WebhookId,
    pub(crate) customer_id: String,
    pub(crate) url: String,
    pub(crate) secret: Secret,
    pub(crate) is_disabled: bool,
}

impl FromRow<'_, PgRow> for WebhookRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let secret: &[u8] = row.try_get("secret")?;
        Ok(Self {
            webhook_id: WebhookId::from_uuid(row.try_get::<Uuid, _>("webhook_id")?),
            customer_id: row.try_get("customer_id")?,
            url: row.try_get("url")?,
            secret: Secret::new(expected(secret.try_into().ok(), "webhook", "secret", "***")?),
            is_disabled: row.try_get("is_disabled")?,
        })
    }
}

/// Stores an endpoint.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    webhook_id: WebhookId,
    customer_id: &CustomerId,
    url: &str,
    secret: &Secret,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO webhook (webhook_id, customer_id, url, secret) VALUES ($1, $2, $3, $4)")
        .bind(webhook_id.uuid())
        .bind(customer_id.as_str())
        .bind(url)
        .bind(secret.bytes())
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes an endpoint; says whether there was one.
pub(crate) async fn delete(conn: &mut PgConnection, webhook_id: WebhookId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM webhook WHERE webhook_id = $1")
        .bind(webhook_id.uuid())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The endpoint of an id.
pub(crate) async fn find(
    executor: impl PgExecutor<'_>,
    webhook_id: WebhookId,
) -> Result<Option<WebhookRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT webhook_id, customer_id, url, secret, is_disabled FROM webhook WHERE webhook_id = $1",
    )
    .bind(webhook_id.uuid())
    .fetch_optional(executor)
    .await
}

/// The endpoints of a customer, oldest first.
pub(crate) async fn of_customer(
    executor: impl PgExecutor<'_>,
    customer_id: &str,
) -> Result<Vec<WebhookRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT webhook_id, customer_id, url, secret, is_disabled FROM webhook
          WHERE customer_id = $1 ORDER BY webhook_id",
    )
    .bind(customer_id)
    .fetch_all(executor)
    .await
}

/// The endpoint took a notice.
pub(crate) async fn delivered(conn: &mut PgConnection, webhook_id: WebhookId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE webhook SET last_delivered_at = clock_timestamp() WHERE webhook_id = $1")
        .bind(webhook_id.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Switches the endpoint off: it said that it is gone.
pub(crate) async fn disable(conn: &mut PgConnection, webhook_id: WebhookId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE webhook SET is_disabled = true WHERE webhook_id = $1")
        .bind(webhook_id.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Switches the endpoint off when it took nothing since a notice that it never took was first tried.
pub(crate) async fn disable_if_silent_since(
    conn: &mut PgConnection,
    webhook_id: WebhookId,
    notice_id: NoticeId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE webhook SET is_disabled = true
          WHERE webhook_id = $1
            AND coalesce(last_delivered_at, '-infinity') <
                (SELECT min(started_at) FROM attempt WHERE notice_id = $2)",
    )
    .bind(webhook_id.uuid())
    .bind(notice_id.uuid())
    .execute(conn)
    .await?;
    Ok(())
}
