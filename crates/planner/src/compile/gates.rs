//! Export rules: what may leave, and how long the paperwork takes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{EndUse, ExportClass, GateId};

use super::minute::Minute;
use super::wall;
use crate::model::{Gate, Place, Site, Verdict, Weekdays};

/// What the export rules say about one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage<'a> {
    Free,
    Licence { gate: &'a GateId, working_days: i32 },
    Closed { gate: Option<&'a GateId> },
}

impl Passage<'_> {
    /// What is stricter is greater.
    const fn strictness(&self) -> i64 {
        match self {
            Self::Free => -1,
            Self::Licence { working_days, .. } => *working_days as i64,
            Self::Closed { .. } => i64::MAX,
        }
    }
}

/// What the rules say about goods of `class` on a way for which some licences are in hand, and whether they would say
/// something else if the use of the goods were declared. Fails closed: what no rule opens stays, and an undeclared use
/// could be any.
pub(crate) fn passage<'a>(
    gates: &'a [Gate],
    class: &ExportClass,
    (origin, destination): (&Site, &Site),
    end_use: Option<&EndUse>,
    in_hand: impl Fn(&GateId) -> bool,
) -> (Passage<'a>, bool) {
    if origin.territory == destination.territory {
        return (Passage::Free, false);
    }
    let about = |gate: &&Gate| {
        gate.export_class == *class
            && matches(&gate.origin, origin)
            && matches(&gate.destination, destination)
    };
    let about: Vec<&Gate> = gates.iter().filter(about).collect();
    let said = |end_use: Option<&EndUse>| match for_use(&about, end_use) {
        Passage::Licence { gate, .. } if in_hand(gate) => Passage::Free,
        other => other,
    };
    if end_use.is_some() {
        return (said(end_use), false);
    }
    let named = about.iter().map(|gate| gate.end_use.as_ref()).filter(Option::is_some);
    // Every use that some rule is about, and one that none is about.
    let uses: BTreeSet<Option<&EndUse>> = named.chain([None]).collect();
    let every: Vec<Passage<'a>> = uses.into_iter().map(said).collect();
    let strictest =
        every.iter().copied().max_by_key(Passage::strictness).unwrap_or(Passage::Closed { gate: None });
    let decides = every.iter().any(|passage| passage.strictness() < strictest.strictness());
    (strictest, decides)
}

/// What rules about a way say about one use; none stands for a use that no rule names.
fn for_use<'a>(about: &[&'a Gate], end_use: Option<&EndUse>) -> Passage<'a> {
    let matching =
        about.iter().filter(|gate| gate.end_use.as_ref().is_none_or(|wanted| end_use == Some(wanted)));
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
