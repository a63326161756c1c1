//! Booking what a draft plans.
//!
//! The rows of the orders are locked, then those of all engineers whose time is at stake, each in one order. What each
//! visit shall be is decided then (`domain/publication/decision.rs`, `domain/settlement.rs`); the constraints on visits have
//! the last word.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use meridian_messaging::Work;
use meridian_scheduler::workforce::Spans;
use meridian_scheduler::workload::{Assignee, PlannedVisit, Stint};
use meridian_types::{EngineerId, Interval, OptimisationId, Problem, RegionId, VisitId};

use super::{announce, expire_visits};
use crate::domain::optimisation::State;
use crate::domain::order::{StoredOrder, second_visit};
use crate::domain::publication::decision::{Decided, Drafted, Present, decide};
use crate::domain::publication::{MoveCause, Outcome, Refusal, Technicians, why_moved};
use crate::domain::settlement::Place;
use crate::domain::terms::Terms;
use crate::domain::visit::{Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::wire;

/// A way past what is not made is hardly ever longer by more than this.
const DETOUR_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What became of an order.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) order: VisitId,
    pub(crate) outcome: Outcome,
    /// Why it is not as the draft says.
    pub(crate) refusal: Option<Refusal>,
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
    let fixed = fixed(work, &engineers, (&drafted, &visits), &ids).await?;
    let present =
        Present { orders: &stored, visits: &visits, fixed: &fixed, engineers: &engineers, now: work.now() };
    let decided = decide(&drafted, &present);
    let with_party = decided.iter().filter(|decided| decided.outcome == Outcome::Outsourced);
    let with_party: Vec<VisitId> = with_party.map(|decided| decided.order).collect();
    store::order::outsource(work.conn(), &with_party).await.map_err(Error::from)?;
    carry_out(work, &decided, (&stored, &engineers, &drafted.terms)).await?;
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
    let terms = wire::optimisation::terms(&stored.request)?;
    let wire::draft::Draft { visits, outsourced, unplanned } = wire::draft::decode(draft, &terms.trips)?;
    let planned: BTreeMap<VisitId, PlannedVisit> =
        visits.into_iter().map(|visit| (visit.order, visit)).collect();
    let left = unplanned.iter().filter_map(|order| order.visit_id.parse().ok());
    let orders: BTreeSet<VisitId> =
        planned.keys().copied().chain(outsourced.iter().copied()).chain(left).collect();
    Ok(Drafted {
        terms,
        versions: stored.versions,
        planned,
        outsourced: outsourced.into_iter().collect(),
        orders: orders.into_iter().collect(),
    })
}

/// Everybody whose time is at stake, locked; with their absences.
async fn lock_engineers(
    work: &mut Work,
    region: &RegionId,
    drafted: &Drafted,
    ids: &[VisitId],
) -> Result<Technicians, Error> {
    // The orders are locked: their visits go to nobody else meanwhile.
    let visits = store::visit::by_ids(work.conn(), ids).await?;
    let mut names: BTreeSet<EngineerId> = visits.iter().map(|visit| visit.claim.engineer.clone()).collect();
    let stints = drafted.planned.values().flat_map(|visit| &visit.stints);
    names.extend(stints.map(|stint| stint.assignee.engineer.clone()));
    let span = span(drafted, &visits);
    let mut engineers = BTreeMap::new();
    for name in names {
        let Some(technician) = store::engineer::lock(work.conn(), &name, region).await? else { continue };
        expire_visits::expire_overdue(work, &name).await?;
        let absent = match span {
            Some(span) => store::absence::overlapping(work.conn(), &name, span).await?,
            None => Spans::default(),
        };
        engineers.insert(name, (technician, absent));
    }
    Ok(engineers)
}

/// From the first setting out to the last coming home of a draft, and of the visits that its orders have now, with a day
/// for ways that change.
fn span(drafted: &Drafted, visits: &[Visit]) -> Option<Interval> {
    let takes = |stint: &Stint| {
        let Assignee { engineer, trip } = &stint.assignee;
        let stay = trip.and_then(|trip| drafted.terms.trips.stay(engineer, trip));
        stay.map_or(stint.during, |stay| stay.away)
    };
    let stints = || drafted.planned.values().flat_map(|visit| &visit.stints);
    let spans = || stints().map(takes).chain(visits.iter().map(|visit| visit.claim.takes()));
    let start = spans().map(Interval::start).min()?.checked_sub(DETOUR_MAX).ok()?;
    let end = spans().map(Interval::end).max()?.checked_add(DETOUR_MAX).ok()?;
    Interval::new(start, end).ok()
}

/// Visits of the engineers that are none of the draft's orders.
async fn fixed(
    work: &mut Work,
    engineers: &Technicians,
    (drafted, visits): (&Drafted, &[Visit]),
    ids: &[VisitId],
) -> Result<Vec<(VisitId, Place)>, Error> {
    let Some(span) = span(drafted, visits) else { return Ok(Vec::new()) };
    let names: Vec<&EngineerId> = engineers.keys().collect();
    let open = store::visit::open_of(work.conn(), &names, span).await?;
    let ids: BTreeSet<&VisitId> = ids.iter().collect();
    let others = open.into_iter().filter(|visit| !ids.contains(&visit.claim.visit));
    Ok(others.map(|visit| (visit.claim.visit, Place::of(&visit.claim))).collect())
}

/// Lifts everything that changes before anything is placed, so that visits can change places; then tells what changed.
async fn carry_out(
    work: &mut Work,
    decided: &[Decided],
    (stored, engineers, terms): (&BTreeMap<VisitId, StoredOrder>, &Technicians, &Terms),
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
            let why = |stored: &StoredOrder| why_moved(&before.claim, &stored.order, (engineers, terms));
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
