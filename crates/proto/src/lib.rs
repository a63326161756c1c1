//! Messages, clients and servers generated from `proto/`, their descriptors, and canonical JSON.
//!
//! *Invariants.* No logic beyond the JSON mapping; nothing generated is committed.
//!
//! *The commonest change: a new message or call.* Edit the file under `proto/`; the build does the rest. A new
//! package needs a line below.

pub mod json;

/// Encoded `FileDescriptorSet` of every package, with comments, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! packages {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub mod $name {
            /// Version 1.
            #[allow(missing_docs, clippy::all, clippy::redundant_clone, clippy::too_many_lines, clippy::allow_attributes_without_reason, reason = "generated; documented in the proto files")]
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/meridian.", stringify!($name), ".v1.rs"));
            }
        }
    )+};
}

packages! {
    /// Values that several services speak of.
    types,
    /// Reading a service's published events and its dead letters.
    messaging,
    /// What a region offers as a whole.
    region,
    /// Who is calling, what they need, and what is still missing.
    intake,
    /// Items, stock, holds and transfers.
    inventory,
    /// Engineers and their work.
    dispatch,
    /// The lane network, solutions, plans and promises.
    coordinator,
    /// What customers and other systems are told.
    notification,
}
