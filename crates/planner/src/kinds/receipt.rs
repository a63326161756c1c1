//! WAIT_FOR_SUPPLY: units that a warehouse expects, with what lies there already.

use meridian_types::{ReceiptId, SiteId};

use super::drawing::Drawing;
use super::sourcing::deliveries;
use super::supply::{Pool, choices, expected, pools};
use crate::draft::Draft;
use crate::model::{Candidate, Reason, ScheduledReceipt};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Every receipt of what is asked for, or of something that may stand in for it, where stock is not enough, for a
/// need of one line; other needs find theirs in splits.
pub(super) fn candidates(problem: &Problem<'_>, scenario: &Scenario<'_>) -> Vec<Candidate> {
    let [line] = problem.lines.as_slice() else { return Vec::new() };
    let choices = choices(problem, scenario, &line.item).unwrap_or_default();
    let short = |record: &&&ScheduledReceipt| {
        problem.available(&record.item, &record.warehouse).unwrap_or(0) < line.quantity.units()
    };
    let receipts = choices.iter().flat_map(|choice| problem.receipts(&choice.facts.item)).filter(short);
    let candidate = |record: &&ScheduledReceipt| Candidate::Receipt {
        site: record.warehouse.clone(),
        receipt: record.receipt.clone(),
    };
    receipts.map(candidate).collect()
}

/// Stock first, then the receipt, then what comes to the same place before it.
pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (warehouse, receipt): (&SiteId, &ReceiptId),
) -> Result<Vec<Draft<'a>>, Reason> {
    let [line] = problem.lines.as_slice() else { return Err(Reason::NotServed) };
    let choices = choices(problem, scenario, &line.item)?;
    let is_it = |record: &ScheduledReceipt| record.receipt == *receipt && record.warehouse == *warehouse;
    let of = |item| problem.receipts(item).iter().find(|record| is_it(record));
    let found = choices.iter().find_map(|choice| Some((choice, *of(&choice.facts.item)?)));
    let (choice, record) = found.ok_or(Reason::NotServed)?;
    let last = expected(problem, record)?;
    let mut there: Vec<Pool<'a>> = pools(problem, scenario, choice.facts)
        .into_iter()
        .filter(|pool| pool.site == last.site && pool.from <= last.from)
        .collect();
    there.sort_by_key(|pool| match pool.receipt {
        None => 0,
        Some(one) if is_it(one) => 1,
        Some(_) => 2,
    });
    let (needed, mut drawings) = (line.quantity.units(), Vec::new());
    let mut left = needed;
    for pool in &there {
        let units = pool.units.min(left);
        drawings.extend(Drawing::of_pool(problem, units, pool, choice.worth_minor));
        left -= units;
    }
    if left > 0 {
        let item = Some(record.item.clone());
        return Err(Reason::NoStock { item, available: needed - left, needed });
    }
    deliveries(problem, scenario, &drawings.iter().collect::<Vec<_>>(), problem.destination)
}
