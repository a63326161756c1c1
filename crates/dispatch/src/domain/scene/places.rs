//! Where things are, and how one gets from one to the other.

use std::collections::BTreeMap;

use meridian_scheduler::workload::{Position, Site, Way, Ways};
use meridian_types::{CountryCode, Money, SiteId};

use crate::domain::order::Order;
use crate::domain::technician::Technician;
use crate::domain::terms::{self, Terms};

/// The sites of orders, engineers and terms, and the ways between them.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) sites: BTreeMap<SiteId, Site>,
    pub(crate) ways: Ways,
}

impl Places {
    /// What the terms say of a site comes first. Amounts are in the currency of `any`.
    pub(crate) fn of<'o>(
        terms: &Terms,
        any: Money,
        orders: impl Iterator<Item = &'o Order>,
        mut engineers: impl Iterator<Item = &'o Technician> + Clone,
    ) -> Self {
        let mut sites: BTreeMap<SiteId, Site> = BTreeMap::new();
        let mut add = |id: &SiteId, country: &CountryCode, position: Option<Position>| {
            let site = || Site { id: id.clone(), country: country.clone(), position: None, opening: None };
            let known = sites.entry(id.clone()).or_insert_with(site);
            known.position = known.position.or(position);
        };
        for Order { demand, country, position, .. } in orders {
            add(&demand.site, country, *position);
        }
        for Technician { engineer, home, .. } in engineers.clone() {
            add(&engineer.home_site, &engineer.country, *home);
            for trip in terms.trips.of(&engineer.id) {
                add(&trip.lodging, &engineer.country, None);
            }
        }
        // Nobody works where things are picked up: its country is of no matter.
        if let Some((pickup, one)) = terms.pickup.as_ref().zip(engineers.next()) {
            add(&pickup.site, &one.engineer.country, None);
        }
        for place in &terms.places {
            let Some(site) = sites.get_mut(&place.site) else { continue };
            if let Some(country) = &place.country {
                site.country = country.clone();
            }
            site.position = place.position.or(site.position);
            site.opening.clone_from(&place.opening);
        }
        Self { sites, ways: ways(terms, any) }
    }

    /// How long it takes to get from one site to another; none when nothing tells.
    pub(crate) fn minutes(&self, from: &SiteId, to: &SiteId) -> Option<i32> {
        let (from, to) = (self.sites.get(from)?, self.sites.get(to)?);
        self.ways.between(from, to).map(|(minutes, _)| minutes)
    }
}

fn ways(terms: &Terms, any: Money) -> Ways {
    let known = terms.ways.iter().map(|(pair, (minutes, cost))| {
        (pair.clone(), Way { minutes: *minutes, cost: cost.unwrap_or_else(|| any.zero()) })
    });
    Ways { known: known.collect(), roads: Some(terms.roads.unwrap_or_else(|| terms::usual_roads(any))) }
}
