//! Table `support_case`. A case is always read together with its facts and its latest referral.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, CountryCode, CustomerId, PersonId, PlanId, Rule, SerialNumber, SiteId};
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{case_fact, public_weekend, readable, referral, unknown};
use crate::domain::case::{Case, CaseState, PlanRevision, Progress, Resolution, Stage};
use crate::domain::directory::Zone;
use crate::domain::need::Need;
use crate::domain::responsibility::{Priority, Responsibility};
use crate::error::Error;

/// One statement, and so one snapshot: a case is never seen half changed.
const SELECT: &str =
    "SELECT c.case_id, c.customer_id, c.person_id, p.zone, cu.country, w.days AS weekend, c.office, c.need, c.priority, c.state,
        c.owner, c.next_action, c.due_at, c.plan_id, c.plan_revision, c.opened_at, c.closed_at, c.resolution,
        c.version,
        (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
           FROM case_fact f WHERE f.case_id = c.case_id AND f.standing <> 'history') AS facts,
        (SELECT to_jsonb(r) || jsonb_build_object('party_name', t.name)
           FROM referral r JOIN party t USING (party_id)
          WHERE r.case_id = c.case_id ORDER BY r.number DESC LIMIT 1) AS referral
   FROM support_case c JOIN person p USING (person_id)
   JOIN customer cu ON cu.customer_id = c.customer_id
   LEFT JOIN public_weekend w ON w.country = cu.country";

#[derive(sqlx::FromRow)]
struct Row {
    case_id: Uuid,
    customer_id: String,
    person_id: String,
    zone: String,
    country: String,
    weekend: Option<Vec<i16>>,
    office: String,
    need: Json<Need>,
    priority: String,
    state: String,
    owner: Option<String>,
    next_action: Option<String>,
    due_at: Option<jiff_sqlx::Timestamp>,
    plan_id: Option<Uuid>,
    plan_revision: Option<i32>,
    opened_at: jiff_sqlx::Timestamp,
    closed_at: Option<jiff_sqlx::Timestamp>,
    resolution: Option<String>,
    version: i64,
    facts: Json<Vec<case_fact::Row>>,
    referral: Option<Json<referral::Row>>,
}

impl Row {
    fn case(self) -> Result<Case, Error> {
        let progress = self.progress()?;
        let country = readable("customer.country", CountryCode::parse(&self.country))?;
        let plan_id = self.plan_id.map(PlanId::from_uuid);
        let plan =
            plan_id.zip(self.plan_revision).map(|(plan_id, revision)| PlanRevision { plan_id, revision });
        Ok(Case {
            case_id: CaseId::from_uuid(self.case_id),
            customer_id: readable("support_case.customer_id", CustomerId::parse(&self.customer_id))?,
            person_id: readable("support_case.person_id", PersonId::parse(&self.person_id))?,
            zone: readable("person.zone", Zone::parse(&self.zone))?,
            weekend: public_weekend::weekend(self.weekend, &country)?,
            office: readable("support_case.office", SiteId::parse(&self.office))?,
            need: self.need.0,
            priority: priority(&self.priority)?,
            progress,
            facts: case_fact::book(self.facts.0)?,
            plan,
            referral: self.referral.map(|Json(row)| row.referral()).transpose()?,
            opened_at: self.opened_at.to_jiff(),
            version: self.version,
        })
    }

    fn progress(&self) -> Result<Progress, Error> {
        let stage = match self.state.as_str() {
            "closed" => return self.closed(),
            "open" => Stage::Open,
            "in_progress" => Stage::InProgress,
            "referral_offered" => Stage::ReferralOffered,
            "referred" => Stage::Referred,
            "parked" => Stage::Parked,
            state => return Err(unknown("support_case.state", state)),
        };
        let owner = self.owner.as_deref().unwrap_or_default();
        let next_action = self.next_action.as_deref().unwrap_or_default();
        let responsibility = self
            .due_at
            .ok_or(Rule::new("an open case has a due time"))
            .and_then(|due| Responsibility::new(owner, next_action, due.to_jiff()));
        Ok(Progress::Active { stage, responsibility: readable("support_case.due_at", responsibility)? })
    }

    fn closed(&self) -> Result<Progress, Error> {
        let at = self.closed_at.ok_or(Rule::new("a closed case has a time of closing"));
        Ok(Progress::Closed {
            resolution: match self.resolution.as_deref().unwrap_or_default() {
                "solved" => Resolution::Solved,
                "referred" => Resolution::Referred,
                "withdrawn" => Resolution::Withdrawn,
                resolution => return Err(unknown("support_case.resolution", resolution)),
            },
            at: readable("support_case.closed_at", at)?.to_jiff(),
        })
    }
}

fn priority(word: &str) -> Result<Priority, Error> {
    match word {
        "critical" => Ok(Priority::Critical),
        "high" => Ok(Priority::High),
        "normal" => Ok(Priority::Normal),
        word => Err(unknown("support_case.priority", word)),
    }
}

const fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Critical => "critical",
        Priority::High => "high",
        Priority::Normal => "normal",
    }
}

const fn state_word(state: CaseState) -> &'static str {
    match state {
        CaseState::Active(Stage::Open) => "open",
        CaseState::Active(Stage::InProgress) => "in_progress",
        CaseState::Active(Stage::ReferralOffered) => "referral_offered",
        CaseState::Active(Stage::Referred) => "referred",
        CaseState::Active(Stage::Parked) => "parked",
        CaseState::Closed => "closed",
    }
}

