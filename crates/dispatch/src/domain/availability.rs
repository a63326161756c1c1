//! Who could do a work in a span of time, and why the others could not.

use jiff::Timestamp;
use meridian_scheduler::workforce::{
    Engineer, FreeBusy, SkillNeeded, Spans, Unskilled, WorkingTime, certified_time,
};
use meridian_types::{CountryCode, Interval};

/// What a work asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) skill: SkillNeeded,
    /// Where the work is.
    pub(crate) country: CountryCode,
}

/// Why an engineer could not, with the decisive fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unskilled(Unskilled),
    /// May not work there.
    NoRightToWork(CountryCode),
    /// Away in all of the working time, until then.
    Absent(Timestamp),
    /// On visits in all of the working time, until then.
    Busy(Timestamp),
    /// No working time at all.
    NoWorkingTime,
    /// Free, but never this long together, travel included.
    TooShort {
        /// Minutes of the longest stretch of free working time.
        longest_minutes: i64,
    },
}

/// When the engineer is free and may do the work, in `window`: working time on certified days, less absences,
/// less visits.
pub(crate) fn free_time(
    engineer: &Engineer,
    taken: &FreeBusy,
    need: &Need,
    window: Interval,
) -> Result<WorkingTime, Refusal> {
    let calendar = &engineer.calendar;
    let certified =
        certified_time(&engineer.skills, &need.skill, &calendar.zone, window).map_err(Refusal::Unskilled)?;
    if !engineer.may_work_in(&need.country) {
        return Err(Refusal::NoRightToWork(need.country.clone()));
    }
    let working = calendar.working_time(window);
    if working.is_empty() {
        return Err(Refusal::NoWorkingTime);
    }
    let certified_work = working.map(|spans| spans.intersection(&certified));
    if certified_work.is_empty() {
        return Err(Refusal::Unskilled(certificate_misses(engineer, need, &working)));
    }
    let present = certified_work.map(|spans| spans.minus(&taken.absent));
    if present.is_empty() {
        return Err(Refusal::Absent(until(&taken.absent, window)));
    }
    let free = present.map(|spans| spans.minus(&taken.busy));
    if free.is_empty() {
        return Err(Refusal::Busy(until(&taken.busy, window)));
    }
    Ok(free)
}

/// The certificate is valid in the window, but on no working day: the fact about the first one.
fn certificate_misses(engineer: &Engineer, need: &Need, working: &WorkingTime) -> Unskilled {
    let zone = &engineer.calendar.zone;
    let first_day = working.all().iter().next();
    first_day
        .and_then(|day| certified_time(&engineer.skills, &need.skill, zone, day).err())
        .unwrap_or(Unskilled::NotCertified { valid_from: None, valid_until: None })
}

/// End of the last of the spans that touch the window.
fn until(spans: &Spans, window: Interval) -> Timestamp {
    spans.overlapping(window).last().map_or(window.end(), |last| last.end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::sample::{engineer, interval, need, skill, spans};

    const WEEK: &str = "2026-11-23T00:00Z/2026-11-28T00:00Z";

    fn refusal(engineer: &Engineer, taken: &FreeBusy) -> Refusal {
        free_time(engineer, taken, &need("PUMPS", 3, "DE"), interval(WEEK)).unwrap_err()
    }

    fn regular(engineer: &Engineer, taken: &FreeBusy) -> Vec<String> {
        let free = free_time(engineer, taken, &need("PUMPS", 3, "DE"), interval(WEEK)).unwrap();
        free.regular.iter().map(|span| format!("{} {}", span.start(), span.end())).collect()
    }

    #[test]
    fn an_absence_in_the_middle_of_a_day_splits_it() {
        let taken = FreeBusy {
            busy: spans(&["2026-11-24T06:00Z/2026-11-25T06:30Z"]),
            absent: spans(&["2026-11-23T08:00Z/2026-11-23T09:00Z", "2026-11-26T00:00Z/2026-12-01T00:00Z"]),
        };
        assert_eq!(
            regular(&engineer("E-1"), &taken),
            [
                "2026-11-23T06:00:00Z 2026-11-23T08:00:00Z",
                "2026-11-23T09:00:00Z 2026-11-23T14:00:00Z",
                "2026-11-25T06:30:00Z 2026-11-25T14:00:00Z",
            ]
        );
    }

    #[test]
    fn free_time_ends_with_the_last_day_of_the_certificate() {
        let mut expiring = engineer("E-1");
        expiring.skills = vec![skill("PUMPS", 3, "", "2026-11-24")];
        assert_eq!(
            regular(&expiring, &FreeBusy::default()),
            ["2026-11-23T06:00:00Z 2026-11-23T14:00:00Z", "2026-11-24T06:00:00Z 2026-11-24T14:00:00Z"]
        );
    }

    #[test]
    fn a_refusal_names_the_first_thing_that_stands_in_the_way() {
        let away =
            FreeBusy { absent: spans(&["2026-11-20T00:00Z/2026-12-01T00:00Z"]), ..FreeBusy::default() };
        let full = FreeBusy { busy: spans(&["2026-11-20T00:00Z/2026-11-30T00:00Z"]), ..FreeBusy::default() };
        let sound = engineer("E-1");
        assert_eq!(refusal(&sound, &away), Refusal::Absent("2026-12-01T00:00Z".parse().unwrap()));
        assert_eq!(refusal(&sound, &full), Refusal::Busy("2026-11-30T00:00Z".parse().unwrap()));

        let mut foreign = sound.clone();
        foreign.work_countries.clear();
        assert_eq!(refusal(&foreign, &away), Refusal::NoRightToWork("DE".parse().unwrap()));

        let mut idle = sound.clone();
        idle.calendar.hours.clear();
        assert_eq!(refusal(&idle, &away), Refusal::NoWorkingTime);

        let mut expired = sound.clone();
        // A Sunday: certified in the window of a week, on no day of work.
        expired.skills = vec![skill("PUMPS", 3, "", "2026-11-29")];
        let sunday_on = interval("2026-11-29T00:00Z/2026-12-04T00:00Z");
        let refused = free_time(&expired, &away, &need("PUMPS", 3, "DE"), sunday_on).unwrap_err();
        let last_day = Some("2026-11-29".parse().unwrap());
        assert_eq!(
            refused,
            Refusal::Unskilled(Unskilled::NotCertified { valid_from: None, valid_until: last_day })
        );

        let mut unskilled = sound;
        unskilled.skills.clear();
        assert_eq!(
            refusal(&unskilled, &away),
            Refusal::Unskilled(Unskilled::Missing("PUMPS".parse().unwrap()))
        );
    }

    proptest! {
        /// Free time is working time, and none of it is taken.
        #[test]
        fn free_time_is_working_time_that_nothing_takes(
            taken in prop::collection::vec((0..110_i64, 1..40_i64, any::<bool>()), 0..8),
        ) {
            let start: Timestamp = "2026-11-23T00:00Z".parse().unwrap();
            let at = |hour| start + jiff::SignedDuration::from_hours(hour);
            let of = |wanted: bool| taken.iter().filter(|entry| entry.2 == wanted)
                .map(|(from, length, _)| Interval::new(at(*from), at(from + length)).unwrap()).collect::<Spans>();
            let taken = FreeBusy { busy: of(true), absent: of(false) };
            let engineer = engineer("E-1");
            let working = engineer.calendar.working_time(interval(WEEK));
            let free = free_time(&engineer, &taken, &need("PUMPS", 3, "DE"), interval(WEEK)).unwrap_or_default();
            prop_assert_eq!(free, working.map(|spans| spans.minus(&taken.taken())));
        }
    }
}
