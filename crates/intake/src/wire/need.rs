//! Needs.

use std::collections::BTreeMap;

use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1::{self as pb, need::Kind};
use meridian_types::{ItemId, Quantity, Violations};

use crate::domain::need::{ItemsNeed, Need, NeedKind, NeedLine, OtherNeed, RepairNeed};

const LINES_MAX: usize = 50;
const INTERVALS_MAX: usize = 50;

pub(crate) fn decode(violations: &mut Violations, need: Option<pb::Need>) -> Option<Need> {
    let need = decode::required(violations, "need", need)?;
    let deadline = decode::timestamp_if_set(violations, "need.deadline", need.deadline);
    let end_use = decode::parsed_if_set(violations, "need.end_use", &need.end_use);
    let kind = match need.kind {
        None => {
            violations.add("need", "", "one of items, repair and other must be set");
            None
        }
        Some(Kind::Items(items)) => items_need(violations, &items).map(NeedKind::Items),
        Some(Kind::Repair(repair)) => repair_need(violations, repair).map(NeedKind::Repair),
        Some(Kind::Other(other)) => {
            let category = decode::parsed(violations, "need.other.category", &other.category);
            category.map(|category| NeedKind::Other(OtherNeed { category }))
        }
    };
    Some(Need { kind: kind?, deadline, end_use })
}

fn items_need(violations: &mut Violations, items: &pb::ItemsNeed) -> Option<ItemsNeed> {
    let count = items.lines.len();
    if !(1..=LINES_MAX).contains(&count) {
        violations.add("need.items.lines", format!("{count} lines"), format!("1 to {LINES_MAX} lines"));
        return None;
    }
    let lines: Vec<_> =
        (0..).zip(&items.lines).map(|(index, line)| need_line(violations, index, line)).collect();
    let deliver_to_site =
        decode::parsed_if_set(violations, "need.items.deliver_to_site_id", &items.deliver_to_site_id);
    let lines: Vec<NeedLine> = lines.into_iter().collect::<Option<_>>()?;
    check_sums(violations, &lines);
    Some(ItemsNeed { lines, deliver_to_site })
}

fn need_line(violations: &mut Violations, index: usize, line: &pb::NeedLine) -> Option<NeedLine> {
    let field = format!("need.items.lines[{index}]");
    let item_id = decode::parsed(violations, &format!("{field}.item_id"), &line.item_id);
    let quantity = decode::quantity(violations, &format!("{field}.quantity"), line.quantity);
    let unit = decode::parsed_if_set(violations, &format!("{field}.unit"), &line.unit);
    Some(NeedLine { item_id: item_id?, quantity: quantity?, unit })
}

/// The lines of one item must add up to a quantity again.
fn check_sums(violations: &mut Violations, lines: &[NeedLine]) {
    let mut sums: BTreeMap<&ItemId, Quantity> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let sum = match sums.get(&line.item_id) {
            Some(before) => before.checked_add(line.quantity),
            None => Ok(line.quantity),
        };
        let field = format!("need.items.lines[{index}].quantity");
        let shown = format!("{} more of {}", line.quantity, line.item_id);
        if let Some(sum) = violations.check(field, shown, sum) {
            sums.insert(&line.item_id, sum);
        }
    }
}

fn repair_need(violations: &mut Violations, repair: pb::RepairNeed) -> Option<RepairNeed> {
    let serial_number = decode::parsed(violations, "need.repair.serial_number", &repair.serial_number);
    let model = decode::parsed_if_set(violations, "need.repair.model", &repair.model);
    let site = decode::parsed_if_set(violations, "need.repair.site_id", &repair.site_id);
    let symptom = decode::parsed_if_set(violations, "need.repair.symptom", &repair.symptom);
    let onward_site = decode::parsed_if_set(violations, "need.repair.onward_site_id", &repair.onward_site_id);
    let count = repair.site_access.len();
    if count > INTERVALS_MAX {
        let rule = format!("at most {INTERVALS_MAX} intervals");
        violations.add("need.repair.site_access", format!("{count} intervals"), rule);
        return None;
    }
    let site_access: Vec<_> = (0..)
        .zip(repair.site_access)
        .map(|(index, interval): (usize, _)| {
            decode::interval(violations, &format!("need.repair.site_access[{index}]"), Some(interval))
        })
        .collect();
    let site_access = site_access.into_iter().collect::<Option<_>>()?;
    Some(RepairNeed { serial_number: serial_number?, model, site, symptom, onward_site, site_access })
}

pub(crate) fn encode(need: &Need) -> pb::Need {
    let text = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let kind = match &need.kind {
        NeedKind::Items(items) => Kind::Items(pb::ItemsNeed {
            lines: items.lines.iter().map(encode_line).collect(),
            deliver_to_site_id: text(items.deliver_to_site.as_ref().map(|site| site.as_str())),
        }),
        NeedKind::Repair(repair) => Kind::Repair(pb::RepairNeed {
            serial_number: repair.serial_number.to_string(),
            model: text(repair.model.as_ref().map(|model| model.as_str())),
            site_id: text(repair.site.as_ref().map(|site| site.as_str())),
            symptom: text(repair.symptom.as_ref().map(|symptom| symptom.as_str())),
            onward_site_id: text(repair.onward_site.as_ref().map(|site| site.as_str())),
            site_access: repair.site_access.iter().map(|access| encode::interval(*access)).collect(),
        }),
        NeedKind::Other(other) => Kind::Other(pb::OtherNeed { category: other.category.to_string() }),
    };
    pb::Need {
        kind: Some(kind),
        deadline: need.deadline.map(encode::timestamp),
        end_use: text(need.end_use.as_ref().map(|end_use| end_use.as_str())),
    }
}

fn encode_line(line: &NeedLine) -> pb::NeedLine {
    pb::NeedLine {
        item_id: line.item_id.to_string(),
        quantity: line.quantity.units(),
        unit: line.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}
