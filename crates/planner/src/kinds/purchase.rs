//! THIRD_PARTY supply: somebody else sells the items and brings them to where they are needed.

use meridian_types::{PartyId, Quantity};

use super::drawing::{Drawing, Drawn};
use super::sourcing::deliveries;
use super::supply::{Choice, choices};
use crate::compile::{instant, length, risk_micro};
use crate::draft::{Draft, Spent};
use crate::model::{Candidate, Claim, Line, PartyOffer, PartyService, Reason, RefusedHold};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Every party that supplies what is asked for or something that stands in for it, for a need of one line; other
/// needs find theirs in splits.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let [line] = problem.lines.as_slice() else { return Vec::new() };
    let does = |offer: &&PartyOffer| match &offer.service {
        PartyService::Supply(item) => {
            *item == line.item || problem.substitutes(&line.item).any(|record| record.substitute == *item)
        }
        PartyService::Repair(_) => false,
    };
    let offers = problem.world.party_offers.iter().filter(does);
    offers.map(|offer| Candidate::ThirdParty(offer.party.clone())).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    party: &PartyId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let [line] = problem.lines.as_slice() else { return Err(Reason::NotServed) };
    let refused = RefusedHold::Party { party: party.clone() };
    if problem.request.refused_holds.contains(&refused) {
        return Err(Reason::HoldRefused { item: Some(line.item.clone()) });
    }
    let choices = choices(problem, scenario, &line.item)?;
    let of_choice =
        |choice: &Choice<'a>| drawings(problem, line.quantity.units(), choice, problem.destination);
    let ours =
        |drawing: &Drawing<'_>| matches!(&drawing.origin, Drawn::Party { party: who, .. } if who == party);
    let drawings: Vec<Drawing<'_>> = choices.iter().flat_map(of_choice).filter(ours).collect();
    if drawings.is_empty() {
        return Err(why_not(problem, scenario, line, party));
    }
    let drafts =
        drawings.iter().map(|drawing| deliveries(problem, scenario, &[drawing], problem.destination));
    drafts.collect::<Result<Vec<_>, _>>().map(|drafts| drafts.into_iter().flatten().collect())
}

/// The substitute is the obstacle when the party supplies nothing else here.
fn why_not(problem: &Problem<'_>, scenario: &Scenario<'_>, line: &Line, party: &PartyId) -> Reason {
    let supplies =
        problem.world.party_offers.iter().filter(|offer| offer.party == *party).filter_map(|offer| {
            match &offer.service {
                PartyService::Supply(item)
                    if *item != line.item && serves(problem, offer, problem.destination) =>
                {
                    super::supply::stands_in(problem, scenario, &line.item, item).err()
                }
                _ => None,
            }
        });
    supplies.into_iter().next().unwrap_or(Reason::NotServed)
}

fn serves(problem: &Problem<'_>, offer: &PartyOffer, at: u32) -> bool {
    let country = &problem.net.site(at).country;
    let sensible = (0.0..1.0).contains(&offer.late_probability) && offer.price_minor >= 0;
    sensible && (offer.countries.is_empty() || offer.countries.contains(country))
}

/// What parties can bring to a site.
pub(super) fn drawings<'a>(
    problem: &Problem<'a>,
    units: i64,
    choice: &Choice<'a>,
    to: u32,
) -> Vec<Drawing<'a>> {
    let drawing = |offer: &PartyOffer| {
        let refused = RefusedHold::Party { party: offer.party.clone() };
        let supplies = matches!(&offer.service, PartyService::Supply(item) if *item == choice.facts.item)
            && serves(problem, offer, to)
            && !problem.request.excluded_items.contains(&choice.facts.item)
            && !problem.request.refused_holds.contains(&refused);
        if !supplies || Quantity::new(units).is_err() {
            return None;
        }
        let answer_due = problem.now.saturating_add(length(offer.answer_minutes).max(1));
        let days = problem.net.working_days(to);
        let from = days.in_hand(problem.now, offer.lead_working_days)?.max(answer_due);
        let each = offer.price_minor.saturating_add(choice.worth_minor);
        (from <= problem.net.end).then(|| Drawing {
            units,
            facts: choice.facts,
            site: to,
            from,
            spent: Spent {
                cost_minor: each.saturating_mul(units),
                risk_micro: risk_micro(offer.late_probability),
                ..Spent::default()
            },
            claims: vec![Claim::Party { party: offer.party.clone(), answer_due: instant(answer_due) }],
            origin: Drawn::Party { party: offer.party.clone(), lead_working_days: offer.lead_working_days },
            takes: Vec::new(),
        })
    };
    problem.world.party_offers.iter().filter_map(drawing).collect()
}
