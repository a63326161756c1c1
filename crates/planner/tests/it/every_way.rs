//! Everything that could get one instrument working, at random: what is offered can be carried out, and more of
//! anything is never worse.

use meridian_planner::model::{
    Change, Engineer, Exchange, ExtraAccess, Gate, LoanerPool, Need, Network, PartyOffer, PartyService,
    Place, Policy, RemoteFix, Request, RestRule, RightToWork, Verdict, Weekdays, World,
};
use meridian_planner::{Compiled, solve};
use proptest::prelude::*;

use crate::company::{Build, answer, departs, horizon, id, item, local, on_demand, stock, timetable};
use crate::visits::{Situation, random_engineer, situation};
use crate::weekend_repair::network;

/// The network of the weekend repair with ways back from Lagos, a slow and cheap train, notice at the customer, and
/// licences for what is controlled.
pub(crate) fn with_ways_back(notice_minutes: i64) -> Network {
    let mut net = network();
    let daily = Weekdays::ALL;
    net.lane("LOS", "STR", timetable(&[departs(daily, (12, 0), (14, 0), (6, 0), 1)]), 70_000);
    net.people_lane("HEL", "STR", timetable(&[departs(daily, (9, 30), (10, 0), (14, 0), 1)]), 9_000);
    net.lanes.last_mut().unwrap().people.as_mut().unwrap().co2_g = 8_000;
    net.people_lane("STR", "HEL", timetable(&[departs(daily, (9, 30), (10, 0), (18, 0), 1)]), 9_000);
    net.people_lane("LAB", "HEL", on_demand(1_500), 20_000);
    let lab = net.sites.iter_mut().find(|site| site.id.as_str() == "LAB").unwrap();
    lab.visit_notice_minutes = notice_minutes;
    for (name, from, to, working_days) in [("OUT", "EU", "NG", 2), ("IN", "NG", "EU", 1)] {
        net.gates.push(Gate {
            id: id(name),
            export_class: id("6A005"),
            origin: Place::Territory(id(from)),
            destination: Place::Territory(id(to)),
            end_use: None,
            verdict: Verdict::Licence { working_days },
        });
    }
    net
}

#[derive(Debug, Clone)]
pub(crate) struct Ways {
    rest: Option<RestRule>,
    night_cost_minor: i64,
    lead_working_days: i32,
    remote: Option<RemoteFix>,
    loaners: Vec<LoanerPool>,
    exchanges: Vec<Exchange>,
    offers: Vec<PartyOffer>,
    units: i64,
    /// Whether instruments leave their customs territory with a licence only.
    controlled: bool,
}

impl Ways {
    /// The same for engineers whom no rule makes rest.
    pub(crate) fn without_rest(self) -> Self {
        Self { rest: None, ..self }
    }
}

fn loaner() -> impl Strategy<Value = LoanerPool> {
    let warehouse = prop::sample::select(vec!["HEL", "STR", "LOS"]);
    (warehouse, 0..3i64, 0..25i32).prop_map(|(warehouse, available, loan_days)| LoanerPool {
        model: id("SPECTRA"),
        warehouse: id(warehouse),
        available,
        loan_days,
    })
}

fn exchange() -> impl Strategy<Value = Exchange> {
    (prop::sample::select(vec!["HEL", "TMP", "LAB", "LOS"]), 0..12i32, 0..9_000i64).prop_map(
        |(return_to, return_days, cost_minor)| Exchange {
            model: id("SPECTRA"),
            item: id("unit"),
            return_to: id(return_to),
            return_days,
            cost_minor,
        },
    )
}

pub(crate) fn offer() -> impl Strategy<Value = PartyOffer> {
    let countries = prop::sample::select(vec![Vec::new(), vec!["DE"], vec!["NG", "FI"]]);
    (countries, 1..3_000i64, 0..9i32, 0..90_000i64, 0.0..0.5).prop_map(
        |(countries, answer_minutes, lead_working_days, price_minor, late_probability)| PartyOffer {
            party: id("PARTNER"),
            service: PartyService::Repair(id("SPECTRA")),
            countries: countries.into_iter().map(id).collect(),
            answer_minutes,
            lead_working_days,
            price_minor,
            late_probability,
        },
    )
}

