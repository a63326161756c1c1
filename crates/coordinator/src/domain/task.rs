//! What a plan sees to, one by one.

use jiff::Timestamp;
use meridian_types::{HoldId, ItemId, PartyOrderId, Quantity, ReferralId, SiteId, TransferId, VisitId};
use serde::{Deserialize, Deserializer, Serialize};

use super::solution::{EngineerClaim, InstrumentMove, OrderClaim, PartyClaim, StockClaim};

/// One thing a plan sees to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Revision that brought it in; 0 for what an earlier plan of the case did.
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
    /// Version of the transfer that was last heard of, once something has happened to it: older news is late.
    #[serde(default, deserialize_with = "heard")]
    pub(crate) heard: Option<i64>,
}

/// Tasks that were stored before versions were heard of hold the last milestone and its time: any version is news to them.
fn heard<'de, D: Deserializer<'de>>(stored: D) -> Result<Option<i64>, D::Error> {
    let heard = Option::<serde_json::Value>::deserialize(stored)?;
    Ok(heard.map(|heard| heard.as_i64().unwrap_or_default()))
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
        /// Whether it was ordered for a repair or a kit where it goes, and not onto the shelf there; absent before it is
        /// ordered, and in plans that were stored before this was remembered.
        #[serde(default)]
        for_case: Option<bool>,
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
    /// Something that a party does for us.
    Order {
        /// Id of the order.
        order: PartyOrderId,
        /// What is ordered of whom.
        claim: OrderClaim,
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
    /// Arrived where it is not needed any more, to be put onto the shelf there; the answer is open.
    Shelving,
    /// To be given back; the answer is open.
    Undoing,
    /// Given back.
    Undone,
}

impl Task {
    /// Whether goods have left the shelf and have not arrived yet.
    #[must_use]
    pub(crate) const fn is_on_the_way(&self) -> bool {
        match self.state {
            TaskState::UnderWay => true,
            // Picked.
            TaskState::Confirmed => self.heard.is_some(),
            _ => false,
        }
    }
}

impl Task {
    /// Whether it sends something that goes into a kit of another claim.
    pub(super) fn brings_part_for(&self, other: &StockClaim) -> bool {
        matches!(&self.work, TaskWork::Send { claim, .. } if claim.feeds(other))
    }

    /// Whether what it sends has arrived, or may still: nobody has said that it does not.
    pub(super) const fn has_come_or_may(&self) -> bool {
        self.is_on_the_way() || matches!(self.state, TaskState::Done | TaskState::Undoing)
    }

    /// Whether it sends a unit on loan that the customer has, or may still get.
    pub(super) const fn is_lent(&self) -> bool {
        matches!(&self.work, TaskWork::Send { claim, .. } if claim.on_loan) && self.has_come_or_may()
    }

    /// Whether it sends a unit that an earlier plan of the case has lent and that is not back: no other one is lent beside it.
    pub(super) const fn is_lent_by_an_earlier_plan(&self) -> bool {
        self.revision == 0 && self.is_lent()
    }

    /// Whether it only follows once the need is met.
    #[must_use]
    pub(crate) const fn is_aftermath(&self) -> bool {
        matches!(&self.work, TaskWork::MoveInstrument { movement, .. } if movement.after_arrival)
    }
}

/// Goods that a task brings somewhere.
#[derive(Debug, Clone)]
pub(super) struct Delivery<'t> {
    pub(super) to_site: &'t SiteId,
    /// Whether they are lent rather than given.
    pub(super) on_loan: bool,
    /// In terms of what was asked for.
    pub(super) goods: Vec<(&'t ItemId, Quantity)>,
}

impl TaskWork {
    /// The goods that it brings, if it does: from a warehouse, or from a party.
    pub(super) fn delivery(&self) -> Option<Delivery<'_>> {
        match self {
            Self::Send { claim, .. } => {
                let goods = claim.meets().collect();
                Some(Delivery { to_site: &claim.to_site, on_loan: claim.on_loan, goods })
            }
            Self::Order { claim, .. } if !claim.is_repair() => {
                let goods = claim.meets().collect();
                Some(Delivery { to_site: &claim.site, on_loan: false, goods })
            }
            _ => None,
        }
    }

    /// Where it works on the customer's instrument, if it does.
    pub(super) const fn work_site(&self) -> Option<&SiteId> {
        match self {
            Self::Visit { claim, .. } => Some(&claim.site),
            Self::Order { claim, .. } if claim.is_repair() => Some(&claim.site),
            _ => None,
        }
    }
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
