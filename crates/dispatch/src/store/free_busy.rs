//! What takes the time of this region's engineers: open visits and absences.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use meridian_scheduler::workforce::FreeBusy;
use meridian_types::{EngineerId, Interval};
use sqlx::PgConnection;

use super::{interval, parsed};

#[derive(sqlx::FromRow)]
struct Row {
    engineer_id: String,
    is_absence: bool,
    starts: Timestamp,
    ends: Timestamp,
}

/// Everything of one engineer that has not ended at `now`.
pub(crate) async fn after(
    conn: &mut PgConnection,
    engineer: &EngineerId,
    now: jiff::Timestamp,
) -> sqlx::Result<FreeBusy> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT engineer_id, false AS is_absence, lower(takes) AS starts, upper(takes) AS ends
           FROM (SELECT engineer_id, state, coalesce(away, during) AS takes FROM visit) AS visit
          WHERE engineer_id = $1 AND state IN ('held', 'booked', 'accepted', 'started') AND upper(takes) > $2
         UNION ALL
         SELECT engineer_id, true, lower(during), upper(during) FROM absence
          WHERE engineer_id = $1 AND upper(during) > $2",
    )
    .bind(engineer.as_str())
    .bind(now.to_sqlx())
    .fetch_all(conn)
    .await?;
    Ok(by_engineer(rows)?.remove(engineer).unwrap_or_default())
}

/// Everything of every engineer that touches `window`.
pub(crate) async fn within(
    conn: &mut PgConnection,
    window: Interval,
) -> sqlx::Result<BTreeMap<EngineerId, FreeBusy>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT engineer_id, false AS is_absence, lower(takes) AS starts, upper(takes) AS ends
           FROM (SELECT engineer_id, state, coalesce(away, during) AS takes FROM visit) AS visit
          WHERE state IN ('held', 'booked', 'accepted', 'started') AND takes && tstzrange($1, $2, '[)')
         UNION ALL
         SELECT engineer_id, true, lower(during), upper(during) FROM absence
          WHERE during && tstzrange($1, $2, '[)')",
    )
    .bind(window.start().to_sqlx())
    .bind(window.end().to_sqlx())
    .fetch_all(conn)
    .await?;
    by_engineer(rows)
}

fn by_engineer(rows: Vec<Row>) -> sqlx::Result<BTreeMap<EngineerId, FreeBusy>> {
    let mut spans: BTreeMap<EngineerId, [Vec<Interval>; 2]> = BTreeMap::new();
    for row in rows {
        let span = interval("during", row.starts, row.ends)?;
        let of_engineer = spans.entry(parsed("engineer_id", &row.engineer_id)?).or_default();
        of_engineer[usize::from(row.is_absence)].push(span);
    }
    let joined = spans.into_iter().map(|(engineer, [busy, absent])| {
        (engineer, FreeBusy { busy: busy.into_iter().collect(), absent: absent.into_iter().collect() })
    });
    Ok(joined.collect())
}
