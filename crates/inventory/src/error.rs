//! What can go wrong, and how callers see it.

use meridian_messaging::database_problem;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{
    HoldId, Problem, ProblemKind, Quantity, ReceiptId, RegionId, SiteId, TransferId, UnitOfMeasure,
    Violations,
};
use prost::{Message, Name};

use crate::domain::stock::{Line, Shelf, WorldLevel};
use crate::domain::transfer::{Milestone, TransferState};
use crate::wire::encode;

/// Why an operation was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields that are wrong in themselves or against what is stored.
    #[error("{0:?}")]
    Invalid(Violations),
    /// What is asked for, by field, does not exist here.
    #[error("{0:?}")]
    UnknownReference(Violations),
    /// The unit given is not the item's.
    #[error("unit {given} is not the item's unit {wanted}")]
    UnitMismatch { given: UnitOfMeasure, wanted: UnitOfMeasure },
    /// A line does not fit.
    #[error("{} of {} asked for, {} available", .0.line.quantity, .0.line.shelf, .0.available)]
    Exhausted(Box<Shortage>),
    /// What was answered when the hold was first asked for.
    #[error(transparent)]
    Refused(Box<Problem>),
    #[error("there is no hold {0}")]
    HoldNotFound(HoldId),
    #[error("hold {0} exists with other lines")]
    HoldExists(HoldId),
    #[error("hold {0} was released")]
    HoldReleased(HoldId),
    #[error("hold {0} has expired")]
    HoldExpired(HoldId),
    #[error("hold {hold_id} is {state} and has no expiry to move")]
    HoldNotHeld { hold_id: HoldId, state: &'static str },
    #[error("hold {hold_id} is {state}; only a confirmed one can be moved")]
    HoldNotConfirmed { hold_id: HoldId, state: &'static str },
    #[error("the goods of hold {0} have left the shelf; call its transfer off instead")]
    HoldConsumed(HoldId),
    #[error("the goods of hold {hold_id} belong to transfer {transfer_id}; call that off instead")]
    HoldInTransfer { hold_id: HoldId, transfer_id: TransferId },
    #[error("there is no transfer {0}")]
    TransferNotFound(TransferId),
    #[error("transfer {0} exists with other content")]
    TransferExists(TransferId),
    #[error("hold {hold_id} claims stock of {hold_sites}, not of {from_site_id}")]
    TransferSiteMismatch { hold_id: HoldId, from_site_id: SiteId, hold_sites: String },
    #[error("transfer {transfer_id} is {}; it cannot become {}", .from.as_str(), .to.as_str())]
    TransferState { transfer_id: TransferId, from: TransferState, to: Milestone },
    #[error("transfer {transfer_id} hands goods over where they lie; it cannot become {}", .to.as_str())]
    TransferInPlace { transfer_id: TransferId, to: Milestone },
    #[error("the goods of transfer {transfer_id} come with {receipt_ids}, which is not booked in yet")]
    GoodsAwaited { transfer_id: TransferId, receipt_ids: String },
    #[error("nothing that came with transfer {0} waits beside a shelf")]
    NothingToShelve(TransferId),
    #[error("there is no receipt {0}")]
    ReceiptNotFound(ReceiptId),
    #[error("receipt {0} exists for another item or warehouse")]
    ReceiptExists(ReceiptId),
    #[error("receipt {receipt_id} is {state}")]
    ReceiptOver { receipt_id: ReceiptId, state: &'static str },
    #[error("holds claim {held} units of receipt {receipt_id}; it cannot become {quantity}")]
    ReceiptBelowHeld { receipt_id: ReceiptId, held: i64, quantity: Quantity },
    #[error("{shelf} has {on_hand} units, {held} of them held; it cannot change by {delta}")]
    StockBelowHeld { shelf: Shelf, on_hand: i64, held: i64, delta: i64 },
    #[error("{0} cannot take so many units")]
    ShelfFull(Shelf),
    /// A defect: the counters contradict the holds.
    #[error("counters of {0} do not allow what its holds claim")]
    CountersDisagree(Shelf),
    /// A defect: the counter contradicts the holds.
    #[error("receipt {0} does not allow what its holds claim")]
    ReceiptDisagrees(ReceiptId),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A line that did not fit, and what could be had instead.
#[derive(Debug)]
pub(crate) struct Shortage {
    /// The first line that did not fit, duplicates added up.
    pub(crate) line: Line,
    pub(crate) available: i64,
    pub(crate) next_best: Vec<WorldLevel>,
    pub(crate) region: RegionId,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let precondition = |reason| Self::new(ProblemKind::FailedPrecondition, reason, message.clone());
        let exists = |reason| Self::new(ProblemKind::AlreadyExists, reason, message.clone());
        match error {
            Error::Invalid(violations) => invalid(violations),
            Error::UnknownReference(violations) => {
                Self { reason: "UNKNOWN_REFERENCE".into(), ..invalid(violations) }
            }
            Error::UnitMismatch { given, wanted } => {
                let rule = format!("{wanted}, the unit of the item, or empty");
                Self { reason: "UNIT_MISMATCH".into(), ..Self::invalid_field("unit", given, rule) }
            }
            Error::Exhausted(shortage) => exhausted(&shortage, message),
            Error::Refused(problem) => *problem,
            Error::HoldNotFound(id) => Self::not_found("HOLD_NOT_FOUND", "hold", id),
            Error::HoldExists(id) => exists("HOLD_EXISTS").with("id", id),
            Error::HoldReleased(id) => precondition("HOLD_RELEASED").with("id", id),
            Error::HoldExpired(id) => precondition("HOLD_EXPIRED").with("id", id),
            Error::HoldNotHeld { hold_id, state } => {
                precondition("HOLD_NOT_HELD").with("id", hold_id).with("state", state)
            }
            Error::HoldNotConfirmed { hold_id, state } => {
                precondition("HOLD_NOT_CONFIRMED").with("id", hold_id).with("state", state)
            }
            Error::HoldConsumed(id) => precondition("HOLD_CONSUMED").with("id", id),
            Error::HoldInTransfer { hold_id, transfer_id } => {
                precondition("HOLD_IN_TRANSFER").with("id", hold_id).with("transfer_id", transfer_id)
            }
            Error::TransferNotFound(id) => Self::not_found("TRANSFER_NOT_FOUND", "transfer", id),
            Error::TransferExists(id) => exists("TRANSFER_EXISTS").with("id", id),
            Error::TransferSiteMismatch { hold_id, from_site_id, hold_sites } => {
                precondition("TRANSFER_SITE_MISMATCH")
                    .with("id", hold_id)
                    .with("from_site_id", from_site_id)
                    .with("hold_site_ids", hold_sites)
            }
            Error::TransferState { transfer_id, from, to } => precondition("TRANSFER_STATE")
                .with("id", transfer_id)
                .with("from", encode::transfer_state(from).as_str_name())
                .with("to", encode::milestone(to).as_str_name()),
            Error::TransferInPlace { transfer_id, to } => precondition("TRANSFER_IN_PLACE")
                .with("id", transfer_id)
                .with("to", encode::milestone(to).as_str_name()),
            Error::GoodsAwaited { transfer_id, receipt_ids } => {
                precondition("GOODS_AWAITED").with("id", transfer_id).with("receipt_ids", receipt_ids)
            }
            Error::NothingToShelve(id) => precondition("NOTHING_TO_SHELVE").with("id", id),
            Error::ReceiptNotFound(id) => Self::not_found("RECEIPT_NOT_FOUND", "receipt", id),
            Error::ReceiptExists(id) => exists("RECEIPT_EXISTS").with("id", id),
            Error::ReceiptOver { receipt_id, state } => {
                precondition("RECEIPT_OVER").with("id", receipt_id).with("state", state)
            }
            Error::ReceiptBelowHeld { receipt_id, held, quantity } => precondition("RECEIPT_BELOW_HELD")
                .with("id", receipt_id)
                .with("held", held)
                .with("quantity", quantity),
            Error::StockBelowHeld { shelf, on_hand, held, delta } => {
                on_shelf(precondition("STOCK_BELOW_HELD"), &shelf)
                    .with("on_hand", on_hand)
                    .with("held", held)
                    .with("delta", delta)
            }
            Error::ShelfFull(shelf) => on_shelf(precondition("SHELF_FULL"), &shelf),
            Error::Database(error) => database_problem(&error),
            defect @ (Error::CountersDisagree(_) | Error::ReceiptDisagrees(_)) => {
                meridian_chassis::status::internal(&defect)
            }
        }
    }
}

fn invalid(violations: Violations) -> Problem {
    violations.finish().err().unwrap_or_else(|| Problem::invalid(Vec::new()))
}

fn on_shelf(problem: Problem, shelf: &Shelf) -> Problem {
    problem
        .with("item_id", &shelf.item_id)
        .with("warehouse_site_id", &shelf.warehouse_site_id)
        .with("pool", encode::pool(shelf.pool).as_str_name())
}

fn exhausted(shortage: &Shortage, message: String) -> Problem {
    let problem = Problem::new(ProblemKind::Exhausted, "STOCK_EXHAUSTED", message)
        .with("available", shortage.available)
        .with("requested", shortage.line.quantity)
        .with("region", &shortage.region);
    let mut problem = on_shelf(problem, &shortage.line.shelf);
    if let Some(receipt_id) = &shortage.line.receipt_id {
        problem = problem.with("receipt_id", receipt_id);
    }
    if shortage.next_best.is_empty() {
        return problem;
    }
    let next_best =
        pb::NextBestStock { levels: shortage.next_best.iter().map(encode::world_level).collect() };
    problem.with_detail(pb::NextBestStock::full_name(), next_best.encode_to_vec())
}
