//! ADVANCE_EXCHANGE: a unit from stock takes the place of the instrument, which goes back afterwards.

use meridian_types::{ItemId, Quantity, SiteId};

use super::returns::way_back;
use super::ship_to_depot::instrument;
use super::stock::from_shelf;
use crate::draft::Draft;
use crate::model::{Candidate, Exchange, Line, Reason, SolutionKind};
use crate::problem::Problem;
use crate::scenario::Scenario;

fn exchanges<'a>(problem: &Problem<'a>) -> impl Iterator<Item = &'a Exchange> {
    let model = problem.repair.map(|repair| &repair.model.model);
    problem.world.exchanges.iter().filter(move |exchange| Some(&exchange.model) == model)
}

/// Every warehouse that knows an exchange unit; the units that none knows.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let of = |exchange: &Exchange| {
        let from = |(site, _): (&SiteId, i64)| Candidate::Exchange {
            item: exchange.item.clone(),
            site: site.clone(),
        };
        let known: Vec<_> = problem.sources(&exchange.item).map(from).collect();
        if known.is_empty() { vec![Candidate::Item(exchange.item.clone())] } else { known }
    };
    exchanges(problem).flat_map(of).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    item: &ItemId,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let exchange = exchanges(problem).find(|exchange| exchange.item == *item).ok_or(Reason::NotServed)?;
    let (repair, one) = (problem.repair.ok_or(Reason::NotServed)?, Quantity::new(1));
    let line = Line { item: item.clone(), quantity: one.map_err(|_| Reason::NothingAsked)? };
    let ways = from_shelf(problem, scenario, (&[line], Ok(0)), site, problem.destination)?;
    let unknown = || Reason::UnknownSite { site: exchange.return_to.clone() };
    let return_to = problem.net.index_of(&exchange.return_to).ok_or_else(unknown)?;
    if !repair.model.shippable && return_to != repair.site {
        return Err(Reason::NotShippable);
    }
    let draft = |delivery: Draft<'a>| {
        let kind = SolutionKind::AdvanceExchange;
        let mut draft = Draft::delivery(kind, delivery.inbound, exchange.cost_minor.max(0));
        let days = (draft.arrival, exchange.return_days);
        draft.after = way_back(problem, scenario, &instrument(repair), (repair.site, return_to), days)?;
        Ok(draft)
    };
    ways.into_iter().map(draft).collect()
}
