//! Is a call about something known? Compared with the customer's open cases.
//!
//! The rules, strongest first; the newest case wins among equals:
//! - the same instrument with the same symptom is the same issue, unless that case is more than 30 days old (unsure);
//!   with another symptom it is related; with an unknown one nobody can tell;
//! - exactly the same items within 72 hours are the same issue, later nobody can tell (once more, or still?); some of
//!   the items are related; so are items for a place where an instrument is under repair;
//! - the same category within 72 hours is the same issue, later nobody can tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{CaseId, ItemId};

use super::need::{ItemsNeed, Need, NeedKind, RepairNeed};

/// Within this time the same wish is the same issue.
const REPEATED_WITHIN: SignedDuration = SignedDuration::from_hours(72);
/// After this time the same symptom may well be a new fault.
const SAME_FAULT_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Whether a call is about something known, by rising likeness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IssueVerdict {
    New,
    Related,
    Unsure,
    Same,
}

/// An open case of the customer who calls.
#[derive(Debug, Clone)]
pub(crate) struct OpenIssue<'a> {
    pub(crate) case_id: CaseId,
    pub(crate) need: &'a Need,
    pub(crate) opened_at: Timestamp,
}

/// The verdict, with the case it is about and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(crate) verdict: IssueVerdict,
    pub(crate) case_id: Option<CaseId>,
    /// In plain English, without names.
    pub(crate) reasons: Vec<String>,
}

