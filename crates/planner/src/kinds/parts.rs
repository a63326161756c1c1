//! The parts that a repair uses up, brought to where it is done.

use super::sourcing::bring;
use crate::model::{Line, Reason};
use crate::problem::Problem;
use crate::scenario::{PartSets, Scenario, Scope};

/// Every set of shipments that brings all parts to `site` and that no other set beats. One empty set when no
/// parts are needed.
pub(super) fn sets(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    parts: &[Line],
    site: u32,
) -> Result<PartSets, Reason> {
    bring(problem, scenario, parts, site, Scope { kits: true, soonest: false })
}
