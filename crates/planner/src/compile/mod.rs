//! Reference data and a horizon to timetables in UTC minutes. Clock changes, holidays and weekends are dealt
//! with here and nowhere else.

mod build;
mod calendar;
mod error;
mod gates;
mod intervals;
mod lane_table;
mod minute;
mod tables;
mod timetable;
mod validate;
mod validate_lane;
mod wall;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Network;

pub(crate) use build::risk_micro;
pub use error::{CompileError, CompileErrors, CompileRule};
pub(crate) use gates::Passage;
pub(crate) use intervals::IntervalSet;
pub(crate) use lane_table::{Ends, LaneTable};
pub(crate) use minute::{Minute, ceil, floor, instant, length};
pub use tables::Compiled;
pub(crate) use tables::Traffic;
pub(crate) use timetable::Service;
pub(crate) use wall::{date as local_date, dates, day as local_day};

/// The stretch of time that is planned for, at most 400 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Horizon {
    /// First instant; requests are made at or after it.
    pub start: Timestamp,
    /// Nothing arrives after it.
    pub end: Timestamp,
}

impl Compiled {
    /// Compiles `network` for `horizon`.
    ///
    /// # Errors
    /// Every field of every record that breaks a rule.
    pub fn compile(network: &Network, horizon: Horizon) -> Result<Self, CompileErrors> {
        let errors = validate::errors(network, horizon);
        if errors.is_empty() { build::build(network, horizon) } else { Err(CompileErrors(errors)) }
    }
}
