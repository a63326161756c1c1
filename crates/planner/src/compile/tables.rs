//! The compiled network: dense tables that the search walks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{EndUse, ExportClass, GateId, Interval, SiteId, TerritoryId};

use super::Horizon;
use super::board::Runs;
use super::gates::{self, Passage, WorkingDays};
use super::graph::Graph;
use super::intervals::IntervalSet;
use super::lane_table::{Customs, Slot};
use super::minute::{self, Minute};
use super::timetable::Service;
use crate::model::{Lane, Network, Site, Weekdays};

/// Who uses a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Traffic {
    Goods,
    People,
}

/// A network compiled for a horizon. Immutable; its parts are shared, so a clone costs next to nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    pub(crate) network: Arc<Network>,
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) sites: Arc<Vec<SiteData>>,
    pub(crate) lanes: Arc<Vec<Arc<LaneData>>>,
    pub(super) site_index: Arc<BTreeMap<SiteId, u32>>,
    /// In the order of the records.
    pub(super) calendars: Vec<Arc<IntervalSet>>,
    pub(super) goods: Graph,
    pub(super) people: Graph,
}

/// A site, with references resolved.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SiteData {
    pub(crate) zone: TimeZone,
    pub(crate) pick_minutes: Minute,
    pub(super) open: Arc<IntervalSet>,
    pub(super) weekend: Weekdays,
    pub(super) holidays: Arc<BTreeSet<Date>>,
}

/// A lane, with references resolved.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LaneData {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) service: Service,
    /// -ln(1 - probability of lateness) in millionths: adds up along a way.
    pub(crate) risk_micro: i64,
    pub(crate) clearance: Option<Arc<ClearanceData>>,
}

/// What entering a customs territory takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClearanceData {
    pub(crate) territory: TerritoryId,
    pub(crate) documents: Vec<String>,
    pub(super) open: Arc<IntervalSet>,
    pub(super) minutes: Minute,
}

/// How much a compiled network holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    /// Departures within the horizon, over all lanes.
    pub departures: usize,
    /// Bytes of all tables, without the records they were compiled from.
    pub bytes: usize,
}

impl Compiled {
    /// What the network was when it was compiled.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What it was compiled for.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        Horizon { start: minute::instant(self.start), end: minute::instant(self.end) }
    }

    /// Intervals as whole minutes that lie inside them, as far as the horizon reaches.
    pub(crate) fn minutes<'i>(&self, intervals: impl IntoIterator<Item = &'i Interval>) -> IntervalSet {
        let within = |span: &Interval| {
            let (start, end) = (minute::ceil(span.start()), minute::floor(span.end()));
            (start.max(self.start), end.min(self.end))
        };
        IntervalSet::union_of(intervals.into_iter().map(within).collect())
    }

    pub(crate) fn index_of(&self, site: &SiteId) -> Option<u32> {
        self.site_index.get(site).copied()
    }

    pub(crate) fn site(&self, site: u32) -> &Site {
        &self.network.sites[site as usize]
    }

    pub(crate) fn lane(&self, lane: u32) -> &Lane {
        &self.network.lanes[lane as usize]
    }

    /// When a site is open.
    pub(crate) fn open(&self, site: u32) -> &IntervalSet {
        &self.sites[site as usize].open
    }

    pub(crate) const fn graph(&self, traffic: Traffic) -> &Graph {
        match traffic {
            Traffic::Goods => &self.goods,
            Traffic::People => &self.people,
        }
    }

    /// Clearance at the end of a lane.
    pub(crate) fn customs(&self, lane: u32) -> Option<Customs<'_>> {
        self.lanes[lane as usize].customs()
    }

    /// Last hand-over and readiness of each departure that makes sense for goods on a lane, both rising, by its
    /// place among the lanes of the network; none for a lane that starts on demand or carries no goods.
    #[must_use]
    pub fn departures(&self, lane: usize) -> Vec<(Timestamp, Timestamp)> {
        let departures = || {
            let from = self.lanes.get(lane)?.from;
            let board = &self.goods.boards[from as usize];
            let place = self.goods.rows.place(u32::try_from(lane).ok()?, from)?;
            let Runs::Timetable(slots) = &board.lanes[place].runs else { return None };
            let instants = |slot: &Slot| (minute::instant(slot.hand_over), minute::instant(slot.ready));
            Some(board.slots(slots).iter().map(instants).collect())
        };
        departures().unwrap_or_default()
    }

    /// How much it holds.
    #[must_use]
    pub fn size(&self) -> TableSize {
        let mut size = TableSize { departures: 0, bytes: 0 };
        for lane in &*self.lanes {
            let (departures, bytes) = lane.service.size();
            size.departures += departures;
            size.bytes += bytes + size_of::<LaneData>() - size_of::<Service>();
        }
        for graph in [&self.goods, &self.people] {
            size.bytes += graph.rows.bytes() + graph.boards.iter().map(|board| board.bytes()).sum::<usize>();
        }
        size.bytes += self.sites.len() * size_of::<SiteData>();
        size.bytes += self.calendars.iter().map(|calendar| calendar.bytes()).sum::<usize>();
        size
    }

    /// What the export rules say about a way for which some licences are in hand, and whether declaring the use would
    /// change it.
    pub(crate) fn passage(
        &self,
        class: &ExportClass,
        (from, to): (u32, u32),
        end_use: Option<&EndUse>,
        in_hand: impl Fn(&GateId) -> bool,
    ) -> (Passage<'_>, bool) {
        gates::passage(&self.network.gates, class, (self.site(from), self.site(to)), end_use, in_hand)
    }

    /// The working days where a site is.
    pub(crate) fn working_days(&self, site: u32) -> WorkingDays<'_> {
        let site = &self.sites[site as usize];
        WorkingDays { zone: &site.zone, weekend: site.weekend, holidays: &site.holidays }
    }
}

impl LaneData {
    /// Clearance at the end of the lane.
    pub(super) fn customs(&self) -> Option<Customs<'_>> {
        let clearance = self.clearance.as_ref()?;
        Some(Customs { open: &clearance.open, minutes: clearance.minutes })
    }
}
