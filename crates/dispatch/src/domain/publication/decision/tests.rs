//! Whatever is refused: nobody is in two places, and every way begins where its engineer is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use meridian_scheduler::workforce::{Spans, WorkingHours};
use meridian_scheduler::workload::{Assignee, Engineers, PlannedVisit, Stint, WorkOrder};
use meridian_types::{CaseId, Interval, SiteId, VisitId};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Decided, Drafted, Present, decide};
use crate::domain::claim::Claim;
use crate::domain::order::{Order, StoredOrder};
use crate::domain::publication::Technicians;
use crate::domain::sample::{engineer, interval, need};
use crate::domain::settlement::Place;
use crate::domain::technician::Technician;
use crate::domain::terms::Terms;
use crate::domain::visit::{Visit, VisitState};

const ORDERS: usize = 6;
const WORK_MINUTES: i64 = 30;
/// Site 0 is home, the others those of the orders; longer ways may lead past shorter ones.
type Ways = Vec<Vec<i64>>;
/// An order, minutes that are waited before it, and whether one goes home afterwards.
type Step = (usize, i64, bool);

fn at(minute: i64) -> Timestamp {
    "2026-11-23T06:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn span(from: i64, until: i64) -> Interval {
    Interval::new(at(from), at(until)).unwrap()
}

fn site(number: usize) -> SiteId {
    if number == 0 { engineer("ANNA").home_site } else { format!("SITE-{number}").parse().unwrap() }
}

fn id(order: usize) -> VisitId {
    VisitId::from_uuid(Uuid::from_u128(order as u128 + 1))
}

/// Tours of one engineer, one after the other, that keep to the ways.
fn tours(ways: &Ways, steps: &[Step]) -> Vec<PlannedVisit> {
    let (mut minute, mut from) = (0, 0);
    let mut visits = Vec::new();
    for (index, (order, wait, goes_home)) in steps.iter().enumerate() {
        let here = order + 1;
        let leaves = if from == 0 { minute + wait } else { minute };
        let begins = minute + wait + ways[from][here];
        let ends = begins + WORK_MINUTES;
        let is_last = *goes_home || index + 1 == steps.len();
        let back = if is_last { ends + ways[here][0] } else { ends };
        let stint = Stint {
            assignee: Assignee { engineer: engineer("ANNA").id, trip: None },
            from: site(from),
            picks_up: false,
            during: span(leaves, back),
            home: is_last.then(|| site(0)),
            overtime: SignedDuration::ZERO,
        };
        visits.push(PlannedVisit { order: id(*order), work: span(begins, ends), stints: vec![stint] });
        (minute, from) = (back, if is_last { 0 } else { here });
    }
    visits
}

fn stored(order: usize, version: i64) -> StoredOrder {
    let demand = WorkOrder {
        id: id(order),
        site: site(order + 1),
        skills: vec![need("PUMPS", 3, "FI").skill],
        work_minutes: 30,
        engineers: Engineers::One,
        windows: Vec::new(),
        release: None,
        due: None,
        priority: 3,
        after: Vec::new(),
        excluded: BTreeSet::new(),
        needs_pickup: false,
        outsource: None,
    };
    let (case, country) = (CaseId::from_uuid(Uuid::from_u128(1)), "FI".parse().unwrap());
    let order = Order { demand, due: None, case, country, position: None, pinned: false };
    StoredOrder { order, version, is_cancelled: false, is_outsourced: false, drafted_by: None }
}

fn visit(planned: &PlannedVisit, state: VisitState) -> Visit {
    let stint = &planned.stints[0];
    let number = usize::try_from(planned.order.uuid().as_u128()).unwrap();
    let claim = Claim {
        visit: planned.order,
        case: CaseId::from_uuid(Uuid::from_u128(1)),
        engineer: stint.assignee.engineer.clone(),
        site: site(number),
        during: stint.during,
        work: planned.work,
        skill: need("PUMPS", 3, "FI").skill,
        stay: None,
    };
    Visit { claim, state, expires_at: at(0), version: 1 }
}

/// ANNA, who works all day and night.
fn technicians() -> Technicians {
    let mut anna = engineer("ANNA");
    let hours = |day| WorkingHours {
        weekday: Weekday::from_monday_one_offset(day).unwrap(),
        from: "00:00".parse().unwrap(),
        until: "24:00".parse().unwrap(),
        overtime: false,
    };
    anna.calendar.hours = (1..=7).map(hours).collect();
    let id = anna.id.clone();
    [(id, (Technician { engineer: anna, home: None, efficiency_percent: 100 }, Spans::default()))].into()
}

