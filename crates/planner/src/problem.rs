//! One request against one world: everything the kinds of solutions look up.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::tz::TimeZone;
use meridian_types::{CaseId, EngineerId, InstrumentModel, ItemId, Revision, SerialNumber, SiteId, TaskId};

use crate::compile::{Compiled, Minute, ceil, floor};
use crate::duty::{midnights, nights};
use crate::kinds::{Asked, Journeys, Least};
use crate::model::{
    Claim, Engineer, ItemFacts, Line, ModelFacts, Need, PartyService, Reason, RepairTask, Request,
    ScheduledReceipt, Substitute, World,
};

/// A request with its world indexed.
pub(crate) struct Problem<'a> {
    pub(crate) net: &'a Compiled,
    pub(crate) world: &'a World,
    pub(crate) request: &'a Request,
    pub(crate) now: Minute,
    pub(crate) deadline: Option<Minute>,
    pub(crate) destination: u32,
    /// What is asked for, lines of one item added up; empty for a repair.
    pub(crate) lines: Vec<Line>,
    /// The repair asked for, when it is one.
    pub(crate) repair: Option<Repair<'a>>,
    /// The work that repairs it, when any of ours is known to.
    pub(crate) task: Option<&'a RepairTask>,
    items: BTreeMap<&'a ItemId, &'a ItemFacts>,
    stock: BTreeMap<&'a ItemId, BTreeMap<&'a SiteId, i64>>,
    holds: BTreeMap<(&'a ItemId, &'a SiteId), BTreeMap<&'a CaseId, i64>>,
    receipts: BTreeMap<&'a ItemId, Vec<&'a ScheduledReceipt>>,
    engineers: BTreeMap<&'a EngineerId, &'a Engineer>,
    /// What travelling takes at least, by destination and hourly cost.
    pub(crate) least: RefCell<BTreeMap<(u32, i64), Rc<Least>>>,
    /// Journeys that were looked for.
    pub(crate) journeys: RefCell<BTreeMap<Asked, Rc<Journeys>>>,
    /// Midnights by site, as far as somebody asked for them.
    midnights: Vec<OnceCell<Vec<Minute>>>,
}

/// An instrument of a model that the company supports, to be made to work or to be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repair<'a> {
    pub(crate) serial: &'a SerialNumber,
    pub(crate) model: &'a ModelFacts,
    pub(crate) site: u32,
    /// Where it must go once repaired, when that is elsewhere.
    pub(crate) onward: Option<u32>,
}

impl<'a> Problem<'a> {
    /// The problem, or why the request can't be planned at all.
    pub(crate) fn new(net: &'a Compiled, world: &'a World, request: &'a Request) -> Result<Self, Reason> {
        let min = request.in_time_probability_min;
        if !(min > 0.0 && min <= 1.0) {
            let (field, value) = ("in_time_probability_min".to_owned(), min.to_string());
            let rule = "more than 0, at most 1".to_owned();
            return Err(Reason::InvalidRequest { field, value, rule });
        }
        let now = ceil(request.now);
        if now < net.start || now >= net.end {
            return Err(Reason::OutsideHorizon);
        }
        let index =
            |site: &SiteId| net.index_of(site).ok_or_else(|| Reason::UnknownSite { site: site.clone() });
        let destination = index(request.need.destination())?;
        let items: BTreeMap<_, _> = world.items.iter().map(|facts| (&facts.item, facts)).collect();
        let (lines, repair, task) = match &request.need {
            Need::Items { lines, .. } => (add_up(lines, &items)?, None, None),
            Need::Repair { serial, model, site, task, onward, .. } => {
                let (model, task) = supported(world, model, task.as_ref())?;
                let site = index(site)?;
                let onward = onward.as_ref().map(index).transpose()?.filter(|onward| *onward != site);
                (Vec::new(), Some(Repair { serial, model, site, onward }), task)
            }
        };
        let mut holds: BTreeMap<_, BTreeMap<&CaseId, i64>> = BTreeMap::new();
        for hold in &world.holds {
            let held = holds.entry((&hold.item, &hold.warehouse)).or_default().entry(&hold.case).or_default();
            *held = held.saturating_add(hold.quantity.max(0));
        }
        let (stock, receipts) = (stock(world), receipts(world));
        let engineers = world.engineers.iter().map(|engineer| (&engineer.id, engineer)).collect();
        let deadline = request.need.deadline().map(floor);
        let (least, journeys) = (RefCell::default(), RefCell::default());
        let midnights = vec![OnceCell::new(); net.sites.len()];
        Ok(Self {
            net,
            world,
            request,
            now,
            deadline,
            destination,
            lines,
            repair,
            task,
            items,
            stock,
            holds,
            receipts,
            engineers,
            least,
            journeys,
            midnights,
        })
    }

