//! One request against one world: everything the kinds of solutions look up.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use meridian_types::{EngineerId, GateId, InstrumentModel, ItemId, Revision, SerialNumber, SiteId, TaskId};

use crate::compile::{Compiled, IntervalSet, Minute, ceil, floor};
use crate::draft::Shipment;
use crate::model::{
    Engineer, ItemFacts, Line, ModelFacts, Need, Reason, RepairTask, Request, ScheduledReceipt, Substitute,
    World,
};
use crate::search::{Missed, View};

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
    items: BTreeMap<&'a ItemId, &'a ItemFacts>,
    stock: BTreeMap<&'a ItemId, BTreeMap<&'a SiteId, i64>>,
    receipts: BTreeMap<&'a ItemId, Vec<&'a ScheduledReceipt>>,
    engineers: BTreeMap<&'a EngineerId, &'a Engineer>,
}

/// A repair that the company supports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repair<'a> {
    pub(crate) serial: &'a SerialNumber,
    pub(crate) model: &'a ModelFacts,
    pub(crate) task: &'a RepairTask,
    pub(crate) site: u32,
    /// Where it must go once repaired, when that is elsewhere.
    pub(crate) onward: Option<u32>,
}

impl<'a> Problem<'a> {
    /// The problem, or why the request can't be planned at all.
    pub(crate) fn new(net: &'a Compiled, world: &'a World, request: &'a Request) -> Result<Self, Reason> {
        let now = ceil(request.now);
        if now < net.start || now >= net.end {
            return Err(Reason::OutsideHorizon);
        }
        let index =
            |site: &SiteId| net.index_of(site).ok_or_else(|| Reason::UnknownSite { site: site.clone() });
        let destination = index(request.need.destination())?;
        let items: BTreeMap<_, _> = world.items.iter().map(|facts| (&facts.item, facts)).collect();
        let (lines, repair) = match &request.need {
            Need::Items { lines, .. } => (add_up(lines, &items)?, None),
            Need::Repair { serial, model, site, task, onward, .. } => {
                let (model, task) = supported(world, model, task.as_ref())?;
                let site = index(site)?;
                let onward = onward.as_ref().map(index).transpose()?.filter(|onward| *onward != site);
                (Vec::new(), Some(Repair { serial, model, task, site, onward }))
            }
        };
        let (stock, receipts) = (stock(world), receipts(world));
        let engineers = world.engineers.iter().map(|engineer| (&engineer.id, engineer)).collect();
        let deadline = request.need.deadline().map(floor);
        Ok(Self {
            net,
            world,
            request,
            now,
            deadline,
            destination,
            lines,
            repair,
            items,
            stock,
            receipts,
            engineers,
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

    /// What is expected of an item, in the order in which it comes; what should have come before now too.
    pub(crate) fn receipts(&self, item: &ItemId) -> &[&'a ScheduledReceipt] {
        self.receipts.get(item).map_or(&[], Vec::as_slice)
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
    records.sort_by_key(|record| (&record.receipt, record.available, record.expected));
    records.dedup_by_key(|record| &record.receipt);
    records.sort_by_key(|record| (record.expected, &record.receipt));
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
) -> Result<(&'a ModelFacts, &'a RepairTask), Reason> {
    let facts = world.models.iter().find(|facts| facts.model == *model);
    let fits = |known: &&RepairTask| known.model == *model && task.is_none_or(|task| known.task == *task);
    let task = world.repair_tasks.iter().find(fits);
    facts.zip(task).ok_or_else(|| Reason::ModelNotSupported { model: model.clone() })
}

/// Sets of consignments that bring everything to a site and that no other set beats.
pub(crate) type PartSets = Rc<Vec<Vec<Shipment>>>;

/// What is brought where, and whether kits are put together for it.
pub(crate) type Bringing = (u32, Vec<Line>, bool);

/// The world as it is, or with one change that could be agreed.
pub(crate) struct Scenario<'a> {
    pub(crate) view: View<'a>,
    /// An engineer who works overtime although that is not agreed.
    pub(crate) overtime_for: Option<EngineerId>,
    /// A licence that is in hand already.
    pub(crate) licence_in_hand: Option<GateId>,
    /// Whether substitutes count as approved.
    pub(crate) approved: bool,
    /// Cut-offs that were missed narrowly.
    pub(crate) missed: RefCell<Missed>,
    /// Items brought to sites, found once and shared by everybody who needs them there.
    pub(crate) brought: RefCell<BTreeMap<Bringing, Result<PartSets, Reason>>>,
}

impl<'a> Scenario<'a> {
    /// The world as it is, with the access that was agreed for this request.
    pub(crate) fn base(problem: &Problem<'a>) -> Self {
        let mut view = View::new(problem.net);
        for access in &problem.request.extra_access {
            if let Some(site) = problem.net.index_of(&access.site) {
                view =
                    view.with_access(site, vec![(ceil(access.during.start()), floor(access.during.end()))]);
            }
        }
        Self::over(view)
    }

    /// The same world through another view.
    pub(crate) fn over(view: View<'a>) -> Self {
        Self {
            view,
            overtime_for: None,
            licence_in_hand: None,
            approved: false,
            missed: RefCell::default(),
            brought: RefCell::default(),
        }
    }

    /// Whether an engineer may work overtime.
    pub(crate) fn overtime(&self, engineer: &Engineer) -> bool {
        !engineer.overtime.is_empty()
            && (engineer.overtime_allowed || self.overtime_for.as_ref() == Some(&engineer.id))
    }
}

/// Intervals as whole minutes that lie inside them.
pub(crate) fn minutes(intervals: &[meridian_types::Interval]) -> IntervalSet {
    IntervalSet::union_of(intervals.iter().map(|span| (ceil(span.start()), floor(span.end()))).collect())
}
