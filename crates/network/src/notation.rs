//! Weekly hours and timetables as one line of text.
//!
//! ```text
//! Mon-Fri 08:00-12:00 13:00-17:00; Sat 09:00-12:00
//! Mon-Thu Sat 15:30/17:00>09:15+1; Fri 13:00/14:30>21:05
//! ```

use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use meridian_proto::coordinator::v1::Departure;
use meridian_types::Rule;

use crate::table::split_list;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES: i32 = 24 * 60;
const DEPARTURES_MAX: usize = 100;
const DAYS_LATER_MAX: i32 = 120;

/// Open from one wall time to another on one weekday, 1 (Monday) to 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) weekday: i32,
    from_minute: i32,
    until_minute: i32,
    /// Marked with the word `overtime`.
    pub(crate) overtime: bool,
}

impl Span {
    pub(crate) fn from(&self) -> String {
        wall_time(self.from_minute)
    }

    pub(crate) fn until(&self) -> String {
        wall_time(self.until_minute)
    }
}

/// Weekly opening hours.
pub(crate) fn weekly_hours(text: &str) -> Result<Vec<Span>, Rule> {
    let spans = working_hours(text)?;
    if spans.iter().any(|span| span.overtime) {
        return Err(Rule::new("opening hours have no overtime"));
    }
    Ok(spans)
}

/// Weekly working hours; entries that end with `overtime` need the engineer's consent.
pub(crate) fn working_hours(text: &str) -> Result<Vec<Span>, Rule> {
    let mut hours = Vec::new();
    for entry in split_list(text) {
        let (weekdays, rest) = days_and_rest(entry)?;
        let overtime = rest.last() == Some(&"overtime");
        let spans = &rest[..rest.len() - usize::from(overtime)];
        if spans.is_empty() {
            return Err(Rule::new(HOURS_RULE));
        }
        for text in spans {
            let (from_minute, until_minute) = span(text)?;
            let on = |weekday: &i32| Span { weekday: *weekday, from_minute, until_minute, overtime };
            hours.extend(weekdays.iter().map(on));
        }
    }
    if hours.is_empty() {
        return Err(Rule::new(HOURS_RULE));
    }
    without_overlap(hours)
}

/// Hours of a single date: `08:00-12:00 13:00-15:00`, or `closed`.
pub(crate) fn hours_of_a_date(text: &str) -> Result<Vec<Span>, Rule> {
    if text == "closed" {
        return Ok(Vec::new());
    }
    let mut hours = Vec::new();
    for part in text.split_whitespace() {
        let (from_minute, until_minute) = span(part)?;
        hours.push(Span { weekday: 1, from_minute, until_minute, overtime: false });
    }
    if hours.is_empty() {
        return Err(Rule::new("hours of a day such as 08:00-12:00, or closed"));
    }
    without_overlap(hours)
}

const HOURS_RULE: &str = "weekly hours such as Mon-Fri 08:00-17:00; Sat 09:00-12:00";

fn without_overlap(mut hours: Vec<Span>) -> Result<Vec<Span>, Rule> {
    hours.sort_unstable();
    let overlap = hours
        .windows(2)
        .find(|pair| pair[0].weekday == pair[1].weekday && pair[1].from_minute < pair[0].until_minute);
    match overlap {
        Some(pair) => Err(Rule::from(format!(
            "hours that do not overlap; {}-{} and {}-{} do",
            pair[0].from(),
            pair[0].until(),
            pair[1].from(),
            pair[1].until()
        ))),
        None => Ok(hours),
    }
}

/// A timetable: days, then `cut-off/departure>arrival`, the arrival perhaps `+` days later.
pub(crate) fn timetable(text: &str) -> Result<Vec<Departure>, Rule> {
    let mut departures = Vec::new();
    for entry in split_list(text) {
        let (weekdays, times) = days_and_rest(entry)?;
        if times.is_empty() {
            return Err(Rule::new(TIMETABLE_RULE));
        }
        for text in times {
            departures.push(Departure { weekdays: weekdays.clone(), ..departure(text)? });
        }
    }
    if departures.is_empty() || departures.len() > DEPARTURES_MAX {
        return Err(Rule::new("a timetable of 1 to 100 departures"));
    }
    Ok(departures)
}

