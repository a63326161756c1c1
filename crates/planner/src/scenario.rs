//! What is so, or could be agreed to be so, while candidates are tried; and what was found in it already.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use meridian_types::{CaseId, EndUse, GateId, ItemId, SiteId};

use crate::compile::{IntervalSet, Minute, local_day};
use crate::draft::Shipment;
use crate::kinds::{Outings, Times};
use crate::model::{Change, Engineer, Line, Reason};
use crate::problem::Problem;
use crate::search::{Front, Missed, Payload, Seed, View, front};

/// Sets of consignments that bring everything to a site and that no other set beats.
pub(crate) type PartSets = Rc<Vec<Vec<Rc<Shipment>>>>;

/// How far to look for sets of consignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope {
    /// Whether kits are put together for them.
    pub(crate) kits: bool,
    /// Whether those that come later than some that take several consignments may be missing.
    pub(crate) soonest: bool,
}

/// Items brought to sites: where, and which.
type Brought = Rc<RefCell<BTreeMap<(u32, Vec<Line>, Scope), Result<PartSets, Reason>>>>;

/// Searches made, by what travels, from where and when, and to where.
type Searches = Rc<RefCell<BTreeMap<(Payload, Vec<Seed>, u32), Rc<(Front, Missed)>>>>;

/// The world as it is, or with changes that could be agreed.
pub(crate) struct Scenario<'a> {
    pub(crate) view: View<'a>,
    /// What is agreed on top of the records.
    agreed: Vec<Change>,
    /// Whether only the earliest way of a candidate is of interest: others may be missing then.
    pub(crate) soonest: bool,
    /// Cut-offs that were missed narrowly.
    pub(crate) missed: RefCell<Missed>,
    /// Found once, and shared by everybody who needs them there and by scenarios in which goods travel alike.
    pub(crate) brought: Brought,
    goods: Searches,
    /// When people can work where the work is, and what comes of their setting out; shared by scenarios in which
    /// the places of work are open alike.
    pub(crate) times: Times<'a>,
    pub(crate) outings: Outings<'a>,
    /// How often lanes were searched, in all scenarios of a request.
    searched: Rc<Cell<usize>>,
}

impl<'a> Scenario<'a> {
    /// The world as it is, with the access that was agreed for this request.
    pub(crate) fn base(problem: &Problem<'a>) -> Self {
        let mut view = View::new(problem.net);
        for access in &problem.request.extra_access {
            if let Some(site) = problem.net.index_of(&access.site) {
                view = view.with_access(site, &problem.net.minutes([&access.during]));
            }
        }
        Self {
            view,
            agreed: Vec::new(),
            soonest: false,
            missed: RefCell::default(),
            brought: Brought::default(),
            goods: Searches::default(),
            times: Times::default(),
            outings: Outings::default(),
            searched: Rc::default(),
        }
    }

    /// The same world for another candidate: what that one narrowly misses is its own.
    pub(crate) fn alike(&self) -> Self {
        Self {
            view: self.view.clone(),
            agreed: self.agreed.clone(),
            soonest: self.soonest,
            missed: RefCell::default(),
            brought: Rc::clone(&self.brought),
            goods: Rc::clone(&self.goods),
            times: Rc::clone(&self.times),
            outings: Rc::clone(&self.outings),
            searched: Rc::clone(&self.searched),
        }
    }

    /// The same where only the earliest way of a candidate is of interest.
    pub(crate) fn soonest(self) -> Self {
        Self { soonest: true, ..self }
    }

    /// The same world with a change agreed on top; none when the change names what is not there.
    pub(crate) fn with(&self, problem: &Problem<'a>, change: &Change) -> Option<Self> {
        let net = problem.net;
        let mut changed = self.alike();
        changed.agreed.push(change.clone());
        match change {
            Change::LaterCutOff { lane, by_minutes } => {
                let lane = net.network.lanes.iter().zip(0..).find(|(known, _)| known.id == *lane)?.1;
                changed.view = changed.view.with_later_cut_off(lane, Minute::try_from(*by_minutes).ok()?);
            }
            Change::SiteOpens { site, date } => {
                let site = net.index_of(site)?;
                let day = local_day(&net.sites[site as usize].zone, *date)?;
                changed.view = changed.view.with_access(site, &IntervalSet::union_of(vec![day]));
                if problem.works_at(site) {
                    (changed.times, changed.outings) = (Times::default(), Outings::default());
                }
            }
            Change::CustomsPrecleared { territory } => {
                let known = net.network.territories.iter().find(|known| known.id == *territory)?;
                changed.view = changed.view.with_preclearance(&known.id);
            }
            Change::ApproveSubstitute { .. }
            | Change::Overtime { .. }
            | Change::EndUseDeclared { .. }
            | Change::LicenceInHand { .. }
            | Change::ReleaseHold { .. } => {}
        }
        match change {
            Change::Overtime { .. } => {}
            Change::ApproveSubstitute { .. }
            | Change::EndUseDeclared { .. }
            | Change::LicenceInHand { .. }
            | Change::ReleaseHold { .. } => {
                changed.brought = Brought::default();
            }
            Change::LaterCutOff { .. } | Change::SiteOpens { .. } | Change::CustomsPrecleared { .. } => {
                (changed.brought, changed.goods) = (Brought::default(), Searches::default());
            }
        }
        Some(changed)
    }

