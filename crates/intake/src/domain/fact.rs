//! What is known about a case, from whom, and which of two contradicting statements counts.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use meridian_types::{InstrumentModel, Interval, Personal, Rule, SiteId, Symptom};

const NAME_CHARS_MAX: usize = 64;
const TEXT_CHARS_MAX: usize = 500;
const INTERVALS_MAX: usize = 50;
const NO_ACCESS: &str = "none";

/// Name of a fact. Those that a need consists of have a variant; offices may add others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FactName {
    Deadline,
    Decontamination,
    DeliverToSite,
    Model,
    OnwardSite,
    Site,
    SiteAccess,
    Symptom,
    Other(String),
}

impl FactName {
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        let kept = (1..=NAME_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !kept {
            return Err(Rule::new("1 to 64 lower-case letters, digits and '_'"));
        }
        Ok(match text {
            "deadline" => Self::Deadline,
            "decontamination" => Self::Decontamination,
            "deliver_to_site" => Self::DeliverToSite,
            "model" => Self::Model,
            "onward_site" => Self::OnwardSite,
            "site" => Self::Site,
            "site_access" => Self::SiteAccess,
            "symptom" => Self::Symptom,
            other => Self::Other(other.to_owned()),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Deadline => "deadline",
            Self::Decontamination => "decontamination",
            Self::DeliverToSite => "deliver_to_site",
            Self::Model => "model",
            Self::OnwardSite => "onward_site",
            Self::Site => "site",
            Self::SiteAccess => "site_access",
            Self::Symptom => "symptom",
            Self::Other(name) => name,
        }
    }

    /// Whether the installed base knows it better than a caller. All else is the customer's own word or choice.
    const fn is_recorded(&self) -> bool {
        matches!(self, Self::Model | Self::Site)
    }
}

impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fact's name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    Deadline(Timestamp),
    /// Whether the instrument is cleaned and safe to touch.
    Decontamination(bool),
    DeliverToSite(SiteId),
    Model(InstrumentModel),
    OnwardSite(SiteId),
    Site(SiteId),
    /// Empty: no access beyond the opening hours.
    SiteAccess(Vec<Interval>),
    Symptom(Symptom),
    Other(String, Personal<String>),
}

impl Statement {
    /// Reads the value in the form that its name asks for: an RFC 3339 instant, a code, "yes" or "no", intervals as
    /// `start/end` separated by commas (or "none"), or any text of up to 500 characters.
    pub(crate) fn parse(name: &FactName, value: &str) -> Result<Self, Rule> {
        Ok(match name {
            FactName::Deadline => Self::Deadline(instant(value)?),
            FactName::Decontamination => Self::Decontamination(match value {
                "yes" => true,
                "no" => false,
                _ => return Err(Rule::new("yes or no")),
            }),
            FactName::DeliverToSite => Self::DeliverToSite(value.parse()?),
            FactName::Model => Self::Model(value.parse()?),
            FactName::OnwardSite => Self::OnwardSite(value.parse()?),
            FactName::Site => Self::Site(value.parse()?),
            FactName::SiteAccess => Self::SiteAccess(intervals(value)?),
            FactName::Symptom => Self::Symptom(value.parse()?),
            FactName::Other(name) => Self::Other(name.clone(), free_text(value)?),
        })
    }

    pub(crate) fn name(&self) -> FactName {
        match self {
            Self::Deadline(_) => FactName::Deadline,
            Self::Decontamination(_) => FactName::Decontamination,
            Self::DeliverToSite(_) => FactName::DeliverToSite,
            Self::Model(_) => FactName::Model,
            Self::OnwardSite(_) => FactName::OnwardSite,
            Self::Site(_) => FactName::Site,
            Self::SiteAccess(_) => FactName::SiteAccess,
            Self::Symptom(_) => FactName::Symptom,
            Self::Other(name, _) => FactName::Other(name.clone()),
        }
    }

    /// The value in the form that [`parse`](Self::parse) reads.
    pub(crate) fn value(&self) -> Personal<String> {
        Personal::new(match self {
            Self::Deadline(instant) => instant.to_string(),
            Self::Decontamination(done) => if *done { "yes" } else { "no" }.to_owned(),
            Self::DeliverToSite(site) | Self::OnwardSite(site) | Self::Site(site) => site.to_string(),
            Self::Model(model) => model.to_string(),
            Self::SiteAccess(intervals) if intervals.is_empty() => NO_ACCESS.to_owned(),
            Self::SiteAccess(intervals) => {
                let texts =
                    intervals.iter().map(|interval| format!("{}/{}", interval.start(), interval.end()));
                texts.collect::<Vec<_>>().join(", ")
            }
            Self::Symptom(symptom) => symptom.to_string(),
            Self::Other(_, text) => return text.clone(),
        })
    }
}

