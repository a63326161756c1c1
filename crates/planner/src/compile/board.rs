//! The departures of one site, side by side, as one kind of traffic sees them.

use super::intervals::IntervalSet;
use super::lane_table::{LaneTable, Slot};
use super::minute::Minute;

/// The tables of all lanes out of one site. What the search reads lies in a few flat arrays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Board {
    pub(crate) lanes: Vec<BoardLane>,
    slots: Vec<Slot>,
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
    Timetable(Slots),
    /// This entry of the windows.
    OnDemand(u32),
}

/// Consecutive slots of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slots {
    first: u32,
    end: u32,
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
            board.add(to, table);
        }
        board.slots.shrink_to_fit();
        board
    }

    /// The same with other tables at the places for which there is one.
    pub(crate) fn with(&self, other: impl Fn(usize) -> Option<LaneTable>) -> Self {
        let mut board = Self::default();
        board.lanes.reserve(self.lanes.len());
        board.slots.reserve(self.slots.len());
        for (place, lane) in self.lanes.iter().enumerate() {
            match other(place) {
                Some(table) => board.add(lane.to, table),
                None => board.copy(self, lane),
            }
        }
        board
    }

    fn add(&mut self, to: u32, table: LaneTable) {
        let (runs, minutes_min) = match table {
            LaneTable::Timetable(slots) => {
                let minutes_min = slots.iter().map(|slot| slot.ready - slot.hand_over).min();
                (self.add_slots(&slots), minutes_min)
            }
            LaneTable::OnDemand { windows, duration } => {
                let minutes_min = windows.iter().next().map(|_| duration);
                (self.add_on_demand(OnDemand { windows, duration }), minutes_min)
            }
        };
        self.lanes.push(BoardLane { to, minutes_min: minutes_min.unwrap_or(BoardLane::NEVER), runs });
    }

    fn add_slots(&mut self, slots: &[Slot]) -> Runs {
        let place = |slots: &[Slot]| u32::try_from(slots.len()).unwrap_or(u32::MAX);
        let first = place(&self.slots);
        self.slots.extend_from_slice(slots);
        Runs::Timetable(Slots { first, end: place(&self.slots) })
    }

    fn add_on_demand(&mut self, lane: OnDemand) -> Runs {
        self.on_demand.push(lane);
        Runs::OnDemand(u32::try_from(self.on_demand.len() - 1).unwrap_or(u32::MAX))
    }

    /// Adds a lane of another board.
    fn copy(&mut self, other: &Self, lane: &BoardLane) {
        let runs = match &lane.runs {
            Runs::Timetable(slots) => self.add_slots(other.slots(slots)),
            Runs::OnDemand(index) => self.add_on_demand(other.on_demand(*index).clone()),
        };
        self.lanes.push(BoardLane { runs, ..*lane });
    }

    /// The departures of a lane that make sense.
    pub(crate) fn slots(&self, of: &Slots) -> &[Slot] {
        &self.slots[of.first as usize..of.end as usize]
    }

    /// The last slot that is missed at `at`, and the first that can still be reached.
    pub(crate) fn around(&self, of: &Slots, at: Minute) -> (Option<&Slot>, Option<&Slot>) {
        let slots = self.slots(of);
        let next = slots.partition_point(|slot| slot.hand_over < at);
        (next.checked_sub(1).map(|before| &slots[before]), slots.get(next))
    }

    pub(crate) fn on_demand(&self, index: u32) -> &OnDemand {
        &self.on_demand[index as usize]
    }

    pub(super) fn bytes(&self) -> usize {
        let windows: usize = self.on_demand.iter().map(|lane| lane.windows.bytes()).sum();
        let slots = size_of::<Slot>() * self.slots.len();
        let lanes = size_of::<BoardLane>() * self.lanes.len() + size_of::<OnDemand>() * self.on_demand.len();
        size_of::<Self>() + slots + lanes + windows
    }
}
