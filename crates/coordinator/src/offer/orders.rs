//! What a solution asks of parties that sell or repair for us, as orders that people can place.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_planner::model::{Action, Claim, PartyOffer, PartyService as Offered, Solution, Step, Subject};
use meridian_types::{ItemId, Money, PartyId, Quantity, SiteId};

use super::Terms;
use crate::domain::{OrderClaim, PartyService};
use crate::wire::need::NeedKind;

/// Why a solution in which parties take part cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// A party would bring parts of a kit to where it is put together: a warehouse puts together what it holds, or what
    /// comes from other warehouses.
    PartsOfKit,
    /// Something would have to leave before the last party has to answer: nothing leaves before all is held.
    AnswerTooLate,
}

/// Whether something keeps people from carrying out what the planner found; only parties can.
pub(crate) fn obstacle(solution: &Solution) -> Option<Obstacle> {
    let brought = |consignment: &u32| {
        solution.steps.iter().any(|step| {
            matches!(step.action, Action::Outsource { .. })
                && matches!(&step.subject, Subject::Goods { consignment: number, .. } if number == consignment)
        })
    };
    let feeds_kit = |step: &Step| matches!(&step.action, Action::Assemble { consignments, .. } if consignments.iter().any(brought));
    if solution.steps.iter().any(feeds_kit) {
        return Some(Obstacle::PartsOfKit);
    }
    let outsources = solution.steps.iter().any(|step| matches!(step.action, Action::Outsource { .. }));
    let answered = answers(solution, |_| true).max().filter(|_| outsources)?;
    let leaves_before =
        |step: &Step| matches!(step.action, Action::Pick { .. }) && step.latest_start < answered;
    let begins_before =
        |claim: &Claim| matches!(claim, Claim::Engineer { during, .. } if during.start() < answered);
    let too_late = solution.steps.iter().any(leaves_before) || solution.claims.iter().any(begins_before);
    too_late.then_some(Obstacle::AnswerTooLate)
}

/// The parties of a solution that has an obstacle.
pub(crate) fn parties(solution: &Solution) -> impl Iterator<Item = &PartyId> {
    solution.steps.iter().filter_map(|step| match &step.action {
        Action::Outsource { party, .. } => Some(party),
        _ => None,
    })
}

/// By when parties must accept.
fn answers(solution: &Solution, counts: impl Fn(&PartyId) -> bool) -> impl Iterator<Item = Timestamp> {
    solution.claims.iter().filter_map(move |claim| match claim {
        Claim::Party { party, answer_due } if counts(party) => Some(*answer_due),
        _ => None,
    })
}

/// The orders of a solution. `None` when something in it is not what parties offer.
pub(super) fn claims(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<OrderClaim>> {
    let order = |step: &Step| match &step.action {
        Action::Outsource { party, site } => Some(claim(solution, step, (party, site), terms)),
        _ => None,
    };
    solution.steps.iter().filter_map(order).collect()
}

fn claim(
    solution: &Solution,
    step: &Step,
    (party, site): (&PartyId, &SiteId),
    terms: &Terms<'_>,
) -> Option<OrderClaim> {
    let price_of = |service: &Offered| {
        let country = &terms.names.sites.get(site)?.country;
        let is_it = |offer: &&PartyOffer| {
            offer.party == *party
                && offer.service == *service
                && (offer.countries.is_empty() || offer.countries.contains(country))
        };
        terms.party_offers.iter().find(is_it).map(|offer| offer.price_minor)
    };
    let (service, minor) = match &step.subject {
        Subject::Goods { lines, .. } => {
            let mut goods: BTreeMap<ItemId, Quantity> = BTreeMap::new();
            let mut minor = 0_i64;
            for line in lines {
                let each = price_of(&Offered::Supply(line.item.clone()))?;
                minor = minor.saturating_add(each.saturating_mul(line.quantity.units()));
                let sum = goods.get(&line.item).map(|sum| sum.checked_add(line.quantity));
                goods.insert(line.item.clone(), sum.transpose().ok()?.unwrap_or(line.quantity));
            }
            (PartyService::Supply(goods.into_iter().collect()), minor)
        }
        Subject::Instrument(serial) => {
            let NeedKind::Repair(repair) = &terms.asked.kind else { return None };
            (PartyService::Repair(serial.clone()), price_of(&Offered::Repair(repair.model.clone()))?)
        }
        Subject::Loaner(_) | Subject::Engineer(_) | Subject::Case => return None,
    };
    Some(OrderClaim {
        party: party.clone(),
        service,
        site: site.clone(),
        answer_due: answers(solution, |asked| asked == party).max()?,
        done: step.end,
        price: Money::new(&terms.names.currency, minor).ok()?,
        stands_in: Vec::new(),
        told: None,
    })
}