const TIMETABLE_RULE: &str =
    "departures such as Mon-Fri 15:30/17:00>09:15+1: cut-off, departure, arrival, days later";

fn departure(text: &str) -> Result<Departure, Rule> {
    let parts = text.split_once('/').and_then(|(cut_off, way)| Some((cut_off, way.split_once('>')?)));
    let Some((cut_off, (departs, arrives))) = parts else { return Err(Rule::new(TIMETABLE_RULE)) };
    let (arrives, days) = arrives.split_once('+').unwrap_or((arrives, "0"));
    let days = days.parse::<i32>().ok().filter(|days| (0..=DAYS_LATER_MAX).contains(days));
    let arrives_days_later = days.ok_or(Rule::new("an arrival 0 to 120 days later"))?;
    let times = [time(cut_off)?, time(departs)?, time(arrives)?];
    if times[0] > times[1] {
        return Err(format!("a cut-off that is not after the departure, unlike {cut_off}/{departs}").into());
    }
    let [cut_off, departs, arrives] = times.map(wall_time);
    Ok(Departure { weekdays: Vec::new(), cut_off, departs, arrives, arrives_days_later })
}

/// A departure that would arrive before it leaves, on some weekday in winter or in summer.
pub(crate) fn arrives_too_early(departures: &[Departure], from: &TimeZone, to: &TimeZone) -> Option<Rule> {
    const MONDAYS: [Date; 2] = [date(2026, 1, 5), date(2026, 7, 6)];
    let early = departures.iter().find(|departure| {
        let days = departure.weekdays.iter().flat_map(|day| MONDAYS.map(|monday| (monday, *day)));
        days.into_iter().any(|(monday, weekday)| leaves_after_arrival(departure, monday, weekday, from, to))
    })?;
    let Departure { departs, arrives, arrives_days_later, .. } = early;
    Some(format!("an arrival after the departure, unlike {departs}>{arrives}+{arrives_days_later}").into())
}

fn leaves_after_arrival(
    departure: &Departure,
    monday: Date,
    weekday: i32,
    from: &TimeZone,
    to: &TimeZone,
) -> bool {
    let instant = |days: i32, clock: &str, zone: &TimeZone| {
        let date = monday.checked_add(jiff::Span::new().days(days)).ok()?;
        zone.to_timestamp(date.to_datetime(clock.parse::<Time>().ok()?)).ok()
    };
    let departs = instant(weekday - 1, &departure.departs, from);
    let arrives = instant(weekday - 1 + departure.arrives_days_later, &departure.arrives, to);
    departs.zip(arrives).is_some_and(|(departs, arrives)| arrives <= departs)
}

/// The days on which nobody works, such as `Fri-Sat`; not the whole week.
pub(crate) fn weekend(text: &str) -> Result<Vec<i32>, Rule> {
    let (weekdays, rest) = days_and_rest(text)?;
    if !rest.is_empty() || weekdays.len() == WEEKDAYS.len() {
        return Err(Rule::new("days such as Sat-Sun, not all seven"));
    }
    Ok(weekdays)
}

/// Splits `Mon-Thu Sat 08:00-12:00` into weekdays and what follows them.
fn days_and_rest(entry: &str) -> Result<(Vec<i32>, Vec<&str>), Rule> {
    let mut weekdays = Vec::new();
    let mut rest = Vec::new();
    for token in entry.split_whitespace() {
        if rest.is_empty() && token.starts_with(|first: char| first.is_alphabetic()) {
            weekdays.extend(days(token)?);
        } else {
            rest.push(token);
        }
    }
    weekdays.sort_unstable();
    weekdays.dedup();
    if weekdays.is_empty() {
        return Err(Rule::new("days first, such as Mon-Fri or Daily"));
    }
    Ok((weekdays, rest))
}