pub(crate) fn ways() -> impl Strategy<Value = Ways> {
    let rest = prop::option::of((60..900i64, 120..1_500i64));
    let rest = rest.prop_map(|rule| {
        rule.map(|(rest_minutes, duty_minutes_max)| RestRule { rest_minutes, duty_minutes_max })
    });
    let remote = prop::option::of((5..200i64, 0.05..=1.0)).prop_map(|fix| {
        fix.map(|(work_minutes, success_probability)| RemoteFix { work_minutes, success_probability })
    });
    let many = |most: usize| 0..most;
    (
        (rest, 0..30_000i64, prop_oneof![3 => Just(0), 1 => 0..8i32], remote),
        prop::collection::vec(loaner(), many(3)),
        prop::collection::vec(exchange(), many(2)),
        prop::collection::vec(offer(), many(3)),
        (0..2i64, any::<bool>()),
    )
        .prop_map(
            |(
                (rest, night_cost_minor, lead_working_days, remote),
                loaners,
                exchanges,
                offers,
                (units, controlled),
            )| Ways {
                rest,
                night_cost_minor,
                lead_working_days,
                remote,
                loaners,
                exchanges,
                offers,
                units,
                controlled,
            },
        )
}

fn ruled(engineer: Engineer, ways: &Ways) -> Engineer {
    let right = RightToWork { country: id("DE"), lead_working_days: ways.lead_working_days };
    Engineer {
        rest: ways.rest,
        night_cost_minor: ways.night_cost_minor,
        right_to_work: vec![right],
        ..engineer
    }
}

pub(crate) fn with(situation: Situation, ways: &Ways) -> Situation {
    let Situation { mut world, request } = situation;
    world.engineers = world.engineers.into_iter().map(|engineer| ruled(engineer, ways)).collect();
    world.repair_tasks[0].remote = ways.remote;
    world.loaners.clone_from(&ways.loaners);
    world.exchanges.clone_from(&ways.exchanges);
    world.party_offers.clone_from(&ways.offers);
    world.models[0].export_class = ways.controlled.then(|| id("6A005"));
    world.items.push(item("unit", 41_000));
    world.stock.push(stock("unit", "HEL", ways.units));
    Situation { world, request }
}

fn compiled(notice: i64) -> Compiled {
    Compiled::compile(&with_ways_back(notice), horizon("2026-03-25T00:00:00Z", 20)).unwrap()
}

