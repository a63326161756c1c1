//! The first times at which a visit of a given length fits.

use jiff::{SignedDuration, Timestamp};
use meridian_scheduler::workforce::{Spans, WorkingTime};
use meridian_types::Interval;

/// Slots begin on full five minutes.
const STEP_SECONDS: i64 = 5 * 60;

/// How long a visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VisitLength {
    pub(crate) travel_before: SignedDuration,
    pub(crate) work: SignedDuration,
    pub(crate) travel_after: SignedDuration,
}

/// A time at which a visit fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Travel included.
    pub(crate) during: Interval,
    pub(crate) work: Interval,
    pub(crate) overtime: bool,
}

/// The first `most` slots in `window`, earliest work first: each with its work in one stretch of free time
/// and with travel that meets nothing in `taken`. Slots within regular hours follow one another without
/// overlap, and so do those that need overtime.
pub(crate) fn first_slots(
    free: &WorkingTime,
    taken: &Spans,
    length: VisitLength,
    window: Interval,
    most: usize,
) -> Vec<Slot> {
    let search = Search { taken, length, window };
    let regular = search.slots(free.regular.iter(), |_| true, false, most);
    let all = free.all();
    let with_overtime = all.iter().filter(|stretch| free.overtime.overlapping(*stretch).next().is_some());
    let needs_overtime = |work| !holds(&free.regular, work);
    let overtime = search.slots(with_overtime, needs_overtime, true, most);
    let mut slots = [regular, overtime].concat();
    slots.sort_by_key(|slot| (slot.work.start(), slot.overtime));
    slots.truncate(most);
    slots
}

/// Whether all of `interval` lies in one of the spans.
fn holds(spans: &Spans, interval: Interval) -> bool {
    spans.overlapping(interval).any(|span| span.encloses(interval))
}

struct Search<'a> {
    taken: &'a Spans,
    length: VisitLength,
    window: Interval,
}

impl Search<'_> {
    fn slots(
        &self,
        stretches: impl Iterator<Item = Interval>,
        wanted: impl Fn(Interval) -> bool,
        overtime: bool,
        most: usize,
    ) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut leaving = self.window.start();
        for stretch in stretches {
            while slots.len() < most
                && let Some((during, work)) = self.first(stretch, leaving)
            {
                leaving = during.end();
                if wanted(work) {
                    slots.push(Slot { during, work, overtime });
                }
            }
        }
        slots
    }

    /// The first fit with its work in `stretch`, not leaving home before `leaving`.
    fn first(&self, stretch: Interval, leaving: Timestamp) -> Option<(Interval, Interval)> {
        let VisitLength { travel_before, work, travel_after } = self.length;
        let mut leaving = leaving;
        loop {
            let start = full_step(stretch.start().max(leaving.checked_add(travel_before).ok()?))?;
            let work = Interval::new(start, start.checked_add(work).ok()?).ok()?;
            let home = work.end().checked_add(travel_after).ok()?;
            let during = Interval::new(start.checked_sub(travel_before).ok()?, home).ok()?;
            if !stretch.encloses(work) || !self.window.encloses(during) {
                return None;
            }
            match self.taken.overlapping(during).last() {
                None => return Some((during, work)),
                Some(in_the_way) => leaving = in_the_way.end(),
            }
        }
    }
}

/// The first full step not before `instant`.
fn full_step(instant: Timestamp) -> Option<Timestamp> {
    let begun = i64::from(instant.subsec_nanosecond() > 0);
    let seconds = instant.as_second().checked_add(begun + STEP_SECONDS - 1)?;
    Timestamp::from_second(seconds.div_euclid(STEP_SECONDS) * STEP_SECONDS).ok()
}

#[cfg(test)]
mod tests {
    use meridian_scheduler::workforce::FreeBusy;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::availability::free_time;
    use crate::domain::claim::Claim;
    use crate::domain::sample::{engineer, interval, need, spans};

    fn length(travel_before: i64, work: i64, travel_after: i64) -> VisitLength {
        let minutes = SignedDuration::from_mins;
        VisitLength {
            travel_before: minutes(travel_before),
            work: minutes(work),
            travel_after: minutes(travel_after),
        }
    }

    fn found(taken: &FreeBusy, length: VisitLength, window: &str, most: usize) -> Vec<Slot> {
        let window = interval(window);
        let free = free_time(&engineer("E-1"), taken, &need("PUMPS", 3, "DE"), window).unwrap();
        first_slots(&free, &taken.taken(), length, window, most)
    }

