//! `items.csv`, `substitutes.csv`, `kits.csv`, `stock.csv`: what is supplied and where it stands.

use std::collections::BTreeMap;

use meridian_proto::inventory::v1::{Item, KitLine, OpeningStock, Pool, Substitute};
use meridian_types::{ExportClass, InstrumentModel, ItemId, Quantity, RegionId, Rule, UnitOfMeasure};

use crate::kits::KitContents;
use crate::known::Known;
use crate::reading::{Reading, amount, flag};
use crate::report::{Place, Report};
use crate::sites::SiteFacts;
use crate::table::Shape;
use crate::values;

pub(crate) const ITEMS: Shape = Shape {
    file: "items.csv",
    needed: &["item", "name", "region", "unit", "weight_kg", "value"],
    optional: &["export_class", "dangerous_goods", "cold_chain", "model", "fits_models"],
};

pub(crate) const SUBSTITUTES: Shape =
    Shape { file: "substitutes.csv", needed: &["item", "substitute", "approval_required"], optional: &[] };

pub(crate) const KITS: Shape =
    Shape { file: "kits.csv", needed: &["kit", "item", "quantity"], optional: &[] };

pub(crate) const STOCK: Shape =
    Shape { file: "stock.csv", needed: &["item", "warehouse", "quantity"], optional: &["pool"] };

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
    let catalogue = read_items(reading, &mut items);
    read_substitutes(reading, &catalogue.items, &mut items);
    read_kits(reading, &catalogue.items, &mut items);
    read_stock(reading, &catalogue.items, sites);
    for item in items.into_values() {
        let owner = reading.settings.regions.get(&item.region);
        reading.regions.of(owner).catalogue.items.push(item);
    }
    catalogue
}

fn read_items(reading: &Reading<'_>, items: &mut BTreeMap<String, Item>) -> Catalogue {
    let mut known = Known::new("an item of items.csv");
    let models = read_models(reading);
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
            fits_models: row.references("fits_models", &models),
            model,
            substitutes: Vec::new(),
            kit_lines: Vec::new(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
        };
        known.add(row, "item", item.item_id.clone(), ItemFacts { is_instrument: !item.model.is_empty() });
        items.insert(item.item_id.clone(), item);
    });
    Catalogue { items: known, models }
}

/// Models stand anywhere in the table, so they are collected before the rows are judged.
fn read_models(reading: &Reading<'_>) -> Known<()> {
    let unheard = Report::default();
    let mut models = Known::new("a model of items.csv");
    models.complete = ITEMS.read(reading.files.get(ITEMS.file), &unheard, |row| {
        if !row.is_empty("model") {
            models.insert(row.text("model").to_owned(), ());
        }
    });
    models
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
