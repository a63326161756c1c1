//! What is true at the moment of asking: stock, people, facts.

use jiff::Timestamp;
use meridian_types::{
    CaseId, EngineerId, ExportClass, InstrumentModel, ItemId, ReceiptAt, ReceiptId, Revision, SiteId,
    SkillId, TaskId,
};
use serde::{Deserialize, Serialize};

use super::{Engineer, Line, PartyOffer, ReferralParty};

/// A snapshot of everything that changes often, as replicated into the region that plans.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct World {
    /// What the company supports: an item that is not here is not ours.
    pub items: Vec<ItemFacts>,
    /// Instruments the company supports.
    pub models: Vec<ModelFacts>,
    /// How instruments are repaired.
    pub repair_tasks: Vec<RepairTask>,
    /// Stock levels.
    pub stock: Vec<StockLevel>,
    /// Who holds stock that is not available.
    #[serde(default)]
    pub holds: Vec<StockHold>,
    /// Units that are on their way into a warehouse and promised to nobody.
    #[serde(default)]
    pub receipts: Vec<ScheduledReceipt>,
    /// What can stand in for what.
    pub substitutes: Vec<Substitute>,
    /// What can be put together from parts.
    #[serde(default)]
    pub kits: Vec<Kit>,
    /// Loaners.
    pub loaners: Vec<LoanerPool>,
    /// Instruments that are replaced rather than repaired.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// Engineers.
    pub engineers: Vec<Engineer>,
    /// Repair depots.
    pub depots: Vec<Depot>,
    /// Who takes what is not ours.
    pub parties: Vec<ReferralParty>,
    /// What others sell or repair for us.
    #[serde(default)]
    pub party_offers: Vec<PartyOffer>,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// How it is tried from afar first; not at all when absent.
    #[serde(default)]
    pub remote: Option<RemoteFix>,
}

/// A repair tried without anybody travelling: an engineer with the skill of the task guides the customer in one
/// sitting, while the instrument's site is open. No parts, certificates or permits are needed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RemoteFix {
    /// Minutes it takes, 1 or more.
    pub work_minutes: i64,
    /// Probability that the instrument works afterwards, more than 0 and at most 1.
    pub success_probability: f64,
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

/// Units that a case holds at a warehouse: gone from what is available until the case lets go of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockHold {
    /// The case that holds them.
    pub case: CaseId,
    /// The item.
    pub item: ItemId,
    /// The warehouse.
    pub warehouse: SiteId,
    /// How many units.
    pub quantity: i64,
}

/// Units that a warehouse expects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduledReceipt {
    /// Which one.
    pub receipt: ReceiptId,
    /// The item.
    pub item: ItemId,
    /// Where they arrive.
    pub warehouse: SiteId,
    /// Units that nobody has reserved yet.
    pub available: i64,
    /// When they are on the shelf, as expected.
    pub expected: Timestamp,
    /// Probability that they come later than expected, 0 or more and less than 1.
    pub late_probability: f64,
}

impl ScheduledReceipt {
    /// Which one it is of all in the world.
    #[must_use]
    pub fn at(&self) -> ReceiptAt {
        ReceiptAt { warehouse: self.warehouse.clone(), receipt: self.receipt.clone() }
    }
}

/// An item that can be put together from parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// What comes of it.
    pub kit: ItemId,
    /// Parts of one unit.
    pub parts: Vec<Line>,
    /// Where it can be put together.
    pub sites: Vec<SiteId>,
    /// Opening minutes of the site that one unit takes, 0 or more.
    pub work_minutes: i64,
    /// Cost of one unit's assembly, parts not counted; 0 or more.
    pub cost_minor: i64,
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
    /// The instruments it fits; every instrument when empty. Where it is not known for which instrument it is, somebody
    /// must have agreed ([`Approval::Granted`]).
    pub fits: Vec<Fit>,
}

/// Instruments that something fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Their model.
    pub model: InstrumentModel,
    /// Their revisions; every revision when empty. An instrument of unknown revision fits only then.
    pub revisions: Vec<Revision>,
}

impl Fit {
    /// Whether an instrument is one of them.
    #[must_use]
    pub fn includes(&self, model: &InstrumentModel, revision: Option<&Revision>) -> bool {
        let fits = |revision| self.revisions.contains(revision);
        self.model == *model && (self.revisions.is_empty() || revision.is_some_and(fits))
    }
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
    /// Days after its arrival, by the dates of the place, on which a loaner starts its way back; 0 when nobody has
    /// said, and its return is not planned then. A way back that does not fit into the horizon is neither planned nor
    /// counted: the loaner is seen to wait until the horizon ends.
    #[serde(default)]
    pub loan_days: i32,
}

/// An instrument model that is replaced by a unit from stock, in advance: the customer's own goes back afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The model.
    pub model: InstrumentModel,
    /// The item that an exchange unit is.
    pub item: ItemId,
    /// Where the customer's own instrument goes.
    pub return_to: SiteId,
    /// Days after the arrival of the unit, by the dates of the place, on which the customer's own instrument starts its
    /// way; 0 or more. What does not fit into the horizon is neither planned nor counted, as for loaners.
    pub return_days: i32,
    /// What an exchange costs beside the transport, in minor units of the network's currency; 0 or more.
    pub cost_minor: i64,
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
