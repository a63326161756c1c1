//! Visits.

use jiff_sqlx::{Timestamp, ToSqlx};
use meridian_scheduler::workforce::{Level, SkillNeeded};
use meridian_types::{CaseId, EngineerId, Interval, VisitId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{interval, parsed, unreadable};
use crate::domain::claim::{Claim, Stay};
use crate::domain::visit::{Visit, VisitState};

/// What stands under a visit's id.
#[derive(Debug)]
pub(crate) enum Found {
    Visit(Box<Visit>),
    /// It was cancelled before anybody held it.
    NeverHeld,
}

impl Found {
    /// Grows with every change.
    pub(crate) const fn version(&self) -> i64 {
        match self {
            Self::Visit(visit) => visit.version,
            Self::NeverHeld => 1,
        }
    }
}

/// Which visits to list, by start and id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pub(crate) engineer: Option<EngineerId>,
    pub(crate) case: Option<CaseId>,
    /// After the visit with this start and id.
    pub(crate) after: Option<(jiff::Timestamp, VisitId)>,
    pub(crate) most: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    visit_id: Uuid,
    state: String,
    version: i64,
    #[sqlx(flatten)]
    claimed: Claimed,
}

/// The columns that a visit which was never held does not have.
#[derive(sqlx::FromRow)]
struct Claimed {
    case_id: Option<Uuid>,
    engineer_id: Option<String>,
    site_id: Option<String>,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    work_starts: Option<Timestamp>,
    work_ends: Option<Timestamp>,
    skill_id: Option<String>,
    level: Option<i16>,
    expires_at: Option<Timestamp>,
    lodging_site_id: Option<String>,
    away_starts: Option<Timestamp>,
    away_ends: Option<Timestamp>,
}

macro_rules! select_visits {
    ($rest:literal) => {
        concat!(
            "SELECT visit_id, state, version, case_id, engineer_id, site_id, lower(during) AS starts, \
             upper(during) AS ends, lower(work) AS work_starts, upper(work) AS work_ends, skill_id, level, \
             expires_at, lodging_site_id, lower(away) AS away_starts, upper(away) AS away_ends FROM visit ",
            $rest
        )
    };
}

impl Row {
    /// `None` for one that was never held.
    fn visit(self) -> sqlx::Result<Option<Visit>> {
        let Claimed { case_id, engineer_id, site_id, skill_id, level, expires_at, lodging_site_id, .. } =
            self.claimed;
        let away = self.claimed.away_starts.zip(self.claimed.away_ends);
        let stay = lodging_site_id.zip(away).map(|(lodging, away)| stay(&lodging, away)).transpose()?;
        let bounds = (
            self.claimed.starts.zip(self.claimed.ends),
            self.claimed.work_starts.zip(self.claimed.work_ends),
        );
        // The database checks that they are there all or none.
        let (
            Some(case),
            Some(engineer),
            Some(site),
            (Some(during), Some(work)),
            Some(skill),
            Some(level),
            Some(expires_at),
        ) = (case_id, engineer_id, site_id, bounds, skill_id, level, expires_at)
        else {
            return Ok(None);
        };
        let level = Level::new(level.into()).map_err(|rule| unreadable("level", rule))?;
        let claim = Claim {
            visit: VisitId::from_uuid(self.visit_id),
            case: CaseId::from_uuid(case),
            engineer: parsed("engineer_id", &engineer)?,
            site: parsed("site_id", &site)?,
            during: interval("during", during.0, during.1)?,
            work: interval("work", work.0, work.1)?,
            skill: SkillNeeded { id: parsed("skill_id", &skill)?, level },
            stay,
        };
        let state = parsed("state", &self.state)?;
        Ok(Some(Visit { claim, state, expires_at: expires_at.to_jiff(), version: self.version }))
    }
}

fn stay(lodging: &str, away: (Timestamp, Timestamp)) -> sqlx::Result<Stay> {
    Ok(Stay { lodging: parsed("lodging_site_id", lodging)?, away: interval("away", away.0, away.1)? })
}

