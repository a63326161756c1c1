//! Items and the rest of a catalogue into domain values.

use std::collections::HashSet;
use std::hash::Hash;

use meridian_chassis::decode::{complete, money, parsed, parsed_if_set, quantity, request_id, text, within};
use meridian_proto::inventory::v1 as pb;
use meridian_proto::types::v1::Money as MoneyMessage;
use meridian_types::{ItemId, Money, Problem, RegionId, SiteId, Violations};

use super::field::{codes, shelf};
use crate::domain::item::{Assembly, Exchange, Fit, Item, KitLine, Substitute};
use crate::domain::stock::{ON_HAND_MAX, Shelf};
use crate::operations::put_catalogue::Catalogue;
use crate::regions::Regions;

const NAME_CHARS_MAX: usize = 200;
/// A thousand tonnes.
const WEIGHT_GRAMS_MAX: i64 = 1_000_000_000;
/// Two weeks of 24 hours.
const ASSEMBLY_MINUTES_MAX: i32 = 20_160;
const LOAN_DAYS_MAX: i32 = 3_650;
const RETURN_DAYS_MAX: i32 = 365;

pub(crate) fn put(
    request: &pb::PutCatalogueRequest,
    regions: &Regions,
) -> Result<(String, Catalogue), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let items = each(&mut violations, "items", &request.items, |violations, path, given| {
        let item = item(violations, path, given, regions.own());
        if let Some(item) = &item
            && !regions.knows(&item.region)
        {
            violations.add(format!("{path}region"), &item.region, regions.rule());
        }
        item
    });
    let warehouses = each(&mut violations, "warehouses", &request.warehouses, |violations, path, given| {
        let region = parsed_if_set::<RegionId>(violations, &format!("{path}region"), &given.region);
        if region.is_some_and(|region| region != *regions.own()) {
            violations.add(format!("{path}region"), &given.region, format!("{}, this region", regions.own()));
        }
        parsed::<SiteId>(violations, &format!("{path}site_id"), &given.site_id)
    });
    let opening = each(&mut violations, "opening_stock", &request.opening_stock, opening);
    if let Some(items) = &items {
        once(&mut violations, "items", "item_id", items.iter().map(|item| &item.item_id));
    }
    if let Some(opening) = &opening {
        once(&mut violations, "opening_stock", "item_id", opening.iter().map(|(shelf, _)| shelf));
    }
    let catalogue = items.zip(warehouses.zip(opening)).map(|(items, (warehouses, opening))| Catalogue {
        items,
        warehouses,
        opening,
    });
    complete(violations, request_id.zip(catalogue))
}

/// Decodes every entry, also after a bad one.
pub(super) fn each<P, T>(
    violations: &mut Violations,
    field: &str,
    entries: &[P],
    decode: impl Fn(&mut Violations, &str, &P) -> Option<T>,
) -> Option<Vec<T>> {
    let entry = |(index, entry): (usize, &P)| decode(violations, &format!("{field}[{index}]."), entry);
    let decoded: Vec<Option<T>> = entries.iter().enumerate().map(entry).collect();
    decoded.into_iter().collect()
}

/// Names every entry whose key another one before it has.
fn once<K: Eq + Hash + std::fmt::Display>(
    violations: &mut Violations,
    field: &str,
    key_field: &str,
    keys: impl Iterator<Item = K>,
) {
    let mut seen = HashSet::new();
    for (index, key) in keys.enumerate() {
        let shown = key.to_string();
        if !seen.insert(key) {
            violations.add(format!("{field}[{index}].{key_field}"), shown, "at most once in a request");
        }
    }
}

fn opening(violations: &mut Violations, path: &str, given: &pb::OpeningStock) -> Option<(Shelf, i64)> {
    let shelf = shelf(violations, path, &given.item_id, &given.warehouse_site_id, given.pool);
    let units = within(violations, &format!("{path}quantity"), given.quantity, 0..=ON_HAND_MAX);
    shelf.zip(units)
}

/// A part of a kit whose fields stand below `path`.
pub(super) fn kit_line(violations: &mut Violations, path: &str, given: &pb::KitLine) -> Option<KitLine> {
    let item_id = parsed(violations, &format!("{path}item_id"), &given.item_id);
    let quantity = quantity(violations, &format!("{path}quantity"), given.quantity);
    item_id.zip(quantity).map(|(item_id, quantity)| KitLine { item_id, quantity })
}

