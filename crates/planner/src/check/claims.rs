//! What is held, against what is there and may be used.

use meridian_types::SiteId;

use super::{Checker, Fault};
use crate::model::{Claim, RefusedHold};

impl Checker<'_> {
    /// Each claim names something available that nothing rules out.
    pub(super) fn claims(&mut self) {
        let request = self.request;
        for claim in self.claims_of_stock() {
            let (warehouse, available, refused) = match claim {
                Claim::Stock { item, quantity, warehouse, .. } => {
                    let level = self
                        .world
                        .stock
                        .iter()
                        .rev()
                        .find(|level| level.item == *item && level.warehouse == *warehouse);
                    let enough = level.is_some_and(|level| level.available >= quantity.units());
                    let allowed = !request.excluded_items.contains(item);
                    let refused = RefusedHold::Stock { item: item.clone(), warehouse: warehouse.clone() };
                    (warehouse, enough && allowed, refused)
                }
                Claim::Loaner { model, warehouse, .. } => {
                    let there = self
                        .world
                        .loaners
                        .iter()
                        .filter(|pool| pool.model == *model && pool.warehouse == *warehouse);
                    let enough = there.map(|pool| pool.available).fold(0, i64::saturating_add) >= 1;
                    let refused = RefusedHold::Loaner { model: model.clone(), warehouse: warehouse.clone() };
                    (warehouse, enough, refused)
                }
                Claim::Receipt { .. } | Claim::Engineer { .. } | Claim::Party { .. } => continue,
            };
            let holds =
                available && !request.refused_holds.contains(&refused) && self.owned(claim, warehouse);
            self.expect(holds, || Fault::NotAvailable);
        }
    }

    /// Whether the claim goes to the region that owns the site, which may be used.
    fn owned(&self, claim: &Claim, warehouse: &SiteId) -> bool {
        let (Claim::Stock { region, .. } | Claim::Loaner { region, .. }) = claim else { return false };
        let owner = self.site(warehouse).map(|site| &site.region);
        owner == Some(region) && !self.request.excluded_sites.contains(warehouse)
    }
}
