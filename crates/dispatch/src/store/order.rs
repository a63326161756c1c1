//! Work orders.

use std::collections::BTreeMap;

use meridian_proto::dispatch::v1 as pb;
use meridian_types::{OptimisationId, VisitId};
use prost::Message;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{record, unreadable};
use crate::domain::order::{Order, Stage, StoredOrder, second_visit};
use crate::wire;

/// Which orders to list, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    /// Only those that have come so far.
    pub(crate) stage: Option<Stage>,
    /// Only this one.
    pub(crate) id: Option<VisitId>,
    /// After this one.
    pub(crate) after: Option<VisitId>,
    pub(crate) most: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    record: Vec<u8>,
    version: i64,
    cancelled: bool,
    outsourced: bool,
    drafted_by: Option<Uuid>,
}

impl Row {
    fn order(self) -> sqlx::Result<StoredOrder> {
        let asked =
            record(&self.record, |v, message: pb::WorkOrder| wire::order::decode(v, "order", message))?;
        Ok(StoredOrder {
            order: asked.order,
            version: self.version,
            is_cancelled: self.cancelled,
            is_outsourced: self.outsourced,
            drafted_by: self.drafted_by.map(OptimisationId::from_uuid),
        })
    }
}

fn uuids(ids: &[VisitId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

/// Locks orders, always in the same order, before any engineer. Those that are none are missing.
pub(crate) async fn lock(
    conn: &mut PgConnection,
    ids: &[VisitId],
) -> sqlx::Result<BTreeMap<VisitId, StoredOrder>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT record, version, cancelled, outsourced, drafted_by FROM work_order
          WHERE visit_id = ANY($1) ORDER BY visit_id FOR NO KEY UPDATE",
    )
    .bind(uuids(ids))
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.order().map(|stored| (stored.order.id(), stored))).collect()
}

/// The order that a visit is of, if it is of one.
pub(crate) async fn of_visit(conn: &mut PgConnection, visit: VisitId) -> sqlx::Result<Option<StoredOrder>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT record, version, cancelled, outsourced, drafted_by FROM work_order
          WHERE visit_id = $1 OR second_visit_id = $1",
    )
    .bind(visit.uuid())
    .fetch_optional(conn)
    .await?;
    row.map(Row::order).transpose()
}

/// What orders wait for. Ids that are none of orders are missing.
pub(crate) async fn after(
    conn: &mut PgConnection,
    ids: &[VisitId],
) -> sqlx::Result<BTreeMap<VisitId, Vec<VisitId>>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT record, version, cancelled, outsourced, drafted_by FROM work_order WHERE visit_id = ANY($1)",
    )
    .bind(uuids(ids))
    .fetch_all(conn)
    .await?;
    let after = |stored: StoredOrder| (stored.order.id(), stored.order.demand.after);
    rows.into_iter().map(|row| row.order().map(after)).collect()
}

/// Stores the order. Returns the new version, or `None` when nothing is different.
pub(crate) async fn put(conn: &mut PgConnection, order: &Order) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "INSERT INTO work_order (visit_id, second_visit_id, record) VALUES ($1, $2, $3)
         ON CONFLICT (visit_id) DO UPDATE
            SET record = excluded.record, version = work_order.version + 1, drafted_by = NULL, outsourced = false
          WHERE work_order.record <> excluded.record
         RETURNING version",
    )
    .bind(order.id().uuid())
    .bind(second_visit(order.id()).uuid())
    .bind(wire::order::encode(order).encode_to_vec())
    .fetch_optional(conn)
    .await
}

/// Calls an order off.
pub(crate) async fn cancel(conn: &mut PgConnection, id: VisitId) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE work_order SET cancelled = true, drafted_by = NULL, version = version + 1 WHERE visit_id = $1",
    )
    .bind(id.uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// The orders that are neither done nor called off, nor with a party, by id; at most so many.
pub(crate) async fn open(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<StoredOrder>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT record, version, cancelled, outsourced, drafted_by FROM work_order
          WHERE NOT cancelled AND NOT outsourced
            AND NOT EXISTS (SELECT FROM visit
                             WHERE visit.visit_id IN (work_order.visit_id, work_order.second_visit_id)
                               AND visit.state IN ('finished', 'unsolved'))
          ORDER BY visit_id LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::order).collect()
}

