//! What could be sent instead of what, and where how much of it is: on shelves and on its way to them.

use meridian_types::{ItemId, Quantity, SiteId};

use crate::compile::{Minute, ceil, risk_micro};
use crate::draft::Spent;
use crate::model::{
    Approval, Claim, Fit, ItemFacts, Line, Reason, RefusedHold, ScheduledReceipt, Substitute,
};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// An item that does for a line: the one asked for, or one that stands in for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) facts: &'a ItemFacts,
    /// What a unit of it is worth more than what was asked for.
    pub(super) worth_minor: i64,
}

/// What does for `item`: itself first, then whatever may stand in for it. Nothing stands in through a third item,
/// so records that lead in a circle lead nowhere.
pub(super) fn choices<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    item: &ItemId,
) -> Result<Vec<Choice<'a>>, Reason> {
    let facts = problem.item(item)?;
    let mut choices = vec![Choice { facts, worth_minor: 0 }];
    let mut substitutes: Vec<&ItemId> = problem.substitutes(item).map(|record| &record.substitute).collect();
    substitutes.sort();
    substitutes.dedup();
    for substitute in substitutes {
        if let Ok(worth_minor) = stands_in(problem, scenario, item, substitute) {
            choices.push(Choice { facts: problem.item(substitute)?, worth_minor });
        }
    }
    Ok(choices)
}

/// What a unit of `substitute` is worth more than one of `item`, if it may be sent instead.
pub(super) fn stands_in(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    item: &ItemId,
    substitute: &ItemId,
) -> Result<i64, Reason> {
    let (asked, sent) = (problem.item(item)?, problem.item(substitute)?);
    let records = || problem.substitutes(item).filter(|record| record.substitute == *substitute);
    // Whether it fits an instrument that nobody has named is for somebody to say.
    let unknown = |record: &Substitute| !record.fits.is_empty() && problem.instrument().is_none();
    let fits = |record: &&Substitute| {
        let includes = |(model, revision)| record.fits.iter().any(|fit: &Fit| fit.includes(model, revision));
        record.fits.is_empty() || problem.instrument().is_none_or(includes)
    };
    if !records().any(|record| fits(&record)) {
        return Err(problem.instrument().map_or(Reason::NotServed, |(model, revision)| {
            Reason::NotCompatible { model: model.clone(), revision: revision.cloned() }
        }));
    }
    let approved = |record: &Substitute| match record.approval {
        _ if scenario.approves(substitute) => true,
        Approval::Granted => true,
        Approval::NotNeeded => !unknown(record),
        Approval::Required => false,
    };
    if !records().filter(fits).any(approved) {
        return Err(Reason::NotApproved);
    }
    Ok(sent.unit_value_minor.saturating_sub(asked.unit_value_minor).max(0))
}

/// Units of an item in one place that can be taken: what lies on a shelf, or one receipt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pool<'a> {
    pub(super) facts: &'a ItemFacts,
    pub(super) site: u32,
    pub(super) receipt: Option<&'a ScheduledReceipt>,
    /// From when on they are there.
    pub(super) from: Minute,
    /// How many.
    pub(super) units: i64,
}

impl Pool<'_> {
    /// What taking `quantity` from it needs to be held.
    pub(super) fn claim(&self, problem: &Problem<'_>, quantity: Quantity) -> Claim {
        let site = problem.net.site(self.site);
        let (item, warehouse, region) = (self.facts.item.clone(), site.id.clone(), site.region.clone());
        match self.receipt {
            None => Claim::Stock { item, quantity, warehouse, region },
            Some(record) => {
                Claim::Receipt { receipt: record.receipt.clone(), item, quantity, warehouse, region }
            }
        }
    }

    /// The risk that it is not there in time.
    pub(super) fn spent(&self) -> Spent {
        let risk_micro = self.receipt.map_or(0, |record| risk_micro(record.late_probability));
        Spent { risk_micro, ..Spent::default() }
    }
}

/// Where units of an item can be taken from, shelves first, then receipts in the order in which they come.
pub(super) fn pools<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    facts: &'a ItemFacts,
) -> Vec<Pool<'a>> {
    let shelf = |(site, _): (&'a SiteId, i64)| {
        usable(problem, &facts.item, site).ok()?;
        let units = scenario.available(problem, &facts.item, site);
        let site = problem.usable_site(site).ok()?;
        (units > 0).then_some(Pool { facts, site, receipt: None, from: problem.now, units })
    };
    let shelves = problem.sources(&facts.item).filter_map(shelf);
    let receipts = problem.receipts(&facts.item).iter().filter_map(|record| expected(problem, record).ok());
    shelves.chain(receipts).collect()
}

/// The units of a receipt, if they can be counted on.
pub(super) fn expected<'a>(problem: &Problem<'a>, record: &'a ScheduledReceipt) -> Result<Pool<'a>, Reason> {
    let site = problem.usable_site(&record.warehouse)?;
    if problem.request.excluded_items.contains(&record.item) {
        return Err(Reason::Excluded);
    }
    let receipt = record.at();
    if problem.request.refused_holds.contains(&RefusedHold::Receipt(receipt.clone())) {
        return Err(Reason::HoldRefused { item: Some(record.item.clone()) });
    }
    if record.expected < problem.request.now {
        return Err(Reason::ReceiptOverdue { receipt, expected: record.expected });
    }
    let facts = problem.item(&record.item)?;
    let from = ceil(record.expected).max(problem.now);
    Ok(Pool { facts, site, receipt: Some(record), from, units: record.available })
}

/// Whether stock of an item at a site may be used at all.
fn usable(problem: &Problem<'_>, item: &ItemId, site: &SiteId) -> Result<(), Reason> {
    if problem.request.excluded_items.contains(item) {
        return Err(Reason::Excluded);
    }
    let refused = RefusedHold::Stock { item: item.clone(), warehouse: site.clone() };
    if problem.request.refused_holds.contains(&refused) {
        return Err(Reason::HoldRefused { item: Some(item.clone()) });
    }
    Ok(())
}

/// Whether so many units of an item lie at a site and can be taken.
pub(super) fn in_stock(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    line: &Line,
    site: &SiteId,
) -> Result<(), Reason> {
    let item = &line.item;
    usable(problem, item, site)?;
    let (available, needed) = (scenario.available(problem, item, site), line.quantity.units());
    if available >= needed {
        return Ok(());
    }
    // Of the cases whose release alone would do, the one that holds least.
    let held = scenario.held(problem, item, site);
    let enough = held.iter().rfind(|(_, units)| available.saturating_add(*units) >= needed);
    let (item, warehouse) = (item.clone(), site.clone());
    Err(match enough {
        Some((case, _)) => Reason::Held { item, warehouse, available, needed, case: **case },
        None => Reason::NoStock { item: Some(item), available, needed },
    })
}