fn instant(text: &str) -> Result<Timestamp, Rule> {
    text.parse().map_err(|_| Rule::new("an RFC 3339 instant such as 2026-11-23T09:00:00Z"))
}

fn intervals(text: &str) -> Result<Vec<Interval>, Rule> {
    if text == NO_ACCESS {
        return Ok(Vec::new());
    }
    let rule =
        || Rule::new("\"none\", or up to 50 intervals start/end of RFC 3339 instants, separated by commas");
    let one = |part: &str| {
        let (start, end) = part.trim().split_once('/').ok_or_else(rule)?;
        Interval::new(instant(start).map_err(|_| rule())?, instant(end).map_err(|_| rule())?)
    };
    let intervals = text.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
    if intervals.len() > INTERVALS_MAX { Err(rule()) } else { Ok(intervals) }
}

fn free_text(text: &str) -> Result<Personal<String>, Rule> {
    let chars = text.chars().count();
    if !(1..=TEXT_CHARS_MAX).contains(&chars) {
        return Err(Rule::new("1 to 500 characters"));
    }
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
        return Err(Rule::new("no control characters"));
    }
    Ok(Personal::new(text.to_owned()))
}

/// Where a fact is from, by rising authority over what the installed base records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactSource {
    Caller,
    Record,
    Office,
}

/// A statement with its provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) statement: Statement,
    pub(crate) source: FactSource,
    /// A person id, an office code, or "intake" for our own records.
    pub(crate) stated_by: String,
    pub(crate) stated_at: Timestamp,
    /// Whether it agrees with a record.
    pub(crate) verified: bool,
}

/// What a statement amounts to beside the others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactStanding {
    /// It is planned with.
    Current,
    /// It contradicts a statement of more authority; somebody should clear that up.
    Disputed,
    /// It was said, and nothing depends on it any more.
    History,
}

/// Everything known about one case: one current fact of each name, and at most one that disputes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FactBook {
    current: BTreeMap<FactName, Fact>,
    disputed: BTreeMap<FactName, Fact>,
    unsaved: Vec<(Fact, FactStanding)>,
}

impl FactBook {
    /// The book as stored; history is left out.
    pub(crate) fn stored(facts: impl IntoIterator<Item = (Fact, FactStanding)>) -> Self {
        let mut book = Self::default();
        for (fact, standing) in facts {
            let name = fact.statement.name();
            match standing {
                FactStanding::Current => drop(book.current.insert(name, fact)),
                FactStanding::Disputed => drop(book.disputed.insert(name, fact)),
                FactStanding::History => {}
            }
        }
        book
    }

    /// Enters a statement. The newest counts, except that a caller's word about what the installed base records
    /// does not replace a record or an office's correction of it: both are kept, and the record is planned with.
    pub(crate) fn state(&mut self, mut fact: Fact) -> FactStanding {
        let name = fact.statement.name();
        let before = self.current.get(&name);
        let agrees = before.is_some_and(|known| known.statement == fact.statement);
        let outranked = name.is_recorded() && before.is_some_and(|known| known.source > fact.source);
        fact.verified =
            fact.source == FactSource::Record || (agrees && before.is_some_and(|known| known.verified));
        let standing = match (outranked, agrees) {
            (false, _) => FactStanding::Current,
            (true, true) => FactStanding::History,
            (true, false) => FactStanding::Disputed,
        };
        self.disputed.remove(&name);
        match standing {
            FactStanding::Current => drop(self.current.insert(name, fact.clone())),
            FactStanding::Disputed => drop(self.disputed.insert(name, fact.clone())),
            FactStanding::History => {}
        }
        self.unsaved.push((fact, standing));
        standing
    }

    /// Whether the fact is known, and must not be asked for again.
    pub(crate) fn knows(&self, name: &FactName) -> bool {
        self.current.contains_key(name)
    }

    /// The fact that is planned with.
    pub(crate) fn current(&self, name: &FactName) -> Option<&Fact> {
        self.current.get(name)
    }

