//! Where one order fits while everything else stays as it is planned.

use std::collections::BTreeSet;

use fastrand::Rng;
use meridian_types::{EngineerId, SiteId, VisitId};

use super::answer;
use super::compile::{Compiled, Standing};
use super::costs::{Units, units};
use super::error::WorkloadError;
use super::model::{Appointment, Engineers, WorkOrder, Workload};
use super::plan::{Plan, PlannedVisit};
use super::recommend::Slot;
use super::ways::Ways;
use crate::instance::{Allowed, Start};
use crate::search::{Blink, Narrowing, State};

/// Whether everything that should stay as it is can.
///
/// # Errors
/// What can't.
pub(super) fn keeps_what_stays(compiled: &Compiled<'_>) -> Result<(), WorkloadError> {
    if !compiled.standings.iter().any(|standing| matches!(standing, Standing::Kept(_))) {
        return Ok(());
    }
    let mut state = State::new(&compiled.instance);
    state.begin_as(&compiled.start);
    for (order, standing) in compiled.standings.iter().enumerate() {
        let Standing::Kept(kept) = standing else { continue };
        for (visit, assignee) in compiled.visits_of(order).zip(&kept.assignees) {
            if state.route_of[visit as usize].is_none() {
                let rule = "its ways, rest and pick-ups don't fit next to what else stays";
                let (order, engineer) = (kept.order, assignee.engineer.clone());
                return Err(WorkloadError::NotKept { order, engineer, rule });
            }
        }
    }
    Ok(())
}

/// The order of a workload with an id.
///
/// # Errors
/// There is none.
pub(super) fn order_of(workload: &Workload, order: VisitId) -> Result<&WorkOrder, WorkloadError> {
    let found = workload.orders.iter().find(|known| known.id == order);
    found.ok_or_else(|| WorkloadError::Field {
        field: "order".into(),
        value: order.to_string(),
        rule: "one of the orders",
    })
}

/// The order that another one waits for and that is not planned.
pub(super) fn waits_for(plan: &Plan, order: &WorkOrder) -> Option<VisitId> {
    order.after.iter().copied().find(|first| plan.visit(*first).is_none())
}

/// One order, with everything else pinned that those do who may do it.
pub(super) struct Trial {
    /// The part of the workload that matters.
    workload: Workload,
    order: VisitId,
    /// As it is planned now.
    now: Option<Appointment>,
    /// Work of orders that wait for it begins by then.
    done_by: Option<jiff::Timestamp>,
}

impl Trial {
    /// `who` is tried. Orders that it waits for have to be planned.
    pub(super) fn new(
        workload: &Workload,
        plan: &Plan,
        order: &WorkOrder,
        who: &BTreeSet<EngineerId>,
    ) -> Self {
        let then: BTreeSet<VisitId> = workload
            .orders
            .iter()
            .filter(|other| other.after.contains(&order.id))
            .map(|other| other.id)
            .collect();
        let waiting = plan.visits.iter().filter(|visit| then.contains(&visit.order));
        let own: Vec<Appointment> =
            workload.published.iter().filter(|published| published.order == order.id).cloned().collect();
        // Whoever has it, or does what it waits for, counts too.
        let mut crews = who.clone();
        crews.extend(own.iter().flat_map(|own| &own.assignees).map(|assignee| assignee.engineer.clone()));
        let linked =
            plan.visits.iter().filter(|visit| visit.order == order.id || order.after.contains(&visit.order));
        crews.extend(linked.flat_map(names).cloned());
        let pinned = visits_of(plan, order.id, &mut crews);
        let ids: BTreeSet<VisitId> = pinned.iter().map(|visit| visit.order).chain([order.id]).collect();
        let pin = |visit: &&PlannedVisit| Appointment { pinned: true, ..visit.appointment() };
        let of_crews = workload.engineers.iter().filter(|crew| crews.contains(&crew.engineer.id));
        let part = Workload {
            engineers: of_crews.cloned().collect(),
            orders: workload.orders.iter().filter(|other| ids.contains(&other.id)).cloned().collect(),
            published: pinned.iter().map(pin).chain(own).collect(),
            sites: Vec::new(),
            ways: Ways::default(),
            pickup: workload.pickup.clone(),
            ..*workload
        };
        Self {
            workload: with_places(part, workload),
            order: order.id,
            now: plan.visit(order.id).map(PlannedVisit::appointment),
            done_by: waiting.map(|visit| visit.work.start()).min(),
        }
    }

