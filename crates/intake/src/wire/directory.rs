//! Customers, people, instruments, parties, and who is calling.

use std::collections::{BTreeMap, BTreeSet};

use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1 as pb;
use meridian_types::{CountryCode, CustomerId, Personal, Problem, RegionId, Rule, Violations};

use crate::domain::contact::{Email, ExternalId, Phone};
use crate::domain::directory::{Customer, Instrument, Language, Party, PartyCategory, Person, Zone};
use crate::domain::recognition::Caller;
use crate::operations::put_directory::Directory;

const NAME_CHARS_MAX: usize = 200;
const CONTACTS_MAX: usize = 20;
const REVISION_CHARS_MAX: usize = 64;
const CATEGORIES_MAX: usize = 50;
pub(super) const COUNTRIES_MAX: usize = 250;
const ACCEPT_WITHIN_MINUTES_DEFAULT: i32 = 240;
const ACCEPT_WITHIN_MINUTES_MAX: i32 = 30 * 24 * 60;

pub(crate) fn decode_caller(request: &pb::RecognizeCallerRequest) -> Result<Caller, Problem> {
    let mut violations = Violations::new();
    let country = decode::parsed_if_set(&mut violations, "country", &request.country);
    let given = |text: &str| !text.is_empty();
    let phone = given(&request.phone).then(|| Phone::parse(&request.phone, country.as_ref()));
    let phone = phone.and_then(|phone| violations.check("phone", &request.phone, phone));
    let email = given(&request.email).then(|| Email::parse(&request.email));
    let email = email.and_then(|email| violations.check("email", &request.email, email));
    let external_id = given(&request.external_id).then(|| ExternalId::parse(&request.external_id));
    let external_id = external_id.and_then(|id| violations.check("external_id", &request.external_id, id));
    if ![&request.phone, &request.email, &request.external_id].into_iter().any(|text| given(text)) {
        violations.add("phone", "", "at least one of phone, email and external_id must be set");
    }
    decode::complete(violations, Some(Caller { phone, email, external_id }))
}

/// The customers that a request for the directory speaks of without bringing them along.
pub(crate) fn customers_named(request: &pb::PutDirectoryRequest) -> Vec<CustomerId> {
    let people = request.people.iter().map(|person| &person.customer_id);
    let instruments = request.instruments.iter().map(|instrument| &instrument.customer_id);
    let named: BTreeSet<_> = people.chain(instruments).collect();
    named.into_iter().filter_map(|id| CustomerId::parse(id).ok()).collect()
}

/// Decodes the whole request. `known` are customers on record.
pub(crate) fn decode_put(
    request: &pb::PutDirectoryRequest,
    known: Vec<Customer>,
    region: &RegionId,
) -> Result<Directory, Problem> {
    let mut decoder = Decoder { violations: Violations::new(), countries: BTreeMap::new() };
    decode::request_id(&mut decoder.violations, &request.request_id);
    decoder.countries.extend(known.into_iter().map(|customer| (customer.customer_id, customer.country)));
    let customers = decoder.all("customers", &request.customers, |decoder, field, customer| {
        decoder.customer(field, customer, region)
    });
    let of_request = customers.iter().flatten();
    let countries = of_request.map(|customer| (customer.customer_id.clone(), customer.country.clone()));
    decoder.countries.extend(countries);
    let people = decoder.all("people", &request.people, Decoder::person);
    let instruments = decoder.all("instruments", &request.instruments, Decoder::instrument);
    let parties = decoder.all("parties", &request.parties, Decoder::party);
    decoder.only_once("customers", "customer_id", request.customers.iter().map(|one| &one.customer_id));
    decoder.only_once("people", "person_id", request.people.iter().map(|one| &one.person_id));
    decoder.only_once(
        "instruments",
        "serial_number",
        request.instruments.iter().map(|one| &one.serial_number),
    );
    decoder.only_once("parties", "party_id", request.parties.iter().map(|one| &one.party_id));
    let directory = (|| {
        Some(Directory {
            customers: customers?,
            people: people?,
            instruments: instruments?,
            parties: parties?,
        })
    })();
    decode::complete(decoder.violations, directory)
}

struct Decoder {
    violations: Violations,
    /// Country of every customer, on record or of this request.
    countries: BTreeMap<CustomerId, CountryCode>,
}

