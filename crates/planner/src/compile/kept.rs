//! What an earlier compile of the same horizon still says about a network that changed since.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_types::{CalendarId, LaneId};

use super::board::Board;
use super::calendar::PublicDays;
use super::graph::Graph;
use super::intervals::IntervalSet;
use super::tables::{ClearanceData, Compiled, LaneData, SiteData};
use crate::model::{Calendar, Lane, Network, Schedule};

/// An earlier compile, compared with the network as it is now.
pub(super) struct Kept<'a> {
    old: &'a Compiled,
    /// For each lane of the new network the index of the equal record before.
    lanes: Vec<Option<u32>>,
    calendars: BTreeMap<&'a CalendarId, usize>,
    /// Weekends and holidays before and now.
    public_days: [PublicDays<'a>; 2],
    /// Whether sites and calendars have the codes they had before, in their order.
    same_places: bool,
}

impl<'a> Kept<'a> {
    pub(super) fn new(old: &'a Compiled, network: &'a Network) -> Self {
        let before = &*old.network;
        Self {
            old,
            lanes: equal_lanes(&before.lanes, &network.lanes),
            calendars: before.calendars.iter().zip(0..).map(|(calendar, i)| (&calendar.id, i)).collect(),
            public_days: [before, network].map(|network| PublicDays::new(&network.public_calendars)),
            same_places: before
                .sites
                .iter()
                .map(|site| &site.id)
                .eq(network.sites.iter().map(|site| &site.id))
                && before
                    .calendars
                    .iter()
                    .map(|calendar| &calendar.id)
                    .eq(network.calendars.iter().map(|calendar| &calendar.id)),
        }
    }

    /// Whether the rules of a single lane need no second look: the record and all it can refer to are as before.
    pub(super) fn is_valid(&self, lane: usize) -> bool {
        self.same_places && self.lanes[lane].is_some()
    }

    /// Whether every lane stands where it stood, changed or not, so that no code can have become ambiguous.
    pub(super) fn same_lane_ids(&self, network: &Network) -> bool {
        let before = &self.old.network.lanes;
        before.len() == network.lanes.len()
            && self.lanes.iter().enumerate().all(|(index, kept)| {
                *kept == u32::try_from(index).ok() || before[index].id == network.lanes[index].id
            })
    }

    pub(super) fn calendar(&self, record: &Calendar) -> Option<Arc<IntervalSet>> {
        let index = *self.calendars.get(&record.id)?;
        let [before, now] = &self.public_days;
        let same = self.old.network.calendars[index] == *record
            && record.observes.as_ref().is_none_or(|(country, part)| {
                before.of(country, part.as_deref()) == now.of(country, part.as_deref())
            });
        same.then(|| Arc::clone(&self.old.calendars[index]))
    }

    /// The two ends of a lane, when neither it nor the list of sites changed.
    pub(super) fn ends(&self, lane: usize) -> Option<(u32, u32)> {
        let old = &self.old.lanes[self.lanes[lane]? as usize];
        self.same_places.then_some((old.from, old.to))
    }

    /// A lane, when everything that its departures and its clearance follow from is as before.
    pub(super) fn lane(
        &self,
        (index, record): (usize, &Lane),
        (from, to): (u32, u32),
        sites: &[SiteData],
        clearance: Option<&Arc<ClearanceData>>,
        calendar: Option<&Arc<IntervalSet>>,
    ) -> Option<Arc<LaneData>> {
        let lane = &self.old.lanes[self.lanes[index]? as usize];
        let (origin, destination) = (self.old.sites.get(from as usize)?, self.old.sites.get(to as usize)?);
        let (new_origin, new_destination) = (&sites[from as usize], &sites[to as usize]);
        let hours = match &record.schedule {
            Schedule::OnDemand { calendar: Some(id), .. } => {
                self.calendars.get(id).map(|index| &self.old.calendars[*index])
            }
            _ => None,
        };
        let same = (lane.from, lane.to) == (from, to)
            && origin.zone == new_origin.zone
            && origin.holidays == new_origin.holidays
            && destination.zone == new_destination.zone
            && hours == calendar
            && lane.clearance.as_ref() == clearance;
        same.then(|| Arc::clone(lane))
    }

    /// Whether the lanes still lead where they led and carry what they carried.
    pub(super) fn same_shape(
        &self,
        network: &Network,
        (sites, lanes): (&[SiteData], &[Arc<LaneData>]),
    ) -> bool {
        let shape = |(data, record): (&Arc<LaneData>, &Lane)| {
            (data.from, data.to, record.goods.is_some(), record.people.is_some())
        };
        let before = self.old.lanes.iter().zip(&self.old.network.lanes);
        sites.len() == self.old.sites.len()
            && before.map(shape).eq(lanes.iter().zip(&network.lanes).map(shape))
    }

    /// The board of a site, when its lanes and the hours at both their ends are as before.
    pub(super) fn board(
        &self,
        (sites, lanes): (&[SiteData], &[Arc<LaneData>]),
        (site, outgoing): (u32, &[u32]),
        graph: &Graph,
        hours_count: bool,
    ) -> Option<Arc<Board>> {
        self.old.sites.get(site as usize)?;
        let before = graph.rows.outgoing(site);
        let open = |site: u32| {
            let (before, now) = (self.old.sites.get(site as usize), &sites[site as usize]);
            !hours_count || before.is_some_and(|before| before.open == now.open)
        };
        let same = |(before, now): (&u32, &u32)| {
            let now = &lanes[*now as usize];
            Arc::ptr_eq(&self.old.lanes[*before as usize], now) && open(now.to)
        };
        let same = before.len() == outgoing.len() && open(site) && before.iter().zip(outgoing).all(same);
        same.then(|| Arc::clone(&graph.boards[site as usize]))
    }

    pub(super) const fn old(&self) -> &Compiled {
        self.old
    }
}

/// For each lane now the index of the equal record before, which mostly is its own index.
fn equal_lanes(before: &[Lane], now: &[Lane]) -> Vec<Option<u32>> {
    let mut by_id: Option<BTreeMap<&LaneId, usize>> = None;
    let mut equal = Vec::with_capacity(now.len());
    for (index, lane) in now.iter().enumerate() {
        let place = match before.get(index) {
            Some(known) if known.id == lane.id => Some(index),
            _ => {
                let all = || before.iter().zip(0..).map(|(lane, index)| (&lane.id, index)).collect();
                by_id.get_or_insert_with(all).get(&lane.id).copied()
            }
        };
        let place = place.filter(|place| before[*place] == *lane);
        equal.push(place.and_then(|place| u32::try_from(place).ok()));
    }
    equal
}
