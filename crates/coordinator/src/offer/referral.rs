//! Handing over to somebody else: what is not ours to do, or what nothing of ours solves.

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::intake::v1::PartyOffer;
use meridian_types::{CountryCode, IdSource, PartyId, SolutionId};

use super::{Names, Offer, VALID};
use crate::domain::{Chosen, PartyClaim, SolutionKind};
use crate::wire::need::Asked;

/// Takes what nobody else does.
const ANYTHING: &str = "*";
/// Most referrals on offer.
const REFERRALS_MAX: usize = 7;

/// Somebody who can take over, and may sell or repair for us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Party {
    pub(crate) party_id: PartyId,
    /// As it appears to customers.
    pub(crate) name: String,
    pub(crate) categories: Vec<String>,
    /// All countries when empty.
    pub(crate) countries: Vec<CountryCode>,
    pub(crate) accept_within_minutes: i32,
    /// What it sells or repairs.
    pub(crate) offers: Vec<PartyOffer>,
}

impl Party {
    fn serves(&self, category: &str, country: Option<&CountryCode>) -> bool {
        let takes = self.categories.iter().any(|taken| taken == category || taken == ANYTHING);
        takes && (self.countries.is_empty() || country.is_none_or(|country| self.countries.contains(country)))
    }
}

/// Referrals to the parties that take such a need, those of its own category first, then the quickest to answer.
pub(crate) fn referrals(
    parties: &[Party],
    excluded: &[PartyId],
    asked: &Asked,
    country: Option<&CountryCode>,
    (names, ids, now): (&Names, &dyn IdSource, Timestamp),
) -> Vec<Offer> {
    let category = asked.category();
    let mut serving: Vec<&Party> = parties
        .iter()
        .filter(|party| party.serves(category, country) && !excluded.contains(&party.party_id))
        .collect();
    serving.sort_by_key(|party| {
        let by_default = !party.categories.iter().any(|taken| taken == category);
        (by_default, party.accept_within_minutes, party.party_id.clone())
    });
    let site = asked.destination().and_then(|site| names.sites.get(site));
    let zone = site.map_or("UTC", |site| &site.zone);
    let place = site.map_or("", |site| &site.name);
    let refer = |party: &Party| {
        let mut offer = offer(party, category, (zone, place), SolutionId::fresh(ids), now);
        offer.chosen.need = asked.gist();
        offer
    };
    serving.into_iter().take(REFERRALS_MAX).map(refer).collect()
}

fn offer(
    party: &Party,
    category: &str,
    (zone, place): (&str, &str),
    solution_id: SolutionId,
    now: Timestamp,
) -> Offer {
    let answer_due = now + SignedDuration::from_mins(party.accept_within_minutes.into());
    let (name, party_id) = (&party.name, &party.party_id);
    let step = pb::Step {
        kind: pb::StepKind::Refer.into(),
        subject: "the case".to_owned(),
        start: Some(encode::timestamp(now)),
        end: Some(encode::timestamp(answer_due)),
        text: format!("Ask {name} to take over"),
        ..pb::Step::default()
    };
    let valid_until = now + VALID;
    let solution = pb::Solution {
        solution_id: solution_id.to_string(),
        kind: pb::SolutionKind::Referral.into(),
        steps: vec![step],
        arrival: Some(encode::timestamp(answer_due)),
        arrival_zone: zone.to_owned(),
        decide_by: Some(encode::timestamp(valid_until)),
        party_id: party_id.to_string(),
        reason: format!(
            "{name} takes {}; it has {} min to accept",
            if party.categories.iter().any(|taken| taken == category) {
                category
            } else {
                "what nobody else does"
            },
            party.accept_within_minutes
        ),
        ..pb::Solution::default()
    };
    let chosen = Chosen {
        solution_id,
        kind: SolutionKind::Referral,
        arrival: answer_due,
        likely_by: None,
        zone: zone.to_owned(),
        subject_name: category.to_owned(),
        place_name: place.to_owned(),
        stock: Vec::new(),
        engineers: Vec::new(),
        moves: Vec::new(),
        orders: Vec::new(),
        party: Some(PartyClaim { party: party_id.clone(), answer_due }),
        approval_required: false,
        need: String::new(),
    };
    // A party can take any number of cases.
    Offer { solution, chosen, valid_until, claims: Vec::new() }
}
