//! Orders that a party does, and what becomes of them.

use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::explain_visit_response::Explanation;

use crate::explaining::explained;
use crate::harness::{Region, answered, fields};
use crate::planning::{outcomes, unplanned};
use crate::sample::{money, order};

const CHEAP: i64 = 1_000;

/// A party asks for less than two hours of anybody cost.
fn cheap() -> pb::WorkOrder {
    pb::WorkOrder { outsource_price: money(CHEAP), ..order(&[]) }
}

fn outsourced() -> (pb::PublishOutcome, String) {
    (pb::PublishOutcome::Outsourced, String::new())
}

#[tokio::test]
async fn an_order_that_a_party_does_for_less_is_told_with_its_price_and_not_planned_again() {
    let region = Region::running("party").await;
    let (given, own) = (cheap(), pb::WorkOrder { outsource_price: money(10_000_000), ..order(&[]) });
    region.put_orders(&[given.clone(), own.clone()]).await.unwrap();
    let (id, draft) = region.drafted().await;
    let told = pb::OutsourcedOrder { visit_id: given.visit_id.clone(), price: money(CHEAP) };
    assert_eq!(draft.outsourced, std::slice::from_ref(&told));
    assert_eq!((draft.visits.len(), draft.unplanned.len()), (1, 0));
    assert_eq!(draft.costs.unwrap().outsourcing, money(CHEAP));
    assert_eq!(region.stage(&given.visit_id).await, pb::WorkOrderStage::Draft);
    assert_eq!(explained(&region, &given.visit_id, "", &id).await, Explanation::Outsourced(told));

    let published = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(published[&given.visit_id], outsourced());
    assert_eq!(region.audit().await.open_visits, 1, "only what engineers do themselves");
    let stage = pb::WorkOrderStage::Outsourced.into();
    let listed = pb::ListWorkOrdersRequest { stage, ..pb::ListWorkOrdersRequest::default() };
    let listed = answered(region.client.clone().list_work_orders(listed)).await.unwrap().work_orders;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].order.as_ref().unwrap().outsource_price, money(CHEAP));
    let (_, draft) = region.drafted().await;
    assert_eq!((draft.outsourced.len(), draft.unplanned.len(), draft.visits.len()), (0, 0, 1));
}

#[tokio::test]
async fn an_order_comes_back_from_a_party_when_it_is_put_anew_or_called_off() {
    let region = Region::running("back").await;
    let (back, off) = (cheap(), cheap());
    region.put_orders(&[back.clone(), off.clone()]).await.unwrap();
    region.planned().await;
    assert_eq!(region.put_orders(std::slice::from_ref(&back)).await.unwrap(), 0, "nothing is different");
    assert_eq!(region.stage(&back.visit_id).await, pb::WorkOrderStage::Outsourced);
    region.put_orders(&[pb::WorkOrder { outsource_price: None, ..back.clone() }]).await.unwrap();
    assert_eq!(region.stage(&back.visit_id).await, pb::WorkOrderStage::Unplanned);
    region.cancel_order(&off.visit_id).await.unwrap();
    assert_eq!(region.stage(&off.visit_id).await, pb::WorkOrderStage::Historic);
    let planned = region.planned().await;
    assert_eq!(planned[&back.visit_id].0, pb::PublishOutcome::Booked);
    assert_eq!(planned.len(), 1);
}

#[tokio::test]
async fn what_waits_for_an_order_of_a_party_waits_until_it_need_not() {
    let region = Region::running("waits").await;
    let first = cheap();
    let then = pb::WorkOrder { after_visit_ids: vec![first.visit_id.clone()], ..order(&[]) };
    // By itself it goes to the party; with what waits for it, engineers would do it.
    region.put_orders(std::slice::from_ref(&first)).await.unwrap();
    region.planned().await;
    region.put_orders(std::slice::from_ref(&then)).await.unwrap();
    let (_, draft) = region.drafted().await;
    assert_eq!(unplanned(&draft), [(&*then.visit_id, pb::UnplannedReason::Waits)]);
    assert_eq!(draft.unplanned[0].witness, first.visit_id);
    region.put_orders(&[pb::WorkOrder { after_visit_ids: Vec::new(), ..then.clone() }]).await.unwrap();
    assert_eq!(region.planned().await[&then.visit_id].0, pb::PublishOutcome::Booked);
}

#[tokio::test]
async fn a_booked_visit_is_called_off_when_its_order_goes_to_a_party_and_an_accepted_one_stays() {
    let region = Region::running("was booked").await;
    let orders = [order(&[]), order(&[])];
    region.put_orders(&orders).await.unwrap();
    region.planned().await;
    let priced = orders.clone().map(|order| pb::WorkOrder { outsource_price: money(CHEAP), ..order });
    region.put_orders(&priced).await.unwrap();
    let (id, draft) = region.drafted().await;
    assert_eq!(draft.outsourced.len(), 2);
    let [called_off, accepted] = orders.map(|order| order.visit_id);
    region.accept(&accepted).await.unwrap();
    let published = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(published[&called_off], outsourced());
    assert_eq!(published[&accepted], (pb::PublishOutcome::Kept, "VISIT_STATE".to_owned()));
    assert_eq!(region.state(&called_off).await, pb::VisitState::Cancelled);
    assert_eq!(region.stage(&called_off).await, pb::WorkOrderStage::Outsourced);
    assert_eq!(region.stage(&accepted).await, pb::WorkOrderStage::Published);
    let (name, told) = region
        .emitted()
        .await
        .into_iter()
        .rev()
        .find(|(name, told)| name == "VisitProgressed" && told["visitId"] == called_off.as_str())
        .unwrap();
    assert_eq!((&*name, &told["state"]), ("VisitProgressed", &"VISIT_STATE_CANCELLED".into()));
}

#[tokio::test]
async fn a_price_in_another_currency_than_the_engineers_is_refused() {
    let region = Region::alone("currency").await;
    let mut price = money(CHEAP).unwrap();
    price.currency_code = "USD".to_owned();
    let foreign = pb::WorkOrder { outsource_price: Some(price), ..order(&[]) };
    let refused = region.put_orders(&[foreign]).await.unwrap_err();
    assert_eq!(fields(&refused), ["work_orders[0].outsource_price.currency_code"]);
    let dear = pb::WorkOrder { outsource_price: money(250_000_001), ..order(&[]) };
    let refused = region.put_orders(&[dear]).await.unwrap_err();
    assert_eq!(fields(&refused), ["work_orders[0].outsource_price.minor"]);
}
