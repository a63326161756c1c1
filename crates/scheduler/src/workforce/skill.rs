//! Skills, and the days on which they are certified.

use jiff::civil::Date;
use meridian_types::{Interval, Rule, SkillId};

use super::spans::Spans;
use super::wall::Zone;

/// How well somebody can do something, 1 (basic) to 5 (expert).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(i16);

impl Level {
    /// The level.
    ///
    /// # Errors
    /// The rule that `level` breaks.
    pub fn new(level: i32) -> Result<Self, Rule> {
        i16::try_from(level)
            .ok()
            .filter(|level| (1..=5).contains(level))
            .map(Self)
            .ok_or(Rule::new("1 (basic) to 5 (expert)"))
    }

    /// 1 to 5.
    #[must_use]
    pub const fn number(self) -> i16 {
        self.0
    }
}

/// A skill an engineer has. One skill may stand in several records: a renewed certificate, another level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Which.
    pub id: SkillId,
    /// How well.
    pub level: Level,
    /// First day of validity; none means always.
    pub valid_from: Option<Date>,
    /// Last day of validity; none means for ever.
    pub valid_until: Option<Date>,
}

/// What a work asks of whoever does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillNeeded {
    /// Which.
    pub id: SkillId,
    /// How well at least.
    pub level: Level,
}

/// Why somebody cannot do a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unskilled {
    /// Does not have the skill.
    Missing(SkillId),
    /// Has it at this level only.
    LevelTooLow(Level),
    /// Has it, certified on other days.
    NotCertified {
        /// First day of the nearest certificate that begins too late.
        valid_from: Option<Date>,
        /// Last day of the last certificate that ended too early.
        valid_until: Option<Date>,
    },
}

/// The time in `window` in which the skill is certified: whole local days.
///
/// # Errors
/// Why it is at no time in the window.
pub fn certified_time(
    skills: &[Skill],
    needed: &SkillNeeded,
    zone: &Zone,
    window: Interval,
) -> Result<Spans, Unskilled> {
    let held: Vec<&Skill> = skills.iter().filter(|skill| skill.id == needed.id).collect();
    let best = held.iter().map(|skill| skill.level).max();
    let best = best.ok_or_else(|| Unskilled::Missing(needed.id.clone()))?;
    if best < needed.level {
        return Err(Unskilled::LevelTooLow(best));
    }
    let certificates: Vec<&Skill> = held.into_iter().filter(|skill| skill.level >= needed.level).collect();
    let certified: Spans = certificates.iter().filter_map(|skill| skill.validity(zone, window)).collect();
    if certified.is_empty() {
        return Err(not_certified(&certificates, zone.date(window.start())));
    }
    Ok(certified)
}

impl Unskilled {
    /// The day that tells most about when it is certified, as ISO date.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::NotCertified { valid_from, valid_until } => valid_until.or(*valid_from),
            Self::Missing(_) | Self::LevelTooLow(_) => None,
        }
    }
}

/// Why none of the certificates is valid from `first` on.
fn not_certified(certificates: &[&Skill], first: Date) -> Unskilled {
    let (ended, later): (Vec<&Skill>, Vec<&Skill>) =
        certificates.iter().partition(|skill| skill.valid_until.is_some_and(|until| until < first));
    Unskilled::NotCertified {
        valid_from: later.iter().filter_map(|skill| skill.valid_from).min(),
        valid_until: ended.iter().filter_map(|skill| skill.valid_until).max(),
    }
}

impl Skill {
    /// The part of `window` in which it is valid.
    fn validity(&self, zone: &Zone, window: Interval) -> Option<Interval> {
        // Days beyond the window are not resolved: they may lie beyond the range of instants.
        let (first, last) = (zone.date(window.start()), zone.date(window.end()));
        let start = match self.valid_from {
            Some(from) if from > last => return None,
            Some(from) if from > first => zone.day(from)?.start(),
            _ => window.start(),
        };
        let end = match self.valid_until {
            Some(until) if until < first => return None,
            Some(until) if until < last => zone.day(until)?.end(),
            _ => window.end(),
        };
        Interval::new(start, end).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workforce::sample::{interval, skill};

    fn needed(level: i32) -> SkillNeeded {
        SkillNeeded { id: "PUMPS".parse().unwrap(), level: Level::new(level).unwrap() }
    }

    fn certified(skills: &[Skill], level: i32, window: &str) -> Result<Vec<String>, Unskilled> {
        let zone = "Europe/Helsinki".parse().unwrap();
        let spans = certified_time(skills, &needed(level), &zone, interval(window))?;
        Ok(spans.iter().map(|span| format!("{} {}", span.start(), span.end())).collect())
    }

    const WEEK: &str = "2026-11-23T00:00Z/2026-11-28T00:00Z";

    #[test]
    fn a_certificate_that_ends_in_the_week_counts_until_the_end_of_its_local_day() {
        let skills = [skill("PUMPS", 3, "", "2026-11-25")];
        assert_eq!(certified(&skills, 3, WEEK).unwrap(), ["2026-11-23T00:00:00Z 2026-11-25T22:00:00Z"]);
        let skills = [skill("PUMPS", 3, "2026-11-25", "")];
        assert_eq!(certified(&skills, 3, WEEK).unwrap(), ["2026-11-24T22:00:00Z 2026-11-28T00:00:00Z"]);
    }

    #[test]
    fn a_renewed_certificate_goes_on_without_a_gap() {
        let skills = [skill("PUMPS", 3, "", "2026-11-25"), skill("PUMPS", 4, "2026-11-26", "")];
        assert_eq!(certified(&skills, 3, WEEK).unwrap(), ["2026-11-23T00:00:00Z 2026-11-28T00:00:00Z"]);
        assert_eq!(certified(&skills, 4, WEEK).unwrap(), ["2026-11-25T22:00:00Z 2026-11-28T00:00:00Z"]);
    }

    #[test]
    fn the_refusal_names_what_is_missing() {
        let skills =
            [skill("PUMPS", 2, "", ""), skill("PUMPS", 4, "", "2026-11-01"), skill("LASERS", 5, "", "")];
        assert_eq!(certified(&[], 1, WEEK), Err(Unskilled::Missing("PUMPS".parse().unwrap())));
        assert_eq!(certified(&skills, 5, WEEK), Err(Unskilled::LevelTooLow(Level::new(4).unwrap())));
        let expired = certified(&skills, 3, WEEK).unwrap_err();
        assert_eq!(expired.day(), Some("2026-11-01".parse().unwrap()));
        let early = certified(&[skill("PUMPS", 4, "2027-01-01", "")], 3, WEEK).unwrap_err();
        assert_eq!(early.day(), Some("2027-01-01".parse().unwrap()));
        assert!(certified(&skills, 2, WEEK).is_ok());
    }
}
