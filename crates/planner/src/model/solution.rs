//! One way to meet the need.

use jiff::Timestamp;
use meridian_types::{
    CountryCode, EngineerId, GateId, InstrumentModel, Interval, ItemId, LaneId, PartyId, Quantity, ReceiptAt,
    ReceiptId, RegionId, SerialNumber, SiteId, TaskId, TerritoryId,
};
use serde::{Deserialize, Serialize};

use super::Line;

/// One way to meet the need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// What sort of way.
    pub kind: SolutionKind,
    /// Everything that happens, by start time; steps of one subject follow each other.
    pub steps: Vec<Step>,
    /// The instant at which the need is met; unknown for a referral.
    pub arrival: Option<Timestamp>,
    /// Cost in minor units of the network's currency.
    pub cost_minor: i64,
    /// Grams of CO2.
    pub co2_g: i64,
    /// Probability that some leg is late or a remote fix fails, 0 to 1.
    pub risk: f64,
    /// Probability that the need is met by the deadline, 0 to 1: missed connections and buffers are counted. Absent
    /// without deadline or arrival.
    #[serde(default)]
    pub in_time_probability: Option<f64>,
    /// The need is met by then with nine chances out of ten; absent when nothing is that likely, or for a referral.
    #[serde(default)]
    pub likely_by: Option<Timestamp>,
    /// Minutes from the arrival to the deadline, negative when late; absent without deadline or arrival.
    pub slack_minutes: Option<i64>,
    /// Whether the arrival is known and not after the deadline, if there is one.
    pub meets_deadline: bool,
    /// The last moment at which committing to the same lanes still meets the deadline; without one, or when it
    /// is missed already, still meets the arrival.
    pub latest_safe_decision: Timestamp,
    /// What must be held before anything starts.
    pub claims: Vec<Claim>,
    /// Why it is offered.
    pub reason: Reasoning,
}

/// What sort of way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionKind {
    /// Stock in the destination's country.
    LocalStock,
    /// Stock in another country.
    Transfer,
    /// Stock of several warehouses.
    Split,
    /// Put together from parts.
    Kit,
    /// Units that a warehouse expects.
    WaitForSupply,
    /// Another item instead of one asked for.
    Substitute,
    /// A working instrument on loan.
    Loaner,
    /// A unit from stock for good; the customer's own instrument goes back.
    AdvanceExchange,
    /// An engineer guides the customer from afar.
    RemoteFix,
    /// An engineer repairs the instrument where it stands.
    EngineerVisit,
    /// The instrument is repaired at a depot.
    ShipToDepot,
    /// Somebody else sells the item or does the repair.
    ThirdParty,
    /// Another party takes over.
    Referral,
}

/// Something that must be held with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// Units of an item.
    Stock {
        /// The item.
        item: ItemId,
        /// How many.
        quantity: Quantity,
        /// Where.
        warehouse: SiteId,
        /// Who decides.
        region: RegionId,
    },
    /// Units of a scheduled receipt.
    Receipt {
        /// Which receipt.
        receipt: ReceiptId,
        /// The item.
        item: ItemId,
        /// How many.
        quantity: Quantity,
        /// Where they arrive.
        warehouse: SiteId,
        /// Who decides.
        region: RegionId,
    },
    /// A loaner.
    Loaner {
        /// The model.
        model: InstrumentModel,
        /// Where it stands.
        warehouse: SiteId,
        /// Who decides.
        region: RegionId,
    },
    /// An engineer's time. Who travels is claimed once, who is there anyway for each span of work.
    Engineer {
        /// Who.
        engineer: EngineerId,
        /// From leaving home to being back, travel included; or a span of work.
        during: Interval,
        /// Where the engineer works: home, for guidance from afar.
        site: SiteId,
        /// Who decides.
        region: RegionId,
    },
    /// Acceptance by a party.
    Party {
        /// Who must accept.
        party: PartyId,
        /// By when.
        answer_due: Timestamp,
    },
}

impl Claim {
    /// The receipt whose units are claimed, if it is one.
    #[must_use]
    pub fn receipt(&self) -> Option<ReceiptAt> {
        let Self::Receipt { receipt, warehouse, .. } = self else { return None };
        Some(ReceiptAt { warehouse: warehouse.clone(), receipt: receipt.clone() })
    }
}

