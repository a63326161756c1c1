//! A claim on an engineer's time, and whether their calendar allows it. Whether other visits do is decided by
//! the database alone.

use meridian_scheduler::workforce::{Engineer, SkillNeeded, Spans, Unskilled, certified_time};
use meridian_types::{CaseId, EngineerId, Interval, SiteId, VisitId};

/// Who shall be where, when, to do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Chosen by the caller.
    pub(crate) visit: VisitId,
    pub(crate) case: CaseId,
    pub(crate) engineer: EngineerId,
    pub(crate) site: SiteId,
    /// From leaving home, or the visit before, until back home, or until the work has ended.
    pub(crate) during: Interval,
    /// Inside `during`.
    pub(crate) work: Interval,
    pub(crate) skill: SkillNeeded,
    /// The trip it is on. None: from home.
    pub(crate) stay: Option<Stay>,
}

/// A time away from home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stay {
    /// Days begin and end there.
    pub(crate) lodging: SiteId,
    /// From leaving home until back home.
    pub(crate) away: Interval,
}

/// Why the calendar does not allow a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotAllowed {
    Unskilled(Unskilled),
    /// The engineer is away in this part of the time.
    Absent(Interval),
    /// The work does not begin and end within working hours and overtime.
    OutsideWorkingTime,
}

impl Claim {
    /// When nobody else can have the engineer, other visits of the same stay aside.
    pub(crate) fn takes(&self) -> Interval {
        self.stay.as_ref().map_or(self.during, |stay| stay.away)
    }

