//! SUBSTITUTE: another item instead of the one asked for.

use meridian_types::{ItemId, SiteId};

use super::stock::from_one_source;
use crate::draft::{Draft, Shipment};
use crate::model::{Approval, Candidate, Line, Need, Reason, SolutionKind, Substitute};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Every warehouse that knows a substitute, for a need of one line; other needs find theirs in combinations.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let [line] = problem.lines.as_slice() else { return Vec::new() };
    let of = |record: &Substitute| {
        let candidate = |(site, _): (&SiteId, i64)| Candidate::Substitute {
            item: line.item.clone(),
            substitute: record.substitute.clone(),
            site: site.clone(),
        };
        problem.sources(&record.substitute).map(candidate).collect::<Vec<_>>()
    };
    problem.substitutes(&line.item).flat_map(of).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    item: &ItemId,
    substitute: &ItemId,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let asked = problem.lines.iter().find(|line| line.item == *item);
    let line = asked.ok_or_else(|| Reason::ItemNotSupported { item: item.clone() })?;
    let (ways, extra) = instead(problem, scenario, line, substitute, site)?;
    let draft = |shipment| Draft::delivery(SolutionKind::Substitute, vec![shipment], extra);
    Ok(ways.into_iter().map(draft).collect())
}

/// Every way to bring `substitute` instead of a line, and what it is worth more.
pub(super) fn instead(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    line: &Line,
    substitute: &ItemId,
    site: &SiteId,
) -> Result<(Vec<Shipment>, i64), Reason> {
    let facts = problem.item(substitute)?;
    let records: Vec<&Substitute> =
        problem.substitutes(&line.item).filter(|record| record.substitute == *substitute).collect();
    if let Need::Items { model: Some(model), revision, .. } = &problem.request.need
        && !records.iter().any(|record| {
            record.fits.is_empty() || record.fits.iter().any(|fit| fit.includes(model, revision.as_ref()))
        })
    {
        return Err(Reason::NotCompatible { model: model.clone() });
    }
    let sent = Line { item: substitute.clone(), quantity: line.quantity };
    let ways = from_one_source(problem, scenario, &[sent], site, problem.destination)?;
    if !scenario.approves(substitute) && records.iter().all(|record| record.approval == Approval::Required) {
        return Err(Reason::NotApproved);
    }
    let more = facts.unit_value_minor.saturating_sub(problem.item(&line.item)?.unit_value_minor).max(0);
    Ok((ways, more.saturating_mul(line.quantity.units())))
}