/// Compares what a caller says they need with the customer's open cases.
pub(crate) fn assess(need: &Need, open: &[OpenIssue<'_>], now: Timestamp) -> Assessment {
    let compared = open.iter().filter_map(|issue| {
        let age = now.duration_since(issue.opened_at);
        let (verdict, reason) = compare(&need.kind, &issue.need.kind, age)?;
        Some((verdict, issue.opened_at, issue.case_id, reason))
    });
    match compared.max_by_key(|(verdict, opened_at, case_id, _)| (*verdict, *opened_at, *case_id)) {
        Some((verdict, opened_at, case_id, reason)) => {
            let opened = format!("that case was opened {}", ago(now.duration_since(opened_at)));
            Assessment { verdict, case_id: Some(case_id), reasons: vec![reason, opened] }
        }
        None => {
            let reason = match open.len() {
                0 => "the customer has no open case".to_owned(),
                count => format!("none of the customer's {count} open cases is about this"),
            };
            Assessment { verdict: IssueVerdict::New, case_id: None, reasons: vec![reason] }
        }
    }
}

type Likeness = (IssueVerdict, String);

fn compare(said: &NeedKind, known: &NeedKind, age: SignedDuration) -> Option<Likeness> {
    match (said, known) {
        (NeedKind::Repair(said), NeedKind::Repair(known)) => compare_repairs(said, known, age),
        (NeedKind::Items(said), NeedKind::Items(known)) => compare_items(said, known, age),
        (NeedKind::Items(items), NeedKind::Repair(repair))
        | (NeedKind::Repair(repair), NeedKind::Items(items)) => {
            let site = items.deliver_to_site.as_ref().filter(|site| repair.site.as_ref() == Some(site))?;
            let reason =
                format!("items go to {site}, where instrument {} is to be repaired", repair.serial_number);
            Some((IssueVerdict::Related, reason))
        }
        (NeedKind::Other(said), NeedKind::Other(known)) if said.category == known.category => {
            let verdict = repeated(age);
            Some((verdict, format!("an open case is about {} too", known.category)))
        }
        _ => None,
    }
}

fn compare_repairs(said: &RepairNeed, known: &RepairNeed, age: SignedDuration) -> Option<Likeness> {
    if said.serial_number != known.serial_number {
        return None;
    }
    let serial_number = &known.serial_number;
    Some(match (&said.symptom, &known.symptom) {
        (Some(said), Some(known)) if said != known => {
            let reason = format!("instrument {serial_number} has an open case with another symptom, {known}");
            (IssueVerdict::Related, reason)
        }
        (Some(_), Some(known)) => {
            let verdict = if age <= SAME_FAULT_WITHIN { IssueVerdict::Same } else { IssueVerdict::Unsure };
            (verdict, format!("instrument {serial_number} has an open case with the same symptom, {known}"))
        }
        _ => {
            let reason = format!("instrument {serial_number} has an open case; compare the symptoms");
            (IssueVerdict::Unsure, reason)
        }
    })
}

fn compare_items(said: &ItemsNeed, known: &ItemsNeed, age: SignedDuration) -> Option<Likeness> {
    let (said_items, known_items) = (quantities(said), quantities(known));
    let elsewhere =
        matches!((&said.deliver_to_site, &known.deliver_to_site), (Some(said), Some(known)) if said != known);
    if said_items == known_items && !elsewhere {
        return Some((repeated(age), "the same items were asked for".to_owned()));
    }
    let shared: Vec<_> = said_items.keys().filter(|item| known_items.contains_key(*item)).collect();
    let first = shared.first()?;
    let reason = match (elsewhere, shared.len()) {
        (true, _) => format!("{first} was asked for too, for another place"),
        (false, 1) => format!("{first} was asked for too"),
        (false, count) => format!("{first} and {} more items were asked for too", count - 1),
    };
    Some((IssueVerdict::Related, reason))
}

fn repeated(age: SignedDuration) -> IssueVerdict {
    if age <= REPEATED_WITHIN { IssueVerdict::Same } else { IssueVerdict::Unsure }
}

fn quantities(items: &ItemsNeed) -> BTreeMap<&ItemId, i64> {
    let mut quantities = BTreeMap::new();
    for line in &items.lines {
        *quantities.entry(&line.item_id).or_default() += line.quantity.units();
    }
    quantities
}

fn ago(age: SignedDuration) -> String {
    match age.as_hours() {
        ..1 => "within the last hour".to_owned(),
        hours @ 1..48 => format!("{hours} h ago"),
        hours => format!("{} days ago", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::{Category, Quantity, SeededIds, SerialNumber, SiteId, Symptom};

    use super::*;
    use crate::domain::need::{NeedLine, OtherNeed};

    fn repair(serial_number: &str, symptom: &str, site: &str) -> NeedKind {
        NeedKind::Repair(RepairNeed {
            serial_number: SerialNumber::parse(serial_number).unwrap(),
            model: None,
            site: SiteId::parse(site).ok(),
            symptom: Symptom::parse(symptom).ok(),
            onward_site: None,
            site_access: Vec::new(),
        })
    }

    fn items(lines: &[(&str, i64)], site: &str) -> NeedKind {
        let line = |(item, units): &(&str, i64)| NeedLine {
            item_id: ItemId::parse(item).unwrap(),
            quantity: Quantity::new(*units).unwrap(),
            unit: None,
        };
        NeedKind::Items(ItemsNeed {
            lines: lines.iter().map(line).collect(),
            deliver_to_site: SiteId::parse(site).ok(),
        })
    }

    fn other(category: &str) -> NeedKind {
        NeedKind::Other(OtherNeed { category: Category::parse(category).unwrap() })
    }

    fn verdict(said: NeedKind, known: NeedKind, age_hours: i64) -> IssueVerdict {
        let opened_at = Timestamp::UNIX_EPOCH;
        let case_id = CaseId::fresh(&SeededIds::new(1));
        let known = Need { kind: known, deadline: None, end_use: None };
        let now = opened_at + SignedDuration::from_hours(age_hours);
        let open = [OpenIssue { case_id, need: &known, opened_at }];
        let assessment = assess(&Need { kind: said, deadline: None, end_use: None }, &open, now);
        assert_eq!(assessment.case_id.is_some(), assessment.verdict != IssueVerdict::New);
        assert!(!assessment.reasons.is_empty());
        assessment.verdict
    }

    #[test]
    fn calls_are_told_apart_as_in_this_table() {
        use IssueVerdict::{New, Related, Same, Unsure};
        let pump = [("PUMP", 2)];
        let table = [
            (repair("S1", "no-signal", ""), repair("S1", "no-signal", ""), 1, Same),
            (repair("S1", "no-signal", ""), repair("S1", "no-signal", ""), 31 * 24, Unsure),
            (repair("S1", "no-signal", ""), repair("S1", "leak", ""), 1, Related),
            (repair("S1", "no-signal", ""), repair("S1", "", ""), 1, Unsure),
            (repair("S1", "", ""), repair("S1", "leak", ""), 1, Unsure),
            (repair("S1", "no-signal", ""), repair("S2", "no-signal", ""), 1, New),
            (items(&pump, "BER"), items(&pump, "BER"), 72, Same),
            (items(&pump, "BER"), items(&pump, ""), 72, Same),
            (items(&[("PUMP", 1), ("PUMP", 1)], "BER"), items(&pump, "BER"), 1, Same),
            (items(&pump, "BER"), items(&pump, "BER"), 73, Unsure),
            (items(&pump, "BER"), items(&pump, "HEL"), 1, Related),
            (items(&pump, "BER"), items(&[("PUMP", 3)], "BER"), 1, Related),
            (items(&[("PUMP", 2), ("SEAL", 1)], ""), items(&pump, ""), 1, Related),
            (items(&[("SEAL", 1)], "BER"), items(&pump, "BER"), 1, New),
            (items(&pump, "BER"), repair("S1", "leak", "BER"), 1, Related),
            (repair("S1", "leak", "BER"), items(&pump, "BER"), 1, Related),
            (items(&pump, ""), repair("S1", "leak", ""), 1, New),
            (other("gas"), other("gas"), 1, Same),
            (other("gas"), other("gas"), 100, Unsure),
            (other("gas"), other("water"), 1, New),
            (other("gas"), repair("S1", "leak", ""), 1, New),
        ];
        for (said, known, age_hours, expected) in table {
            let shown = format!("{said:?} / {known:?} / {age_hours} h");
            assert_eq!(verdict(said, known, age_hours), expected, "{shown}");
        }
    }

    #[test]
    fn the_likest_case_wins_and_the_newest_among_equals() {
        let ids = SeededIds::new(3);
        let needs = [
            (repair("S1", "leak", ""), 5),
            (repair("S1", "no-signal", ""), 20),
            (repair("S1", "no-signal", ""), 10),
            (items(&[("PUMP", 1)], ""), 0),
        ]
        .map(|(kind, age)| (CaseId::fresh(&ids), Need { kind, deadline: None, end_use: None }, age));
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1000);
        let open: Vec<_> = needs
            .iter()
            .map(|(case_id, need, age)| OpenIssue {
                case_id: *case_id,
                need,
                opened_at: now - SignedDuration::from_hours(*age),
            })
            .collect();
        let said = Need { kind: repair("S1", "no-signal", ""), deadline: None, end_use: None };
        let assessment = assess(&said, &open, now);
        assert_eq!((assessment.verdict, assessment.case_id), (IssueVerdict::Same, Some(needs[2].0)));
        assert_eq!(assessment.reasons[1], "that case was opened 10 h ago");
    }
}
