//! What goes back once the need is met: a loaner, or the instrument that was exchanged.

use super::shipping::{Consignment, ship};
use crate::compile::{Minute, local_date, local_day};
use crate::draft::{Return, Spent};
use crate::model::{Reason, Subject};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// The cheapest way back from `from` to `to`, the earliest of equals, that begins on the local date `days` after
/// `arrival`; `None` when it need not go anywhere.
///
/// What does not fit into the horizon any more has no way yet: it waits until the end of the horizon, and a way
/// that nobody can know is neither planned nor paid for.
pub(super) fn way_back(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    consignment: &Consignment<'_>,
    (from, to): (u32, u32),
    (arrival, days): (Minute, i32),
) -> Result<Option<Return>, Reason> {
    if from == to {
        return Ok(None);
    }
    // Whether there is a way at all, and the rules open it.
    ship(problem, scenario, consignment, (from, to), &[(problem.now, Spent::default())])?;
    let until = begins(problem, from, arrival, days).min(problem.net.end);
    let ways = ship(problem, scenario, consignment, (from, to), &[(until, Spent::default())]);
    let ways = ways.into_iter().flatten().map(|(_, shipment)| shipment);
    let shipment = ways.min_by_key(|way| (way.spent.cost_minor, way.ready, way.spent.co2_g));
    let until = if shipment.is_some() { until } else { problem.net.end };
    let subject = Subject::clone(&consignment.subject);
    Ok(Some(Return { subject, from, since: arrival, until, shipment }))
}

/// The beginning of the local date `days` after `arrival`, and not before it.
fn begins(problem: &Problem<'_>, site: u32, arrival: Minute, days: i32) -> Minute {
    let zone = &problem.net.sites[site as usize].zone;
    let date = local_date(zone, arrival).saturating_add(jiff::Span::new().days(days.clamp(0, 10_000)));
    local_day(zone, date).map_or(Minute::MAX, |(start, _)| start).max(arrival)
}
