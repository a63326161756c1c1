//! What a plan hears, and what it has to say.

use jiff::Timestamp;
use meridian_types::{
    HoldId, Interval, ItemId, PartyOrderId, PromiseId, Quantity, ReceiptAt, ReceiptId, ReferralId, RegionId,
    SiteId, TransferId, VisitId,
};
use serde::{Deserialize, Serialize};

use super::plan::{Disruption, Exclusions, Responsibility};
use super::solution::{Chosen, EngineerClaim, StockClaim};
use super::task::TaskWork;

/// Something a plan hears.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// Stock is held.
    HoldPlaced(HoldId),
    /// Stock could not be held, for lack of this.
    HoldRefused(HoldId, Option<Lacking>),
    /// Units that a hold awaited have come: it claims them on the shelf.
    HoldCovered(HoldId, ReceiptId),
    /// Units that a hold awaits come at another time than before.
    HoldDelayed {
        /// Which hold.
        hold: HoldId,
        /// With which receipt.
        receipt: ReceiptId,
        /// When they should be on the shelf.
        expected_at: Timestamp,
        /// When the warehouse said so.
        told_at: Timestamp,
    },
    /// Stock is reserved.
    HoldConfirmed(HoldId),
    /// Stock was given back.
    HoldReleased(HoldId),
    /// A hold ran out.
    HoldExpired(HoldId),
    /// A reservation or release could not be done.
    HoldCommandRefused(HoldId),
    /// A transfer order or its cancellation could not be done.
    TransferCommandRefused(TransferId),
    /// A transfer was ordered.
    TransferOrdered(TransferId),
    /// What a transfer had brought is on the shelf where it came.
    GoodsShelved(TransferId),
    /// Something happened to a transfer.
    TransferProgressed {
        /// Which transfer.
        transfer: TransferId,
        /// Version of the transfer since then: what has a lower one is older news, whenever it happened.
        version: i64,
        /// What.
        milestone: TransferMilestone,
        /// When.
        happened_at: Timestamp,
        /// When it is now expected, where that changed.
        expected_at: Option<Timestamp>,
    },
    /// An engineer's time is held.
    VisitHeld(VisitId),
    /// An engineer's time could not be held or booked.
    VisitRefused(VisitId),
    /// A visit moved on.
    VisitProgressed(VisitId, VisitMilestone),
    /// A visit takes place at another time: the work itself.
    VisitMoved(VisitId, Interval),
    /// The engineer cannot come.
    VisitDisrupted(VisitId),
    /// Something became of an order with a party.
    OrderProgressed {
        /// Which order.
        order: PartyOrderId,
        /// Its version, one more with every change.
        version: i64,
        /// Where it stands.
        milestone: OrderMilestone,
        /// When it is done, as the party last said, or was done.
        expected_at: Timestamp,
    },
    /// A party was asked, and has until then to accept.
    ReferralOffered(ReferralId, Timestamp),
    /// A party has taken over.
    ReferralAccepted(ReferralId),
    /// A party did not take over, though it was asked.
    ReferralReturned(ReferralId),
    /// A party was not asked, or need not answer any more: it has not said no.
    ReferralWithdrawn(ReferralId),
    /// Nobody waits for the outcome of the commit any more.
    CallerGone,
    /// The case needs no plan any more: it was closed, or a party has it.
    Withdrawn,
    /// The office calls the plan off, and the case goes on.
    CalledOff,
    /// The office has what was lent or replaced, or knows that it will not come.
    CameBack,
    /// The need should be met by then.
    DeadlineMoved(Option<Timestamp>),
    /// What the customer needs now, in the words of [`Chosen::need`].
    NeedStated(String),
    /// The due time of the present responsibility has come.
    Due,
    /// A search for another solution has ended: the ways found, best first.
    OptionsFound {
        /// Which search.
        search: i32,
        /// What it found.
        options: Vec<Chosen>,
    },
    /// A search for another solution has ended: all that was asked for is there, or comes in time.
    NothingNeeded {
        /// Which search.
        search: i32,
        /// Whether all of it is there.
        is_there: bool,
    },
}

/// What was not there to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// Units of an item on a shelf.
    Stock(ItemId, SiteId),
    /// Units of a receipt.
    Receipt(ReceiptAt),
}

/// What happens to a transfer, in the order in which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TransferMilestone {
    /// Taken from the shelf.
    Picked,
    /// Handed to the carrier.
    Shipped,
    /// With customs.
    InCustoms,
    /// Held back by customs.
    CustomsHold,
    /// Let go by customs.
    CustomsReleased,
    /// Arrived.
    Received,
    /// Not on the shelf, or damaged.
    PickFailed,
    /// Gone.
    Lost,
    /// Called off.
    Cancelled,
}

/// What happens to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum VisitMilestone {
    /// Booked.
    Booked,
    /// The engineer has said yes.
    Accepted,
    /// On the way or at work.
    Started,
    /// Done.
    Finished,
    /// Done, and the instrument still does not work.
    Unsolved,
    /// Called off.
    Cancelled,
    /// The claim ran out.
    Expired,
}