fn visits(rows: Vec<Row>) -> sqlx::Result<Vec<Visit>> {
    rows.into_iter().filter_map(|row| row.visit().transpose()).collect()
}

/// What stands under the id.
pub(crate) async fn find(conn: &mut PgConnection, id: VisitId) -> sqlx::Result<Option<Found>> {
    let row: Option<Row> =
        sqlx::query_as(select_visits!("WHERE visit_id = $1")).bind(id.uuid()).fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(row.visit()?.map_or(Found::NeverHeld, |visit| Found::Visit(Box::new(visit)))))
}

/// As [`find`], after locking the row of the visit's engineer: until the end of the transaction nobody else
/// changes the visit.
pub(crate) async fn find_locked(conn: &mut PgConnection, id: VisitId) -> sqlx::Result<Option<Found>> {
    sqlx::query(
        "SELECT FROM engineer
          WHERE engineer_id = (SELECT engineer_id FROM visit WHERE visit_id = $1) FOR NO KEY UPDATE",
    )
    .bind(id.uuid())
    .execute(&mut *conn)
    .await?;
    // Read anew: what was seen before the lock may be old.
    find(conn, id).await
}

/// Holds the visit. `false` when its id or the engineer's time is taken; what is in the way has then been
/// committed.
pub(crate) async fn insert(conn: &mut PgConnection, visit: &Visit) -> sqlx::Result<bool> {
    let Claim { visit: id, case, engineer, site, during, work, skill, stay: _ } = &visit.claim;
    let done = sqlx::query(
        "INSERT INTO visit (visit_id, case_id, engineer_id, site_id, during, work, skill_id, level, state, expires_at,
                            version)
         VALUES ($1, $2, $3, $4, tstzrange($5, $6, '[)'), tstzrange($7, $8, '[)'), $9, $10, $11, $12, $13)
         ON CONFLICT DO NOTHING",
    )
    .bind(id.uuid())
    .bind(case.uuid())
    .bind(engineer.as_str())
    .bind(site.as_str())
    .bind(during.start().to_sqlx())
    .bind(during.end().to_sqlx())
    .bind(work.start().to_sqlx())
    .bind(work.end().to_sqlx())
    .bind(skill.id.as_str())
    .bind(skill.level.number())
    .bind(visit.state.name())
    .bind(visit.expires_at.to_sqlx())
    .bind(visit.version)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Remembers that a visit was cancelled which nobody has held. `false` when the id is taken.
pub(crate) async fn insert_never_held(conn: &mut PgConnection, id: VisitId) -> sqlx::Result<bool> {
    let done =
        sqlx::query("INSERT INTO visit (visit_id, state) VALUES ($1, 'cancelled') ON CONFLICT DO NOTHING")
            .bind(id.uuid())
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Moves the visit on. Returns its new version.
pub(crate) async fn set_state(conn: &mut PgConnection, id: VisitId, state: VisitState) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "UPDATE visit SET state = $2, version = version + 1 WHERE visit_id = $1 RETURNING version",
    )
    .bind(id.uuid())
    .bind(state.name())
    .fetch_one(conn)
    .await
}

/// The open visits of an engineer for which they are not free `during`, by start.
pub(crate) async fn open_during(
    conn: &mut PgConnection,
    engineer: &EngineerId,
    during: Interval,
) -> sqlx::Result<Vec<Visit>> {
    let sql = select_visits!(
        "WHERE engineer_id = $1 AND state IN ('held', 'booked', 'accepted', 'started')
           AND coalesce(away, during) && tstzrange($2, $3, '[)') ORDER BY lower(during)"
    );
    of_engineer(conn, sql, engineer, during).await
}

/// The open visits of an engineer that cannot be when the engineer is absent `during`, by start: they take some of that time,
/// or come after it on the same trip.
pub(crate) async fn hindered(
    conn: &mut PgConnection,
    engineer: &EngineerId,
    during: Interval,
) -> sqlx::Result<Vec<Visit>> {
    let sql = select_visits!(
        "WHERE engineer_id = $1 AND state IN ('held', 'booked', 'accepted', 'started')
           AND tstzrange(lower(coalesce(away, during)), upper(during), '[)') && tstzrange($2, $3, '[)')
         ORDER BY lower(during)"
    );
    of_engineer(conn, sql, engineer, during).await
}

