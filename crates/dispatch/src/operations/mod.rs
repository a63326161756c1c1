//! What dispatch does, one file per use case. gRPC calls and events run the same functions, inside a unit of
//! work that they do not open themselves. A refused operation has written nothing that must not stand.

pub(crate) mod advance_visit;
pub(crate) mod announce;
pub(crate) mod engineer_calendar;
pub(crate) mod expire_visits;
pub(crate) mod explain_visit;
pub(crate) mod find_engineers;
pub(crate) mod find_slots;
pub(crate) mod hold_visit;
pub(crate) mod learn_world;
pub(crate) mod optimise;
pub(crate) mod publish;
pub(crate) mod put_orders;
pub(crate) mod put_workforce;
pub(crate) mod read_orders;
pub(crate) mod read_visits;
pub(crate) mod record_absence;
pub(crate) mod search;
pub(crate) mod survey;
pub(crate) mod watch_optimisation;
