//! The compiled network with agreed changes on top: extra access, a later cut-off, clearance in advance.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use meridian_types::TerritoryId;

use crate::compile::{Compiled, Ends, IntervalSet, LaneData, LaneTable, Minute, Service, Traffic};

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

/// A compiled network under changes. Lanes that a change touches have tables of their own, built when asked for.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) net: &'a Compiled,
    open: BTreeMap<u32, IntervalSet>,
    precleared: Vec<&'a TerritoryId>,
    later: BTreeMap<u32, Minute>,
    /// Shared by views under the same changes.
    goods: Rc<RefCell<BTreeMap<u32, Rc<LaneTable>>>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(net: &'a Compiled) -> Self {
        let (open, later, goods) = (BTreeMap::new(), BTreeMap::new(), Rc::default());
        Self { net, open, precleared: Vec::new(), later, goods }
    }

    /// The same with more opening time.
    pub(crate) fn with_access(mut self, site: u32, spans: Vec<(Minute, Minute)>) -> Self {
        let open = self.open(site).union(&IntervalSet::union_of(spans));
        self.open.insert(site, open);
        self.forget(|lane, _| lane.from == site || lane.to == site)
    }

    /// The same with goods cleared before they enter `territory`.
    pub(crate) fn with_preclearance(mut self, territory: &'a TerritoryId) -> Self {
        self.precleared.push(territory);
        self.forget(|lane, _| lane.clearance.as_ref().is_some_and(|entry| entry.territory == *territory))
    }

    /// The same with a carrier that waits for goods beyond its cut-offs on one lane.
    pub(crate) fn with_later_cut_off(mut self, lane: u32, by: Minute) -> Self {
        self.later.insert(lane, by);
        self.forget(|_, known| known == lane)
    }

    /// Goes on with the tables of the lanes that a change has not touched.
    fn forget(mut self, touched: impl Fn(&LaneData, u32) -> bool) -> Self {
        let mut kept = self.goods.borrow().clone();
        kept.retain(|&lane, _| !touched(&self.net.lanes[lane as usize], lane));
        self.goods = Rc::new(RefCell::new(kept));
        self
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

    /// Whether goods on a lane are cleared before they arrive.
    fn waived(&self, lane: &LaneData) -> bool {
        lane.clearance.as_ref().is_some_and(|entry| self.precleared.contains(&&entry.territory))
    }

    fn is_as_compiled(&self) -> bool {
        self.open.is_empty() && self.later.is_empty() && self.precleared.is_empty()
    }

    /// Whether a change touches goods on a lane.
    fn touched(&self, lane: u32) -> bool {
        let data = &self.net.lanes[lane as usize];
        let opened = |site| self.open.contains_key(&site);
        opened(data.from) || opened(data.to) || self.later.contains_key(&lane) || self.waived(data)
    }

    /// What `answer` makes of the table of a lane.
    fn table<T>(
        &self,
        lane: u32,
        traffic: Traffic,
        answer: impl FnOnce(&LaneTable) -> Option<T>,
    ) -> Option<T> {
        let compiled = self.net.table(lane, traffic)?;
        if traffic == Traffic::People || self.is_as_compiled() || !self.touched(lane) {
            return answer(compiled);
        }
        let build = || {
            let later = self.later.get(&lane).copied().unwrap_or(0);
            let service = &self.net.lanes[lane as usize].service;
            Rc::new(LaneTable::new(service, &self.ends(lane, traffic), later, self.net.end))
        };
        let table = Rc::clone(self.goods.borrow_mut().entry(lane).or_insert_with(build));
        answer(&table)
    }

    /// When somebody or something that is at the origin at `at` is ready at the destination.
    pub(crate) fn ready(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Minute> {
        self.table(lane, traffic, |table| match table {
            LaneTable::Timetable { hand_over, ready, .. } => {
                ready.get(hand_over.partition_point(|&hand_over| hand_over < at)).copied()
            }
            LaneTable::OnDemand { windows, duration } => {
                let arrive = windows.next_open(at)?.checked_add(*duration)?;
                self.received(lane, traffic, arrive).filter(|ready| *ready <= self.net.end)
            }
        })
    }

    /// When what arrives on a lane at `arrive` is received.
    pub(crate) fn received(&self, lane: u32, traffic: Traffic, arrive: Minute) -> Option<Minute> {
        self.ends(lane, traffic).ready(arrive)
    }

    /// The leg that starts from the origin at `at`.
    pub(crate) fn leg(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Leg> {
        let (hand_over, depart, arrive) = self.table(lane, traffic, |table| match table {
            LaneTable::Timetable { hand_over, run, .. } => {
                let slot = hand_over.partition_point(|&hand_over| hand_over < at);
                let Service::Timetable(runs) = &self.net.lanes[lane as usize].service else { return None };
                let run = runs[*run.get(slot)? as usize];
                Some((hand_over[slot], run.depart, run.arrive))
            }
            LaneTable::OnDemand { windows, duration } => {
                let depart = windows.next_open(at)?;
                Some((depart, depart, depart.checked_add(*duration)?))
            }
        })?;
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
        let hand_over = self.table(lane, traffic, |table| match table {
            LaneTable::Timetable { hand_over, ready, .. } => {
                Some(hand_over[ready.partition_point(|&ready| ready <= by).checked_sub(1)?])
            }
            LaneTable::OnDemand { windows, duration } => windows.last_open(arrive - duration),
        })?;
        Some((hand_over, arrive))
    }

    /// The departure of a lane that was just missed at `at`: its last hand-over, and whether the carrier could
    /// still have waited, because the lane departs later than that.
    pub(crate) fn missed(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<(Minute, bool)> {
        self.table(lane, traffic, |table| {
            let LaneTable::Timetable { hand_over, run, .. } = table else { return None };
            let slot = hand_over.partition_point(|&hand_over| hand_over < at).checked_sub(1)?;
            let Service::Timetable(runs) = &self.net.lanes[lane as usize].service else { return None };
            let run = runs[run[slot] as usize];
            Some((hand_over[slot], hand_over[slot] >= run.cut_off && run.depart >= at))
        })
    }
}
