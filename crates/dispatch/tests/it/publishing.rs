//! What is booked when a draft is published, and what is not.

use meridian_proto::dispatch::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{Region, answered, reason, request_id};
use crate::planning::{outcomes, unplanned};
use crate::sample::{engineer, order, order_for_anna, shown, terms, visit, workforce};

const MONDAY: &str = "2026-11-23T06:00Z/2026-11-23T13:00Z";
const TUESDAY: &str = "2026-11-24T06:00Z/2026-11-24T13:00Z";
/// Work of two hours fits once only.
const MONDAY_NOON: &str = "2026-11-23T09:00Z/2026-11-23T09:30Z";

fn booked() -> (pb::PublishOutcome, String) {
    (pb::PublishOutcome::Booked, String::new())
}

#[tokio::test]
async fn publishing_a_draft_books_it_and_tells_the_world() {
    let region = Region::running("publish").await;
    let orders: Vec<pb::WorkOrder> = (0..6).map(|_| order(&[])).collect();
    assert_eq!(region.put_orders(&orders).await.unwrap(), 6);
    let (id, draft) = region.drafted().await;
    assert_eq!((draft.visits.len(), draft.unplanned.len()), (6, 0));
    assert_eq!(draft.changes.len(), 6);
    assert!(draft.changes.iter().all(|change| change.reason() == pb::ChangeReason::New));
    for status in region.orders().await.into_values() {
        assert_eq!((status.stage(), &status.optimisation_id), (pb::WorkOrderStage::Draft, &id));
    }
    let before = region.emitted().await.len();
    let published = region.publish(&id).await.unwrap();
    assert_eq!(published.len(), 6);
    assert!(outcomes(&published).into_values().all(|outcome| outcome == booked()));
    let audit = region.audit().await;
    assert_eq!((audit.overlapping_pairs, audit.open_visits), (0, 6));
    for planned in &draft.visits {
        let booked = region.get(&planned.visit_id).await.unwrap();
        assert_eq!(booked.state(), pb::VisitState::Booked);
        assert_eq!((booked.work, booked.during), (planned.work, planned.stints[0].during));
        assert_eq!(region.stage(&planned.visit_id).await, pb::WorkOrderStage::Published);
    }
    let told = region.emitted_since(before).await;
    assert_eq!(told.iter().filter(|name| *name == "VisitProgressed").count(), 6);
    let busy = draft.visits.iter().map(|visit| &visit.stints[0].engineer_id);
    let engineers: std::collections::BTreeSet<_> = busy.collect();
    assert_eq!(told.iter().filter(|name| *name == "FreeBusyChanged").count(), engineers.len());
    let again = region.publish(&id).await;
    assert_eq!(reason(again), "OPTIMISATION_STATE");
}

#[tokio::test]
async fn what_somebody_else_booked_meanwhile_is_refused_and_the_rest_is_booked() {
    let region = Region::running("meanwhile").await;
    let monday = order_for_anna(&[MONDAY]);
    let others = [order_for_anna(&[TUESDAY]), order(&[TUESDAY])];
    let after = pb::WorkOrder { after_visit_ids: vec![monday.visit_id.clone()], ..order(&[TUESDAY]) };
    let all = [std::slice::from_ref(&monday), &others, std::slice::from_ref(&after)].concat();
    region.put_orders(&all).await.unwrap();
    let (id, draft) = region.drafted().await;
    assert_eq!(draft.visits.len(), 4);
    let in_the_way =
        visit("ANNA", "2026-11-23T05:00Z/2026-11-23T15:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
    region.hold(&in_the_way).await.unwrap();
    region.book(&in_the_way.visit_id).await.unwrap();

    let published = region.publish(&id).await.unwrap();
    let told = published.iter().find(|order| order.visit_id == monday.visit_id).unwrap();
    assert_eq!(told.outcome(), pb::PublishOutcome::Refused);
    assert_eq!((&*told.reason, &told.witness), ("ENGINEER_NOT_FREE", &in_the_way.visit_id));
    let outcomes = outcomes(&published);
    let waits = (pb::PublishOutcome::Refused, "WORK_ORDER_WAITS".to_owned());
    assert_eq!(outcomes[&after.visit_id], waits, "nobody begins before what comes first is planned");
    assert!(others.iter().all(|order| outcomes[&order.visit_id] == booked()));
    let audit = region.audit().await;
    assert_eq!((audit.overlapping_pairs, audit.open_visits), (0, 3));
    assert_eq!(region.stage(&monday.visit_id).await, pb::WorkOrderStage::Unplanned);
    // Nothing is lost: on Monday nobody else may come, so that the order waits, and what comes after it too.
    let (_, draft) = region.drafted().await;
    let left: Vec<&str> = unplanned(&draft).into_iter().map(|(order, _)| order).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&&*monday.visit_id) && left.contains(&&*after.visit_id));
}

