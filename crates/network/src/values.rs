//! Plain values as people write them: numbers, amounts, dates, zones, names.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_proto::types::v1::Money as MoneyMessage;
use meridian_types::{Money, Rule};

/// Longest name or other text.
const TEXT_CHARS_MAX: usize = 200;
/// Largest number of minutes, grams or units anywhere.
pub(crate) const NUMBER_MAX: i64 = 1_000_000_000;
/// Largest amount, in whole units of the currency.
const AMOUNT_MAX: i64 = 1_000_000_000;
/// Years that dates may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// `yes` or `no`.
pub(crate) fn yes_no(text: &str) -> Result<bool, Rule> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Rule::new("yes or no")),
    }
}

/// A whole number in a range.
pub(crate) fn whole(least: i64, most: i64) -> impl Fn(&str) -> Result<i64, Rule> {
    move |text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse::<i64>().ok() } else { None };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| Rule::from(format!("a whole number from {least} to {most}")))
    }
}

/// Like [`whole`], for the fields that are 32 bits wide.
pub(crate) fn whole_i32(least: i32, most: i32) -> impl Fn(&str) -> Result<i32, Rule> {
    move |text| whole(least.into(), most.into())(text).map(|number| i32::try_from(number).unwrap_or(most))
}

/// Kilograms with at most three decimals, as grams.
pub(crate) fn kilograms(text: &str) -> Result<i64, Rule> {
    scaled(text, 3, NUMBER_MAX / 1_000).ok_or(Rule::new("kilograms from 0 to 1000000, such as 0.350"))
}

/// A number of degrees within -`most` to `most`.
pub(crate) fn degrees(most: f64) -> impl Fn(&str) -> Result<f64, Rule> {
    move |text| {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() <= most);
        number.ok_or_else(|| Rule::from(format!("degrees from -{most} to {most}, such as 48.7758")))
    }
}

/// A probability below 1.
pub(crate) fn probability(text: &str) -> Result<f64, Rule> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..1.0).contains(number));
    number.ok_or(Rule::new("a probability from 0 to less than 1, such as 0.04"))
}

/// A share of the whole that is not nothing.
pub(crate) fn share(text: &str) -> Result<f64, Rule> {
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && *number <= 1.0);
    number.ok_or(Rule::new("more than 0, at most 1, such as 0.4"))
}

/// The currency of all amounts.
#[derive(Debug, Clone)]
pub(crate) struct Currency {
    nothing: Money,
}

impl Currency {
    pub(crate) fn parse(code: &str) -> Result<Self, Rule> {
        Ok(Self { nothing: Money::new(code, 0)? })
    }

    pub(crate) fn code(&self) -> &'static str {
        self.nothing.currency_code()
    }

    /// An amount such as `12.50`; it may name the currency, but no other one.
    pub(crate) fn amount(&self, text: &str) -> Result<MoneyMessage, Rule> {
        let code = self.code();
        let number = match text.rsplit_once(' ') {
            Some((number, named)) if named == code => number,
            Some((_, named)) if Money::new(named, 0).is_ok() => {
                return Err(format!("an amount in {code}, the currency of the network").into());
            }
            _ => text,
        };
        let minor = scaled(number, self.nothing.exponent(), AMOUNT_MAX).ok_or_else(|| {
            Rule::from(format!("an amount of {code} from 0 to {AMOUNT_MAX}, such as 12.50"))
        })?;
        Ok(MoneyMessage { currency_code: code.to_owned(), minor })
    }
}

/// A decimal number without sign as a multiple of the smallest decimal.
fn scaled(text: &str, decimals: u32, most: i64) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let missing = usize::try_from(decimals).ok()?.checked_sub(rest.trim_end_matches('0').len())?;
    if !digits(whole) || !digits(rest) {
        return None;
    }
    let rest = format!("0{}{}", rest.trim_end_matches('0'), "0".repeat(missing)).parse::<i64>().ok()?;
    let unit = 10_i64.checked_pow(decimals)?;
    let number = whole.parse::<i64>().ok()?.checked_mul(unit)?.checked_add(rest)?;
    (number <= most.checked_mul(unit)?).then_some(number)
}

