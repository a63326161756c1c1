//! What the terms of a plan and the records of engineers say: pick-ups, overtime, pace and homes.

use meridian_proto::dispatch::v1 as pb;

use crate::harness::Region;
use crate::planning::{outcomes, unplanned};
use crate::sample::{engineer, interval, order, order_for_anna, shown, terms, workforce};

async fn draft(region: &Region, terms: pb::Terms) -> (String, pb::Draft) {
    let id = region.optimise(terms, 100).await;
    let ended = region.ended(&id).await;
    assert_eq!(ended.state(), pb::OptimisationState::Succeeded, "{:?}", ended.failure);
    (id, ended.draft.unwrap())
}

#[tokio::test]
async fn what_has_to_be_picked_up_is_picked_up_on_the_way_or_the_order_is_left_out() {
    let region = Region::running("pick-up").await;
    let order = pb::WorkOrder { needs_pickup: true, ..order(&[]) };
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    let (_, without) = draft(&region, terms()).await;
    assert_eq!(unplanned(&without), [(&*order.visit_id, pb::UnplannedReason::NoPickup)]);
    let way = |from: &str, to: &str, minutes: i32| pb::Way {
        from_site_id: from.to_owned(),
        to_site_id: to.to_owned(),
        minutes,
        cost: None,
    };
    let depot = pb::Place {
        site_id: "FI-DEP".to_owned(),
        position: Some(pb::Position { latitude: 60.3, longitude: 25.0 }),
        ..pb::Place::default()
    };
    let ways = vec![way("FI-HEL", "FI-DEP", 20), way("FI-DEP", "FI-ESP", 30)];
    let pickup = Some(pb::PickupPoint { site_id: "FI-DEP".to_owned(), minutes: 25 });
    let with_pickup = pb::Terms { pickup, ways, places: [terms().places, vec![depot]].concat(), ..terms() };
    let (id, with) = draft(&region, with_pickup).await;
    let stint = &with.visits[0].stints[0];
    assert!(stint.picks_up);
    let leaves = stint.during.as_ref().unwrap().start.unwrap().seconds;
    let begins = with.visits[0].work.as_ref().unwrap().start.unwrap().seconds;
    assert_eq!((begins - leaves) / 60, 20 + 25 + 30);
    let published = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(published[&order.visit_id].0, pb::PublishOutcome::Booked);
    assert_eq!(region.get(&order.visit_id).await.unwrap().during, stint.during);
}

#[tokio::test]
async fn overtime_that_was_agreed_is_planned_and_booked_beside_the_calendar() {
    let region = Region::running("overtime").await;
    const SUNDAY: &str = "2026-11-29T07:00Z/2026-11-29T13:00Z";
    let order = order_for_anna(&[SUNDAY]);
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    let (_, without) = draft(&region, terms()).await;
    assert_eq!(without.visits.len(), 0);
    let agreed = pb::AgreedOvertime { engineer_id: "ANNA".to_owned(), during: vec![interval(SUNDAY)] };
    let (id, with) = draft(&region, pb::Terms { overtime: vec![agreed], ..terms() }).await;
    assert!(with.visits[0].stints[0].overtime_minutes >= 120);
    let published = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(published[&order.visit_id], (pb::PublishOutcome::Booked, String::new()));
}

#[tokio::test]
async fn who_works_quickly_needs_less_time_and_a_home_says_itself_where_it_is() {
    let region = Region::running("pace").await;
    let home_position = Some(pb::Position { latitude: 60.17, longitude: 24.94 });
    let bo = pb::Engineer { efficiency_percent: 200, home_position, ..engineer("BO", "eu") };
    let anna = pb::Engineer { home_position, ..engineer("ANNA", "eu") };
    region.put(pb::PutWorkforceRequest { engineers: vec![anna, bo], ..workforce("eu") }).await.unwrap();
    let for_bo = pb::WorkOrder { excluded_engineer_ids: vec!["ANNA".to_owned()], ..order(&[]) };
    let for_anna = order_for_anna(&[]);
    region.put_orders(&[for_bo.clone(), for_anna.clone()]).await.unwrap();
    let (id, draft) = draft(&region, pb::Terms { places: Vec::new(), ..terms() }).await;
    let minutes = |id: &str| {
        let visit = draft.visits.iter().find(|visit| visit.visit_id == id).unwrap();
        let work = visit.work.as_ref().unwrap();
        (work.end.unwrap().seconds - work.start.unwrap().seconds) / 60
    };
    assert_eq!((minutes(&for_bo.visit_id), minutes(&for_anna.visit_id)), (60, 120));
    region.publish(&id).await.unwrap();
    let booked = region.get(&for_bo.visit_id).await.unwrap();
    let planned = draft.visits.iter().find(|visit| visit.visit_id == for_bo.visit_id).unwrap();
    assert_eq!(shown(booked.work.as_ref()), shown(planned.work.as_ref()));
}
