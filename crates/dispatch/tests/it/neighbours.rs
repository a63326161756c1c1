//! Ways to and from visits whose neighbours are not booked.

use meridian_proto::dispatch::v1 as pb;

use crate::harness::Region;
use crate::planning::outcomes;
use crate::sample::{order_for_anna, terms};

const MINUTE: i64 = 60;

fn at(site_id: &str, window: &str) -> pb::WorkOrder {
    pb::WorkOrder { site_id: site_id.to_owned(), work_minutes: 60, ..order_for_anna(&[window]) }
}

/// Home, ONE, TWO, THREE and home again; ten minutes from each to the next and twenty from everywhere home, but `beside` from
/// ONE to THREE.
fn terms_with(beside: i32) -> pb::Terms {
    let way = |from: &str, to: &str, minutes: i32| pb::Way {
        from_site_id: from.to_owned(),
        to_site_id: to.to_owned(),
        minutes,
        cost: None,
    };
    let ways = vec![
        way("FI-HEL", "ONE", 20),
        way("FI-HEL", "TWO", 20),
        way("FI-HEL", "THREE", 20),
        way("ONE", "TWO", 10),
        way("TWO", "THREE", 10),
        way("ONE", "THREE", beside),
    ];
    pb::Terms { ways, ..terms() }
}

/// A morning with three orders as close together as they can be.
async fn morning(region: &Region, beside: i32) -> (String, [pb::WorkOrder; 3]) {
    let orders = [
        at("ONE", "2026-11-23T07:00Z/2026-11-23T07:01Z"),
        at("TWO", "2026-11-23T08:10Z/2026-11-23T08:11Z"),
        at("THREE", "2026-11-23T09:20Z/2026-11-23T09:21Z"),
    ];
    region.put_orders(&orders).await.unwrap();
    let id = region.optimise(terms_with(beside), 100).await;
    let draft = region.ended(&id).await.draft.unwrap();
    let froms: Vec<&str> = draft.visits.iter().map(|visit| &*visit.stints[0].from_site_id).collect();
    assert_eq!(froms, ["FI-HEL", "ONE", "TWO"]);
    (id, orders)
}

fn seconds(interval: Option<&meridian_proto::types::v1::Interval>) -> (i64, i64) {
    let interval = interval.unwrap();
    (interval.start.unwrap().seconds, interval.end.unwrap().seconds)
}

/// Minutes from setting out until the work begins, and from its end until the visit's.
async fn around(region: &Region, order: &pb::WorkOrder) -> (i64, i64) {
    let visit = region.get(&order.visit_id).await.unwrap();
    let (during, work) = (seconds(visit.during.as_ref()), seconds(visit.work.as_ref()));
    ((work.0 - during.0) / MINUTE, (during.1 - work.1) / MINUTE)
}

#[tokio::test]
async fn who_does_not_make_the_visit_before_comes_from_home_or_from_the_one_before_that() {
    // Which is not booked, and minutes before and after the others.
    for (missing, expected) in
        [(0, [None, Some((20, 0)), Some((10, 20))]), (2, [Some((20, 0)), Some((10, 20)), None])]
    {
        let region = Region::running("past").await;
        let (id, orders) = morning(&region, 30).await;
        region.cancel_order(&orders[missing].visit_id).await.unwrap();
        let told = outcomes(&region.publish(&id).await.unwrap());
        for (order, expected) in orders.iter().zip(expected) {
            let Some(expected) = expected else {
                assert_eq!(told[&order.visit_id].1, "WORK_ORDER_OVER");
                continue;
            };
            assert_eq!(told[&order.visit_id], (pb::PublishOutcome::Booked, String::new()));
            assert_eq!(around(&region, order).await, expected, "{}", order.site_id);
        }
    }
    // In the middle: one goes on from the one before, and whatever time is left is spent there.
    let region = Region::running("middle").await;
    let (id, orders) = morning(&region, 30).await;
    region.cancel_order(&orders[1].visit_id).await.unwrap();
    region.publish(&id).await.unwrap();
    assert_eq!(around(&region, &orders[2]).await, (80, 20));
}

#[tokio::test]
async fn what_cannot_be_reached_in_time_past_a_visit_that_is_not_booked_is_not_booked_either() {
    let region = Region::running("too far").await;
    let (id, orders) = morning(&region, 90).await;
    region.cancel_order(&orders[1].visit_id).await.unwrap();
    let published = region.publish(&id).await.unwrap();
    let told = published.iter().find(|told| told.visit_id == orders[2].visit_id).unwrap();
    assert_eq!((told.outcome(), &*told.reason), (pb::PublishOutcome::Refused, "TOO_FAR"));
    assert_eq!(told.witness, orders[0].visit_id);
    assert_eq!(around(&region, &orders[0]).await, (20, 20), "the first is now the last");
}

#[tokio::test]
async fn what_stays_while_the_visit_before_it_goes_begins_at_home() {
    const TUESDAY: &str = "2026-11-24T07:00Z/2026-11-24T12:00Z";
    let region = Region::running("stays").await;
    let (id, orders) = morning(&region, 30).await;
    region.publish(&id).await.unwrap();
    assert_eq!(around(&region, &orders[1]).await, (10, 0));
    // All are to move to the next day; the engineer says yes to the second where it is.
    let later = orders
        .clone()
        .map(|order| pb::WorkOrder { windows: vec![crate::sample::interval(TUESDAY)], ..order });
    region.put_orders(&later).await.unwrap();
    let id = region.optimise(terms_with(30), 100).await;
    assert_eq!(region.ended(&id).await.draft.unwrap().changes.len(), 3);
    region.accept(&orders[1].visit_id).await.unwrap();
    let told = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(told[&orders[1].visit_id], (pb::PublishOutcome::Kept, "VISIT_STATE".to_owned()));
    assert_eq!(told[&orders[0].visit_id].0, pb::PublishOutcome::Moved);
    assert_eq!(around(&region, &orders[1]).await, (20, 20));
    assert_eq!(region.state(&orders[1].visit_id).await, pb::VisitState::Accepted);
    assert_eq!(region.audit().await.overlapping_pairs, 0);
}