/// What a query finds of an engineer ($1) and a time ($2 to $3).
async fn of_engineer(
    conn: &mut PgConnection,
    sql: &'static str,
    engineer: &EngineerId,
    during: Interval,
) -> sqlx::Result<Vec<Visit>> {
    let rows = sqlx::query_as(sql)
        .bind(engineer.as_str())
        .bind(during.start().to_sqlx())
        .bind(during.end().to_sqlx())
        .fetch_all(conn)
        .await?;
    visits(rows)
}

/// The open visits that touch `window`, and those of work orders whenever they are; without claims that have expired at
/// `now`.
pub(crate) async fn open_for_planning(
    conn: &mut PgConnection,
    window: Interval,
    now: jiff::Timestamp,
) -> sqlx::Result<Vec<Visit>> {
    let rows = sqlx::query_as(select_visits!(
        "WHERE state IN ('held', 'booked', 'accepted', 'started') AND NOT (state = 'held' AND expires_at <= $3)
           AND (coalesce(away, during) && tstzrange($1, $2, '[)')
                OR visit_id IN (SELECT visit_id FROM work_order WHERE NOT cancelled
                                UNION ALL SELECT second_visit_id FROM work_order WHERE NOT cancelled))
         ORDER BY lower(during), visit_id"
    ))
    .bind(window.start().to_sqlx())
    .bind(window.end().to_sqlx())
    .bind(now.to_sqlx())
    .fetch_all(conn)
    .await?;
    visits(rows)
}

/// Visits by id; those that were never held are missing.
pub(crate) async fn by_ids(conn: &mut PgConnection, ids: &[VisitId]) -> sqlx::Result<Vec<Visit>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as(select_visits!("WHERE visit_id = ANY($1) ORDER BY visit_id"))
        .bind(ids)
        .fetch_all(conn)
        .await?;
    visits(rows)
}

/// Which of the ids are taken by visits, also by such as were never held.
pub(crate) async fn taken(conn: &mut PgConnection, ids: &[VisitId]) -> sqlx::Result<Vec<VisitId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let taken: Vec<Uuid> = sqlx::query_scalar("SELECT visit_id FROM visit WHERE visit_id = ANY($1)")
        .bind(ids)
        .fetch_all(conn)
        .await?;
    Ok(taken.into_iter().map(VisitId::from_uuid).collect())
}

/// The open visits of engineers for which they are not free in all of `window`.
pub(crate) async fn open_of(
    conn: &mut PgConnection,
    engineers: &[&EngineerId],
    window: Interval,
) -> sqlx::Result<Vec<Visit>> {
    let engineers: Vec<&str> = engineers.iter().map(|engineer| engineer.as_str()).collect();
    let rows = sqlx::query_as(select_visits!(
        "WHERE engineer_id = ANY($1) AND state IN ('held', 'booked', 'accepted', 'started')
           AND coalesce(away, during) && tstzrange($2, $3, '[)') ORDER BY lower(during), visit_id"
    ))
    .bind(engineers)
    .bind(window.start().to_sqlx())
    .bind(window.end().to_sqlx())
    .fetch_all(conn)
    .await?;
    visits(rows)
}

