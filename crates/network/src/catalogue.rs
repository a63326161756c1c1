//! `items.csv`, `substitutes.csv`, `kits.csv`, `stock.csv`: what is supplied and where it stands.

use std::collections::BTreeMap;

use meridian_proto::inventory::v1::{Fit, Item, KitLine, OpeningStock, Pool, Substitute};
use meridian_proto::types::v1::Money;
use meridian_types::{
    ExportClass, InstrumentModel, ItemId, Quantity, RegionId, Revision, Rule, UnitOfMeasure,
};

use crate::kits::KitContents;
use crate::known::Known;
use crate::reading::{Reading, amount, flag};
use crate::report::{Place, Report};
use crate::sites::SiteFacts;
use crate::table::{Row, Shape};
use crate::values;

pub(crate) const ITEMS: Shape = Shape {
    file: "items.csv",
    needed: &["item", "name", "region", "unit", "weight_kg", "value"],
    optional: &[
        "export_class",
        "dangerous_goods",
        "cold_chain",
        "model",
        "fits_models",
        "loan_days",
        "exchange_return_to",
        "exchange_return_days",
        "exchange_cost",
        "assembly_minutes",
        "assembly_cost",
    ],
};

pub(crate) const SUBSTITUTES: Shape =
    Shape { file: "substitutes.csv", needed: &["item", "substitute", "approval_required"], optional: &[] };

pub(crate) const KITS: Shape =
    Shape { file: "kits.csv", needed: &["kit", "item", "quantity"], optional: &[] };

pub(crate) const STOCK: Shape =
    Shape { file: "stock.csv", needed: &["item", "warehouse", "quantity"], optional: &["pool"] };

const LOAN_DAYS_MAX: i32 = 3_650;
const RETURN_DAYS_MAX: i32 = 365;
/// Two weeks of 24 hours.
const ASSEMBLY_MINUTES_MAX: i32 = 20_160;

/// What other files need to know of the catalogue.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) items: Known<ItemFacts>,
    pub(crate) models: Known<()>,
}

/// What other files need to know of an item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ItemFacts {
    is_instrument: bool,
}

pub(crate) fn read(reading: &mut Reading<'_>, sites: &Known<SiteFacts>) -> Catalogue {
    let mut items = BTreeMap::new();
    let catalogue = read_items(reading, sites, &mut items);
    read_substitutes(reading, &catalogue.items, &mut items);
    read_kits(reading, &catalogue.items, &mut items);
    read_stock(reading, &catalogue.items, sites);
    for item in items.into_values() {
        let owner = reading.settings.regions.get(&item.region);
        reading.regions.of(owner).catalogue.items.push(item);
    }
    catalogue
}

fn read_items(
    reading: &Reading<'_>,
    sites: &Known<SiteFacts>,
    items: &mut BTreeMap<String, Item>,
) -> Catalogue {
    let mut known = Known::new("an item of items.csv");
    let models = ahead(reading, &ITEMS, "model", "a model of items.csv");
    let kits = ahead(reading, &KITS, "kit", "a kit of kits.csv");
    known.complete = ITEMS.read(reading.files.get(ITEMS.file), reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        let model = row.optional_code("model", InstrumentModel::parse);
        let item = Item {
            item_id: row.code("item", ItemId::parse),
            name: row.get("name", values::text),
            unit: row.code("unit", UnitOfMeasure::parse),
            weight_grams: row.get("weight_kg", values::kilograms),
            export_class: row.optional_code("export_class", ExportClass::parse),
            dangerous_goods: flag(row, "dangerous_goods"),
            cold_chain: flag(row, "cold_chain"),
            unit_value: amount(row, "value", &reading.settings),
            fits: row.list("fits_models", |text| fit(text, &models)),
            model,
            loan_days: row.optional("loan_days", values::whole_i32(0, LOAN_DAYS_MAX)),
            exchange_return_site_id: row.text("exchange_return_to").to_owned(),
            exchange_return_days: row.optional("exchange_return_days", values::whole_i32(0, RETURN_DAYS_MAX)),
            exchange_cost: amount_if_set(row, "exchange_cost", reading),
            assembly_minutes: row.optional("assembly_minutes", values::whole_i32(0, ASSEMBLY_MINUTES_MAX)),
            assembly_cost: amount_if_set(row, "assembly_cost", reading),
            substitutes: Vec::new(),
            kit_lines: Vec::new(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
        };
        check_kind(row, &item, sites, &kits);
        known.add(row, "item", item.item_id.clone(), ItemFacts { is_instrument: !item.model.is_empty() });
        items.insert(item.item_id.clone(), item);
    });
    Catalogue { items: known, models }
}

/// What stands in a column. It may stand anywhere in the table, so it is collected before rows are judged by it; a table
/// with a row that cannot be read judges none.
fn ahead(reading: &Reading<'_>, table: &'static Shape, column: &str, what: &'static str) -> Known<()> {
    let unheard = Report::default();
    let mut known = Known::new(what);
    let is_read = table.read(reading.files.get(table.file), &unheard, |row| {
        if !row.is_empty(column) {
            known.insert(row.text(column).to_owned(), ());
        }
    });
    known.complete = is_read && unheard.finish(()).is_ok();
    known
}

