//! LOCAL_STOCK and TRANSFER: everything that is needed comes from one warehouse, in the destination's country
//! or in another.

use std::collections::BTreeSet;

use meridian_types::{ItemId, SiteId};

use super::shipping::{Consignment, in_stock, ship};
use crate::draft::{Draft, Shipment, Spent};
use crate::model::{Candidate, Line, Reason, SolutionKind};
use crate::problem::{Problem, Scenario};

/// The warehouses that know every item asked for; the items that no warehouse knows.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let knows =
        |line: &Line| problem.sources(&line.item).map(|(site, _)| site).collect::<BTreeSet<&SiteId>>();
    let nowhere = problem.lines.iter().filter(|line| knows(line).is_empty());
    let mut candidates: Vec<Candidate> = nowhere.map(|line| Candidate::Item(line.item.clone())).collect();
    let everywhere = problem.lines.iter().map(knows).reduce(|all, some| &all & &some);
    let sites = everywhere.into_iter().flatten();
    candidates.extend(sites.map(|site| Candidate::Source { site: site.clone() }));
    candidates
}

/// Why an item that no warehouse knows can't be sent.
pub(super) fn nowhere(problem: &Problem<'_>, item: &ItemId) -> Reason {
    let line = problem.lines.iter().find(|line| line.item == *item);
    let needed = line.map_or(1, |line| line.quantity.units());
    Reason::NoStock { item: Some(item.clone()), available: 0, needed }
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let kind = kind(problem, problem.usable_site(site)?);
    let ways = from_one_source(problem, scenario, &problem.lines, site, problem.destination)?;
    Ok(ways.into_iter().map(|shipment| Draft::delivery(kind, vec![shipment], 0)).collect())
}

/// Every way to bring `lines` from one warehouse to a site.
pub(super) fn from_one_source(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    lines: &[Line],
    site: &SiteId,
    to: u32,
) -> Result<Vec<Shipment>, Reason> {
    let from = problem.usable_site(site)?;
    for line in lines {
        in_stock(problem, &line.item, line.quantity, site)?;
    }
    let consignment = Consignment::items(problem, lines, from)?;
    let ways = ship(problem, scenario, &consignment, (from, to), &[(problem.now, Spent::default())])?;
    Ok(ways.into_iter().map(|(_, shipment)| shipment).collect())
}

/// Local when the source is in the destination's country.
pub(super) fn kind(problem: &Problem<'_>, from: u32) -> SolutionKind {
    let local = problem.net.site(from).country == problem.net.site(problem.destination).country;
    if local { SolutionKind::LocalStock } else { SolutionKind::Transfer }
}
