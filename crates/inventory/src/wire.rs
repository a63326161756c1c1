//! Between messages and the domain. What comes in is checked completely, and every field that breaks a rule is
//! named; what goes out is only renamed.

pub(crate) mod catalogue;
pub(crate) mod encode;
pub(crate) mod field;
pub(crate) mod hold;
pub(crate) mod page;
pub(crate) mod receipt;
pub(crate) mod stock;
pub(crate) mod transfer;