fn terms(ways: &Ways) -> Terms {
    let mut terms = Terms::usual(interval("2026-11-23T00:00Z/2026-11-30T00:00Z"));
    for (from, to) in (0..=ORDERS).flat_map(|from| (0..=ORDERS).map(move |to| (from, to))) {
        let minutes = i32::try_from(ways[from][to]).unwrap();
        terms.ways.insert((site(from), site(to)), (minutes, None));
    }
    terms
}

/// What all visits are in the end.
fn after(visits: &[Visit], decided: &[Decided]) -> BTreeMap<VisitId, Claim> {
    let mut after: BTreeMap<VisitId, Claim> =
        visits.iter().map(|visit| (visit.claim.visit, visit.claim.clone())).collect();
    for decided in decided {
        for lifted in &decided.lifted {
            after.remove(&lifted.claim.visit);
        }
        after.extend(decided.placed.iter().map(|(claim, _)| (claim.visit, claim.clone())));
    }
    after
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let orders = Just((0..ORDERS).collect::<Vec<_>>()).prop_shuffle();
    let waits = prop::collection::vec((0..30_i64, prop::bool::weighted(0.2)), 0..=ORDERS);
    (orders, waits).prop_map(|(orders, waits)| {
        orders.into_iter().zip(waits).map(|(order, (wait, home))| (order, wait, home)).collect()
    })
}

proptest! {
    /// What is followed sets out from where its engineer is, in time; and no two visits overlap.
    #[test]
    fn every_way_begins_where_its_engineer_is(
        ways in prop::collection::vec(prop::collection::vec(5..300_i64, ORDERS + 1), ORDERS + 1),
        (draft, before) in (steps(), steps()),
        states in prop::collection::vec(any::<bool>(), ORDERS),
        changed in prop::collection::vec(prop::bool::weighted(0.3), ORDERS),
        others in prop::collection::vec((0..1500_i64, 5..60_i64), 0..3),
    ) {
        let state = |accepted| if accepted { VisitState::Accepted } else { VisitState::Booked };
        let visits: Vec<Visit> = tours(&ways, &before).iter().zip(&states)
            .map(|(planned, accepted)| visit(planned, state(*accepted))).collect();
        let mut taken: Vec<Place> = visits.iter().map(|visit| Place::of(&visit.claim)).collect();
        let mut fixed = Vec::new();
        for (number, (from, minutes)) in (100..).zip(others) {
            let (engineer, during) = (engineer("ANNA").id, span(from, from + minutes));
            let place = Place { engineer, during, stay: None };
            if !taken.iter().any(|taken| taken.meets(&place)) {
                taken.push(place.clone());
                fixed.push((id(number), place));
            }
        }
        let planned: BTreeMap<VisitId, PlannedVisit> =
            tours(&ways, &draft).into_iter().map(|visit| (visit.order, visit)).collect();
        let drafted = Drafted {
            terms: terms(&ways),
            versions: (0..ORDERS).map(|order| (id(order), 1)).collect(),
            planned,
            outsourced: BTreeSet::new(),
            orders: (0..ORDERS).map(id).collect(),
        };
        let version = |order: usize| if changed[order] { 2 } else { 1 };
        let orders = (0..ORDERS).map(|order| (id(order), stored(order, version(order)))).collect();
        let (engineers, now) = (technicians(), at(-600));
        let present = Present { orders: &orders, visits: &visits, fixed: &fixed, engineers: &engineers, now };
        let decided = decide(&drafted, &present);
        let after = after(&visits, &decided);
        let all: Vec<Place> = after.values().map(Place::of).chain(fixed.into_iter().map(|(_, place)| place)).collect();
        for (index, one) in all.iter().enumerate() {
            prop_assert!(!all[..index].iter().any(|other| other.meets(one)), "{one:?} {all:?}");
        }
        for decided in decided.iter().filter(|decided| decided.refusal.is_none()) {
            let Some(claim) = after.get(&decided.order) else { continue };
            let number = |claim: &Claim| usize::try_from(claim.visit.uuid().as_u128()).unwrap();
            let leaves = claim.work.start().duration_since(claim.during.start()).as_mins();
            let mut befores = after.values().filter(|other| other.during.end() == claim.during.start());
            let from_home = ways[0][number(claim)] <= leaves;
            let from_before = befores.any(|before| before.work.end() == before.during.end()
                && ways[number(before)][number(claim)] <= leaves);
            prop_assert!(from_home || from_before, "{claim:?} {after:?}");
        }
    }
}