    fn shown(slots: &[Slot]) -> Vec<String> {
        let show = |slot: &Slot| {
            let overtime = if slot.overtime { " overtime" } else { "" };
            format!("{} {}{overtime}", slot.work.start(), slot.work.end())
        };
        slots.iter().map(show).collect()
    }

    const WEEK: &str = "2026-11-23T00:00Z/2026-11-29T22:00Z";

    #[test]
    fn the_first_slots_come_one_after_the_other() {
        assert_eq!(
            shown(&found(&FreeBusy::default(), length(60, 180, 60), WEEK, 3)),
            [
                "2026-11-23T06:00:00Z 2026-11-23T09:00:00Z",
                "2026-11-23T11:00:00Z 2026-11-23T14:00:00Z",
                "2026-11-24T06:00:00Z 2026-11-24T09:00:00Z",
            ]
        );
    }

    #[test]
    fn travel_meets_neither_visits_nor_absences() {
        let taken = FreeBusy {
            busy: spans(&["2026-11-23T04:00Z/2026-11-23T05:30Z"]),
            absent: spans(&["2026-11-23T10:00Z/2026-11-23T11:00Z"]),
        };
        assert_eq!(
            shown(&found(&taken, length(60, 120, 60), WEEK, 2)),
            ["2026-11-23T06:30:00Z 2026-11-23T08:30:00Z", "2026-11-23T12:00:00Z 2026-11-23T14:00:00Z"]
        );
    }

    #[test]
    fn overtime_is_flagged_and_the_window_is_kept() {
        let weekend = "2026-11-27T13:12:01Z/2026-11-28T14:30Z";
        assert_eq!(
            shown(&found(&FreeBusy::default(), length(0, 45, 0), weekend, 2)),
            [
                "2026-11-27T13:15:00Z 2026-11-27T14:00:00Z",
                "2026-11-28T06:00:00Z 2026-11-28T06:45:00Z overtime"
            ]
        );
        assert_eq!(
            found(&FreeBusy::default(), length(0, 60, 31), "2026-11-28T13:00Z/2026-11-28T14:30Z", 2),
            []
        );
    }

    proptest! {
        /// What is proposed can be held: inside the window, allowed by the calendar, free of visits and
        /// absences.
        #[test]
        fn every_slot_is_a_claim_that_the_calendar_allows(
            taken in prop::collection::vec((0..140_i64, 1..30_i64, any::<bool>()), 0..8),
            before in 0..300_i64, work in 1..500_i64, after in 0..300_i64, start_minute in 0..2000_i64,
        ) {
            let monday: Timestamp = "2026-11-23T00:00Z".parse().unwrap();
            let at = |minute| monday + SignedDuration::from_mins(minute);
            let of = |wanted: bool| taken.iter().filter(|entry| entry.2 == wanted)
                .map(|(from, length, _)| Interval::new(at(from * 60), at((from + length) * 60)).unwrap()).collect::<Spans>();
            let taken = FreeBusy { busy: of(true), absent: of(false) };
            let window = Interval::new(at(start_minute), at(7 * 24 * 60)).unwrap();
            let engineer = engineer("E-1");
            let free = free_time(&engineer, &taken, &need("PUMPS", 3, "DE"), window).unwrap_or_default();
            let slots = first_slots(&free, &taken.taken(), length(before, work, after), window, 5);
            let ids = meridian_types::SeededIds::new(1);
            for slot in &slots {
                prop_assert!(window.encloses(slot.during));
                prop_assert_eq!(slot.work.duration(), SignedDuration::from_mins(work));
                prop_assert!(taken.busy.overlapping(slot.during).next().is_none());
                prop_assert_eq!(slot.overtime, !holds(&free.regular, slot.work));
                let claim = Claim {
                    visit: meridian_types::VisitId::fresh(&ids),
                    case: meridian_types::CaseId::fresh(&ids),
                    engineer: engineer.id.clone(),
                    site: "DE-STR".parse().unwrap(),
                    during: slot.during,
                    work: slot.work,
                    skill: need("PUMPS", 3, "DE").skill,
                    stay: None,
                };
                prop_assert_eq!(claim.allowed(&engineer, &taken.absent, &Spans::default()), Ok(()));
            }
            let starts: Vec<_> = slots.iter().map(|slot| slot.work.start()).collect();
            prop_assert!(starts.is_sorted());
        }
    }
}