    /// The same with a change of the workload.
    pub(super) fn with(&self, change: impl FnOnce(&Workload) -> Workload) -> Self {
        Self {
            workload: change(&self.workload),
            order: self.order,
            now: self.now.clone(),
            done_by: self.done_by,
        }
    }

    /// # Errors
    /// There is no way between some of the sites.
    pub(super) fn compiled(&self) -> Result<Compiled<'_>, WorkloadError> {
        Compiled::of_valid(&self.workload)
    }

    pub(super) fn workload(&self) -> &Workload {
        &self.workload
    }

    /// The best slots at all, with `who` among the engineers; the cheapest first, at most so many.
    ///
    /// # Errors
    /// There is no way between some of the sites.
    pub(super) fn slots(&self, who: &BTreeSet<EngineerId>, most: usize) -> Result<Vec<Slot>, WorkloadError> {
        let compiled = self.compiled()?;
        let order = compiled.orders[&self.order];
        if matches!(compiled.standings[order], Standing::Kept(_)) {
            return Ok(Vec::new());
        }
        let mut state = State::new(&compiled.instance);
        state.begin_as(&compiled.start_with(order, None));
        let without = answer::schedule(&compiled, &state);
        let probe = Probe { compiled: &compiled, order, who, without: units(&compiled, &without) };
        let mut slots = match compiled.workload.orders[order].engineers {
            Engineers::One => probe.of_one(&mut state, most),
            Engineers::Two => probe.of_two(&mut state),
        };
        slots.retain(|slot| self.done_by.is_none_or(|done_by| slot.work.end() <= done_by));
        slots.sort_by_cached_key(|slot| (slot.extra.total.minor(), slot.work.start(), slot.names()));
        slots.dedup_by(|one, other| one.work == other.work && one.names() == other.names());
        slots.truncate(most);
        Ok(slots)
    }

    /// What the order costs as it is planned now, ways and charges included; none when it is not planned.
    ///
    /// # Errors
    /// There is no way between some of the sites.
    pub(super) fn costs_now(&self) -> Result<Option<Units>, WorkloadError> {
        let Some(now) = &self.now else { return Ok(None) };
        let compiled = self.compiled()?;
        let order = compiled.orders[&self.order];
        let of_start = |start: &[Start]| {
            let mut state = State::new(&compiled.instance);
            state.begin_as(start);
            units(&compiled, &answer::schedule(&compiled, &state))
        };
        let (with, without) =
            (of_start(&compiled.start_with(order, Some(now))), of_start(&compiled.start_with(order, None)));
        Ok(Some(with.more_than(&without)))
    }
}

fn names(visit: &PlannedVisit) -> impl Iterator<Item = &EngineerId> {
    visit.stints.iter().map(|stint| &stint.assignee.engineer)
}

/// All that is planned of some engineers but one order; who does any of it with them becomes one of them.
fn visits_of<'p>(plan: &'p Plan, but: VisitId, crews: &mut BTreeSet<EngineerId>) -> Vec<&'p PlannedVisit> {
    loop {
        let theirs =
            |visit: &&PlannedVisit| visit.order != but && names(visit).any(|name| crews.contains(name));
        let visits: Vec<&PlannedVisit> = plan.visits.iter().filter(theirs).collect();
        let so_many = crews.len();
        crews.extend(visits.iter().flat_map(|visit| names(visit)).cloned());
        if crews.len() == so_many {
            return visits;
        }
    }
}

