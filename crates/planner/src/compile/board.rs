//! The departures of one site, side by side, as one kind of traffic sees them.

use std::ops::Range;

use super::intervals::IntervalSet;
use super::lane_table::{LaneTable, Slot};
use super::minute::Minute;

/// The tables of all lanes out of one site. What the search reads lies in a few flat arrays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Board {
    pub(crate) lanes: Vec<BoardLane>,
    hand_over: Vec<Minute>,
    ready: Vec<Minute>,
    /// The run behind a slot.
    run: Vec<u32>,
    on_demand: Vec<OnDemand>,
}

/// One lane on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardLane {
    pub(crate) to: u32,
    /// Least time from hand-over to readiness, over all departures; [`BoardLane::NEVER`] when there is none.
    pub(crate) minutes_min: Minute,
    pub(crate) runs: Runs,
}

impl BoardLane {
    pub(crate) const NEVER: Minute = Minute::MAX;
}

/// Where a board keeps when a lane runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// These slots. Hand-over and readiness both rise strictly.
    Timetable { first: u32, end: u32 },
    /// This entry of the windows.
    OnDemand(u32),
}

/// Hand-over is possible in these windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnDemand {
    pub(crate) windows: IntervalSet,
    pub(crate) duration: Minute,
}

impl Board {
    /// Puts the tables of lanes with their destinations on one board.
    pub(crate) fn new(tables: impl Iterator<Item = (u32, LaneTable)>) -> Self {
        let mut board = Self::default();
        for (to, table) in tables {
            let (runs, minutes_min) = match table {
                LaneTable::Timetable(slots) => {
                    let first = board.slots();
                    let minutes_min = slots.iter().map(|slot| slot.ready - slot.hand_over).min();
                    board.hand_over.extend(slots.iter().map(|slot| slot.hand_over));
                    board.ready.extend(slots.iter().map(|slot| slot.ready));
                    board.run.extend(slots.iter().map(|slot| slot.run));
                    (Runs::Timetable { first, end: board.slots() }, minutes_min)
                }
                LaneTable::OnDemand { windows, duration } => {
                    let index = u32::try_from(board.on_demand.len()).unwrap_or(u32::MAX);
                    let minutes_min = windows.iter().next().map(|_| duration);
                    board.on_demand.push(OnDemand { windows, duration });
                    (Runs::OnDemand(index), minutes_min)
                }
            };
            board.lanes.push(BoardLane { to, minutes_min: minutes_min.unwrap_or(BoardLane::NEVER), runs });
        }
        board.hand_over.shrink_to_fit();
        board.ready.shrink_to_fit();
        board.run.shrink_to_fit();
        board
    }

    /// Where the lane at a place leads, and its table.
    pub(crate) fn table(&self, place: usize) -> (u32, LaneTable) {
        let lane = &self.lanes[place];
        let table = match lane.runs {
            Runs::Timetable { first, end } => {
                let slot = |slot: u32| {
                    let (hand_over, run) = self.slot(slot);
                    Slot { hand_over, ready: self.ready_at(slot), run }
                };
                LaneTable::Timetable((first..end).map(slot).collect())
            }
            Runs::OnDemand(index) => {
                let OnDemand { windows, duration } = self.on_demand(index).clone();
                LaneTable::OnDemand { windows, duration }
            }
        };
        (lane.to, table)
    }

    fn slots(&self) -> u32 {
        u32::try_from(self.hand_over.len()).unwrap_or(u32::MAX)
    }

    /// The last hand-over of each slot.
    pub(crate) fn hand_over(&self, slots: Range<u32>) -> &[Minute] {
        &self.hand_over[slots.start as usize..slots.end as usize]
    }

    /// When what is handed over for each slot is ready at the destination.
    pub(crate) fn ready(&self, slots: Range<u32>) -> &[Minute] {
        &self.ready[slots.start as usize..slots.end as usize]
    }

    /// The first of `slots` that can still be reached at `at`, if there is one.
    pub(crate) fn next(&self, slots: Range<u32>, at: Minute) -> Option<u32> {
        let later = self.hand_over(slots.clone()).partition_point(|&hand_over| hand_over < at);
        let slot = slots.start + u32::try_from(later).unwrap_or(u32::MAX);
        (slot < slots.end).then_some(slot)
    }

    /// Last hand-over of a slot, and the run behind it.
    pub(crate) fn slot(&self, slot: u32) -> (Minute, u32) {
        (self.hand_over[slot as usize], self.run[slot as usize])
    }

    pub(crate) fn ready_at(&self, slot: u32) -> Minute {
        self.ready[slot as usize]
    }

    pub(crate) fn on_demand(&self, index: u32) -> &OnDemand {
        &self.on_demand[index as usize]
    }

    pub(super) fn bytes(&self) -> usize {
        let windows: usize = self.on_demand.iter().map(|lane| lane.windows.bytes()).sum();
        let slots = 3 * size_of::<Minute>() * self.hand_over.len();
        let lanes = size_of::<BoardLane>() * self.lanes.len() + size_of::<OnDemand>() * self.on_demand.len();
        size_of::<Self>() + slots + lanes + windows
    }
}
