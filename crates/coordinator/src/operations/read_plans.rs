//! Reading plans, promises and counts.

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, PlanId, PromiseId};
use sqlx::{PgConnection, PgExecutor};

use crate::domain::Stage;
use crate::error::Error;
use crate::store::offered_solution;
use crate::store::plan::{self, Stored};
use crate::store::promise::{self, Promise};
use crate::wire;

/// A case that is parked for longer needs somebody's eyes.
const PARKED_ALARM: SignedDuration = SignedDuration::from_hours(24);

/// A plan with its present solution.
pub(crate) async fn message(executor: impl PgExecutor<'_>, stored: &Stored) -> Result<pb::Plan, Error> {
    let solution = offered_solution::message(executor, stored.plan.chosen.solution_id).await?;
    Ok(wire::plan::plan(&stored.plan, solution, stored.version))
}

/// Which plan is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    Plan(PlanId),
    /// The open plan of a case, else its last.
    OfCase(CaseId),
}

/// A plan.
///
/// # Errors
/// `PlanNotFound`.
pub(crate) async fn get_plan(conn: &mut PgConnection, which: Which) -> Result<pb::Plan, Error> {
    let (stored, id) = match which {
        Which::Plan(plan_id) => (plan::find(conn, plan_id).await?, plan_id.to_string()),
        Which::OfCase(case_id) => (plan::of_case(conn, case_id).await?, format!("of {case_id}")),
    };
    message(conn, &stored.ok_or(Error::PlanNotFound(id))?).await
}

/// A page of a list, and where the next one begins.
#[derive(Debug)]
pub(crate) struct Page<M, Place> {
    pub(crate) entries: Vec<M>,
    pub(crate) next: Option<Place>,
}

/// One entry more than fits on a page says that there is another page.
fn cut<T, Place>(mut rows: Vec<T>, size: i64, place: impl Fn(&T) -> Place) -> (Vec<T>, Option<Place>) {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(place);
    (rows, next)
}

/// Plans, newest first.
pub(crate) async fn list_plans(
    conn: &mut PgConnection,
    state: Option<&str>,
    after: Option<(Timestamp, PlanId)>,
    size: i64,
) -> Result<Page<pb::Plan, (Timestamp, PlanId)>, Error> {
    let rows = plan::page(conn, state, after, size + 1).await?;
    let (rows, next) = cut(rows, size, |stored| (stored.opened_at, stored.plan.plan_id));
    let mut entries = Vec::with_capacity(rows.len());
    for stored in &rows {
        entries.push(message(&mut *conn, stored).await?);
    }
    Ok(Page { entries, next })
}

/// What is parked, the oldest first.
pub(crate) async fn list_parked(
    conn: &mut PgConnection,
    after: Option<(Timestamp, PlanId)>,
    size: i64,
    now: Timestamp,
) -> Result<Page<pb::ParkedCase, (Timestamp, PlanId)>, Error> {
    let since = |stored: &Stored| match stored.plan.stage() {
        Some(Stage::Parked { since, .. }) => since,
        _ => stored.opened_at,
    };
    let rows = plan::parked_page(conn, after, size + 1).await?;
    let (rows, next) = cut(rows, size, |stored| (since(stored), stored.plan.plan_id));
    let mut entries = Vec::with_capacity(rows.len());
    for stored in &rows {
        let reason = match stored.plan.stage() {
            Some(Stage::Parked { reason, .. }) => wire::plan::disruption_text(reason),
            _ => "",
        };
        entries.push(pb::ParkedCase {
            plan: Some(message(&mut *conn, stored).await?),
            reason: reason.to_owned(),
            parked_at: Some(encode::timestamp(since(stored))),
            overdue: now.duration_since(since(stored)) > PARKED_ALARM,
        });
    }
    Ok(Page { entries, next })
}

/// Promises, oldest first.
pub(crate) async fn list_promises(
    conn: &mut PgConnection,
    (case_id, state): (Option<CaseId>, Option<&str>),
    after: Option<(Timestamp, PromiseId)>,
    size: i64,
) -> Result<Page<pb::Promise, (Timestamp, PromiseId)>, Error> {
    let rows = promise::page(conn, case_id, state, after, size + 1).await?;
    let (rows, next) = cut(rows, size, |promise| (promise.made_at, promise.promise_id));
    Ok(Page { entries: rows.into_iter().map(promise_message).collect(), next })
}

fn promise_message(promise: Promise) -> pb::Promise {
    pb::Promise {
        promise_id: promise.promise_id.to_string(),
        case_id: promise.case_id.to_string(),
        revision: promise.revision,
        promised_at: Some(encode::timestamp(promise.promised_at)),
        zone: promise.zone,
        state: wire::plan::promise_state(&promise.state).into(),
        replaces_promise_id: promise.replaces.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// Plans and promises by state.
pub(crate) async fn summarise(conn: &mut PgConnection) -> Result<pb::SummariseResponse, Error> {
    let plans = plan::count(conn).await?.into_iter();
    let promises = promise::count(conn).await?.into_iter();
    Ok(pb::SummariseResponse {
        plans: plans
            .map(|(word, plans)| pb::PlanCount { state: wire::plan::plan_state(&word).into(), plans })
            .collect(),
        promises: promises
            .map(|(word, promises)| pb::PromiseCount {
                state: wire::plan::promise_state(&word).into(),
                promises,
            })
            .collect(),
        plans_without_responsibility: plan::count_without_responsibility(conn).await?,
    })
}
