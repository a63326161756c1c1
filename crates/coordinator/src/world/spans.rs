//! Sets of instants as sorted intervals that neither touch nor overlap.

use meridian_types::Interval;

/// All instants of `intervals`.
pub(super) fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut spans: Vec<Interval> = Vec::with_capacity(intervals.len());
    for next in intervals {
        match spans.last_mut() {
            Some(last) if next.start() <= last.end() => {
                if let Ok(both) = Interval::new(last.start(), last.end().max(next.end())) {
                    *last = both;
                }
            }
            _ => spans.push(next),
        }
    }
    spans
}

/// The instants of `spans` that are in none of `taken`. Both are sets as [`union`] makes them.
pub(super) fn minus(spans: &[Interval], taken: &[Interval]) -> Vec<Interval> {
    let mut left = Vec::new();
    for span in spans {
        let mut from = span.start();
        for gap in taken.iter().filter(|gap| gap.overlaps(*span)) {
            left.extend(Interval::new(from, gap.start()));
            from = from.max(gap.end());
        }
        left.extend(Interval::new(from, span.end()));
    }
    left
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn spans(bounds: &[(i64, i64)]) -> Vec<Interval> {
        let at = |second| Timestamp::from_second(second).unwrap();
        bounds.iter().map(|(from, to)| Interval::new(at(*from), at(*to)).unwrap()).collect()
    }

    #[test]
    fn touching_intervals_become_one_and_holes_are_cut_out() {
        let all = union(spans(&[(5, 9), (0, 3), (3, 5), (20, 30)]));
        assert_eq!(all, spans(&[(0, 9), (20, 30)]));
        assert_eq!(minus(&all, &spans(&[(2, 4), (8, 21), (29, 40)])), spans(&[(0, 2), (4, 8), (21, 29)]));
        assert_eq!(minus(&all, &spans(&[(0, 40)])), spans(&[]));
        assert_eq!(minus(&all, &[]), all);
    }
}
