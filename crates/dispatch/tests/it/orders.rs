//! Work orders, and how far they have come.

use meridian_proto::dispatch::v1 as pb;

use crate::harness::{Region, answered, fields, reason, request_id};
use crate::planning::unplanned;
use crate::sample::{engineer, hours, order, terms, visit, workforce};

#[tokio::test]
async fn an_order_needs_what_it_says_or_what_the_repair_profile_of_its_model_says() {
    let region = Region::alone("profile").await;
    let by_model = pb::WorkOrder {
        model: "SPECTRO-9".to_owned(),
        skill_id: String::new(),
        level: 0,
        work_minutes: 0,
        ..order(&[])
    };
    assert_eq!(region.put_orders(std::slice::from_ref(&by_model)).await.unwrap(), 1);
    let stored = region.orders().await.remove(&by_model.visit_id).unwrap();
    let stored_order = stored.order.clone().unwrap();
    assert_eq!((&*stored_order.skill_id, stored_order.level, stored_order.work_minutes), ("OPTICS", 3, 120));
    assert_eq!((stored.stage(), &*stored.etag), (pb::WorkOrderStage::Unplanned, "1"));
    assert_eq!(region.put_orders(std::slice::from_ref(&by_model)).await.unwrap(), 0, "nothing is different");
    let unknown = pb::WorkOrder { model: "SPECTRO-1".to_owned(), ..by_model };
    let refused = region.put_orders(&[unknown]).await.unwrap_err();
    assert_eq!(fields(&refused), ["work_orders[0].model"]);
}

#[tokio::test]
async fn every_field_of_an_order_that_breaks_a_rule_is_named() {
    let region = Region::alone("bad orders").await;
    let bad = pb::WorkOrder {
        case_id: "case".to_owned(),
        country: "Finland".to_owned(),
        position: Some(pb::Position { latitude: 91.0, longitude: 0.0 }),
        level: 6,
        work_minutes: 10_081,
        engineers: 3,
        priority: 6,
        ..order(&[])
    };
    let refused = region.put_orders(&[bad]).await.unwrap_err();
    let names = ["case_id", "country", "position", "level", "work_minutes", "engineers", "priority"];
    assert_eq!(fields(&refused), names.map(|name| format!("work_orders[0].{name}")));

    let (mut one, mut other) = (order(&[]), order(&[]));
    one.after_visit_ids = vec![other.visit_id.clone()];
    let missing = region.put_orders(std::slice::from_ref(&one)).await.unwrap_err();
    assert_eq!(fields(&missing), ["work_orders[0].after_visit_ids"]);
    region.put_orders(&[one.clone(), other.clone()]).await.unwrap();
    other.after_visit_ids = vec![one.visit_id.clone()];
    let circle = region.put_orders(std::slice::from_ref(&other)).await.unwrap_err();
    assert_eq!(fields(&circle), ["work_orders[0].after_visit_ids"]);
    let twice = region.put_orders(&[one.clone(), one]).await.unwrap_err();
    assert_eq!(fields(&twice), ["work_orders[1]"]);
    let many = vec![order(&[]); 1001];
    assert_eq!(fields(&region.put_orders(&many).await.unwrap_err()), ["work_orders"]);

    let optimise = pb::OptimiseRequest {
        request_id: request_id(),
        terms: Some(pb::Terms { window: None, ..terms() }),
        budget_ms: 49,
        seed: 0,
    };
    let refused = answered(region.client.clone().optimise(optimise)).await.unwrap_err();
    assert_eq!(fields(&refused), ["terms.window", "budget_ms"]);
}

