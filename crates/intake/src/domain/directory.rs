//! Customers, people, instruments and parties.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_types::{
    Category, CountryCode, CustomerId, InstrumentModel, PartyId, PersonId, Personal, Rule, SerialNumber,
    SiteId,
};

use super::contact::{Email, ExternalId, Phone};
use super::party_offer::PartyOffer;

/// A customer organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) customer_id: CustomerId,
    /// As it appears in letters.
    pub(crate) name: String,
    pub(crate) country: CountryCode,
}

/// A person who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) person_id: PersonId,
    pub(crate) customer_id: CustomerId,
    pub(crate) name: Personal<String>,
    /// Preferred first, as are the e-mail addresses.
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Email>,
    pub(crate) external_ids: Vec<ExternalId>,
    pub(crate) language: Language,
    pub(crate) zone: Zone,
}

/// A language in which customers are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    Finnish,
    French,
}

impl Language {
    /// Reads the ISO 639-1 code.
    pub(crate) fn parse(code: &str) -> Result<Self, Rule> {
        match code {
            "en" => Ok(Self::English),
            "de" => Ok(Self::German),
            "fi" => Ok(Self::Finnish),
            "fr" => Ok(Self::French),
            _ => Err(Rule::new("one of en, de, fi and fr")),
        }
    }

    /// The ISO 639-1 code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Finnish => "fi",
            Self::French => "fr",
        }
    }
}

/// A zone people live in, of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    pub(crate) fn parse(name: &str) -> Result<Self, Rule> {
        let rules = TimeZone::get(name).map_err(|_| Rule::new("an IANA time zone such as Europe/Berlin"))?;
        Ok(Self { name: name.to_owned(), rules })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

/// An instrument installed at a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instrument {
    pub(crate) serial_number: SerialNumber,
    pub(crate) model: InstrumentModel,
    pub(crate) customer_id: CustomerId,
    pub(crate) site_id: SiteId,
    pub(crate) warranty_until: Option<Timestamp>,
    pub(crate) revision: Option<String>,
}

/// Somebody outside, or another office, who can take over cases of some categories, and may sell or repair for us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Party {
    pub(crate) party_id: PartyId,
    /// As it appears to customers.
    pub(crate) name: String,
    pub(crate) categories: Vec<PartyCategory>,
    /// Empty: all countries.
    pub(crate) countries: Vec<CountryCode>,
    pub(crate) accept_within_minutes: i32,
    pub(crate) offers: Vec<PartyOffer>,
}

/// A category that a party takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartyCategory {
    /// `*`: whatever nobody else does.
    Any,
    One(Category),
}

impl PartyCategory {
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        if text == "*" { Ok(Self::Any) } else { Category::parse(text).map(Self::One) }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Any => "*",
            Self::One(category) => category.as_str(),
        }
    }
}

impl Party {
    /// Whether it takes cases of this category in this country.
    pub(crate) fn serves(&self, category: &str, country: &CountryCode) -> bool {
        let takes = |taken: &PartyCategory| *taken == PartyCategory::Any || taken.as_str() == category;
        self.categories.iter().any(takes) && (self.countries.is_empty() || self.countries.contains(country))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(categories: &[&str], countries: &[&str]) -> Party {
        Party {
            party_id: PartyId::parse("COOL-CO").unwrap(),
            name: "Cool Co".to_owned(),
            categories: categories.iter().map(|text| PartyCategory::parse(text).unwrap()).collect(),
            countries: countries.iter().map(|text| CountryCode::parse(text).unwrap()).collect(),
            accept_within_minutes: 60,
            offers: Vec::new(),
        }
    }

    #[test]
    fn a_party_serves_its_categories_in_its_countries() {
        let germany = CountryCode::parse("DE").unwrap();
        assert!(party(&["refrigeration"], &["DE", "FI"]).serves("refrigeration", &germany));
        assert!(party(&["refrigeration"], &[]).serves("refrigeration", &germany));
        assert!(party(&["*"], &["DE"]).serves("plumbing", &germany));
        assert!(!party(&["refrigeration"], &["FI"]).serves("refrigeration", &germany));
        assert!(!party(&["refrigeration"], &[]).serves("plumbing", &germany));
        assert!(!party(&["*"], &["FI"]).serves("plumbing", &germany));
    }

    #[test]
    fn a_zone_is_one_that_people_live_in() {
        assert!(Zone::parse("Africa/Lagos").is_ok());
        for name in ["", "Europe/Nowhere", "EST5EDT,M3.2.0,M11.1.0", "+02:00"] {
            assert!(Zone::parse(name).is_err(), "{name:?}");
        }
    }
}
