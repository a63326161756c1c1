//! Phone numbers, e-mail addresses and foreign ids, brought into the one form in which they are compared.

use meridian_types::{CountryCode, Personal, Rule};
use phonenumber::Mode;
use phonenumber::metadata::DATABASE;

const PHONE_CHARS_MAX: usize = 40;
/// Digits that an extension may have.
const EXTENSION_DIGITS_MAX: usize = 3;
/// Digits that must stand before an extension, country code included, for the rest to be somebody's trunk.
const TRUNK_DIGITS_MIN: usize = 8;
const EMAIL_CHARS_MAX: usize = 254;
const LOCAL_PART_CHARS_MAX: usize = 64;
const EXTERNAL_ID_CHARS_MAX: usize = 128;

/// A phone number in E.164: `+` and up to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phone(Personal<String>);

impl Phone {
    /// Reads a number in any common form: with `+` or `00`, or national when the country is known; with spaces,
    /// slashes, dots, brackets or hyphens.
    pub(crate) fn parse(text: &str, country: Option<&CountryCode>) -> Result<Self, Rule> {
        const RULE: Rule = Rule::new(
            "a phone number with its country code (+49 30 123456), or a national one of a known country",
        );
        let text = text.trim();
        let unlikely =
            |char: char| !(char.is_ascii_alphanumeric() || "+-./()[] ,;#:=\u{a0}\u{2013}".contains(char));
        if text.len() > PHONE_CHARS_MAX || text.contains(unlikely) {
            return Err(RULE);
        }
        // The parser takes some slashes for the beginning of a second number.
        let spaced = text.replace(['/', '.', '\u{a0}', '\u{2013}'], " ");
        // No subscriber's number begins with two zeros; in most countries they stand for the plus.
        let international = spaced.strip_prefix("00").map(|rest| format!("+{rest}"));
        let text = international.as_deref().unwrap_or(&spaced);
        let country = country.and_then(|country| country.as_str().parse().ok());
        let number = phonenumber::parse(country, text).map_err(|_| RULE)?;
        let e164 = number.format().mode(Mode::E164).to_string();
        let digits = e164.strip_prefix('+').unwrap_or_default();
        if !(TRUNK_DIGITS_MIN - 1..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(RULE);
        }
        Ok(Self(Personal::new(e164)))
    }

    /// A number as it was stored.
    pub(crate) const fn stored(e164: String) -> Self {
        Self(Personal::new(e164))
    }

    pub(crate) const fn e164(&self) -> &Personal<String> {
        &self.0
    }

    /// What all extensions of the same trunk begin with, when this can be one. Mobile phones have no extensions.
    pub(crate) fn trunk(&self) -> Option<Personal<String>> {
        let e164 = self.0.reveal();
        let number = phonenumber::parse(None, e164).ok()?;
        let digits = e164.len().saturating_sub(1);
        if digits <= TRUNK_DIGITS_MIN || number.number_type(&DATABASE) == phonenumber::Type::Mobile {
            return None;
        }
        let kept = (digits - EXTENSION_DIGITS_MAX).max(TRUNK_DIGITS_MIN) + 1;
        e164.get(..kept).map(|trunk| Personal::new(trunk.to_owned()))
    }

    /// Whether the two are different extensions of one trunk.
    pub(crate) fn shares_trunk_with(&self, other: &Self) -> bool {
        let Some(trunk) = self.trunk() else { return false };
        let extension = other.0.reveal().strip_prefix(trunk.reveal().as_str());
        self != other && extension.is_some_and(|digits| digits.len() <= EXTENSION_DIGITS_MAX)
    }
}

/// An e-mail address in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email {
    address: Personal<String>,
    untagged: Personal<String>,
}

impl Email {
    /// Reads an address: at most 254 characters, one `@`, no spaces, control characters or list separators.
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        const RULE: Rule = Rule::new("one e-mail address (name@example.org) of at most 254 characters");
        let unfit = |char: char| char.is_control() || char.is_whitespace() || "<>,;:\"()[]\\".contains(char);
        if text.chars().count() > EMAIL_CHARS_MAX || text.contains(unfit) {
            return Err(RULE);
        }
        let address = text.to_lowercase();
        let (local, domain) = address.split_once('@').ok_or(RULE)?;
        let well_formed = |part: &str| part.split('.').all(|label| !label.is_empty());
        if local.len() > LOCAL_PART_CHARS_MAX
            || domain.contains('@')
            || !well_formed(local)
            || !well_formed(domain)
        {
            return Err(RULE);
        }
        let name = local.split_once('+').map_or(local, |(name, _)| name);
        let untagged = if name.is_empty() { address.clone() } else { format!("{name}@{domain}") };
        Ok(Self { address: Personal::new(address), untagged: Personal::new(untagged) })
    }

    /// An address as it was stored.
    pub(crate) const fn stored(address: String, untagged: String) -> Self {
        Self { address: Personal::new(address), untagged: Personal::new(untagged) }
    }

    pub(crate) const fn address(&self) -> &Personal<String> {
        &self.address
    }

    /// The address without its `+tag`.
    pub(crate) const fn untagged(&self) -> &Personal<String> {
        &self.untagged
    }
}