/// Who or what a step happens to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    /// Items on their way.
    Goods {
        /// Tells the consignments of one solution apart: 1, 2 and so on.
        consignment: u32,
        /// What is in it, one line per item.
        lines: Vec<Line>,
    },
    /// A loaner.
    Loaner(InstrumentModel),
    /// The customer's instrument.
    Instrument(SerialNumber),
    /// An engineer.
    Engineer(EngineerId),
    /// The case as a whole.
    Case,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// To whom or what.
    pub subject: Subject,
    /// What.
    pub action: Action,
    /// When it starts as planned; for a move its departure.
    pub start: Timestamp,
    /// When it ends as planned; for a move its arrival.
    pub end: Timestamp,
    /// The latest start on the same lanes that still meets what `latest_safe_decision` aims at; for a move the
    /// latest hand-over.
    pub latest_start: Timestamp,
    /// The latest end that still does.
    pub latest_end: Timestamp,
    /// Minutes from `end` to `latest_end`.
    pub slack_minutes: i64,
}

/// What happens in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Something is picked and packed.
    Pick {
        /// Where.
        site: SiteId,
    },
    /// Waiting in one place.
    Wait {
        /// Where.
        site: SiteId,
        /// What for.
        cause: WaitCause,
    },
    /// A rule or an office must let goods pass.
    Gate {
        /// Where the goods are.
        site: SiteId,
        /// Which gate.
        gate: GateKind,
        /// Documents needed.
        documents: Vec<String>,
    },
    /// From one site to another.
    Move {
        /// On which lane.
        lane: LaneId,
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// Last hand-over for the departure that is planned.
        hand_over_by: Timestamp,
    },
    /// Work on the instrument without a pause, in opening hours of the site and working time of the engineer. A repair
    /// with nights or closed hours in between is several of these.
    Work {
        /// Where.
        site: SiteId,
        /// By whom.
        engineer: EngineerId,
        /// What.
        task: TaskId,
        /// Minutes of work: from start to end.
        work_minutes: i64,
        /// Whether the engineer stays at home and guides the customer.
        remote: bool,
    },
    /// Parts become a kit, in opening hours of the site.
    Assemble {
        /// Where.
        site: SiteId,
        /// What comes of it.
        kit: Line,
        /// What goes in, as the kit asks for it; something that stands in for a part may be used instead.
        parts: Vec<Line>,
        /// The numbers of the consignments that they come in.
        #[serde(default)]
        consignments: Vec<u32>,
        /// Minutes of work between start and end.
        work_minutes: i64,
    },
    /// A party brings the goods or repairs the instrument, from the order on.
    Outsource {
        /// Who.
        party: PartyId,
        /// Where.
        site: SiteId,
    },
    /// A party is asked to take over.
    Refer {
        /// Who.
        party: PartyId,
        /// The country it must serve.
        country: CountryCode,
    },
}

/// What a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitCause {
    /// The next departure.
    Departure,
    /// The site opens.
    SiteOpens,
    /// The rest arrives, or the engineer's working time begins.
    Work,
    /// The engineer has to rest.
    Rest,
    /// The warehouse is supplied.
    Supply,
    /// The time of a loan or an exchange ends.
    Return,
}

/// Which gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GateKind {
    /// Clearance on entering a customs territory.
    Customs {
        /// The territory.
        territory: TerritoryId,
    },
    /// An export licence.
    Licence {
        /// The rule that asks for it.
        gate: GateId,
    },
}

/// Why a solution is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoning {
    /// What distinguishes it among the options, most important first.
    pub merits: Vec<Merit>,
    /// The same in one English sentence, for staff.
    pub sentence: String,
}

/// What distinguishes a solution among the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Merit {
    /// It meets the deadline.
    MeetsDeadline {
        /// With so many minutes to spare.
        slack_minutes: i64,
    },
    /// It meets the deadline so many times out of 100, rounded; what is not certain is neither 0 nor 100.
    InTime {
        /// 0 to 100.
        percent: u8,
    },
    /// It mends the instrument so many times out of 100, rounded like `InTime`; said of what may fail.
    Works {
        /// 1 to 100.
        percent: u8,
    },
    /// It misses the deadline.
    Late {
        /// By so many minutes.
        by_minutes: i64,
    },
    /// None arrives earlier.
    Fastest,
    /// None costs less.
    Cheapest,
    /// None emits less.
    Greenest,
    /// None is more likely to meet the deadline or, where that is equal or there is none, has fewer legs late.
    Safest,
    /// None is there earlier with nine chances out of ten; said when no option meets the deadline surely enough.
    LikelyFirst,
    /// Another option is better in everything, but is of another kind.
    OtherKind,
    /// Another option is better in everything, but needs other stock or other people.
    OtherSource,
    /// There is no other.
    OnlyWay,
}
