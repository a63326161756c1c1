//! The compiled network with agreed changes on top: extra access, a later cut-off, clearance in advance.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_types::TerritoryId;

use super::memory::Memory;
use crate::compile::{
    Board, Compiled, Ends, IntervalSet, LaneData, LaneTable, Minute, OnDemand, Runs, Traffic,
};

/// One leg of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) lane: u32,
    /// Last hand-over for this departure.
    pub(crate) hand_over: Minute,
    pub(crate) depart: Minute,
    pub(crate) arrive: Minute,
    /// Customs passed.
    pub(crate) cleared: Minute,
    /// Received.
    pub(crate) ready: Minute,
}

/// A compiled network under changes. Sites whose lanes a change touches have boards of their own.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) net: &'a Compiled,
    open: BTreeMap<u32, IntervalSet>,
    /// Boards of goods, where changes touch them.
    changed: Option<Arc<Vec<Arc<Board>>>>,
    precleared: Option<&'a TerritoryId>,
    later: Option<(u32, Minute)>,
    /// Most lanes of a way; no limit when absent.
    pub(super) legs_max: Option<u32>,
    pub(super) memory: Memory,
}

impl<'a> View<'a> {
    pub(crate) fn new(net: &'a Compiled) -> Self {
        let memory = Memory::default();
        let (open, changed, precleared, later, legs_max) = (BTreeMap::new(), None, None, None, None);
        Self { net, open, changed, precleared, later, legs_max, memory }
    }

    /// The same without ways of more than `legs_max` lanes.
    pub(crate) const fn with_legs_max(mut self, legs_max: u32) -> Self {
        self.legs_max = Some(legs_max);
        self
    }

    /// The same with more opening time.
    pub(crate) fn with_access(mut self, site: u32, spans: Vec<(Minute, Minute)>) -> Self {
        let open = self.open(site).union(&IntervalSet::union_of(spans));
        self.open.insert(site, open);
        self.rebuild(|_, lane| lane.from == site || lane.to == site);
        self
    }

    /// The same with goods cleared before they enter `territory`.
    pub(crate) fn with_preclearance(mut self, territory: &'a TerritoryId) -> Self {
        self.precleared = Some(territory);
        self.rebuild(|_, lane| {
            lane.clearance.as_ref().is_some_and(|clearance| clearance.territory == *territory)
        });
        self
    }

    /// The same with a carrier that waits for goods beyond its cut-offs on one lane.
    pub(crate) fn with_later_cut_off(mut self, lane: u32, by: Minute) -> Self {
        self.later = Some((lane, by));
        self.rebuild(|candidate, _| candidate == lane);
        self
    }

    fn rebuild(&mut self, touched: impl Fn(u32, &LaneData) -> bool) {
        let rows = &self.net.graph(Traffic::Goods).rows;
        let mut boards = self.boards(Traffic::Goods).to_vec();
        for (site, board) in (0..).zip(&mut boards) {
            let lanes = rows.outgoing(site);
            if lanes.iter().any(|&lane| touched(lane, &self.net.lanes[lane as usize])) {
                *board = Arc::new(Board::new(lanes.iter().map(|&lane| self.table(lane))));
            }
        }
        self.changed = Some(Arc::new(boards));
        self.memory = self.memory.for_other_times();
    }

    /// Where a lane leads, and its table under the changes.
    fn table(&self, lane: u32) -> (u32, LaneTable) {
        let later = self.later.filter(|(changed, _)| *changed == lane).map_or(0, |(_, by)| by);
        let data = &self.net.lanes[lane as usize];
        (data.to, LaneTable::new(&data.service, &self.ends(lane, Traffic::Goods), later, self.net.end))
    }

    /// The departures of all sites.
    pub(super) fn boards(&self, traffic: Traffic) -> &[Arc<Board>] {
        let changed = self.changed.as_ref().filter(|_| traffic == Traffic::Goods);
        changed.unwrap_or(&self.net.graph(traffic).boards)
    }

