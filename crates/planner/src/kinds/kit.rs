//! KIT: parts that lie at a site or are brought there become what is asked for.
//!
//! What goes into a kit comes from stock, from receipts or from parties, substitutes included, but is never put
//! together itself: kits that contain each other lead nowhere.

use std::collections::BTreeMap;
use std::rc::Rc;

use meridian_types::{ItemId, Quantity, SiteId};

use super::drawing::{Drawing, Drawn};
use super::sourcing::{bring, deliveries};
use super::supply::{Choice, choices, stands_in};
use super::thinning::thinned;
use crate::compile::{Minute, length};
use crate::draft::{Assembly, Draft, Shipment, Spent, ready, unbeaten};
use crate::model::{Candidate, Claim, Kit, Line, Reason};
use crate::problem::Problem;
use crate::scenario::{Scenario, Scope};

/// Ways to put together so many units at one site that others can be sent with, beside the best.
const DRAWINGS_MAX: usize = 8;

/// Every site that can put together what is asked for or something that stands in for it, for a need of one line;
/// other needs find theirs in splits.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let [line] = problem.lines.as_slice() else { return Vec::new() };
    let does = |kit: &&Kit| {
        kit.kit == line.item || problem.substitutes(&line.item).any(|record| record.substitute == kit.kit)
    };
    let of = |kit: &Kit| {
        let candidate = |site: &SiteId| Candidate::Kit { kit: kit.kit.clone(), site: site.clone() };
        kit.sites.iter().map(candidate).collect::<Vec<_>>()
    };
    problem.world.kits.iter().filter(does).flat_map(of).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    kit: &ItemId,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let [line] = problem.lines.as_slice() else { return Err(Reason::NotServed) };
    let choice = choices(problem, scenario, &line.item)?.into_iter().find(|choice| choice.facts.item == *kit);
    let Some(choice) = choice else {
        return Err(stands_in(problem, scenario, &line.item, kit).err().unwrap_or(Reason::NotServed));
    };
    let units = line.quantity.units();
    let (mut drafts, mut refused) = (Vec::new(), None);
    for record in problem.world.kits.iter().filter(|record| record.kit == *kit && record.sites.contains(site))
    {
        let assemblies = assemblies(problem, scenario, record, site, units);
        match assemblies {
            Err(reason) => refused = Some(reason),
            Ok(assemblies) => {
                for drawing in assemblies.into_iter().filter_map(|one| drawing(&choice, units, one)) {
                    match deliveries(problem, scenario, &[&drawing], problem.destination) {
                        Err(reason) => refused = Some(reason),
                        Ok(found) => drafts.extend(found),
                    }
                }
            }
        }
    }
    if drafts.is_empty() { Err(refused.unwrap_or(Reason::NotServed)) } else { Ok(drafts) }
}

/// Kits of one item, as drawings at the sites that put them together.
pub(super) fn drawings<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    units: i64,
    choice: &Choice<'a>,
) -> Vec<Drawing<'a>> {
    let records = problem.world.kits.iter().filter(|record| record.kit == choice.facts.item);
    let at_sites = |record: &'a Kit| {
        let mut sites: Vec<&SiteId> = record.sites.iter().collect();
        sites.sort();
        sites.dedup();
        let at = |site| {
            let found = assemblies(problem, scenario, record, site, units).unwrap_or_default();
            thinned(found, DRAWINGS_MAX, |assembly| (assembly.end, assembly.spent))
        };
        sites.into_iter().flat_map(at).collect::<Vec<_>>()
    };
    records.flat_map(at_sites).filter_map(|assembly| drawing(choice, units, assembly)).collect()
}

fn drawing<'a>(choice: &Choice<'a>, units: i64, assembly: Assembly) -> Option<Drawing<'a>> {
    let worth = Spent { cost_minor: choice.worth_minor.saturating_mul(units), ..Spent::default() };
    let claims: Vec<Claim> =
        assembly.inbound.iter().flat_map(|shipment| shipment.claims.iter().cloned()).collect();
    (!claims.is_empty()).then(|| Drawing {
        units,
        facts: choice.facts,
        site: assembly.site,
        from: assembly.end,
        spent: assembly.spent + worth,
        claims,
        origin: Drawn::Kit(Rc::new(assembly)),
        takes: Vec::new(),
    })
}

/// Every way to have so many units put together at a site that no other beats.
fn assemblies(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    record: &Kit,
    site: &SiteId,
    units: i64,
) -> Result<Vec<Assembly>, Reason> {
    let at = problem.usable_site(site)?;
    if problem.request.excluded_items.contains(&record.kit) {
        return Err(Reason::Excluded);
    }
    let too_many = |item: &ItemId| Reason::NoStock { item: Some(item.clone()), available: 0, needed: units };
    let quantity = Quantity::new(units).map_err(|_| too_many(&record.kit))?;
    let parts = parts(record, units).ok_or_else(|| too_many(&record.kit))?;
    let sets = bring(problem, scenario, &parts, at, Scope { kits: false, soonest: false })?;
    let open = scenario.view.open(at);
    let work_minutes = length(record.work_minutes.saturating_mul(units));
    let cost_minor = record.cost_minor.max(0).saturating_mul(units);
    let assembly = |inbound: Vec<Rc<Shipment>>| {
        let start = open.next_open(ready(&inbound).max(problem.now))?;
        let end = open.add_working(start, work_minutes).filter(|end: &Minute| *end <= problem.net.end)?;
        let spent = inbound.iter().map(|shipment| shipment.spent).sum::<Spent>()
            + Spent { cost_minor, ..Spent::default() };
        let kit = Line { item: record.kit.clone(), quantity };
        Some(Assembly { kit, site: at, parts: parts.clone(), inbound, start, end, work_minutes, spent })
    };
    let found: Vec<Assembly> = sets.iter().cloned().filter_map(assembly).collect();
    if found.is_empty() {
        return Err(Reason::NoTime { site: site.clone(), work_minutes: i64::from(work_minutes) });
    }
    Ok(unbeaten(found, |assembly| (assembly.end, assembly.spent)))
}

/// Parts of so many units, one line per item; nothing when there are none or more than anybody counts.
fn parts(record: &Kit, units: i64) -> Option<Vec<Line>> {
    let mut sums: BTreeMap<&ItemId, Line> = BTreeMap::new();
    for part in &record.parts {
        let quantity = Quantity::new(part.quantity.units().checked_mul(units)?).ok()?;
        match sums.get_mut(&part.item) {
            None => drop(sums.insert(&part.item, Line { item: part.item.clone(), quantity })),
            Some(sum) => sum.quantity = sum.quantity.checked_add(quantity).ok()?,
        }
    }
    (!sums.is_empty()).then(|| sums.into_values().collect())
}