/// Where an order with a party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderMilestone {
    /// The party was asked.
    Asked,
    /// It takes the order.
    Accepted,
    /// It does not do it.
    Declined,
    /// Ordered for good.
    Placed,
    /// Done.
    Delivered,
    /// Called off.
    Cancelled,
}

/// Something a plan has to say or wants done. All of it is committed with the plan or not at all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// A command to the owner of something.
    Send(Command),
    /// A fact for everybody.
    Tell(Fact),
    /// Look for another solution.
    Search(Search),
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Search {
    /// Counts the searches of the plan.
    pub(crate) search: i32,
    /// What must not be tried again.
    pub(crate) exclusions: Exclusions,
    /// Stock the plan still holds on the shelf: available to itself.
    pub(crate) own_stock: Vec<StockClaim>,
    /// Engineers the plan has booked: free for itself.
    pub(crate) own_visits: Vec<EngineerClaim>,
    /// Where the customer's instrument is, once it has been moved.
    pub(crate) instrument_at: Option<SiteId>,
    /// Goods that were sent for the case already, and need not be sent again.
    pub(crate) at_hand: Vec<AtHand>,
    /// Whether an earlier plan of the case has lent a unit that is still out: no other is lent beside it.
    #[serde(default)]
    pub(crate) has_loaner: bool,
    /// Goods on their way that come after that are to be replaced, where they are not for work that can wait.
    #[serde(default)]
    pub(crate) in_time_until: Option<Timestamp>,
}

/// Goods at, or on their way to, the place where they are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AtHand {
    /// Where.
    pub(crate) site: SiteId,
    /// What, or what it stands in for.
    pub(crate) item: ItemId,
    /// How many.
    pub(crate) quantity: Quantity,
    /// From when on, while they are on their way; absent once they have arrived.
    pub(crate) from: Option<Timestamp>,
}

/// A command. It may be sent again; its id makes it one effect.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    /// Hold stock, claim an engineer's time, order a transfer, ask a party whether it takes an order, or offer a referral.
    Ask(RegionId, TaskWork),
    /// Reserve what is held, book what is claimed, or place what was accepted.
    Confirm(RegionId, TaskWork),
    /// Give it back, or call it off. Valid for what was never seen.
    Undo(RegionId, TaskWork),
    /// Put the goods that a transfer has brought onto the shelf where they lie.
    Shelve(RegionId, TaskWork),
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// A solution was committed, or replaced another.
    Committed,
    /// The next action changed.
    Progressed(Responsibility),
    /// Something went wrong.
    Disrupted(Disruption),
    /// Nothing works at the moment.
    Parked(Disruption, Responsibility),
    /// The need is met.
    Completed,
    /// It ended without being carried out.
    Ended,
    /// Customers hear about it.
    Milestone {
        /// What.
        milestone: CustomerMilestone,
        /// When it happened.
        happened_at: Timestamp,
        /// When they hear from us next, when nothing works and the plan goes on looking.
        next_word_by: Option<Timestamp>,
    },
    /// A date was told to the customer.
    PromiseMade(PromiseId, Timestamp),
    /// A date was replaced by another, told in time or not.
    PromiseChanged {
        /// The date told before.
        old: (PromiseId, Timestamp),
        /// The new one.
        new: (PromiseId, Timestamp),
        /// Whether the old date had not passed yet.
        in_time: bool,
        /// Why.
        reason: Disruption,
    },
    /// A date was taken back before it passed, or too late; no new one is known yet.
    PromiseTakenBack {
        /// Which promise.
        promise: PromiseId,
        /// Whether the date had not passed yet.
        in_time: bool,
    },
    /// A promise came to its end.
    PromiseSettled {
        /// Which promise.
        promise: PromiseId,
        /// Kept, or broken.
        kept: bool,
    },
    /// A promise is no longer wanted.
    PromiseWithdrawn(PromiseId),
}

/// What customers hear about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CustomerMilestone {
    /// A plan was agreed.
    PlanAgreed,
    /// The part is on its way.
    Shipped,
    /// It is with customs.
    InCustoms,
    /// It has arrived.
    Arrived,
    /// A unit on loan has arrived.
    LoanerArrived,
    /// A unit has arrived that replaces the customer's, which goes back.
    ExchangeArrived,
    /// The engineer is on the way.
    EngineerOnTheWay,
    /// The instrument works again.
    Repaired,
    /// The instrument is on its way.
    InstrumentShipped,
    /// We are still looking for a way.
    StillLooking,
    /// The need is met.
    Done,
    /// A visit of a work order is planned.
    VisitScheduled,
    /// It takes place at another time, or elsewhere.
    VisitMoved,
    /// It does not take place.
    VisitCalledOff,
    /// Its work is done.
    VisitFinished,
    /// The engineer was there, and could not do it.
    VisitUnsolved,
}
