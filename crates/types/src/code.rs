//! Codes given by people or by other systems: sites, items, engineers, skills.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Rule;

/// Longest code, in characters.
const CODE_CHARS_MAX: usize = 64;

fn check_code(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::new("must not be empty"));
    }
    if text.len() > CODE_CHARS_MAX {
        return Err(Rule::new("at most 64 characters"));
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Rule::new("only letters, digits, '-' and '_'"));
    }
    Ok(())
}

fn check_region(text: &str) -> Result<(), Rule> {
    check_code(text)?;
    if text.len() > 16 || !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Err(Rule::new("at most 16 lower-case letters and digits"));
    }
    Ok(())
}

fn check_country(text: &str) -> Result<(), Rule> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(Rule::new("two upper-case letters (ISO 3166-1 alpha-2)"))
    }
}

/// A country, or a country and 1 to 3 letters or digits of a part of it.
fn check_area(text: &str) -> Result<(), Rule> {
    let part = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let (country, subdivision) =
        text.split_once('-').map_or((text, None), |(country, part)| (country, Some(part)));
    if check_country(country).is_ok() && subdivision.is_none_or(part) {
        Ok(())
    } else {
        Err(Rule::new("a country such as DE (ISO 3166-1) or a part of one such as DE-BY (ISO 3166-2)"))
    }
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident checked by $check:ident; )+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The code, when it keeps the rule of its kind.
            ///
            /// # Errors
            /// The rule that `text` breaks.
            pub fn parse(text: &str) -> Result<Self, Rule> {
                $check(text)?;
                Ok(Self(text.into()))
            }

            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Rule;
            fn from_str(text: &str) -> Result<Self, Rule> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Rule;
            fn try_from(text: String) -> Result<Self, Rule> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0.into()
            }
        }
    )+};
}

codes! {
    /// A region: a complete cell of Meridian (`eu`, `us`, `africa`).
    RegionId checked by check_region;
    /// One of the five services (`intake`, `inventory`, ...).
    ServiceName checked by check_region;
    /// A place: office, warehouse, depot, airport, border post or customer site.
    SiteId checked by check_code;
    /// An item that can be stocked, by its stock keeping unit code.
    ItemId checked by check_code;
    /// A kind of instrument.
    InstrumentModel checked by check_code;
    /// A revision of a kind of instrument.
    Revision checked by check_code;
    /// A receipt that a warehouse expects, by the number of the order it belongs to; unique within its region, see
    /// [`crate::ReceiptAt`].
    ReceiptId checked by check_code;
    /// An installed instrument, by its serial number.
    SerialNumber checked by check_code;
    /// An engineer.
    EngineerId checked by check_code;
    /// A skill or certificate.
    SkillId checked by check_code;
    /// A way between two sites.
    LaneId checked by check_code;
    /// A gate: a rule that may forbid or delay a crossing.
    GateId checked by check_code;
    /// A rule of customs: how goods enter a territory.
    CustomsRuleId checked by check_code;
    /// A calendar of working hours.
    CalendarId checked by check_code;
    /// A customs territory: within one, goods move without clearance.
    TerritoryId checked by check_code;
    /// A class of export control. What has none is not controlled.
    ExportClass checked by check_code;
    /// What goods will be used for, as export rules see it.
    EndUse checked by check_code;
    /// A kind of repair, such as replacing a pump.
    TaskId checked by check_code;
    /// A customer organisation.
    CustomerId checked by check_code;
    /// A person, by an opaque id: never a name.
    PersonId checked by check_code;
    /// A party who can accept a referral.
    PartyId checked by check_code;
    /// What an instrument does wrong, by code (`no-signal`).
    Symptom checked by check_code;
    /// A category of things that the company does not supply or repair itself (`refrigeration`).
    Category checked by check_code;
    /// A unit of measure (`piece`, `kg`).
    UnitOfMeasure checked by check_code;
    /// A country, ISO 3166-1 alpha-2.
    CountryCode checked by check_country;
    /// A country (ISO 3166-1 alpha-2, `DE`) or a part of one (ISO 3166-2, `DE-BY`).
    AreaCode checked by check_area;
}

impl AreaCode {
    /// A part of a country, such as `BY` of `DE`.
    ///
    /// # Errors
    /// The part has not 1 to 3 upper-case letters or digits.
    pub fn part_of(country: &CountryCode, subdivision: &str) -> Result<Self, Rule> {
        Self::parse(&format!("{country}-{subdivision}"))
    }

    /// The country it is, or is part of.
    #[must_use]
    pub fn country(&self) -> CountryCode {
        CountryCode(self.0[..2].into())
    }
}

impl From<&CountryCode> for AreaCode {
    fn from(country: &CountryCode) -> Self {
        Self(country.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_would_break_a_subject_is_refused() {
        for text in ["", "A.B", "A*", ">", "a b", "a\nb", "ä", &"x".repeat(65)] {
            assert!(ItemId::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(ItemId::parse("PUMP-7_b").unwrap().as_str(), "PUMP-7_b");
    }

    #[test]
    fn an_area_is_a_country_or_a_part_of_one() {
        for text in ["", "D", "de", "DE-", "DE-by", "DE-BAYE", "DE-BY-1", "DEU", "DE BY", "\u{dc}D"] {
            assert!(AreaCode::parse(text).is_err(), "{text:?}");
        }
        let germany = CountryCode::parse("DE").unwrap();
        let bavaria = AreaCode::part_of(&germany, "BY").unwrap();
        assert_eq!((bavaria.as_str(), bavaria.country()), ("DE-BY", germany.clone()));
        assert_eq!(AreaCode::from(&germany).country(), germany);
        assert!(AreaCode::part_of(&germany, "").is_err());
    }

    #[test]
    fn a_code_from_json_is_checked() {
        assert!(serde_json::from_str::<SiteId>("\"de.fra\"").is_err());
        assert!(serde_json::from_str::<CountryCode>("\"de\"").is_err());
        assert!(RegionId::parse("EU").is_err());
    }
}
