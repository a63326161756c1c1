//! Getting something from one site to another: picking, export rules, lanes.

use meridian_types::{ExportClass, ItemId, Quantity};

use crate::compile::{Minute, Passage, Traffic};
use crate::draft::{Licence, Shipment, Spent};
use crate::model::{Claim, GoodsTerms, ItemFacts, Line, ModelFacts, Reason, Subject};
use crate::problem::{Problem, Scenario};
use crate::search::{Payload, Seed, Unfit, front};

/// What is sent, and what must be held for it.
#[derive(Debug, Clone)]
pub(super) struct Consignment<'a> {
    pub(super) subject: Subject,
    pub(super) payload: Payload,
    pub(super) classes: Vec<&'a ExportClass>,
    pub(super) claims: Vec<Claim>,
}

impl<'a> Consignment<'a> {
    /// Items out of the stock of a site.
    pub(super) fn items(problem: &Problem<'a>, lines: &[Line], from: u32) -> Result<Self, Reason> {
        let facts: Vec<&ItemFacts> =
            lines.iter().map(|line| problem.item(&line.item)).collect::<Result<_, _>>()?;
        let weight =
            |(line, facts): (&Line, &&ItemFacts)| facts.weight_g.max(0).saturating_mul(line.quantity.units());
        let site = problem.net.site(from);
        let claim = |line: &Line| Claim::Stock {
            item: line.item.clone(),
            quantity: line.quantity,
            warehouse: site.id.clone(),
            region: site.region.clone(),
        };
        Ok(Self {
            subject: Subject::Goods(lines.to_vec()),
            payload: Payload {
                traffic: Traffic::Goods,
                weight_g: lines.iter().zip(&facts).map(weight).fold(0, i64::saturating_add),
                dangerous_goods: facts.iter().any(|facts| facts.dangerous_goods),
                cold_chain: facts.iter().any(|facts| facts.cold_chain),
            },
            classes: facts.iter().filter_map(|facts| facts.export_class.as_ref()).collect(),
            claims: lines.iter().map(claim).collect(),
        })
    }

    /// An instrument.
    pub(super) fn instrument(model: &'a ModelFacts, subject: Subject, claims: Vec<Claim>) -> Self {
        let payload = Payload {
            traffic: Traffic::Goods,
            weight_g: model.weight_g.max(0),
            dangerous_goods: model.dangerous_goods,
            cold_chain: false,
        };
        Self { subject, payload, classes: model.export_class.iter().collect(), claims }
    }
}

/// Every way from one site to another that nothing beats, from each moment at which picking could begin.
///
/// `starts` holds these moments with what was spent until then; with each way comes the index of its start.
pub(super) fn ship(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    consignment: &Consignment<'_>,
    (from, to): (u32, u32),
    starts: &[(Minute, Spent)],
) -> Result<Vec<(usize, Shipment)>, Reason> {
    let licence = licence(problem, scenario, consignment, (from, to))?;
    let view = &scenario.view;
    let pick_minutes = problem.net.sites[from as usize].pick_minutes;
    let no_route =
        || Reason::NoRoute { from: problem.net.site(from).id.clone(), to: problem.net.site(to).id.clone() };
    let mut picks = Vec::with_capacity(starts.len());
    let mut seeds = Vec::with_capacity(starts.len());
    for (&(start, before), tag) in starts.iter().zip(0..) {
        let picked = view.open(from).add_working(start, pick_minutes).ok_or_else(no_route)?;
        let at = licence.as_ref().map_or(picked, |licence| picked.max(licence.in_hand));
        picks.push((start, picked));
        let Spent { cost_minor: cost, co2_g, risk_micro } = before;
        seeds.push(Seed { site: from, at, cost, co2_g, risk_micro, tag });
    }
    let shipment = |tag: u32, legs: Vec<_>, ready: Minute, spent: Spent| {
        let (start, picked) = picks[tag as usize];
        let (subject, claims) = (consignment.subject.clone(), consignment.claims.clone());
        let licence = licence.clone();
        (tag as usize, Shipment { subject, from, to, start, picked, licence, legs, ready, spent, claims })
    };
    if from == to {
        let kept = seeds.iter().filter_map(|seed| {
            let ready = view.open(to).next_open(seed.at).filter(|ready| *ready <= problem.net.end)?;
            Some(shipment(seed.tag, Vec::new(), ready, Spent::default()))
        });
        return Ok(kept.collect());
    }
    let found = front(view, &consignment.payload, &seeds, to, Some(&mut scenario.missed.borrow_mut()));
    let ways = found.ways().filter_map(|way| {
        let seed = seeds[way.tag as usize];
        let legs = view.legs(&found.lanes(way), Traffic::Goods, seed.at)?;
        let spent = Spent {
            cost_minor: way.cost - seed.cost,
            co2_g: way.co2_g - seed.co2_g,
            risk_micro: way.risk_micro - seed.risk_micro,
        };
        Some(shipment(way.tag, legs, way.at, spent))
    });
    let ways: Vec<_> = ways.collect();
    if ways.is_empty() {
        let unfit = found
            .unfit
            .iter()
            .find_map(|(unfit, _)| decisive(problem, scenario, &consignment.payload, *unfit, &seeds, to));
        return Err(unfit.unwrap_or_else(no_route));
    }
    Ok(ways)
}

/// The licence that the export rules ask for, or why they close the way.
fn licence(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    consignment: &Consignment<'_>,
    (from, to): (u32, u32),
) -> Result<Option<Licence>, Reason> {
    let mut longest: Option<Licence> = None;
    for class in &consignment.classes {
        match problem.net.passage(class, from, to, problem.request.need.end_use()) {
            Passage::Free => {}
            Passage::Closed { gate } => {
                return Err(Reason::ExportClosed { export_class: (*class).clone(), gate: gate.cloned() });
            }
            Passage::Licence { gate, .. } if scenario.licence_in_hand.as_ref() == Some(gate) => {}
            Passage::Licence { gate, working_days } => {
                let in_hand = problem.net.working_days(from).in_hand(problem.now, working_days);
                let Some(in_hand) = in_hand.filter(|in_hand| *in_hand < problem.net.end) else {
                    return Err(Reason::LicenceNeeded { gate: gate.clone(), working_days });
                };
                if longest.as_ref().is_none_or(|longest| in_hand > longest.in_hand) {
                    longest = Some(Licence { gate: gate.clone(), working_days, in_hand });
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
    let found = front(&scenario.view, &easier, seeds, to, None);
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

/// Whether so many units of an item can be taken from a site.
pub(super) fn in_stock(
    problem: &Problem<'_>,
    item: &ItemId,
    quantity: Quantity,
    site: &meridian_types::SiteId,
) -> Result<(), Reason> {
    use crate::model::RefusedHold;
    if problem.request.excluded_items.contains(item) {
        return Err(Reason::Excluded);
    }
    let refused = RefusedHold::Stock { item: item.clone(), warehouse: site.clone() };
    if problem.request.refused_holds.contains(&refused) {
        return Err(Reason::HoldRefused { item: Some(item.clone()) });
    }
    let (available, needed) = (problem.available(item, site).unwrap_or(0), quantity.units());
    if available >= needed {
        Ok(())
    } else {
        Err(Reason::NoStock { item: Some(item.clone()), available, needed })
    }
}
