//! Engineers as dispatch keeps them.

use meridian_scheduler::workforce::Engineer;
use meridian_scheduler::workload::Position;

/// An engineer, with what matters only where many visits are planned together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Technician {
    pub(crate) engineer: Engineer,
    /// Of the home site. None: whoever plans says it.
    pub(crate) home: Option<Position>,
    /// How quickly they work; 100 is usual.
    pub(crate) efficiency_percent: i32,
}
