//! The use cases, one file each. gRPC calls and messages call the same functions, inside a unit of work.
//!
//! A refused operation has written nothing but what harms nobody, the record of a refused hold or an empty shelf: the
//! unit of work of a reader holds many messages and cannot undo one of them.
//!
//! Locks are taken in this order: transfers, receipts, holds, shelves (each in their own order). A hold that is placed
//! is locked before its receipts, while nobody else can see it.

pub(crate) mod adjust_stock;
pub(crate) mod announce;
pub(crate) mod arrive;
pub(crate) mod audit_stock;
pub(crate) mod book;
pub(crate) mod cancel_receipt;
pub(crate) mod claim;
pub(crate) mod confirm_hold;
pub(crate) mod expect_receipt;
pub(crate) mod expire_hold;
pub(crate) mod extend_hold;
pub(crate) mod find_stock;
pub(crate) mod learn;
pub(crate) mod place_hold;
pub(crate) mod put_catalogue;
pub(crate) mod record_milestone;
pub(crate) mod record_receipt;
pub(crate) mod release_hold;
pub(crate) mod request_transfer;
pub(crate) mod settle_receipt;
pub(crate) mod shelve_goods;
