//! LOANER: a working instrument of the same model, which goes back when its time is over.

use std::rc::Rc;

use meridian_types::SiteId;

use super::returns::way_back;
use super::shipping::{Consignment, ship};
use crate::draft::{Draft, Spent};
use crate::model::{Candidate, Claim, LoanerPool, Reason, RefusedHold, SolutionKind, Subject};
use crate::problem::Problem;
use crate::scenario::Scenario;

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
    let here = pools(problem).filter(|pool| pool.warehouse == *site);
    let available = here.map(|pool| pool.available).fold(0, i64::saturating_add);
    if available < 1 {
        return Err(Reason::NoStock { item: None, available, needed: 1 });
    }
    if !repair.model.shippable {
        return Err(Reason::NotShippable);
    }
    let region = problem.net.site(from).region.clone();
    let claim = Claim::Loaner { model: model.clone(), warehouse: site.clone(), region };
    let consignment = Consignment::instrument(repair.model, Subject::Loaner(model), vec![claim]);
    let starts = [(problem.now, Spent::default())];
    let ways = ship(problem, scenario, &consignment, (from, problem.destination), &starts)?;
    let days = pools(problem).filter(|pool| pool.warehouse == *site).map(|pool| pool.loan_days).max();
    let back = Consignment { claims: Rc::default(), ..consignment };
    let draft = |(_, shipment)| {
        let mut draft = Draft::delivery(SolutionKind::Loaner, vec![Rc::new(shipment)], 0);
        if let Some(days @ 1..) = days {
            let journey = (problem.destination, from);
            draft.after = way_back(problem, scenario, &back, journey, (draft.arrival, days))?;
        }
        Ok(draft)
    };
    ways.into_iter().map(draft).collect()
}