    pub(crate) fn item(&self, item: &ItemId) -> Result<&'a ItemFacts, Reason> {
        self.items.get(item).copied().ok_or_else(|| Reason::ItemNotSupported { item: item.clone() })
    }

    pub(crate) fn engineer(&self, engineer: &EngineerId) -> Option<&'a Engineer> {
        self.engineers.get(engineer).copied()
    }

    /// Where an item is known to be or to have been, with the units available.
    pub(crate) fn sources(&self, item: &ItemId) -> impl Iterator<Item = (&'a SiteId, i64)> + '_ {
        self.stock.get(item).into_iter().flatten().map(|(site, available)| (*site, *available))
    }

    pub(crate) fn available(&self, item: &ItemId, site: &SiteId) -> Option<i64> {
        self.stock.get(item)?.get(site).copied()
    }

    /// The cases that hold units of an item at a warehouse, with how many.
    pub(crate) fn holds<'p>(
        &'p self,
        item: &'p ItemId,
        warehouse: &'p SiteId,
    ) -> impl Iterator<Item = (&'p CaseId, i64)> + 'p {
        let held = self.holds.get(&(item, warehouse));
        held.into_iter().flatten().map(|(case, units)| (*case, *units))
    }

    /// What is expected of an item, in the order in which it comes; what should have come before now too.
    pub(crate) fn receipts(&self, item: &ItemId) -> &[&'a ScheduledReceipt] {
        self.receipts.get(item).map_or(&[], Vec::as_slice)
    }

    /// The receipt whose units are claimed, if it can be counted on.
    pub(crate) fn receipt(&self, claim: &Claim) -> Option<&'a ScheduledReceipt> {
        let Claim::Receipt { receipt, item, warehouse, .. } = claim else { return None };
        let is_it = |known: &&&ScheduledReceipt| known.receipt == *receipt && known.warehouse == *warehouse;
        self.receipts(item).iter().find(is_it).copied()
    }

    /// Model and revision of the instrument that everything is for, as far as they are known.
    pub(crate) const fn instrument(&self) -> Option<(&'a InstrumentModel, Option<&'a Revision>)> {
        match &self.request.need {
            Need::Items { model: Some(model), revision, .. } | Need::Repair { model, revision, .. } => {
                Some((model, revision.as_ref()))
            }
            Need::Items { model: None, .. } => None,
        }
    }

    /// What can stand in for `item`, except itself.
    pub(crate) fn substitutes<'s>(&'s self, item: &'s ItemId) -> impl Iterator<Item = &'a Substitute> + 's {
        self.world.substitutes.iter().filter(move |record| record.item == *item && record.substitute != *item)
    }

    /// Nights that a stay at a site from one moment to another takes.
    pub(crate) fn nights(&self, site: u32, from: Minute, to: Minute) -> i64 {
        let (net, zone) = (self.net, &self.net.sites[site as usize].zone);
        let midnights = self.midnights[site as usize].get_or_init(|| midnights(zone, net.start, net.end));
        nights(midnights, from, to)
    }

    /// Whether the instrument may be repaired at a site.
    pub(crate) fn works_at(&self, site: u32) -> bool {
        let id = &self.net.site(site).id;
        self.repair.is_some_and(|repair| repair.site == site)
            || self.world.depots.iter().any(|depot| depot.site == *id)
    }

    /// Zone of the place where the need is met.
    pub(crate) fn zone(&self) -> &'a TimeZone {
        &self.net.sites[self.destination as usize].zone
    }

    /// The index of a site that may be a source or a depot.
    pub(crate) fn usable_site(&self, site: &SiteId) -> Result<u32, Reason> {
        if self.request.excluded_sites.contains(site) {
            return Err(Reason::Excluded);
        }
        self.net.index_of(site).ok_or_else(|| Reason::UnknownSite { site: site.clone() })
    }

    /// The moment at which something that arrives at `arrival` is late, if it is.
    pub(crate) fn late_by(&self, arrival: Minute) -> Option<i64> {
        let late = i64::from(arrival) - i64::from(self.deadline?);
        (late > 0).then_some(late)
    }
}

