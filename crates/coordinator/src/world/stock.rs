//! Items, and where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_chassis::decode::timestamp;
use meridian_planner::model::{
    Approval, Exchange, Fit, ItemFacts, Kit, Line, LoanerPool, ModelFacts, ScheduledReceipt, StockHold,
    StockLevel, Substitute, World,
};
use meridian_proto::inventory::v1 as pb;
use meridian_proto::types::v1::Money;
use meridian_types::{CaseId, ExportClass, InstrumentModel, ItemId, Quantity, ReceiptId, SiteId, Violations};

use crate::domain::StockClaim;

/// What the region's inventory knows of the world's stock, as far as a need is concerned.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    pub(crate) items: Vec<ItemFacts>,
    pub(crate) levels: Vec<StockLevel>,
    /// What other cases hold of them.
    pub(crate) holds: Vec<StockHold>,
    /// What is to come; nothing that is overdue.
    pub(crate) receipts: Vec<ScheduledReceipt>,
    pub(crate) kits: Vec<Kit>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) substitutes: Vec<Substitute>,
    pub(crate) loaners: Vec<LoanerPool>,
    /// Names as customers know them.
    pub(crate) names: BTreeMap<ItemId, String>,
    /// The item that a unit to lend of a model is, by warehouse.
    pub(crate) lent_items: BTreeMap<(InstrumentModel, SiteId), ItemId>,
    /// (item, substitute) where the customer must agree first.
    pub(crate) approvals: BTreeSet<(ItemId, ItemId)>,
}

/// Who asks for stock, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) case_id: Option<CaseId>,
    /// What stands reserved on shelves for the plan that asks, and is available to it.
    pub(crate) own: &'a [StockClaim],
    /// Where it is needed: stock there need not go anywhere, and is left out.
    pub(crate) destination: Option<&'a SiteId>,
    pub(crate) now: Timestamp,
}

impl Stock {
    /// Reads what was found. Values in another currency than the network's count as nothing.
    pub(crate) fn read(found: &pb::FindStockResponse, asker: Asker<'_>, currency: &str) -> Self {
        let mut stock = Self::default();
        let mut instruments: BTreeMap<ItemId, (InstrumentModel, i32)> = BTreeMap::new();
        let sites = stocked_sites(found);
        for item in &found.items {
            let Some(facts) = item_facts(item, currency) else { continue };
            stock.substitutes_of(&facts.item, item, &found.items, asker.destination.is_some());
            stock.names.insert(facts.item.clone(), item.name.clone());
            stock.kits.extend(kit(&facts.item, item, &sites, currency));
            if let Ok(model) = item.model.parse::<InstrumentModel>() {
                stock.exchanges.extend(exchange(&facts.item, &model, item, currency));
                instruments.insert(facts.item.clone(), (model, item.loan_days));
            }
            stock.items.push(facts);
        }
        let elsewhere = |site_id: &str| Some(site_id) != asker.destination.map(SiteId::as_str);
        for level in found.levels.iter().filter(|level| elsewhere(&level.warehouse_site_id)) {
            let Ok(item) = level.item_id.parse::<ItemId>() else { continue };
            let Ok(warehouse) = level.warehouse_site_id.parse::<SiteId>() else { continue };
            let on_loan = level.pool() == pb::Pool::Loan;
            let available = level.available + reserved(asker.own, &item, &warehouse, on_loan);
            match instruments.get(&item) {
                Some(instrument) if on_loan => stock.lend(instrument.clone(), warehouse, item, available),
                _ if on_loan => {}
                _ => {
                    stock.holds.extend(others_holds(level, &item, &warehouse, asker.case_id));
                    stock.levels.push(StockLevel { item, warehouse, available, version: level.version });
                }
            }
        }
        let receipts = found.receipts.iter().filter(|receipt| elsewhere(&receipt.warehouse_site_id));
        let receipts = receipts.filter_map(|given| receipt(given, asker.own));
        stock.receipts = receipts.filter(|it| it.expected > asker.now).collect();
        stock
    }

