//! The compiled network with agreed changes on top: extra access, a later cut-off, clearance in advance.

use std::collections::BTreeMap;

use crate::compile::{Compiled, Ends, IntervalSet, LaneTable, Minute, Service, Traffic};
use meridian_types::TerritoryId;

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

/// A compiled network under changes. Lanes that a change touches have tables of their own.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) net: &'a Compiled,
    open: BTreeMap<u32, IntervalSet>,
    goods: BTreeMap<u32, LaneTable>,
    precleared: Option<&'a TerritoryId>,
    later: Option<(u32, Minute)>,
}

impl<'a> View<'a> {
    pub(crate) const fn new(net: &'a Compiled) -> Self {
        Self { net, open: BTreeMap::new(), goods: BTreeMap::new(), precleared: None, later: None }
    }

    /// The same with more opening time.
    pub(crate) fn with_access(mut self, site: u32, spans: Vec<(Minute, Minute)>) -> Self {
        let open = self.open(site).union(&IntervalSet::union_of(spans));
        self.open.insert(site, open);
        self.rebuild(|net, lane| {
            net.lanes[lane as usize].from == site || net.lanes[lane as usize].to == site
        });
        self
    }

    /// The same with goods cleared before they enter `territory`.
    pub(crate) fn with_preclearance(mut self, territory: &'a TerritoryId) -> Self {
        self.precleared = Some(territory);
        self.rebuild(|net, lane| {
            net.lanes[lane as usize]
                .clearance
                .as_ref()
                .is_some_and(|clearance| clearance.territory == *territory)
        });
        self
    }

    /// The same with a carrier that waits for goods beyond its cut-offs on one lane.
    pub(crate) fn with_later_cut_off(mut self, lane: u32, by: Minute) -> Self {
        self.later = Some((lane, by));
        self.rebuild(|_, candidate| candidate == lane);
        self
    }

    fn rebuild(&mut self, touched: impl Fn(&Compiled, u32) -> bool) {
        for lane in 0..u32::try_from(self.net.lanes.len()).unwrap_or(u32::MAX) {
            if touched(self.net, lane) && self.net.table(lane, Traffic::Goods).is_some() {
                let later = self.later.filter(|(changed, _)| *changed == lane).map_or(0, |(_, by)| by);
                let service = &self.net.lanes[lane as usize].service;
                let table = LaneTable::new(service, &self.ends(lane, Traffic::Goods), later, self.net.end);
                self.goods.insert(lane, table);
            }
        }
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

    fn table(&self, lane: u32, traffic: Traffic) -> Option<&LaneTable> {
        let changed = if traffic == Traffic::Goods { self.goods.get(&lane) } else { None };
        changed.or_else(|| self.net.table(lane, traffic))
    }

    /// When somebody or something that is at the origin at `at` is ready at the destination.
    pub(crate) fn ready(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Minute> {
        match self.table(lane, traffic)? {
            LaneTable::Timetable { hand_over, ready, .. } => {
                ready.get(hand_over.partition_point(|&hand_over| hand_over < at)).copied()
            }
            LaneTable::OnDemand { windows, duration } => {
                let arrive = windows.next_open(at)?.checked_add(*duration)?;
                self.ends(lane, traffic).ready(arrive).filter(|ready| *ready <= self.net.end)
            }
        }
    }

    /// The leg that starts from the origin at `at`.
    pub(crate) fn leg(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<Leg> {
        let (hand_over, depart, arrive) = match self.table(lane, traffic)? {
            LaneTable::Timetable { hand_over, run, .. } => {
                let slot = hand_over.partition_point(|&hand_over| hand_over < at);
                let Service::Timetable(runs) = &self.net.lanes[lane as usize].service else { return None };
                let run = runs[*run.get(slot)? as usize];
                (hand_over[slot], run.depart, run.arrive)
            }
            LaneTable::OnDemand { windows, duration } => {
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
        let hand_over = match self.table(lane, traffic)? {
            LaneTable::Timetable { hand_over, ready, .. } => {
                hand_over[ready.partition_point(|&ready| ready <= by).checked_sub(1)?]
            }
            LaneTable::OnDemand { windows, duration } => windows.last_open(arrive - duration)?,
        };
        Some((hand_over, arrive))
    }

    /// The departure of a lane that was just missed at `at`: its last hand-over, and whether the carrier could
    /// still have waited, because the lane departs later than that.
    pub(crate) fn missed(&self, lane: u32, traffic: Traffic, at: Minute) -> Option<(Minute, bool)> {
        let LaneTable::Timetable { hand_over, run, .. } = self.table(lane, traffic)? else { return None };
        let slot = hand_over.partition_point(|&hand_over| hand_over < at).checked_sub(1)?;
        let Service::Timetable(runs) = &self.net.lanes[lane as usize].service else { return None };
        let run = runs[run[slot] as usize];
        Some((hand_over[slot], hand_over[slot] >= run.cut_off && run.depart >= at))
    }
}
