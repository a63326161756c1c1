//! Every consignment that could bring some of a group of lots, on every way that nothing beats.

use std::collections::BTreeMap;

use super::cover::Offer;
use super::drawing::{Drawing, Drawn};
use super::lots::{Lot, Lots};
use super::shipping::{Load, Way, ways};
use crate::compile::{Minute, Traffic};
use crate::draft::Spent;
use crate::model::Claim;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::search::Payload;

/// Most ways in which one place gives some of one lot, beside single drawings.
const TAKINGS_MAX: usize = 16;
/// Most consignments that are looked at with every way of taking; of more, only the first way of each place.
const CONTENTS_MAX: usize = 1_024;

/// Some of one lot from one place.
#[derive(Debug, Clone)]
struct Taking<'l, 'a> {
    gives: i64,
    drawings: Vec<&'l Drawing<'a>>,
}

/// What one consignment holds.
struct Content<'l, 'a> {
    gives: Vec<i64>,
    drawings: Vec<&'l Drawing<'a>>,
    site: u32,
}

/// What consignments that can stand for each other have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    gives: Vec<i64>,
    takes: Vec<i64>,
    weight_g: i64,
    dangerous_goods: bool,
    cold_chain: bool,
}

/// A consignment on its way: drawings that go together, from where and how; a party's has no way.
pub(super) struct Sent<'l, 'a> {
    pub(super) drawings: Vec<&'l Drawing<'a>>,
    pub(super) way: Option<(Load, Way)>,
}

/// All offers for a group of lots. Their ways are indices into `sent`, which grows.
pub(super) fn offers<'l, 'a>(
    (problem, scenario, to): (&Problem<'a>, &Scenario<'_>, u32),
    lots: &'l Lots<'a>,
    group: &[Lot],
    sent: &mut Vec<Sent<'l, 'a>>,
) -> Vec<Offer> {
    let mut offers = Vec::new();
    for (position, lot) in group.iter().enumerate() {
        let [wanted] = lot.wanted.as_slice() else { continue };
        let brought = lots.wanted[*wanted].drawings.iter();
        for drawing in brought.filter(|drawing| matches!(drawing.origin, Drawn::Party { .. })) {
            let mut gives = vec![0; group.len()];
            gives[position] = drawing.units;
            let takes = lots.takes(std::iter::once(drawing));
            let (ready, spent, way) = (drawing.from, drawing.spent, sent.len());
            offers.push(Offer { gives, ready, spent, takes, way });
            sent.push(Sent { drawings: vec![drawing], way: None });
        }
    }
    // What brings the same and weighs the same is searched for together, wherever it starts.
    let mut alike: BTreeMap<Alike, Vec<Content<'l, 'a>>> = BTreeMap::new();
    for content in contents(lots, group) {
        let takes = lots.takes(content.drawings.iter().copied());
        if takes.iter().zip(&lots.limits).any(|(takes, limit)| takes > limit) {
            continue;
        }
        let weight = |one: &&Drawing<'_>| one.facts.weight_g.max(0).saturating_mul(one.units);
        let alike_as = Alike {
            gives: content.gives.clone(),
            takes,
            weight_g: content.drawings.iter().map(weight).fold(0, i64::saturating_add),
            dangerous_goods: content.drawings.iter().any(|one| one.facts.dangerous_goods),
            cold_chain: content.drawings.iter().any(|one| one.facts.cold_chain),
        };
        alike.entry(alike_as).or_default().push(content);
    }
    for (Alike { gives, takes, weight_g, dangerous_goods, cold_chain }, contents) in alike {
        let payload = Payload { traffic: Traffic::Goods, weight_g, dangerous_goods, cold_chain };
        let load = |content: Content<'l, 'a>| {
            let load = load((problem, scenario, to), &content)?;
            Some((content.drawings, load))
        };
        let (drawings, loads): (Vec<_>, Vec<Load>) = contents.into_iter().filter_map(load).unzip();
        if loads.is_empty() {
            continue;
        }
        for way in ways(problem, scenario, &payload, &loads, to).unwrap_or_default() {
            let (gives, takes) = (gives.clone(), takes.clone());
            offers.push(Offer { gives, ready: way.ready, spent: way.spent, takes, way: sent.len() });
            let way = Some((loads[way.load].clone(), way));
            let load = way.as_ref().map_or(0, |(_, way)| way.load);
            sent.push(Sent { drawings: drawings[load].clone(), way });
        }
    }
    offers
}

fn load(
    (problem, scenario, to): (&Problem<'_>, &Scenario<'_>, u32),
    content: &Content<'_, '_>,
) -> Option<Load> {
    let classes: Vec<_> = content.drawings.iter().filter_map(|one| one.facts.export_class.as_ref()).collect();
    let start = content.drawings.iter().map(|one| one.from).fold(problem.now, Minute::max);
    let before: Spent = content.drawings.iter().map(|one| one.spent).sum();
    Load::new(problem, scenario, &classes, (content.site, to), (start, before)).ok()
}

