//! Every consignment that could bring some of a group of lots, on every way that nothing beats.

use std::collections::BTreeMap;

use super::drawing::{Drawing, Drawn};
use super::lots::{Lot, Lots};
use super::offer::{Offer, Units};
use super::shipping::{Load, Way, ways};
use crate::compile::{Minute, Traffic};
use crate::draft::Spent;
use crate::model::Claim;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::search::Payload;

/// Most ways in which one place gives some of one lot, beside single drawings.
const TAKINGS_MAX: usize = 512;
/// Most consignments of one place without anything put together that are looked at. Where there would be more, those
/// lots of which some can be given in most ways are combined in the first of these only.
const CONTENTS_MAX: usize = 1_024;
/// The same where something is put together.
const PREPARED_MAX: usize = 128;

/// Some of one lot from one place.
#[derive(Debug, Clone)]
struct Taking<'l, 'a> {
    gives: i64,
    drawings: Vec<&'l Drawing<'a>>,
}

impl Taking<'_, '_> {
    /// Whether some of it is put together first.
    fn is_prepared(&self) -> bool {
        self.drawings.iter().any(|one| matches!(one.origin, Drawn::Kit(_)))
    }
}

/// What one consignment holds.
struct Content<'l, 'a> {
    gives: Units,
    drawings: Vec<&'l Drawing<'a>>,
    site: u32,
}

/// What consignments that can stand for each other have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    gives: Units,
    takes: Vec<i64>,
    weight_g: i64,
    dangerous_goods: bool,
    cold_chain: bool,
    prepared: bool,
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
            let mut gives = Units::default();
            gives[position] = drawing.units;
            let takes = lots.takes(std::iter::once(drawing));
            let (ready, spent, way) = (drawing.from, drawing.spent, sent.len());
            offers.push(Offer { gives, ready, spent, takes, place: to, prepared: false, way });
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
            gives: content.gives,
            takes,
            weight_g: content.drawings.iter().map(weight).fold(0, i64::saturating_add),
            dangerous_goods: content.drawings.iter().any(|one| one.facts.dangerous_goods),
            cold_chain: content.drawings.iter().any(|one| one.facts.cold_chain),
            prepared: content.drawings.iter().any(|one| matches!(one.origin, Drawn::Kit(_))),
        };
        alike.entry(alike_as).or_default().push(content);
    }
    for (Alike { gives, takes, weight_g, dangerous_goods, cold_chain, prepared }, contents) in alike {
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
            let (place, load) = (drawings[way.load][0].site, way.load);
            let (takes, ready, spent) = (takes.clone(), way.ready, way.spent);
            offers.push(Offer { gives, ready, spent, takes, place, prepared, way: sent.len() });
            let way = Some((loads[load].clone(), way));
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

/// Every consignment that a place could send: for each lot nothing or one way of taking some of it. What has to be
/// put together first comes on top: however much of that there is, it is in the way of nothing else.
fn contents<'l, 'a>(lots: &'l Lots<'a>, group: &[Lot]) -> Vec<Content<'l, 'a>> {
    let mut by_site: BTreeMap<u32, Vec<Vec<Taking<'l, 'a>>>> = BTreeMap::new();
    for (position, lot) in group.iter().enumerate() {
        for (site, takings) in takings(lots, lot) {
            by_site.entry(site).or_insert_with(|| vec![Vec::new(); group.len()])[position] = takings;
        }
    }
    let mut contents = Vec::new();
    for (site, all) in by_site {
        let there = |takings: &Vec<Taking<'l, 'a>>| {
            takings.iter().filter(|taking| !taking.is_prepared()).cloned().collect()
        };
        contents.extend(combined(site, all.iter().map(there).collect(), CONTENTS_MAX));
        if all.iter().flatten().any(Taking::is_prepared) {
            let prepared =
                |one: &Content<'_, '_>| one.drawings.iter().any(|one| matches!(one.origin, Drawn::Kit(_)));
            contents.extend(combined(site, all, PREPARED_MAX).into_iter().filter(prepared));
        }
    }
    contents
}

/// Each way of taking alone, and as many as there is room for combined.
fn combined<'l, 'a>(site: u32, mut lots: Vec<Vec<Taking<'l, 'a>>>, most: usize) -> Vec<Content<'l, 'a>> {
    let mut contents = Vec::new();
    let product = |lots: &[Vec<Taking<'_, '_>>]| {
        lots.iter().map(|takings| takings.len() + 1).fold(1, usize::saturating_mul)
    };
    while product(&lots) > most {
        let longest = lots.iter_mut().enumerate().max_by_key(|(_, takings)| takings.len());
        let Some((position, taking)) = longest.and_then(|(at, takings)| Some((at, takings.pop()?))) else {
            break;
        };
        let mut gives = Units::default();
        gives[position] = taking.gives;
        contents.push(Content { gives, drawings: taking.drawings, site });
    }
    let nothing = Content { gives: Units::default(), drawings: Vec::new(), site };
    let together = lots.iter().enumerate().fold(vec![nothing], |contents, takings| {
        contents.iter().flat_map(|content| longer(content, takings)).collect()
    });
    contents.extend(together.into_iter().filter(|content| !content.drawings.is_empty()));
    contents
}

fn longer<'l, 'a>(
    content: &Content<'l, 'a>,
    (position, takings): (usize, &Vec<Taking<'l, 'a>>),
) -> Vec<Content<'l, 'a>> {
    let with = |units: i64, drawings: &[&'l Drawing<'a>]| {
        let mut gives = content.gives;
        gives[position] = units;
        let drawings = content.drawings.iter().chain(drawings).copied().collect();
        Content { gives, drawings, site: content.site }
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
            let room = TAKINGS_MAX.saturating_sub(takings.len());
            let added = |taking: &Taking<'l, 'a>| Taking {
                gives: taking.gives + drawing.units,
                drawings: taking.drawings.iter().copied().chain([drawing]).collect(),
            };
            let fits = |taking: &&Taking<'_, '_>| {
                let other = |one: &&Drawing<'_>| !of_one_kind(one, drawing);
                taking.gives + drawing.units <= lot.needs && taking.drawings.iter().all(other)
            };
            let more: Vec<_> = takings.iter().filter(fits).map(added).take(room).collect();
            takings.push(Taking { gives: drawing.units, drawings: vec![drawing] });
            takings.extend(more);
        }
        for takings in by_site.values_mut() {
            takings.sort_by_key(|taking| {
                let from = taking.drawings.iter().map(|one| one.from).max();
                (std::cmp::Reverse(taking.gives), from, taking.drawings.len())
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

/// Whether two drawings are of one pool, or both are put together as the same item.
fn of_one_kind(one: &Drawing<'_>, other: &Drawing<'_>) -> bool {
    match (&one.origin, &other.origin) {
        (Drawn::Kit(_), Drawn::Kit(_)) => one.facts.item == other.facts.item,
        (Drawn::Kit(_), _) | (_, Drawn::Kit(_)) => false,
        _ => one.claims.iter().any(|claim| other.claims.iter().any(|other| same_pool(claim, other))),
    }
}

fn same_pool(claim: &Claim, other: &Claim) -> bool {
    match (claim, other) {
        (Claim::Stock { item: a, warehouse: x, .. }, Claim::Stock { item: b, warehouse: y, .. }) => {
            a == b && x == y
        }
        (
            Claim::Receipt { receipt: a, warehouse: x, .. },
            Claim::Receipt { receipt: b, warehouse: y, .. },
        ) => a == b && x == y,
        _ => false,
    }
}
