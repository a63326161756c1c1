//! The compiled network: dense tables that the search walks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{EndUse, ExportClass, SiteId, TerritoryId};

use super::Horizon;
use super::gates::{self, Passage, WorkingDays};
use super::intervals::IntervalSet;
use super::lane_table::{Customs, LaneTable};
use super::minute::{self, Minute};
use super::timetable::Service;
use crate::model::{Lane, Network, Site, Weekdays};

/// Who uses a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Traffic {
    Goods,
    People,
}

/// A network compiled for a horizon. Immutable; share it freely.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) network: Network,
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) sites: Vec<SiteData>,
    pub(crate) lanes: Vec<LaneData>,
    site_index: BTreeMap<SiteId, u32>,
    calendars: Vec<IntervalSet>,
    goods: Outgoing,
    people: Outgoing,
}

/// A site, with references resolved.
#[derive(Debug)]
pub(crate) struct SiteData {
    pub(crate) zone: TimeZone,
    pub(crate) pick_minutes: Minute,
    pub(super) calendar: usize,
    pub(super) weekend: Weekdays,
    pub(super) holidays: Arc<BTreeSet<Date>>,
}

/// A lane, with references resolved.
#[derive(Debug)]
pub(crate) struct LaneData {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) service: Service,
    /// -ln(1 - probability of lateness) in millionths: adds up along a way.
    pub(crate) risk_micro: i64,
    pub(crate) clearance: Option<ClearanceData>,
    pub(super) goods: Option<LaneTable>,
    pub(super) people: Option<LaneTable>,
}

/// What entering a customs territory takes.
#[derive(Debug)]
pub(crate) struct ClearanceData {
    pub(crate) territory: TerritoryId,
    pub(crate) documents: Vec<String>,
    pub(super) calendar: usize,
    pub(super) minutes: Minute,
}

/// Lanes by origin, in compressed rows.
#[derive(Debug)]
struct Outgoing {
    first: Vec<u32>,
    lanes: Vec<u32>,
}

impl Outgoing {
    fn new(sites: usize, lanes: &[LaneData], used: impl Fn(&LaneData) -> bool) -> Self {
        let mut by_origin: Vec<(u32, u32)> = lanes
            .iter()
            .zip(0..)
            .filter(|(lane, _)| used(lane))
            .map(|(lane, index)| (lane.from, index))
            .collect();
        by_origin.sort_unstable();
        let first =
            (0..=sites).map(|site| by_origin.partition_point(|(from, _)| (*from as usize) < site) as u32);
        Self { first: first.collect(), lanes: by_origin.into_iter().map(|(_, lane)| lane).collect() }
    }

    fn of(&self, site: u32) -> &[u32] {
        let site = site as usize;
        &self.lanes[self.first[site] as usize..self.first[site + 1] as usize]
    }
}

impl Compiled {
    pub(super) fn new(
        network: Network,
        (start, end): (Minute, Minute),
        sites: Vec<SiteData>,
        lanes: Vec<LaneData>,
        site_index: BTreeMap<SiteId, u32>,
        calendars: Vec<IntervalSet>,
    ) -> Self {
        let goods = Outgoing::new(sites.len(), &lanes, |lane| lane.goods.is_some());
        let people = Outgoing::new(sites.len(), &lanes, |lane| lane.people.is_some());
        Self { network, start, end, sites, lanes, site_index, calendars, goods, people }
    }

    /// What the network was when it was compiled.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// What it was compiled for.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        Horizon { start: minute::instant(self.start), end: minute::instant(self.end) }
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
        &self.calendars[self.sites[site as usize].calendar]
    }

    pub(crate) fn outgoing(&self, site: u32, traffic: Traffic) -> &[u32] {
        match traffic {
            Traffic::Goods => self.goods.of(site),
            Traffic::People => self.people.of(site),
        }
    }

    pub(crate) fn table(&self, lane: u32, traffic: Traffic) -> Option<&LaneTable> {
        let lane = &self.lanes[lane as usize];
        match traffic {
            Traffic::Goods => lane.goods.as_ref(),
            Traffic::People => lane.people.as_ref(),
        }
    }

    /// Clearance at the end of a lane.
    pub(crate) fn customs(&self, lane: u32) -> Option<Customs<'_>> {
        let clearance = self.lanes[lane as usize].clearance.as_ref()?;
        Some(Customs { open: &self.calendars[clearance.calendar], minutes: clearance.minutes })
    }

    pub(crate) fn passage(
        &self,
        class: &ExportClass,
        from: u32,
        to: u32,
        end_use: Option<&EndUse>,
    ) -> Passage<'_> {
        gates::passage(&self.network.gates, class, self.site(from), self.site(to), end_use)
    }

    /// The working days of the country of a site.
    pub(crate) fn working_days(&self, site: u32) -> WorkingDays<'_> {
        let site = &self.sites[site as usize];
        WorkingDays { zone: &site.zone, weekend: site.weekend, holidays: &site.holidays }
    }
}