#[tokio::test]
async fn what_an_engineer_accepted_stays_where_a_booked_visit_gives_way() {
    for accepted in [false, true] {
        let region = Region::running("accepted").await;
        let first = pb::WorkOrder { priority: 5, ..order_for_anna(&[MONDAY_NOON, TUESDAY]) };
        region.put_orders(std::slice::from_ref(&first)).await.unwrap();
        // So that it begins on Monday.
        let monday = pb::Terms {
            window: Some(crate::sample::interval("2026-11-22T22:00Z/2026-11-23T22:00Z")),
            ..terms()
        };
        let id = region.optimise(monday, 100).await;
        region.ended(&id).await;
        region.publish(&id).await.unwrap();
        if accepted {
            region.accept(&first.visit_id).await.unwrap();
        }
        let before = region.get(&first.visit_id).await.unwrap();
        let urgent = pb::WorkOrder { priority: 1, ..order_for_anna(&[MONDAY_NOON]) };
        region.put_orders(std::slice::from_ref(&urgent)).await.unwrap();
        let (id, draft) = region.drafted().await;
        let changed: Vec<&str> = draft.changes.iter().map(|change| &*change.visit_id).collect();
        assert_eq!(changed.contains(&&*first.visit_id), !accepted);
        let outcomes = outcomes(&region.publish(&id).await.unwrap());
        let now = region.get(&first.visit_id).await.unwrap();
        assert_eq!(now.work == before.work, accepted);
        if accepted {
            assert_eq!(outcomes[&first.visit_id].0, pb::PublishOutcome::Kept);
            assert_eq!(region.stage(&urgent.visit_id).await, pb::WorkOrderStage::Unplanned);
        } else {
            assert_eq!(outcomes[&first.visit_id].0, pb::PublishOutcome::Moved);
            assert_eq!(outcomes[&urgent.visit_id], booked());
            let told = region.emitted().await.into_iter().find(|(name, _)| name == "VisitMoved").unwrap();
            assert_eq!(told.1["visitId"], first.visit_id.as_str());
            assert_eq!(told.1["reason"], "MOVE_REASON_REPLANNED");
            assert!(shown(now.work.as_ref()).starts_with("2026-11-24"));
        }
        assert_eq!(region.audit().await.overlapping_pairs, 0);
    }
}