/// A part of a workload with the sites and ways that matter for it.
fn with_places(mut part: Workload, whole: &Workload) -> Workload {
    let crews = part.engineers.iter().flat_map(|crew| {
        let lodgings = crew.trips.iter().map(|trip| &trip.lodging);
        lodgings.chain([&crew.engineer.home_site])
    });
    let orders = part.orders.iter().map(|order| &order.site);
    let used: BTreeSet<SiteId> =
        crews.chain(orders).chain(part.pickup.iter().map(|pickup| &pickup.site)).cloned().collect();
    let pairs = used.iter().flat_map(|from| used.iter().map(move |to| (from.clone(), to.clone())));
    let known = pairs.filter_map(|pair| whole.ways.known.get(&pair).map(|way| (pair.clone(), *way)));
    part.ways = Ways { known: known.collect(), roads: whole.ways.roads };
    part.sites = whole.sites.iter().filter(|site| used.contains(&site.id)).cloned().collect();
    part
}

/// How often moments for two are drawn by lot.
const LOTS: u64 = 4;

/// Tries one order at every place.
struct Probe<'t> {
    compiled: &'t Compiled<'t>,
    order: usize,
    who: &'t BTreeSet<EngineerId>,
    without: Units,
}

impl Probe<'_> {
    /// The shifts of those who are tried that can take a visit, or those of everybody.
    fn shifts(&self, visit: u32, everybody: bool) -> Vec<u32> {
        let instance = &self.compiled.instance;
        let shifts = (0..).zip(&self.compiled.shifts);
        let tried = |crew: usize| self.who.contains(&self.compiled.workload.engineers[crew].engineer.id);
        let can = |shift: u32| instance.fit(visit, shift).allowed != Allowed::Never;
        shifts
            .filter(|(shift, of)| can(*shift) && (everybody || tried(of.crew)))
            .map(|(shift, _)| shift)
            .collect()
    }

    /// At each place of each shift.
    fn of_one(&self, state: &mut State<'_>, most: usize) -> Vec<Slot> {
        let visit = self.compiled.first_visit[self.order];
        let mut places = Vec::new();
        for shift in self.shifts(visit, false) {
            let Some(narrowing) = state.narrowing(visit, shift) else { continue };
            for at in 0..=state.routes[shift as usize].stops.len() {
                let (from, to) = narrowing.at;
                let narrowing = Narrowing { at: (from.max(at), to.min(at)), ..narrowing };
                if let Some(found) = state.insertion_within(visit, shift, (Blink::NONE, &narrowing)) {
                    places.push((found.delta, shift, at, narrowing, found));
                }
            }
        }
        places.sort_by_key(|(delta, shift, at, ..)| (*delta, *shift, *at));
        let mut slots = Vec::new();
        for (_, shift, _, narrowing, found) in places {
            if slots.len() > most {
                break;
            }
            state.begin();
            if state.insert_within(visit, shift, found, &narrowing) {
                slots.extend(self.slot(state));
            }
            state.undo();
        }
        slots
    }

    /// The best that is found for each shift with any other one.
    fn of_two(&self, state: &mut State<'_>) -> Vec<Slot> {
        let visits = self.compiled.visits_of(self.order);
        let (one, other) = (visits.start, visits.start + 1);
        let mut slots = Vec::new();
        let mut shifts = vec![Vec::new(); self.compiled.instance.visits.len()];
        shifts[other as usize] = self.shifts(other, true);
        for shift in self.shifts(one, false) {
            shifts[one as usize] = vec![shift];
            for lot in 0..LOTS {
                // What is found for a shift does not depend on what else is tried.
                let mut rng = Rng::with_seed(lot);
                state.begin();
                if state.put_pair((one, other), i64::MAX, (&shifts, &mut rng)) {
                    slots.extend(self.slot(state));
                }
                state.undo();
            }
        }
        slots
    }

    /// What was planned just now.
    fn slot(&self, state: &State<'_>) -> Option<Slot> {
        let schedule = answer::schedule(self.compiled, state);
        let visit: PlannedVisit = answer::visits(self.compiled, &schedule).remove(&self.order)?;
        let units = units(self.compiled, &schedule).more_than(&self.without);
        let PlannedVisit { order, work, stints } = visit;
        Some(Slot { order, work, stints, extra: units.costs(self.compiled) })
    }
}
