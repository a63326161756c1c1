//! `customers.csv`, `people.csv`, `instruments.csv`, `parties.csv`: who calls, about what, and who else helps.

use meridian_proto::intake::v1::{Customer, Instrument, Party, Person};
use meridian_types::{Category, CountryCode, CustomerId, PartyId, PersonId, RegionId, Rule, SerialNumber};
use prost_types::Timestamp;

use crate::catalogue::Catalogue;
use crate::known::Known;
use crate::offers;
use crate::reading::Reading;
use crate::sites::SiteFacts;
use crate::table::{Row, Shape};
use crate::values;

pub(crate) const CUSTOMERS: Shape =
    Shape { file: "customers.csv", needed: &["customer", "name", "region", "country"], optional: &[] };

pub(crate) const PEOPLE: Shape = Shape {
    file: "people.csv",
    needed: &["person", "customer", "name", "phones", "emails", "language", "zone"],
    optional: &["external_ids"],
};

pub(crate) const INSTRUMENTS: Shape = Shape {
    file: "instruments.csv",
    needed: &["serial", "model", "customer", "site"],
    optional: &["warranty_until", "revision"],
};

pub(crate) const PARTIES: Shape = Shape {
    file: "parties.csv",
    needed: &["party", "region", "name", "categories", "accept_within_minutes"],
    optional: &["countries"],
};

/// 30 days.
const ACCEPT_MINUTES_MAX: i32 = 43_200;

/// Customers with their home regions.
pub(crate) fn read_customers(reading: &mut Reading<'_>) -> Known<Option<RegionId>> {
    let mut known = Known::new("a customer of customers.csv");
    let source = reading.files.get(CUSTOMERS.file);
    known.complete = CUSTOMERS.read(source, reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        let code = row.code("customer", CustomerId::parse);
        reading.regions.of(region).directory.customers.push(Customer {
            customer_id: code.clone(),
            name: row.get("name", values::text),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            country: row.code("country", CountryCode::parse),
        });
        known.add(row, "customer", code, region.cloned());
    });
    known
}

pub(crate) fn read(
    reading: &mut Reading<'_>,
    customers: &Known<Option<RegionId>>,
    sites: &Known<SiteFacts>,
    catalogue: &Catalogue,
) {
    read_people(reading, customers);
    read_instruments(reading, customers, sites, catalogue);
    read_parties(reading, catalogue);
}

fn read_people(reading: &mut Reading<'_>, customers: &Known<Option<RegionId>>) {
    let mut known = Known::new("a person of people.csv");
    PEOPLE.read(reading.files.get(PEOPLE.file), reading.report, |row| {
        let region = row.reference("customer", customers).and_then(Option::as_ref);
        if row.is_empty("phones") && row.is_empty("emails") {
            row.refuse("phones", "a phone number or an e-mail address, or nobody can recognise them");
        }
        let code = row.code("person", PersonId::parse);
        row.get("zone", |text| values::zone(text).map(Some));
        reading.regions.of(region).directory.people.push(Person {
            person_id: code.clone(),
            customer_id: row.text("customer").to_owned(),
            name: row.get("name", values::text),
            phones: row.list("phones", values::phone),
            emails: row.list("emails", values::email),
            language: row.get("language", language),
            zone: row.text("zone").to_owned(),
            external_ids: row.list("external_ids", values::text),
        });
        known.add(row, "person", code, ());
    });
}

fn read_instruments(
    reading: &mut Reading<'_>,
    customers: &Known<Option<RegionId>>,
    sites: &Known<SiteFacts>,
    catalogue: &Catalogue,
) {
    let mut known = Known::new("an instrument of instruments.csv");
    INSTRUMENTS.read(reading.files.get(INSTRUMENTS.file), reading.report, |row| {
        let region = row.reference("customer", customers).and_then(Option::as_ref);
        let site = row.reference("site", sites);
        row.reference("model", &catalogue.models);
        let serial_number = row.code("serial", SerialNumber::parse);
        reading.regions.of(region).directory.instruments.push(Instrument {
            serial_number: serial_number.clone(),
            model: row.text("model").to_owned(),
            customer_id: row.text("customer").to_owned(),
            site_id: row.text("site").to_owned(),
            warranty_until: warranty_end(row, site),
            revision: row.optional("revision", values::text),
        });
        known.add(row, "serial", serial_number, ());
    });
}

/// The end of the last day of warranty where the instrument stands.
fn warranty_end(row: &Row<'_>, site: Option<&SiteFacts>) -> Option<Timestamp> {
    let last_day = row.optional("warranty_until", |text| values::date(text).map(Some))?;
    let end = last_day.tomorrow().ok()?.to_zoned(site?.zone.clone()?).ok()?.timestamp();
    Some(Timestamp { seconds: end.as_second(), nanos: 0 })
}

fn read_parties(reading: &mut Reading<'_>, catalogue: &Catalogue) {
    let mut known = Known::new("a party of parties.csv");
    let mut parties = Vec::new();
    known.complete = PARTIES.read(reading.files.get(PARTIES.file), reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        if row.is_empty("categories") {
            row.refuse("categories", "at least one category, or * for what nobody else takes");
        }
        let code = row.code("party", PartyId::parse);
        let party = Party {
            party_id: code.clone(),
            name: row.get("name", values::text),
            categories: row.list("categories", category),
            countries: row.codes("countries", CountryCode::parse),
            accept_within_minutes: row.get("accept_within_minutes", values::whole_i32(1, ACCEPT_MINUTES_MAX)),
            offers: Vec::new(),
        };
        parties.push((region.cloned(), party));
        known.add(row, "party", code, ());
    });
    let mut offers = offers::read(reading, &known, catalogue);
    for (region, mut party) in parties {
        party.offers = offers.remove(&party.party_id).unwrap_or_default();
        reading.regions.of(region.as_ref()).directory.parties.push(party);
    }
}

fn category(text: &str) -> Result<String, Rule> {
    if text == "*" { Ok(text.to_owned()) } else { Category::parse(text).map(String::from) }
}

fn language(text: &str) -> Result<String, Rule> {
    match text {
        "en" | "de" | "fi" | "fr" => Ok(text.to_owned()),
        _ => Err(Rule::new("en, de, fi or fr")),
    }
}
