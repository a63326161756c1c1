//! One answer per request id: the row that is claimed in, and committed with, the unit of work.

use meridian_types::{Problem, ProblemKind};
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

/// How long an answer is kept.
const KEPT_DAYS: i32 = 14;
/// Rows removed by one statement.
const REMOVED_AT_ONCE: i64 = 1000;
const REQUEST_ID_CHARS_MAX: usize = 128;

/// What makes two calls the same request.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    request_type: String,
    request_id: String,
    request_hash: Vec<u8>,
}

impl Key {
    /// The key of `request`, when `request_id` is fit for one.
    pub(crate) fn new<Req: prost::Message + prost::Name>(
        request_id: &str,
        request: &Req,
    ) -> Result<Self, Problem> {
        let printable = request_id.bytes().all(|b| b.is_ascii_graphic());
        if !(1..=REQUEST_ID_CHARS_MAX).contains(&request_id.len()) || !printable {
            let rule = "1 to 128 printable ASCII characters without spaces";
            return Err(Problem::invalid_field("request_id", request_id, rule));
        }
        Ok(Self {
            request_type: Req::full_name(),
            request_id: request_id.to_owned(),
            request_hash: Sha256::digest(request.encode_to_vec()).to_vec(),
        })
    }
}

/// What was answered to a request.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Stored {
    request_hash: Vec<u8>,
    response: Option<Vec<u8>>,
    refusal: Option<Json<Problem>>,
}

impl Stored {
    /// The answer, when `key` stands for the same request.
    pub(crate) fn answer<R: prost::Message + Default>(self, key: &Key) -> Result<R, Problem> {
        if self.request_hash != key.request_hash {
            let message = "this request_id was used for another request";
            return Err(Problem::new(ProblemKind::AlreadyExists, "REQUEST_ID_REUSED", message)
                .with("request_id", &key.request_id));
        }
        if let Some(Json(refusal)) = self.refusal {
            return Err(refusal);
        }
        R::decode(self.response.unwrap_or_default().as_slice())
            .map_err(|error| meridian_chassis::status::internal(&error))
    }
}

/// Claims the key for the open transaction. Waits while another transaction has claimed it.
pub(crate) async fn claim(conn: &mut PgConnection, key: &Key) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO idempotency (request_type, request_id, request_hash) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(&key.request_type)
    .bind(&key.request_id)
    .bind(&key.request_hash)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the answer under the claimed key.
pub(crate) async fn store_response(
    conn: &mut PgConnection,
    key: &Key,
    response: Vec<u8>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE idempotency SET response = $3 WHERE request_type = $1 AND request_id = $2")
        .bind(&key.request_type)
        .bind(&key.request_id)
        .bind(response)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a refusal, unless the key has an answer already: whoever stored first wins.
pub(crate) async fn store_refusal(pool: &PgPool, key: &Key, refusal: &Problem) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO idempotency (request_type, request_id, request_hash, refusal) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(&key.request_type)
    .bind(&key.request_id)
    .bind(&key.request_hash)
    .bind(Json(refusal))
    .execute(pool)
    .await?;
    Ok(())
}

/// What is stored under the key.
pub(crate) async fn find<'e>(
    executor: impl sqlx::PgExecutor<'e>,
    key: &Key,
) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as(
        "SELECT request_hash, response, refusal FROM idempotency WHERE request_type = $1 AND request_id = $2",
    )
    .bind(&key.request_type)
    .bind(&key.request_id)
    .fetch_optional(executor)
    .await
}

/// Removes answers older than 14 days, a batch at a time.
pub(crate) async fn remove_old(pool: &PgPool) -> Result<(), sqlx::Error> {
    loop {
        let batch = sqlx::query(
            "DELETE FROM idempotency WHERE (request_type, request_id) IN (
                 SELECT request_type, request_id FROM idempotency
                  WHERE created_at < now() - make_interval(days => $1)
                  ORDER BY created_at LIMIT $2)",
        )
        .bind(KEPT_DAYS)
        .bind(REMOVED_AT_ONCE)
        .execute(pool)
        .await?
        .rows_affected();
        if batch < REMOVED_AT_ONCE.unsigned_abs() {
            return Ok(());
        }
    }
}
