//! Requests of a small company's offices.

use meridian_proto::intake::v1 as pb;
use meridian_proto::types::v1::Responsibility;

use crate::harness::{fresh, instant};

/// Two customers with people who share things, three instruments, and parties.
pub(crate) fn company() -> pb::PutDirectoryRequest {
    pb::PutDirectoryRequest {
        request_id: fresh(),
        customers: vec![customer("CLINIC", "DE"), customer("LAB", "FI")],
        people: vec![
            pb::Person {
                phones: vec!["030 / 5550 123".to_owned()],
                emails: vec!["Ada@clinic.example".to_owned()],
                external_ids: vec!["CRM-1".to_owned()],
                ..person("ADA", "CLINIC")
            },
            pb::Person {
                phones: vec!["+49 30 5550-145".to_owned()],
                emails: vec!["ada+lab@clinic.example".to_owned()],
                ..person("BEA", "CLINIC")
            },
            pb::Person { phones: vec!["09 555 0123".to_owned()], ..person("CAI", "LAB") },
            pb::Person { phones: vec!["+358 9 555 0123".to_owned()], ..person("DAN", "LAB") },
        ],
        instruments: vec![
            instrument("SN-1", "CLINIC", "BERLIN-LAB"),
            instrument("SN-2", "LAB", "HELSINKI"),
            instrument("SN-3", "LAB", "TURKU"),
        ],
        parties: vec![
            party("COOL-CO", "refrigeration"),
            party("ANYBODY", "*"),
            party("PLUMBERS", "plumbing"),
        ],
    }
}

pub(crate) fn customer(id: &str, country: &str) -> pb::Customer {
    pb::Customer {
        customer_id: id.to_owned(),
        name: format!("{id} Ltd"),
        region: "eu".to_owned(),
        country: country.to_owned(),
    }
}

pub(crate) fn person(id: &str, customer: &str) -> pb::Person {
    pb::Person {
        person_id: id.to_owned(),
        customer_id: customer.to_owned(),
        name: format!("{id} Nobody"),
        language: "de".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        ..pb::Person::default()
    }
}

pub(crate) fn instrument(serial_number: &str, customer: &str, site: &str) -> pb::Instrument {
    pb::Instrument {
        serial_number: serial_number.to_owned(),
        model: "SPECTRA-9".to_owned(),
        customer_id: customer.to_owned(),
        site_id: site.to_owned(),
        warranty_until: instant("2028-01-01T00:00:00Z"),
        revision: "B".to_owned(),
    }
}

pub(crate) fn party(id: &str, category: &str) -> pb::Party {
    pb::Party {
        party_id: id.to_owned(),
        name: format!("{id} Inc"),
        categories: vec![category.to_owned()],
        countries: vec!["DE".to_owned(), "FI".to_owned()],
        accept_within_minutes: 60,
        offers: Vec::new(),
    }
}

/// A call by the clinic.
pub(crate) fn open(need: pb::Need) -> pb::OpenCaseRequest {
    pb::OpenCaseRequest {
        request_id: fresh(),
        person_id: "ADA".to_owned(),
        need: Some(need),
        office: "OFFICE-BER".to_owned(),
        ..pb::OpenCaseRequest::default()
    }
}

fn need(kind: pb::need::Kind) -> pb::Need {
    pb::Need { kind: Some(kind), ..pb::Need::default() }
}

pub(crate) fn repair(serial_number: &str) -> pb::Need {
    let serial_number = serial_number.to_owned();
    need(pb::need::Kind::Repair(pb::RepairNeed { serial_number, ..pb::RepairNeed::default() }))
}

pub(crate) fn items(lines: &[(&str, i64)]) -> pb::Need {
    let line = |(item, quantity): &(&str, i64)| pb::NeedLine {
        item_id: (*item).to_owned(),
        quantity: *quantity,
        unit: String::new(),
    };
    let lines = lines.iter().map(line).collect();
    need(pb::need::Kind::Items(pb::ItemsNeed { lines, deliver_to_site_id: String::new() }))
}

pub(crate) fn other(category: &str) -> pb::Need {
    need(pb::need::Kind::Other(pb::OtherNeed { category: category.to_owned() }))
}

pub(crate) fn fact(name: &str, value: &str, source: pb::FactSource) -> pb::Fact {
    pb::Fact { name: name.to_owned(), value: value.to_owned(), source: source.into(), ..pb::Fact::default() }
}

pub(crate) fn refer(case_id: &str, party: &str) -> pb::ReferCaseRequest {
    pb::ReferCaseRequest {
        request_id: fresh(),
        case_id: case_id.to_owned(),
        party_id: party.to_owned(),
        reason: "They repair these".to_owned(),
        accept_by: None,
    }
}

pub(crate) fn accept(referral_id: &str) -> pb::AcceptReferralRequest {
    pb::AcceptReferralRequest {
        request_id: fresh(),
        referral_id: referral_id.to_owned(),
        accepted_by: "service desk".to_owned(),
    }
}

pub(crate) fn decline(referral_id: &str) -> pb::DeclineReferralRequest {
    pb::DeclineReferralRequest {
        request_id: fresh(),
        referral_id: referral_id.to_owned(),
        declined_by: "service desk".to_owned(),
        reason: "no capacity".to_owned(),
    }
}

pub(crate) fn close(case_id: &str, resolution: pb::Resolution) -> pb::CloseCaseRequest {
    pb::CloseCaseRequest {
        request_id: fresh(),
        case_id: case_id.to_owned(),
        resolution: resolution.into(),
        etag: String::new(),
    }
}

/// What the coordinator does next.
pub(crate) fn coordinator_does(next_action: &str, due: &str) -> Option<Responsibility> {
    let (owner, next_action) = ("coordinator".to_owned(), next_action.to_owned());
    Some(Responsibility { owner, next_action, due: instant(due) })
}