/// Takes visits out of their engineers' time until [`place`] puts each where it shall be.
pub(crate) async fn lift(conn: &mut PgConnection, ids: &[VisitId]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query("UPDATE visit SET state = 'cancelled' WHERE visit_id = ANY($1)")
        .bind(ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a visit where its claim says, whatever stood under its id. Returns the new version.
///
/// # Errors
/// The engineer's time is taken, which the constraint on visits says.
pub(crate) async fn place(
    conn: &mut PgConnection,
    claim: &Claim,
    state: VisitState,
    now: jiff::Timestamp,
) -> sqlx::Result<i64> {
    let Claim { visit: id, case, engineer, site, during, work, skill, stay } = claim;
    sqlx::query_scalar(
        "INSERT INTO visit (visit_id, case_id, engineer_id, site_id, during, work, skill_id, level, state, expires_at,
                            lodging_site_id, away)
         VALUES ($1, $2, $3, $4, tstzrange($5, $6, '[)'), tstzrange($7, $8, '[)'), $9, $10, $11, $12,
                 $13, CASE WHEN $13 IS NOT NULL THEN tstzrange($14, $15, '[)') END)
         ON CONFLICT (visit_id) DO UPDATE
            SET case_id = excluded.case_id, engineer_id = excluded.engineer_id, site_id = excluded.site_id,
                during = excluded.during, work = excluded.work, skill_id = excluded.skill_id,
                level = excluded.level, state = excluded.state, expires_at = excluded.expires_at,
                lodging_site_id = excluded.lodging_site_id, away = excluded.away,
                version = visit.version + 1
         RETURNING version",
    )
    .bind(id.uuid())
    .bind(case.uuid())
    .bind(engineer.as_str())
    .bind(site.as_str())
    .bind(during.start().to_sqlx())
    .bind(during.end().to_sqlx())
    .bind(work.start().to_sqlx())
    .bind(work.end().to_sqlx())
    .bind(skill.id.as_str())
    .bind(skill.level.number())
    .bind(state.name())
    .bind(now.to_sqlx())
    .bind(stay.as_ref().map(|stay| stay.lodging.as_str()))
    .bind(stay.as_ref().map(|stay| stay.away.start().to_sqlx()))
    .bind(stay.as_ref().map(|stay| stay.away.end().to_sqlx()))
    .fetch_one(conn)
    .await
}

/// The held visits of an engineer that have expired at `now`.
pub(crate) async fn overdue(
    conn: &mut PgConnection,
    engineer: &EngineerId,
    now: jiff::Timestamp,
) -> sqlx::Result<Vec<Visit>> {
    let rows = sqlx::query_as(select_visits!(
        "WHERE engineer_id = $1 AND state = 'held' AND expires_at <= $2 ORDER BY expires_at, visit_id"
    ))
    .bind(engineer.as_str())
    .bind(now.to_sqlx())
    .fetch_all(conn)
    .await?;
    visits(rows)
}

/// Visits by start and id.
pub(crate) async fn list(conn: &mut PgConnection, listing: &Listing) -> sqlx::Result<Vec<Visit>> {
    let (after_start, after_id) = listing.after.unzip();
    let rows = sqlx::query_as(select_visits!(
        "WHERE during IS NOT NULL AND ($1::text IS NULL OR engineer_id = $1) AND ($2::uuid IS NULL OR case_id = $2)
           AND ($3::timestamptz IS NULL OR (lower(during), visit_id) > ($3, $4))
         ORDER BY lower(during), visit_id LIMIT $5"
    ))
    .bind(listing.engineer.as_ref().map(EngineerId::as_str))
    .bind(listing.case.map(CaseId::uuid))
    .bind(after_start.map(ToSqlx::to_sqlx))
    .bind(after_id.map(VisitId::uuid))
    .bind(listing.most)
    .fetch_all(conn)
    .await?;
    visits(rows)
}

/// How many pairs of open visits of one engineer overlap, or of which one is elsewhere during the stay of the other, and how
/// many visits are open.
pub(crate) async fn audit(conn: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "WITH open AS (
             SELECT visit_id, engineer_id, during, coalesce(away, during) AS takes,
                    coalesce(lodging_site_id, '') AS lodging FROM visit
              WHERE state IN ('held', 'booked', 'accepted', 'started'))
         SELECT (SELECT count(*) FROM open a JOIN open b
                     ON a.engineer_id = b.engineer_id AND a.visit_id < b.visit_id
                    AND (a.during && b.during OR (a.lodging <> b.lodging AND a.takes && b.takes))),
                (SELECT count(*) FROM open)",
    )
    .fetch_one(conn)
    .await
}
