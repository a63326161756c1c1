//! What is asked, in the planner's terms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_planner::model::{ExtraAccess, Line, Need, Policy, RefusedHold, Request};
use meridian_types::{EngineerId, ItemId, Quantity, SiteId};

use super::stock::Stock;
use crate::domain::{AtHand, Exclusions};
use crate::wire::need::{Asked, NeedKind, RepairNeed};

/// What must not be used, and where things are by now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits {
    pub(crate) exclusions: Exclusions,
    /// Engineers to leave out, of whichever region.
    pub(crate) engineers: Vec<EngineerId>,
    pub(crate) sites: Vec<SiteId>,
    /// Where the customer's instrument is, once it has been moved for the case.
    pub(crate) instrument_at: Option<SiteId>,
    /// What was sent for the case already.
    pub(crate) at_hand: Vec<AtHand>,
    /// Whether a unit that was lent for the case is still out: no other is lent beside it.
    pub(crate) has_loaner: bool,
    /// Until when goods on their way count as if they were there.
    pub(crate) in_time_until: Option<Timestamp>,
}

/// How solutions are ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranking {
    pub(crate) policy: Policy,
    /// How sure a solution must be to count as one that meets the deadline: more than 0, at most 1.
    pub(crate) in_time_probability_min: f64,
}

impl Default for Ranking {
    fn default() -> Self {
        Self { policy: Policy::default(), in_time_probability_min: Request::IN_TIME_PROBABILITY_MIN }
    }
}

impl Ranking {
    /// Name and version of the rules, as decisions are stored with them.
    pub(crate) fn policy_version(self) -> String {
        format!("{}/{}", self.policy.name(), Policy::VERSION)
    }
}

/// What must still be sent to `site` when `lines` are needed there. What is on its way counts if it is there by
/// `in_time_until`.
pub(crate) fn still_needed(
    lines: impl IntoIterator<Item = (ItemId, Quantity)>,
    at_hand: &[AtHand],
    site: &SiteId,
    in_time_until: Option<Timestamp>,
) -> Vec<Line> {
    let mut there: BTreeMap<&ItemId, i64> = BTreeMap::new();
    let counts = |from: Timestamp| in_time_until.is_some_and(|until| from <= until);
    for goods in at_hand.iter().filter(|it| it.site == *site && it.from.is_none_or(counts)) {
        *there.entry(&goods.item).or_default() += goods.quantity.units();
    }
    let needed = |(item, quantity): (ItemId, Quantity)| {
        let left = there.get_mut(&item).map_or(quantity.units(), |there| {
            let used = quantity.units().min(*there);
            *there -= used;
            quantity.units() - used
        });
        Some(Line { item, quantity: Quantity::new(left).ok()? })
    };
    lines.into_iter().filter_map(needed).collect()
}

/// Whether all that was asked for is where it is needed already, or will be by `in_time_until`.
pub(crate) fn is_met(asked: &Asked, at_hand: &[AtHand], in_time_until: Option<Timestamp>) -> bool {
    match &asked.kind {
        NeedKind::Items { lines, deliver_to } => {
            still_needed(lines.iter().cloned(), at_hand, deliver_to, in_time_until).is_empty()
        }
        NeedKind::Repair(_) | NeedKind::Other { .. } => false,
    }
}

/// The planner's request; `None` for what is not ours to do.
pub(crate) fn request(
    asked: &Asked,
    limits: &Limits,
    ranking: Ranking,
    stock: &Stock,
    now: Timestamp,
) -> Option<Request> {
    let (need, extra_access) = match &asked.kind {
        NeedKind::Items { lines, deliver_to } => {
            let missing =
                still_needed(lines.iter().cloned(), &limits.at_hand, deliver_to, limits.in_time_until);
            // Who asks although all is there needs it again.
            let lines = if missing.is_empty() { line_items(lines) } else { missing };
            let destination = deliver_to.clone();
            let deadline = asked.deadline;
            let end_use = asked.end_use.clone();
            (Need::Items { lines, destination, deadline, end_use, model: None, revision: None }, Vec::new())
        }
        NeedKind::Repair(repair) => (self::repair(repair, asked, limits), access(repair)),
        NeedKind::Other { .. } => return None,
    };
    Some(Request {
        need,
        now,
        policy: ranking.policy,
        in_time_probability_min: ranking.in_time_probability_min,
        excluded_sites: limits.sites.clone(),
        excluded_items: Vec::new(),
        excluded_engineers: limits.engineers.clone(),
        refused_holds: refused_holds(limits, stock),
        extra_access,
    })
}

