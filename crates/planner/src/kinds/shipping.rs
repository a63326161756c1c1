//! Getting something from one site to another: picking, export rules, lanes.

use std::rc::Rc;

use meridian_types::{ExportClass, GateId};

use crate::compile::{Minute, Passage, Traffic};
use crate::draft::{Licence, Origin, Shipment, Spent};
use crate::model::{Claim, GoodsTerms, ItemFacts, Line, ModelFacts, Reason, Subject};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::search::{Label, Payload, Seed, Unfit};

/// What is sent, and what must be held for it.
#[derive(Debug, Clone)]
pub(super) struct Consignment<'a> {
    pub(super) subject: Rc<Subject>,
    pub(super) payload: Payload,
    pub(super) classes: Vec<&'a ExportClass>,
    pub(super) claims: Rc<[Claim]>,
    pub(super) origin: Origin,
}

impl<'a> Consignment<'a> {
    /// Items, one line for each.
    pub(super) fn goods(goods: &[(&'a ItemFacts, Line)], claims: Vec<Claim>, origin: Origin) -> Self {
        let weight =
            |(facts, line): &(&ItemFacts, Line)| facts.weight_g.max(0).saturating_mul(line.quantity.units());
        let lines = goods.iter().map(|(_, line)| line.clone()).collect();
        Self {
            subject: Rc::new(Subject::Goods { consignment: 0, lines }),
            payload: Payload {
                traffic: Traffic::Goods,
                weight_g: goods.iter().map(weight).fold(0, i64::saturating_add),
                dangerous_goods: goods.iter().any(|(facts, _)| facts.dangerous_goods),
                cold_chain: goods.iter().any(|(facts, _)| facts.cold_chain),
            },
            classes: goods.iter().filter_map(|(facts, _)| facts.export_class.as_ref()).collect(),
            claims: claims.into(),
            origin,
        }
    }

    /// An instrument.
    pub(super) fn instrument(model: &'a ModelFacts, subject: Subject, claims: Vec<Claim>) -> Self {
        let payload = Payload {
            traffic: Traffic::Goods,
            weight_g: model.weight_g.max(0),
            dangerous_goods: model.dangerous_goods,
            cold_chain: false,
        };
        let classes = model.export_class.iter().collect();
        let (subject, claims) = (Rc::new(subject), claims.into());
        Self { subject, payload, classes, claims, origin: Origin::There }
    }
}

/// Something that lies at a site, with what was spent until then and from when on it could leave.
#[derive(Debug, Clone)]
pub(super) struct Load {
    from: u32,
    start: Minute,
    picked: Minute,
    licence: Option<Licence>,
    leaves: Minute,
    before: Spent,
}

impl Load {
    /// Goods of some classes that can be picked from `start` on, or why they can't leave.
    pub(super) fn new(
        problem: &Problem<'_>,
        scenario: &Scenario<'_>,
        classes: &[&ExportClass],
        (from, to): (u32, u32),
        (start, before): (Minute, Spent),
    ) -> Result<Self, Reason> {
        let licence = licence(problem, scenario, classes, (from, to))?;
        let open = scenario.view.open(from);
        let picked = open.add_working(start, problem.net.sites[from as usize].pick_minutes);
        let picked = picked.ok_or_else(|| no_route(problem, (from, to)))?;
        let mut leaves = licence.as_ref().map_or(picked, |licence| picked.max(licence.in_hand));
        if from == to {
            // Kept where it is: received as soon as the site is open.
            let received = open.next_open(leaves).filter(|received| *received <= problem.net.end);
            leaves = received.ok_or_else(|| no_route(problem, (from, to)))?;
        }
        Ok(Self { from, start, picked, licence, leaves, before })
    }
}

fn no_route(problem: &Problem<'_>, (from, to): (u32, u32)) -> Reason {
    Reason::NoRoute { from: problem.net.site(from).id.clone(), to: problem.net.site(to).id.clone() }
}

/// A way of one of several loads.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Index of the load.
    pub(super) load: usize,
    lanes: Vec<u32>,
    pub(super) ready: Minute,
    /// With what was spent before.
    pub(super) spent: Spent,
}

impl Way {
    /// The consignment on this way.
    pub(super) fn shipment(
        &self,
        scenario: &Scenario<'_>,
        consignment: &Consignment<'_>,
        load: &Load,
        to: u32,
    ) -> Option<Shipment> {
        Some(Shipment {
            subject: Rc::clone(&consignment.subject),
            origin: consignment.origin.clone(),
            from: load.from,
            to,
            start: load.start,
            picked: load.picked,
            licence: load.licence.clone(),
            legs: scenario.view.legs(&self.lanes, Traffic::Goods, load.leaves)?,
            ready: self.ready,
            spent: self.spent,
            claims: Rc::clone(&consignment.claims),
        })
    }
}

/// Every way of any of `loads`, which weigh the same and are as good as each other at `to`, that nothing beats.
pub(super) fn ways(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    payload: &Payload,
    loads: &[Load],
    to: u32,
) -> Result<Vec<Way>, Reason> {
    let seed = |(load, tag): (&Load, u32)| {
        let Spent { cost_minor: cost, co2_g, risk_micro } = load.before;
        Seed { site: load.from, at: load.leaves, cost, co2_g, risk_micro, tag }
    };
    let seeds: Vec<Seed> = loads.iter().zip(0..).map(seed).collect();
    let (found, _) = &*scenario.front(payload, seeds.clone(), to);
    let way = |label: &Label| {
        let spent = Spent { cost_minor: label.cost, co2_g: label.co2_g, risk_micro: label.risk_micro };
        Way { load: label.tag as usize, lanes: found.lanes(label), ready: label.at, spent }
    };
    let ways: Vec<Way> = found.ways().map(way).collect();
    if ways.is_empty() {
        let unfit = found
            .unfit
            .iter()
            .find_map(|(unfit, _)| decisive(problem, scenario, payload, *unfit, &seeds, to));
        let from = loads.first().map_or(to, |load| load.from);
        return Err(unfit.unwrap_or_else(|| no_route(problem, (from, to))));
    }
    Ok(ways)
}

/// Every way from one site to another that nothing beats, from each moment at which picking could begin.
///
/// `starts` holds these moments with what was spent until then; with each way comes the index of its start, and
/// what was spent until then is not part of it.
pub(super) fn ship(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    consignment: &Consignment<'_>,
    (from, to): (u32, u32),
    starts: &[(Minute, Spent)],
) -> Result<Vec<(usize, Shipment)>, Reason> {
    let load =
        |&start: &(Minute, Spent)| Load::new(problem, scenario, &consignment.classes, (from, to), start);
    let loads: Vec<Load> = starts.iter().map(load).collect::<Result<_, _>>()?;
    let ways = ways(problem, scenario, &consignment.payload, &loads, to)?;
    let shipment = |way: &Way| {
        let shipment = way.shipment(scenario, consignment, &loads[way.load], to)?;
        Some((way.load, Shipment { spent: shipment.spent.since(&starts[way.load].1), ..shipment }))
    };
    Ok(ways.iter().filter_map(shipment).collect())
}

/// The licence that the export rules ask for, or why they close the way.
fn licence(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    classes: &[&ExportClass],
    (from, to): (u32, u32),
) -> Result<Option<Licence>, Reason> {
    let mut longest: Option<Licence> = None;
    for &class in classes {
        let in_hand = |gate: &GateId| scenario.licence_in_hand(gate);
        let (passage, use_decides) =
            problem.net.passage(class, (from, to), scenario.end_use(problem), in_hand);
        let undeclared = use_decides.then(|| class.clone());
        match passage {
            Passage::Free => {}
            Passage::Closed { gate } => {
                let reason = Reason::ExportClosed { export_class: class.clone(), gate: gate.cloned() };
                return Err(reason.until_declared(undeclared));
            }
            Passage::Licence { gate, working_days } => {
                let in_hand = problem.net.working_days(from).in_hand(problem.now, working_days);
                let Some(in_hand) = in_hand.filter(|in_hand| *in_hand < problem.net.end) else {
                    let reason = Reason::LicenceNeeded { gate: gate.clone(), working_days };
                    return Err(reason.until_declared(undeclared));
                };
                if longest.as_ref().is_none_or(|longest| in_hand > longest.in_hand) {
                    longest = Some(Licence { gate: gate.clone(), working_days, in_hand, undeclared });
                }
            }
        }
    }
    Ok(longest)
}

/// The reason why there is no way, if there would be one for goods without the property `unfit`.
fn decisive(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    payload: &Payload,
    unfit: Unfit,
    seeds: &[Seed],
    to: u32,
) -> Option<Reason> {
    let mut easier = payload.clone();
    match unfit {
        Unfit::DangerousGoods => easier.dangerous_goods = false,
        Unfit::ColdChain => easier.cold_chain = false,
        Unfit::TooHeavy => easier.weight_g = 0,
    }
    let (found, _) = &*scenario.front(&easier, seeds.to_vec(), to);
    let way = found.ways().next()?;
    let refuses = |lane: &&u32| payload.terms(problem.net.lane(**lane)).is_err();
    let lanes = found.lanes(way);
    let lane = problem.net.lane(*lanes.iter().find(refuses)?);
    let max_weight_g = lane.goods.and_then(|terms: GoodsTerms| terms.max_weight_g).unwrap_or(i64::MAX);
    let lane = lane.id.clone();
    Some(match unfit {
        Unfit::DangerousGoods => Reason::DangerousGoods { lane },
        Unfit::ColdChain => Reason::ColdChain { lane },
        Unfit::TooHeavy => Reason::TooHeavy { lane, weight_g: payload.weight_g, max_weight_g },
    })
}
