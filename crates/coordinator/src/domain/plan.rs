//! A plan: one committed solution being carried out, and everything it sees to.

use jiff::Timestamp;
use meridian_types::{
    CaseId, EngineerId, HoldId, Interval, ItemId, PartyId, PlanId, PromiseId, Quantity, ReferralId, RegionId,
    SerialNumber, SiteId, SkillId, SolutionId, TransferId, VisitId,
};
use serde::{Deserialize, Serialize};

use super::TransferMilestone;

/// A committed solution being carried out. One row of the database; changed by [`super::decide`] alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Which plan.
    pub(crate) plan_id: PlanId,
    /// Case it serves.
    pub(crate) case_id: CaseId,
    /// Home region of the case.
    pub(crate) region: RegionId,
    /// Office that owns the case, told when nothing works.
    pub(crate) office: String,
    /// 1 for the first solution, one more with every new one.
    pub(crate) revision: i32,
    /// Where it stands.
    pub(crate) state: PlanState,
    /// The solution of this revision.
    pub(crate) chosen: Chosen,
    /// What it sees to, of all revisions; never removed.
    pub(crate) tasks: Vec<Task>,
    /// By when the need should be met.
    pub(crate) deadline: Option<Timestamp>,
    /// When the need will be met, as things stand.
    pub(crate) expected_at: Timestamp,
    /// The date last told to the customer.
    pub(crate) promise: Option<Promise>,
    /// A date taken back when no other was known yet; the next one corrects it.
    pub(crate) taken_back: Option<Promise>,
    /// Counts the promises, so that each has an id of its own.
    pub(crate) promises: i32,
    /// What must not be tried again.
    pub(crate) exclusions: Exclusions,
    /// Whether somebody still waits for the outcome of the commit. They decide what to do after a refusal;
    /// without them the next best solution is taken.
    pub(crate) attended: bool,
    /// What went wrong last, told to the customer with a changed date.
    pub(crate) last_disruption: Option<Disruption>,
    /// Counts the searches for another solution, so that a late answer to an older one is known.
    pub(crate) searches: i32,
}

/// Where a plan stands. An open plan always says who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PlanState {
    /// Not finished.
    Open(Stage, Responsibility),
    /// The need is met, or a party has taken it over.
    Completed,
    /// Refused at commit, or withdrawn.
    Ended,
}

/// What an open plan is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Waiting for holds.
    Holding,
    /// Carrying it out.
    Executing,
    /// Looking for another way.
    Replanning {
        /// What went wrong.
        reason: Disruption,
        /// Whether the need would be met, only later, by carrying on as before.
        carry_on: bool,
    },
    /// Nothing works at the moment.
    Parked {
        /// What went wrong.
        reason: Disruption,
        /// Since when.
        since: Timestamp,
        /// How often another way was looked for in vain.
        attempts: i32,
    },
}

/// Who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Responsibility {
    /// Office, site, engineer, party or service, by code.
    pub(crate) owner: String,
    /// What is to be done next.
    pub(crate) next_action: String,
    /// When it must be done; the watchdog looks then.
    pub(crate) due: Timestamp,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Disruption {
    /// A hold was refused.
    HoldRefused,
    /// A hold expired.
    HoldExpired,
    /// Goods were not on the shelf.
    PickFailed,
    /// Customs hold goods back.
    CustomsHold,
    /// A shipment is lost.
    ShipmentLost,
    /// A shipment is late.
    ShipmentLate,
    /// The engineer cannot come.
    EngineerUnavailable,
    /// A party did not accept.
    ReferralReturned,
    /// An expected word did not come.
    Silence,
}

/// Kinds of solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SolutionKind {
    /// From a warehouse in the customer's country.
    LocalStock,
    /// From a warehouse in another country.
    Transfer,
    /// Another item that may stand in.
    Substitute,
    /// A unit lent until the need is met otherwise.
    Loaner,
    /// An engineer comes.
    EngineerVisit,
    /// The instrument goes to a depot.
    ShipToDepot,
    /// Somebody else takes over.
    Referral,
}

/// A solution, as far as carrying it out needs to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chosen {
    /// Which solution.
    pub(crate) solution_id: SolutionId,
    /// What kind.
    pub(crate) kind: SolutionKind,
    /// When the need is met.
    pub(crate) arrival: Timestamp,
    /// IANA zone in which the customer reads dates.
    pub(crate) zone: String,
    /// Name of the item or model, as customers know it.
    pub(crate) subject_name: String,
    /// Name of the place where the need is met, as customers know it.
    pub(crate) place_name: String,
    /// Stock to hold and send.
    pub(crate) stock: Vec<StockClaim>,
    /// Engineers to book.
    pub(crate) engineers: Vec<EngineerClaim>,
    /// Movements of the customer's instrument.
    pub(crate) moves: Vec<InstrumentMove>,
    /// Party to refer to.
    pub(crate) party: Option<PartyClaim>,
    /// Whether the customer must agree first.
    pub(crate) approval_required: bool,
}

/// Stock of one warehouse to hold and send to one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StockClaim {
    /// Region that owns the stock.
    pub(crate) region: RegionId,
    /// Where it stands.
    pub(crate) warehouse: SiteId,
    /// What and how much.
    pub(crate) lines: Vec<(ItemId, Quantity)>,
    /// Whether it is lent rather than given.
    pub(crate) on_loan: bool,
    /// Where it goes.
    pub(crate) to_site: SiteId,
    /// Region of the destination, when it is one of our warehouses.
    pub(crate) to_region: Option<RegionId>,
    /// When it must be handed to the carrier.
    pub(crate) departs: Timestamp,
    /// When it should arrive.
    pub(crate) arrives: Timestamp,
    /// When a lent unit is due back.
    pub(crate) due_back: Option<Timestamp>,
}

