//! A plan drawn in the terminal: a picture for each day, a row for each engineer.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use meridian_types::Interval;

/// What one engineer does.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) engineer: String,
    /// In the order of time.
    pub(super) bars: Vec<Bar>,
}

/// One visit of an engineer.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) order: String,
    /// Ways and waiting included.
    pub(super) during: Interval,
    pub(super) work: Interval,
    /// Whether any of it is overtime.
    pub(super) overtime: bool,
}

/// Most columns of the names of engineers.
const LABEL_CHARS_MAX: usize = 20;
/// Narrowest picture that still says something.
const LINE_CHARS_MIN: usize = 24;
/// Room that the name of an hour needs.
const HOUR_CHARS: usize = 3;

/// What the characters mean.
const LEGEND: &str = "· way, wait  [order=] work  [order!] with overtime";

/// The pictures of all days on which anything is done, by the clocks of `zone`, at most `width` characters wide.
pub(super) fn draw(rows: &[Row], zone: &TimeZone, width: usize) -> Vec<String> {
    let during = || rows.iter().flat_map(|row| row.bars.iter().map(|bar| bar.during));
    let (Some(first), Some(last)) = (during().map(Interval::start).min(), during().map(Interval::end).max())
    else {
        return Vec::new();
    };
    let date = |instant| zone.to_datetime(instant).date();
    let days = date(first).series(1.day()).take_while(|day| *day <= date(last));
    let mut lines: Vec<String> = days.flat_map(|day| draw_day(rows, day, zone, width)).collect();
    lines.push(LEGEND.to_owned());
    lines
}

/// The picture of one day; empty when nothing is done on it.
fn draw_day(rows: &[Row], day: Date, zone: &TimeZone, width: usize) -> Vec<String> {
    let midnight = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).ok();
    let next = day.tomorrow().ok().and_then(midnight);
    let Some(whole) = midnight(day).zip(next).and_then(|(start, end)| Interval::new(start, end).ok()) else {
        return Vec::new();
    };
    let rows: Vec<&Row> =
        rows.iter().filter(|row| row.bars.iter().any(|bar| bar.during.overlaps(whole))).collect();
    let shown = rows.iter().flat_map(|row| &row.bars).filter_map(|bar| bar.during.intersection(whole));
    let Some(axis) = Axis::around(shown.collect(), whole, (&rows, width)) else { return Vec::new() };
    let name = zone.iana_name().unwrap_or("UTC");
    let mut lines = vec![format!("{}, {name}", day.strftime("%a %Y-%m-%d")), axis.hours(zone)];
    for row in rows {
        let label: String = row.engineer.chars().take(LABEL_CHARS_MAX).collect();
        lines.push(format!("{label:width$} {}", axis.bars(&row.bars), width = axis.label_chars));
    }
    lines.push(String::new());
    lines
}

/// From which instant to which, over how many characters.
struct Axis {
    span: Interval,
    label_chars: usize,
    chars: usize,
}

impl Axis {
    /// The full hours around everything that is shown.
    fn around(shown: Vec<Interval>, day: Interval, (rows, width): (&[&Row], usize)) -> Option<Self> {
        let label_chars = rows.iter().map(|row| row.engineer.chars().count()).max()?.min(LABEL_CHARS_MAX);
        let hour = 3_600;
        let first = shown.iter().map(|span| span.start().as_second()).min()?;
        let last = shown.iter().map(|span| span.end().as_second()).max()?;
        let since = day.start().as_second();
        let start = since + (first - since).div_euclid(hour) * hour;
        let end = since + (last - since + hour - 1).div_euclid(hour) * hour;
        let instant = |seconds| Timestamp::from_second(seconds).ok();
        let span = Interval::new(instant(start)?, instant(end)?).ok()?;
        Some(Self { span, label_chars, chars: width.saturating_sub(label_chars + 1).max(LINE_CHARS_MIN) })
    }

    /// The character at which an instant lies; the last one is followed by the end.
    fn at(&self, instant: Timestamp) -> usize {
        let since = (instant.as_second() - self.span.start().as_second()).max(0);
        let chars = i64::try_from(self.chars).unwrap_or(i64::MAX);
        let at = since * chars / self.span.duration().as_secs().max(1);
        usize::try_from(at).unwrap_or(self.chars).min(self.chars)
    }

