//! One file per kind of solution: what could be tried, and every way of it that nothing beats.

mod completion;
mod cover;
mod drawing;
mod engineer_visit;
#[cfg(test)]
mod every_cover;
#[cfg(test)]
mod every_split;
mod exchange;
mod incumbents;
mod journey;
mod kit;
mod least;
mod loads;
mod loaner;
mod lots;
mod offer;
mod on_site;
mod outing;
mod parts;
pub(crate) mod purchase;
mod qualification;
mod receipt;
pub(crate) mod referral;
mod remote_fix;
mod returns;
mod rivals;
mod ship_to_depot;
mod shipping;
mod sourcing;
mod split;
mod stock;
mod substitute;
mod supply;
mod thinning;
mod third_party_repair;

pub(crate) use journey::{Asked, Journeys};
pub(crate) use least::Least;
pub(crate) use outing::Outings;
pub(crate) use qualification::{Admission, Times};

use crate::compile::Minute;
use crate::draft::{Draft, unbeaten};
use crate::model::{Candidate, Engineer, Reason};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// The least minutes in which an engineer can travel from one site to another; none where no lanes lead.
pub(crate) fn least_minutes(
    problem: &Problem<'_>,
    engineer: &Engineer,
    (from, to): (u32, u32),
) -> Option<Minute> {
    least::to(problem, to, engineer.cost_minor_per_hour)[from as usize].map(|least| least.minutes)
}

/// Every way of a candidate that no other way of it beats, the earliest first, or why there is none.
pub(crate) type Found<'a> = Result<Vec<Draft<'a>>, Reason>;

/// Everything that could be tried, in a fixed order.
pub(crate) fn candidates(problem: &Problem<'_>, scenario: &Scenario<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if problem.repair.is_some() {
        candidates.extend(engineer_visit::candidates(problem));
        candidates.extend(ship_to_depot::candidates(problem));
        candidates.extend(loaner::candidates(problem));
        candidates.extend(remote_fix::candidates(problem));
        candidates.extend(exchange::candidates(problem));
        candidates.extend(third_party_repair::candidates(problem));
    } else {
        candidates.extend(stock::candidates(problem, scenario));
        candidates.extend(substitute::candidates(problem));
        candidates.extend(receipt::candidates(problem, scenario));
        candidates.extend(kit::candidates(problem));
        candidates.extend(purchase::candidates(problem));
        candidates.extend(split::candidates(problem));
    }
    candidates.sort();
    candidates.dedup();
    candidates
}

/// What comes of a candidate.
pub(crate) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    candidate: &Candidate,
) -> Found<'a> {
    let drafts = match candidate {
        Candidate::Source { site } => stock::evaluate(problem, scenario, site),
        Candidate::Substitute { item, substitute, site } => {
            substitute::evaluate(problem, scenario, item, substitute, site)
        }
        Candidate::Split => split::evaluate(problem, scenario),
        Candidate::Loaner { site, .. } => loaner::evaluate(problem, scenario, site),
        Candidate::Visit { engineer } => engineer_visit::evaluate(problem, scenario, engineer),
        Candidate::Depot { site, engineer } => {
            ship_to_depot::evaluate(problem, scenario, site, engineer.as_ref())
        }
        Candidate::Exchange { item, site } => exchange::evaluate(problem, scenario, item, site),
        Candidate::Remote { engineer } => remote_fix::evaluate(problem, scenario, engineer),
        Candidate::Receipt { site, receipt } => receipt::evaluate(problem, scenario, (site, receipt)),
        Candidate::Kit { kit, site } => kit::evaluate(problem, scenario, kit, site),
        Candidate::ThirdParty(party) if problem.repair.is_some() => {
            third_party_repair::evaluate(problem, scenario, party)
        }
        Candidate::ThirdParty(party) => purchase::evaluate(problem, scenario, party),
        Candidate::Item(item) => Err(stock::nowhere(problem, scenario, item)),
        Candidate::Party(_) | Candidate::Request => Err(Reason::NotServed),
    }?;
    Ok(unbeaten(drafts, |draft| (draft.arrival, draft.spent())))
}
