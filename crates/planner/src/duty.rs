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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Clone, Copy)]
struct Layout {
    before: Before,
    free_from: Minute,
    left: Minute,
    /// Its last span, an index into [`Plan::spans`].
    last: Option<usize>,
}

/// Work being laid out in every way that may turn out best.
struct Plan {
    pace: Pace,
    /// Spans of work, each with the index of the one before it: layouts share their beginnings.
    spans: Vec<((Minute, Minute), Option<usize>)>,
    /// What may go on in the present window.
    open: Vec<Layout>,
    /// What waits for the next window.
    waiting: Vec<Layout>,
}

/// The spans in which `minutes` of work are done first, from `from` on and within `windows`.
///
/// Work goes on while a window is open and the rule allows it. Where it pauses, resting and merely waiting are both
/// followed up; who is rested may also let a whole window pass, so as not to be on duty yet. To rest or to begin in
/// the middle of a window when one need not gains nothing: what it puts off is as long as what it saves.
pub(crate) fn work(
    windows: &IntervalSet,
    from: Minute,
    minutes: Minute,
    pace: Pace,
    before: Before,
) -> Option<Vec<(Minute, Minute)>> {
    let first = Layout { before, free_from: from, left: minutes, last: None };
    let mut plan = Plan { pace, spans: Vec::new(), open: Vec::new(), waiting: vec![first] };
    for window in windows.iter().filter(|window| window.1 > from) {
        let mut done: Option<Layout> = None;
        std::mem::swap(&mut plan.open, &mut plan.waiting);
        while let Some(layout) = plan.open.pop() {
            let finished = plan.through(layout, window);
            let sooner =
                |layout: &Layout| done.is_none_or(|done| layout.before.idle_since < done.before.idle_since);
            done = finished.filter(sooner).or(done);
            if plan.waiting.len() > 4 * LAYOUTS_MAX {
                thin_out(&mut plan.waiting);
            }
        }
        if let Some(done) = done {
            return Some(plan.spans_of(&done));
        }
        thin_out(&mut plan.waiting);
    }
    None
}

impl Plan {
    /// Takes a layout through one window, and returns it if that finishes the work.
    fn through(&mut self, layout: Layout, window: (Minute, Minute)) -> Option<Layout> {
        let pace = self.pace;
        let begin = layout.free_from.max(window.0);
        if begin >= window.1 {
            self.waiting.push(layout);
            return None;
        }
        let Before { idle_since, duty_since } = layout.before;
        let rested = pace.rests(idle_since, begin);
        let since = if rested { begin } else { duty_since };
        let until = window.1.min(since.saturating_add(pace.duty_max));
        if rested && pace.rules() {
            self.waiting.push(layout);
        } else if pace.rules() && (begin > idle_since || until <= begin) {
            self.open.push(Layout { free_from: idle_since.saturating_add(pace.rest), ..layout });
        }
        if until <= begin {
            return None;
        }
        let worked = layout.left.min(until - begin);
        let end = begin + worked;
        self.spans.push(((begin, end), layout.last));
        let next = Layout {
            before: Before { idle_since: end, duty_since: since },
            free_from: end,
            left: layout.left - worked,
            last: self.spans.len().checked_sub(1),
        };
        if next.left == 0 {
            return Some(next);
        }
        if end == window.1 {
            self.waiting.push(next);
        } else {
            self.open.push(Layout { free_from: end.saturating_add(pace.rest), ..next });
        }
        None
    }

    fn spans_of(&self, layout: &Layout) -> Vec<(Minute, Minute)> {
        let back = std::iter::successors(layout.last, |&last| self.spans[last].1);
        let mut spans: Vec<_> = back.map(|span| self.spans[span].0).collect();
        spans.reverse();
        spans
    }
}

impl Layout {
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

/// The midnights of a place between two moments, in order. Of a day that clocks skip there is none.
pub(crate) fn midnights(zone: &TimeZone, from: Minute, to: Minute) -> Vec<Minute> {
    let day = |date| local_day(zone, date).filter(|(start, end)| start < end).map(|(start, _)| start);
    dates(local_date(zone, from), local_date(zone, to)).filter_map(day).collect()
}

/// Nights of a stay: midnights after `from`, up to and including `to`.
pub(crate) fn nights(midnights: &[Minute], from: Minute, to: Minute) -> i64 {
    let until = |at: Minute| midnights.partition_point(|&midnight| midnight <= at);
    i64::try_from(until(to).saturating_sub(until(from))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    use proptest::prelude::*;

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

    /// When work ends at the earliest, every minute either worked or not.
    fn minute_by_minute(
        open: &[bool],
        from: usize,
        minutes: i32,
        pace: Pace,
        before: Before,
    ) -> Option<Minute> {
        let mut states = BTreeSet::from([(minutes, before)]);
        for (minute, is_open) in (0..).zip(open).skip(from) {
            for (left, before) in states.clone() {
                let rested = pace.rests(before.idle_since, minute);
                let duty_since = if rested { minute } else { before.duty_since };
                if *is_open && minute + 1 - duty_since <= pace.duty_max {
                    states.insert((left - 1, Before { idle_since: minute + 1, duty_since }));
                }
            }
            if states.iter().any(|(left, _)| *left == 0) {
                return Some(minute + 1);
            }
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]
        #[test]
        fn work_ends_as_early_as_any_choice_of_minutes_allows(
            open in prop::collection::vec(prop::bool::weighted(0.7), 10..40),
            (from, minutes) in (0..8usize, 1..12i32),
            (rest, duty_max) in (1..8i32, 1..10i32),
            travelled in prop::option::of((0..6i32, 0..4i32)),
        ) {
            let spans = open.iter().zip(0..).filter(|(open, _)| **open).map(|(_, at)| (at, at + 1)).collect();
            let pace = Pace { rest, duty_max };
            let before = travelled.map_or(Before::NOTHING, |(on_duty, idle)| {
                let idle_since = from as Minute - idle;
                Before { idle_since, duty_since: idle_since - on_duty.min(duty_max) }
            });
            let found = work(&IntervalSet::union_of(spans), from as Minute, minutes, pace, before);
            if let Some(spans) = &found {
                prop_assert_eq!(spans.iter().map(|span| span.1 - span.0).sum::<Minute>(), minutes);
                prop_assert!(pace.kept(spans));
            }
            let end = found.and_then(|spans| spans.last().map(|span| span.1));
            prop_assert_eq!(end, minute_by_minute(&open, from, minutes, pace, before));
        }
    }

    #[test]
    fn a_night_is_a_midnight_of_the_place() {
        let helsinki = TimeZone::get("Europe/Helsinki").unwrap();
        let at = |text: &str| crate::compile::ceil(text.parse::<jiff::Zoned>().unwrap().timestamp());
        let evening = at("2026-03-28T22:00[Europe/Helsinki]");
        let night = |to| nights(&midnights(&helsinki, evening - 600, to + 600), evening, to);
        assert_eq!(night(at("2026-03-28T23:59[Europe/Helsinki]")), 0);
        assert_eq!(night(at("2026-03-29T00:00[Europe/Helsinki]")), 1);
        assert_eq!(night(at("2026-03-30T12:00[Europe/Helsinki]")), 2);
        let apia = TimeZone::get("Pacific/Apia").unwrap();
        let (from, to) = (at("2011-12-29T12:00[Pacific/Apia]"), at("2011-12-31T12:00[Pacific/Apia]"));
        assert_eq!(nights(&midnights(&apia, from, to), from, to), 1);
    }
}
