//! Trips: what is planned on them, and that nobody has an engineer who is away.

use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::explain_visit_response::Explanation;

use crate::explaining::explained;
use crate::harness::{Region, answered, fields, reason, request_id};
use crate::planning::{outcomes, unplanned};
use crate::sample::{interval, money, order, order_for_anna, shown, terms, visit};

const AWAY: &str = "2026-11-23T06:00Z/2026-11-26T18:00Z";
const TUESDAY: &str = "2026-11-24T07:00Z/2026-11-24T15:00Z";
const WEDNESDAY: &str = "2026-11-25T07:00Z/2026-11-25T15:00Z";

/// ANNA's, to an inn near the orders in Germany; they are a day and more from home.
fn trip(away: &str) -> pb::Trip {
    pb::Trip {
        engineer_id: "ANNA".to_owned(),
        lodging_site_id: "DE-INN".to_owned(),
        away: Some(interval(away)),
        work: vec![interval(TUESDAY), interval(WEDNESDAY)],
        cost: money(50_000),
    }
}

fn terms_with(trips: Vec<pb::Trip>) -> pb::Terms {
    let inn = pb::Place {
        site_id: "DE-INN".to_owned(),
        country: "DE".to_owned(),
        position: Some(pb::Position { latitude: 48.14, longitude: 11.58 }),
        ..pb::Place::default()
    };
    let places = [terms().places, vec![inn]].concat();
    pb::Terms { places, trips, ..terms() }
}

/// Four hours in Germany.
fn order_abroad(window: &str) -> pb::WorkOrder {
    pb::WorkOrder {
        site_id: "DE-MUC".to_owned(),
        country: "DE".to_owned(),
        position: Some(pb::Position { latitude: 48.2, longitude: 11.62 }),
        work_minutes: 240,
        ..order(&[window])
    }
}

async fn drafted(region: &Region, terms: pb::Terms) -> (String, pb::Draft) {
    let id = region.optimise(terms, 100).await;
    let ended = region.ended(&id).await;
    assert_eq!(ended.state(), pb::OptimisationState::Succeeded, "{:?}", ended.failure);
    (id, ended.draft.unwrap())
}

/// Two orders of a published trip.
async fn on_trip(region: &Region) -> [pb::WorkOrder; 2] {
    let orders = [order_abroad(TUESDAY), order_abroad(WEDNESDAY)];
    region.put_orders(&orders).await.unwrap();
    let (id, draft) = drafted(region, terms_with(vec![trip(AWAY)])).await;
    assert_eq!(draft.visits.len(), 2, "{:?}", draft.unplanned);
    let published = outcomes(&region.publish(&id).await.unwrap());
    assert!(published.values().all(|(outcome, _)| *outcome == pb::PublishOutcome::Booked), "{published:?}");
    orders
}

fn stay_of(visit: &pb::Visit) -> (String, String) {
    let stay = visit.stay.as_ref().unwrap();
    (stay.lodging_site_id.clone(), shown(stay.away.as_ref()))
}

fn at_inn(away: &str) -> (String, String) {
    ("DE-INN".to_owned(), shown(Some(&interval(away))))
}