    fn runs(&self, lane: u32, traffic: Traffic) -> Option<(&Board, Runs)> {
        let from = self.net.lanes[lane as usize].from;
        let place = self.net.graph(traffic).rows.place(lane, from)?;
        let board = &self.boards(traffic)[from as usize];
        Some((board, board.lanes[place].runs))
    }

    /// When a site is open.
    pub(crate) fn open(&self, site: u32) -> &IntervalSet {
        self.open.get(&site).unwrap_or_else(|| self.net.open(site))
    }

    fn ends(&self, lane: u32, traffic: Traffic) -> Ends<'_> {
        if traffic == Traffic::People {
            return Ends { origin: None, destination: None, customs: None };
        }
        let data = &self.net.lanes[lane as usize];
        let waived =
            data.clearance.as_ref().is_some_and(|clearance| self.precleared == Some(&clearance.territory));
        Ends {
            origin: Some(self.open(data.from)),
            destination: Some(self.open(data.to)),
            customs: if waived { None } else { self.net.customs(lane) },
        }
    }

    /// When what leaves on an on-demand lane at `at` or later is ready at the destination.
    pub(super) fn on_demand(
        &self,
        lane: u32,
        traffic: Traffic,
        run: &OnDemand,
        at: Minute,
    ) -> Option<Minute> {
        let arrive = run.windows.next_open(at)?.checked_add(run.duration)?;
        self.ends(lane, traffic).ready(arrive).filter(|ready| *ready <= self.net.end)
    }

    /// The leg that starts from the origin at `at`.
    pub(crate) fn leg(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Leg> {
        let (board, runs) = self.runs(lane, traffic)?;
        let (hand_over, depart, arrive) = match runs {
            Runs::Timetable { first, end } => {
                let (hand_over, run) = board.slot(board.next(first..end, at)?);
                let run = self.net.lanes[lane as usize].service.run(run)?;
                (hand_over, run.depart, run.arrive)
            }
            Runs::OnDemand(index) => {
                let OnDemand { windows, duration } = board.on_demand(index);
                let depart = windows.next_open(at)?;
                (depart, depart, depart.checked_add(*duration)?)
            }
        };
        let ends = self.ends(lane, traffic);
        Some(Leg {
            lane,
            hand_over,
            depart,
            arrive,
            cleared: ends.cleared(arrive)?,
            ready: ends.ready(arrive)?,
        })
    }

    /// The legs of a way along `lanes` that starts at `at`.
    pub(crate) fn legs(&self, lanes: &[u32], traffic: Traffic, at: Minute) -> Option<Vec<Leg>> {
        let mut at = at;
        let step = |lane: &u32| {
            let leg = self.leg(*lane, traffic, at)?;
            at = leg.ready;
            Some(leg)
        };
        lanes.iter().map(step).collect()
    }

    /// The latest hand-over on a lane, and the latest arrival, that are still ready by `ready`.
    pub(crate) fn latest(&self, lane: u32, traffic: Traffic, by: Minute) -> Option<(Minute, Minute)> {
        let arrive = self.ends(lane, traffic).latest_arrival(by)?;
        let (board, runs) = self.runs(lane, traffic)?;
        let hand_over = match runs {
            Runs::Timetable { first, end } => {
                let in_time = board.ready(first..end).partition_point(|&ready| ready <= by);
                board.hand_over(first..end)[in_time.checked_sub(1)?]
            }
            Runs::OnDemand(index) => {
                let OnDemand { windows, duration } = board.on_demand(index);
                windows.last_open(arrive - duration)?
            }
        };
        Some((hand_over, arrive))
    }

    /// The departure of a lane that was just missed at `at`: its last hand-over, and whether the carrier could
    /// still have waited, because the lane departs later than that.
    pub(crate) fn missed(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<(Minute, bool)> {
        let (board, Runs::Timetable { first, end }) = self.runs(lane, traffic)? else { return None };
        let slot = board.next(first..end, at).unwrap_or(end).checked_sub(1).filter(|slot| *slot >= first)?;
        let (hand_over, run) = board.slot(slot);
        let run = self.net.lanes[lane as usize].service.run(run)?;
        Some((hand_over, hand_over >= run.cut_off && run.depart >= at))
    }
}