/// An item whose fields stand below `path`; it is `owner`'s unless it says otherwise.
fn item(violations: &mut Violations, path: &str, given: &pb::Item, owner: &RegionId) -> Option<Item> {
    let field = |name: &str| format!("{path}{name}");
    let item_id = parsed(violations, &field("item_id"), &given.item_id);
    let name = text(violations, &field("name"), &given.name, 1..=NAME_CHARS_MAX);
    let unit = parsed(violations, &field("unit"), &given.unit);
    let weight_grams = within(violations, &field("weight_grams"), given.weight_grams, 0..=WEIGHT_GRAMS_MAX);
    let export_class = parsed_if_set(violations, &field("export_class"), &given.export_class);
    let unit_value = amount(violations, &field("unit_value"), given.unit_value.as_ref());
    let fits = each(violations, &field("fits"), &given.fits, |violations, path, given| {
        let model = parsed(violations, &format!("{path}model"), &given.model);
        let revisions = codes(violations, &format!("{path}revisions"), &given.revisions);
        model.zip(revisions).map(|(model, revisions)| Fit { model, revisions })
    });
    let model = parsed_if_set(violations, &field("model"), &given.model);
    let substitutes =
        each(violations, &field("substitutes"), &given.substitutes, |violations, path, given| {
            let item_id = parsed(violations, &format!("{path}item_id"), &given.item_id)?;
            Some(Substitute { item_id, approval_required: given.approval_required })
        });
    let kit_lines = each(violations, &field("kit_lines"), &given.kit_lines, kit_line);
    let assembly = assembly(violations, path, given);
    let loan_days = within(violations, &field("loan_days"), given.loan_days, 0..=LOAN_DAYS_MAX);
    if given.loan_days != 0 && given.model.is_empty() {
        violations.add(field("loan_days"), given.loan_days, "0 for what is no instrument");
    }
    let exchange = exchange(violations, path, given);
    let region = parsed_if_set(violations, &field("region"), &given.region);
    let item = Item {
        item_id: item_id?,
        name: name?,
        unit: unit?,
        weight_grams: weight_grams?,
        export_class,
        dangerous_goods: given.dangerous_goods,
        cold_chain: given.cold_chain,
        unit_value,
        fits: fits?,
        model,
        substitutes: substitutes?,
        kit_lines: kit_lines?,
        assembly,
        loan_days: loan_days?,
        exchange,
        region: region.unwrap_or_else(|| owner.clone()),
    };
    not_of_itself(violations, path, &item);
    Some(item)
}

/// An amount that may be left out, not below 0.
fn amount(violations: &mut Violations, field: &str, given: Option<&MoneyMessage>) -> Option<Money> {
    let given = given?;
    within(violations, &format!("{field}.minor"), given.minor, 0..=i64::MAX);
    money(violations, field, Some(given.clone()))
}

/// Only kits are put together.
fn assembly(violations: &mut Violations, path: &str, given: &pb::Item) -> Option<Assembly> {
    let field = format!("{path}assembly_minutes");
    let minutes = within(violations, &field, given.assembly_minutes, 0..=ASSEMBLY_MINUTES_MAX);
    let cost = amount(violations, &format!("{path}assembly_cost"), given.assembly_cost.as_ref());
    if given.assembly_minutes == 0 && given.assembly_cost.is_none() {
        return None;
    }
    if given.kit_lines.is_empty() {
        violations.add(field, given.assembly_minutes, "0, and no cost, for what is no kit");
    }
    minutes.map(|minutes| Assembly { minutes, cost })
}

/// Only instruments are exchanged, and then the customer's own goes somewhere.
fn exchange(violations: &mut Violations, path: &str, given: &pb::Item) -> Option<Exchange> {
    let field = format!("{path}exchange_return_site_id");
    let return_site_id = parsed_if_set(violations, &field, &given.exchange_return_site_id);
    let days = format!("{path}exchange_return_days");
    let return_days = within(violations, &days, given.exchange_return_days, 0..=RETURN_DAYS_MAX);
    let cost = amount(violations, &format!("{path}exchange_cost"), given.exchange_cost.as_ref());
    let site_is_named = !given.exchange_return_site_id.is_empty();
    if site_is_named && given.model.is_empty() {
        violations.add(field, &given.exchange_return_site_id, "empty for what is no instrument");
    } else if !site_is_named && (given.exchange_return_days != 0 || given.exchange_cost.is_some()) {
        violations.add(field, "", "set where there are days or a cost of an exchange");
    }
    Some(Exchange { return_site_id: return_site_id?, return_days: return_days?, cost })
}

/// Nothing stands in for itself or is a part of itself.
fn not_of_itself(violations: &mut Violations, path: &str, item: &Item) {
    let substitutes = item.substitutes.iter().map(|substitute| &substitute.item_id);
    let kit_lines = item.kit_lines.iter().map(|line| &line.item_id);
    let of_itself = |(index, other): (usize, &ItemId)| (*other == item.item_id).then_some(index);
    for index in substitutes.enumerate().filter_map(of_itself) {
        violations.add(format!("{path}substitutes[{index}].item_id"), &item.item_id, "another item");
    }
    for index in kit_lines.enumerate().filter_map(of_itself) {
        violations.add(format!("{path}kit_lines[{index}].item_id"), &item.item_id, "another item");
    }
}

/// An item that `region` defined.
pub(crate) fn defined_item(event: pb::ItemDefined, region: &RegionId) -> Result<Item, Problem> {
    let mut violations = Violations::new();
    let given = event.item.unwrap_or_default();
    let item = item(&mut violations, "item.", &given, region);
    complete(violations, item)
}
