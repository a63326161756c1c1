//! A plan: one committed solution being carried out, and everything it sees to.

use jiff::Timestamp;
use meridian_types::{CaseId, EngineerId, ItemId, PartyId, PlanId, PromiseId, ReceiptAt, RegionId, SiteId};
use serde::{Deserialize, Serialize};

use super::solution::{Chosen, EngineerClaim, StockClaim};
use super::task::{Task, TaskState, TaskWork};

/// A committed solution being carried out. One row of the database; changed by [`super::decide()`] alone.
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
    /// What it sees to, of all revisions, and what an earlier plan of the case had lent; removed only to be seen to by
    /// the next.
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
    /// How often the watchdog has asked for a search since the last one was answered.
    #[serde(default)]
    pub(crate) unanswered: i32,
    /// When the last other solutions were taken, the oldest first.
    #[serde(default)]
    pub(crate) changed_at: Vec<Timestamp>,
    /// What the customer needs, as last heard, in the words of [`Chosen::need`]; empty while that is not known.
    #[serde(default)]
    pub(crate) need: String,
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
    /// The customer needs it earlier than before.
    NeededEarlier,
    /// The customer needs something else, or elsewhere.
    NeedChanged,
    /// A unit on loan, or an instrument that was replaced, did not come back in time.
    LoanOverdue,
    /// The engineer could not solve it.
    Unsolved,
    /// Units that a warehouse expects come later.
    SupplyLate,
    /// A party does not do what was ordered of it.
    PartyDeclined,
    /// A party does what was ordered of it later than expected.
    PartyLate,
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
    /// Engineers, by region: a code means somebody else in another one.
    pub(crate) engineers: Vec<(RegionId, EngineerId)>,
    /// Items at warehouses.
    pub(crate) stock: Vec<(ItemId, SiteId)>,
    /// Those of the engineers who came and could not solve it.
    #[serde(default)]
    pub(crate) unsolved: Vec<(RegionId, EngineerId)>,
    /// Units that warehouses expect.
    #[serde(default)]
    pub(crate) awaited: Vec<ReceiptAt>,
    /// Guidance from afar: it was tried.
    #[serde(default)]
    pub(crate) remote: bool,
    /// Parties of which nothing more is ordered: they said no, or nothing, or are late.
    #[serde(default)]
    pub(crate) suppliers: Vec<PartyId>,
    /// Parties to refer to.
    pub(crate) parties: Vec<PartyId>,
    /// Those of the parties that could not be asked, and have not said no.
    pub(crate) unasked: Vec<PartyId>,
}

impl Exclusions {
    /// Rules out all goods of a claim; where some were still to come, it was those that did not.
    pub(super) fn add_goods(&mut self, claim: &StockClaim) {
        for awaited in &claim.awaited {
            let (warehouse, receipt) = (claim.warehouse.clone(), awaited.receipt.clone());
            self.add_receipt(ReceiptAt { warehouse, receipt });
        }
        for (item, _) in claim.lines.iter().filter(|_| claim.awaited.is_empty()) {
            add(&mut self.stock, (item.clone(), claim.warehouse.clone()));
        }
    }

    /// Rules out units that a warehouse expects.
    pub(super) fn add_receipt(&mut self, receipt: ReceiptAt) {
        add(&mut self.awaited, receipt);
    }

    /// Rules out an item at a warehouse.
    pub(super) fn add_stock(&mut self, item: ItemId, warehouse: SiteId) {
        add(&mut self.stock, (item, warehouse));
    }

    /// Rules out the engineer of a claim.
    pub(super) fn add_engineer(&mut self, claim: &EngineerClaim) {
        add(&mut self.engineers, (claim.region.clone(), claim.engineer.clone()));
    }

    /// Rules out ordering of a party, for ever.
    pub(super) fn add_supplier(&mut self, party: PartyId) {
        add(&mut self.suppliers, party);
    }

    /// Rules out the engineer of a claim for ever: what they could not solve today they cannot solve tomorrow.
    pub(super) fn add_unsolved(&mut self, claim: &EngineerClaim) {
        self.add_engineer(claim);
        add(&mut self.unsolved, (claim.region.clone(), claim.engineer.clone()));
    }

    /// Rules out a party: for ever when it was asked.
    pub(super) fn add_party(&mut self, party: PartyId, was_asked: bool) {
        if was_asked {
            self.unasked.retain(|unasked| *unasked != party);
        } else if !self.parties.contains(&party) {
            add(&mut self.unasked, party.clone());
        }
        add(&mut self.parties, party);
    }

    /// Forgets what time may have changed: stock comes in, engineers come back, a case can be offered again. A party
    /// that said no has said no, and an engineer who could not solve it knows no more than before.
    pub(super) fn reconsider(&mut self) {
        self.stock.clear();
        self.awaited.clear();
        self.engineers.clone_from(&self.unsolved);
        self.parties.retain(|party| !self.unasked.contains(party));
        self.unasked.clear();
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

    /// Whether nothing but the acceptance of parties is waited for, which may take days.
    pub(crate) fn waits_for_parties(&self) -> bool {
        let mut open = self.current().filter(|task| task.state == TaskState::Requested).peekable();
        self.stage() == Some(Stage::Holding)
            && open.peek().is_some()
            && open.all(|task| matches!(task.work, TaskWork::Order { .. }))
    }

    /// The tasks of the present revision.
    pub(crate) fn current(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.revision == self.revision)
    }
}
