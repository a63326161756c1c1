//! Booking what a draft plans.
//!
//! The rows of the orders are locked, then those of all engineers whose time is at stake, each in one order. What each
//! visit shall be is decided then (`domain/publication.rs`, `domain/settlement.rs`); the constraint on visits has the last
//! word.

use std::collections::{BTreeMap, BTreeSet};

use meridian_chassis::decode;
use meridian_messaging::Work;
use meridian_scheduler::workforce::{Engineer, Spans};
use meridian_scheduler::workload::PlannedVisit;
use meridian_types::{EngineerId, Interval, OptimisationId, Problem, RegionId, Violations, VisitId};

use super::{announce, expire_visits};
use crate::domain::claim::Claim;
use crate::domain::optimisation::State;
use crate::domain::order::{StoredOrder, second_visit};
use crate::domain::publication::{MoveCause, Outcome, Refusal, Wish, outcome, still_open, why_moved};
use crate::domain::settlement::{Place, settle};
use crate::domain::visit::{Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::wire;

/// What became of an order.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) order: VisitId,
    pub(crate) outcome: Outcome,
    /// Why it is not as the draft says.
    pub(crate) refusal: Option<Refusal>,
}

/// Engineers with their absences, by id.
type Engineers = BTreeMap<EngineerId, (Engineer, Spans)>;

/// A draft as it was stored.
struct Drafted {
    versions: BTreeMap<VisitId, i64>,
    planned: BTreeMap<VisitId, PlannedVisit>,
    /// All orders that the draft speaks of.
    orders: Vec<VisitId>,
}

/// Books what the draft of an optimisation plans, as far as that is still possible. Tells what became of each order that
/// is planned, or was and no longer is.
pub(crate) async fn publish(
    work: &mut Work,
    region: &RegionId,
    id: OptimisationId,
) -> Result<Vec<Published>, Problem> {
    let drafted = drafted(work, id).await?;
    let stored = store::order::lock(work.conn(), &drafted.orders).await.map_err(Error::from)?;
    let ids: Vec<VisitId> = drafted.orders.iter().flat_map(|id| [*id, second_visit(*id)]).collect();
    let engineers = lock_engineers(work, region, &drafted, &ids).await?;
    let visits = store::visit::by_ids(work.conn(), &ids).await.map_err(Error::from)?;
    let fixed = fixed(work, &engineers, &drafted, &ids).await?;
    let decided = decide(&drafted, &stored, &visits, (&engineers, &fixed), work.now());
    carry_out(work, &decided, (&stored, &engineers)).await?;
    store::optimisation::set_published(work.conn(), id).await.map_err(Error::from)?;
    store::order::undraft(work.conn(), id).await.map_err(Error::from)?;
    let told = decided.into_iter().filter(|decided| decided.is_told);
    Ok(told.map(|Decided { order, outcome, refusal, .. }| Published { order, outcome, refusal }).collect())
}

async fn drafted(work: &mut Work, id: OptimisationId) -> Result<Drafted, Problem> {
    let stored = store::optimisation::lock(work.conn(), id).await.map_err(Error::from)?;
    let stored = stored.ok_or(Error::OptimisationNotFound(id))?;
    let state = stored.state;
    let draft = stored.draft.filter(|_| matches!(state, State::Succeeded | State::Cancelled));
    let draft = draft.ok_or(Error::NoDraft { id, state })?;
    let mut v = Violations::new();
    let planned = wire::draft::decode_visits(&mut v, "draft.visits", draft.visits);
    let planned = decode::complete(v, planned)?;
    let planned: BTreeMap<VisitId, PlannedVisit> =
        planned.into_iter().map(|visit| (visit.order, visit)).collect();
    let left: BTreeSet<VisitId> =
        draft.unplanned.iter().filter_map(|order| order.visit_id.parse().ok()).collect();
    let orders: BTreeSet<VisitId> = planned.keys().copied().chain(left).collect();
    Ok(Drafted { versions: stored.versions, planned, orders: orders.into_iter().collect() })
}

