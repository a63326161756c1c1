//! Items, and where they are.

use std::collections::{BTreeMap, BTreeSet};

use meridian_planner::model::{
    Approval, Fit, ItemFacts, LoanerPool, ModelFacts, StockLevel, Substitute, World,
};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{ExportClass, InstrumentModel, ItemId, SiteId};

use crate::domain::StockClaim;

/// What the region's inventory knows of the world's stock, as far as a need is concerned.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    pub(crate) items: Vec<ItemFacts>,
    pub(crate) levels: Vec<StockLevel>,
    pub(crate) substitutes: Vec<Substitute>,
    pub(crate) loaners: Vec<LoanerPool>,
    /// Names as customers know them.
    pub(crate) names: BTreeMap<ItemId, String>,
    /// The item that a unit to lend of a model is, by warehouse.
    pub(crate) lent_items: BTreeMap<(InstrumentModel, SiteId), ItemId>,
    /// (item, substitute) where the customer must agree first.
    pub(crate) approvals: BTreeSet<(ItemId, ItemId)>,
}

impl Stock {
    /// Reads what was found. `own` stands reserved on shelves for the plan that asks, and is available to it; stock
    /// at `destination` need not go anywhere, and is left out. Values in another currency than the network's count as
    /// nothing.
    pub(crate) fn read(
        found: &pb::FindStockResponse,
        own: &[StockClaim],
        destination: Option<&SiteId>,
        currency: &str,
    ) -> Self {
        let mut stock = Self::default();
        let mut models: BTreeMap<ItemId, InstrumentModel> = BTreeMap::new();
        for item in &found.items {
            let Some(facts) = item_facts(item, currency) else { continue };
            stock.substitutes_of(&facts.item, item, &found.items);
            stock.names.insert(facts.item.clone(), item.name.clone());
            models.extend(item.model.parse().ok().map(|model| (facts.item.clone(), model)));
            stock.items.push(facts);
        }
        for level in found
            .levels
            .iter()
            .filter(|level| Some(level.warehouse_site_id.as_str()) != destination.map(SiteId::as_str))
        {
            let Ok(item) = level.item_id.parse::<ItemId>() else { continue };
            let Ok(warehouse) = level.warehouse_site_id.parse::<SiteId>() else { continue };
            let on_loan = level.pool() == pb::Pool::Loan;
            let available = level.available + reserved(own, &item, &warehouse, on_loan);
            match models.get(&item) {
                Some(model) if on_loan => stock.lend(model.clone(), warehouse, item, available),
                _ if on_loan => {}
                _ => stock.levels.push(StockLevel { item, warehouse, available, version: level.version }),
            }
        }
        stock
    }

    fn substitutes_of(&mut self, item: &ItemId, record: &pb::Item, all: &[pb::Item]) {
        for substitute in &record.substitutes {
            let Ok(id) = substitute.item_id.parse::<ItemId>() else { continue };
            if substitute.approval_required {
                self.approvals.insert((item.clone(), id.clone()));
            }
            let fits = all.iter().find(|other| other.item_id == substitute.item_id);
            let fit = |model: &String| Some(Fit { model: model.parse().ok()?, revisions: Vec::new() });
            let fits = fits.map(|other| other.fits_models.iter().filter_map(fit).collect());
            self.substitutes.push(Substitute {
                item: item.clone(),
                substitute: id,
                // It is offered with the note that the customer must agree, where they must.
                approval: Approval::Granted,
                fits: fits.unwrap_or_default(),
            });
        }
    }

    /// The part of the planner's world that is known of stock.
    pub(crate) fn world(&self) -> World {
        World {
            items: self.items.clone(),
            stock: self.levels.clone(),
            substitutes: self.substitutes.clone(),
            loaners: self.loaners.clone(),
            ..World::default()
        }
    }

    fn lend(&mut self, model: InstrumentModel, warehouse: SiteId, item: ItemId, available: i64) {
        self.lent_items.insert((model.clone(), warehouse.clone()), item);
        self.loaners.push(LoanerPool { model, warehouse, available, loan_days: 0 });
    }

    /// What shipping an instrument of a model means, when an item says so.
    pub(crate) fn model_facts(&self, model: &InstrumentModel, found: &pb::FindStockResponse) -> ModelFacts {
        let item = found.items.iter().find(|item| item.model == model.as_str());
        ModelFacts {
            model: model.clone(),
            weight_g: item.map_or(0, |item| item.weight_grams),
            export_class: item.and_then(export_class).flatten(),
            dangerous_goods: item.is_some_and(|item| item.dangerous_goods),
            shippable: item.is_some_and(|item| item.weight_grams > 0 && export_class(item).is_some()),
        }
    }
}

fn item_facts(item: &pb::Item, currency: &str) -> Option<ItemFacts> {
    let value = item.unit_value.as_ref().filter(|value| value.currency_code == currency);
    Some(ItemFacts {
        item: item.item_id.parse().ok()?,
        weight_g: item.weight_grams,
        export_class: export_class(item)?,
        dangerous_goods: item.dangerous_goods,
        cold_chain: item.cold_chain,
        unit_value_minor: value.map_or(0, |value| value.minor),
    })
}

/// `None` for a class that cannot be read: such an item is not sent anywhere.
fn export_class(item: &pb::Item) -> Option<Option<ExportClass>> {
    if item.export_class.is_empty() { Some(None) } else { item.export_class.parse().ok().map(Some) }
}

fn reserved(own: &[StockClaim], item: &ItemId, warehouse: &SiteId, on_loan: bool) -> i64 {
    let here = own.iter().filter(|claim| claim.warehouse == *warehouse && claim.on_loan == on_loan);
    let lines = here.flat_map(|claim| &claim.lines).filter(|(held, _)| held == item);
    lines.map(|(_, quantity)| quantity.units()).sum()
}
