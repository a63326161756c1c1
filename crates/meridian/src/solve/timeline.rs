//! One solution drawn on a time line: a row for each step, under the days of the place where the need is met.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use meridian_planner::model::{Action, GateKind, Solution, Step, Subject, WaitCause};

/// Columns of the text before the line.
const LABEL_CHARS: usize = 36;
/// Narrowest line that still says something.
const LINE_CHARS_MIN: usize = 24;
/// Room that the name of a day needs.
const DAY_CHARS: usize = 7;

/// From which instant to which, over how many characters.
struct Axis {
    start: i64,
    end: i64,
    chars: usize,
}

impl Axis {
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
    let ends = solution.steps.iter().map(|step| step.end).chain(deadline);
    let (Some(start), Some(end)) = (starts.min(), ends.max()) else { return Vec::new() };
    let chars = width.saturating_sub(LABEL_CHARS + 1).max(LINE_CHARS_MIN);
    let axis = Axis { start: start.as_second(), end: end.as_second(), chars };
    let mut lines =
        vec![format!("{:LABEL_CHARS$} {}", zone.iana_name().unwrap_or("UTC"), days(&axis, start, end, zone))];
    let mut subject: Option<&Subject> = None;
    for step in by_subject(solution) {
        if subject != Some(&step.subject) {
            subject = Some(&step.subject);
            lines.push(named(&step.subject));
        }
        lines.push(row(step, &axis, deadline, zone));
    }
    let legend = "▒ prepare  █ move  ▓ work  ░ customs, licence  · wait  ╌ slack";
    lines.push(match deadline {
        Some(deadline) => format!("{legend}  ┊ deadline {}", wall(deadline, zone)),
        None => legend.to_owned(),
    });
    lines
}

/// Steps of one subject follow each other; who begins first stands first.
fn by_subject(solution: &Solution) -> Vec<&Step> {
    let mut steps: Vec<&Step> = solution.steps.iter().collect();
    let first = |subject: &Subject| solution.steps.iter().position(|step| step.subject == *subject);
    steps.sort_by_key(|step| first(&step.subject));
    steps
}

/// The names of the days, each where it begins; of days that stand too close, the first.
fn days(axis: &Axis, start: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
    let mut text = String::new();
    let first = zone.to_datetime(start).date();
    for date in first.series(1.day()) {
        let Ok(midnight) = date.to_zoned(zone.clone()) else { break };
        if midnight.timestamp() > end {
            break;
        }
        let at = axis.at(midnight.timestamp());
        let used = text.chars().count();
        if used > at || (used > 0 && at + DAY_CHARS > axis.chars) {
            continue;
        }
        let _ = write!(text, "{}{:DAY_CHARS$}", " ".repeat(at - used), date.strftime("%a %-d").to_string());
    }
    text.trim_end().to_owned()
}

fn row(step: &Step, axis: &Axis, deadline: Option<Timestamp>, zone: &TimeZone) -> String {
    let mut line = vec![' '; axis.chars];
    if let Some(deadline) = deadline {
        line[axis.at(deadline)] = '┊';
    }
    let (from, to, latest) = (axis.at(step.start), axis.at(step.end), axis.at(step.latest_end));
    for place in &mut line[to..=latest.max(to)] {
        *place = '╌';
    }
    for place in &mut line[from..=to] {
        *place = glyph(&step.action);
    }
    let label = format!("  {} {}", zone.to_datetime(step.start).strftime("%a %H:%M"), told(&step.action));
    let line: String = line.into_iter().collect();
    format!("{} {}", fitted(&label), line.trim_end())
}

/// Exactly as wide as the label's column.
fn fitted(label: &str) -> String {
    let chars = label.chars().count();
    if chars <= LABEL_CHARS {
        return format!("{label}{}", " ".repeat(LABEL_CHARS - chars));
    }
    let kept: String = label.chars().take(LABEL_CHARS - 1).collect();
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
            WaitCause::Departure => format!("wait for departure at {site}"),
            WaitCause::SiteOpens => format!("wait until {site} opens"),
            WaitCause::Work => format!("wait for work at {site}"),
            WaitCause::Rest => format!("rest at {site}"),
            WaitCause::Supply => format!("wait for supply at {site}"),
            WaitCause::Return => format!("stay at {site}"),
        },
        Action::Gate { gate: GateKind::Customs { territory }, .. } => format!("customs of {territory}"),
        Action::Gate { gate: GateKind::Licence { gate }, .. } => format!("export licence by {gate}"),
        Action::Move { lane, .. } => format!("{lane}"),
        Action::Work { engineer, remote: true, .. } => format!("{engineer} guides from afar"),
        Action::Work { engineer, site, .. } => format!("{engineer} works at {site}"),
        Action::Assemble { site, .. } => format!("put together at {site}"),
        Action::Outsource { party, site } => format!("{party} at {site}"),
        Action::Refer { party, .. } => format!("ask {party} to take over"),
    }
}

fn wall(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string()
}