/// Everybody whose time is at stake, locked; with their absences.
async fn lock_engineers(
    work: &mut Work,
    region: &RegionId,
    drafted: &Drafted,
    ids: &[VisitId],
) -> Result<Engineers, Error> {
    // The orders are locked: their visits go to nobody else meanwhile.
    let visits = store::visit::by_ids(work.conn(), ids).await?;
    let mut names: BTreeSet<EngineerId> = visits.into_iter().map(|visit| visit.claim.engineer).collect();
    let stints = drafted.planned.values().flat_map(|visit| &visit.stints);
    names.extend(stints.map(|stint| stint.assignee.engineer.clone()));
    let span = span(drafted);
    let mut engineers = BTreeMap::new();
    for name in names {
        let Some(engineer) = store::engineer::lock(work.conn(), &name, region).await? else { continue };
        expire_visits::expire_overdue(work, &name).await?;
        let absent = match span {
            Some(span) => store::absence::overlapping(work.conn(), &name, span).await?,
            None => Spans::default(),
        };
        engineers.insert(name, (engineer, absent));
    }
    Ok(engineers)
}

/// From the first setting out to the last coming home of a draft.
fn span(drafted: &Drafted) -> Option<Interval> {
    let stints = || drafted.planned.values().flat_map(|visit| &visit.stints);
    let start = stints().map(|stint| stint.during.start()).min()?;
    let end = stints().map(|stint| stint.during.end()).max()?;
    Interval::new(start, end).ok()
}

/// Visits of the engineers that are none of the draft's orders.
async fn fixed(
    work: &mut Work,
    engineers: &Engineers,
    drafted: &Drafted,
    ids: &[VisitId],
) -> Result<Vec<(VisitId, Place)>, Error> {
    let Some(span) = span(drafted) else { return Ok(Vec::new()) };
    let names: Vec<&EngineerId> = engineers.keys().collect();
    let open = store::visit::open_of(work.conn(), &names, span).await?;
    let ids: BTreeSet<&VisitId> = ids.iter().collect();
    let others = open.into_iter().filter(|visit| !ids.contains(&visit.claim.visit));
    let place = |visit: Visit| {
        let Claim { visit, engineer, during, .. } = visit.claim;
        (visit, Place { engineer, during })
    };
    Ok(others.map(place).collect())
}

/// What becomes of an order, and what is to be done for that.
struct Decided {
    order: VisitId,
    outcome: Outcome,
    refusal: Option<Refusal>,
    /// Whether there is anything to tell: it is planned, or it had visits.
    is_told: bool,
    /// Its open visits, when they change.
    lifted: Vec<Visit>,
    /// What they are instead.
    placed: Vec<(Claim, VisitState)>,
}

fn decide(
    drafted: &Drafted,
    stored: &BTreeMap<VisitId, StoredOrder>,
    visits: &[Visit],
    (engineers, fixed): (&Engineers, &[(VisitId, Place)]),
    now: jiff::Timestamp,
) -> Vec<Decided> {
    let by_id: BTreeMap<VisitId, &Visit> = visits.iter().map(|visit| (visit.claim.visit, visit)).collect();
    let open = |id: VisitId| {
        let both = [id, second_visit(id)];
        let found: Vec<&Visit> = both.iter().filter_map(|id| by_id.get(id).copied()).collect();
        found.into_iter().filter(|visit| visit.state.is_open()).collect()
    };
    let wishes: Vec<Wish<'_>> = drafted
        .orders
        .iter()
        .map(|id| Wish {
            id: *id,
            order: still_open(stored.get(id), visits),
            drafted_version: drafted.versions.get(id).copied(),
            visits: open(*id),
            planned: drafted.planned.get(id),
        })
        .collect();
    let claims: Vec<Vec<Claim>> = wishes.iter().map(Wish::claims).collect();
    let refusals: Vec<Option<Refusal>> =
        wishes.iter().zip(&claims).map(|(wish, claims)| wish.refusal(claims, engineers, now)).collect();
    let proposals: Vec<_> = wishes
        .iter()
        .zip(&claims)
        .zip(&refusals)
        .map(|((wish, claims), refusal)| wish.proposal(claims, refusal.is_some()))
        .collect();
    let mut conflicts = settle(fixed, &proposals);
    wishes
        .iter()
        .zip(claims)
        .zip(refusals)
        .map(|((wish, claims), refusal)| {
            let refusal = refusal.or_else(|| conflicts.remove(&wish.id).map(Refusal::Conflict));
            decided(wish, claims, refusal)
        })
        .collect()
}