/// An engineer's time to book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EngineerClaim {
    /// Region of the engineer.
    pub(crate) region: RegionId,
    /// Who.
    pub(crate) engineer: EngineerId,
    /// Where.
    pub(crate) site: SiteId,
    /// Travel included.
    pub(crate) during: Interval,
    /// The work itself.
    pub(crate) work: Interval,
    /// Skill needed.
    pub(crate) skill: SkillId,
    /// Level needed.
    pub(crate) level: i32,
}

/// A movement of the customer's instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstrumentMove {
    /// Serial number.
    pub(crate) serial: SerialNumber,
    /// From.
    pub(crate) from_site: SiteId,
    /// To.
    pub(crate) to_site: SiteId,
    /// When it leaves.
    pub(crate) departs: Timestamp,
    /// When it should arrive.
    pub(crate) arrives: Timestamp,
    /// Whether it moves only after the work is done.
    pub(crate) after_work: bool,
}

/// A party that must accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartyClaim {
    /// Who.
    pub(crate) party: PartyId,
    /// By when.
    pub(crate) answer_due: Timestamp,
}

/// One thing a plan sees to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Revision that brought it in.
    pub(crate) revision: i32,
    /// What it is.
    pub(crate) work: TaskWork,
    /// Where it stands.
    pub(crate) state: TaskState,
    /// When the watchdog looks at it, while something is still to happen.
    pub(crate) due_at: Timestamp,
    /// How often the watchdog has looked in vain since the last news.
    pub(crate) asks: i32,
    /// When it should be done, as things stand.
    pub(crate) expected_at: Timestamp,
    /// What was last heard of a transfer on its way, and when that happened: older news is late.
    pub(crate) heard: Option<(Timestamp, TransferMilestone)>,
}

/// What a task is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum TaskWork {
    /// Holding stock.
    Hold {
        /// Id of the hold.
        hold: HoldId,
        /// What is held.
        claim: StockClaim,
    },
    /// Sending what is held.
    Send {
        /// Id of the transfer.
        transfer: TransferId,
        /// Hold whose goods move.
        hold: HoldId,
        /// What is sent.
        claim: StockClaim,
    },
    /// Moving the customer's instrument.
    MoveInstrument {
        /// Id of the transfer.
        transfer: TransferId,
        /// From where to where.
        movement: InstrumentMove,
    },
    /// An engineer's visit.
    Visit {
        /// Id of the visit.
        visit: VisitId,
        /// Who, where and when.
        claim: EngineerClaim,
    },
    /// Acceptance by a party.
    Refer {
        /// Id of the referral.
        referral: ReferralId,
        /// Who.
        claim: PartyClaim,
    },
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskState {
    /// Not begun: it waits for another task.
    Pending,
    /// Asked for; the answer is open.
    Requested,
    /// Claimed until it expires.
    Held,
    /// To be reserved or booked; the answer is open.
    Confirming,
    /// Reserved, ordered or booked.
    Confirmed,
    /// On its way.
    UnderWay,
    /// Done.
    Done,
    /// Refused, expired, lost or called off by its owner.
    Failed,
    /// To be given back; the answer is open.
    Undoing,
    /// Given back.
    Undone,
}

impl TaskState {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub(crate) const fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Undone)
    }

    /// Whether its owner keeps something for the plan, and nothing has left yet.
    #[must_use]
    pub(crate) const fn is_claimed(self) -> bool {
        matches!(self, Self::Held | Self::Confirming | Self::Confirmed)
    }
}

/// A date told to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// Which promise.
    pub(crate) promise_id: PromiseId,
    /// The date.
    pub(crate) promised_at: Timestamp,
}

/// What must not be tried again for this case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exclusions {
    /// Engineers.
    pub(crate) engineers: Vec<EngineerId>,
    /// Items at warehouses.
    pub(crate) stock: Vec<(ItemId, SiteId)>,
    /// Parties.
    pub(crate) parties: Vec<PartyId>,
}

impl Exclusions {
    /// Rules out all goods of a claim.
    pub(super) fn add_goods(&mut self, claim: &StockClaim) {
        for (item, _) in &claim.lines {
            add(&mut self.stock, (item.clone(), claim.warehouse.clone()));
        }
    }

    /// Rules out an item at a warehouse.
    pub(super) fn add_stock(&mut self, item: ItemId, warehouse: SiteId) {
        add(&mut self.stock, (item, warehouse));
    }

    /// Rules out an engineer.
    pub(super) fn add_engineer(&mut self, engineer: EngineerId) {
        add(&mut self.engineers, engineer);
    }

    /// Rules out a party.
    pub(super) fn add_party(&mut self, party: PartyId) {
        add(&mut self.parties, party);
    }

    /// Forgets what time may have changed: stock comes in, engineers come back. A party that said no has said no.
    pub(super) fn reconsider(&mut self) {
        self.stock.clear();
        self.engineers.clear();
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

impl Plan {
    /// What the plan is doing, unless it is finished.
    #[must_use]
    pub(crate) const fn stage(&self) -> Option<Stage> {
        match &self.state {
            PlanState::Open(stage, _) => Some(*stage),
            PlanState::Completed | PlanState::Ended => None,
        }
    }

    /// The tasks of the present revision.
    pub(crate) fn current(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.revision == self.revision)
    }
}