    /// How often lanes were searched so far, in all scenarios of the request.
    pub(crate) fn searched(&self) -> usize {
        self.searched.get()
    }

    /// Every way from any of `seeds` to a site that nothing beats, looked for once.
    pub(crate) fn front(&self, payload: &Payload, seeds: Vec<Seed>, to: u32) -> Rc<(Front, Missed)> {
        let known = self.goods.borrow().get(&(payload.clone(), seeds.clone(), to)).cloned();
        let found = known.unwrap_or_else(|| {
            self.searched.set(self.searched.get() + 1);
            let mut missed = Missed::new();
            let found = front(&self.view, payload, &seeds, to, Some(&mut missed));
            let found = Rc::new((found, missed));
            self.goods.borrow_mut().insert((payload.clone(), seeds, to), Rc::clone(&found));
            found
        });
        let mut missed = self.missed.borrow_mut();
        for (lane, by) in &found.1 {
            let least = missed.entry(*lane).or_insert(*by);
            *least = (*least).min(*by);
        }
        found
    }

    /// Whether an engineer may work overtime.
    pub(crate) fn overtime(&self, engineer: &Engineer) -> bool {
        let agreed =
            |change: &Change| matches!(change, Change::Overtime { engineer: id } if *id == engineer.id);
        !engineer.overtime.is_empty() && (engineer.overtime_allowed || self.agreed.iter().any(agreed))
    }

    /// The use that is declared, if one is.
    pub(crate) fn end_use<'s>(&'s self, problem: &'s Problem<'_>) -> Option<&'s EndUse> {
        let declared = self.agreed.iter().find_map(|change| match change {
            Change::EndUseDeclared { end_use } => Some(end_use),
            _ => None,
        });
        declared.or(problem.request.need.end_use())
    }

    /// Whether a licence is in hand already.
    pub(crate) fn licence_in_hand(&self, gate: &GateId) -> bool {
        self.agreed.iter().any(|change| matches!(change, Change::LicenceInHand { gate: id } if id == gate))
    }

    /// Whether a substitute counts as approved whatever its record says.
    pub(crate) fn approves(&self, item: &ItemId) -> bool {
        let about = |change: &Change| matches!(change, Change::ApproveSubstitute { substitute } if substitute == item);
        self.agreed.iter().any(about)
    }

    /// Units of an item at a warehouse that nobody holds, counting those let go of.
    pub(crate) fn available(&self, problem: &Problem<'_>, item: &ItemId, warehouse: &SiteId) -> i64 {
        let released = problem.holds(item, warehouse).filter(|(case, _)| self.lets_go(case, item, warehouse));
        let available = problem.available(item, warehouse).unwrap_or(0);
        released.map(|(_, units)| units).fold(available, i64::saturating_add)
    }

    fn lets_go(&self, case: &CaseId, item: &ItemId, warehouse: &SiteId) -> bool {
        let about = |change: &Change| {
            matches!(change, Change::ReleaseHold { case: id, item: of, warehouse: at }
                if id == case && of == item && at == warehouse)
        };
        self.agreed.iter().any(about)
    }

    /// Cases that still hold units of an item at a warehouse, with how many, those with most first.
    pub(crate) fn held<'p>(
        &self,
        problem: &'p Problem<'_>,
        item: &'p ItemId,
        warehouse: &'p SiteId,
    ) -> Vec<(&'p CaseId, i64)> {
        let holds = problem.holds(item, warehouse);
        let mut held: Vec<_> = holds.filter(|(case, _)| !self.lets_go(case, item, warehouse)).collect();
        held.sort_by_key(|(case, units)| (std::cmp::Reverse(*units), *case));
        held
    }
}
