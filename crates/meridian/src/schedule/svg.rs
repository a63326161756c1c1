//! A plan as a picture: SVG that any browser shows, with what each bar is when it is pointed at.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use meridian_types::Interval;

use super::gantt::Row;

/// Pixels.
const LABEL_WIDTH: f64 = 140.0;
const DAY_WIDTH: f64 = 480.0;
const ROW_HEIGHT: f64 = 28.0;
const TOP: f64 = 44.0;
const BAR_HEIGHT: f64 = 18.0;
/// Letters of an order's name that fit into so many pixels.
const LETTER_WIDTH: f64 = 6.5;

/// The picture of everything that is done, by the clocks of `zone`.
pub(super) fn draw(rows: &[Row], zone: &TimeZone) -> String {
    let during = || rows.iter().flat_map(|row| row.bars.iter().map(|bar| bar.during));
    let (Some(first), Some(last)) = (during().map(Interval::start).min(), during().map(Interval::end).max())
    else {
        return svg(LABEL_WIDTH, TOP, "<text x=\"8\" y=\"24\">Nothing is planned.</text>\n");
    };
    let date = |instant| zone.to_datetime(instant).date();
    let midnight = |date: jiff::civil::Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let start = midnight(date(first)).unwrap_or(first);
    let picture = Picture { start, zone };
    let mut body = String::new();
    let height = TOP + ROW_HEIGHT * f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    for day in date(first).series(1.day()).take_while(|day| *day <= date(last)) {
        let Ok(at) = midnight(day) else { break };
        picture.day(at, &day.strftime("%a %Y-%m-%d").to_string(), height, &mut body);
    }
    let mut y = TOP;
    for row in rows {
        let _ = writeln!(body, "<text x=\"8\" y=\"{}\">{}</text>", y + 18.0, escaped(&row.engineer));
        picture.row(row, y, &mut body);
        y += ROW_HEIGHT;
    }
    svg(picture.x(last) + 16.0, height + 8.0, &body)
}

struct Picture<'z> {
    start: Timestamp,
    zone: &'z TimeZone,
}

impl Picture<'_> {
    fn x(&self, instant: Timestamp) -> f64 {
        LABEL_WIDTH + instant.duration_since(self.start).as_secs_f64() / 86_400.0 * DAY_WIDTH
    }

    /// Its name, and a line every six hours.
    fn day(&self, midnight: Timestamp, name: &str, height: f64, body: &mut String) {
        let x = self.x(midnight);
        let _ = writeln!(body, "<text x=\"{:.1}\" y=\"16\" class=\"day\">{name}</text>", x + 4.0);
        for hour in [0, 6, 12, 18] {
            let Ok(at) = midnight.checked_add(hour.hours()) else { continue };
            let x = self.x(at);
            let class = if hour == 0 { "midnight" } else { "hour" };
            let _ = writeln!(
                body,
                "<line x1=\"{x:.1}\" y1=\"22\" x2=\"{x:.1}\" y2=\"{height:.1}\" class=\"{class}\"/>"
            );
            let wall = self.zone.to_datetime(at).strftime("%H:%M");
            let _ = writeln!(body, "<text x=\"{:.1}\" y=\"34\" class=\"small\">{wall}</text>", x + 4.0);
        }
    }

    fn row(&self, row: &Row, y: f64, body: &mut String) {
        for bar in &row.bars {
            let wall = |instant| self.zone.to_datetime(instant).strftime("%H:%M").to_string();
            let (from, to) = (self.x(bar.during.start()), self.x(bar.during.end()));
            let line_y = y + ROW_HEIGHT / 2.0;
            let _ = writeln!(
                body,
                "<line x1=\"{from:.1}\" y1=\"{line_y:.1}\" x2=\"{to:.1}\" y2=\"{line_y:.1}\" class=\"way\"/>"
            );
            let (from, to) = (self.x(bar.work.start()), self.x(bar.work.end()));
            let class = if bar.overtime { "overtime" } else { "work" };
            let order = escaped(&bar.order);
            let told = format!("{order}: {}\u{2013}{}", wall(bar.work.start()), wall(bar.work.end()));
            let (top, width) = (y + (ROW_HEIGHT - BAR_HEIGHT) / 2.0, (to - from).max(1.0));
            let _ = writeln!(
                body,
                "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR_HEIGHT}\" class=\"{class}\"><title>{told}</title></rect>"
            );
            let letters = f64::from(u32::try_from(bar.order.chars().count()).unwrap_or(u32::MAX));
            if letters * LETTER_WIDTH + 4.0 <= width {
                let _ = writeln!(
                    body,
                    "<text x=\"{:.1}\" y=\"{:.1}\" class=\"order\">{order}</text>",
                    from + 3.0,
                    y + 18.0
                );
            }
        }
    }
}

fn svg(width: f64, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <style>text {{ font: 12px sans-serif; fill: #222 }} .day {{ font-weight: bold }} .small {{ font-size: 9px; fill: #777 }} \
         .order {{ font-size: 11px; fill: #fff }} .hour {{ stroke: #eee }} .midnight {{ stroke: #999 }} \
         .way {{ stroke: #888; stroke-width: 2 }} .work {{ fill: #2a6f97 }} .overtime {{ fill: #c05a2b }}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

/// Text without letters that mean something in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::gantt::Bar;
    use super::*;

    #[test]
    fn every_visit_is_a_bar_with_its_name_and_times_and_no_name_breaks_the_picture() {
        let during =
            Interval::new("2026-11-23T06:00Z".parse().unwrap(), "2026-11-23T09:00Z".parse().unwrap())
                .unwrap();
        let bar = Bar { order: "A<B&C".to_owned(), during, work: during, overtime: true };
        let rows = [Row { engineer: "e\"1".to_owned(), bars: vec![bar] }];
        let picture = draw(&rows, &TimeZone::get("Europe/Helsinki").unwrap());
        assert!(picture.contains("<title>A&lt;B&amp;C: 08:00\u{2013}11:00</title>"), "{picture}");
        assert!(picture.contains("class=\"overtime\"") && picture.contains("e&quot;1"), "{picture}");
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_plan_of_nothing_says_so() {
        assert!(draw(&[], &TimeZone::UTC).contains("Nothing is planned."));
    }
}