#[tokio::test]
async fn a_trip_is_paid_once_and_its_visits_say_which_it_is() {
    let region = Region::running("trip").await;
    let orders = [order_abroad(TUESDAY), order_abroad(WEDNESDAY)];
    region.put_orders(&orders).await.unwrap();
    let (_, without) = drafted(&region, terms_with(Vec::new())).await;
    assert_eq!(without.visits.len(), 0);
    let (id, draft) = drafted(&region, terms_with(vec![trip(AWAY)])).await;
    assert_eq!(draft.costs.unwrap().trips, money(50_000));
    for planned in &draft.visits {
        let stint = &planned.stints[0];
        assert_eq!(&*stint.engineer_id, "ANNA");
        let stay = pb::Visit { stay: stint.stay.clone(), ..pb::Visit::default() };
        assert_eq!(stay_of(&stay), at_inn(AWAY));
        assert_eq!((&*stint.from_site_id, &*stint.home_site_id), ("DE-INN", "DE-INN"));
    }
    region.publish(&id).await.unwrap();
    for order in &orders {
        assert_eq!(stay_of(&region.get(&order.visit_id).await.unwrap()), at_inn(AWAY));
    }
    // Nothing is left to be changed.
    let (id, draft) = drafted(&region, terms_with(vec![trip(AWAY)])).await;
    assert_eq!(draft.changes, []);
    let kept = outcomes(&region.publish(&id).await.unwrap());
    assert!(kept.values().all(|told| *told == (pb::PublishOutcome::Kept, String::new())), "{kept:?}");
}

#[tokio::test]
async fn nobody_has_an_engineer_at_home_who_is_away() {
    let region = Region::running("away").await;
    let orders = on_trip(&region).await;
    // On the way there, between two visits, and on the way back.
    for day in ["2026-11-23", "2026-11-24", "2026-11-26"] {
        let (during, work) = (format!("{day}T16:00Z/{day}T17:30Z"), format!("{day}T16:10Z/{day}T16:20Z"));
        let hours = crate::sample::hours(1, "00:00", "24:00", false);
        let at_all_hours = (1..=7).map(|weekday| pb::WorkingHours { weekday, ..hours.clone() });
        let anna =
            pb::Engineer { working_hours: at_all_hours.collect(), ..crate::sample::engineer("ANNA", "eu") };
        region
            .put(pb::PutWorkforceRequest { engineers: vec![anna], ..crate::sample::workforce("eu") })
            .await
            .unwrap();
        let refused = region.hold(&visit("ANNA", &during, &work)).await.unwrap_err();
        assert_eq!(&*refused.reason, "ENGINEER_NOT_FREE", "{day}");
        assert!(orders.iter().any(|order| refused.metadata["visit_id"] == order.visit_id), "{refused:?}");
    }
    region
        .hold(&visit("ANNA", "2026-11-27T06:00Z/2026-11-27T10:00Z", "2026-11-27T07:00Z/2026-11-27T09:00Z"))
        .await
        .unwrap();
    let told = region.emitted().await.into_iter().rev().find(|(name, _)| name == "FreeBusyChanged").unwrap();
    assert_eq!(told.1["busy"][0]["start"], "2026-11-23T06:00:00Z");
    assert_eq!(told.1["busy"][0]["end"], "2026-11-26T18:00:00Z");
    assert_eq!(region.audit().await.overlapping_pairs, 0);
    // When no visit of it is left, there is no trip.
    for order in &orders {
        region.cancel_order(&order.visit_id).await.unwrap();
    }
    let monday = visit("ANNA", "2026-11-23T06:00Z/2026-11-23T10:00Z", "2026-11-23T07:00Z/2026-11-23T09:00Z");
    region.hold(&monday).await.unwrap();
}

#[tokio::test]
async fn a_draft_is_not_published_over_a_stay_that_was_booked_meanwhile() {
    let region = Region::running("over").await;
    let monday = order_for_anna(&["2026-11-23T06:00Z/2026-11-23T13:00Z"]);
    region.put_orders(std::slice::from_ref(&monday)).await.unwrap();
    // The draft of a day at home knows nothing of the trip yet, nor the trip of the day.
    let day = pb::Terms { window: Some(interval("2026-11-22T22:00Z/2026-11-23T22:00Z")), ..terms() };
    let (at_home, draft) = drafted(&region, day).await;
    assert_eq!(draft.visits.len(), 1);
    let urgent = [1, 2].map(|_| pb::WorkOrder { priority: 1, ..order_abroad(TUESDAY) });
    region.put_orders(&urgent[..1]).await.unwrap();
    let (abroad, draft) = drafted(&region, terms_with(vec![trip(AWAY)])).await;
    assert!(draft.visits.iter().any(|visit| visit.visit_id == urgent[0].visit_id), "{draft:?}");
    region.publish(&abroad).await.unwrap();
    let published = region.publish(&at_home).await.unwrap();
    assert_eq!(
        (published[0].outcome(), &*published[0].reason),
        (pb::PublishOutcome::Refused, "ENGINEER_NOT_FREE")
    );
    assert_eq!(published[0].witness, urgent[0].visit_id);
    assert_eq!(region.audit().await.overlapping_pairs, 0);
}

