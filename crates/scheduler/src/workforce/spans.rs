//! Sets of instants as sorted intervals.

use meridian_types::Interval;

/// Sorted intervals that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Interval>);

impl FromIterator<Interval> for Spans {
    /// The union of the intervals.
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut sorted: Vec<Interval> = intervals.into_iter().collect();
        sorted.sort_unstable();
        let mut spans: Vec<Interval> = Vec::with_capacity(sorted.len());
        for interval in sorted {
            match spans.last_mut() {
                Some(last) if interval.start() <= last.end() => {
                    *last = hull(*last, interval);
                }
                _ => spans.push(interval),
            }
        }
        Self(spans)
    }
}

/// From the start of `first` to the later of the two ends; `second` must not start earlier.
fn hull(first: Interval, second: Interval) -> Interval {
    if second.end() <= first.end() {
        return first;
    }
    Interval::new(first.start(), second.end()).unwrap_or(first)
}

impl Spans {
    /// The intervals, in order.
    pub fn iter(&self) -> impl Iterator<Item = Interval> + '_ {
        self.0.iter().copied()
    }

    /// Whether no instant is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut shared = Vec::new();
        for span in self.iter() {
            shared.extend(other.overlapping(span).filter_map(|theirs| span.intersection(theirs)));
        }
        Self(shared)
    }

    /// What is in this set and not in `taken`.
    #[must_use]
    pub fn minus(&self, taken: &Self) -> Self {
        let mut left = Vec::new();
        for span in self.iter() {
            let mut start = span.start();
            for cut in taken.overlapping(span) {
                left.extend(Interval::new(start, cut.start()));
                start = cut.end();
            }
            left.extend(Interval::new(start, span.end()));
        }
        Self(left)
    }

    /// The part of this set that lies in `window`.
    #[must_use]
    pub fn within(&self, window: Interval) -> Self {
        Self(self.overlapping(window).filter_map(|span| span.intersection(window)).collect())
    }

    /// The intervals that share an instant with `interval`, in order.
    pub fn overlapping(&self, interval: Interval) -> impl Iterator<Item = Interval> + '_ {
        let from = self.0.partition_point(|span| span.end() <= interval.start());
        self.0[from..].iter().copied().take_while(move |span| span.start() < interval.end())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const SECONDS: i64 = 40;

    fn interval(start: i64, end: i64) -> Interval {
        let at = |second| Timestamp::from_second(second).unwrap();
        Interval::new(at(start), at(end)).unwrap()
    }

    prop_compose! {
        fn spans()(bounds in prop::collection::vec((0..SECONDS, 1..SECONDS), 0..8)) -> Spans {
            bounds.into_iter().map(|(start, length)| interval(start, start + length)).collect()
        }
    }

    /// Whether each second of the time under test is in the set: the model.
    fn seconds(spans: &Spans) -> Vec<bool> {
        let holds = |second| {
            let at = Timestamp::from_second(second).unwrap();
            spans.iter().any(|span| span.contains(at))
        };
        (0..2 * SECONDS).map(holds).collect()
    }

    fn combined(a: &Spans, b: &Spans, rule: fn(bool, bool) -> bool) -> Vec<bool> {
        seconds(a).into_iter().zip(seconds(b)).map(|(a, b)| rule(a, b)).collect()
    }

    fn is_normal(spans: &Spans) -> bool {
        spans.0.windows(2).all(|pair| pair[0].end() < pair[1].start())
    }

    proptest! {
        #[test]
        fn set_operations_agree_with_the_instants_they_hold(a in spans(), b in spans()) {
            prop_assert_eq!(seconds(&a.union(&b)), combined(&a, &b, |a, b| a || b));
            prop_assert_eq!(seconds(&a.intersection(&b)), combined(&a, &b, |a, b| a && b));
            prop_assert_eq!(seconds(&a.minus(&b)), combined(&a, &b, |a, b| a && !b));
            for set in [&a, &a.union(&b), &a.intersection(&b), &a.minus(&b)] {
                prop_assert!(is_normal(set), "{:?}", set);
            }
        }

        #[test]
        fn a_window_cuts_off_what_lies_outside(a in spans(), start in 0..SECONDS, length in 1..SECONDS) {
            let window = interval(start, start + length);
            prop_assert_eq!(a.within(window), a.intersection(&[window].into_iter().collect()));
        }
    }
}
