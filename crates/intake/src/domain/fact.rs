//! Names and values of facts.

use std::fmt;

use jiff::Timestamp;
use meridian_types::{EndUse, InstrumentModel, Interval, Personal, Rule, SiteId, Symptom};

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
    EndUse,
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
            "end_use" => Self::EndUse,
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
            Self::EndUse => "end_use",
            Self::Model => "model",
            Self::OnwardSite => "onward_site",
            Self::Site => "site",
            Self::SiteAccess => "site_access",
            Self::Symptom => "symptom",
            Self::Other(name) => name,
        }
    }

    /// Whether the installed base knows it better than a caller. All else is the customer's own word or choice.
    pub(super) const fn is_recorded(&self) -> bool {
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
    /// What goods are for, as export rules see it.
    EndUse(EndUse),
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
            FactName::EndUse => Self::EndUse(value.parse()?),
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
            Self::EndUse(_) => FactName::EndUse,
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
            Self::EndUse(end_use) => end_use.to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &str, value: &str) -> Result<Statement, Rule> {
        Statement::parse(&FactName::parse(name).unwrap(), value)
    }

    #[test]
    fn a_value_reads_back_from_its_text() {
        let access = "2026-11-28T08:00:00Z/2026-11-28T16:00:00Z, 2026-11-29T08:00:00Z/2026-11-29T12:00:00Z";
        for (name, value) in [
            ("deadline", "2026-11-30T09:00:00Z"),
            ("decontamination", "no"),
            ("deliver_to_site", "BERLIN-LAB"),
            ("end_use", "medical"),
            ("onward_site", "NBO"),
            ("site_access", access),
            ("site_access", "none"),
            ("symptom", "no-signal"),
            ("door_code", "ask at the gate, then ring twice"),
        ] {
            let parsed = parsed(name, value).unwrap();
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
            ("end_use", "for patients"),
            ("site", "de.fra"),
            ("site_access", "all day"),
            ("site_access", interval_backwards),
            ("symptom", "it smells\r\nof fire"),
            ("door_code", ""),
            ("door_code", "a\u{7}b"),
        ] {
            let outcome = parsed(name, value);
            assert!(outcome.is_err(), "{name}={value:?}: {outcome:?}");
        }
        for name in ["", "Door", "door code", "a.b", &"x".repeat(65)] {
            assert!(FactName::parse(name).is_err(), "{name:?}");
        }
    }
}
