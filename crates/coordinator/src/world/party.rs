//! What parties sell and repair, in the planner's terms.

use meridian_planner::model::{PartyOffer, PartyService};
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::party_offer::Service;
use meridian_types::PartyId;

/// The offers of a party. One that cannot be read, or names no price in the network's currency, is none.
pub(crate) fn offers<'a>(
    party: &'a PartyId,
    offers: &'a [pb::PartyOffer],
    currency: &'a str,
) -> impl Iterator<Item = PartyOffer> + 'a {
    offers.iter().filter_map(move |offer| {
        let price = offer.price.as_ref().filter(|price| price.currency_code == currency)?;
        let countries: Option<Vec<_>> = offer.countries.iter().map(|country| country.parse().ok()).collect();
        Some(PartyOffer {
            party: party.clone(),
            service: match offer.service.as_ref()? {
                Service::ItemId(item) => PartyService::Supply(item.parse().ok()?),
                Service::Model(model) => PartyService::Repair(model.parse().ok()?),
            },
            countries: countries?,
            answer_minutes: i64::from(offer.accept_within_minutes).max(1),
            lead_working_days: offer.lead_working_days.max(0),
            price_minor: price.minor,
            late_probability: offer.late_probability,
        })
    })
}

#[cfg(test)]
mod tests {
    use meridian_proto::types::v1::Money;

    use super::*;

    #[test]
    fn an_offer_without_a_price_in_the_currency_of_the_network_is_none() {
        let offer = |currency: Option<&str>, item: &str| pb::PartyOffer {
            service: Some(Service::ItemId(item.to_owned())),
            accept_within_minutes: 60,
            price: currency.map(|code| Money { currency_code: code.to_owned(), minor: 500 }),
            ..pb::PartyOffer::default()
        };
        let given = [
            offer(Some("EUR"), "PUMP"),
            offer(Some("USD"), "PUMP"),
            offer(None, "PUMP"),
            offer(Some("EUR"), "no item"),
        ];
        let party: PartyId = "ACME".parse().unwrap();
        let read: Vec<_> = offers(&party, &given, "EUR").collect();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].price_minor, read[0].answer_minutes), (500, 60));
    }
}
