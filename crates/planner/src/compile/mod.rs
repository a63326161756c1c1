//! Reference data and a horizon to timetables in UTC minutes. Clock changes, holidays and weekends are dealt
//! with here and nowhere else.

mod board;
mod build;
mod calendar;
mod error;
mod gates;
mod graph;
mod intervals;
mod kept;
mod lane_table;
mod minute;
mod tables;
mod timetable;
mod validate;
mod validate_lane;
mod wall;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Network;
use kept::Kept;

pub(crate) use board::{Board, BoardLane, OnDemand, Runs};
pub(crate) use build::risk_micro;
pub use error::{CompileError, CompileErrors, CompileRule};
pub(crate) use gates::Passage;
pub(crate) use graph::{Bundle, Rows};
pub(crate) use intervals::IntervalSet;
pub(crate) use lane_table::{Ends, LaneTable};
pub(crate) use minute::{Minute, ceil, floor, instant, length};
pub use tables::{Compiled, TableSize};
pub(crate) use tables::{LaneData, Traffic};
pub(crate) use timetable::Service;
pub(crate) use wall::{date as local_date, dates, day as local_day};

/// The stretch of time that is planned for, at most 400 days, from the year 1 on and until the end of the year 4999.
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
        let errors = validate::errors(network, horizon, None);
        if !errors.is_empty() {
            return Err(CompileErrors(errors));
        }
        let between = (minute::floor(horizon.start), minute::floor(horizon.end));
        build::build(&Arc::new(network.clone()), between, None)
    }

    /// Compiles a changed network for the same horizon. Only what a change touches is built: a calendar
    /// that changed touches its sites and their lanes, a public calendar the calendars and sites that keep its holidays.
    /// All else is shared with `self`. The result is the same as that of [`Compiled::compile`].
    ///
    /// # Errors
    /// As [`Compiled::compile`].
    pub fn recompiled(&self, network: &Arc<Network>) -> Result<Self, CompileErrors> {
        let kept = Kept::new(self, network);
        let errors = validate::errors(network, self.horizon(), Some(&kept));
        if !errors.is_empty() {
            return Err(CompileErrors(errors));
        }
        build::build(network, (self.start, self.end), Some(&kept))
    }
}