    /// Whoever asks for items and not for a repair says whether what fits some instruments only fits theirs.
    fn substitutes_of(&mut self, item: &ItemId, record: &pb::Item, all: &[pb::Item], for_anything: bool) {
        for substitute in &record.substitutes {
            let Ok(id) = substitute.item_id.parse::<ItemId>() else { continue };
            let fits = all.iter().find(|other| other.item_id == substitute.item_id);
            let fits: Option<Vec<Fit>> = fits.map(|other| other.fits.iter().filter_map(fit).collect());
            let own: Vec<Fit> = record.fits.iter().filter_map(fit).collect();
            let may_not_fit = for_anything && fits.as_ref().is_some_and(|fits| !covers(fits, &own));
            if substitute.approval_required || may_not_fit {
                self.approvals.insert((item.clone(), id.clone()));
            }
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
            holds: self.holds.clone(),
            receipts: self.receipts.clone(),
            substitutes: self.substitutes.clone(),
            kits: self.kits.clone(),
            loaners: self.loaners.clone(),
            exchanges: self.exchanges.clone(),
            ..World::default()
        }
    }

    fn lend(
        &mut self,
        (model, loan_days): (InstrumentModel, i32),
        warehouse: SiteId,
        item: ItemId,
        available: i64,
    ) {
        self.lent_items.insert((model.clone(), warehouse.clone()), item);
        self.loaners.push(LoanerPool { model, warehouse, available, loan_days });
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
    Some(ItemFacts {
        item: item.item_id.parse().ok()?,
        weight_g: item.weight_grams,
        export_class: export_class(item)?,
        dangerous_goods: item.dangerous_goods,
        cold_chain: item.cold_chain,
        unit_value_minor: minor(item.unit_value.as_ref(), currency),
    })
}

/// An amount in minor units; nothing when it is in another currency.
fn minor(amount: Option<&Money>, currency: &str) -> i64 {
    amount.filter(|amount| amount.currency_code == currency).map_or(0, |amount| amount.minor)
}

/// A fit none of whose revisions can be read fits nothing.
fn fit(given: &pb::Fit) -> Option<Fit> {
    let revisions: Option<Vec<_>> = given.revisions.iter().map(|revision| revision.parse().ok()).collect();
    Some(Fit { model: given.model.parse().ok()?, revisions: revisions? })
}

/// Whether what fits `these` instruments fits all that something else fits, which is asked for by name.
fn covers(these: &[Fit], all: &[Fit]) -> bool {
    let by = |fit: &Fit, one: &Fit| {
        let each = one.revisions.iter().all(|revision| fit.revisions.contains(revision));
        fit.model == one.model && (fit.revisions.is_empty() || (!one.revisions.is_empty() && each))
    };
    these.is_empty() || (!all.is_empty() && all.iter().all(|one| these.iter().any(|fit| by(fit, one))))
}

/// Warehouses where something of what was found stands: where kits can be put together.
fn stocked_sites(found: &pb::FindStockResponse) -> Vec<SiteId> {
    let stocked = found.levels.iter().filter(|level| level.on_hand > 0 && level.pool() != pb::Pool::Loan);
    let sites: BTreeSet<SiteId> = stocked.filter_map(|level| level.warehouse_site_id.parse().ok()).collect();
    sites.into_iter().collect()
}

/// How an item is put together; `None` for what is no kit, or has a part that cannot be read.
fn kit(item: &ItemId, record: &pb::Item, sites: &[SiteId], currency: &str) -> Option<Kit> {
    let part = |line: &pb::KitLine| {
        Some(Line { item: line.item_id.parse().ok()?, quantity: Quantity::new(line.quantity).ok()? })
    };
    let parts: Vec<Line> = record.kit_lines.iter().map(part).collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| Kit {
        kit: item.clone(),
        parts,
        sites: sites.to_vec(),
        work_minutes: record.assembly_minutes.into(),
        cost_minor: minor(record.assembly_cost.as_ref(), currency),
    })
}

/// How a unit of an item replaces a customer's instrument; `None` when it does not.
fn exchange(item: &ItemId, model: &InstrumentModel, record: &pb::Item, currency: &str) -> Option<Exchange> {
    Some(Exchange {
        model: model.clone(),
        item: item.clone(),
        return_to: record.exchange_return_site_id.parse().ok()?,
        return_days: record.exchange_return_days,
        cost_minor: minor(record.exchange_cost.as_ref(), currency),
    })
}

/// What other cases than the one that asks hold of a level.
fn others_holds(
    level: &pb::StockLevel,
    item: &ItemId,
    warehouse: &SiteId,
    asking: Option<CaseId>,
) -> Vec<StockHold> {
    let hold = |hold: &pb::CaseHold| {
        let case = hold.case_id.parse().ok().filter(|case| Some(*case) != asking)?;
        let (item, warehouse) = (item.clone(), warehouse.clone());
        Some(StockHold { case, item, warehouse, quantity: hold.quantity })
    };
    level.holds.iter().filter_map(hold).collect()
}

