//! What stands in for what was asked for, in a solution.

use std::collections::BTreeMap;

use meridian_planner::model::Substitute;
use meridian_types::{ItemId, Quantity};

use super::goods::Lines;
use crate::domain::{OrderClaim, StockClaim};

/// Says for each substitute which of the items `wanted` it stands in for, and for one that is brought to go into a kit
/// which of its parts.
pub(super) fn name_what_is_replaced(
    claims: &mut [StockClaim],
    orders: &mut [OrderClaim],
    wanted: &[(ItemId, Quantity)],
    records: &[Substitute],
) {
    let kits: Vec<StockClaim> = claims.iter().filter(|claim| !claim.kits.is_empty()).cloned().collect();
    let fed = |claim: &StockClaim| kits.iter().find(|other| claim.feeds(other));
    let (mut goods, mut stand_ins) = (Vec::new(), Vec::new());
    for claim in claims {
        if let Some(kit) = fed(claim) {
            let replaced =
                |(item, _): &(ItemId, Quantity)| Some((item.clone(), kit.part_replaced_by(item)?.clone()));
            claim.stands_in = claim.goods().iter().filter_map(replaced).collect();
        } else {
            goods.push(claim.goods().to_vec());
            stand_ins.push(&mut claim.stands_in);
        }
    }
    for order in orders {
        goods.push(order.goods().to_vec());
        stand_ins.push(&mut order.stands_in);
    }
    for (stands_in, replaced) in stand_ins.into_iter().zip(replaced(wanted, &goods, records)) {
        *stands_in = replaced;
    }
}

/// Substitutes among what is brought, consignment by consignment, each with the item asked for that it stands in for: the
/// one that the others leave most of open.
pub(super) fn replaced(
    asked: &[(ItemId, Quantity)],
    brought: &[Lines],
    records: &[Substitute],
) -> Vec<Vec<(ItemId, ItemId)>> {
    let mut open: BTreeMap<ItemId, i64> = BTreeMap::new();
    for (item, quantity) in asked {
        *open.entry(item.clone()).or_default() += quantity.units();
    }
    for (item, quantity) in brought.iter().flatten() {
        open.entry(item.clone()).and_modify(|left| *left -= quantity.units());
    }
    let mut stands_in = |(item, quantity): &(ItemId, Quantity)| {
        let fits =
            |asked: &ItemId| records.iter().any(|record| record.item == *asked && record.substitute == *item);
        let is_asked = open.contains_key(item);
        let replaced = open.iter_mut().filter(|(asked, _)| !is_asked && fits(asked));
        let (asked, left) = replaced.max_by_key(|(_, left)| **left)?;
        *left -= quantity.units();
        Some((item.clone(), asked.clone()))
    };
    brought.iter().map(|goods| goods.iter().filter_map(&mut stands_in).collect()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use meridian_planner::model::Approval;
    use meridian_types::Quantity;

    use super::*;
    use crate::domain::KitOrder;

    fn item(code: &str) -> ItemId {
        code.parse().unwrap()
    }

    fn claim(code: &str, units: i64) -> StockClaim {
        StockClaim {
            region: "eu".parse().unwrap(),
            warehouse: "FRA".parse().unwrap(),
            lines: vec![(item(code), Quantity::new(units).unwrap())],
            awaited: Vec::new(),
            kits: Vec::new(),
            sent: Vec::new(),
            stands_in: Vec::new(),
            on_loan: false,
            to_site: "HAM".parse().unwrap(),
            to_region: None,
            departs: Timestamp::UNIX_EPOCH,
            arrives: Timestamp::UNIX_EPOCH,
            due_back: None,
        }
    }

    fn record(asked: &str, substitute: &str) -> Substitute {
        Substitute {
            item: item(asked),
            substitute: item(substitute),
            approval: Approval::Granted,
            fits: Vec::new(),
        }
    }

    #[test]
    fn a_substitute_stands_in_for_the_item_that_is_left_open() {
        let asked = [(item("LAMP"), Quantity::new(2).unwrap()), (item("PUMP"), Quantity::new(2).unwrap())];
        let mut claims = [claim("LAMP", 2), claim("PUMP", 1), claim("NEW", 1)];
        let records = [record("LAMP", "NEW"), record("PUMP", "NEW")];
        name_what_is_replaced(&mut claims, &mut [], &asked, &records);
        assert!(claims[0].stands_in.is_empty() && claims[1].stands_in.is_empty());
        assert_eq!(claims[2].stands_in, [(item("NEW"), item("PUMP"))]);
    }

    #[test]
    fn a_part_that_is_brought_for_a_kit_stands_in_for_a_part_of_the_kit_and_for_nothing_else() {
        // The kit is put together in Hamburg, with another motor than it asks for, and goes on from there.
        let parts = vec![(item("HEAD"), Quantity::ONE), (item("MOTOR-2"), Quantity::ONE)];
        let stands_in = vec![(item("MOTOR-2"), item("MOTOR"))];
        let order = KitOrder { kit: item("PUMP"), quantity: Quantity::ONE, parts, stands_in };
        let kit = StockClaim {
            warehouse: "HAM".parse().unwrap(),
            kits: vec![order],
            sent: vec![(item("PUMP"), Quantity::ONE)],
            to_site: "LAB".parse().unwrap(),
            ..claim("HEAD", 1)
        };
        let mut claims = [kit, claim("MOTOR-2", 1)];
        let records = [record("MOTOR", "MOTOR-2"), record("PUMP", "MOTOR-2")];
        name_what_is_replaced(&mut claims, &mut [], &[(item("PUMP"), Quantity::ONE)], &records);
        assert_eq!(claims[1].stands_in, [(item("MOTOR-2"), item("MOTOR"))]);
        assert_eq!(claims[0].replaced_by(&item("MOTOR-2")), Some(&item("MOTOR")), "it may lie there too");
        assert!(claims[0].stands_in.is_empty());
    }
}