/// Every consignment that a place could send: for each lot nothing or one way of taking some of it.
fn contents<'l, 'a>(lots: &'l Lots<'a>, group: &[Lot]) -> Vec<Content<'l, 'a>> {
    let mut by_site: BTreeMap<u32, Vec<Vec<Taking<'l, 'a>>>> = BTreeMap::new();
    for (position, lot) in group.iter().enumerate() {
        for (site, takings) in takings(lots, lot) {
            by_site.entry(site).or_insert_with(|| vec![Vec::new(); group.len()])[position] = takings;
        }
    }
    let product = |lots: &Vec<Vec<Taking<'_, '_>>>| {
        lots.iter().map(|takings| takings.len() + 1).fold(1, usize::saturating_mul)
    };
    let too_many = by_site.values().map(product).fold(0, usize::saturating_add) > CONTENTS_MAX;
    let mut contents = Vec::new();
    for (site, lots) in by_site {
        if too_many {
            // Alone each way of taking still counts, so that nothing that is possible is lost.
            for (position, takings) in lots.iter().enumerate() {
                contents.extend(takings.iter().skip(1).map(|taking| {
                    let mut gives = vec![0; group.len()];
                    gives[position] = taking.gives;
                    Content { gives, drawings: taking.drawings.clone(), site }
                }));
            }
        }
        let most = if too_many { 1 } else { usize::MAX };
        let nothing = Content { gives: Vec::new(), drawings: Vec::new(), site };
        let combined = lots.iter().fold(vec![nothing], |contents, takings| {
            contents.iter().flat_map(|content| longer(content, &takings[..takings.len().min(most)])).collect()
        });
        contents.extend(combined.into_iter().filter(|content| !content.drawings.is_empty()));
    }
    contents
}

fn longer<'l, 'a>(content: &Content<'l, 'a>, takings: &[Taking<'l, 'a>]) -> Vec<Content<'l, 'a>> {
    let with = |gives: i64, drawings: &[&'l Drawing<'a>]| Content {
        gives: content.gives.iter().copied().chain([gives]).collect(),
        drawings: content.drawings.iter().chain(drawings).copied().collect(),
        site: content.site,
    };
    std::iter::once(with(0, &[]))
        .chain(takings.iter().map(|taking| with(taking.gives, &taking.drawings)))
        .collect()
}

/// The ways in which each place can give some of a lot, the most useful first.
fn takings<'l, 'a>(lots: &'l Lots<'a>, lot: &Lot) -> BTreeMap<u32, Vec<Taking<'l, 'a>>> {
    let mut by_site: BTreeMap<u32, Vec<Taking<'l, 'a>>> = BTreeMap::new();
    if let [wanted] = lot.wanted.as_slice() {
        let drawings = &lots.wanted[*wanted].drawings;
        for drawing in drawings.iter().filter(|one| !matches!(one.origin, Drawn::Party { .. })) {
            let takings = by_site.entry(drawing.site).or_default();
            let added = |taking: &Taking<'l, 'a>| Taking {
                gives: taking.gives + drawing.units,
                drawings: taking.drawings.iter().copied().chain([drawing]).collect(),
            };
            let fits = |taking: &&Taking<'_, '_>| {
                let other =
                    |one: &&Drawing<'_>| one.claims.iter().all(|claim| !shared(claim, &drawing.claims));
                taking.gives + drawing.units <= lot.needs && taking.drawings.iter().all(other)
            };
            let more: Vec<_> = takings.iter().filter(fits).map(added).collect();
            takings.push(Taking { gives: drawing.units, drawings: vec![drawing] });
            takings.extend(more);
        }
        for takings in by_site.values_mut() {
            takings.sort_by_key(|taking| {
                let from = taking.drawings.iter().map(|one| one.from).max();
                (std::cmp::Reverse(taking.gives), from, taking.drawings.len())
            });
            let mut rank = 0;
            takings.retain(|taking| {
                rank += 1;
                rank <= TAKINGS_MAX || taking.drawings.len() == 1
            });
        }
        return by_site;
    }
    let sites = lots.wanted[lot.wanted[0]].drawings.iter().map(|drawing| drawing.site);
    for site in sites {
        let first = |wanted: &usize| {
            let wanted = &lots.wanted[*wanted];
            let whole = |one: &&Drawing<'_>| {
                one.site == site && one.units == wanted.units && !matches!(one.origin, Drawn::Party { .. })
            };
            wanted.drawings.iter().find(whole)
        };
        if let Some(drawings) = lot.wanted.iter().map(first).collect::<Option<Vec<_>>>() {
            by_site.insert(site, vec![Taking { gives: lot.needs, drawings }]);
        }
    }
    by_site
}

/// Whether a claim is on something that other claims are on too.
fn shared(claim: &Claim, others: &[Claim]) -> bool {
    others.iter().any(|other| match (claim, other) {
        (Claim::Stock { item: a, warehouse: x, .. }, Claim::Stock { item: b, warehouse: y, .. }) => {
            a == b && x == y
        }
        (Claim::Receipt { receipt: a, .. }, Claim::Receipt { receipt: b, .. }) => a == b,
        _ => false,
    })
}
