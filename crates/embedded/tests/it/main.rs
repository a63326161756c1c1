//! Real servers, started, killed and started again.

mod postgres;
