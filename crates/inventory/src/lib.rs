//! The inventory of a region: items, warehouses, stock, holds and transfers; and what the other regions say of theirs.
//!
//! *Calls.* `meridian.inventory.v1.InventoryService`: find stock and items; place, extend, confirm, release and get
//! holds; request, get and list transfers and record their milestones; adjust, audit and open stock.
//!
//! *Events out.* `ItemDefined`, `StockLevelChanged` (absolute, with a version), `HoldPlaced`, `HoldRefused`,
//! `HoldConfirmed`, `HoldReleased`, `HoldExpired`, `TransferRequested`, `TransferProgressed`, `StockCommandRefused`,
//! and `MilestoneReported` about transfers of other regions.
//!
//! *Events in.* From every coordinator: the commands that name this region, which do what the calls do and are answered
//! by the events above; a command that is repeated is answered again. From the other inventories: levels and items
//! (kept for lookups), transfers that come here, and milestones of transfers that this region owns.
//!
//! *Tables.* `item`, `warehouse`, `stock`, `ledger`, `hold`, `hold_line`, `transfer`, `inbound_transfer`, `world_stock`.
//!
//! *Invariants.*
//! - No oversell: one guarded statement claims all lines or none (`store/stock.rs`), and a constraint stands behind it.
//! - Counters are provably right: that statement writes the ledger too, which is append-only; `AuditStock` compares
//!   `on_hand` with the ledger and `held` with the open holds.
//! - Units are conserved: `brought_in = on_hand + in_transit + delivered + written_off + handed_over`, each from another
//!   source. A lent unit counts as delivered until it is returned.
//! - What this region owns, it alone decides. `world_stock` is for lookups and never decided on.
//! - A hold is void at its expiry, by the business clock, whether or not its timer has fired.
//! - A hold id is decided once by a command: a refused hold remembers its refusal.
//!
//! *The commonest change: a new reason to move stock.* Add the word to `domain/ledger.rs` and to the constraint in a
//! new migration, give it to `operations/book.rs` from the operation that moves the stock, and say in
//! `store/audit.rs` which side of the balance it is on.

mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod regions;
mod server;
mod store;
mod wire;

pub use grpc::InventoryGrpc;
pub use server::Inventory;