/// An id of the person in another system, exactly as that system writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExternalId(Personal<String>);

impl ExternalId {
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        let fit = (1..=EXTERNAL_ID_CHARS_MAX).contains(&text.chars().count());
        if !fit || text.chars().any(char::is_control) || text.trim() != text {
            return Err(Rule::new("1 to 128 characters, no control characters, no spaces around"));
        }
        Ok(Self(Personal::new(text.to_owned())))
    }

    /// An id as it was stored.
    pub(crate) const fn stored(id: String) -> Self {
        Self(Personal::new(id))
    }

    pub(crate) const fn id(&self) -> &Personal<String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str, country: &str) -> Result<String, Rule> {
        let country = CountryCode::parse(country).ok();
        Phone::parse(text, country.as_ref()).map(|phone| phone.e164().reveal().clone())
    }

    #[test]
    fn every_way_to_write_a_number_becomes_the_same() {
        for (text, country, expected) in [
            ("+49 30 5550123", "", "+49305550123"),
            ("+49 (0)30 5550-123", "", "+49305550123"),
            ("0049/30/5550123", "", "+49305550123"),
            ("0049/30/5550-123", "", "+49305550123"),
            ("+49/30/5550-12-3", "", "+49305550123"),
            ("+49.30.5550\u{2013}123", "", "+49305550123"),
            ("+49 [30] 5550 - 123", "", "+49305550123"),
            ("+49\u{a0}30\u{a0}5550123", "", "+49305550123"),
            ("00 49 30 5550123", "", "+49305550123"),
            ("(030) 5550-123", "DE", "+49305550123"),
            ("030-5550-123 ext. 7", "DE", "+49305550123"),
            ("+234 (0)803 555 0123", "", "+2348035550123"),
            ("+55 (11) 5555-0123", "", "+551155550123"),
            ("+65 6555 0123", "", "+6565550123"),
            ("+27 11 555 0123", "", "+27115550123"),
            ("0049 30 5550123", "US", "+49305550123"),
            ("030 / 555 01 23", "DE", "+49305550123"),
            ("030/5550123", "DE", "+49305550123"),
            (" 030.555.0123 ", "DE", "+49305550123"),
            ("09 555 0123", "FI", "+35895550123"),
            ("(312) 555-0142", "US", "+13125550142"),
            ("+1 312 555 0142", "DE", "+13125550142"),
            ("1-312-555-0142", "US", "+13125550142"),
            ("06 5550 1234", "IT", "+390655501234"),
            ("020 555 0123", "KE", "+254205550123"),
            ("tel:+49-30-5550123", "", "+49305550123"),
        ] {
            assert_eq!(e164(text, country).as_deref(), Ok(expected), "{text} {country}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, country) in [
            ("", "DE"),
            ("030 5550123", ""),
            ("call me", "DE"),
            ("12", "DE"),
            ("+999 1234567", ""),
            ("+49 30 5550123\r\nBcc: x", ""),
            ("+49 30 555012345678901234", ""),
            (&"1".repeat(1000), "DE"),
        ] {
            assert!(e164(text, country).is_err(), "{text:?} {country}: {:?}", e164(text, country));
        }
    }

    #[test]
    fn extensions_of_one_trunk_are_told_from_other_numbers() {
        let shares = |one: &str, other: &str| {
            Phone::parse(one, None).unwrap().shares_trunk_with(&Phone::parse(other, None).unwrap())
        };
        assert!(shares("+49 30 5550-123", "+49 30 5550-0"), "extension and reception");
        assert!(shares("+49 30 5550-123", "+49 30 5550-145"), "two extensions");
        assert!(!shares("+49 30 5550-123", "+49 30 5550-123"), "the same number");
        assert!(!shares("+49 30 5550-123", "+49 30 5551-123"), "another trunk");
        assert!(!shares("+49 151 23456789", "+49 151 23456780"), "mobile phones");
    }

    #[test]
    fn an_address_is_lower_cased_and_its_tag_set_aside() {
        let email = Email::parse("Ada.Lovelace+Lab@Example.ORG").unwrap();
        assert_eq!(email.address().reveal(), "ada.lovelace+lab@example.org");
        assert_eq!(email.untagged().reveal(), "ada.lovelace@example.org");
        assert_eq!(Email::parse("+x@example.org").unwrap().untagged().reveal(), "+x@example.org");
    }

    #[test]
    fn an_address_that_could_break_a_mail_is_refused() {
        let long = format!("{}@example.org", "x".repeat(250));
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "ada@example.org\r\nBcc: x@y.z",
            "ada @example.org",
            "ada@exa\u{7f}mple.org",
            "a..b@example.org",
            "ada@.org",
            "Ada <ada@example.org>",
            "a@b.c,d@e.f",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn contacts_print_as_stars() {
        let phone = Phone::parse("+49305550123", None).unwrap();
        assert!(!format!("{phone:?} {:?}", Email::parse("a@b.c")).contains("555"));
        assert!(!format!("{:?}", Email::parse("ada@b.c")).contains("ada"));
    }
}
