//! SPLIT: what is needed comes in several consignments, or in one that no other kind of solution looks at.
//!
//! Of up to 8 lines that share sources, and as long as their amounts make up no more states than `drawing` tells apart,
//! every amount from every place is looked at. Beyond, lines that the same places can give become one (see `lots`), or
//! only some amounts count (see `drawing`): what is found is a way, but maybe not the best. How kits go together is
//! bounded too (see `cover`): they add to what is found without them and never take from it.

use std::rc::Rc;

use super::sourcing::{bring, kind};
use crate::draft::{Draft, Origin, Shipment};
use crate::model::{Candidate, Reason, Subject};
use crate::problem::Problem;
use crate::scenario::{Scenario, Scope};

/// Needs of several lines, or of several units of which some warehouse or receipt has a part only.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let several = match problem.lines.as_slice() {
        [line] => line.quantity.units() > 1,
        lines => !lines.is_empty(),
    };
    if several { vec![Candidate::Split] } else { Vec::new() }
}

/// Every combination that no other beats, nor one source alone; none when one source is best.
pub(super) fn evaluate<'a>(problem: &Problem<'a>, scenario: &Scenario<'a>) -> Result<Vec<Draft<'a>>, Reason> {
    let drafts = within(problem, scenario, Scope { kits: true, soonest: scenario.soonest })?;
    if drafts.is_empty() && scenario.soonest {
        return within(problem, scenario, Scope { kits: true, soonest: false });
    }
    Ok(drafts)
}

fn within<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    scope: Scope,
) -> Result<Vec<Draft<'a>>, Reason> {
    let sets = bring(problem, scenario, &problem.lines, problem.destination, scope);
    let sets = sets.map_err(|reason| match reason {
        Reason::PartMissing { because, .. } if problem.lines.len() == 1 => *because,
        reason => reason,
    })?;
    let others = sets.iter().filter(|set| !found_alone(problem, set)).cloned();
    Ok(others.map(|set| Draft::delivery(kind(problem, &set), set, 0)).collect())
}

/// Whether a set is one consignment that is a candidate of its own.
fn found_alone(problem: &Problem<'_>, set: &[Rc<Shipment>]) -> bool {
    let [shipment] = set else { return false };
    let Subject::Goods { lines, .. } = &*shipment.subject else { return false };
    let one_item = problem.lines.len() == 1 && lines.len() == 1;
    match &shipment.origin {
        Origin::There => one_item || *lines == problem.lines,
        Origin::Prepared { assemblies, .. } => {
            one_item && assemblies.iter().all(|assembly| assembly.kit.quantity == lines[0].quantity)
        }
        Origin::Party { .. } => one_item,
    }
}
