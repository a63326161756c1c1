//! Up to where the outbox is settled: which of its rows can be numbered for good.
//!
//! Sequence numbers are drawn in one order and become visible in another. A cursor that simply moved to the highest
//! visible number would skip those that become visible later.

use sqlx::PgConnection;

/// Everything up to a sequence number is committed or will never be.
///
/// A number is drawn by a transaction that has its id already. So whoever drew a number up to `last` did so before
/// `last` was read, and has a lower transaction id than the next one read after that; once all those transactions
/// have ended, nothing up to `last` can appear any more.
#[derive(Debug)]
pub(crate) struct Horizon {
    settled: i64,
    /// Settled when all transactions below the id have ended.
    awaited: Option<Awaited>,
}

#[derive(Debug)]
struct Awaited {
    last: i64,
    next_xid: i64,
}

impl Horizon {
    /// A horizon that is known to be settled up to `settled`.
    pub(crate) const fn at(settled: i64) -> Self {
        Self { settled, awaited: None }
    }

    /// Looks how far the outbox is settled now.
    pub(crate) async fn look(&mut self, conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
        // First the sequence, then, in a snapshot taken later, the transactions.
        let last: i64 = sqlx::query_scalar(
            "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_seq",
        )
        .fetch_one(&mut *conn)
        .await?;
        if last > self.settled {
            let (oldest_open_xid, next_xid) = sqlx::query_as(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                        pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
            )
            .fetch_one(conn)
            .await?;
            self.advance(last, oldest_open_xid, next_xid);
        }
        Ok(self.settled)
    }

    fn advance(&mut self, last: i64, oldest_open_xid: i64, next_xid: i64) {
        if let Some(awaited) = self.awaited.take_if(|awaited| awaited.next_xid <= oldest_open_xid) {
            self.settled = awaited.last;
        }
        if next_xid <= oldest_open_xid {
            self.settled = last;
        } else if self.awaited.is_none() && last > self.settled {
            self.awaited = Some(Awaited { last, next_xid });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_settled_while_an_older_transaction_is_open() {
        let mut horizon = Horizon::at(10);
        // Transaction 7 is open, 9 would be next; it may have drawn any number up to 12.
        horizon.advance(12, 7, 9);
        assert_eq!(horizon.settled, 10);
        // It is open still; 9 and 10 have come and gone and drew up to 14.
        horizon.advance(14, 7, 11);
        assert_eq!(horizon.settled, 10);
        // It has ended, 11 is open.
        horizon.advance(15, 11, 12);
        assert_eq!(horizon.settled, 12);
        // 11 may hold a number up to 15; then nobody is left.
        horizon.advance(15, 11, 13);
        assert_eq!(horizon.settled, 12);
        horizon.advance(16, 13, 13);
        assert_eq!(horizon.settled, 16);
    }
}