impl Decoder {
    /// Decodes every entry, so that all violations are found.
    fn all<M, T>(
        &mut self,
        list: &str,
        messages: &[M],
        decode: impl Fn(&mut Self, &str, &M) -> Option<T>,
    ) -> Option<Vec<T>> {
        let decoded: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| decode(self, &format!("{list}[{index}]"), message))
            .collect();
        decoded.into_iter().collect()
    }

    fn only_once<'a>(&mut self, list: &str, key: &str, ids: impl Iterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.violations.add(format!("{list}[{index}].{key}"), id, "only once in a request");
            }
        }
    }

    fn customer(&mut self, field: &str, customer: &pb::Customer, region: &RegionId) -> Option<Customer> {
        let violations = &mut self.violations;
        let customer_id = decode::parsed(violations, &format!("{field}.customer_id"), &customer.customer_id);
        let name = decode::text(violations, &format!("{field}.name"), &customer.name, 1..=NAME_CHARS_MAX);
        let country = decode::parsed(violations, &format!("{field}.country"), &customer.country);
        if !customer.region.is_empty() && customer.region != region.as_str() {
            let rule = format!("{region} or empty: each region keeps its own customers");
            violations.add(format!("{field}.region"), &customer.region, rule);
        }
        Some(Customer { customer_id: customer_id?, name: name?, country: country? })
    }

    fn person(&mut self, field: &str, person: &pb::Person) -> Option<Person> {
        let person_id =
            decode::parsed(&mut self.violations, &format!("{field}.person_id"), &person.person_id);
        let customer_id = self.customer_id(field, &person.customer_id);
        let country = customer_id.as_ref().and_then(|id| self.countries.get(id)).cloned();
        let violations = &mut self.violations;
        let name = decode::text(violations, &format!("{field}.name"), &person.name, 1..=NAME_CHARS_MAX);
        let name = name.filter(|name| {
            let one_line = !name.chars().any(char::is_control);
            if !one_line {
                violations.add(format!("{field}.name"), name.escape_debug(), "one line");
            }
            one_line
        });
        let language = Language::parse(&person.language);
        let language = violations.check(format!("{field}.language"), &person.language, language);
        let zone = violations.check(format!("{field}.zone"), &person.zone, Zone::parse(&person.zone));
        let phone = |text: &str| Phone::parse(text, country.as_ref());
        let phones = contacts(violations, &format!("{field}.phones"), &person.phones, phone);
        let emails = contacts(violations, &format!("{field}.emails"), &person.emails, Email::parse);
        let ids_field = format!("{field}.external_ids");
        let external_ids = contacts(violations, &ids_field, &person.external_ids, ExternalId::parse);
        Some(Person {
            person_id: person_id?,
            customer_id: customer_id?,
            name: Personal::new(name?),
            phones: phones?,
            emails: emails?,
            external_ids: external_ids?,
            language: language?,
            zone: zone?,
        })
    }

    fn instrument(&mut self, field: &str, instrument: &pb::Instrument) -> Option<Instrument> {
        let customer_id = self.customer_id(field, &instrument.customer_id);
        let violations = &mut self.violations;
        let serial_field = format!("{field}.serial_number");
        let serial_number = decode::parsed(violations, &serial_field, &instrument.serial_number);
        let model = decode::parsed(violations, &format!("{field}.model"), &instrument.model);
        let site_id = decode::parsed(violations, &format!("{field}.site_id"), &instrument.site_id);
        let warranty_field = format!("{field}.warranty_until");
        let warranty_until = decode::timestamp_if_set(violations, &warranty_field, instrument.warranty_until);
        let revision_field = format!("{field}.revision");
        let revision =
            decode::text(violations, &revision_field, &instrument.revision, 0..=REVISION_CHARS_MAX);
        Some(Instrument {
            serial_number: serial_number?,
            model: model?,
            customer_id: customer_id?,
            site_id: site_id?,
            warranty_until,
            revision: revision.filter(|revision| !revision.is_empty()),
        })
    }

    fn party(&mut self, field: &str, party: &pb::Party) -> Option<Party> {
        let violations = &mut self.violations;
        let party_id = decode::parsed(violations, &format!("{field}.party_id"), &party.party_id);
        let name = decode::text(violations, &format!("{field}.name"), &party.name, 1..=NAME_CHARS_MAX);
        if party.categories.is_empty() {
            violations.add(format!("{field}.categories"), "", "at least one category, or \"*\"");
        }
        let categories_field = format!("{field}.categories");
        let categories = parsed_list(
            violations,
            &categories_field,
            &party.categories,
            CATEGORIES_MAX,
            PartyCategory::parse,
        );
        let countries_field = format!("{field}.countries");
        let countries =
            parsed_list(violations, &countries_field, &party.countries, COUNTRIES_MAX, CountryCode::parse);
        let minutes = match party.accept_within_minutes {
            0 => ACCEPT_WITHIN_MINUTES_DEFAULT,
            minutes => minutes,
        };
        let minutes_field = format!("{field}.accept_within_minutes");
        let minutes = decode::within(violations, &minutes_field, minutes, 1..=ACCEPT_WITHIN_MINUTES_MAX);
        let offers = super::party_offer::decode(violations, &format!("{field}.offers"), &party.offers);
        Some(Party {
            party_id: party_id?,
            name: name?,
            categories: categories?,
            countries: countries?,
            accept_within_minutes: minutes?,
            offers: offers?,
        })
    }

    /// A customer on record or of this request.
    fn customer_id(&mut self, field: &str, text: &str) -> Option<CustomerId> {
        let field = format!("{field}.customer_id");
        let id = decode::parsed(&mut self.violations, &field, text)?;
        let known = self.countries.contains_key(&id);
        if !known {
            self.violations.add(field, text, "a customer on record, or one of this request");
        }
        known.then_some(id)
    }
}