/// What can be had of a receipt by who holds `own`.
fn receipt(given: &pb::Receipt, own: &[StockClaim]) -> Option<ScheduledReceipt> {
    let receipt: ReceiptId = given.receipt_id.parse().ok()?;
    let warehouse: SiteId = given.warehouse_site_id.parse().ok()?;
    let there = own.iter().filter(|claim| claim.warehouse == warehouse);
    let held = there.flat_map(|claim| &claim.awaited).filter(|awaited| awaited.receipt == receipt);
    let held: i64 = held.map(|awaited| awaited.quantity.units()).sum();
    Some(ScheduledReceipt {
        receipt,
        item: given.item_id.parse().ok()?,
        warehouse,
        available: given.available + held,
        expected: timestamp(&mut Violations::new(), "expected_at", given.expected_at)?,
        late_probability: given.late_probability,
    })
}

/// `None` for a class that cannot be read: such an item is not sent anywhere.
fn export_class(item: &pb::Item) -> Option<Option<ExportClass>> {
    if item.export_class.is_empty() { Some(None) } else { item.export_class.parse().ok().map(Some) }
}

fn reserved(own: &[StockClaim], item: &ItemId, warehouse: &SiteId, on_loan: bool) -> i64 {
    let here = own.iter().filter(|claim| claim.warehouse == *warehouse && claim.on_loan == on_loan);
    here.map(|claim| claim.on_shelf(item)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Awaited;

    const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);
    const MINE: &str = "case_0190aaaaaaaa7aaaaaaaaaaaaaaaaaaa";
    const THEIRS: &str = "case_0190bbbbbbbb7bbbbbbbbbbbbbbbbbbb";

    fn read(found: &pb::FindStockResponse, destination: Option<&SiteId>) -> Stock {
        let asker = Asker { case_id: Some(MINE.parse().unwrap()), own: &[], destination, now: NOW };
        Stock::read(found, asker, "EUR")
    }

    fn level(item: &str, warehouse: &str, on_hand: i64) -> pb::StockLevel {
        pb::StockLevel {
            item_id: item.to_owned(),
            warehouse_site_id: warehouse.to_owned(),
            pool: pb::Pool::Stock.into(),
            on_hand,
            available: on_hand,
            ..pb::StockLevel::default()
        }
    }

    fn item(item_id: &str) -> pb::Item {
        pb::Item { item_id: item_id.to_owned(), ..pb::Item::default() }
    }

    fn euro(currency: &str, minor: i64) -> Option<Money> {
        Some(Money { currency_code: currency.to_owned(), minor })
    }

    #[test]
    fn others_hold_what_the_case_that_asks_does_not_hold_itself() {
        let hold = |case: &str, quantity| pb::CaseHold { case_id: case.to_owned(), quantity };
        let held = pb::StockLevel { holds: vec![hold(MINE, 2), hold(THEIRS, 3)], ..level("LAMP", "FRA", 5) };
        let found = pb::FindStockResponse {
            levels: vec![held],
            items: vec![item("LAMP")],
            ..pb::FindStockResponse::default()
        };
        let holds = read(&found, None).holds;
        assert_eq!(
            holds.iter().map(|hold| (hold.case, hold.quantity)).collect::<Vec<_>>(),
            [(THEIRS.parse().unwrap(), 3)]
        );
        assert!(read(&found, Some(&"FRA".parse().unwrap())).holds.is_empty());
    }

    #[test]
    fn a_substitute_that_may_not_fit_where_the_item_does_asks_for_consent() {
        let fits = |models: &[(&str, &[&str])]| -> Vec<pb::Fit> {
            let revisions = |names: &[&str]| names.iter().map(ToString::to_string).collect();
            models
                .iter()
                .map(|(model, names)| pb::Fit { model: (*model).to_owned(), revisions: revisions(names) })
                .collect()
        };
        let consent = |own: &[(&str, &[&str])], other: &[(&str, &[&str])]| {
            let substitute = pb::Substitute { item_id: "LAMP-2".to_owned(), ..pb::Substitute::default() };
            let lamp = pb::Item { fits: fits(own), substitutes: vec![substitute], ..item("LAMP") };
            let items = vec![lamp, pb::Item { fits: fits(other), ..item("LAMP-2") }];
            let found = pb::FindStockResponse { items, ..pb::FindStockResponse::default() };
            !read(&found, Some(&"HAM".parse().unwrap())).approvals.is_empty()
        };
        assert!(!consent(&[("A", &[])], &[]));
        assert!(!consent(&[("A", &["1"])], &[("A", &["1", "2"]), ("B", &[])]));
        assert!(consent(&[("A", &[])], &[("A", &["1"])]));
        assert!(consent(&[("A", &[]), ("B", &[])], &[("A", &[])]));
        assert!(consent(&[], &[("A", &[])]));
    }

    #[test]
    fn what_is_overdue_is_not_counted_on() {
        let receipt = |id: &str, seconds| pb::Receipt {
            receipt_id: id.to_owned(),
            item_id: "LAMP".to_owned(),
            warehouse_site_id: "FRA".to_owned(),
            available: 4,
            expected_at: Some(prost_types::Timestamp { seconds: NOW.as_second() + seconds, nanos: 0 }),
            late_probability: 0.25,
            ..pb::Receipt::default()
        };
        let found = pb::FindStockResponse {
            receipts: vec![receipt("PO-1", 0), receipt("PO-2", 60)],
            ..pb::FindStockResponse::default()
        };
        let receipts = read(&found, None).receipts;
        assert_eq!(receipts.len(), 1);
        assert_eq!((receipts[0].receipt.as_str(), receipts[0].available), ("PO-2", 4));
    }

    #[test]
    fn what_a_plan_awaits_is_free_to_it_with_the_receipt_of_its_own_warehouse_only() {
        let receipt = |site: &str| pb::Receipt {
            receipt_id: "PO-1".to_owned(),
            item_id: "LAMP".to_owned(),
            warehouse_site_id: site.to_owned(),
            available: 4,
            expected_at: Some(prost_types::Timestamp { seconds: NOW.as_second() + 60, nanos: 0 }),
            ..pb::Receipt::default()
        };
        let found = pb::FindStockResponse {
            receipts: vec![receipt("FRA"), receipt("OSL")],
            ..pb::FindStockResponse::default()
        };
        let (receipt, item) = ("PO-1".parse().unwrap(), "LAMP".parse().unwrap());
        let awaited = Awaited { receipt, item, quantity: Quantity::ONE, told_at: None, expected_at: None };
        let own = StockClaim {
            region: "eu".parse().unwrap(),
            warehouse: "FRA".parse().unwrap(),
            lines: vec![(awaited.item.clone(), awaited.quantity)],
            awaited: vec![awaited],
            kits: Vec::new(),
            sent: Vec::new(),
            stands_in: Vec::new(),
            on_loan: false,
            to_site: "LAB".parse().unwrap(),
            to_region: None,
            departs: NOW,
            arrives: NOW,
            due_back: None,
        };
        let asker = Asker { case_id: Some(MINE.parse().unwrap()), own: &[own], destination: None, now: NOW };
        let stock = Stock::read(&found, asker, "EUR");
        let there = |at: usize| (stock.receipts[at].warehouse.as_str(), stock.receipts[at].available);
        assert_eq!((there(0), there(1)), (("FRA", 5), ("OSL", 4)));
    }

    #[test]
    fn kits_are_put_together_where_stock_stands_and_exchanges_cost_what_is_said_in_the_networks_currency() {
        let kit = pb::Item {
            kit_lines: vec![pb::KitLine { item_id: "LAMP".to_owned(), quantity: 2 }],
            assembly_minutes: 45,
            assembly_cost: euro("EUR", 2_500),
            ..item("KIT")
        };
        let unit = pb::Item {
            model: "UV200".to_owned(),
            loan_days: 21,
            exchange_return_site_id: "DEPOT".to_owned(),
            exchange_return_days: 7,
            exchange_cost: euro("USD", 9_900),
            ..item("UNIT")
        };
        let lent = pb::StockLevel { pool: pb::Pool::Loan.into(), ..level("UNIT", "OSL", 1) };
        let found = pb::FindStockResponse {
            levels: vec![level("LAMP", "FRA", 5), level("LAMP", "HEL", 0), lent],
            items: vec![kit, item("LAMP"), unit],
            ..pb::FindStockResponse::default()
        };
        let stock = read(&found, None);
        let [kit] = stock.kits.as_slice() else { panic!("{:?}", stock.kits) };
        assert_eq!(
            (kit.sites.as_slice(), kit.work_minutes, kit.cost_minor),
            (&["FRA".parse().unwrap()][..], 45, 2_500)
        );
        let [exchange] = stock.exchanges.as_slice() else { panic!("{:?}", stock.exchanges) };
        assert_eq!((exchange.return_to.as_str(), exchange.return_days, exchange.cost_minor), ("DEPOT", 7, 0));
        assert_eq!(stock.loaners[0].loan_days, 21);
    }
}