    /// Checks skill and certificate on every local day of the work, absences over all of the time, travel
    /// included, and working time over the work; travel may lie outside working time. Working time is what is `agreed` beside
    /// the calendar, on a trip that alone.
    pub(crate) fn allowed(
        &self,
        engineer: &Engineer,
        absent: &Spans,
        agreed: &Spans,
    ) -> Result<(), NotAllowed> {
        let calendar = &engineer.calendar;
        let certified = certified_time(&engineer.skills, &self.skill, &calendar.zone, self.work)
            .map_err(NotAllowed::Unskilled)?;
        let work: Spans = [self.work].into_iter().collect();
        if let Some(uncertified) = work.minus(&certified).iter().next() {
            // The part without a certificate says which day is missing.
            let missing = certified_time(&engineer.skills, &self.skill, &calendar.zone, uncertified);
            let not_certified = Unskilled::NotCertified { valid_from: None, valid_until: None };
            return Err(NotAllowed::Unskilled(missing.err().unwrap_or(not_certified)));
        }
        if let Some(absence) = absent.overlapping(self.takes()).next() {
            return Err(NotAllowed::Absent(absence));
        }
        let is_allowed = match &self.stay {
            None => calendar.allows(self.work, agreed),
            Some(_) => agreed.iter().any(|stretch| stretch.encloses(self.work)),
        };
        if is_allowed { Ok(()) } else { Err(NotAllowed::OutsideWorkingTime) }
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::SeededIds;

    use super::*;
    use crate::domain::sample::{engineer, interval, need, skill, spans};

    fn claim(during: &str, work: &str) -> Claim {
        let ids = SeededIds::new(1);
        Claim {
            visit: VisitId::fresh(&ids),
            case: CaseId::fresh(&ids),
            engineer: "E-1".parse().unwrap(),
            site: "DE-STR".parse().unwrap(),
            during: interval(during),
            work: interval(work),
            skill: need("PUMPS", 3, "DE").skill,
            stay: None,
        }
    }

    fn allowed(claim: &Claim, engineer: &Engineer) -> Result<(), NotAllowed> {
        claim.allowed(engineer, &Spans::default(), &Spans::default())
    }

    #[test]
    fn overtime_that_is_agreed_is_working_time_at_home_and_a_trip_has_its_own() {
        let engineer = engineer("E-1");
        let sunday = claim("2026-11-29T07:00Z/2026-11-29T10:00Z", "2026-11-29T07:00Z/2026-11-29T10:00Z");
        let agreed = spans(&["2026-11-29T06:00Z/2026-11-29T10:00Z"]);
        assert_eq!(sunday.allowed(&engineer, &Spans::default(), &agreed), Ok(()));
        let away = interval("2026-11-28T06:00Z/2026-12-01T20:00Z");
        let stay = Some(Stay { lodging: "DE-INN".parse().unwrap(), away });
        let abroad = Claim { stay: stay.clone(), ..sunday };
        assert_eq!(abroad.allowed(&engineer, &Spans::default(), &agreed), Ok(()));
        let weekday = claim("2026-11-30T06:00Z/2026-11-30T09:00Z", "2026-11-30T06:00Z/2026-11-30T09:00Z");
        let abroad_then = Claim { stay, ..weekday.clone() };
        let outside = Err(NotAllowed::OutsideWorkingTime);
        assert_eq!(abroad_then.allowed(&engineer, &Spans::default(), &agreed), outside);
        assert_eq!(allowed(&weekday, &engineer), Ok(()), "the calendar is that of home");
        // Whoever is absent on any day of a trip is not on it.
        let last_day = spans(&["2026-12-01T08:00Z/2026-12-02T00:00Z"]);
        assert_eq!(
            abroad.allowed(&engineer, &last_day, &agreed),
            Err(NotAllowed::Absent(interval("2026-12-01T08:00Z/2026-12-02T00:00Z")))
        );
    }

    #[test]
    fn travel_may_lie_outside_working_hours_and_work_may_not() {
        let engineer = engineer("E-1");
        let night_travel =
            claim("2026-11-22T22:00Z/2026-11-23T20:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
        assert_eq!(allowed(&night_travel, &engineer), Ok(()));
        let saturday = claim("2026-11-27T20:00Z/2026-11-28T20:00Z", "2026-11-28T07:00Z/2026-11-28T10:00Z");
        assert_eq!(allowed(&saturday, &engineer), Ok(()), "overtime");
        for work in ["2026-11-23T05:00Z/2026-11-23T14:00Z", "2026-11-29T07:00Z/2026-11-29T10:00Z"] {
            let claim = claim("2026-11-22T22:00Z/2026-11-30T20:00Z", work);
            assert_eq!(allowed(&claim, &engineer), Err(NotAllowed::OutsideWorkingTime), "{work}");
        }
    }

    #[test]
    fn an_absence_anywhere_in_the_claim_refuses_it() {
        let claim = claim("2026-11-23T04:00Z/2026-11-23T16:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
        for (absence, refused) in [
            ("2026-11-23T03:00Z/2026-11-23T04:00Z", false),
            ("2026-11-23T03:00Z/2026-11-23T04:01Z", true),
            ("2026-11-23T10:00Z/2026-11-23T10:01Z", true),
            ("2026-11-23T15:59Z/2026-12-23T00:00Z", true),
            ("2026-11-23T16:00Z/2026-12-23T00:00Z", false),
        ] {
            let outcome = claim.allowed(&engineer("E-1"), &spans(&[absence]), &Spans::default());
            assert_eq!(outcome == Err(NotAllowed::Absent(interval(absence))), refused, "{absence}");
        }
    }

    #[test]
    fn the_certificate_must_be_valid_on_every_day_of_the_work() {
        let mut expiring = engineer("E-1");
        expiring.skills = vec![skill("PUMPS", 4, "", "2026-11-24")];
        let tuesday = claim("2026-11-24T06:00Z/2026-11-24T14:00Z", "2026-11-24T06:00Z/2026-11-24T14:00Z");
        assert_eq!(allowed(&tuesday, &expiring), Ok(()));
        let last_day = Unskilled::NotCertified { valid_from: None, valid_until: "2026-11-24".parse().ok() };
        for work in ["2026-11-24T06:00Z/2026-11-25T10:00Z", "2026-11-25T06:00Z/2026-11-25T10:00Z"] {
            let outcome = allowed(&claim(work, work), &expiring);
            assert_eq!(outcome, Err(NotAllowed::Unskilled(last_day.clone())), "{work}");
        }
    }
}
