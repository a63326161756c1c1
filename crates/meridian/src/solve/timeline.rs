//! One solution drawn on a time line: a row for each step, under the days of the place where the need is met.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use meridian_planner::model::{Action, GateKind, Solution, Step, Subject, WaitCause};

/// Most columns of the text before the line; on a narrow terminal half of it.
const LABEL_CHARS_MAX: usize = 48;
/// Narrowest line that still says something.
const LINE_CHARS_MIN: usize = 24;
/// Room that the name of a day needs.
const DAY_CHARS: usize = 11;
/// The line ends with the deadline, but no later than when the solution takes only one part in so many of it.
const PLAN_PARTS: i64 = 2;

/// From which instant to which, over how many characters.
struct Axis {
    start: i64,
    end: i64,
    chars: usize,
}

impl Axis {
    /// The axis of a solution that starts and is done then.
    fn new(start: Timestamp, done: Timestamp, deadline: Option<Timestamp>, chars: usize) -> Self {
        let (start, done) = (start.as_second(), done.as_second());
        let last = start + (done - start) * PLAN_PARTS;
        let end = deadline.map_or(done, |deadline| deadline.as_second().clamp(done, last));
        Self { start, end, chars }
    }

    fn shows(&self, instant: Timestamp) -> bool {
        (self.start..=self.end).contains(&instant.as_second())
    }

    /// The character in which an instant lies.
    fn at(&self, instant: Timestamp) -> usize {
        let span = (self.end - self.start).max(1);
        let since = (instant.as_second() - self.start).clamp(0, span);
        let last = self.chars - 1;
        usize::try_from(since * i64::try_from(last).unwrap_or(1) / span).unwrap_or(last).min(last)
    }
}

/// The picture, line by line. `zone` is that of the place where the need is met, `width` that of the terminal.
pub(super) fn draw(
    solution: &Solution,
    deadline: Option<Timestamp>,
    zone: &TimeZone,
    width: usize,
) -> Vec<String> {
    let starts = solution.steps.iter().map(|step| step.start);
    let ends = solution.steps.iter().map(|step| step.end);
    let (Some(start), Some(done)) = (starts.min(), ends.max()) else { return Vec::new() };
    let place = zone.iana_name().unwrap_or("UTC");
    let labels = solution.steps.iter().map(|step| label(step, zone).chars().count());
    let label_chars = labels.max().unwrap_or_default().max(place.len()).min(LABEL_CHARS_MAX.min(width / 2));
    let chars = width.saturating_sub(label_chars + 1).max(LINE_CHARS_MIN);
    let axis = Axis::new(start, done, deadline, chars);
    let mut lines = vec![format!("{place:label_chars$} {}", days(&axis, start, zone))];
    let mut subject: Option<&Subject> = None;
    for step in by_subject(solution) {
        if subject != Some(&step.subject) {
            subject = Some(&step.subject);
            lines.push(named(&step.subject));
        }
        lines.push(row(step, &axis, deadline, (label_chars, zone)));
    }
    let legend = "▒ prepare  █ move  ▓ work  ░ customs, licence  · wait  ╌ slack";
    let legend = match deadline {
        Some(deadline) if deadline < start => format!("{legend}  deadline {}, past", wall(deadline, zone)),
        Some(deadline) if deadline.as_second() > axis.end => {
            format!("{legend}  → deadline {}", wall(deadline, zone))
        }
        Some(deadline) => format!("{legend}  ┊ deadline {}", wall(deadline, zone)),
        None => legend.to_owned(),
    };
    lines.extend(entries(&legend, width));
    lines
}

/// Steps of one subject follow each other; who begins first stands first.
fn by_subject(solution: &Solution) -> Vec<&Step> {
    let mut steps: Vec<&Step> = solution.steps.iter().collect();
    let first = |subject: &Subject| solution.steps.iter().position(|step| step.subject == *subject);
    steps.sort_by_key(|step| first(&step.subject));
    steps
}

/// The legend in lines of at most `chars`, broken between its entries.
fn entries(legend: &str, chars: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in legend.split("  ") {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + entry.chars().count() <= chars => {
                line.push_str("  ");
                line.push_str(entry);
            }
            _ => lines.push(entry.to_owned()),
        }
    }
    lines
}

