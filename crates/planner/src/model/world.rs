//! What is true at the moment of asking: stock, people, facts.

use jiff::civil::Date;
use meridian_types::{
    CountryCode, EngineerId, ExportClass, InstrumentModel, Interval, ItemId, PartyId, RegionId, SiteId,
    SkillId, TaskId,
};
use serde::{Deserialize, Serialize};

use super::Line;

/// A snapshot of everything that changes often, as replicated into the region that plans.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct World {
    /// What the company supports: an item that is not here is not ours.
    pub items: Vec<ItemFacts>,
    /// Instruments the company supports.
    pub models: Vec<ModelFacts>,
    /// How instruments are repaired.
    pub repair_tasks: Vec<RepairTask>,
    /// Stock levels.
    pub stock: Vec<StockLevel>,
    /// What can stand in for what.
    pub substitutes: Vec<Substitute>,
    /// Loaners.
    pub loaners: Vec<LoanerPool>,
    /// Engineers.
    pub engineers: Vec<Engineer>,
    /// Repair depots.
    pub depots: Vec<Depot>,
    /// Who takes what is not ours.
    pub parties: Vec<ReferralParty>,
}

/// Facts about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFacts {
    /// The item.
    pub item: ItemId,
    /// Weight of one unit in grams, packed; 0 or more.
    pub weight_g: i64,
    /// Export class; not controlled when absent.
    pub export_class: Option<ExportClass>,
    /// Whether it is dangerous goods.
    pub dangerous_goods: bool,
    /// Whether it must be kept cold.
    pub cold_chain: bool,
    /// Value of one unit in minor units of the network's currency; 0 or more. What a substitute is worth
    /// more than the item asked for is a cost.
    pub unit_value_minor: i64,
}

/// Facts about an instrument model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The model.
    pub model: InstrumentModel,
    /// Weight in grams, packed; 0 or more.
    pub weight_g: i64,
    /// Export class; not controlled when absent.
    pub export_class: Option<ExportClass>,
    /// Whether it is dangerous goods.
    pub dangerous_goods: bool,
    /// Whether it can be shipped at all, to a depot or onward.
    pub shippable: bool,
}

/// A kind of repair of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairTask {
    /// Its code.
    pub task: TaskId,
    /// The model it is for.
    pub model: InstrumentModel,
    /// Skill needed.
    pub skill: SkillId,
    /// Lowest level of that skill.
    pub level: u8,
    /// Certificates that must be valid while the work lasts.
    pub certificates: Vec<SkillId>,
    /// Minutes of work, 1 or more.
    pub work_minutes: i64,
    /// Parts it uses up.
    pub parts: Vec<Line>,
}

/// How much of an item can be held at a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    /// The item.
    pub item: ItemId,
    /// The warehouse.
    pub warehouse: SiteId,
    /// Units that nobody holds.
    pub available: i64,
    /// Version that the owner gave this figure.
    pub version: i64,
}

/// One item that can stand in for another; not the other way round, and not through a third.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// What is asked for.
    pub item: ItemId,
    /// What can be sent instead.
    pub substitute: ItemId,
    /// Whether somebody must agree.
    pub approval: Approval,
    /// The models it fits; every model when empty.
    pub models: Vec<InstrumentModel>,
}

/// Whether a substitute may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Without asking.
    NotNeeded,
    /// It was agreed.
    Granted,
    /// It has to be agreed first.
    Required,
}

/// Loaners of a model at a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanerPool {
    /// The model.
    pub model: InstrumentModel,
    /// Where they stand.
    pub warehouse: SiteId,
    /// How many nobody holds.
    pub available: i64,
}

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
    /// days, no absence, no booking. A visit, travel included, lies within one stretch of free, overtime
    /// (if allowed) and away time.
    pub away: Vec<Interval>,
    /// Countries where this engineer may work, beside that of `home`.
    pub right_to_work: Vec<CountryCode>,
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

/// A place where instruments are repaired. Its calendar is that of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Depot {
    /// Where.
    pub site: SiteId,
    /// Models it can repair; every model when empty.
    pub models: Vec<InstrumentModel>,
    /// Engineers who work there.
    pub engineers: Vec<EngineerId>,
}

/// A party that takes what is outside the company's support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralParty {
    /// Who.
    pub party: PartyId,
    /// Countries it serves; every country when empty.
    pub countries: Vec<CountryCode>,
    /// Items it takes on; every item when empty.
    pub items: Vec<ItemId>,
    /// Models it takes on; every model when empty.
    pub models: Vec<InstrumentModel>,
    /// Minutes within which it must accept; 1 or more.
    pub answer_minutes: i64,
}
