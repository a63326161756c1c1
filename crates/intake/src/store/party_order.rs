//! Table `party_order`.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, PartyOrderId};
use sqlx::types::Json;
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::unknown;
use crate::domain::party_order::{OrderState, OrderTerms, PartyOrder};
use crate::error::Error;

const SELECT: &str =
    "SELECT order_id, number, case_id, party_name, terms, state, expected_at, told_by, reason,
                             changed_at, version FROM party_order";

#[derive(sqlx::FromRow)]
struct Row {
    order_id: Uuid,
    number: i64,
    case_id: Uuid,
    party_name: String,
    terms: Json<OrderTerms>,
    state: String,
    expected_at: jiff_sqlx::Timestamp,
    told_by: Option<String>,
    reason: String,
    changed_at: jiff_sqlx::Timestamp,
    version: i64,
}

impl Row {
    fn order(self) -> Result<PartyOrder, Error> {
        let state = OrderState::WORDS.iter().find(|(word, _)| *word == self.state);
        let (_, state) = state.ok_or_else(|| unknown("party_order.state", &self.state))?;
        Ok(PartyOrder {
            order_id: PartyOrderId::from_uuid(self.order_id),
            case_id: CaseId::from_uuid(self.case_id),
            party_name: self.party_name,
            terms: self.terms.0,
            state: *state,
            expected_at: self.expected_at.to_jiff(),
            told_by: self.told_by,
            reason: self.reason,
            changed_at: self.changed_at.to_jiff(),
            version: self.version,
        })
    }
}

/// One order.
pub(crate) async fn find(conn: &mut PgConnection, id: PartyOrderId) -> Result<Option<PartyOrder>, Error> {
    one(conn, id, "").await
}

/// One order, locked until the transaction ends.
pub(crate) async fn find_for_update(
    conn: &mut PgConnection,
    id: PartyOrderId,
) -> Result<Option<PartyOrder>, Error> {
    one(conn, id, " FOR UPDATE").await
}

async fn one(conn: &mut PgConnection, id: PartyOrderId, lock: &str) -> Result<Option<PartyOrder>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" WHERE order_id = ").push_bind(id.uuid()).push(lock);
    let row: Option<Row> = query.build_query_as().fetch_optional(conn).await?;
    row.map(Row::order).transpose()
}

/// Adds an order, or notes what became of it.
pub(crate) async fn put(conn: &mut PgConnection, order: &PartyOrder) -> Result<(), Error> {
    let at = |at: Timestamp| at.to_sqlx();
    sqlx::query(
        "INSERT INTO party_order (order_id, case_id, party_name, terms, state, expected_at, told_by, reason,
                                  changed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (order_id) DO UPDATE
            SET state = excluded.state, expected_at = excluded.expected_at, told_by = excluded.told_by,
                reason = excluded.reason, changed_at = excluded.changed_at, version = excluded.version",
    )
    .bind(order.order_id.uuid())
    .bind(order.case_id.uuid())
    .bind(&order.party_name)
    .bind(Json(&order.terms))
    .bind(order.state.word())
    .bind(at(order.expected_at))
    .bind(order.told_by.as_deref())
    .bind(&order.reason)
    .bind(at(order.changed_at))
    .bind(order.version)
    .execute(conn)
    .await?;
    Ok(())
}

/// Open orders after the one of that number, oldest first, with their numbers.
pub(crate) async fn open(
    conn: &mut PgConnection,
    case_id: Option<CaseId>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, PartyOrder)>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" WHERE state IN ('asked', 'accepted', 'placed') AND number > ").push_bind(after);
    if let Some(case_id) = case_id {
        query.push(" AND case_id = ").push_bind(case_id.uuid());
    }
    query.push(" ORDER BY number LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    rows.into_iter().map(|row| Ok((row.number, row.order()?))).collect()
}
