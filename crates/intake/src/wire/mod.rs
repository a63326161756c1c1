//! Between the messages of `proto/` and the domain: requests in, answers and events out. No rules beyond the form of
//! single fields.

pub(crate) mod case;
pub(crate) mod directory;
pub(crate) mod fact;
pub(crate) mod list;
pub(crate) mod need;
pub(crate) mod party_offer;
pub(crate) mod party_order;
pub(crate) mod plan;
pub(crate) mod referral;
pub(crate) mod weekend;
