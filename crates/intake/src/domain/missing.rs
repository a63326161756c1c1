//! What must still be asked: a pure function of the need and of what is known.
//!
//! *Items* want to know where to deliver. A *repair* wants the symptom, the model, the place, whether the instrument
//! is safe to touch, and, when little time but a weekend is left, whether the place can be entered then. Whatever is
//! urgent wants a deadline. *To ask for another fact*, add its name to [`wanted`] and its words to [`question`].

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::fact::FactName;
use super::fact_book::FactBook;
use super::need::{Need, NeedKind};
use super::responsibility::Priority;

/// With fewer working days than this before the deadline, a weekend in between counts.
const WORKING_DAYS_FEW: usize = 3;
/// The same for an instrument that must also travel on before its deadline.
const WORKING_DAYS_FEW_MOVING_ON: usize = 5;
/// A span longer than this has enough working days whatever the day it starts on.
const DAYS_LOOKED_AT: usize = 9;

/// Something that must still be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingFact {
    pub(crate) name: FactName,
    /// The question to ask, in plain English.
    pub(crate) question: &'static str,
    /// Why it matters.
    pub(crate) reason: &'static str,
}

/// The circumstances that decide what matters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) priority: Priority,
    pub(crate) opened_at: Timestamp,
    /// Zone of the person who called; days are theirs.
    pub(crate) zone: &'a TimeZone,
    /// Days without work in the country of the customer.
    pub(crate) weekend: &'a [Weekday],
}

/// What must still be asked, most important first. Never names a known fact.
pub(crate) fn missing_facts(need: &Need, facts: &FactBook, when: Circumstances<'_>) -> Vec<MissingFact> {
    let unknown = |name: &FactName| !facts.knows(name) && !need.says(name);
    wanted(need, when).into_iter().filter(unknown).filter_map(asked).collect()
}

fn wanted(need: &Need, when: Circumstances<'_>) -> Vec<FactName> {
    let mut wanted = match &need.kind {
        NeedKind::Items(_) => vec![FactName::DeliverToSite],
        NeedKind::Repair(_) => {
            vec![FactName::Symptom, FactName::Model, FactName::Site, FactName::Decontamination]
        }
        NeedKind::Other(_) => Vec::new(),
    };
    if when.priority != Priority::Normal {
        wanted.push(FactName::Deadline);
    }
    if let (NeedKind::Repair(repair), Some(deadline)) = (&need.kind, need.deadline) {
        let few = if repair.onward_site.is_some() { WORKING_DAYS_FEW_MOVING_ON } else { WORKING_DAYS_FEW };
        if weekend_counts(when, deadline, few) {
            wanted.push(FactName::SiteAccess);
        }
    }
    wanted
}

/// Whether a weekend day lies between the two instants, and fewer than `few` working days after the first day.
fn weekend_counts(when: Circumstances<'_>, deadline: Timestamp, few: usize) -> bool {
    let first = when.zone.to_datetime(when.opened_at).date();
    let last = when.zone.to_datetime(deadline).date();
    let days: Vec<_> = first.series(1.day()).take_while(|day| *day <= last).take(DAYS_LOOKED_AT).collect();
    let is_weekend = |weekday| when.weekend.contains(&weekday);
    let working = days.iter().skip(1).filter(|day| !is_weekend(day.weekday())).count();
    days.iter().any(|day| is_weekend(day.weekday())) && working < few
}

fn asked(name: FactName) -> Option<MissingFact> {
    let (question, reason) = question(&name)?;
    Some(MissingFact { name, question, reason })
}

