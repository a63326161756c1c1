//! How long people may be on duty, when they rest, and which nights they are away.
//!
//! Duty is travel (from the hand-over of a leg to its arrival) and work. Gaps of at least `rest_minutes` divide it
//! into stretches; a stretch spans at most `duty_minutes_max` from its first to its last minute, waiting included.

use jiff::tz::TimeZone;

use crate::compile::{IntervalSet, Minute, dates, length, local_date, local_day};
use crate::model::Engineer;

/// Longer than anything that is planned, and short enough to be added to any minute.
const FOREVER: Minute = Minute::MAX / 4;
/// Ways to lay out the work that are followed at the same time; each rests at other moments.
const LAYOUTS_MAX: usize = 64;

/// A rest rule in minutes. Who has no rule never needs to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) rest: Minute,
    pub(crate) duty_max: Minute,
}

impl Pace {
    pub(crate) const FREE: Self = Self { rest: FOREVER, duty_max: FOREVER };

    pub(crate) fn of(engineer: &Engineer) -> Self {
        engineer.rest.map_or(Self::FREE, |rule| Self {
            rest: length(rule.rest_minutes).clamp(1, FOREVER),
            duty_max: length(rule.duty_minutes_max).clamp(1, FOREVER),
        })
    }

    /// Whether there is a rule at all.
    pub(crate) fn rules(self) -> bool {
        self != Self::FREE
    }

    /// Whether nothing from `from` to `to` is a rest.
    pub(crate) const fn rests(self, from: Minute, to: Minute) -> bool {
        to - from >= self.rest
    }

    /// For each of some spans of duty, one after the other, when its stretch began.
    pub(crate) fn stretches(self, duties: &[(Minute, Minute)]) -> Vec<Minute> {
        let mut since = Vec::with_capacity(duties.len());
        for (index, duty) in duties.iter().enumerate() {
            let goes_on = index > 0 && !self.rests(duties[index - 1].1, duty.0);
            since.push(if goes_on { since[index - 1] } else { duty.0 });
        }
        since
    }

    /// Whether no stretch of these spans is too long.
    pub(crate) fn kept(self, duties: &[(Minute, Minute)]) -> bool {
        self.stretches(duties).iter().zip(duties).all(|(since, duty)| duty.1 - since <= self.duty_max)
    }
}

/// What somebody did before the work: idle since when, after a stretch of duty that began when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Before {
    pub(crate) idle_since: Minute,
    pub(crate) duty_since: Minute,
}

impl Before {
    /// Rested.
    pub(crate) const NOTHING: Self = Self { idle_since: -FOREVER, duty_since: -FOREVER };
}

/// Work that is laid out as far as some moment.
#[derive(Debug, Clone)]
struct Layout {
    before: Before,
    free_from: Minute,
    left: Minute,
    spans: Vec<(Minute, Minute)>,
}

/// The spans in which `minutes` of work are done first, from `from` on and within `windows`.
///
/// Work goes on whenever a window is open and the rule allows it. Where it pauses, resting and merely waiting are
/// both followed up: to rest in the middle of a window before one has to never ends the work earlier.
pub(crate) fn work(
    windows: &IntervalSet,
    from: Minute,
    minutes: Minute,
    pace: Pace,
    before: Before,
) -> Option<Vec<(Minute, Minute)>> {
    let mut layouts = vec![Layout { before, free_from: from, left: minutes, spans: Vec::new() }];
    for window in windows.iter().filter(|window| window.1 > from) {
        let mut done: Option<Vec<(Minute, Minute)>> = None;
        let mut open = std::mem::take(&mut layouts);
        while let Some(layout) = open.pop() {
            let Some(next) = layout.through(window, pace, &mut open) else { continue };
            let ends = |spans: &[(Minute, Minute)]| spans.last().map(|span| span.1);
            if next.left > 0 {
                layouts.push(next);
            } else if done.as_ref().is_none_or(|done| ends(&next.spans) < ends(done)) {
                done = Some(next.spans);
            }
        }
        if done.is_some() {
            return done;
        }
        thin_out(&mut layouts);
    }
    None
}

