//! When and why engineers are away.

use meridian_types::{EngineerId, Interval};

/// An engineer is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Absence {
    pub(crate) engineer: EngineerId,
    pub(crate) during: Interval,
    pub(crate) reason: AbsenceReason,
}

/// Why an engineer is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AbsenceReason {
    Ill,
    Leave,
    Other,
}