const fn question(name: &FactName) -> Option<(&'static str, &'static str)> {
    Some(match name {
        FactName::Deadline => {
            ("By when is it needed?", "An urgent case is planned backwards from its deadline.")
        }
        FactName::Decontamination => {
            ("Is the instrument cleaned and safe to touch?", "Nobody may work on it or carry it before.")
        }
        FactName::DeliverToSite => ("Where shall it be delivered?", "Every way there starts from the place."),
        FactName::Model => (
            "Which model is it?",
            "The serial number is not in our records, and the model decides on parts and skills.",
        ),
        FactName::Site => (
            "Where does the instrument stand?",
            "The serial number is not in our records, and somebody may have to go there.",
        ),
        FactName::SiteAccess => (
            "When can the place be entered at the weekend?",
            "Little time is left, and the weekend could be used.",
        ),
        FactName::Symptom => ("What is wrong with it?", "The symptom decides on parts and skills."),
        FactName::EndUse | FactName::OnwardSite | FactName::Other(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use meridian_types::{
        Category, CountryCode, Interval, ItemId, Quantity, SerialNumber, SiteId, Symptom, usual_weekend,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fact::Statement;
    use crate::domain::fact_book::{Fact, FactSource};
    use crate::domain::need::{ItemsNeed, NeedLine, OtherNeed, RepairNeed};

    const FRIDAY: &str = "2026-11-20T10:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn repair() -> RepairNeed {
        let serial_number = SerialNumber::parse("SN-1").unwrap();
        let (model, site, symptom, onward_site) = (None, None, None, None);
        RepairNeed { serial_number, model, site, symptom, onward_site, site_access: Vec::new() }
    }

    fn names(need: &Need, facts: &FactBook, priority: Priority) -> Vec<String> {
        names_in(need, facts, priority, &[Weekday::Saturday, Weekday::Sunday])
    }

    fn names_in(need: &Need, facts: &FactBook, priority: Priority, weekend: &[Weekday]) -> Vec<String> {
        let when = Circumstances { priority, opened_at: at(FRIDAY), zone: &TimeZone::UTC, weekend };
        missing_facts(need, facts, when).iter().map(|missing| missing.name.to_string()).collect()
    }

    #[test]
    fn an_unknown_instrument_is_asked_about_and_a_weekend_before_the_deadline_too() {
        let kind = NeedKind::Repair(repair());
        let need = Need { kind, deadline: Some(at("2026-11-23T08:00:00Z")), end_use: None };
        let missing = names(&need, &FactBook::default(), Priority::Critical);
        assert_eq!(missing, ["symptom", "model", "site", "decontamination", "site_access"]);
    }

    #[test]
    fn the_weekend_matters_only_when_little_time_is_left() {
        let asks = |deadline: &str, onward: bool| {
            let onward_site = onward.then(|| SiteId::parse("NBO").unwrap());
            let kind = NeedKind::Repair(RepairNeed { onward_site, ..repair() });
            let need = Need { kind, deadline: Some(at(deadline)), end_use: None };
            names(&need, &FactBook::default(), Priority::Normal).contains(&"site_access".to_owned())
        };
        assert!(!asks("2026-11-20T18:00:00Z", false), "the same Friday");
        assert!(asks("2026-11-21T18:00:00Z", false), "Saturday");
        assert!(asks("2026-11-24T08:00:00Z", false), "Tuesday");
        assert!(!asks("2026-11-25T08:00:00Z", false), "Wednesday");
        assert!(asks("2026-11-25T08:00:00Z", true), "Wednesday in Nairobi");
        assert!(!asks("2027-11-21T18:00:00Z", true), "a Sunday next year");
    }

    #[test]
    fn the_weekend_is_that_of_the_country() {
        let asks = |country: &str, deadline: &str| {
            let need = Need { kind: NeedKind::Repair(repair()), deadline: Some(at(deadline)), end_use: None };
            let weekend = usual_weekend(&CountryCode::parse(country).unwrap());
            let missing = names_in(&need, &FactBook::default(), Priority::Normal, weekend);
            missing.contains(&"site_access".to_owned())
        };
        // Opened on a Friday.
        assert!(asks("EG", "2026-11-20T18:00:00Z") && !asks("DE", "2026-11-20T18:00:00Z"), "the same day");
        assert!(asks("DE", "2026-11-24T08:00:00Z") && asks("EG", "2026-11-23T08:00:00Z"));
        assert!(!asks("EG", "2026-11-24T08:00:00Z"), "Sunday to Tuesday are three working days");
        assert!(!asks("IN", "2026-11-24T08:00:00Z"), "Saturday, Monday and Tuesday");
    }

    #[test]
    fn a_deadline_is_asked_for_only_when_it_is_urgent() {
        let need = Need {
            kind: NeedKind::Other(OtherNeed { category: Category::parse("refrigeration").unwrap() }),
            deadline: None,
            end_use: None,
        };
        assert_eq!(names(&need, &FactBook::default(), Priority::High), ["deadline"]);
        assert!(names(&need, &FactBook::default(), Priority::Normal).is_empty());
    }

    fn answer(name: &FactName) -> Statement {
        let value = match name {
            FactName::Deadline => "2026-11-22T10:00:00Z",
            FactName::Decontamination => "no",
            FactName::SiteAccess => "none",
            _ => "CODE-1",
        };
        Statement::parse(name, value).unwrap()
    }

    fn state(facts: &mut FactBook, need: &mut Need, statement: Statement, source: FactSource) {
        need.apply(&statement);
        let (stated_by, stated_at) = ("PERSON-1".to_owned(), at(FRIDAY));
        facts.state(Fact { statement, source, stated_by, stated_at, verified: false });
    }

    fn needs() -> impl Strategy<Value = Need> {
        let site = || proptest::option::of(Just(SiteId::parse("SITE-1").unwrap()));
        let line = NeedLine { item_id: ItemId::parse("PUMP").unwrap(), quantity: Quantity::ONE, unit: None };
        let items = site().prop_map(move |deliver_to_site| {
            NeedKind::Items(ItemsNeed { lines: vec![line.clone()], deliver_to_site })
        });
        let symptom = proptest::option::of(Just(Symptom::parse("no-power").unwrap()));
        let access = Interval::new(at(FRIDAY), at("2026-11-22T10:00:00Z")).unwrap();
        let repairs = (site(), site(), symptom, proptest::collection::vec(Just(access), 0..2)).prop_map(
            |(site, onward_site, symptom, site_access)| {
                NeedKind::Repair(RepairNeed { site, onward_site, symptom, site_access, ..repair() })
            },
        );
        let other = NeedKind::Other(OtherNeed { category: Category::parse("gas").unwrap() });
        let deadline = proptest::option::of(
            (1_i64..400)
                .prop_map(|hours| at(FRIDAY).saturating_add(SignedDuration::from_hours(hours)).unwrap()),
        );
        (prop_oneof![items, repairs, Just(other)], deadline).prop_map(|(kind, deadline)| Need {
            kind,
            deadline,
            end_use: None,
        })
    }

    fn fact_names() -> impl Strategy<Value = Vec<FactName>> {
        let all = [
            "deadline",
            "decontamination",
            "deliver_to_site",
            "end_use",
            "model",
            "onward_site",
            "site",
            "site_access",
            "symptom",
            "door",
        ];
        proptest::sample::subsequence(all.map(|name| FactName::parse(name).unwrap()).to_vec(), 0..=all.len())
    }

    proptest! {
        #[test]
        fn what_is_known_is_never_asked_and_every_answer_shortens_the_way(
            mut need in needs(),
            known in fact_names(),
            priority in prop_oneof![Just(Priority::Critical), Just(Priority::High), Just(Priority::Normal)],
            source in prop_oneof![Just(FactSource::Caller), Just(FactSource::Record), Just(FactSource::Office)],
        ) {
            let when = Circumstances { priority, opened_at: at(FRIDAY), zone: &TimeZone::UTC, weekend: &[Weekday::Friday] };
            let mut facts = FactBook::default();
            for name in &known {
                state(&mut facts, &mut need, answer(name), source);
            }
            let mut asked_before = Vec::new();
            while let Some(missing) = missing_facts(&need, &facts, when).into_iter().next() {
                for missing in missing_facts(&need, &facts, when) {
                    prop_assert!(!facts.knows(&missing.name) && !need.says(&missing.name), "{missing:?}");
                }
                prop_assert!(!asked_before.contains(&missing.name), "asked twice: {missing:?}");
                asked_before.push(missing.name.clone());
                state(&mut facts, &mut need, answer(&missing.name), FactSource::Caller);
            }
        }
    }
}