#[tokio::test]
async fn what_was_published_of_a_trip_stays_when_the_terms_do_not_name_it() {
    let region = Region::running("unnamed").await;
    let orders = on_trip(&region).await;
    let before = region.orders().await;
    let at_home = order_for_anna(&["2026-11-25T06:00Z/2026-11-25T13:00Z"]);
    region.put_orders(std::slice::from_ref(&at_home)).await.unwrap();
    let (id, draft) = drafted(&region, terms()).await;
    assert_eq!(unplanned(&draft).len(), 1, "who is away is not at home: {draft:?}");
    assert_eq!(unplanned(&draft)[0].0, at_home.visit_id);
    region.publish(&id).await.unwrap();
    for order in &orders {
        assert_eq!(region.orders().await[&order.visit_id], before[&order.visit_id]);
    }
}

#[tokio::test]
async fn a_trip_that_is_prolonged_takes_its_visits_along() {
    const LONGER: &str = "2026-11-23T06:00Z/2026-11-27T18:00Z";
    let region = Region::running("longer").await;
    let orders = on_trip(&region).await;
    let (id, _) = drafted(&region, terms_with(vec![trip(LONGER)])).await;
    let outcomes = outcomes(&region.publish(&id).await.unwrap());
    for order in &orders {
        assert_eq!(outcomes[&order.visit_id].0, pb::PublishOutcome::Kept);
        assert_eq!(stay_of(&region.get(&order.visit_id).await.unwrap()), at_inn(LONGER));
    }
}

#[tokio::test]
async fn while_one_visit_of_a_trip_is_no_matter_of_a_plan_neither_are_the_others() {
    let region = Region::running("whole").await;
    let [one, other] = on_trip(&region).await;
    let before = region.get(&one.visit_id).await.unwrap();
    let december = interval("2026-12-14T06:00Z/2026-12-14T13:00Z");
    region.put_orders(&[pb::WorkOrder { windows: vec![december], ..other.clone() }]).await.unwrap();
    let (id, _) = drafted(&region, terms_with(vec![trip(AWAY)])).await;
    region.publish(&id).await.unwrap();
    assert_eq!(region.get(&one.visit_id).await.unwrap(), before);
    assert_eq!(region.state(&other.visit_id).await, pb::VisitState::Booked);
}

#[tokio::test]
async fn a_trip_that_has_begun_goes_on_for_who_is_on_it_and_for_nobody_else() {
    let region = Region::running("begun").await;
    on_trip(&region).await;
    // On Monday at noon.
    region.advance_minutes(76 * 60);
    let short = pb::WorkOrder { work_minutes: 60, ..order_abroad(WEDNESDAY) };
    let excluding = |who: &str| pb::WorkOrder {
        visit_id: crate::harness::visit_id(),
        excluded_engineer_ids: vec![who.to_owned()],
        ..short.clone()
    };
    let (for_anna, for_bo) = (excluding("BO"), excluding("ANNA"));
    region.put_orders(&[for_anna.clone(), for_bo.clone()]).await.unwrap();
    let trips = ["ANNA", "BO"].map(|who| pb::Trip { engineer_id: who.to_owned(), ..trip(AWAY) });
    let (id, draft) = drafted(&region, terms_with(trips.to_vec())).await;
    let left: Vec<&str> = unplanned(&draft).into_iter().map(|(order, _)| order).collect();
    assert_eq!(left, [&for_bo.visit_id]);
    let published = outcomes(&region.publish(&id).await.unwrap());
    assert_eq!(published[&for_anna.visit_id], (pb::PublishOutcome::Booked, String::new()));
    assert_eq!(stay_of(&region.get(&for_anna.visit_id).await.unwrap()), at_inn(AWAY));
}