/// The earliest arrival and the least cost that is offered, each by itself, when there is no deadline.
fn best(net: &Compiled, world: &World, request: &Request) -> [i64; 2] {
    let mut request = Request { policy: Policy::Fastest, ..request.clone() };
    if let Need::Repair { deadline, .. } = &mut request.need {
        *deadline = None;
    }
    let options = answer(net, world, &request).options;
    let least = |measure: &dyn Fn(&meridian_planner::model::Solution) -> i64| {
        options.iter().map(measure).min().unwrap_or(i64::MAX)
    };
    [
        least(&|option| option.arrival.map_or(i64::MAX, |at| at.as_second())),
        least(&|option| option.arrival.map_or(i64::MAX, |_| option.cost_minor)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn everything_that_is_offered_can_be_carried_out(
        situation in situation(),
        ways in ways(),
        notice in prop_oneof![Just(0), 0..3_000i64],
    ) {
        let Situation { world, request } = with(situation, &ways);
        answer(&compiled(notice), &world, &request);
    }

    #[test]
    fn another_engineer_loaner_or_party_never_makes_the_best_worse(
        situation in situation(),
        ways in ways(),
        engineer in random_engineer(),
        loaner in loaner(),
        offer in offer(),
    ) {
        let net = compiled(0);
        let Situation { world, request } = with(situation, &ways);
        let alone = best(&net, &world, &request);
        let mut more = world;
        more.engineers.push(Engineer { id: id("E2"), ..ruled(engineer, &ways) });
        more.loaners.push(LoanerPool { warehouse: id("TMP"), ..loaner });
        more.party_offers.push(PartyOffer { party: id("ANOTHER"), ..offer });
        for (with_more, alone) in best(&net, &more, &request).into_iter().zip(alone) {
            prop_assert!(with_more <= alone);
        }
    }

    #[test]
    fn no_rest_rule_and_no_notice_never_make_it_later(
        situation in situation(),
        ways in ways(),
        notice in 0..3_000i64,
    ) {
        let Situation { world, request } = with(situation, &ways);
        let ruled = best(&compiled(notice), &world, &request)[0];
        let mut free = world;
        free.engineers.iter_mut().for_each(|engineer| engineer.rest = None);
        prop_assert!(best(&compiled(0), &free, &request)[0] <= ruled);
    }
}

#[test]
fn a_change_of_access_is_offered_for_a_visit_that_waits_for_the_site() {
    let mut world = crate::weekend_repair::world();
    world.repair_tasks[0].remote = None;
    let net = compiled(0);
    let answer = answer(&net, &world, &crate::weekend_repair::request());
    let opens = |change: &Change| matches!(change, Change::SiteOpens { site, .. } if site.as_str() == "LAB");
    assert!(
        answer.refused.iter().flat_map(|refusal| &refusal.relaxations).any(|r| r.changes.iter().any(opens))
    );
    let mut request = crate::weekend_repair::request();
    let during =
        crate::company::interval("2026-03-29T08:00[Europe/Berlin]", "2026-03-29T20:00[Europe/Berlin]");
    request.extra_access.push(ExtraAccess { site: id("LAB"), during });
    assert!(
        solve(&net, &world, &request).options[0].arrival.unwrap() <= local("2026-03-31T12:00[Africa/Lagos]")
    );
}

#[test]
fn absurd_figures_about_people_and_parties_are_survived() {
    let mut world = crate::weekend_repair::world();
    let figures = [i64::MIN, -1, 0, 1, i64::MAX];
    for (index, figure) in figures.into_iter().enumerate() {
        let probability = [f64::NAN, -1.0, 0.0, 2.0, f64::INFINITY][index];
        let days = [i32::MIN, -1, 0, 1, i32::MAX][index];
        let mut engineer = crate::weekend_repair::engineer(&format!("X{index}"));
        engineer.rest = Some(RestRule { rest_minutes: figure, duty_minutes_max: figures[4 - index] });
        engineer.night_cost_minor = figure;
        engineer.cost_minor_per_hour = figure;
        engineer.right_to_work = vec![RightToWork { country: id("DE"), lead_working_days: days }];
        world.engineers.push(engineer);
        world.loaners.push(LoanerPool {
            model: id("SPECTRA"),
            warehouse: id("HEL"),
            available: figure,
            loan_days: days,
        });
        world.party_offers.push(PartyOffer {
            party: id(&format!("P{index}")),
            service: PartyService::Repair(id("SPECTRA")),
            countries: Vec::new(),
            answer_minutes: figure,
            lead_working_days: days,
            price_minor: figure,
            late_probability: probability,
        });
    }
    let net = compiled(0);
    for (work_minutes, success_probability) in
        [(i64::MAX, f64::NAN), (i64::MIN, 2.0), (9_000, f64::MIN_POSITIVE)]
    {
        world.repair_tasks[0].work_minutes = work_minutes;
        world.repair_tasks[0].remote = Some(RemoteFix { work_minutes, success_probability });
        assert_eq!(solve(&net, &world, &crate::weekend_repair::request()).defects, []);
    }
    // A rest after every minute, for as long as there is time.
    let rest = Some(RestRule { rest_minutes: 1, duty_minutes_max: 1 });
    world.engineers = vec![Engineer { rest, ..crate::weekend_repair::engineer("E1") }];
    assert_eq!(solve(&net, &world, &crate::weekend_repair::request()).defects, []);
}
