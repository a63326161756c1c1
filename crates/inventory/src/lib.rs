//! The inventory of a region: items, warehouses, stock, receipts, holds and transfers; and what the other regions say
//! of theirs.
//!
//! *Calls.* `meridian.inventory.v1.InventoryService`: find stock and items; place, extend, confirm, release and get
//! holds; request, get and list transfers and record their milestones; expect, cancel and record receipts; adjust, audit
//! and open stock.
//!
//! *Events out.* `ItemDefined`, `StockLevelChanged` and `ReceiptChanged` (absolute, with a version), `HoldPlaced`,
//! `HoldRefused`, `HoldConfirmed`, `HoldCovered`, `HoldDelayed`, `HoldReleased`, `HoldExpired`,
//! `TransferRequested`, `TransferProgressed`, `GoodsShelved`, `StockCommandRefused`, and `MilestoneReported` about transfers of other regions.
//!
//! *Events in.* From every coordinator: the commands that name this region, which do what the calls do and are answered
//! by the events above; a command that is repeated is answered again. From the other inventories: levels, receipts, who
//! holds what, and items (kept for lookups), transfers that come here, and milestones of transfers that this region
//! owns.
//!
//! *Tables.* `item`, `warehouse`, `stock`, `ledger`, `receipt`, `hold`, `hold_line`, `transfer`, `inbound_transfer`,
//! `shelved_transfer`, `world_stock`, `world_receipt`, `world_hold`, `world_hold_line`.
//!
//! *Invariants.*
//! - No oversell: one guarded statement claims all lines or none (`store/stock.rs`), and a constraint stands behind it.
//!   The same is true of units that are still to come (`store/receipt.rs`).
//! - A receipt ends once. In that transaction its units enter the ledger, the holds that awaited them claim them on the
//!   shelf in the order in which they were placed, and those that do not fit are released; nothing is picked before.
//! - Counters are provably right: that statement writes the ledger too, which is append-only; `AuditStock` compares
//!   `on_hand` with the ledger and `held` with the open holds, of shelves and of receipts.
//! - Units are conserved: `brought_in = on_hand + in_transit + delivered + written_off + handed_over`, each from another
//!   source. A lent unit counts as delivered until it is returned. Goods for a case are delivered wherever they arrive,
//!   also where they lie; they come back into stock once the case needs them no more, where they lie, and once.
//! - A kit that is put together for a transfer is never stock: its parts from the shelf leave it as they are held, when the
//!   transfer is picked; those that came for the case were delivered by then. The balance counts parts only.
//! - What this region owns, it alone decides. The `world_` tables are for lookups and never decided on.
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
