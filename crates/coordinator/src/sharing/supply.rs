//! What was free when ways were looked for.

use std::collections::BTreeMap;

use meridian_assignment::Resource;
use meridian_planner::model::{Claim, LoanerPool, ScheduledReceipt, StockLevel};
use meridian_types::{CaseId, InstrumentModel, ItemId, Quantity, ReceiptAt, SiteId};

use crate::domain::StockClaim;
use crate::world::stock::Stock;

/// Units that nobody holds, by pool. What is not listed was not looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Supply {
    stock: BTreeMap<(ItemId, SiteId), StockLevel>,
    receipts: BTreeMap<ReceiptAt, ScheduledReceipt>,
    loaners: BTreeMap<(InstrumentModel, SiteId), LoanerPool>,
    /// The item that a unit to lend of a model is, by warehouse.
    lent_items: BTreeMap<(InstrumentModel, SiteId), ItemId>,
    /// Units of stock that cases held which did not look, whichever region decides about them.
    held: BTreeMap<(CaseId, ItemId, SiteId), i64>,
}

impl Supply {
    /// What a search saw.
    pub(crate) fn of(stock: &Stock) -> Self {
        let mut supply = Self { lent_items: stock.lent_items.clone(), ..Self::default() };
        for level in &stock.levels {
            let key = (level.item.clone(), level.warehouse.clone());
            let summed = |it: &mut StockLevel| it.available += level.available;
            supply.stock.entry(key).and_modify(summed).or_insert_with(|| level.clone());
        }
        for hold in &stock.holds {
            let key = (hold.case, hold.item.clone(), hold.warehouse.clone());
            *supply.held.entry(key).or_default() += hold.quantity;
        }
        for receipt in &stock.receipts {
            let summed = |it: &mut ScheduledReceipt| it.available += receipt.available;
            supply.receipts.entry(receipt.at()).and_modify(summed).or_insert_with(|| receipt.clone());
        }
        for pool in &stock.loaners {
            let key = (pool.model.clone(), pool.warehouse.clone());
            let summed = |it: &mut LoanerPool| it.available += pool.available;
            supply.loaners.entry(key).and_modify(summed).or_insert_with(|| pool.clone());
        }
        supply
    }

    /// Case, item, warehouse and units of what is held of the stock that was looked at.
    pub(crate) fn held_by_others(&self) -> impl Iterator<Item = (CaseId, &ItemId, &SiteId, i64)> {
        self.held.iter().map(|((case, item, warehouse), units)| (*case, item, warehouse, *units))
    }

    /// What a claim holds, as the planner claims it.
    pub(crate) fn claims_of(&self, claim: &StockClaim) -> Vec<Claim> {
        let place = || (claim.warehouse.clone(), claim.region.clone());
        let held = |(item, _): &(ItemId, Quantity)| {
            let (warehouse, region) = place();
            let quantity = Quantity::new(claim.on_shelf(item)).ok()?;
            if !claim.on_loan {
                return Some(Claim::Stock { item: item.clone(), quantity, warehouse, region });
            }
            let lent =
                |(place, lent): &(&(InstrumentModel, SiteId), &ItemId)| place.1 == warehouse && *lent == item;
            let (place, _) = self.lent_items.iter().find(lent)?;
            Some(Claim::Loaner { model: place.0.clone(), warehouse, region })
        };
        let awaited = claim.awaited.iter().map(|awaited| {
            let (warehouse, region) = place();
            let (receipt, item) = (awaited.receipt.clone(), awaited.item.clone());
            Claim::Receipt { receipt, item, quantity: awaited.quantity, warehouse, region }
        });
        claim.lines.iter().filter_map(held).chain(awaited).collect()
    }

    /// Units that the claims hold, by pool.
    pub(crate) fn held(&self, claims: &[StockClaim]) -> BTreeMap<Resource, i64> {
        let mut held = BTreeMap::new();
        for claim in claims.iter().flat_map(|claim| self.claims_of(claim)) {
            if let Some((resource, units)) = Resource::pool(&claim) {
                *held.entry(resource).or_default() += units;
            }
        }
        held
    }

    /// What is free to everybody, where the search saw its own units as free too.
    pub(crate) fn without(mut self, own: &BTreeMap<Resource, i64>) -> Self {
        for (resource, units) in own {
            match resource {
                Resource::Stock { item, warehouse } => {
                    let level = self.stock.get_mut(&(item.clone(), warehouse.clone()));
                    level.into_iter().for_each(|level| level.available -= units);
                }
                Resource::Receipt(receipt) => {
                    let receipt = self.receipts.get_mut(receipt);
                    receipt.into_iter().for_each(|receipt| receipt.available -= units);
                }
                Resource::Loaner { model, warehouse } => {
                    let pool = self.loaners.get_mut(&(model.clone(), warehouse.clone()));
                    pool.into_iter().for_each(|pool| pool.available -= units);
                }
                Resource::Engineer { .. } => {}
            }
        }
        self
    }

    /// Of what both looked at, the lesser figure: the older one may count what is gone.
    pub(crate) fn limit_to(&mut self, other: &Self) {
        for (key, level) in &other.stock {
            let lesser = |it: &mut StockLevel| it.available = it.available.min(level.available);
            self.stock.entry(key.clone()).and_modify(lesser).or_insert_with(|| level.clone());
        }
        for (key, receipt) in &other.receipts {
            let lesser = |it: &mut ScheduledReceipt| it.available = it.available.min(receipt.available);
            self.receipts.entry(key.clone()).and_modify(lesser).or_insert_with(|| receipt.clone());
        }
        for (key, pool) in &other.loaners {
            let lesser = |it: &mut LoanerPool| it.available = it.available.min(pool.available);
            self.loaners.entry(key.clone()).and_modify(lesser).or_insert_with(|| pool.clone());
        }
        self.lent_items.extend(other.lent_items.clone());
        self.held.extend(other.held.clone());
    }

    /// Stock, receipts and loaners.
    pub(crate) fn levels(self) -> (Vec<StockLevel>, Vec<ScheduledReceipt>, Vec<LoanerPool>) {
        (
            self.stock.into_values().collect(),
            self.receipts.into_values().collect(),
            self.loaners.into_values().collect(),
        )
    }
}

/// What claims take beyond the units that the case holds already. Time of engineers that is booked for it is free to
/// nobody else.
pub(crate) fn less_own(claims: &[Claim], own: &BTreeMap<Resource, i64>) -> Vec<Claim> {
    let mut own = own.clone();
    let rest = |claim: &Claim| {
        let Some((resource, units)) = Resource::pool(claim) else { return Some(claim.clone()) };
        let left = own.entry(resource).or_default();
        let used = units.min(*left);
        *left -= used;
        let mut claim = claim.clone();
        match &mut claim {
            Claim::Stock { quantity, .. } | Claim::Receipt { quantity, .. } => {
                *quantity = Quantity::new(units - used).ok()?;
            }
            _ if used > 0 => return None,
            _ => {}
        }
        Some(claim)
    };
    claims.iter().filter_map(rest).collect()
}
