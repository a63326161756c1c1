//! The rules. Nothing here performs I/O or reads a clock.

pub(crate) mod case;
pub(crate) mod contact;
pub(crate) mod directory;
pub(crate) mod fact;
pub(crate) mod fact_book;
pub(crate) mod issue;
pub(crate) mod lifecycle;
pub(crate) mod missing;
pub(crate) mod need;
pub(crate) mod opening;
pub(crate) mod party_offer;
pub(crate) mod party_order;
pub(crate) mod recognition;
pub(crate) mod referral;
pub(crate) mod responsibility;
#[cfg(test)]
pub(crate) mod sample;
