//! The compiled network with agreed changes on top: extra access, a later cut-off, clearance in advance.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
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

/// A compiled network under changes. Sites whose lanes a change touches have boards of their own, built when asked
/// for and shared by views under the same changes.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) net: &'a Compiled,
    open: BTreeMap<u32, IntervalSet>,
    precleared: Vec<&'a TerritoryId>,
    later: BTreeMap<u32, Minute>,
    /// Boards of goods, by site; none when nothing is changed.
    changed: Rc<Vec<OnceCell<Arc<Board>>>>,
    /// Most lanes of a way; no limit when absent.
    pub(super) legs_max: Option<u32>,
    pub(super) memory: Memory,
}

impl<'a> View<'a> {
    pub(crate) fn new(net: &'a Compiled) -> Self {
        let (open, later, changed) = (BTreeMap::new(), BTreeMap::new(), Rc::default());
        Self { net, open, precleared: Vec::new(), later, changed, legs_max: None, memory: Memory::default() }
    }

    /// The same without ways of more than `legs_max` lanes.
    pub(crate) const fn with_legs_max(mut self, legs_max: u32) -> Self {
        self.legs_max = Some(legs_max);
        self
    }

    /// The same with more opening time.
    pub(crate) fn with_access(mut self, site: u32, access: &IntervalSet) -> Self {
        let open = self.open(site).union(access);
        self.open.insert(site, open);
        self.forget(|_, lane| lane.from == site || lane.to == site)
    }

    /// The same with goods cleared before they enter `territory`.
    pub(crate) fn with_preclearance(mut self, territory: &'a TerritoryId) -> Self {
        self.precleared.push(territory);
        self.forget(|_, lane| lane.clearance.as_ref().is_some_and(|entry| entry.territory == *territory))
    }

    /// The same with a carrier that waits for goods beyond its cut-offs on one lane.
    pub(crate) fn with_later_cut_off(mut self, lane: u32, by: Minute) -> Self {
        self.later.insert(lane, by);
        self.forget(|candidate, _| candidate == lane)
    }

    /// Goes on with the boards of the sites whose lanes a change has not touched.
    fn forget(mut self, touched: impl Fn(u32, &LaneData) -> bool) -> Self {
        let rows = &self.net.graph(Traffic::Goods).rows;
        let kept = |site: u32| {
            let touched = |lane: &u32| touched(*lane, &self.net.lanes[*lane as usize]);
            let known = self.changed.get(site as usize).filter(|_| !rows.outgoing(site).iter().any(touched));
            known.cloned().unwrap_or_default()
        };
        let sites = u32::try_from(rows.sites()).unwrap_or(u32::MAX);
        self.changed = Rc::new((0..sites).map(kept).collect());
        self
    }

    /// Whether a search in this view, or in one that it came from or that came from it, was cut short.
    pub(crate) fn is_cut(&self) -> bool {
        self.memory.cut.get()
    }

    /// Remembers that a search was cut short.
    pub(crate) fn cut(&self) {
        self.memory.cut.set(true);
    }

    /// Whether what `traffic` finds is what was compiled.
    pub(super) fn is_as_compiled(&self, traffic: Traffic) -> bool {
        traffic == Traffic::People || self.changed.is_empty()
    }

    /// Whether a change touches goods on a lane.
    fn is_touched(&self, lane: u32) -> bool {
        let data = &self.net.lanes[lane as usize];
        let opened = |site| self.open.contains_key(&site);
        opened(data.from) || opened(data.to) || self.later.contains_key(&lane) || self.waived(data)
    }

    /// Whether goods on a lane are cleared before they arrive.
    fn waived(&self, lane: &LaneData) -> bool {
        lane.clearance.as_ref().is_some_and(|entry| self.precleared.contains(&&entry.territory))
    }

    /// The departures of a site.
    pub(super) fn board(&self, site: u32, traffic: Traffic) -> &Board {
        let compiled = &self.net.graph(traffic).boards[site as usize];
        if self.is_as_compiled(traffic) {
            return compiled;
        }
        self.changed[site as usize].get_or_init(|| {
            let lanes = self.net.graph(traffic).rows.outgoing(site);
            if !lanes.iter().any(|lane| self.is_touched(*lane)) {
                return Arc::clone(compiled);
            }
            let table = |place: usize| self.is_touched(lanes[place]).then(|| self.table(lanes[place]));
            Arc::new(compiled.with(table))
        })
    }

    /// The table of a lane under the changes.
    fn table(&self, lane: u32) -> LaneTable {
        let later = self.later.get(&lane).copied().unwrap_or(0);
        let service = &self.net.lanes[lane as usize].service;
        LaneTable::new(service, &self.ends(lane, Traffic::Goods), later, self.net.end)
    }

    fn runs(&self, lane: u32, traffic: Traffic) -> Option<(&Board, Runs)> {
        let from = self.net.lanes[lane as usize].from;
        let place = self.net.graph(traffic).rows.place(lane, from)?;
        let board = self.board(from, traffic);
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
        Ends {
            origin: Some(self.open(data.from)),
            destination: Some(self.open(data.to)),
            customs: if self.waived(data) { None } else { self.net.customs(lane) },
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
        self.received(lane, traffic, arrive).filter(|ready| *ready <= self.net.end)
    }

    /// When what arrives on a lane at `arrive` is received.
    pub(crate) fn received(&self, lane: u32, traffic: Traffic, arrive: Minute) -> Option<Minute> {
        self.ends(lane, traffic).ready(arrive)
    }

    /// The leg that starts from the origin at `at`.
    pub(crate) fn leg(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Leg> {
        let (board, runs) = self.runs(lane, traffic)?;
        let (hand_over, depart, arrive) = match runs {
            Runs::Timetable(slots) => {
                let slot = board.around(&slots, at).1?;
                let run = self.net.lanes[lane as usize].service.run(slot.run)?;
                (slot.hand_over, run.depart, run.arrive)
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
            Runs::Timetable(slots) => {
                let slots = board.slots(&slots);
                let in_time = slots.partition_point(|slot| slot.ready <= by);
                slots[in_time.checked_sub(1)?].hand_over
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
        let (board, Runs::Timetable(slots)) = self.runs(lane, traffic)? else { return None };
        let slot = board.around(&slots, at).0?;
        let run = self.net.lanes[lane as usize].service.run(slot.run)?;
        Some((slot.hand_over, slot.hand_over >= run.cut_off && run.depart >= at))
    }
}