    /// The names of the hours, each where it begins; of those that stand too close, the first.
    fn hours(&self, zone: &TimeZone) -> String {
        let mut text = " ".repeat(self.label_chars + 1);
        let mut instant = self.span.start();
        while instant < self.span.end() {
            let at = self.label_chars + 1 + self.at(instant);
            let used = text.chars().count();
            if used <= at && at + HOUR_CHARS <= self.label_chars + 1 + self.chars {
                text.push_str(&" ".repeat(at - used));
                text.push_str(&zone.to_datetime(instant).strftime("%H ").to_string());
            }
            let Ok(next) = instant.checked_add(1.hour()) else { break };
            instant = next;
        }
        text.trim_end().to_owned()
    }

    fn bars(&self, bars: &[Bar]) -> String {
        let mut text = vec![' '; self.chars];
        for bar in bars.iter().filter(|bar| bar.during.overlaps(self.span)) {
            text[self.at(bar.during.start())..self.at(bar.during.end())].fill('·');
        }
        for bar in bars.iter().filter(|bar| bar.work.overlaps(self.span)) {
            let from = self.at(bar.work.start()).min(self.chars - 1);
            let to = self.at(bar.work.end()).clamp(from + 1, self.chars);
            block(&mut text[from..to], bar);
        }
        String::from_iter(text).trim_end().to_owned()
    }
}

/// Work as wide as it takes, with as much of the order's name as there is room for.
fn block(room: &mut [char], bar: &Bar) {
    let fill = if bar.overtime { '!' } else { '=' };
    room.fill(fill);
    if let [first, inside @ .., last] = room {
        (*first, *last) = ('[', ']');
        inside.iter_mut().zip(bar.order.chars()).for_each(|(place, letter)| *place = letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> Interval {
        let (start, end) = text.split_once('/').unwrap();
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    fn bar(order: &str, during: &str, work: &str, overtime: bool) -> Bar {
        Bar { order: order.to_owned(), during: interval(during), work: interval(work), overtime }
    }

    fn rows() -> Vec<Row> {
        vec![
            Row {
                engineer: "eng-fi-01".to_owned(),
                bars: vec![
                    bar(
                        "WO-1",
                        "2026-11-23T06:00Z/2026-11-23T08:00Z",
                        "2026-11-23T06:30Z/2026-11-23T08:00Z",
                        false,
                    ),
                    bar(
                        "WO-2",
                        "2026-11-23T08:00Z/2026-11-23T11:00Z",
                        "2026-11-23T09:00Z/2026-11-23T10:30Z",
                        true,
                    ),
                ],
            },
            Row {
                engineer: "eng-fi-02".to_owned(),
                bars: vec![bar(
                    "WO-3",
                    "2026-11-24T07:00Z/2026-11-24T08:00Z",
                    "2026-11-24T07:00Z/2026-11-24T08:00Z",
                    false,
                )],
            },
        ]
    }

    #[test]
    fn each_day_shows_who_works_on_it_by_the_clocks_of_the_zone() {
        let zone = TimeZone::get("Europe/Helsinki").unwrap();
        assert_eq!(
            draw(&rows(), &zone, 60),
            [
                "Mon 2026-11-23, Europe/Helsinki",
                "          08        09        10        11        12",
                "eng-fi-01 ·····[WO-1=========]··········[WO-2!!!!!!!!!]·····",
                "",
                "Tue 2026-11-24, Europe/Helsinki",
                "          09",
                "eng-fi-02 [WO-3============================================]",
                "",
                LEGEND,
            ]
        );
    }

    #[test]
    fn nothing_planned_draws_nothing_and_no_line_is_wider_than_asked_for() {
        assert!(draw(&[], &TimeZone::UTC, 80).is_empty());
        for width in 40..120 {
            let lines = draw(&rows(), &TimeZone::UTC, width);
            assert!(
                lines.iter().all(|line| line.chars().count() <= width.max(LEGEND.chars().count())),
                "{width}"
            );
        }
    }

    #[test]
    fn a_visit_over_midnight_is_shown_on_both_days() {
        let night = "2026-11-23T22:00Z/2026-11-24T02:00Z";
        let rows = vec![Row { engineer: "e".to_owned(), bars: vec![bar("N", night, night, false)] }];
        let lines = draw(&rows, &TimeZone::UTC, 30);
        assert_eq!(lines.iter().filter(|line| line.starts_with("e [N")).count(), 2, "{lines:#?}");
    }
}
