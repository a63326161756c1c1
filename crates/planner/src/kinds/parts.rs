//! The parts that a repair uses up, brought to where it is done.

use std::rc::Rc;

use super::stock::from_one_source;
use crate::draft::{join, unbeaten};
use crate::model::{Line, Reason};
use crate::problem::Problem;
use crate::scenario::{PartSets, Scenario};

/// Every set of shipments that brings all parts to `site` and that no other set beats. One empty set when no
/// parts are needed.
pub(super) fn sets(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    parts: &[Line],
    site: u32,
) -> Result<PartSets, Reason> {
    if let Some(known) = scenario.parts.borrow().get(&site) {
        return known.clone();
    }
    let found = find(problem, scenario, parts, site);
    scenario.parts.borrow_mut().insert(site, found.clone());
    found
}

fn find(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    parts: &[Line],
    site: u32,
) -> Result<PartSets, Reason> {
    let mut fronts = Vec::with_capacity(parts.len());
    for line in parts {
        let needed = line.quantity.units();
        let mut because = Reason::NoStock { item: Some(line.item.clone()), available: 0, needed };
        let mut ways = Vec::new();
        for (warehouse, _) in problem.sources(&line.item) {
            match from_one_source(problem, scenario, std::slice::from_ref(line), warehouse, site) {
                Ok(shipments) => ways.extend(shipments),
                Err(reason) => because = reason,
            }
        }
        if ways.is_empty() {
            return Err(Reason::PartMissing { item: line.item.clone(), because: Box::new(because) });
        }
        fronts.push(unbeaten(ways, |way| (way.ready, way.spent)));
    }
    Ok(Rc::new(join(fronts)))
}
