//! What dispatch does, one file per use case. gRPC calls and events run the same functions, inside a unit of
//! work that they do not open themselves. A refused operation has written nothing that must not stand.

pub(crate) mod advance_visit;
pub(crate) mod announce;
pub(crate) mod expire_visits;
pub(crate) mod find_engineers;
pub(crate) mod find_slots;
pub(crate) mod hold_visit;
pub(crate) mod learn_world;
pub(crate) mod put_workforce;
pub(crate) mod read_visits;
pub(crate) mod record_absence;
