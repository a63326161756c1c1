//! Engineers, and the rules about their work.

use jiff::civil::Date;
use meridian_types::{CountryCode, EngineerId, Interval, RegionId, SiteId, SkillId};
use serde::{Deserialize, Serialize};

/// An engineer, by id and facts that planning needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engineer {
    /// Who.
    pub id: EngineerId,
    /// The region that books this engineer's time.
    pub region: RegionId,
    /// Where journeys start and end.
    pub home: SiteId,
    /// Skills.
    pub skills: Vec<Skill>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Working time that nobody has booked.
    pub free: Vec<Interval>,
    /// Time beyond the working calendar in which this engineer could work overtime: no absence, no booking.
    pub overtime: Vec<Interval>,
    /// Whether overtime is agreed.
    pub overtime_allowed: bool,
    /// Time in which this engineer may be travelling or away from home, without work: nights between working
    /// days, no absence, no booking. A visit with travel lies within one stretch of free, overtime (if allowed) and
    /// away time; without travel only the work itself is booked.
    pub away: Vec<Interval>,
    /// Countries where this engineer may work, beside that of `home`.
    pub right_to_work: Vec<RightToWork>,
    /// The rest this engineer must have; no rule when absent.
    #[serde(default)]
    pub rest: Option<RestRule>,
    /// Cost of each night away from home, in minor units of the network's currency; 0 or more. A night is a midnight
    /// that finds the engineer at a place that is not home, by the clocks of the place; one on the way is none.
    #[serde(default)]
    pub night_cost_minor: i64,
    /// Cost of an hour of work or travel, in minor units of the network's currency; 0 or more.
    pub cost_minor_per_hour: i64,
    /// Cost of an hour of work in overtime; 0 or more.
    pub overtime_cost_minor_per_hour: i64,
}

/// A skill somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Which.
    pub skill: SkillId,
    /// How well; higher is better.
    pub level: u8,
}

/// A certificate somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Which.
    pub certificate: SkillId,
    /// First day of validity, in the zone of the place of work.
    pub valid_from: Date,
    /// Last day of validity, in the zone of the place of work.
    pub valid_until: Date,
}

/// A country where somebody may work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightToWork {
    /// The country.
    pub country: CountryCode,
    /// Working days of that country from the decision until the permit or notification allows work there, the
    /// first being the next working day; 0 when nothing has to be asked for.
    pub lead_working_days: i32,
}

/// Rest between stretches of duty, in real hours whatever clocks show. Duty is travel, from the hand-over of a leg to
/// its arrival, and work; waiting in between counts as duty unless it is a rest. Rests divide it into stretches. What
/// came before the visit is not known and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestRule {
    /// Minutes without duty that make a rest, 1 or more.
    pub rest_minutes: i64,
    /// The longest stretch of duty in minutes from its first to its last minute, 1 or more.
    pub duty_minutes_max: i64,
}
