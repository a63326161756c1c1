//! Up to where the outbox is settled: which of its rows can be numbered for good.
//!
//! Sequence numbers are drawn in one order and become visible in another. A cursor that simply moved to the highest
//! visible number would skip those that become visible later.

use sqlx::PgConnection;

/// Everything up to a sequence number is committed or will never be.
#[derive(Debug)]
pub(crate) struct Horizon {
    settled: i64,
    awaited: Option<Awaited>,
}

/// Whoever drew a number up to `last` has a transaction id below `xid`, because `xid` was given out after `last` was
/// read. Once all of those have ended, nothing up to `last` can appear any more.
#[derive(Debug)]
struct Awaited {
    last: i64,
    xid: i64,
}

impl Horizon {
    /// A horizon that is known to be settled up to `settled`.
    pub(crate) const fn at(settled: i64) -> Self {
        Self { settled, awaited: None }
    }

    /// Looks how far the outbox is settled now.
    pub(crate) async fn look(&mut self, conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
        if self.awaited.is_none() {
            let last = last_drawn(conn).await?;
            if last <= self.settled {
                return Ok(self.settled);
            }
            self.awaited = Some(Awaited { last, xid: fresh_xid(conn).await? });
        }
        let ended = all_ended_below(conn).await?;
        if let Some(awaited) = self.awaited.take_if(|awaited| awaited.xid <= ended) {
            self.settled = awaited.last;
        }
        Ok(self.settled)
    }
}

/// The sequence number that was drawn last.
async fn last_drawn(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_seq")
        .fetch_one(conn)
        .await
}

/// A transaction id higher than all given out so far. The highest of a snapshot is none: that is the highest which
/// has *ended*, and open ones may be above it.
async fn fresh_xid(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_current_xact_id()::text::bigint").fetch_one(conn).await
}

/// The id below which no transaction is open.
async fn all_ended_below(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetch_one(conn).await
}