/// A person's contacts of one kind, each once.
fn contacts<T: PartialEq>(
    violations: &mut Violations,
    field: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, Rule>,
) -> Option<Vec<T>> {
    let mut distinct = Vec::new();
    for contact in parsed_list(violations, field, texts, CONTACTS_MAX, parse)? {
        if !distinct.contains(&contact) {
            distinct.push(contact);
        }
    }
    Some(distinct)
}

pub(super) fn parsed_list<T>(
    violations: &mut Violations,
    field: &str,
    texts: &[String],
    entries_max: usize,
    parse: impl Fn(&str) -> Result<T, Rule>,
) -> Option<Vec<T>> {
    if texts.len() > entries_max {
        violations.add(field, format!("{} entries", texts.len()), format!("at most {entries_max} entries"));
        return None;
    }
    let entries: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| violations.check(format!("{field}[{index}]"), text.escape_debug(), parse(text)))
        .collect();
    entries.into_iter().collect()
}

pub(crate) fn encode_customer(customer: &Customer, region: &RegionId) -> pb::Customer {
    pb::Customer {
        customer_id: customer.customer_id.to_string(),
        name: customer.name.clone(),
        region: region.to_string(),
        country: customer.country.to_string(),
    }
}

pub(crate) fn encode_person(person: &Person) -> pb::Person {
    pb::Person {
        person_id: person.person_id.to_string(),
        customer_id: person.customer_id.to_string(),
        name: person.name.reveal().clone(),
        phones: person.phones.iter().map(|phone| phone.e164().reveal().clone()).collect(),
        emails: person.emails.iter().map(|email| email.address().reveal().clone()).collect(),
        language: person.language.code().to_owned(),
        zone: person.zone.name().to_owned(),
        external_ids: person.external_ids.iter().map(|id| id.id().reveal().clone()).collect(),
    }
}

pub(crate) fn encode_instrument(instrument: &Instrument) -> pb::Instrument {
    pb::Instrument {
        serial_number: instrument.serial_number.to_string(),
        model: instrument.model.to_string(),
        customer_id: instrument.customer_id.to_string(),
        site_id: instrument.site_id.to_string(),
        warranty_until: instrument.warranty_until.map(encode::timestamp),
        revision: instrument.revision.clone().unwrap_or_default(),
    }
}

pub(crate) fn encode_party_defined(party: &Party) -> pb::PartyDefined {
    pb::PartyDefined {
        party_id: party.party_id.to_string(),
        name: party.name.clone(),
        categories: party.categories.iter().map(|category| category.as_str().to_owned()).collect(),
        countries: party.countries.iter().map(ToString::to_string).collect(),
        accept_within_minutes: party.accept_within_minutes,
        offers: party.offers.iter().map(super::party_offer::encode).collect(),
    }
}
