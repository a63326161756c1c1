//! SUBSTITUTE: another item instead of the one asked for.

use meridian_types::{ItemId, SiteId};

use super::stock::from_shelf;
use super::supply::stands_in;
use crate::draft::Draft;
use crate::model::{Candidate, Line, Reason, Substitute};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Every warehouse that knows a substitute, for a need of one line; other needs find theirs in splits.
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

/// The substitute is the obstacle only where there is enough of it.
pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    item: &ItemId,
    substitute: &ItemId,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let asked = problem.lines.iter().find(|line| line.item == *item);
    let line = asked.ok_or_else(|| Reason::ItemNotSupported { item: item.clone() })?;
    let allowed = stands_in(problem, scenario, item, substitute);
    if let Err(unfit @ Reason::NotCompatible { .. }) = allowed {
        return Err(unfit);
    }
    let sent = Line { item: substitute.clone(), quantity: line.quantity };
    from_shelf(problem, scenario, (&[sent], allowed), site, problem.destination)
}
