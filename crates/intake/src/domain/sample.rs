//! Sample cases and parties for the tests of the rules.

use jiff::Timestamp;
use meridian_types::{
    CaseId, Category, CountryCode, CustomerId, InstrumentModel, PartyId, PersonId, Personal, ReferralId,
    SeededIds, SerialNumber, SiteId, usual_weekend,
};

use super::case::{Case, StatedFact};
use super::directory::{Instrument, Language, Party, PartyCategory, Person, Zone};
use super::fact::{FactName, Statement};
use super::fact_book::FactSource;
use super::need::{Need, NeedKind, OtherNeed, RepairNeed};
use super::opening::{NewCase, Records};
use super::referral::{Offer, OfferedBy};
use super::responsibility::Priority;

/// Friday, 20 November 2026.
pub(crate) fn friday() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

pub(crate) fn germany() -> CountryCode {
    CountryCode::parse("DE").unwrap()
}

pub(crate) fn person() -> Person {
    Person {
        person_id: PersonId::parse("P-1").unwrap(),
        customer_id: CustomerId::parse("CLINIC").unwrap(),
        name: Personal::new("Ada".to_owned()),
        phones: Vec::new(),
        emails: Vec::new(),
        external_ids: Vec::new(),
        language: Language::German,
        zone: Zone::parse("Europe/Berlin").unwrap(),
    }
}

pub(crate) fn instrument() -> Instrument {
    Instrument {
        serial_number: SerialNumber::parse("SN-1").unwrap(),
        model: InstrumentModel::parse("SPECTRA-9").unwrap(),
        customer_id: CustomerId::parse("CLINIC").unwrap(),
        site_id: SiteId::parse("BERLIN-LAB").unwrap(),
        warranty_until: None,
        revision: None,
    }
}

pub(crate) fn repair() -> RepairNeed {
    RepairNeed {
        serial_number: SerialNumber::parse("SN-1").unwrap(),
        model: None,
        site: None,
        symptom: None,
        onward_site: None,
        site_access: Vec::new(),
    }
}

pub(crate) fn new_case(kind: NeedKind, records: Records) -> NewCase {
    NewCase {
        case_id: CaseId::fresh(&SeededIds::new(1)),
        person: person(),
        office: SiteId::parse("OFFICE-BER").unwrap(),
        need: Need { kind, deadline: None, end_use: None },
        deadline_field: "need.deadline",
        priority: Priority::High,
        facts: Vec::new(),
        records,
    }
}

/// A case about refrigeration.
pub(crate) fn case() -> Case {
    let kind = NeedKind::Other(OtherNeed { category: Category::parse("refrigeration").unwrap() });
    Case::open(new_case(kind, Records::default()), friday()).unwrap()
}

/// The records of a customer with one instrument.
pub(crate) fn known_instrument() -> Records {
    Records {
        instrument: Some(instrument()),
        weekend: usual_weekend(&germany()).to_vec(),
        ..Records::default()
    }
}

/// A case about the repair of the instrument on record, of which nothing else was said.
pub(crate) fn known_repair() -> Case {
    Case::open(new_case(NeedKind::Repair(repair()), known_instrument()), friday()).unwrap()
}

/// A fact of a request.
pub(crate) fn stated(name: &str, value: &str, source: FactSource) -> StatedFact {
    StatedFact {
        field: "fact.value".to_owned(),
        statement: Statement::parse(&FactName::parse(name).unwrap(), value).unwrap(),
        source,
        stated_by: None,
        stated_at: None,
    }
}

pub(crate) fn party(category: &str) -> Party {
    Party {
        party_id: PartyId::parse("COOL-CO").unwrap(),
        name: "Cool Co".to_owned(),
        categories: vec![PartyCategory::parse(category).unwrap()],
        countries: vec![germany()],
        accept_within_minutes: 60,
        offers: Vec::new(),
    }
}

/// An offer to a party that serves the sample case.
pub(crate) fn offer(number: u64, offered_by: OfferedBy) -> Offer {
    Offer {
        referral_id: ReferralId::fresh(&SeededIds::new(number)),
        party: party("refrigeration"),
        reason: "They repair these".to_owned(),
        accept_by: None,
        offered_by,
    }
}