/// A model, or some of its revisions, as `UV200` or `UV200:B|C`.
fn fit(text: &str, models: &Known<()>) -> Result<Fit, Rule> {
    let (model, revisions) = match text.split_once(':') {
        Some((model, revisions)) => (model, revisions.split('|').map(str::trim).collect()),
        None => (text, Vec::new()),
    };
    if models.get(model).is_none() && models.complete {
        return Err(models.rule());
    }
    let revision = |text: &str| {
        Revision::parse(text)
            .map(String::from)
            .map_err(|_| Rule::new("a model, or some of its revisions, such as UV200:B|C"))
    };
    let revisions = revisions.into_iter().map(revision).collect::<Result<_, _>>()?;
    Ok(Fit { model: model.to_owned(), revisions })
}

/// An amount that may be left out.
fn amount_if_set(row: &Row<'_>, column: &str, reading: &Reading<'_>) -> Option<Money> {
    if row.is_empty(column) { None } else { amount(row, column, &reading.settings) }
}

/// Instruments are lent and exchanged, kits are put together, and nothing else is.
fn check_kind(row: &Row<'_>, item: &Item, sites: &Known<SiteFacts>, kits: &Known<()>) {
    if !row.is_empty("exchange_return_to") {
        row.reference("exchange_return_to", sites);
    }
    for column in ["loan_days", "exchange_return_to"] {
        if item.model.is_empty() && !row.is_empty(column) {
            row.refuse(column, "empty for an item without a model");
        }
    }
    for column in ["exchange_return_days", "exchange_cost"] {
        if row.is_empty("exchange_return_to") && !row.is_empty(column) {
            row.refuse(column, "empty without exchange_return_to");
        }
    }
    let is_kit = kits.get(&item.item_id).is_some() || !kits.complete;
    for column in ["assembly_minutes", "assembly_cost"] {
        if !is_kit && !row.is_empty(column) {
            row.refuse(column, "empty for what is no kit of kits.csv");
        }
    }
}

fn read_substitutes(reading: &Reading<'_>, known: &Known<ItemFacts>, items: &mut BTreeMap<String, Item>) {
    let mut pairs = Known::new("a pair of substitutes.csv");
    SUBSTITUTES.read(reading.files.get(SUBSTITUTES.file), reading.report, |row| {
        row.reference("item", known);
        row.reference("substitute", known);
        let (item, substitute) = (row.text("item"), row.text("substitute"));
        if item == substitute {
            row.refuse("substitute", "another item than the one it stands in for");
        }
        pairs.add(row, "substitute", format!("{item} {substitute}"), ());
        let approval_required = row.get("approval_required", values::yes_no);
        if let Some(item) = items.get_mut(item) {
            item.substitutes.push(Substitute { item_id: substitute.to_owned(), approval_required });
        }
    });
}

fn read_kits(reading: &Reading<'_>, known: &Known<ItemFacts>, items: &mut BTreeMap<String, Item>) {
    let mut lines = Known::new("a line of kits.csv");
    let mut contents = KitContents::default();
    KITS.read(reading.files.get(KITS.file), reading.report, |row| {
        row.reference("kit", known);
        row.reference("item", known);
        let (kit, part) = (row.text("kit"), row.text("item"));
        lines.add(row, "item", format!("{kit} {part}"), ());
        let quantity = row.get("quantity", values::whole(1, Quantity::MAX));
        contents.add(kit, part, row.line());
        if let Some(item) = items.get_mut(kit) {
            item.kit_lines.push(KitLine { item_id: part.to_owned(), quantity });
        }
    });
    for (line, cycle) in contents.cycles() {
        let rule = format!("a kit that does not contain itself: {cycle}");
        reading.report.add(Place::line(KITS.file, line).field("item"), None, rule);
    }
}

fn read_stock(reading: &mut Reading<'_>, items: &Known<ItemFacts>, sites: &Known<SiteFacts>) {
    let mut levels = Known::new("a level of stock.csv");
    STOCK.read(reading.files.get(STOCK.file), reading.report, |row| {
        let item = row.reference("item", items);
        let site = row.reference("warehouse", sites);
        if site.is_some_and(|site| !site.holds_stock()) {
            row.refuse("warehouse", "a site of kind warehouse or depot");
        }
        let pool = row.optional("pool", |text| pool(text).map(Some)).unwrap_or(Pool::Stock);
        if pool == Pool::Loan && item.is_some_and(|item| !item.is_instrument) {
            row.refuse("pool", "stock; only an item with a model can be lent");
        }
        let level = OpeningStock {
            item_id: row.text("item").to_owned(),
            warehouse_site_id: row.text("warehouse").to_owned(),
            pool: pool.into(),
            quantity: row.get("quantity", values::whole(0, Quantity::MAX)),
        };
        levels.add(row, "item", format!("{} {} {}", level.item_id, level.warehouse_site_id, level.pool), ());
        let owner = site.and_then(|site| site.region.as_ref());
        reading.regions.of(owner).catalogue.opening_stock.push(level);
    });
}

fn pool(text: &str) -> Result<Pool, Rule> {
    match text {
        "stock" => Ok(Pool::Stock),
        "loan" => Ok(Pool::Loan),
        _ => Err(Rule::new("stock or loan")),
    }
}