fn decided(wish: &Wish<'_>, claims: Vec<Claim>, refusal: Option<Refusal>) -> Decided {
    let changes = refusal.is_none() && !wish.is_met(&claims);
    let state = |claim: &Claim| {
        let accepted =
            |visit: &&Visit| visit.claim.visit == claim.visit && visit.state == VisitState::Accepted;
        if wish.visits.iter().any(accepted) { VisitState::Accepted } else { VisitState::Booked }
    };
    Decided {
        order: wish.id,
        outcome: outcome(wish, &claims, refusal.is_none()),
        is_told: wish.planned.is_some() || !wish.visits.is_empty(),
        lifted: if changes { wish.visits.iter().copied().cloned().collect() } else { Vec::new() },
        placed: if changes {
            claims.into_iter().map(|claim| (claim.clone(), state(&claim))).collect()
        } else {
            Vec::new()
        },
        refusal,
    }
}

/// Lifts everything that changes before anything is placed, so that visits can change places; then tells what changed.
async fn carry_out(
    work: &mut Work,
    decided: &[Decided],
    (stored, engineers): (&BTreeMap<VisitId, StoredOrder>, &Engineers),
) -> Result<(), Error> {
    let orders: BTreeMap<VisitId, &StoredOrder> =
        stored.values().flat_map(|stored| stored.order.visit_ids().map(|visit| (visit, stored))).collect();
    let lifted: BTreeMap<VisitId, &Visit> =
        decided.iter().flat_map(|decided| &decided.lifted).map(|visit| (visit.claim.visit, visit)).collect();
    let ids: Vec<VisitId> = lifted.keys().copied().collect();
    store::visit::lift(work.conn(), &ids).await?;
    let now = work.now();
    let mut touched: BTreeSet<&EngineerId> = lifted.values().map(|visit| &visit.claim.engineer).collect();
    let mut placed = BTreeSet::new();
    for (claim, state) in decided.iter().flat_map(|decided| &decided.placed) {
        let version = store::visit::place(work.conn(), claim, *state, now).await?;
        placed.insert(claim.visit);
        touched.insert(&claim.engineer);
        let order = orders.get(&claim.visit).copied();
        let before = lifted.get(&claim.visit);
        if let Some(before) = before.filter(|before| before.claim.case == claim.case) {
            let why = |stored: &StoredOrder| why_moved(&before.claim, &stored.order, engineers);
            let cause = order.map_or(MoveCause::Replanned, why);
            announce::moved(work, (&before.claim.engineer, cause), (claim, version), order);
            continue;
        }
        // To the customer of the case that it served before, it is called off.
        if let Some(&before) = before {
            let cancelled = Visit { state: VisitState::Cancelled, version, ..before.clone() };
            announce::progressed_of(work, &cancelled, order);
        }
        let visit = Visit { claim: claim.clone(), state: *state, expires_at: now, version };
        announce::progressed_of(work, &visit, order);
    }
    for (id, visit) in lifted.iter().filter(|(id, _)| !placed.contains(*id)) {
        let version = store::visit::set_state(work.conn(), *id, VisitState::Cancelled).await?;
        let cancelled = Visit { state: VisitState::Cancelled, version, ..(*visit).clone() };
        announce::progressed_of(work, &cancelled, orders.get(id).copied());
    }
    for engineer in touched {
        announce::free_busy(work, engineer).await?;
    }
    Ok(())
}
