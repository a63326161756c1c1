//! REFERRAL: somebody else takes over what is not ours, or what nothing else solves.

use meridian_types::{CountryCode, ItemId};

use crate::compile::{Compiled, Minute, ceil, instant, length};
use crate::model::{
    Action, Claim, Merit, Need, Reasoning, ReferralParty, Request, Solution, SolutionKind, Step, Subject,
    World,
};
use crate::rank::OPTIONS_MAX;
use crate::sentence;

/// A referral to each party that serves the country and the item or model, the one that must answer first first.
pub(crate) fn solutions(net: &Compiled, world: &World, request: &Request) -> Vec<Solution> {
    let Some(site) = net.index_of(request.need.destination()) else { return Vec::new() };
    let country = &net.site(site).country;
    let mut parties: Vec<&ReferralParty> =
        world.parties.iter().filter(|party| serves(party, country, &request.need)).collect();
    parties.sort_by_key(|party| (party.answer_minutes, &party.party));
    let only = parties.len() == 1;
    parties.into_iter().take(OPTIONS_MAX).map(|party| refer(party, country, request, only)).collect()
}

/// Whether a party serves a country and what is needed.
pub(crate) fn serves(party: &ReferralParty, country: &CountryCode, need: &Need) -> bool {
    let there = party.countries.is_empty() || party.countries.contains(country);
    let takes = |item: &ItemId| party.items.is_empty() || party.items.contains(item);
    there
        && match need {
            Need::Items { lines, .. } => lines.iter().all(|line| takes(&line.item)),
            Need::Repair { model, .. } => party.models.is_empty() || party.models.contains(model),
        }
}

fn refer(party: &ReferralParty, country: &CountryCode, request: &Request, only: bool) -> Solution {
    let now: Minute = ceil(request.now);
    let answer_due = instant(now.saturating_add(length(party.answer_minutes).max(1)));
    let now = instant(now);
    let action = Action::Refer { party: party.party.clone(), country: country.clone() };
    let step = Step {
        subject: Subject::Case,
        action,
        start: now,
        end: answer_due,
        latest_start: now,
        latest_end: answer_due,
        slack_minutes: 0,
    };
    Solution {
        kind: SolutionKind::Referral,
        steps: vec![step],
        arrival: None,
        cost_minor: 0,
        co2_g: 0,
        risk: 0.0,
        in_time_probability: None,
        likely_by: None,
        slack_minutes: None,
        meets_deadline: false,
        latest_safe_decision: now,
        claims: vec![Claim::Party { party: party.party.clone(), answer_due }],
        reason: Reasoning {
            merits: only.then_some(Merit::OnlyWay).into_iter().collect(),
            sentence: sentence::REFERRAL.to_owned(),
        },
    }
}
