//! `offers.csv`: what parties sell, and what they repair where it stands, at a price.

use std::collections::BTreeMap;

use meridian_proto::intake::v1::PartyOffer;
use meridian_proto::intake::v1::party_offer::Service;
use meridian_types::CountryCode;

use crate::catalogue::Catalogue;
use crate::known::Known;
use crate::reading::{Reading, amount};
use crate::table::{Row, Shape};
use crate::values;

pub(crate) const OFFERS: Shape = Shape {
    file: "offers.csv",
    needed: &["party", "item", "model", "accept_within_minutes", "lead_working_days", "price"],
    optional: &["countries", "late_risk"],
};

/// 5 days: all else that a solution needs is held so long.
const ACCEPT_MINUTES_MAX: i32 = 7_200;
const LEAD_WORKING_DAYS_MAX: i32 = 250;

/// The offers of each party, by its code.
pub(crate) fn read(
    reading: &Reading<'_>,
    parties: &Known<()>,
    catalogue: &Catalogue,
) -> BTreeMap<String, Vec<PartyOffer>> {
    let mut offers: BTreeMap<String, Vec<PartyOffer>> = BTreeMap::new();
    OFFERS.read(reading.files.get(OFFERS.file), reading.report, |row| {
        row.reference("party", parties);
        let offer = PartyOffer {
            service: service(row, catalogue),
            countries: row.codes("countries", CountryCode::parse),
            accept_within_minutes: row.get("accept_within_minutes", values::whole_i32(1, ACCEPT_MINUTES_MAX)),
            lead_working_days: row.get("lead_working_days", values::whole_i32(0, LEAD_WORKING_DAYS_MAX)),
            price: amount(row, "price", &reading.settings),
            late_probability: row.optional("late_risk", values::probability),
        };
        let of_party = offers.entry(row.text("party").to_owned()).or_default();
        if of_party.iter().any(|earlier| overlaps(earlier, &offer)) {
            row.refuse("countries", "countries in which the party does not offer the same already");
        }
        of_party.push(offer);
    });
    offers
}

/// An item or a model, and not both.
fn service(row: &Row<'_>, catalogue: &Catalogue) -> Option<Service> {
    match (row.is_empty("item"), row.is_empty("model")) {
        (false, true) => {
            row.reference("item", &catalogue.items);
            Some(Service::ItemId(row.text("item").to_owned()))
        }
        (true, false) => {
            row.reference("model", &catalogue.models);
            Some(Service::Model(row.text("model").to_owned()))
        }
        _ => {
            row.refuse("item", "an item to bring, or a model to repair, and not both");
            None
        }
    }
}

fn overlaps(a: &PartyOffer, b: &PartyOffer) -> bool {
    let everywhere = a.countries.is_empty() || b.countries.is_empty();
    let both = a.countries.iter().any(|country| b.countries.contains(country));
    a.service.is_some() && a.service == b.service && (everywhere || both)
}