    /// What is planned with and what disputes it, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Fact> {
        self.current.iter().flat_map(|(name, fact)| [Some(fact), self.disputed.get(name)]).flatten()
    }

    /// Hands out, once, what was stated since the book was read.
    pub(crate) fn take_unsaved(&mut self) -> Vec<(Fact, FactStanding)> {
        std::mem::take(&mut self.unsaved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(name: &str, value: &str, source: FactSource) -> Fact {
        let statement = Statement::parse(&FactName::parse(name).unwrap(), value).unwrap();
        let stated_at = Timestamp::UNIX_EPOCH;
        Fact { statement, source, stated_by: "someone".to_owned(), stated_at, verified: false }
    }

    fn current(book: &FactBook, name: &str) -> String {
        book.current(&FactName::parse(name).unwrap()).unwrap().statement.value().into_revealed()
    }

    #[test]
    fn a_value_reads_back_from_its_text() {
        let access = "2026-11-28T08:00:00Z/2026-11-28T16:00:00Z, 2026-11-29T08:00:00Z/2026-11-29T12:00:00Z";
        for (name, value) in [
            ("deadline", "2026-11-30T09:00:00Z"),
            ("decontamination", "no"),
            ("deliver_to_site", "BERLIN-LAB"),
            ("onward_site", "NBO"),
            ("site_access", access),
            ("site_access", "none"),
            ("symptom", "no-signal"),
            ("door_code", "ask at the gate, then ring twice"),
        ] {
            let parsed = fact(name, value, FactSource::Caller).statement;
            assert_eq!(parsed.name().as_str(), name);
            assert_eq!(parsed.value().reveal(), value);
        }
    }

    #[test]
    fn a_value_that_its_name_forbids_is_refused() {
        let interval_backwards = "2026-11-28T16:00:00Z/2026-11-28T08:00:00Z";
        for (name, value) in [
            ("deadline", "tomorrow"),
            ("decontamination", "perhaps"),
            ("site", "de.fra"),
            ("site_access", "all day"),
            ("site_access", interval_backwards),
            ("symptom", "it smells\r\nof fire"),
            ("door_code", ""),
            ("door_code", "a\u{7}b"),
        ] {
            let outcome = Statement::parse(&FactName::parse(name).unwrap(), value);
            assert!(outcome.is_err(), "{name}={value:?}: {outcome:?}");
        }
        for name in ["", "Door", "door code", "a.b", &"x".repeat(65)] {
            assert!(FactName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_callers_contradiction_of_a_record_is_kept_but_not_planned_with() {
        let mut book = FactBook::default();
        book.state(fact("site", "BERLIN", FactSource::Record));
        assert_eq!(book.state(fact("site", "MUNICH", FactSource::Caller)), FactStanding::Disputed);
        assert_eq!(current(&book, "site"), "BERLIN");
        let all: Vec<_> = book.all().map(|fact| (fact.source, fact.verified)).collect();
        assert_eq!(all, [(FactSource::Record, true), (FactSource::Caller, false)]);
    }

    #[test]
    fn an_office_corrects_a_record() {
        let mut book = FactBook::default();
        book.state(fact("site", "BERLIN", FactSource::Record));
        book.state(fact("site", "MUNICH", FactSource::Caller));
        assert_eq!(book.state(fact("site", "MUNICH", FactSource::Office)), FactStanding::Current);
        assert_eq!(current(&book, "site"), "MUNICH");
        assert_eq!(book.all().count(), 1);
        assert_eq!(book.state(fact("site", "BERLIN", FactSource::Caller)), FactStanding::Disputed);
    }

    #[test]
    fn a_caller_who_confirms_a_record_leaves_it_standing_and_is_verified() {
        let mut book = FactBook::default();
        book.state(fact("model", "SPECTRA-9", FactSource::Record));
        book.state(fact("model", "SPECTRA-7", FactSource::Caller));
        assert_eq!(book.state(fact("model", "SPECTRA-9", FactSource::Caller)), FactStanding::History);
        let unsaved = book.take_unsaved();
        assert!(unsaved[2].0.verified);
        assert_eq!(book.all().count(), 1);
        assert!(book.take_unsaved().is_empty());
    }

    #[test]
    fn the_customers_newest_wish_counts_whoever_writes_it_down() {
        let mut book = FactBook::default();
        book.state(fact("deliver_to_site", "BERLIN", FactSource::Record));
        assert_eq!(book.state(fact("deliver_to_site", "MUNICH", FactSource::Caller)), FactStanding::Current);
        book.state(fact("symptom", "no-signal", FactSource::Office));
        assert_eq!(book.state(fact("symptom", "no-power", FactSource::Caller)), FactStanding::Current);
        assert_eq!(current(&book, "deliver_to_site"), "MUNICH");
    }
}