/// A date as `2026-11-30`.
pub(crate) fn date(text: &str) -> Result<Date, Rule> {
    let date =
        text.parse::<Date>().ok().filter(|date| date.to_string() == text && YEARS.contains(&date.year()));
    date.ok_or(Rule::new("a date from 2000-01-01 to 2199-12-31, such as 2026-11-30"))
}

/// A zone in which people live, by its IANA name.
pub(crate) fn zone(text: &str) -> Result<TimeZone, Rule> {
    let named = TimeZone::get(text).ok().filter(|zone| zone.iana_name() == Some(text) && !zone.is_unknown());
    named.ok_or(Rule::new("an IANA time zone such as Europe/Berlin"))
}

/// A name or another short text.
pub(crate) fn text(text: &str) -> Result<String, Rule> {
    let plain = !text.chars().any(char::is_control);
    if !text.is_empty() && plain && text.chars().count() <= TEXT_CHARS_MAX {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("a text of 1 to 200 characters on one line"))
    }
}

/// A word of lower-case letters, digits and hyphens.
pub(crate) fn word(text: &str) -> Result<String, Rule> {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if (1..=40).contains(&text.len()) && plain {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("a word of 1 to 40 lower-case letters, digits and hyphens"))
    }
}

/// Part of a country, as in ISO 3166-2 after the hyphen.
pub(crate) fn subdivision(text: &str) -> Result<String, Rule> {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if (1..=3).contains(&text.len()) && plain {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("an ISO 3166-2 subdivision without its country, such as BW"))
    }
}

/// Something that could be a phone number; intake judges it closely.
pub(crate) fn phone(text: &str) -> Result<String, Rule> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let others = text.strip_prefix('+').unwrap_or(text).bytes();
    let plain = others.into_iter().all(|byte| byte.is_ascii_digit() || b" -()./".contains(&byte));
    if plain && (5..=15).contains(&digits) {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("a phone number of 5 to 15 digits, such as +49 30 23125 012"))
    }
}

/// Something that could be an e-mail address; intake judges it closely.
pub(crate) fn email(text: &str) -> Result<String, Rule> {
    let plain = !text.chars().any(|char| char.is_whitespace() || char.is_control());
    let parts = text.split_once('@').filter(|(local, domain)| {
        let labels = domain.split('.').all(|label| !label.is_empty());
        !local.is_empty() && !domain.contains('@') && domain.contains('.') && labels
    });
    if plain && parts.is_some() && text.len() <= 254 {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("an e-mail address such as lab@example.org"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_at_most_the_decimals_of_its_currency() {
        let amount = |currency: &str, text: &str| {
            Currency::parse(currency).unwrap().amount(text).map(|money| money.minor).ok()
        };
        assert_eq!(amount("EUR", "12.5"), Some(1250));
        assert_eq!(amount("EUR", "12.50 EUR"), Some(1250));
        assert_eq!(amount("EUR", "0.500"), Some(50));
        assert_eq!(amount("JPY", "12"), Some(12));
        for wrong in ["12.505", "-1", "", ".5", "1.", "1e3", "1,5", "1.0.0", "12 USD", "1000000001", "+1"] {
            assert_eq!(amount("EUR", wrong), None, "{wrong}");
        }
        assert_eq!(amount("JPY", "1.5"), None);
    }

    #[test]
    fn a_date_has_one_spelling() {
        assert!(date("2026-11-30").is_ok());
        for wrong in ["20261130", "2026-11-31", "2026-11-30T00:00", "30.11.2026", "1999-12-31", ""] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_zone_is_named_as_in_the_database() {
        assert!(zone("Africa/Lagos").is_ok());
        for wrong in ["Europe/Nowhere", "europe/berlin", "EST5EDT,M3.2.0", "+01:00", ""] {
            assert!(zone(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_contact_must_look_like_one() {
        assert!(phone("+49 (0)30 23125-012").is_ok());
        assert!(email("a.b+c@lab.example.org").is_ok());
        for wrong in ["", "12", "+49 call me", "+1+2345678", "0123456789012345"] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "a", "a@b", "@b.c", "a@b@c.d", "a b@c.d", "a@b..c"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }
}
