//! What a workload must not be.

use meridian_types::{EngineerId, SiteId, VisitId};

use crate::InstanceError;

/// Why nothing can be planned with a workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// A value that breaks a rule; of the dense numbers where together they are too many or too much.
    #[error("{field}: {value} breaks the rule: {rule}")]
    Field {
        /// Path of the field (`orders[3].work_minutes`).
        field: String,
        /// The value there.
        value: String,
        /// The rule.
        rule: &'static str,
    },
    /// Nothing tells how long it takes from a site to another.
    #[error("no way from {from} to {to}: neither known nor can it be worked out from positions")]
    NoWay {
        /// From here.
        from: SiteId,
        /// To there.
        to: SiteId,
    },
    /// Each of these orders waits for the next one, and the last for the first.
    #[error("orders wait for each other: {0:?}")]
    Cycle(Vec<VisitId>),
    /// An appointment that should stay as it is can't.
    #[error("the appointment of {order} with {engineer} can't be kept: {rule}")]
    NotKept {
        /// Of which order.
        order: VisitId,
        /// With whom.
        engineer: EngineerId,
        /// Why not.
        rule: &'static str,
    },
}

impl From<InstanceError> for WorkloadError {
    fn from(InstanceError { field, value, rule }: InstanceError) -> Self {
        Self::Field { field, value, rule }
    }
}

/// A broken rule, unless it holds.
pub(super) fn rule(
    holds: bool,
    field: impl FnOnce() -> String,
    value: impl ToString,
    rule: &'static str,
) -> Result<(), WorkloadError> {
    if holds {
        return Ok(());
    }
    Err(WorkloadError::Field { field: field(), value: value.to_string(), rule })
}
