//! Who and what the stories are about, in the sample company.

use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{FindSolutionsResponse, SolutionKind};
use meridian_proto::intake::v1::{ItemsNeed, Need, NeedLine, OtherNeed, RepairNeed, need};
use meridian_proto::types::v1::Interval;

/// Story 1: the lamp of a spectrophotometer in Stuttgart.
pub(super) const LAMP: &str = "UV2-D2-LAMP";
pub(super) const PART_CALLER_PHONE: &str = "+49 (0)30 23125/101";
pub(super) const PART_SITE: &str = "lab-stuttgart";
pub(super) const PART_OFFICE: &str = "office-berlin";
pub(super) const PART_ZONE: &str = "Europe/Berlin";
/// The clinic in Munich needs the same lamp; the colleagues in Lyon took that call.
pub(super) const RIVAL_PERSON: &str = "p-1005";
pub(super) const RIVAL_SITE: &str = "clinic-munich";
pub(super) const RIVAL_OFFICE: &str = "office-lyon";

/// Story 2: a mass spectrometer in Stuttgart that is wanted in Lagos.
pub(super) const REPAIR_CALLER_EMAIL: &str = "I.Obi+lagos@kessler-analysis.example";
pub(super) const REPAIR_SERIAL: &str = "MS7-24117";
pub(super) const REPAIR_OFFICE: &str = "office-berlin";
pub(super) const REPAIR_ZONE: &str = "Europe/Berlin";
/// The instrument is cleaned and safe to touch.
pub(super) const ANSWER: &str = "yes";

/// Story 3: a cold room in Nairobi.
pub(super) const OTHER_CALLER_PHONE: &str = "020 000 0101";
pub(super) const OTHER_COUNTRY: &str = "KE";
pub(super) const OTHER_OFFICE: &str = "office-nairobi";
pub(super) const OTHER_ZONE: &str = "Africa/Nairobi";
pub(super) const OTHER_ACCEPTS: &str = "Service desk, early shift";

fn instant(text: &str) -> Timestamp {
    text.parse().expect("the dates of the stories are instants")
}

/// Thursday morning in Berlin; in Boston it is the night before Thanksgiving Day.
pub(super) fn start() -> Timestamp {
    instant("2026-11-26T09:10:00+01:00")
}

/// Friday morning: the call of story 2.
pub(super) fn repair_call() -> Timestamp {
    instant("2026-11-27T09:30:00+01:00")
}

/// Friday noon in Nairobi: the call of story 3.
pub(super) fn other_call() -> Timestamp {
    instant("2026-11-27T12:05:00+03:00")
}

/// A lamp, delivered by Wednesday noon.
pub(super) fn lamp_to(site: &str) -> Need {
    let line = NeedLine { item_id: LAMP.to_owned(), quantity: 1, unit: "each".to_owned() };
    Need {
        kind: Some(need::Kind::Items(ItemsNeed { lines: vec![line], deliver_to_site_id: site.to_owned() })),
        deadline: Some(encode::timestamp(instant("2026-12-02T12:00:00+01:00"))),
        ..Need::default()
    }
}

/// The instrument repaired over the weekend and in Lagos on Wednesday; the laboratory opens for us on Sunday.
pub(super) fn repair_need() -> Need {
    let open = |from: &str, until: &str| Interval {
        start: Some(encode::timestamp(instant(from))),
        end: Some(encode::timestamp(instant(until))),
    };
    let repair = RepairNeed {
        serial_number: REPAIR_SERIAL.to_owned(),
        model: "MS7".to_owned(),
        site_id: "lab-feuerbach".to_owned(),
        symptom: "vacuum-fault".to_owned(),
        onward_site_id: "lab-lagos".to_owned(),
        site_access: vec![open("2026-11-29T08:00:00+01:00", "2026-11-29T18:00:00+01:00")],
    };
    Need {
        kind: Some(need::Kind::Repair(repair)),
        deadline: Some(encode::timestamp(instant("2026-12-02T17:00:00+01:00"))),
        ..Need::default()
    }
}

/// Somebody for the cold room.
pub(super) fn other_need() -> Need {
    Need {
        kind: Some(need::Kind::Other(OtherNeed { category: "refrigeration".to_owned() })),
        ..Need::default()
    }
}

/// Whether every region has what the stories stand on: the lamp abroad, and a way for an engineer or the instrument.
pub(super) fn is_known(found: &FindSolutionsResponse, need: &Need) -> bool {
    let kinds: Vec<_> = found.solutions.iter().map(|it| it.kind()).collect();
    match need.kind {
        Some(need::Kind::Items(_)) => {
            kinds.contains(&SolutionKind::Transfer) && kinds.contains(&SolutionKind::Substitute)
        }
        _ => kinds.contains(&SolutionKind::EngineerVisit),
    }
}