#[tokio::test]
async fn a_visit_that_was_claimed_otherwise_does_not_become_an_order() {
    let region = Region::alone("claimed").await;
    let claimed = visit("ANNA", "2026-11-23T05:00Z/2026-11-23T15:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
    region.hold(&claimed).await.unwrap();
    let order = pb::WorkOrder { visit_id: claimed.visit_id, ..order(&[]) };
    assert_eq!(reason(region.put_orders(&[order]).await), "VISIT_EXISTS");
}

#[tokio::test]
async fn the_id_of_an_order_cannot_be_held_nor_that_of_its_second_visit() {
    let region = Region::alone("not held").await;
    let order = order(&[]);
    let during = ("2026-11-23T05:00Z/2026-11-23T15:00Z", "2026-11-23T06:00Z/2026-11-23T14:00Z");
    let claim =
        |visit_id: &str| pb::Visit { visit_id: visit_id.to_owned(), ..visit("ANNA", during.0, during.1) };
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    let second = second_visit(&order.visit_id);
    for id in [&order.visit_id, &second] {
        let refused = region.hold(&claim(id)).await.unwrap_err();
        assert_eq!((&*refused.reason, &*refused.metadata["id"]), ("VISIT_OF_WORK_ORDER", &**id));
    }
    // The other way about: the second visit's id is held before there is an order.
    let late = pb::WorkOrder { engineers: 2, visit_id: crate::harness::visit_id(), ..order };
    let held = claim(&second_visit(&late.visit_id));
    region.hold(&held).await.unwrap();
    let refused = region.put_orders(&[late]).await.unwrap_err();
    assert_eq!((&*refused.reason, &refused.metadata["id"]), ("VISIT_EXISTS", &held.visit_id));
}

fn second_visit(order: &str) -> String {
    let order: meridian_types::VisitId = order.parse().unwrap();
    meridian_types::VisitId::from_uuid(order.derive("second engineer")).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_held_or_becomes_an_order_but_never_both() {
    let region = Region::alone("either").await;
    let hours = (1..=7).map(|weekday| hours(weekday, "00:00", "24:00", false)).collect();
    let anna = pb::Engineer { working_hours: hours, ..engineer("ANNA", "eu") };
    region.put(pb::PutWorkforceRequest { engineers: vec![anna], ..workforce("eu") }).await.unwrap();
    for hour in 0..20 {
        let order = order(&[]);
        let start = jiff::Timestamp::from_second(1_795_500_000 + hour * 3600).unwrap();
        let span = format!("{start}/{}", start + jiff::SignedDuration::from_mins(60));
        let claim = pb::Visit { visit_id: order.visit_id.clone(), ..visit("ANNA", &span, &span) };
        let (held, put) = tokio::join!(region.hold(&claim), region.put_orders(std::slice::from_ref(&order)));
        assert!(held.is_ok() != put.is_ok(), "{held:?} {put:?}");
    }
}

#[tokio::test]
async fn an_order_is_historic_when_it_is_done_or_called_off() {
    let region = Region::running("historic").await;
    let (done, called_off) = (order(&[]), order(&[]));
    region.put_orders(&[done.clone(), called_off.clone()]).await.unwrap();
    region.planned().await;
    region.begin(&done.visit_id).await.unwrap();
    assert_eq!(reason(region.cancel_order(&done.visit_id).await), "VISIT_STATE");
    region.finish(&done.visit_id).await.unwrap();
    let cancelled = region.cancel_order(&called_off.visit_id).await.unwrap();
    assert_eq!(cancelled.visits[0].state(), pb::VisitState::Cancelled);
    assert_eq!(region.cancel_order(&called_off.visit_id).await.unwrap(), cancelled);
    for id in [&done.visit_id, &called_off.visit_id] {
        assert_eq!(region.stage(id).await, pb::WorkOrderStage::Historic);
    }
    assert_eq!(reason(region.put_orders(&[done]).await), "WORK_ORDER_DONE");
    assert_eq!(reason(region.put_orders(&[called_off]).await), "WORK_ORDER_CANCELLED");
    let (_, draft) = region.drafted().await;
    assert_eq!((draft.visits.len(), draft.unplanned.len()), (0, 0));
}

#[tokio::test]
async fn orders_are_listed_page_by_page_and_by_stage() {
    let region = Region::alone("pages").await;
    let orders: Vec<pb::WorkOrder> = (0..5).map(|_| order(&[])).collect();
    region.put_orders(&orders).await.unwrap();
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let stage = pb::WorkOrderStage::Unplanned.into();
        let request = pb::ListWorkOrdersRequest { stage, page_size: 2, page_token: token };
        let page = answered(region.client.clone().list_work_orders(request)).await.unwrap();
        seen.extend(page.work_orders.into_iter().map(|status| status.order.unwrap().visit_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let mut expected: Vec<String> = orders.into_iter().map(|order| order.visit_id).collect();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn an_order_of_another_week_is_left_out_and_so_is_what_waits_for_it() {
    let region = Region::running("another week").await;
    let later = order(&["2026-12-07T06:00Z/2026-12-07T13:00Z"]);
    let after = pb::WorkOrder { after_visit_ids: vec![later.visit_id.clone()], ..order(&[]) };
    let lone = order(&[]);
    region.put_orders(&[later.clone(), after.clone(), lone.clone()]).await.unwrap();
    let (_, draft) = region.drafted().await;
    assert_eq!(draft.visits.len(), 1);
    assert_eq!(draft.visits[0].visit_id, lone.visit_id);
    let mut left = unplanned(&draft);
    left.sort_unstable_by_key(|(id, _)| (*id).to_owned());
    let mut expected = [&later.visit_id, &after.visit_id];
    expected.sort();
    assert_eq!(left, expected.map(|id| (id.as_str(), pb::UnplannedReason::OutsideWindow)));
}
