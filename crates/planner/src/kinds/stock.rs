//! LOCAL_STOCK and TRANSFER: everything that is needed comes from one warehouse, in the destination's country
//! or in another.

use std::collections::BTreeSet;

use meridian_types::{ItemId, SiteId};

use super::drawing::Drawing;
use super::sourcing::{deliveries, why_not};
use super::supply::{Pool, choices, in_stock, pools};
use crate::draft::Draft;
use crate::model::{Candidate, Line, Reason};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// The warehouses that know every item asked for; the items that no warehouse knows, or of which there are too few
/// anywhere.
pub(super) fn candidates(problem: &Problem<'_>, scenario: &Scenario<'_>) -> Vec<Candidate> {
    let knows =
        |line: &Line| problem.sources(&line.item).map(|(site, _)| site).collect::<BTreeSet<&SiteId>>();
    let scarce = |line: &&Line| knows(line).is_empty() || too_few(problem, scenario, line);
    let scarce = problem.lines.iter().filter(scarce);
    let mut candidates: Vec<Candidate> = scarce.map(|line| Candidate::Item(line.item.clone())).collect();
    let everywhere = problem.lines.iter().map(knows).reduce(|all, some| &all & &some);
    let sites = everywhere.into_iter().flatten();
    candidates.extend(sites.map(|site| Candidate::Source { site: site.clone() }));
    candidates
}

fn too_few(problem: &Problem<'_>, scenario: &Scenario<'_>, line: &Line) -> bool {
    let choices = choices(problem, scenario, &line.item).unwrap_or_default();
    let pools = choices.iter().flat_map(|choice| pools(problem, scenario, choice.facts));
    let existing = pools.map(|pool: Pool<'_>| pool.units).fold(0, i64::saturating_add);
    (1..line.quantity.units()).contains(&existing)
}

/// Why there is not enough of an item anywhere.
pub(super) fn nowhere(problem: &Problem<'_>, scenario: &Scenario<'_>, item: &ItemId) -> Reason {
    let line = problem.lines.iter().find(|line| line.item == *item);
    line.map_or(Reason::NotServed, |line| why_not(problem, scenario, line, problem.destination))
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    from_shelf(problem, scenario, (&problem.lines, Ok(0)), site, problem.destination)
}

/// Every way to bring `lines` from the shelves of one warehouse to a site as one consignment. With the lines comes
/// what a unit of them is worth more than what was asked for, or why they may not be sent.
pub(super) fn from_shelf<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (lines, worth_minor): (&[Line], Result<i64, Reason>),
    site: &SiteId,
    to: u32,
) -> Result<Vec<Draft<'a>>, Reason> {
    let from = problem.usable_site(site)?;
    for line in lines {
        in_stock(problem, scenario, line, site)?;
    }
    let worth_minor = worth_minor?;
    let mut drawings = Vec::with_capacity(lines.len());
    for line in lines {
        let (facts, units) = (problem.item(&line.item)?, line.quantity.units());
        let pool = Pool { facts, site: from, receipt: None, from: problem.now, units };
        drawings.extend(Drawing::of_pool(problem, units, &pool, worth_minor));
    }
    deliveries(problem, scenario, &drawings.iter().collect::<Vec<_>>(), to)
}
