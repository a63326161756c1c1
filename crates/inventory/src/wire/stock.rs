//! Calls and events about stock.

use meridian_chassis::decode::{complete, parsed_if_set, request_id, timestamp, within};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{InstrumentModel, ItemId, Problem, UnitOfMeasure, Violations};

use super::field::{codes, shelf};
use crate::domain::ledger::{self, Reason};
use crate::domain::stock::{Level, ON_HAND_MAX};
use crate::operations::adjust_stock::AdjustStock;
use crate::operations::find_stock::FindStock;

const FOUND_ITEMS_MAX: usize = 50;
const LISTED_ITEMS_MAX: usize = 200;

pub(crate) fn adjust(request: &pb::AdjustStockRequest) -> Result<(String, AdjustStock), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let shelf = shelf(&mut violations, "", &request.item_id, &request.warehouse_site_id, request.pool);
    let delta = delta(&mut violations, request.delta);
    let reason = match pb::AdjustReason::try_from(request.reason) {
        Ok(pb::AdjustReason::Receipt) => Some(Reason::Receipt),
        Ok(pb::AdjustReason::Count) => Some(Reason::Count),
        Ok(pb::AdjustReason::Damaged) => Some(Reason::Damaged),
        Ok(pb::AdjustReason::LoanReturn) => Some(Reason::LoanReturn),
        Ok(pb::AdjustReason::Unspecified) | Err(_) => {
            violations.add("reason", request.reason, "one of the named reasons");
            None
        }
    };
    if let (Some(shelf), Some(delta), Some(reason)) = (&shelf, delta, reason)
        && let Err((field, rule)) = ledger::check_adjustment(reason, shelf.pool, delta)
    {
        let value = if field == "delta" { delta.to_string() } else { shelf.pool.as_str().to_owned() };
        violations.add(field, value, rule);
    }
    let unit = parsed_if_set::<UnitOfMeasure>(&mut violations, "unit", &request.unit);
    let adjustment = shelf.zip(delta.zip(reason)).map(|(shelf, (delta, reason))| AdjustStock {
        shelf,
        delta,
        reason,
        unit,
    });
    complete(violations, request_id.zip(adjustment))
}

fn delta(violations: &mut Violations, units: i64) -> Option<i64> {
    let kept = units != 0 && (-ON_HAND_MAX..=ON_HAND_MAX).contains(&units);
    if !kept {
        violations.add("delta", units, format!("-{ON_HAND_MAX} to {ON_HAND_MAX}, not 0"));
    }
    kept.then_some(units)
}

pub(crate) fn find(request: &pb::FindStockRequest) -> Result<FindStock, Problem> {
    let mut violations = Violations::new();
    let asked = request.item_ids.len() + request.loan_models.len();
    if asked == 0 || asked > FOUND_ITEMS_MAX {
        violations.add("item_ids", asked, format!("1 to {FOUND_ITEMS_MAX} items, loan_models included"));
    }
    let item_ids = codes(&mut violations, "item_ids", &request.item_ids);
    let loan_models: Option<Vec<InstrumentModel>> =
        codes(&mut violations, "loan_models", &request.loan_models);
    let question = item_ids.zip(loan_models).map(|(item_ids, loan_models)| FindStock {
        item_ids,
        loan_models,
        include_substitutes: request.include_substitutes,
        include_empty: request.include_empty,
    });
    complete(violations, question)
}

pub(crate) fn get_items(request: &pb::GetItemsRequest) -> Result<Vec<ItemId>, Problem> {
    let mut violations = Violations::new();
    within(&mut violations, "item_ids", request.item_ids.len(), 1..=LISTED_ITEMS_MAX);
    let item_ids = codes(&mut violations, "item_ids", &request.item_ids);
    complete(violations, item_ids)
}

/// A level that another region states.
pub(crate) fn stated_level(event: pb::StockLevelChanged) -> Result<Level, Problem> {
    let mut violations = Violations::new();
    let level = event.level.unwrap_or_default();
    let shelf = shelf(&mut violations, "level.", &level.item_id, &level.warehouse_site_id, level.pool);
    let as_of = timestamp(&mut violations, "level.as_of", level.as_of);
    let level = shelf.zip(as_of).map(|(shelf, as_of)| Level {
        shelf,
        on_hand: level.on_hand,
        held: level.held,
        version: level.version,
        as_of,
    });
    complete(violations, level)
}
