//! What is asked.

use jiff::Timestamp;
use meridian_types::{
    EndUse, EngineerId, InstrumentModel, Interval, ItemId, PartyId, Quantity, ReceiptAt, Revision,
    SerialNumber, SiteId, TaskId,
};
use serde::{Deserialize, Serialize};

/// A need, the moment of asking, and what is ruled out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What would make the customer whole.
    pub need: Need,
    /// The moment of the decision: nothing starts earlier.
    pub now: Timestamp,
    /// How options are ranked.
    pub policy: Policy,
    /// How sure an option must be to meet the deadline so that [`Policy::DeadlineThenCost`] counts it as one that
    /// does: more than 0, at most 1.
    #[serde(default = "in_time_probability_min")]
    pub in_time_probability_min: f64,
    /// Sites that must not be a source or a depot.
    pub excluded_sites: Vec<SiteId>,
    /// Items that must not be used, for instance as substitutes.
    pub excluded_items: Vec<ItemId>,
    /// Engineers who must not be used.
    pub excluded_engineers: Vec<EngineerId>,
    /// Holds that the owner refused since the snapshot was taken.
    pub refused_holds: Vec<RefusedHold>,
    /// Access to sites beyond their calendars, as agreed for this need.
    pub extra_access: Vec<ExtraAccess>,
}

impl Request {
    /// How sure an option must be unless a request says otherwise: a date that is told should hold four times out
    /// of five.
    pub const IN_TIME_PROBABILITY_MIN: f64 = 0.8;

    /// A request with the default policy that rules nothing out.
    #[must_use]
    pub const fn new(need: Need, now: Timestamp) -> Self {
        Self {
            need,
            now,
            policy: Policy::DeadlineThenCost,
            in_time_probability_min: Self::IN_TIME_PROBABILITY_MIN,
            excluded_sites: Vec::new(),
            excluded_items: Vec::new(),
            excluded_engineers: Vec::new(),
            refused_holds: Vec::new(),
            extra_access: Vec::new(),
        }
    }
}

const fn in_time_probability_min() -> f64 {
    Request::IN_TIME_PROBABILITY_MIN
}

/// What would make the customer whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    /// Items at a place.
    Items {
        /// What and how much. Lines of one item are added up.
        lines: Vec<Line>,
        /// Where.
        destination: SiteId,
        /// By when; as soon as sensible when absent.
        deadline: Option<Timestamp>,
        /// Declared use, for export rules.
        end_use: Option<EndUse>,
        /// The model of the instrument that the items are for: substitutes must fit it.
        model: Option<InstrumentModel>,
        /// Its revision, when known.
        #[serde(default)]
        revision: Option<Revision>,
    },
    /// An instrument working again.
    Repair {
        /// Which one.
        serial: SerialNumber,
        /// Its model.
        model: InstrumentModel,
        /// Its revision, when known.
        #[serde(default)]
        revision: Option<Revision>,
        /// Where it stands.
        site: SiteId,
        /// What has to be done; the first task known for the model when absent.
        task: Option<TaskId>,
        /// Where it must be, working; where it stands when absent.
        onward: Option<SiteId>,
        /// By when it must work at its last place.
        deadline: Option<Timestamp>,
        /// Declared use, for export rules.
        end_use: Option<EndUse>,
    },
}

impl Need {
    /// Where the need is met.
    #[must_use]
    pub fn destination(&self) -> &SiteId {
        match self {
            Self::Items { destination, .. } => destination,
            Self::Repair { site, onward, .. } => onward.as_ref().unwrap_or(site),
        }
    }

    /// By when it must be met.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Items { deadline, .. } | Self::Repair { deadline, .. } => *deadline,
        }
    }

    /// The declared use.
    #[must_use]
    pub const fn end_use(&self) -> Option<&EndUse> {
        match self {
            Self::Items { end_use, .. } | Self::Repair { end_use, .. } => end_use.as_ref(),
        }
    }
}

/// An item and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The item.
    pub item: ItemId,
    /// How many units.
    pub quantity: Quantity,
}

/// A hold that was refused: what it was for is not there any more, whatever the snapshot says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedHold {
    /// Of an item at a warehouse.
    Stock {
        /// The item.
        item: ItemId,
        /// The warehouse.
        warehouse: SiteId,
    },
    /// Of a loaner of a model at a warehouse.
    Loaner {
        /// The model.
        model: InstrumentModel,
        /// The warehouse.
        warehouse: SiteId,
    },
    /// Of units of a scheduled receipt.
    Receipt(ReceiptAt),
    /// A party that said no.
    Party {
        /// Which party.
        party: PartyId,
    },
}

/// Access to a site beyond its calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraAccess {
    /// The site.
    pub site: SiteId,
    /// When it is open too.
    pub during: Interval,
}

/// How options are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Options that meet the deadline with the probability asked for first, the cheapest of them first; then the
    /// others that should meet it, the surest first; then the rest, the earliest first.
    #[default]
    DeadlineThenCost,
    /// The earliest first.
    Fastest,
    /// Options that should meet the deadline first, those with the least CO2 of them first; then the others, the
    /// earliest first.
    Greenest,
    /// Options that should meet the deadline first, those least likely to be late first; then the others, the
    /// earliest first.
    Safest,
}

impl Policy {
    /// Version of the ranking rules; part of every decision's snapshot.
    pub const VERSION: u32 = 3;
    /// All of them.
    pub const ALL: [Self; 4] = [Self::DeadlineThenCost, Self::Fastest, Self::Greenest, Self::Safest];

    /// The name by which callers ask for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeadlineThenCost => "deadline-then-cost",
            Self::Fastest => "fastest",
            Self::Greenest => "greenest",
            Self::Safest => "safest",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}
