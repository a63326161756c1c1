//! What visits of work orders tell the world, so that the customers of their cases can be told.

use meridian_proto::dispatch::v1 as pb;
use serde_json::Value;

use crate::harness::{Region, case_id};
use crate::sample::{engineer, order, workforce};

const MONDAY: &str = "2026-11-23T06:00Z/2026-11-23T13:00Z";
const TUESDAY: &str = "2026-11-24T06:00Z/2026-11-24T13:00Z";
const WEDNESDAY: &str = "2026-11-25T06:00Z/2026-11-25T13:00Z";

/// What was told of a visit, from the `nth` event about it on.
async fn told(region: &Region, visit_id: &str, nth: usize) -> Vec<(String, Value)> {
    let emitted = region.emitted().await.into_iter();
    emitted.filter(|(_, body)| body["visitId"] == visit_id).skip(nth).collect()
}

async fn put_and_plan(region: &Region, order: &pb::WorkOrder) {
    region.put_orders(std::slice::from_ref(order)).await.unwrap();
    region.planned().await;
}

#[tokio::test]
async fn a_visit_of_an_order_says_where_when_and_in_which_promised_window_and_why_it_moves() {
    let region = Region::running("ordered").await;
    let order = order(&[MONDAY]);
    let id = order.visit_id.clone();
    put_and_plan(&region, &order).await;
    let (name, booked) = told(&region, &id, 0).await.remove(0);
    assert_eq!((&*name, &booked["state"]), ("VisitProgressed", &Value::from("VISIT_STATE_BOOKED")));
    let ordered = &booked["ordered"];
    assert_eq!((&ordered["workOrderId"], &ordered["siteId"]), (&Value::from(&*id), &Value::from("FI-ESP")));
    assert_eq!(ordered["promised"]["start"], "2026-11-23T06:00:00Z");
    assert_eq!(ordered["staysOpen"], true);

    let tuesday = pb::WorkOrder { windows: crate::sample::order(&[TUESDAY, WEDNESDAY]).windows, ..order };
    put_and_plan(&region, &tuesday).await;
    let (name, moved) = told(&region, &id, 1).await.remove(0);
    assert_eq!((&*name, &moved["reason"]), ("VisitMoved", &Value::from("MOVE_REASON_ORDER_CHANGED")));
    assert_eq!(moved["ordered"]["promised"]["start"], "2026-11-24T06:00:00Z");
    assert_eq!(moved["ordered"]["work"], moved["work"]);

    // Nobody works on Tuesday any more.
    let off = |id| {
        let engineer = engineer(id, "eu");
        let days_off = [engineer.days_off.clone(), vec!["2026-11-24".to_owned()]].concat();
        pb::Engineer { days_off, ..engineer }
    };
    let engineers = vec![off("ANNA"), off("BO")];
    region.put(pb::PutWorkforceRequest { engineers, ..workforce("eu") }).await.unwrap();
    region.planned().await;
    let (name, moved) = told(&region, &id, 2).await.remove(0);
    assert_eq!((&*name, &moved["reason"]), ("VisitMoved", &Value::from("MOVE_REASON_ENGINEER_UNAVAILABLE")));
    assert_eq!(moved["ordered"]["promised"]["start"], "2026-11-25T06:00:00Z");
}

#[tokio::test]
async fn a_visit_that_comes_to_serve_another_case_is_called_off_for_the_one_before() {
    let region = Region::running("recased").await;
    let before = order(&[MONDAY]);
    let id = before.visit_id.clone();
    put_and_plan(&region, &before).await;
    let after = pb::WorkOrder { case_id: case_id(), ..before.clone() };
    put_and_plan(&region, &after).await;
    let told: Vec<_> = told(&region, &id, 1).await;
    let said = |at: usize| {
        let body = &told[at].1;
        (body["caseId"].clone(), body["state"].clone(), body["ordered"]["staysOpen"].clone())
    };
    assert_eq!(told.len(), 2, "{told:#?}");
    assert_eq!(said(0), (before.case_id.into(), "VISIT_STATE_CANCELLED".into(), Value::Null));
    assert_eq!(said(1), (after.case_id.into(), "VISIT_STATE_BOOKED".into(), true.into()));
}

#[tokio::test]
async fn a_visit_says_whether_its_order_is_planned_again_without_it() {
    let region = Region::running("stays open").await;
    let order = order(&[MONDAY]);
    let id = order.visit_id.clone();
    put_and_plan(&region, &order).await;
    region.cancel(&id).await.unwrap();
    let (_, withdrawn) = told(&region, &id, 1).await.remove(0);
    assert_eq!(withdrawn["state"], "VISIT_STATE_CANCELLED");
    assert_eq!(withdrawn["ordered"]["staysOpen"], true);
    region.planned().await;
    let engineer = region.get(&id).await.unwrap().engineer_id;
    region.absent(&engineer, "2026-11-22T22:00Z/2026-11-24T22:00Z").await.unwrap();
    let (name, disrupted) = told(&region, &id, 3).await.remove(0);
    assert_eq!((&*name, &disrupted["ordered"]["staysOpen"]), ("VisitDisrupted", &Value::from(true)));
    region.planned().await;
    region.cancel_order(&id).await.unwrap();
    let (_, off) = told(&region, &id, 5).await.remove(0);
    assert_eq!(
        (&off["state"], &off["ordered"]["staysOpen"]),
        (&"VISIT_STATE_CANCELLED".into(), &Value::Null)
    );
    assert_eq!(off["ordered"]["workOrderId"], *id);
}
