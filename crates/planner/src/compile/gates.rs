//! Export rules: what may leave, and how long the paperwork takes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{EndUse, ExportClass, GateId};

use super::minute::Minute;
use super::wall;
use crate::model::{Gate, Place, Site, Verdict, Weekdays};

/// What the export rules say about one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passage<'a> {
    Free,
    Licence { gate: &'a GateId, working_days: i32 },
    Closed { gate: Option<&'a GateId> },
}

/// What the rules say about goods of `class` from one site to another. Fails closed: what no rule opens stays.
pub(crate) fn passage<'a>(
    gates: &'a [Gate],
    class: &ExportClass,
    origin: &Site,
    destination: &Site,
    end_use: Option<&EndUse>,
) -> Passage<'a> {
    if origin.territory == destination.territory {
        return Passage::Free;
    }
    let matching = gates.iter().filter(|gate| {
        gate.export_class == *class
            && matches(&gate.origin, origin)
            && matches(&gate.destination, destination)
            && gate.end_use.as_ref().is_none_or(|wanted| end_use == Some(wanted))
    });
    let decisive = matching.max_by_key(|gate| {
        let closed = gate.verdict == Verdict::Closed;
        let specific =
            specificity(&gate.origin) + specificity(&gate.destination) + usize::from(gate.end_use.is_some());
        (closed, specific, strictness(gate.verdict))
    });
    match decisive.map(|gate| (&gate.id, gate.verdict)) {
        None => Passage::Closed { gate: None },
        Some((gate, Verdict::Closed)) => Passage::Closed { gate: Some(gate) },
        Some((_, Verdict::Open)) => Passage::Free,
        Some((gate, Verdict::Licence { working_days })) => Passage::Licence { gate, working_days },
    }
}

fn matches(place: &Place, site: &Site) -> bool {
    match place {
        Place::Country(country) => *country == site.country,
        Place::Territory(territory) => *territory == site.territory,
        Place::Anywhere => true,
    }
}

const fn specificity(place: &Place) -> usize {
    match place {
        Place::Country(_) => 2,
        Place::Territory(_) => 1,
        Place::Anywhere => 0,
    }
}

const fn strictness(verdict: Verdict) -> i32 {
    match verdict {
        Verdict::Open => -1,
        Verdict::Licence { working_days } => working_days,
        Verdict::Closed => i32::MAX,
    }
}

/// The working days of a country or of a part of it, for licences.
#[derive(Debug)]
pub(crate) struct WorkingDays<'a> {
    pub(crate) zone: &'a TimeZone,
    pub(crate) weekend: Weekdays,
    pub(crate) holidays: &'a BTreeSet<Date>,
}

impl WorkingDays<'_> {
    /// Nobody works on a date that the clocks skip.
    fn works(&self, date: Date) -> bool {
        !self.weekend.contains(date.weekday())
            && !self.holidays.contains(&date)
            && wall::day(self.zone, date).is_some_and(|(start, end)| start < end)
    }

    /// When a licence that is applied for at `at` is in hand: the end of the last of `days` working days, the
    /// first of them being the next one. `None` when that is years away.
    pub(crate) fn in_hand(&self, at: Minute, days: i32) -> Option<Minute> {
        let Ok(days @ 1..) = usize::try_from(days) else { return Some(at) };
        let tomorrow = wall::date(self.zone, at).tomorrow().ok()?;
        let last = wall::dates(tomorrow, tomorrow.saturating_add(jiff::Span::new().years(2)))
            .filter(|date| self.works(*date))
            .nth(days - 1)?;
        wall::day(self.zone, last).map(|(_, end)| end)
    }

    /// The last moment to apply for a licence that must be in hand by `by`.
    pub(crate) fn apply_by(&self, by: Minute, days: i32) -> Option<Minute> {
        let Ok(days @ 1..) = usize::try_from(days) else { return Some(by) };
        let ended = std::iter::successors(Some(wall::date(self.zone, by)), |date| date.yesterday().ok())
            .take(800)
            .filter(|date| wall::day(self.zone, *date).is_some_and(|(_, end)| end <= by));
        let first = ended.filter(|date| self.works(*date)).nth(days - 1)?;
        wall::day(self.zone, first).map(|(start, _)| start - 1)
    }
}