#[tokio::test]
async fn a_visit_that_is_accepted_after_the_draft_was_made_stays_and_what_wanted_its_place_is_refused() {
    let region = Region::running("accepted late").await;
    let first = pb::WorkOrder { priority: 5, ..order_for_anna(&[MONDAY_NOON, TUESDAY]) };
    region.put_orders(std::slice::from_ref(&first)).await.unwrap();
    let monday =
        pb::Terms { window: Some(crate::sample::interval("2026-11-22T22:00Z/2026-11-23T22:00Z")), ..terms() };
    let id = region.optimise(monday, 100).await;
    region.ended(&id).await;
    region.publish(&id).await.unwrap();
    let urgent = pb::WorkOrder { priority: 1, ..order_for_anna(&[MONDAY_NOON]) };
    region.put_orders(std::slice::from_ref(&urgent)).await.unwrap();
    let (id, _) = region.drafted().await;
    let before = region.accept(&first.visit_id).await.unwrap();
    let outcomes = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(outcomes[&first.visit_id], (pb::PublishOutcome::Kept, "VISIT_STATE".to_owned()));
    assert_eq!(outcomes[&urgent.visit_id], (pb::PublishOutcome::Refused, "ENGINEER_NOT_FREE".to_owned()));
    assert_eq!(region.get(&first.visit_id).await.unwrap().work, before.work);
    assert_eq!(region.audit().await.overlapping_pairs, 0);
}

#[tokio::test]
async fn visits_that_change_places_are_both_moved() {
    const TUESDAY_NOON: &str = "2026-11-24T09:00Z/2026-11-24T09:01Z";
    const MONDAY_NOON: &str = "2026-11-23T09:00Z/2026-11-23T09:01Z";
    let region = Region::running("places").await;
    let (one, other) = (order_for_anna(&[MONDAY_NOON]), order_for_anna(&[TUESDAY_NOON]));
    region.put_orders(&[one.clone(), other.clone()]).await.unwrap();
    region.planned().await;
    let before = [region.get(&one.visit_id).await.unwrap(), region.get(&other.visit_id).await.unwrap()];
    let swapped = |order: &pb::WorkOrder, windows: &[pb::WorkOrder; 2]| pb::WorkOrder {
        windows: windows.iter().find(|from| from.visit_id != order.visit_id).unwrap().windows.clone(),
        ..order.clone()
    };
    let orders = [one, other];
    region.put_orders(&[swapped(&orders[0], &orders), swapped(&orders[1], &orders)]).await.unwrap();
    let outcomes = region.planned().await;
    for (order, (was, is)) in orders.iter().zip([(0, 1), (1, 0)]) {
        assert_eq!(outcomes[&order.visit_id], (pb::PublishOutcome::Moved, String::new()));
        let now = region.get(&order.visit_id).await.unwrap();
        assert_eq!((now.during, now.work), (before[is].during, before[is].work));
        assert_eq!((&*before[was].etag, &*now.etag), ("1", "2"));
    }
    let audit = region.audit().await;
    assert_eq!((audit.overlapping_pairs, audit.open_visits), (0, 2));
}

#[tokio::test]
async fn an_order_that_was_called_off_or_changed_after_the_draft_was_made_is_not_booked() {
    let region = Region::running("called off").await;
    let orders: Vec<pb::WorkOrder> = (0..3).map(|_| order(&[])).collect();
    region.put_orders(&orders).await.unwrap();
    let (id, _) = region.drafted().await;
    region.cancel_order(&orders[0].visit_id).await.unwrap();
    let longer = pb::WorkOrder { work_minutes: 180, ..orders[1].clone() };
    region.put_orders(&[longer]).await.unwrap();
    let outcomes = outcomes(&region.publish(&id).await.unwrap());
    let refused = |reason: &str| (pb::PublishOutcome::Refused, reason.to_owned());
    assert_eq!(outcomes[&orders[0].visit_id], refused("WORK_ORDER_OVER"));
    assert_eq!(outcomes[&orders[1].visit_id], refused("WORK_ORDER_CHANGED"));
    assert_eq!(outcomes[&orders[2].visit_id], booked());
    assert_eq!(region.audit().await.open_visits, 1);
}

