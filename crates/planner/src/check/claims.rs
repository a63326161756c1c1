//! What is held, against what is there and may be used; and what leaves a shelf, against what is held.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_types::{ItemId, SiteId};

use super::{Checker, Fault};
use crate::model::{Action, Claim, RefusedHold, ScheduledReceipt, StockLevel, Subject};

impl<'c> Checker<'c> {
    /// Each claim names something available that nothing rules out, and together they don't name more.
    pub(super) fn claims(&mut self) {
        for claim in &self.solution.claims {
            let holds = match claim {
                Claim::Stock { item, warehouse, .. } => {
                    let level = self.level(item, warehouse).map_or(0, |level| level.available);
                    let refused = RefusedHold::Stock { item: item.clone(), warehouse: warehouse.clone() };
                    let claimed = self.claimed(|other| {
                        matches!(other, Claim::Stock { item: i, warehouse: w, .. } if i == item && w == warehouse)
                    });
                    claimed <= level && self.may_use(item, &refused) && self.owned(claim, warehouse)
                }
                Claim::Receipt { item, warehouse, .. } => {
                    let Some(record) = self.receipt(claim) else {
                        self.faults.push(Fault::NotAvailable);
                        continue;
                    };
                    self.in_time *= 1.0 - record.late_probability;
                    let claimed = self.claimed(|other| other.receipt() == claim.receipt());
                    let refused = RefusedHold::Receipt(record.at());
                    claimed <= record.available
                        && self.request.now <= record.expected
                        && self.may_use(item, &refused)
                        && self.owned(claim, warehouse)
                }
                Claim::Loaner { model, warehouse, .. } => {
                    let there = self
                        .world
                        .loaners
                        .iter()
                        .filter(|pool| pool.model == *model && pool.warehouse == *warehouse);
                    let enough = there.map(|pool| pool.available).fold(0, i64::saturating_add) >= 1;
                    let refused = RefusedHold::Loaner { model: model.clone(), warehouse: warehouse.clone() };
                    enough && !self.request.refused_holds.contains(&refused) && self.owned(claim, warehouse)
                }
                Claim::Party { party, .. } => {
                    let refused = RefusedHold::Party { party: party.clone() };
                    !self.request.refused_holds.contains(&refused)
                }
                Claim::Engineer { .. } => continue,
            };
            self.expect(holds, || Fault::NotAvailable);
        }
    }

    /// The newest figure for an item at a warehouse, the lower one of two equally new.
    fn level(&self, item: &ItemId, warehouse: &SiteId) -> Option<&'c StockLevel> {
        let here = |level: &&StockLevel| level.item == *item && level.warehouse == *warehouse;
        let newest = self.world.stock.iter().filter(here).map(|level| level.version).max()?;
        let newest = self.world.stock.iter().filter(here).filter(|level| level.version == newest);
        newest.min_by_key(|level| level.available)
    }

    /// The receipt that a claim is on, with the lowest figure of it.
    pub(super) fn receipt(&self, claim: &Claim) -> Option<&'c ScheduledReceipt> {
        let Claim::Receipt { item, .. } = claim else { return None };
        let claimed = claim.receipt();
        let records = self.world.receipts.iter().filter(|record| claimed == Some(record.at()));
        let record = records.min_by_key(|record| (record.available, record.expected))?;
        let sensible = (0.0..1.0).contains(&record.late_probability);
        (sensible && record.item == *item).then_some(record)
    }

    /// Units of all claims that are `like` one.
    fn claimed(&self, like: impl Fn(&Claim) -> bool) -> i64 {
        let units = |claim: &Claim| match claim {
            Claim::Stock { quantity, .. } | Claim::Receipt { quantity, .. } => quantity.units(),
            Claim::Loaner { .. } | Claim::Engineer { .. } | Claim::Party { .. } => 1,
        };
        self.solution.claims.iter().filter(|claim| like(claim)).map(units).fold(0, i64::saturating_add)
    }

    fn may_use(&self, item: &ItemId, refused: &RefusedHold) -> bool {
        !self.request.excluded_items.contains(item) && !self.request.refused_holds.contains(refused)
    }

    /// Whether the claim goes to the region that owns the site, which may be used.
    fn owned(&self, claim: &Claim, warehouse: &SiteId) -> bool {
        let (Claim::Stock { region, .. } | Claim::Receipt { region, .. } | Claim::Loaner { region, .. }) =
            claim
        else {
            return false;
        };
        let owner = self.site(warehouse).map(|site| &site.region);
        owner == Some(region) && !self.request.excluded_sites.contains(warehouse)
    }

    /// Nothing is picked before it is there, and in the end exactly what was held or put together is picked.
    pub(super) fn shelves(&mut self) {
        let mut flows: Vec<(&ItemId, &SiteId, Timestamp, bool, i64)> = Vec::new();
        for claim in &self.solution.claims {
            match claim {
                Claim::Stock { item, quantity, warehouse, .. } => {
                    flows.push((item, warehouse, self.request.now, false, quantity.units()));
                }
                Claim::Receipt { item, quantity, warehouse, .. } => {
                    let expected = self.receipt(claim).map_or(Timestamp::MAX, |record| record.expected);
                    flows.push((item, warehouse, expected, false, quantity.units()));
                }
                Claim::Loaner { .. } | Claim::Engineer { .. } | Claim::Party { .. } => {}
            }
        }
        for step in &self.solution.steps {
            match (&step.action, &step.subject) {
                (Action::Assemble { site, kit, .. }, _) => {
                    flows.push((&kit.item, site, step.end, false, kit.quantity.units()));
                }
                (Action::Pick { site }, Subject::Goods { lines, .. }) => {
                    let out = |line| (line, step.start);
                    let outs = lines.iter().map(out);
                    flows.extend(outs.map(|(line, at)| (&line.item, site, at, true, line.quantity.units())));
                }
                _ => {}
            }
        }
        // What comes in at the moment of picking comes in before.
        flows.sort();
        let shelves: BTreeSet<(&ItemId, &SiteId)> = flows.iter().map(|flow| (flow.0, flow.1)).collect();
        let right = shelves.into_iter().all(|shelf| {
            let mut left = 0i64;
            let flows = flows.iter().filter(|flow| (flow.0, flow.1) == shelf);
            flows.fold(true, |right, (_, _, _, out, units)| {
                left = if *out { left.saturating_sub(*units) } else { left.saturating_add(*units) };
                right && left >= 0
            }) && left == 0
        });
        self.expect(right, || Fault::NotAvailable);
    }
}
