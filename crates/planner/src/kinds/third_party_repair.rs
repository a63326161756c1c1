//! THIRD_PARTY, as far as it is a repair: another party repairs the instrument where it stands, at a price.

use meridian_types::PartyId;

use super::ship_to_depot::send_on;
use crate::compile::length;
use crate::draft::{Draft, Outsourced, Spent};
use crate::model::{Candidate, PartyOffer, PartyService, Reason, RefusedHold, SolutionKind};
use crate::problem::{Problem, Repair};
use crate::scenario::Scenario;

/// Offers to repair the model; one that is late for certain, or with no probability at all, is none.
fn offers<'a>(problem: &Problem<'a>) -> impl Iterator<Item = &'a PartyOffer> {
    let model = problem.repair.map(|repair| &repair.model.model);
    problem.world.party_offers.iter().filter(move |offer| {
        matches!(&offer.service, PartyService::Repair(repairs) if Some(repairs) == model)
            && (0.0..1.0).contains(&offer.late_probability)
    })
}

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    offers(problem).map(|offer| Candidate::ThirdParty(offer.party.clone())).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    party: &PartyId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let repair = problem.repair.ok_or(Reason::NotServed)?;
    if problem.request.refused_holds.contains(&RefusedHold::Party { party: party.clone() }) {
        return Err(Reason::HoldRefused { item: None });
    }
    let country = &problem.net.site(repair.site).country;
    let serves = |offer: &&PartyOffer| {
        offer.party == *party && (offer.countries.is_empty() || offer.countries.contains(country))
    };
    let offers: Vec<_> = offers(problem).filter(serves).collect();
    let working_days = offers.iter().map(|offer| offer.lead_working_days).min().ok_or(Reason::NotServed)?;
    let drafts: Vec<_> = offers.into_iter().filter_map(|offer| draft(problem, repair, offer)).collect();
    if drafts.is_empty() {
        return Err(Reason::LeadTime { working_days });
    }
    send_on(problem, scenario, repair, repair.onward, drafts)
}

/// Done at the end of the last working day, and not before the party has had to answer.
fn draft<'a>(problem: &Problem<'a>, repair: Repair<'a>, offer: &'a PartyOffer) -> Option<Draft<'a>> {
    let answer_due = problem.now.saturating_add(length(offer.answer_minutes).max(1));
    let days = problem.net.working_days(repair.site).in_hand(problem.now, offer.lead_working_days)?;
    let done = days.max(answer_due);
    let spent = Spent {
        cost_minor: offer.price_minor.max(0),
        co2_g: 0,
        risk_micro: crate::compile::risk_micro(offer.late_probability),
    };
    let outsourced = Outsourced { offer, site: repair.site, answer_due, done, spent };
    let nothing = Draft::delivery(SolutionKind::ThirdParty, Vec::new(), 0);
    let draft = Draft { outsourced: Some(outsourced), arrival: done, ..nothing };
    (done <= problem.net.end).then_some(draft)
}