/// Stock by item and warehouse; of several figures the newest counts, and the lower one of two equally new.
fn stock(world: &World) -> BTreeMap<&ItemId, BTreeMap<&SiteId, i64>> {
    let mut levels: Vec<_> = world.stock.iter().collect();
    levels.sort_by_key(|level| (level.version, std::cmp::Reverse(level.available)));
    let mut stock: BTreeMap<&ItemId, BTreeMap<&SiteId, i64>> = BTreeMap::new();
    for level in levels {
        stock.entry(&level.item).or_default().insert(&level.warehouse, level.available);
    }
    stock
}

/// Receipts by item in the order in which they come. One whose probability makes no sense is not counted on; of
/// two records of one receipt the lower figure counts.
fn receipts(world: &World) -> BTreeMap<&ItemId, Vec<&ScheduledReceipt>> {
    let sensible =
        |receipt: &&ScheduledReceipt| receipt.available > 0 && (0.0..1.0).contains(&receipt.late_probability);
    let mut records: Vec<_> = world.receipts.iter().filter(sensible).collect();
    records.sort_by_key(|record| (&record.warehouse, &record.receipt, record.available, record.expected));
    records.dedup_by_key(|record| (&record.warehouse, &record.receipt));
    records.sort_by_key(|record| (record.expected, &record.receipt, &record.warehouse));
    let mut receipts: BTreeMap<&ItemId, Vec<&ScheduledReceipt>> = BTreeMap::new();
    for record in records {
        receipts.entry(&record.item).or_default().push(record);
    }
    receipts
}

fn add_up(lines: &[Line], items: &BTreeMap<&ItemId, &ItemFacts>) -> Result<Vec<Line>, Reason> {
    let mut sums: BTreeMap<&ItemId, Line> = BTreeMap::new();
    for line in lines {
        if !items.contains_key(&line.item) {
            return Err(Reason::ItemNotSupported { item: line.item.clone() });
        }
        match sums.get_mut(&line.item) {
            None => {
                sums.insert(&line.item, line.clone());
            }
            Some(sum) => {
                let needed = sum.quantity.units().saturating_add(line.quantity.units());
                let too_many = |_| Reason::NoStock { item: Some(line.item.clone()), available: 0, needed };
                sum.quantity = sum.quantity.checked_add(line.quantity).map_err(too_many)?;
            }
        }
    }
    if sums.is_empty() { Err(Reason::NothingAsked) } else { Ok(sums.into_values().collect()) }
}

fn supported<'a>(
    world: &'a World,
    model: &InstrumentModel,
    task: Option<&TaskId>,
) -> Result<(&'a ModelFacts, Option<&'a RepairTask>), Reason> {
    let facts = world.models.iter().find(|facts| facts.model == *model);
    let fits = |known: &&RepairTask| known.model == *model && task.is_none_or(|task| known.task == *task);
    let task = world.repair_tasks.iter().find(fits);
    let replaced = || {
        world.exchanges.iter().any(|exchange| exchange.model == *model)
            || world.loaners.iter().any(|pool| pool.model == *model)
            || world.party_offers.iter().any(|offer| offer.service == PartyService::Repair(model.clone()))
    };
    let facts = facts.filter(|_| task.is_some() || replaced());
    facts.map(|facts| (facts, task)).ok_or_else(|| Reason::ModelNotSupported { model: model.clone() })
}