/// Orders by id, and how far each has come.
pub(crate) async fn list(
    conn: &mut PgConnection,
    listing: &Listing,
) -> sqlx::Result<Vec<(StoredOrder, Stage)>> {
    #[derive(sqlx::FromRow)]
    struct Staged {
        stage: String,
        #[sqlx(flatten)]
        row: Row,
    }
    let rows: Vec<Staged> = sqlx::query_as(
        "SELECT * FROM (
             SELECT o.visit_id, o.record, o.version, o.cancelled, o.outsourced, o.drafted_by,
                    CASE WHEN o.cancelled OR coalesce(bool_or(v.state IN ('finished', 'unsolved')), false)
                         THEN 'historic'
                         WHEN coalesce(bool_or(v.state IN ('held', 'booked', 'accepted', 'started')), false)
                         THEN 'published'
                         WHEN o.outsourced THEN 'outsourced'
                         WHEN o.drafted_by IS NOT NULL THEN 'draft' ELSE 'unplanned' END AS stage
               FROM work_order o LEFT JOIN visit v ON v.visit_id IN (o.visit_id, o.second_visit_id)
              WHERE ($2::uuid IS NULL OR o.visit_id > $2) AND ($4::uuid IS NULL OR o.visit_id = $4)
              GROUP BY o.visit_id) AS staged
          WHERE $1::text IS NULL OR stage = $1
          ORDER BY visit_id LIMIT $3",
    )
    .bind(listing.stage.map(Stage::name))
    .bind(listing.after.map(VisitId::uuid))
    .bind(listing.most)
    .bind(listing.id.map(VisitId::uuid))
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|Staged { stage, row }| {
            let stage = stage.parse().map_err(|rule: meridian_types::Rule| unreadable("stage", rule))?;
            Ok((row.order()?, stage))
        })
        .collect()
}

/// Remembers which orders a draft plans; what an older draft said of them no longer counts.
pub(crate) async fn draft(
    conn: &mut PgConnection,
    optimisation: OptimisationId,
    planned: &[VisitId],
) -> sqlx::Result<()> {
    sqlx::query("UPDATE work_order SET drafted_by = $1 WHERE visit_id = ANY($2) AND NOT cancelled")
        .bind(optimisation.uuid())
        .bind(uuids(planned))
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets which orders a draft plans.
pub(crate) async fn undraft(conn: &mut PgConnection, optimisation: OptimisationId) -> sqlx::Result<()> {
    sqlx::query("UPDATE work_order SET drafted_by = NULL WHERE drafted_by = $1")
        .bind(optimisation.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Remembers that parties do these orders.
pub(crate) async fn outsource(conn: &mut PgConnection, ids: &[VisitId]) -> sqlx::Result<()> {
    sqlx::query("UPDATE work_order SET outsourced = true, version = version + 1 WHERE visit_id = ANY($1)")
        .bind(uuids(ids))
        .execute(conn)
        .await?;
    Ok(())
}

/// Which of these are orders that a party does, unless they were called off.
pub(crate) async fn outsourced_among(conn: &mut PgConnection, ids: &[VisitId]) -> sqlx::Result<Vec<VisitId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT visit_id FROM work_order WHERE visit_id = ANY($1) AND outsourced AND NOT cancelled",
    )
    .bind(uuids(ids))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(VisitId::from_uuid).collect())
}

/// Whether it is the id of a visit of an order, of the first engineer or the second.
pub(crate) async fn has_visit(conn: &mut PgConnection, id: VisitId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM work_order WHERE visit_id = $1)
             OR EXISTS (SELECT FROM work_order WHERE second_visit_id = $1)",
    )
    .bind(id.uuid())
    .fetch_one(conn)
    .await
}

/// Until the end of the transaction nobody [holds](keep_from_becoming_orders) a visit.
pub(crate) async fn keep_from_being_held(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtext('meridian visits or orders'), hashtext(current_schema()))",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Until the end of the transaction no id becomes that of an order.
pub(crate) async fn keep_from_becoming_orders(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock_shared(hashtext('meridian visits or orders'), hashtext(current_schema()))",
    )
    .execute(conn)
    .await?;
    Ok(())
}
