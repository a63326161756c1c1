//! Why an order is done as it is, where else it would fit, and the calendar of an engineer.

use icalendar::parser::{read_calendar, unfold};
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::explain_visit_response::Explanation;

use crate::harness::{Region, answered, fields, reason};
use crate::sample::{engineer, interval, order, order_for_anna, slot_question, terms, workforce};

const MONDAY: &str = "2026-11-23T06:00Z/2026-11-23T13:00Z";

/// Why an order is done as it is.
pub(crate) async fn explained(
    region: &Region,
    visit_id: &str,
    engineer_id: &str,
    optimisation_id: &str,
) -> Explanation {
    let request = pb::ExplainVisitRequest {
        visit_id: visit_id.to_owned(),
        engineer_id: engineer_id.to_owned(),
        optimisation_id: optimisation_id.to_owned(),
    };
    answered(region.client.clone().explain_visit(request)).await.unwrap().explanation.unwrap()
}

#[tokio::test]
async fn an_explanation_names_the_rule_in_the_way_or_what_it_would_cost() {
    let region = Region::running("explain").await;
    let mut novice = engineer("CY", "eu");
    novice.skills[0].level = 1;
    region.put(pb::PutWorkforceRequest { engineers: vec![novice], ..workforce("eu") }).await.unwrap();
    let order = order_for_anna(&[MONDAY]);
    region.put_orders(std::slice::from_ref(&order)).await.unwrap();
    let (id, _) = region.drafted().await;
    for optimisation in ["", &id] {
        let why = |reason: pb::ObstacleReason, witness: &str| {
            let witness = witness.to_owned();
            Explanation::Obstacle(pb::Obstacle { reason: reason.into(), witness })
        };
        let bo = explained(&region, &order.visit_id, "BO", optimisation).await;
        assert_eq!(bo, why(pb::ObstacleReason::Excluded, ""));
        let cy = explained(&region, &order.visit_id, "CY", optimisation).await;
        assert_eq!(cy, why(pb::ObstacleReason::LevelTooLow, "1"));
    }
    // In the draft she does it; in what is published nobody does yet, and she could.
    let in_draft = explained(&region, &order.visit_id, "ANNA", &id).await;
    assert!(matches!(in_draft, Explanation::Planned(_)), "{in_draft:?}");
    let published = explained(&region, &order.visit_id, "ANNA", "").await;
    let Explanation::Possible(possible) = published else { panic!("{published:?}") };
    assert!(possible.more.unwrap().minor > 0);
    assert_eq!(possible.slot.unwrap().engineer_id, "ANNA");
}

#[tokio::test]
async fn who_asks_why_an_order_is_left_out_is_told_the_smallest_change_that_helps() {
    let region = Region::running("left out").await;
    // Work of two hours that begins within the last half hour of the day.
    let late = order_for_anna(&["2026-11-23T13:30Z/2026-11-23T13:40Z"]);
    region.put_orders(std::slice::from_ref(&late)).await.unwrap();
    let (id, draft) = region.drafted().await;
    assert_eq!(draft.unplanned.len(), 1);
    let told = explained(&region, &late.visit_id, "", &id).await;
    let Explanation::LeftOut(left_out) = told else { panic!("{told:?}") };
    assert_eq!(left_out.unplanned.unwrap(), draft.unplanned[0]);
    let remedy = left_out.remedy.unwrap();
    assert!([pb::RemedyKind::Overtime, pb::RemedyKind::Window].contains(&remedy.kind()), "{remedy:?}");
}

#[tokio::test]
async fn slots_of_an_order_lie_next_to_what_is_published_and_the_cheapest_is_first() {
    let region = Region::running("order slots").await;
    let first = order_for_anna(&["2026-11-23T06:00Z/2026-11-23T07:00Z"]);
    region.put_orders(std::slice::from_ref(&first)).await.unwrap();
    region.planned().await;
    let second = order_for_anna(&[MONDAY]);
    region.put_orders(std::slice::from_ref(&second)).await.unwrap();
    let request =
        pb::FindSlotsRequest { visit_id: second.visit_id.clone(), ..pb::FindSlotsRequest::default() };
    let slots = region.slots(request.clone()).await.unwrap().slots;
    assert!(!slots.is_empty());
    let taken = region.get(&first.visit_id).await.unwrap().work.unwrap();
    for slot in &slots {
        let work = slot.work.unwrap();
        assert_eq!(slot.engineer_id, "ANNA");
        let apart = work.start.unwrap().seconds >= taken.end.unwrap().seconds
            || work.end.unwrap().seconds <= taken.start.unwrap().seconds;
        assert!(apart, "{slot:?}");
    }
    let costs = slots.iter().map(|slot| slot.extra.as_ref().unwrap().total.as_ref().unwrap().minor);
    assert!(costs.is_sorted());

    let mixed = pb::FindSlotsRequest { visit_id: second.visit_id, ..slot_question(MONDAY) };
    let refused = region.slots(mixed).await.unwrap_err();
    assert_eq!(fields(&refused), ["model", "country", "travel_before_minutes", "travel_after_minutes"]);
    let unknown = pb::FindSlotsRequest { visit_id: crate::harness::visit_id(), ..request };
    assert_eq!(reason(region.slots(unknown).await), "WORK_ORDER_NOT_FOUND");
}

#[tokio::test]
async fn a_calendar_holds_every_visit_by_codes_in_the_form_of_rfc_5545() {
    let region = Region::running("calendar").await;
    let orders = [order_for_anna(&[MONDAY]), order(&["2026-11-24T06:00Z/2026-11-24T13:00Z"])];
    region.put_orders(&orders).await.unwrap();
    let monday = pb::Terms { window: Some(interval("2026-11-22T22:00Z/2026-11-23T22:00Z")), ..terms() };
    let id = region.optimise(monday, 100).await;
    region.ended(&id).await;
    region.publish(&id).await.unwrap();
    let request = |engineer_id: &str| pb::GetEngineerCalendarRequest { engineer_id: engineer_id.to_owned() };
    let answer = answered(region.client.clone().get_engineer_calendar(request("ANNA"))).await.unwrap();
    let text = answer.icalendar;
    assert!(text.lines().count() > 8 && text.split("\r\n").all(|line| !line.contains('\n')), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = unfold(&text);
    let calendar = read_calendar(&unfolded).unwrap();
    assert_eq!(calendar.components.len(), 1);
    let event = &calendar.components[0];
    let property = |name: &str| event.find_prop(name).map(|property| property.val.as_ref().to_owned());
    let visit = region.get(&orders[0].visit_id).await.unwrap();
    assert_eq!(property("UID"), Some(visit.visit_id));
    let start = jiff::Timestamp::from_second(visit.during.unwrap().start.unwrap().seconds).unwrap();
    assert_eq!(property("DTSTART"), Some(start.strftime("%Y%m%dT%H%M%SZ").to_string()));
    assert_eq!(property("STATUS"), Some("TENTATIVE".to_owned()));
    assert_eq!(property("LOCATION"), Some("FI-ESP".to_owned()));
    let unknown = answered(region.client.clone().get_engineer_calendar(request("NOBODY"))).await;
    assert_eq!(reason(unknown), "ENGINEER_NOT_FOUND");
}