const fn resolution_word(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Solved => "solved",
        Resolution::Referred => "referred",
        Resolution::Withdrawn => "withdrawn",
    }
}

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct CaseFilter {
    pub(crate) state: Option<CaseState>,
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) due_before: Option<Timestamp>,
    /// Only what comes after this one, newest first.
    pub(crate) after: Option<CasePosition>,
}

/// Where a case stands in the list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CasePosition {
    pub(crate) opened_at: Timestamp,
    pub(crate) case_id: CaseId,
}

/// One case.
pub(crate) async fn find(conn: &mut PgConnection, id: CaseId) -> Result<Option<Case>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" WHERE c.case_id = ").push_bind(id.uuid());
    Ok(fetch(conn, query).await?.pop())
}

/// One case, locked until the transaction ends. Its facts and referral change only under this lock.
pub(crate) async fn find_for_update(conn: &mut PgConnection, id: CaseId) -> Result<Option<Case>, Error> {
    sqlx::query("SELECT FROM support_case WHERE case_id = $1 FOR UPDATE")
        .bind(id.uuid())
        .execute(&mut *conn)
        .await?;
    // A new statement sees what whoever held the lock before has committed.
    find(conn, id).await
}

/// The cases that pass the filter, newest first.
pub(crate) async fn list(
    conn: &mut PgConnection,
    filter: &CaseFilter,
    limit: i64,
) -> Result<Vec<Case>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" WHERE true");
    if let Some(state) = filter.state {
        query.push(" AND c.state = ").push_bind(state_word(state));
    }
    if let Some(customer_id) = &filter.customer_id {
        query.push(" AND c.customer_id = ").push_bind(customer_id.as_str());
    }
    if let Some(due_before) = filter.due_before {
        query.push(" AND c.state <> 'closed' AND c.due_at < ").push_bind(due_before.to_sqlx());
    }
    if let Some(after) = filter.after {
        query.push(" AND (c.opened_at, c.case_id) < (").push_bind(after.opened_at.to_sqlx());
        query.push(", ").push_bind(after.case_id.uuid()).push(")");
    }
    query.push(" ORDER BY c.opened_at DESC, c.case_id DESC LIMIT ").push_bind(limit);
    fetch(conn, query).await
}

/// The open cases of customers, newest first, at most `limit` of each customer.
pub(crate) async fn open_of_customers(
    conn: &mut PgConnection,
    customers: &[&CustomerId],
    limit: i64,
) -> Result<Vec<Case>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query
        .push(" WHERE c.case_id IN (SELECT newest.case_id FROM unnest(")
        .push_bind(customers.iter().map(|id| id.as_str()).collect::<Vec<_>>())
        .push(
            "::text[]) AS wanted (customer_id) CROSS JOIN LATERAL (
              SELECT case_id FROM support_case
               WHERE support_case.customer_id = wanted.customer_id AND state <> 'closed'
               ORDER BY opened_at DESC, case_id DESC LIMIT ",
        )
        .push_bind(limit)
        .push(") AS newest) ORDER BY c.opened_at DESC, c.case_id DESC");
    fetch(conn, query).await
}

/// The open cases about an instrument, newest first.
pub(crate) async fn open_of_instrument(
    conn: &mut PgConnection,
    serial_number: &SerialNumber,
    limit: i64,
) -> Result<Vec<Case>, Error> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(" WHERE c.state <> 'closed' AND c.serial_number = ").push_bind(serial_number.as_str());
    query.push(" ORDER BY c.opened_at DESC, c.case_id DESC LIMIT ").push_bind(limit);
    fetch(conn, query).await
}

async fn fetch(conn: &mut PgConnection, mut query: QueryBuilder<Postgres>) -> Result<Vec<Case>, Error> {
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    rows.into_iter().map(Row::case).collect()
}

/// Adds a case, or replaces what changes about it when `case.version` is the next one. Facts and referral are stored
/// by their own modules.
pub(crate) async fn put(conn: &mut PgConnection, case: &Case) -> Result<(), Error> {
    let (responsibility, closed) = match &case.progress {
        Progress::Active { responsibility, .. } => (Some(responsibility), None),
        Progress::Closed { resolution, at } => (None, Some((*resolution, *at))),
    };
    let done = sqlx::query(
        "INSERT INTO support_case
                (case_id, customer_id, person_id, office, need, priority, state, owner, next_action, due_at, plan_id,
                 plan_revision, opened_at, closed_at, resolution, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (case_id) DO UPDATE
            SET need = excluded.need, state = excluded.state, owner = excluded.owner,
                next_action = excluded.next_action, due_at = excluded.due_at, plan_id = excluded.plan_id,
                plan_revision = excluded.plan_revision, closed_at = excluded.closed_at,
                resolution = excluded.resolution, version = excluded.version
          WHERE support_case.version = excluded.version - 1",
    )
    .bind(case.case_id.uuid())
    .bind(case.customer_id.as_str())
    .bind(case.person_id.as_str())
    .bind(case.office.as_str())
    .bind(Json(&case.need))
    .bind(priority_word(case.priority))
    .bind(state_word(case.progress.state()))
    .bind(responsibility.map(Responsibility::owner))
    .bind(responsibility.map(Responsibility::next_action))
    .bind(responsibility.map(|responsibility| responsibility.due().to_sqlx()))
    .bind(case.plan.map(|plan| plan.plan_id.uuid()))
    .bind(case.plan.map(|plan| plan.revision))
    .bind(case.opened_at.to_sqlx())
    .bind(closed.map(|(_, at)| at.to_sqlx()))
    .bind(closed.map(|(resolution, _)| resolution_word(resolution)))
    .bind(case.version)
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Corrupt {
            column: "support_case.version",
            rule: format!("{} was changed without its lock", case.case_id),
        })
    }
}
