//! Needs, as intake and callers state them.

use jiff::Timestamp;
use meridian_chassis::decode;
use meridian_proto::intake::v1 as pb;
use meridian_types::{
    Category, EndUse, InstrumentModel, Interval, ItemId, Quantity, SerialNumber, SiteId, Symptom, Violations,
};

/// Most lines of a need.
const LINES_MAX: usize = 50;

/// What would make a customer whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) kind: NeedKind,
    pub(crate) deadline: Option<Timestamp>,
    /// What the goods are for, once that is declared.
    pub(crate) end_use: Option<EndUse>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NeedKind {
    Items {
        lines: Vec<(ItemId, Quantity)>,
        deliver_to: SiteId,
    },
    Repair(RepairNeed),
    /// Not ours to do.
    Other {
        category: Category,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RepairNeed {
    pub(crate) serial: SerialNumber,
    pub(crate) model: InstrumentModel,
    pub(crate) site: SiteId,
    pub(crate) symptom: Option<Symptom>,
    pub(crate) onward: Option<SiteId>,
    pub(crate) site_access: Vec<Interval>,
}

impl Asked {
    /// The category by which a party is chosen.
    pub(crate) fn category(&self) -> &str {
        match &self.kind {
            NeedKind::Items { .. } => "items",
            NeedKind::Repair(_) => "repair",
            NeedKind::Other { category } => category.as_str(),
        }
    }

    /// What is needed and where, in words that differ where another solution is needed. When, and when engineers are
    /// let in, is said elsewhere.
    pub(crate) fn gist(&self) -> String {
        let used_for = self.end_use.as_ref().map(|end_use| format!(" for {end_use}")).unwrap_or_default();
        match &self.kind {
            NeedKind::Items { lines, deliver_to } => {
                let lines: Vec<String> =
                    lines.iter().map(|(item, quantity)| format!("{} {item}", quantity.units())).collect();
                format!("{} to {deliver_to}{used_for}", lines.join(", "))
            }
            NeedKind::Repair(repair) => {
                let RepairNeed { serial, model, site, symptom, onward, .. } = repair;
                let symptom = symptom.as_ref().map(|symptom| format!(" of {symptom}")).unwrap_or_default();
                let onward = onward.as_ref().map(|onward| format!(", on to {onward}")).unwrap_or_default();
                format!("repair{symptom} of {model} {serial} at {site}{onward}{used_for}")
            }
            NeedKind::Other { category } => category.to_string(),
        }
    }

    /// Where the need is met.
    pub(crate) fn destination(&self) -> Option<&SiteId> {
        match &self.kind {
            NeedKind::Items { deliver_to, .. } => Some(deliver_to),
            NeedKind::Repair(repair) => Some(repair.onward.as_ref().unwrap_or(&repair.site)),
            NeedKind::Other { .. } => None,
        }
    }

    /// The sites it names, by field of the message.
    pub(crate) fn sites(&self) -> Vec<(&'static str, &SiteId)> {
        match &self.kind {
            NeedKind::Items { deliver_to, .. } => vec![("need.items.deliver_to_site_id", deliver_to)],
            NeedKind::Repair(repair) => {
                let onward = repair.onward.iter().map(|site| ("need.repair.onward_site_id", site));
                [("need.repair.site_id", &repair.site)].into_iter().chain(onward).collect()
            }
            NeedKind::Other { .. } => Vec::new(),
        }
    }
}

/// The facts without which nothing can be planned and that the need does not hold, by name.
pub(crate) fn missing_facts(need: &pb::Need) -> Vec<&'static str> {
    let unless = |text: &str, name| text.is_empty().then_some(name);
    match &need.kind {
        Some(pb::need::Kind::Items(items)) => {
            unless(&items.deliver_to_site_id, "deliver_to_site").into_iter().collect()
        }
        Some(pb::need::Kind::Repair(repair)) => {
            [unless(&repair.model, "model"), unless(&repair.site_id, "site")].into_iter().flatten().collect()
        }
        Some(pb::need::Kind::Other(_)) | None => Vec::new(),
    }
}

/// Reads a need. `field` is its path in the request.
pub(crate) fn decode(v: &mut Violations, field: &str, need: &pb::Need) -> Option<Asked> {
    let deadline = decode::timestamp_if_set(v, &format!("{field}.deadline"), need.deadline);
    let end_use = decode::parsed_if_set(v, &format!("{field}.end_use"), &need.end_use);
    let kind = match &need.kind {
        Some(pb::need::Kind::Items(items)) => items_need(v, &format!("{field}.items"), items),
        Some(pb::need::Kind::Repair(repair)) => {
            repair_need(v, &format!("{field}.repair"), repair).map(NeedKind::Repair)
        }
        Some(pb::need::Kind::Other(other)) => {
            let category = decode::parsed(v, &format!("{field}.other.category"), &other.category);
            category.map(|category| NeedKind::Other { category })
        }
        None => {
            v.add(field, "", "exactly one of items, repair and other");
            None
        }
    };
    Some(Asked { kind: kind?, deadline, end_use })
}

fn items_need(v: &mut Violations, field: &str, items: &pb::ItemsNeed) -> Option<NeedKind> {
    if !(1..=LINES_MAX).contains(&items.lines.len()) {
        v.add(format!("{field}.lines"), items.lines.len(), format!("1 to {LINES_MAX} lines"));
    }
    let deliver_to = decode::parsed(v, &format!("{field}.deliver_to_site_id"), &items.deliver_to_site_id);
    let mut lines = Vec::new();
    for (index, line) in items.lines.iter().enumerate() {
        let item = decode::parsed(v, &format!("{field}.lines[{index}].item_id"), &line.item_id);
        let quantity = decode::quantity(v, &format!("{field}.lines[{index}].quantity"), line.quantity);
        lines.extend(item.zip(quantity));
    }
    sums_are_quantities(v, field, &lines);
    Some(NeedKind::Items { lines, deliver_to: deliver_to? })
}

/// The lines of one item add up to a quantity.
fn sums_are_quantities(v: &mut Violations, field: &str, lines: &[(ItemId, Quantity)]) {
    for (index, (item, quantity)) in lines.iter().enumerate() {
        let before = lines[..index].iter().filter(|(other, _)| other == item);
        let sum = before.map(|(_, quantity)| quantity.units()).sum::<i64>() + quantity.units();
        if sum > Quantity::MAX {
            let rule = format!("at most {} of one item in all lines", Quantity::MAX);
            v.add(format!("{field}.lines[{index}].quantity"), quantity, rule);
        }
    }
}

fn repair_need(v: &mut Violations, field: &str, repair: &pb::RepairNeed) -> Option<RepairNeed> {
    let serial = decode::parsed(v, &format!("{field}.serial_number"), &repair.serial_number);
    let model = decode::parsed(v, &format!("{field}.model"), &repair.model);
    let site = decode::parsed(v, &format!("{field}.site_id"), &repair.site_id);
    let symptom = decode::parsed_if_set(v, &format!("{field}.symptom"), &repair.symptom);
    let onward = decode::parsed_if_set(v, &format!("{field}.onward_site_id"), &repair.onward_site_id);
    let access = repair.site_access.iter().enumerate();
    let access = access
        .map(|(index, during)| decode::interval(v, &format!("{field}.site_access[{index}]"), Some(*during)));
    let site_access = access.collect::<Vec<_>>().into_iter().flatten().collect();
    Some(RepairNeed { serial: serial?, model: model?, site: site?, symptom, onward, site_access })
}