fn line_items(lines: &[(ItemId, Quantity)]) -> Vec<Line> {
    lines.iter().map(|(item, quantity)| Line { item: item.clone(), quantity: *quantity }).collect()
}

fn repair(repair: &RepairNeed, asked: &Asked, limits: &Limits) -> Need {
    let site = limits.instrument_at.clone().unwrap_or_else(|| repair.site.clone());
    // What was taken away for repair goes back, unless it was to go on anyway.
    let onward = repair.onward.clone().or_else(|| Some(repair.site.clone())).filter(|onward| *onward != site);
    Need::Repair {
        serial: repair.serial.clone(),
        model: repair.model.clone(),
        revision: None,
        site,
        task: None,
        onward,
        deadline: asked.deadline,
        end_use: asked.end_use.clone(),
    }
}

fn access(repair: &RepairNeed) -> Vec<ExtraAccess> {
    let access = |during: &_| ExtraAccess { site: repair.site.clone(), during: *during };
    repair.site_access.iter().map(access).collect()
}

fn refused_holds(limits: &Limits, stock: &Stock) -> Vec<RefusedHold> {
    let receipts = limits.exclusions.awaited.iter().cloned().map(RefusedHold::Receipt);
    let goods = limits.exclusions.stock.iter();
    let refused = goods.flat_map(|(item, warehouse)| {
        let lent =
            stock.lent_items.iter().filter(move |((_, site), lent)| site == warehouse && *lent == item);
        let lent = lent
            .map(|((model, site), _)| RefusedHold::Loaner { model: model.clone(), warehouse: site.clone() });
        lent.chain([RefusedHold::Stock { item: item.clone(), warehouse: warehouse.clone() }])
    });
    let parties = limits.exclusions.suppliers.iter();
    let parties = parties.map(|party| RefusedHold::Party { party: party.clone() });
    refused.chain(receipts).chain(parties).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_met_by_what_is_where_it_is_needed_or_comes_in_time_and_by_nothing_else() {
        let (pump, customer): (ItemId, SiteId) = ("PUMP".parse().unwrap(), "CUSTOMER".parse().unwrap());
        let two = Quantity::new(2).unwrap();
        let kind = NeedKind::Items { lines: vec![(pump.clone(), two)], deliver_to: customer.clone() };
        let asked = Asked { kind, deadline: None, end_use: None };
        let one = |site: &SiteId, from| AtHand {
            site: site.clone(),
            item: pump.clone(),
            quantity: Quantity::ONE,
            from,
        };
        let elsewhere = "DEPOT".parse().unwrap();
        let there = one(&customer, None);
        assert!(!is_met(&asked, &[], None));
        assert!(!is_met(&asked, std::slice::from_ref(&there), None));
        let comes = [there.clone(), one(&customer, Some(Timestamp::UNIX_EPOCH))];
        assert!(!is_met(&asked, &comes, None));
        assert!(is_met(&asked, &comes, Some(Timestamp::UNIX_EPOCH)));
        assert!(!is_met(
            &asked,
            &comes,
            Timestamp::UNIX_EPOCH.checked_sub(jiff::SignedDuration::from_secs(1)).ok()
        ));
        assert!(!is_met(&asked, &[there.clone(), one(&elsewhere, None)], Some(Timestamp::MAX)));
        assert!(is_met(&asked, &[there.clone(), there], None));
    }
}