/// The names of the days, each where it begins; of days that stand too close, the first.
fn days(axis: &Axis, start: Timestamp, zone: &TimeZone) -> String {
    let mut text = String::new();
    let first = zone.to_datetime(start).date();
    for date in first.series(1.day()) {
        let Ok(midnight) = date.to_zoned(zone.clone()) else { break };
        if midnight.timestamp().as_second() > axis.end {
            break;
        }
        let at = axis.at(midnight.timestamp());
        let used = text.chars().count();
        if used > at || (used > 0 && at + DAY_CHARS > axis.chars) {
            continue;
        }
        let _ =
            write!(text, "{}{:DAY_CHARS$}", " ".repeat(at - used), date.strftime("%a %-d %b").to_string());
    }
    text.trim_end().to_owned()
}

fn row(
    step: &Step,
    axis: &Axis,
    deadline: Option<Timestamp>,
    (label_chars, zone): (usize, &TimeZone),
) -> String {
    let mut line = vec![' '; axis.chars];
    if let Some(deadline) = deadline.filter(|deadline| axis.shows(*deadline)) {
        line[axis.at(deadline)] = '┊';
    }
    let (from, to, latest) = (axis.at(step.start), axis.at(step.end), axis.at(step.latest_end));
    for place in &mut line[to..=latest.max(to)] {
        *place = '╌';
    }
    for place in &mut line[from..=to] {
        *place = glyph(&step.action);
    }
    let line: String = line.into_iter().collect();
    format!("{} {}", fitted(&label(step, zone), label_chars), line.trim_end())
}

fn label(step: &Step, zone: &TimeZone) -> String {
    format!("  {} {}", zone.to_datetime(step.start).strftime("%a %H:%M"), told(&step.action))
}

/// Exactly as wide as the label's column.
fn fitted(label: &str, chars: usize) -> String {
    if label.chars().count() <= chars {
        return format!("{label:chars$}");
    }
    let kept: String = label.chars().take(chars.saturating_sub(1)).collect();
    format!("{kept}…")
}

const fn glyph(action: &Action) -> char {
    match action {
        Action::Pick { .. } | Action::Refer { .. } => '▒',
        Action::Wait { .. } => '·',
        Action::Gate { .. } => '░',
        Action::Move { .. } => '█',
        Action::Work { .. } | Action::Assemble { .. } | Action::Outsource { .. } => '▓',
    }
}

fn named(subject: &Subject) -> String {
    match subject {
        Subject::Goods { lines, .. } => {
            let lines: Vec<_> =
                lines.iter().map(|line| format!("{} x {}", line.quantity, line.item)).collect();
            lines.join(", ")
        }
        Subject::Loaner(model) => format!("loaner {model}"),
        Subject::Instrument(serial) => format!("instrument {serial}"),
        Subject::Engineer(engineer) => format!("engineer {engineer}"),
        Subject::Case => "the case".to_owned(),
    }
}

fn told(action: &Action) -> String {
    match action {
        Action::Pick { site } => format!("pick at {site}"),
        Action::Wait { site, cause } => match cause {
            WaitCause::Departure => format!("wait at {site}"),
            WaitCause::SiteOpens => format!("{site} is closed"),
            WaitCause::Work => format!("wait for work at {site}"),
            WaitCause::Rest => format!("rest at {site}"),
            WaitCause::Supply => format!("wait for supply at {site}"),
            WaitCause::Return => format!("stay at {site}"),
        },
        Action::Gate { gate: GateKind::Customs { territory }, .. } => format!("customs of {territory}"),
        Action::Gate { gate: GateKind::Licence { gate }, .. } => format!("export licence by {gate}"),
        Action::Move { lane, .. } => format!("{lane}"),
        Action::Work { engineer, remote: true, .. } => format!("{engineer} guides from afar"),
        Action::Work { engineer, site, .. } => format!("{engineer} at {site}"),
        Action::Assemble { site, .. } => format!("put together at {site}"),
        Action::Outsource { party, site } => format!("{party} at {site}"),
        Action::Refer { party, .. } => format!("ask {party} to take over"),
    }
}

fn wall(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string()
}
