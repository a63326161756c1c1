//! Fields that several messages share.

use std::str::FromStr;

use meridian_chassis::decode::{complete, parsed, parsed_if_set, quantity, within};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{Problem, ReceiptId, Rule, Violations};

use crate::domain::stock::{Line, Pool, Shelf};

const LINES_MAX: usize = 50;

/// An id that is the whole question.
pub(crate) fn id<T: FromStr<Err = Rule>>(field: &str, text: &str) -> Result<T, Problem> {
    let mut violations = Violations::new();
    let id = parsed(&mut violations, field, text);
    complete(violations, id)
}

/// A list of codes, each named by its index when it breaks a rule.
pub(super) fn codes<T: FromStr<Err = Rule>>(
    violations: &mut Violations,
    field: &str,
    texts: &[String],
) -> Option<Vec<T>> {
    let code = |(index, text): (usize, &String)| parsed(violations, &format!("{field}[{index}]"), text);
    let codes: Vec<Option<T>> = texts.iter().enumerate().map(code).collect();
    codes.into_iter().collect()
}

fn pool(violations: &mut Violations, field: &str, value: i32) -> Option<Pool> {
    match pb::Pool::try_from(value) {
        Ok(pb::Pool::Unspecified | pb::Pool::Stock) => Some(Pool::Stock),
        Ok(pb::Pool::Loan) => Some(Pool::Loan),
        Err(_) => {
            violations.add(field, value, "POOL_STOCK or POOL_LOAN");
            None
        }
    }
}

/// A shelf whose fields stand below `path` ("lines[0].").
pub(super) fn shelf(
    violations: &mut Violations,
    path: &str,
    item_id: &str,
    warehouse_site_id: &str,
    in_pool: i32,
) -> Option<Shelf> {
    let item_id = parsed(violations, &format!("{path}item_id"), item_id);
    let warehouse_site_id = parsed(violations, &format!("{path}warehouse_site_id"), warehouse_site_id);
    let pool = pool(violations, &format!("{path}pool"), in_pool);
    let ((item_id, warehouse_site_id), pool) = item_id.zip(warehouse_site_id).zip(pool)?;
    Some(Shelf { item_id, warehouse_site_id, pool })
}

pub(super) fn lines(violations: &mut Violations, lines: &[pb::HoldLine]) -> Option<Vec<Line>> {
    within(violations, "lines", lines.len(), 1..=LINES_MAX)?;
    let line = |(index, line): (usize, &pb::HoldLine)| {
        let path = format!("lines[{index}].");
        let shelf = shelf(violations, &path, &line.item_id, &line.warehouse_site_id, line.pool);
        let quantity = quantity(violations, &format!("{path}quantity"), line.quantity);
        let receipt_id =
            parsed_if_set::<ReceiptId>(violations, &format!("{path}receipt_id"), &line.receipt_id);
        let (shelf, quantity) = shelf.zip(quantity)?;
        if receipt_id.is_some() && shelf.pool != Pool::Stock {
            violations.add(format!("{path}pool"), shelf.pool.as_str(), "POOL_STOCK for units of a receipt");
        }
        // What is asked for of a receipt is still to come.
        let awaited = receipt_id.is_some();
        Some(Line { shelf, receipt_id, awaited, quantity })
    };
    // Every line is looked at before the first bad one ends it.
    let lines: Vec<Option<Line>> = lines.iter().enumerate().map(line).collect();
    lines.into_iter().collect()
}
