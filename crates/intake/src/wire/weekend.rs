//! Weekends of public calendars.

use jiff::civil::Weekday;
use meridian_proto::coordinator::v1::PublicCalendar;
use meridian_types::{AreaCode, CountryCode, Problem, Violations};

/// The country of a calendar and its days without work, none where they are the usual ones; nothing for a part of a
/// country, since customers are known by country only.
pub(crate) fn decode(calendar: &PublicCalendar) -> Result<Option<(CountryCode, Vec<Weekday>)>, Problem> {
    let mut v = Violations::new();
    let area = v.check("public_calendar.area", &calendar.area, AreaCode::parse(&calendar.area));
    let day = |day: &i32| {
        let named = i8::try_from(*day).ok().and_then(|day| Weekday::from_monday_one_offset(day).ok());
        v.check("public_calendar.weekend", day, named.ok_or(meridian_types::Rule::new("1 to 7")))
    };
    let days: Option<Vec<Weekday>> = calendar.weekend.iter().map(day).collect();
    v.finish()?;
    let country = area.filter(|area| area.as_str() == area.country().as_str()).map(|area| area.country());
    Ok(country.zip(days))
}
