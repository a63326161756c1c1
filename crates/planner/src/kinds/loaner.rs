//! LOANER: a working instrument of the same model.

use meridian_types::SiteId;

use super::shipping::{Consignment, ship};
use crate::draft::{Draft, Spent};
use crate::model::{Candidate, Claim, LoanerPool, Reason, RefusedHold, SolutionKind, Subject};
use crate::problem::{Problem, Scenario};

fn pools<'a>(problem: &Problem<'a>) -> impl Iterator<Item = &'a LoanerPool> {
    let model = problem.repair.map(|repair| &repair.model.model);
    problem.world.loaners.iter().filter(move |pool| Some(&pool.model) == model)
}

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let candidate =
        |pool: &LoanerPool| Candidate::Loaner { model: pool.model.clone(), site: pool.warehouse.clone() };
    pools(problem).map(candidate).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    site: &SiteId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let from = problem.usable_site(site)?;
    let Some(repair) = problem.repair else { return Err(Reason::NotServed) };
    let (model, warehouse) = (repair.model.model.clone(), site.clone());
    if problem.request.refused_holds.contains(&RefusedHold::Loaner { model: model.clone(), warehouse }) {
        return Err(Reason::HoldRefused { item: None });
    }
    let available = pools(problem).filter(|pool| pool.warehouse == *site).map(|pool| pool.available).sum();
    if available < 1 {
        return Err(Reason::NoStock { item: None, available, needed: 1 });
    }
    if !repair.model.shippable {
        return Err(Reason::NotShippable);
    }
    let region = problem.net.site(from).region.clone();
    let claim = Claim::Loaner { model: model.clone(), warehouse: site.clone(), region };
    let consignment = Consignment::instrument(repair.model, Subject::Loaner(model), vec![claim]);
    let ways = ship(
        problem,
        scenario,
        &consignment,
        (from, problem.destination),
        &[(problem.now, Spent::default())],
    )?;
    let draft = |(_, shipment)| Draft::delivery(SolutionKind::Loaner, vec![shipment], 0);
    Ok(ways.into_iter().map(draft).collect())
}