impl Layout {
    /// What becomes of it in one window: finished, or waiting for the next window. What has to rest and may go on
    /// in the same window is put on `open` again.
    fn through(self, window: (Minute, Minute), pace: Pace, open: &mut Vec<Self>) -> Option<Self> {
        let begin = self.free_from.max(window.0);
        if begin >= window.1 {
            return Some(self);
        }
        let Before { idle_since, duty_since } = self.before;
        let rested = pace.rests(idle_since, begin);
        let since = if rested { begin } else { duty_since };
        let until = window.1.min(since.saturating_add(pace.duty_max));
        if !rested && pace.rules() && (begin > idle_since || until <= begin) {
            open.push(Self { free_from: idle_since.saturating_add(pace.rest), ..self.clone() });
        }
        if until <= begin {
            return None;
        }
        let worked = self.left.min(until - begin);
        let end = begin + worked;
        let mut spans = self.spans;
        match spans.last_mut() {
            Some(last) if last.1 == begin => last.1 = end,
            _ => spans.push((begin, end)),
        }
        let before = Before { idle_since: end, duty_since: since };
        let next = Self { before, free_from: end, left: self.left - worked, spans };
        if next.left == 0 || end == window.1 {
            return Some(next);
        }
        open.push(Self { free_from: end.saturating_add(pace.rest), ..next });
        None
    }

    fn dominates(&self, other: &Self) -> bool {
        self.left <= other.left
            && self.free_from <= other.free_from
            && self.before.idle_since <= other.before.idle_since
            && self.before.duty_since >= other.before.duty_since
    }
}

fn thin_out(layouts: &mut Vec<Layout>) {
    let mut kept: Vec<Layout> = Vec::with_capacity(layouts.len());
    layouts.sort_by_key(|layout| (layout.left, layout.free_from, layout.before));
    for layout in layouts.drain(..) {
        if kept.len() < LAYOUTS_MAX && !kept.iter().any(|better| better.dominates(&layout)) {
            kept.push(layout);
        }
    }
    *layouts = kept;
}

/// Nights of a stay at a place: midnights of its clocks after `from`, up to and including `to`.
pub(crate) fn nights(zone: &TimeZone, from: Minute, to: Minute) -> i64 {
    let Ok(first) = local_date(zone, from).tomorrow() else { return 0 };
    let begins = |date: &jiff::civil::Date| local_day(zone, *date).is_some_and(|(start, end)| start < end);
    dates(first, local_date(zone, to)).filter(begins).map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { rest: 660, duty_max: 780 };

    fn set(spans: &[(Minute, Minute)]) -> IntervalSet {
        IntervalSet::union_of(spans.to_vec())
    }

    #[test]
    fn work_goes_on_until_duty_ends_and_after_a_rest() {
        let always = set(&[(0, 5_000)]);
        let spans = work(&always, 100, 1_000, PACE, Before::NOTHING).unwrap();
        assert_eq!(spans, [(100, 880), (1_540, 1_760)]);
        assert!(PACE.kept(&spans));
        assert_eq!(work(&always, 100, 1_000, Pace::FREE, Before::NOTHING).unwrap(), [(100, 1_100)]);
    }

    #[test]
    fn travel_before_the_work_counts() {
        let always = set(&[(0, 5_000)]);
        let before = Before { idle_since: 100, duty_since: -500 };
        assert_eq!(work(&always, 100, 300, PACE, before).unwrap(), [(100, 280), (940, 1_060)]);
    }

    #[test]
    fn resting_instead_of_waiting_is_chosen_where_it_ends_earlier() {
        // Duty since 0; the evening is cut short by it, and a rest from there would miss the whole night.
        let windows = set(&[(700, 720), (1_000, 1_400), (2_800, 3_200)]);
        let before = Before { idle_since: 600, duty_since: 0 };
        assert_eq!(work(&windows, 600, 100, PACE, before).unwrap(), [(1_260, 1_360)]);
    }

    #[test]
    fn a_pause_that_is_no_rest_counts_as_duty() {
        assert!(!PACE.kept(&[(0, 400), (1_000, 1_100)]));
        assert!(PACE.kept(&[(0, 400), (1_060, 1_160)]));
    }

    #[test]
    fn a_night_is_a_midnight_of_the_place() {
        let helsinki = TimeZone::get("Europe/Helsinki").unwrap();
        let at = |text: &str| crate::compile::ceil(text.parse::<jiff::Zoned>().unwrap().timestamp());
        let evening = at("2026-03-28T22:00[Europe/Helsinki]");
        assert_eq!(nights(&helsinki, evening, at("2026-03-28T23:59[Europe/Helsinki]")), 0);
        assert_eq!(nights(&helsinki, evening, at("2026-03-29T00:00[Europe/Helsinki]")), 1);
        assert_eq!(nights(&helsinki, evening, at("2026-03-30T12:00[Europe/Helsinki]")), 2);
        let apia = TimeZone::get("Pacific/Apia").unwrap();
        let from = at("2011-12-29T12:00[Pacific/Apia]");
        assert_eq!(nights(&apia, from, at("2011-12-31T12:00[Pacific/Apia]")), 1);
    }
}
