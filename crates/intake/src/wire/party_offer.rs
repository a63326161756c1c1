//! What parties do for us at a price.

use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::party_offer::Service as Wire;
use meridian_types::{CountryCode, Violations};

use super::directory::{COUNTRIES_MAX, parsed_list};
use crate::domain::party_offer::{PartyOffer, Service};

const OFFERS_MAX: usize = 200;
/// 5 days: all else that a solution needs is held so long.
const ACCEPT_WITHIN_MINUTES_MAX: i32 = 5 * 24 * 60;
const LEAD_WORKING_DAYS_MAX: i32 = 250;
const PRICE_MINOR_MAX: i64 = 100_000_000_000;

/// The offers of a party: one at most for each service in each country.
pub(crate) fn decode(
    violations: &mut Violations,
    field: &str,
    offers: &[pb::PartyOffer],
) -> Option<Vec<PartyOffer>> {
    if offers.len() > OFFERS_MAX {
        violations.add(field, format!("{} entries", offers.len()), format!("at most {OFFERS_MAX} entries"));
        return None;
    }
    let read: Vec<_> = offers
        .iter()
        .enumerate()
        .map(|(index, offer)| one(violations, &format!("{field}[{index}]"), offer))
        .collect();
    for (index, offer) in read.iter().enumerate() {
        let Some(offer) = offer else { continue };
        if read[..index].iter().flatten().any(|earlier| earlier.overlaps(offer)) {
            let rule = "one offer of a service in a country";
            violations.add(format!("{field}[{index}].countries"), &offer.service, rule);
        }
    }
    read.into_iter().collect()
}

fn one(violations: &mut Violations, field: &str, offer: &pb::PartyOffer) -> Option<PartyOffer> {
    let service = match &offer.service {
        Some(Wire::ItemId(item)) => {
            decode::parsed(violations, &format!("{field}.item_id"), item).map(Service::Supply)
        }
        Some(Wire::Model(model)) => {
            decode::parsed(violations, &format!("{field}.model"), model).map(Service::Repair)
        }
        None => {
            violations.add(format!("{field}.item_id"), "", "an item to bring, or a model to repair");
            None
        }
    };
    let countries_field = format!("{field}.countries");
    let countries =
        parsed_list(violations, &countries_field, &offer.countries, COUNTRIES_MAX, CountryCode::parse);
    let (minutes, days) = (offer.accept_within_minutes, offer.lead_working_days);
    let minutes_field = format!("{field}.accept_within_minutes");
    let minutes = decode::within(violations, &minutes_field, minutes, 1..=ACCEPT_WITHIN_MINUTES_MAX);
    let days_field = format!("{field}.lead_working_days");
    let days = decode::within(violations, &days_field, days, 0..=LEAD_WORKING_DAYS_MAX);
    let price = decode::money(violations, &format!("{field}.price"), offer.price.clone());
    let price = price.and_then(|price| {
        let field = format!("{field}.price.minor");
        decode::within(violations, &field, price.minor(), 0..=PRICE_MINOR_MAX).map(|_| price)
    });
    let late_probability = Some(offer.late_probability).filter(|late| (0.0..1.0).contains(late));
    if late_probability.is_none() {
        let rule = "a probability, 0 or more and less than 1";
        violations.add(format!("{field}.late_probability"), offer.late_probability, rule);
    }
    Some(PartyOffer {
        service: service?,
        countries: countries?,
        accept_within_minutes: minutes?,
        lead_working_days: days?,
        price: price?,
        late_probability: late_probability?,
    })
}

pub(crate) fn encode(offer: &PartyOffer) -> pb::PartyOffer {
    pb::PartyOffer {
        service: Some(match &offer.service {
            Service::Supply(item) => Wire::ItemId(item.to_string()),
            Service::Repair(model) => Wire::Model(model.to_string()),
        }),
        countries: offer.countries.iter().map(ToString::to_string).collect(),
        accept_within_minutes: offer.accept_within_minutes,
        lead_working_days: offer.lead_working_days,
        price: Some(encode::money(offer.price)),
        late_probability: offer.late_probability,
    }
}
