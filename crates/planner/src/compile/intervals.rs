//! Opening times as sorted intervals with prefix sums.

use super::minute::Minute;

/// Sorted, disjoint, non-touching half-open intervals of minutes. Every question costs one binary search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct IntervalSet {
    starts: Vec<Minute>,
    ends: Vec<Minute>,
    /// Open minutes before interval `i`.
    before: Vec<Minute>,
}

impl IntervalSet {
    /// The union of the spans; empty and reversed ones are dropped.
    pub(crate) fn union_of(mut spans: Vec<(Minute, Minute)>) -> Self {
        spans.sort_unstable();
        Self::joined(spans)
    }

    /// The union of spans that are sorted; empty and reversed ones are dropped.
    fn joined(spans: Vec<(Minute, Minute)>) -> Self {
        let sized = || Vec::with_capacity(spans.len());
        let mut set = Self { starts: sized(), ends: sized(), before: sized() };
        let mut total = 0;
        for (start, end) in spans.into_iter().filter(|(start, end)| start < end) {
            match set.ends.last_mut() {
                Some(last) if start <= *last => {
                    total += end.max(*last) - *last;
                    *last = end.max(*last);
                }
                _ => {
                    set.starts.push(start);
                    set.ends.push(end);
                    set.before.push(total);
                    total += end - start;
                }
            }
        }
        set
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Minute, Minute)> + '_ {
        self.starts.iter().copied().zip(self.ends.iter().copied())
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + 3 * size_of::<Minute>() * self.starts.len()
    }

    /// What is in either.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::union_of(self.iter().chain(other.iter()).collect())
    }

    /// What is in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut spans = Vec::with_capacity(self.starts.len() + other.starts.len());
        while i < self.starts.len() && j < other.starts.len() {
            spans.push((self.starts[i].max(other.starts[j]), self.ends[i].min(other.ends[j])));
            if self.ends[i] < other.ends[j] { i += 1 } else { j += 1 }
        }
        Self::joined(spans)
    }

    /// What lies between `from` and `to`.
    pub(crate) fn within(&self, from: Minute, to: Minute) -> Self {
        let first = self.ends.partition_point(|&end| end <= from);
        let spans = self.iter().skip(first).take_while(|(start, _)| *start < to);
        Self::joined(spans.map(|(start, end)| (start.max(from), end.min(to))).collect())
    }

    /// The first open minute not before `at`.
    pub(crate) fn next_open(&self, at: Minute) -> Option<Minute> {
        let i = self.ends.partition_point(|&end| end <= at);
        self.starts.get(i).map(|&start| start.max(at))
    }

    /// The last open minute not after `at`.
    pub(crate) fn last_open(&self, at: Minute) -> Option<Minute> {
        let i = self.starts.partition_point(|&start| start <= at).checked_sub(1)?;
        Some(at.min(self.ends[i] - 1))
    }

    /// The last instant not after `at` at which it is open or is just closing: something that is ready when
    /// the doors close still gets out.
    pub(crate) fn last_way_out(&self, at: Minute) -> Option<Minute> {
        let i = self.starts.partition_point(|&start| start <= at).checked_sub(1)?;
        Some(at.min(self.ends[i]))
    }

    /// Open minutes before `at`.
    fn open_before(&self, at: Minute) -> Minute {
        match self.starts.partition_point(|&start| start < at).checked_sub(1) {
            None => 0,
            Some(i) => self.before[i] + at.min(self.ends[i]) - self.starts[i],
        }
    }

    /// Open minutes from `from` to `to`.
    pub(crate) fn open_between(&self, from: Minute, to: Minute) -> Minute {
        self.open_before(to) - self.open_before(from)
    }

    /// The first instant at which `minutes` open minutes have passed since `from`.
    pub(crate) fn add_working(&self, from: Minute, minutes: Minute) -> Option<Minute> {
        if minutes == 0 {
            return Some(from);
        }
        let target = self.open_before(from).checked_add(minutes)?;
        let i = self.before.partition_point(|&before| before < target).checked_sub(1)?;
        let end = self.starts[i] + (target - self.before[i]);
        (end <= self.ends[i]).then_some(end)
    }

    /// The last instant from which `minutes` open minutes still pass until `to`.
    pub(crate) fn sub_working(&self, to: Minute, minutes: Minute) -> Option<Minute> {
        if minutes == 0 {
            return Some(to);
        }
        let target = self.open_before(to) - minutes;
        if target < 0 {
            return None;
        }
        let i = self.before.partition_point(|&before| before <= target).checked_sub(1)?;
        Some(self.starts[i] + (target - self.before[i]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(set: &IntervalSet, at: Minute) -> bool {
        set.iter().any(|(start, end)| start <= at && at < end)
    }

    proptest! {
        #[test]
        fn every_question_is_answered_as_counting_minute_by_minute_does(
            spans in prop::collection::vec((0..200, 0..40), 0..8),
            at in 0..260,
            minutes in 1..60,
        ) {
            let set = IntervalSet::union_of(spans.into_iter().map(|(start, length)| (start, start + length)).collect());
            prop_assert_eq!(set.next_open(at), (at..400).find(|&t| open(&set, t)));
            prop_assert_eq!(set.last_open(at), (-1..=at).rev().find(|&t| open(&set, t)));
            prop_assert_eq!(
                set.last_way_out(at),
                (-1..=at).rev().find(|&t| open(&set, t) || (open(&set, t - 1)))
            );
            let worked = |from: Minute, to: Minute| (from..to).filter(|&t| open(&set, t)).count() as Minute;
            prop_assert_eq!(set.add_working(at, minutes), (at..400).find(|&t| worked(at, t) == minutes));
            prop_assert_eq!(set.sub_working(at, minutes), (-1..at).rev().find(|&t| worked(t, at) == minutes));
            prop_assert_eq!(set.open_between(10, at.max(10)), worked(10, at.max(10)));
        }
    }

    #[test]
    fn sets_are_joined_and_cut() {
        let a = IntervalSet::union_of(vec![(0, 10), (20, 30), (30, 35)]);
        let b = IntervalSet::union_of(vec![(5, 25)]);
        assert_eq!(a.intersection(&b).iter().collect::<Vec<_>>(), [(5, 10), (20, 25)]);
        assert_eq!(a.union(&b).iter().collect::<Vec<_>>(), [(0, 35)]);
        assert_eq!(a.within(8, 21).iter().collect::<Vec<_>>(), [(8, 10), (20, 21)]);
    }
}