#[tokio::test]
async fn an_absence_sends_the_order_back_and_the_next_plan_books_it_anew_with_somebody_else() {
    let region = Region::running("absence").await;
    let order = order(&[MONDAY]);
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    assert_eq!(region.planned().await[&order.visit_id], booked());
    let first = region.get(&order.visit_id).await.unwrap().engineer_id;
    let cancelled = region.absent(&first, "2026-11-23T00:00Z/2026-11-24T00:00Z").await.unwrap();
    assert_eq!(cancelled, std::slice::from_ref(&order.visit_id));
    assert_eq!(region.stage(&order.visit_id).await, pb::WorkOrderStage::Unplanned);
    assert_eq!(region.planned().await[&order.visit_id], booked());
    let visit = region.get(&order.visit_id).await.unwrap();
    assert_eq!(visit.state(), pb::VisitState::Booked);
    assert_ne!(visit.engineer_id, first);
}

#[tokio::test]
async fn an_order_for_two_is_two_visits_at_once_or_none() {
    let region = Region::running("two").await;
    let pair = pb::WorkOrder { engineers: 2, ..order(&[MONDAY]) };
    region.put_orders(std::slice::from_ref(&pair)).await.unwrap();
    let (id, _) = region.drafted().await;
    let in_the_way =
        visit("BO", "2026-11-23T05:00Z/2026-11-23T15:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
    region.hold(&in_the_way).await.unwrap();
    let outcomes = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(outcomes[&pair.visit_id].0, pb::PublishOutcome::Refused);
    assert_eq!(region.audit().await.open_visits, 1);
    region.cancel(&in_the_way.visit_id).await.unwrap();

    assert_eq!(region.planned().await[&pair.visit_id], booked());
    let visits = &region.orders().await[&pair.visit_id].visits;
    assert_eq!(visits.len(), 2);
    assert_eq!(visits[0].work, visits[1].work);
    assert_ne!(visits[0].engineer_id, visits[1].engineer_id);
    // One of them is ill: the other's visit is no longer any good, and is taken back when the order is left out.
    region.absent("BO", "2026-11-23T00:00Z/2026-11-24T00:00Z").await.unwrap();
    assert_eq!(region.planned().await[&pair.visit_id].0, pb::PublishOutcome::Withdrawn);
    assert_eq!(region.audit().await.open_visits, 0);
    assert_eq!(region.stage(&pair.visit_id).await, pb::WorkOrderStage::Unplanned);
}

#[tokio::test]
async fn a_repeated_publication_is_answered_alike_and_books_once() {
    let region = Region::running("again").await;
    region.put_orders(&[order(&[]), order(&[])]).await.unwrap();
    let (id, _) = region.drafted().await;
    let request = pb::PublishOptimisationRequest { request_id: request_id(), optimisation_id: id };
    let first = answered(region.client.clone().publish_optimisation(request.clone())).await.unwrap();
    let before = region.emitted().await.len();
    let second = answered(region.client.clone().publish_optimisation(request.clone())).await.unwrap();
    assert_eq!(first, second);
    assert!(region.emitted_since(before).await.is_empty());
    let other = pb::PublishOptimisationRequest { optimisation_id: an_id(), ..request };
    let reused = answered(region.client.clone().publish_optimisation(other)).await.unwrap_err();
    assert_eq!((reused.kind, &*reused.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
}

fn an_id() -> String {
    meridian_types::OptimisationId::fresh(&meridian_types::SystemIds).to_string()
}

#[tokio::test]
async fn a_calendar_that_changed_after_the_draft_was_made_refuses_what_it_does_not_allow() {
    let region = Region::running("calendar").await;
    let order = order_for_anna(&[MONDAY]);
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    let (id, _) = region.drafted().await;
    let mut anna = engineer("ANNA", "eu");
    anna.skills[0].valid_until = "2026-11-22".to_owned();
    region.put(pb::PutWorkforceRequest { engineers: vec![anna], ..workforce("eu") }).await.unwrap();
    let outcomes = outcomes(&region.publish(&id).await.unwrap());
    let refused = (pb::PublishOutcome::Refused, "CERTIFICATE_EXPIRED".to_owned());
    assert_eq!(outcomes[&order.visit_id], refused);
}
