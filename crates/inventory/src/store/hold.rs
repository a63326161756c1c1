//! Tables `hold` and `hold_line`.

use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, HoldId, Problem, ReceiptId};
use sqlx::PgConnection;
use sqlx::types::{Json, Uuid};

use super::{ShelfColumns, quantities};
use crate::domain::hold::{Hold, HoldState};
use crate::domain::stock::Line;

#[derive(sqlx::FromRow)]
struct HoldRow {
    hold_id: Uuid,
    case_id: Option<Uuid>,
    state: String,
    expires_at: Option<jiff_sqlx::Timestamp>,
    refusal: Option<Json<Problem>>,
    version: i64,
    lines: Json<Vec<Line>>,
}

impl TryFrom<HoldRow> for Hold {
    type Error = sqlx::Error;
    fn try_from(row: HoldRow) -> Result<Self, sqlx::Error> {
        let state = match (row.state.as_str(), row.expires_at, row.refusal) {
            ("held", Some(expires_at), _) => HoldState::Held { expires_at: expires_at.to_jiff() },
            ("refused", _, Some(Json(refusal))) => HoldState::Refused(Box::new(refusal)),
            ("confirmed", ..) => HoldState::Confirmed,
            ("consumed", ..) => HoldState::Consumed,
            ("released", ..) => HoldState::Released,
            ("expired", ..) => HoldState::Expired,
            (state, ..) => return Err(sqlx::Error::Decode(format!("hold in state {state:?}").into())),
        };
        let mut lines = row.lines.0;
        lines.sort();
        Ok(Self {
            id: HoldId::from_uuid(row.hold_id),
            case_id: row.case_id.map(CaseId::from_uuid),
            lines,
            state,
            version: row.version,
        })
    }
}

/// Stores a new hold with its lines. `false` when its id is taken; then nothing is stored.
pub(crate) async fn insert(conn: &mut PgConnection, hold: &Hold) -> Result<bool, sqlx::Error> {
    let expires_at = match hold.state {
        HoldState::Held { expires_at } => Some(expires_at.to_sqlx()),
        _ => None,
    };
    let shelves: ShelfColumns = hold.lines.iter().map(|line| &line.shelf).collect();
    let inserted: i64 = sqlx::query_scalar(
        "WITH placed AS (
             INSERT INTO hold (hold_id, case_id, state, expires_at, version) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING RETURNING hold_id
         ), line AS (
             INSERT INTO hold_line (hold_id, item_id, warehouse_site_id, pool, quantity, receipt_id, awaited)
             SELECT placed.hold_id, l.*
               FROM placed, unnest($6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::bool[]) AS l
         )
         SELECT count(*) FROM placed",
    )
    .bind(hold.id.uuid())
    .bind(hold.case_id.map(CaseId::uuid))
    .bind(hold.state.as_str())
    .bind(expires_at)
    .bind(hold.version)
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .bind(quantities(&hold.lines))
    .bind(hold.lines.iter().map(|line| line.receipt_id.as_ref().map(ReceiptId::as_str)).collect::<Vec<_>>())
    .bind(hold.lines.iter().map(|line| line.awaited).collect::<Vec<_>>())
    .fetch_one(conn)
    .await?;
    Ok(inserted == 1)
}

/// Stores the next state of a hold.
pub(crate) async fn update(conn: &mut PgConnection, hold: &Hold) -> Result<(), sqlx::Error> {
    let (expires_at, refusal) = match &hold.state {
        HoldState::Held { expires_at } => (Some(expires_at.to_sqlx()), None),
        HoldState::Refused(refusal) => (None, Some(Json(refusal))),
        _ => (None, None),
    };
    sqlx::query("UPDATE hold SET state = $2, expires_at = $3, refusal = $4, version = $5 WHERE hold_id = $1")
        .bind(hold.id.uuid())
        .bind(hold.state.as_str())
        .bind(expires_at)
        .bind(refusal)
        .bind(hold.version)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores that the units of a receipt which a hold awaited stand on their shelf now.
pub(crate) async fn cover(
    conn: &mut PgConnection,
    hold: &Hold,
    receipt_id: &ReceiptId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH covered AS (UPDATE hold_line SET awaited = false WHERE hold_id = $1 AND receipt_id = $2)
         UPDATE hold SET version = $3 WHERE hold_id = $1",
    )
    .bind(hold.id.uuid())
    .bind(receipt_id.as_str())
    .bind(hold.version)
    .execute(conn)
    .await?;
    Ok(())
}

/// The hold with an id, its lines as JSON; and what else shall be said.
macro_rules! select_hold {
    ($rest:literal) => {
        concat!(
            "SELECT hold_id, case_id, state, expires_at, refusal, version,
                    (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'hold_id'), '[]') FROM hold_line l
                      WHERE l.hold_id = h.hold_id) AS lines
               FROM hold h WHERE hold_id = $1 ",
            $rest
        )
    };
}

/// A hold.
pub(crate) async fn find(conn: &mut PgConnection, id: HoldId) -> Result<Option<Hold>, sqlx::Error> {
    query(conn, select_hold!(""), id).await
}

/// A hold that nobody else can change until the transaction ends. Receipts whose units it awaits are locked before it,
/// where they matter.
pub(crate) async fn lock(conn: &mut PgConnection, id: HoldId) -> Result<Option<Hold>, sqlx::Error> {
    query(conn, select_hold!("FOR UPDATE OF h"), id).await
}

async fn query(
    conn: &mut PgConnection,
    statement: &'static str,
    id: HoldId,
) -> Result<Option<Hold>, sqlx::Error> {
    let row: Option<HoldRow> = sqlx::query_as(statement).bind(id.uuid()).fetch_optional(conn).await?;
    row.map(TryInto::try_into).transpose()
}
