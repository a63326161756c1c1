//! Random engineers around one repair: what the search finds, the checker simulates to the same end.

use meridian_planner::model::{Change, Engineer, ExtraAccess, Need, Request, World};
use meridian_planner::{Compiled, solve};
use meridian_types::Interval;
use proptest::prelude::*;

use crate::company::{answer, horizon, id, local};
use crate::weekend_repair::{engineer, network, request, world};

fn after(start: jiff::Timestamp, from: i64, length: i64) -> Interval {
    let from = start + jiff::SignedDuration::from_mins(from);
    Interval::new(from, from + jiff::SignedDuration::from_mins(length)).unwrap()
}

/// Stretches of time from Friday noon on.
fn stretches(most: i64) -> impl Strategy<Value = Vec<Interval>> {
    let start = local("2026-03-27T12:00[Europe/Helsinki]");
    prop::collection::vec((0..7_000i64, most / 4..most), 1..7)
        .prop_map(move |spans| spans.into_iter().map(|(from, length)| after(start, from, length)).collect())
}

pub(crate) fn random_engineer() -> impl Strategy<Value = Engineer> {
    let times = (stretches(1_500), stretches(1_000), stretches(9_000));
    let home = prop::sample::select(vec!["TMP", "HEL", "LAB"]);
    (times, any::<bool>(), 0..12i8, home).prop_map(
        |((free, overtime, away), overtime_allowed, lasts, home)| {
            let mut engineer = engineer("E1");
            engineer.certificates[0].valid_until = jiff::civil::date(2026, 3, 26 + lasts.min(5));
            engineer.right_to_work.push(crate::company::may_work("FI"));
            Engineer { free, overtime, away, overtime_allowed, home: id(home), ..engineer }
        },
    )
}

#[derive(Debug, Clone)]
pub(crate) struct Situation {
    pub(crate) world: World,
    pub(crate) request: Request,
}

pub(crate) fn situation() -> impl Strategy<Value = Situation> {
    let asked = (
        10..500i64,
        prop::bool::weighted(0.9),
        any::<bool>(),
        prop::option::of(0..8_000i64),
        prop::bool::weighted(0.8),
    );
    (random_engineer(), asked, stretches(900)).prop_map(
        |(engineer, (work, parts, onward, deadline, shippable), access)| {
            let mut world = world();
            world.engineers = vec![engineer];
            world.repair_tasks[0].work_minutes = work;
            world.stock[0].available = i64::from(parts);
            world.models[0].shippable = shippable;
            let mut request = request();
            let now = request.now;
            request.extra_access =
                access.into_iter().map(|during| ExtraAccess { site: id("LAB"), during }).collect();
            if let Need::Repair { onward: to, deadline: by, .. } = &mut request.need {
                *to = onward.then(|| id("LOS"));
                *by = deadline.map(|minutes| now + jiff::SignedDuration::from_mins(minutes));
            }
            Situation { world, request }
        },
    )
}

fn compiled() -> Compiled {
    Compiled::compile(&network(), horizon("2026-03-25T00:00:00Z", 20)).unwrap()
}

/// Makes a change for real, when it is about overtime or the opening of the laboratory.
fn made(change: &Change, world: &mut World, request: &mut Request) -> bool {
    match change {
        Change::Overtime { .. } => world.engineers[0].overtime_allowed = true,
        Change::SiteOpens { site, date } if site.as_str() == "LAB" => {
            let day = |date: jiff::civil::Date| date.in_tz("Europe/Berlin").unwrap().timestamp();
            let during = Interval::new(day(*date), day(date.tomorrow().unwrap())).unwrap();
            request.extra_access.push(ExtraAccess { site: site.clone(), during });
        }
        _ => return false,
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]
    #[test]
    fn every_visit_that_is_offered_can_be_carried_out(situation in situation()) {
        answer(&compiled(), &situation.world, &situation.request);
    }

    #[test]
    fn more_people_never_make_the_earliest_date_later(situation in situation(), another in random_engineer()) {
        let net = compiled();
        let earliest = |world: &World| {
            let answer = solve(&net, world, &Request { policy: meridian_planner::model::Policy::Fastest, ..situation.request.clone() });
            answer.options.first().and_then(|option| option.arrival).unwrap_or(jiff::Timestamp::MAX)
        };
        let alone = earliest(&situation.world);
        let mut more = situation.world.clone();
        more.engineers.push(Engineer { id: id("E2"), ..another });
        prop_assert!(earliest(&more) <= alone);
    }

    #[test]
    fn overtime_and_opening_days_that_are_offered_give_what_they_say(situation in situation()) {
        let net = compiled();
        let before = solve(&net, &situation.world, &situation.request);
        for relaxation in before.refused.iter().flat_map(|refusal| &refusal.relaxations) {
            let Situation { mut world, mut request } = situation.clone();
            if !relaxation.changes.iter().all(|change| made(change, &mut world, &mut request)) {
                continue;
            }
            let after = solve(&net, &world, &request);
            let arrivals = after.options.iter().filter_map(|option| option.arrival).chain(after.refused.iter().filter_map(|refusal| refusal.earliest_possible));
            prop_assert!(arrivals.min() <= Some(relaxation.arrival_with_it), "{relaxation:?}");
        }
    }
}