/// `Mon`, `Fri-Mon` or `Daily` as numbers from 1 to 7.
fn days(token: &str) -> Result<Vec<i32>, Rule> {
    let number =
        |name: &str| (1_i32..).zip(WEEKDAYS).find(|(_, weekday)| *weekday == name).map(|(day, _)| day);
    let (first, last) = if token == "Daily" {
        (Some(1), Some(7))
    } else if let Some((first, last)) = token.split_once('-') {
        (number(first), number(last))
    } else {
        (number(token), number(token))
    };
    let (Some(first), Some(last)) = (first, last) else {
        return Err(format!("days named Mon Tue Wed Thu Fri Sat Sun or Daily, unlike {token:.20}").into());
    };
    let count = (last - first).rem_euclid(7) + 1;
    Ok((0..count).map(|offset| (first - 1 + offset) % 7 + 1).collect())
}

fn span(text: &str) -> Result<(i32, i32), Rule> {
    let Some((from, until)) = text.split_once('-') else { return Err(Rule::new(HOURS_RULE)) };
    let until = if until == "24:00" { DAY_MINUTES } else { time(until)? };
    let from = time(from)?;
    if from < until {
        Ok((from, until))
    } else {
        Err(format!("hours that end after they begin, unlike {text}").into())
    }
}

/// Minutes after midnight of a wall time `HH:MM`.
fn time(text: &str) -> Result<i32, Rule> {
    let two_digits = |part: &str, most: i32| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i32>().ok().filter(|number| digits && *number <= most)
    };
    let parts = text
        .split_once(':')
        .and_then(|(hours, minutes)| Some(two_digits(hours, 23)? * 60 + two_digits(minutes, 59)?));
    parts.ok_or_else(|| Rule::from(format!("times from 00:00 to 23:59, unlike {text:.20}")))
}

fn wall_time(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<Vec<String>, String> {
        let spans = working_hours(text).map_err(|rule| rule.to_string())?;
        Ok(spans.iter().map(|span| format!("{} {}-{}", span.weekday, span.from(), span.until())).collect())
    }

    #[test]
    fn weekly_hours_are_sorted_by_day() {
        assert_eq!(
            shown("Sat-Mon 09:00-12:00; Mon 13:00-24:00").unwrap(),
            ["1 09:00-12:00", "1 13:00-24:00", "6 09:00-12:00", "7 09:00-12:00"]
        );
    }

    #[test]
    fn wrong_hours_are_refused() {
        for wrong in [
            "",
            ";",
            "Mon",
            "08:00-12:00",
            "Mon 8:00-12:00",
            "Mon 12:00-08:00",
            "Mon 08:00-12:00 11:00-13:00",
            "Mon 24:00-24:00",
            "Mo 08:00-12:00",
            "Mon-Tues 08:00-12:00",
            "Mon 08:00-12:60",
            "Mon overtime",
            "Mon 08:00-12:00; Daily 11:00-12:00",
            "Mon 08:00 - 12:00",
            "Mön 08:00-12:00",
        ] {
            assert!(working_hours(wrong).is_err(), "{wrong}");
        }
        assert!(weekly_hours("Mon 08:00-12:00 overtime").is_err());
    }

    #[test]
    fn a_timetable_reads_cut_off_departure_and_arrival() {
        let departures = timetable("Mon Fri-Sat 15:30/17:00>09:15+1 20:00/20:00>23:05").unwrap();
        assert_eq!(departures.len(), 2);
        assert_eq!(departures[0].weekdays, [1, 5, 6]);
        assert_eq!(departures[0].cut_off, "15:30");
        assert_eq!(departures[0].arrives_days_later, 1);
        assert_eq!(departures[1].arrives, "23:05");
        for wrong in [
            "",
            "Mon",
            "Mon 17:00>09:15",
            "Mon 17:30/17:00>19:00",
            "Mon 1/2>3",
            "Mon 15:30/17:00>09:15+121",
            "Mon 15:30/17:00>09:15-1",
            "15:30/17:00>09:15",
        ] {
            assert!(timetable(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_arrival_is_judged_in_the_zones_of_both_ends() {
        let zone = |name| TimeZone::get(name).unwrap();
        let (berlin, boston) = (zone("Europe/Berlin"), zone("America/New_York"));
        let westward = timetable("Daily 10:00/12:00>12:30").unwrap();
        assert!(arrives_too_early(&westward, &berlin, &boston).is_none());
        assert!(arrives_too_early(&westward, &boston, &berlin).is_some());
    }
}
