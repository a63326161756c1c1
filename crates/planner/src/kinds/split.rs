//! Several lines, each from the source that suits it best. A single line is not split.

use std::collections::BTreeSet;

use meridian_types::SiteId;

use super::stock::{self, from_one_source};
use super::substitute::instead;
use crate::draft::{Draft, Shipment, Spent, join, unbeaten};
use crate::model::{Candidate, Line, Reason, SolutionKind, Subject};
use crate::problem::Problem;
use crate::scenario::Scenario;

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    if problem.lines.len() > 1 { vec![Candidate::Split] } else { Vec::new() }
}

/// Every combination that no other beats; none when one source is best for every line.
pub(super) fn evaluate<'a>(problem: &Problem<'a>, scenario: &Scenario<'a>) -> Result<Vec<Draft<'a>>, Reason> {
    let mut fronts = Vec::with_capacity(problem.lines.len());
    for line in &problem.lines {
        let ways = ways(problem, scenario, line);
        if ways.is_empty() {
            let because = best_reason(problem, scenario, line);
            return Err(Reason::PartMissing { item: line.item.clone(), because: Box::new(because) });
        }
        fronts.push(ways);
    }
    // All lines from one source are one consignment, which `stock` finds, and cheaper.
    Ok(join(fronts).into_iter().filter_map(|set| draft(problem, set)).collect())
}

/// Every way to bring one line, or something that stands in for it; the extra worth of that is part of its cost.
fn ways(problem: &Problem<'_>, scenario: &Scenario<'_>, line: &Line) -> Vec<Shipment> {
    let whole = |site: &SiteId| {
        from_one_source(problem, scenario, std::slice::from_ref(line), site, problem.destination)
    };
    let mut ways: Vec<Shipment> =
        problem.sources(&line.item).filter_map(|(site, _)| whole(site).ok()).flatten().collect();
    for record in problem.substitutes(&line.item) {
        for (site, _) in problem.sources(&record.substitute) {
            if let Ok((shipments, extra)) = instead(problem, scenario, line, &record.substitute, site) {
                let worth = Spent { cost_minor: extra, ..Spent::default() };
                ways.extend(shipments.into_iter().map(|way| Shipment { spent: way.spent + worth, ..way }));
            }
        }
    }
    unbeaten(ways, |way| (way.ready, way.spent))
}

/// Why the first source of a line does not work.
fn best_reason(problem: &Problem<'_>, scenario: &Scenario<'_>, line: &Line) -> Reason {
    let refused = |(site, _): (&SiteId, i64)| {
        from_one_source(problem, scenario, std::slice::from_ref(line), site, problem.destination).err()
    };
    let reason = problem.sources(&line.item).find_map(refused);
    reason.unwrap_or_else(|| stock::nowhere(problem, &line.item))
}

fn draft<'a>(problem: &Problem<'a>, set: Vec<Shipment>) -> Option<Draft<'a>> {
    let sources: BTreeSet<u32> = set.iter().map(|shipment| shipment.from).collect();
    if sources.len() < 2 {
        return None;
    }
    let asked = |line: &Line| problem.lines.iter().any(|asked| asked.item == line.item);
    let as_asked = set.iter().all(|shipment| match &shipment.subject {
        Subject::Goods(lines) => lines.iter().all(asked),
        _ => false,
    });
    let local = |from: &u32| stock::kind(problem, *from) == SolutionKind::LocalStock;
    let kind = match (as_asked, sources.iter().all(local)) {
        (false, _) => SolutionKind::Substitute,
        (true, true) => SolutionKind::LocalStock,
        (true, false) => SolutionKind::Transfer,
    };
    Some(Draft::delivery(kind, set, 0))
}
