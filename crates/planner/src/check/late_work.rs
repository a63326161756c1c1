//! When work is done that begins at some moment or other: every choice of working on, resting and letting a window
//! of time pass, tried out.

use std::collections::BTreeSet;

use super::timetable::Minute;
use crate::model::RestRule;

/// Tries to do some work in windows of time under a rest rule.
struct Attempt<'w> {
    windows: &'w [(Minute, Minute)],
    rule: Option<RestRule>,
    /// The earliest end so far.
    earliest: Option<Minute>,
    /// Everything that was tried: from when, with how many minutes left, on duty since when.
    tried: BTreeSet<(Minute, Minute, Option<Minute>)>,
}

/// The earliest end of so many `minutes` of work from `at` on, for somebody who is rested or has been on duty
/// `since` some moment.
pub(super) fn earliest_end(
    windows: &[(Minute, Minute)],
    at: Minute,
    minutes: Minute,
    rule: Option<RestRule>,
    since: Option<Minute>,
) -> Option<Minute> {
    let mut attempt = Attempt { windows, rule, earliest: None, tried: BTreeSet::new() };
    attempt.go_on(at, minutes, since);
    attempt.earliest
}

impl Attempt<'_> {
    fn go_on(&mut self, at: Minute, left: Minute, since: Option<Minute>) {
        let hopeless = self.earliest.is_some_and(|earliest| at.saturating_add(left) >= earliest);
        let next = self.windows.iter().copied().find(|window| window.1 > at);
        let Some(window) = next.filter(|_| !hopeless && self.tried.insert((at, left, since))) else { return };
        let begin = window.0.max(at);
        let rest = self.rule.map(|rule| rule.rest_minutes.max(1));
        match since {
            Some(since) if rest.is_none_or(|rest| begin - at < rest) => {
                self.work((begin, window.1), left, since)
            }
            Some(_) => {}
            None => self.work((begin, window.1), left, begin),
        }
        match (rest, since) {
            (Some(rest), Some(_)) => self.go_on(at.saturating_add(rest), left, None),
            (Some(_), None) => self.go_on(window.1, left, None),
            (None, _) => {}
        }
    }

    /// Works in what is left of a window until it closes, the rule ends the duty, or it is done.
    fn work(&mut self, (begin, closes): (Minute, Minute), left: Minute, since: Minute) {
        let most = self.rule.map_or(Minute::MAX, |rule| since.saturating_add(rule.duty_minutes_max.max(1)));
        let worked = left.min(closes.min(most) - begin);
        if worked == left {
            self.earliest = Some(self.earliest.map_or(begin + left, |known| known.min(begin + left)));
        } else if worked > 0 {
            self.go_on(begin + worked, left - worked, Some(since));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compile::IntervalSet;
    use crate::duty::{Before, Pace, work};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
        #[test]
        fn late_work_ends_when_the_planner_would_have_it_done(
            spans in prop::collection::vec((0..400, 1..60), 1..12),
            (at, minutes) in (0..200i32, 1..120i32),
            rule in prop::option::of((1..80i32, 1..100i32)),
            duty in prop::option::of(0..120i32),
        ) {
            let windows = IntervalSet::union_of(spans.iter().map(|(from, for_)| (*from, from + for_)).collect());
            let pace = rule.map_or(Pace::FREE, |(rest, duty_max)| Pace { rest, duty_max });
            let before = duty.map_or(Before::NOTHING, |duty| Before { idle_since: at, duty_since: at - duty });
            let planned = work(&windows, at, minutes, pace, before).and_then(|spans| Some(spans.last()?.1));
            let windows: Vec<_> = windows.iter().map(|(from, to)| (i64::from(from), i64::from(to))).collect();
            let rule = rule.map(|(rest, duty_max)| RestRule {
                rest_minutes: rest.into(),
                duty_minutes_max: duty_max.into(),
            });
            let since = duty.map(|duty| i64::from(at - duty));
            let found = earliest_end(&windows, at.into(), minutes.into(), rule, since);
            prop_assert_eq!(found, planned.map(i64::from));
        }
    }
}