#[tokio::test]
async fn an_absence_calls_off_what_comes_after_it_on_a_trip() {
    let region = Region::running("ill abroad").await;
    let orders = on_trip(&region).await;
    assert_eq!(
        region.absent("ANNA", "2026-11-26T00:00Z/2026-11-27T00:00Z").await.unwrap(),
        [] as [String; 0]
    );
    let called_off = region.absent("ANNA", "2026-11-23T12:00Z/2026-11-23T20:00Z").await.unwrap();
    assert_eq!(called_off, orders.map(|order| order.visit_id), "she cannot have gone there");
}

#[tokio::test]
async fn slots_and_explanations_look_at_trips_too() {
    let region = Region::running("asked").await;
    on_trip(&region).await;
    let fresh = pb::WorkOrder { work_minutes: 60, ..order_abroad(WEDNESDAY) };
    region.put_orders(std::slice::from_ref(&fresh)).await.unwrap();
    let request =
        pb::FindSlotsRequest { visit_id: fresh.visit_id.clone(), ..pb::FindSlotsRequest::default() };
    let slots = region.slots(request).await.unwrap().slots;
    let stay = slots[0].stints[0].stay.as_ref().unwrap();
    assert_eq!((&*slots[0].engineer_id, &*stay.lodging_site_id), ("ANNA", "DE-INN"));
    let could = explained(&region, &fresh.visit_id, "ANNA", "").await;
    let Explanation::Possible(possible) = could else { panic!("{could:?}") };
    assert!(possible.slot.unwrap().stints[0].stay.is_some());
}

#[tokio::test]
async fn every_field_of_a_trip_that_breaks_a_rule_is_named() {
    let region = Region::alone("bad trips").await;
    let bad = pb::Trip {
        work: vec![interval("2026-11-22T07:00Z/2026-11-22T15:00Z")],
        cost: money(250_000_001),
        lodging_site_id: "an inn".to_owned(),
        ..trip(AWAY)
    };
    let lazy = pb::Trip { work: Vec::new(), engineer_id: "BO".to_owned(), ..trip(AWAY) };
    let agreed = pb::AgreedOvertime { engineer_id: "ANNA".to_owned(), during: vec![interval(TUESDAY)] };
    let pickup = Some(pb::PickupPoint { site_id: "FI-DEP".to_owned(), minutes: -1 });
    let overtime = vec![agreed.clone(), agreed];
    let begin = async |terms: pb::Terms| {
        let terms = Some(terms);
        let request = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms: 50, seed: 0 };
        answered(region.client.clone().optimise(request)).await
    };
    let refused = begin(pb::Terms { pickup, overtime, ..terms_with(vec![bad, lazy]) }).await.unwrap_err();
    let names = [
        "pickup.minutes",
        "trips[0].lodging_site_id",
        "trips[0].work[0]",
        "trips[0].cost.minor",
        "trips[1].work",
        "overtime[1].engineer_id",
    ];
    assert_eq!(fields(&refused), names.map(|name| format!("terms.{name}")));
    let refused = begin(terms_with(vec![trip(AWAY), trip(AWAY)])).await.unwrap_err();
    assert_eq!(fields(&refused), ["terms.trips[1]"]);
    let unknown = pb::Trip { engineer_id: "CY".to_owned(), ..trip(AWAY) };
    assert_eq!(reason(begin(terms_with(vec![unknown])).await), "ENGINEER_NOT_FOUND");
}
