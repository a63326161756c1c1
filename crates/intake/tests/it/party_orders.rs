//! What parties offer, and orders with them: asked and placed by plans, answered by the parties.

use futures::future::join_all;
use meridian_proto::coordinator::v1::{
    CancelPartyOrderRequested, PartyOrderRequested, PlacePartyOrderRequested,
};
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::party_offer::Service;
use meridian_proto::types::v1::Money;
use meridian_types::{PartyOrderId, SystemIds};

use crate::harness::{Office, fresh, instant, reason, refused};
use crate::requests::{close, items, open, party};

fn euros(minor: i64) -> Option<Money> {
    Some(Money { currency_code: "EUR".to_owned(), minor })
}

fn offer(item: &str, countries: &[&str]) -> pb::PartyOffer {
    pb::PartyOffer {
        service: Some(Service::ItemId(item.to_owned())),
        countries: countries.iter().map(|country| (*country).to_owned()).collect(),
        accept_within_minutes: 120,
        lead_working_days: 2,
        price: euros(62_000),
        late_probability: 0.1,
    }
}

fn with_offers(offers: Vec<pb::PartyOffer>) -> pb::PutDirectoryRequest {
    let parties = vec![pb::Party { offers, ..party("COOL-CO", "refrigeration") }];
    pb::PutDirectoryRequest { request_id: fresh(), parties, ..pb::PutDirectoryRequest::default() }
}

/// A pump of COOL-CO, to be accepted within an hour and there on Tuesday.
fn terms() -> pb::PartyOrderTerms {
    pb::PartyOrderTerms {
        party_id: "COOL-CO".to_owned(),
        lines: vec![pb::NeedLine { item_id: "PUMP".to_owned(), quantity: 2, unit: String::new() }],
        serial_number: String::new(),
        site_id: "BERLIN-LAB".to_owned(),
        accept_by: instant("2026-11-20T11:00:00Z"),
        expected_at: instant("2026-11-24T23:00:00Z"),
        price: euros(124_000),
    }
}

fn requested(case_id: &str) -> PartyOrderRequested {
    let order_id = PartyOrderId::fresh(&SystemIds).to_string();
    PartyOrderRequested { order_id, case_id: case_id.to_owned(), terms: Some(terms()) }
}

fn place(order_id: &str) -> PlacePartyOrderRequested {
    PlacePartyOrderRequested { order_id: order_id.to_owned(), case_id: String::new() }
}

fn cancel(asked: &PartyOrderRequested) -> CancelPartyOrderRequested {
    let PartyOrderRequested { order_id, case_id, terms } = asked.clone();
    CancelPartyOrderRequested { order_id, case_id, terms }
}

fn accept(order_id: &str) -> pb::AcceptPartyOrderRequest {
    pb::AcceptPartyOrderRequest {
        request_id: fresh(),
        order_id: order_id.to_owned(),
        accepted_by: "sales desk".to_owned(),
        expected_at: None,
    }
}

fn decline(order_id: &str) -> pb::DeclinePartyOrderRequest {
    pb::DeclinePartyOrderRequest {
        request_id: fresh(),
        order_id: order_id.to_owned(),
        declined_by: "sales desk".to_owned(),
        reason: "out of marzipan".to_owned(),
    }
}

fn reschedule(order_id: &str, at: &str) -> pb::ReschedulePartyOrderRequest {
    pb::ReschedulePartyOrderRequest {
        request_id: fresh(),
        order_id: order_id.to_owned(),
        told_by: "sales desk".to_owned(),
        expected_at: instant(at),
    }
}

fn deliver(order_id: &str) -> pb::DeliverPartyOrderRequest {
    pb::DeliverPartyOrderRequest {
        request_id: fresh(),
        order_id: order_id.to_owned(),
        confirmed_by: "service desk".to_owned(),
    }
}

async fn asked(office: &Office) -> PartyOrderRequested {
    let case = office.opened(open(items(&[("PUMP", 2)]))).await;
    let command = requested(&case.case_id);
    office.hears(&command).await.unwrap();
    command
}

async fn states(office: &Office) -> Vec<pb::PartyOrderState> {
    office.told::<pb::PartyOrderProgressed>().await.iter().map(pb::PartyOrderProgressed::state).collect()
}

async fn order(office: &Office, order_id: &str) -> pb::PartyOrder {
    let request = pb::GetPartyOrderRequest { order_id: order_id.to_owned() };
    office.call().get_party_order(request).await.unwrap().into_inner().order.unwrap()
}

#[tokio::test]
async fn what_a_party_offers_is_told_and_a_party_without_offers_is_one_as_before() {
    let office = Office::open("offers").await;
    let repair = pb::PartyOffer { service: Some(Service::Model("SPECTRA-9".to_owned())), ..offer("", &[]) };
    let offers = vec![offer("PUMP", &["DE"]), offer("PUMP", &["FI"]), repair];
    office.call().put_directory(with_offers(offers.clone())).await.unwrap();
    let told: Vec<pb::PartyDefined> = office.told().await;
    assert_eq!(told.last().unwrap().offers, offers);
    assert!(told[..3].iter().all(|party| party.offers.is_empty()), "those of the sample");
    office.call().put_directory(with_offers(Vec::new())).await.unwrap();
    assert!(office.told::<pb::PartyDefined>().await.last().unwrap().offers.is_empty());
}

#[tokio::test]
async fn every_mistake_in_an_offer_is_named() {
    let office = Office::open("badoffers").await;
    let wrong = pb::PartyOffer {
        countries: vec!["Germany".to_owned()],
        accept_within_minutes: 7201,
        lead_working_days: -1,
        price: euros(-1),
        late_probability: 1.0,
        ..offer("A B", &[])
    };
    let nothing = pb::PartyOffer { service: None, price: None, late_probability: f64::NAN, ..offer("", &[]) };
    let twice = vec![wrong, nothing, offer("PUMP", &["DE", "FI"]), offer("PUMP", &[])];
    let problem = refused(office.call().put_directory(with_offers(twice)).await).unwrap_err();
    let fields: Vec<_> = problem.violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "parties[0].offers[0].item_id",
            "parties[0].offers[0].countries[0]",
            "parties[0].offers[0].accept_within_minutes",
            "parties[0].offers[0].lead_working_days",
            "parties[0].offers[0].price.minor",
            "parties[0].offers[0].late_probability",
            "parties[0].offers[1].item_id",
            "parties[0].offers[1].price",
            "parties[0].offers[1].late_probability",
            "parties[0].offers[3].countries",
        ]
    );
    assert_eq!((problem.violations[2].value.as_str(), &*problem.violations[2].rule), ("7201", "1 to 7200"));
}

#[tokio::test]
async fn an_order_is_accepted_placed_rescheduled_and_delivered() {
    let office = Office::open("orderlife").await;
    let command = asked(&office).await;
    let id = command.order_id.as_str();
    let yes = pb::AcceptPartyOrderRequest { expected_at: instant("2026-11-25T12:00:00Z"), ..accept(id) };
    let accepted = office.call().accept_party_order(yes).await.unwrap().into_inner().order.unwrap();
    assert_eq!(
        (accepted.state(), accepted.told_by.as_str(), accepted.party_name.as_str(), accepted.terms),
        (pb::PartyOrderState::Accepted, "sales desk", "COOL-CO Inc", Some(terms()))
    );
    office.hears(&place(id)).await.unwrap();
    office.call().reschedule_party_order(reschedule(id, "2026-11-26T12:00:00Z")).await.unwrap();
    office.advance(300);
    let delivered = office.call().deliver_party_order(deliver(id)).await.unwrap().into_inner().order.unwrap();
    assert_eq!(delivered.expected_at, instant("2026-11-20T15:00:00Z"), "it is there");
    assert_eq!(order(&office, id).await, delivered);
    let told: Vec<pb::PartyOrderProgressed> = office.told().await;
    let said: Vec<_> = told.iter().map(|it| (it.state(), it.expected_at)).collect();
    let (planned, later, last) =
        (instant("2026-11-24T23:00:00Z"), instant("2026-11-25T12:00:00Z"), instant("2026-11-26T12:00:00Z"));
    assert_eq!(
        said,
        [
            (pb::PartyOrderState::Asked, planned),
            (pb::PartyOrderState::Accepted, later),
            (pb::PartyOrderState::Placed, later),
            (pb::PartyOrderState::Placed, last),
            (pb::PartyOrderState::Delivered, instant("2026-11-20T15:00:00Z")),
        ]
    );
}

#[tokio::test]
async fn an_order_that_is_asked_for_again_is_the_same_order_and_its_state_is_said_again() {
    let office = Office::open("askedagain").await;
    let command = asked(&office).await;
    office.call().accept_party_order(accept(&command.order_id)).await.unwrap();
    for _ in 0..2 {
        office.hears(&command).await.unwrap();
        office.hears(&place(&command.order_id)).await.unwrap();
    }
    use pb::PartyOrderState::{Accepted, Asked, Placed};
    assert_eq!(states(&office).await, [Asked, Accepted, Accepted, Placed, Placed, Placed]);
    assert_eq!(office.count("party_order").await, 1);
}

#[tokio::test]
async fn an_answer_that_is_sent_many_times_is_given_once() {
    let office = Office::open("answeredonce").await;
    let command = asked(&office).await;
    let yes = accept(&command.order_id);
    let calls = (0..5).map(|_| {
        let (mut client, yes) = (office.call(), yes.clone());
        async move { client.accept_party_order(yes).await.unwrap().into_inner() }
    });
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let other = pb::AcceptPartyOrderRequest { accepted_by: "night desk".to_owned(), ..yes };
    assert_eq!(reason(refused(office.call().accept_party_order(other).await)), "REQUEST_ID_REUSED");
    assert_eq!(states(&office).await.len(), 2);
}

#[tokio::test]
async fn an_order_that_was_called_off_before_it_was_seen_is_never_asked() {
    let office = Office::open("tombstone").await;
    let case = office.opened(open(items(&[("PUMP", 2)]))).await;
    let command = requested(&case.case_id);
    office.hears(&cancel(&command)).await.unwrap();
    office.hears(&command).await.unwrap();
    assert_eq!(states(&office).await, [pb::PartyOrderState::Cancelled; 2]);
    let refusal = refused(office.call().accept_party_order(accept(&command.order_id)).await);
    assert_eq!(reason(refusal), "ORDER_STATE_DIFFERS");
}

#[tokio::test]
async fn what_is_delivered_is_not_called_off_and_says_so() {
    let office = Office::open("toolate").await;
    let command = asked(&office).await;
    office.call().accept_party_order(accept(&command.order_id)).await.unwrap();
    office.hears(&place(&command.order_id)).await.unwrap();
    office.call().deliver_party_order(deliver(&command.order_id)).await.unwrap();
    office.hears(&cancel(&command)).await.unwrap();
    assert_eq!(states(&office).await.last(), Some(&pb::PartyOrderState::Delivered));
}

#[tokio::test]
async fn nobody_is_asked_about_a_case_that_is_not_open_or_asked_who_is_not_known() {
    let office = Office::open("unaskable").await;
    let case = office.opened(open(items(&[("PUMP", 2)]))).await;
    let stranger = pb::PartyOrderTerms { party_id: "NOBODY".to_owned(), ..terms() };
    office.hears(&PartyOrderRequested { terms: Some(stranger), ..requested(&case.case_id) }).await.unwrap();
    office.call().close_case(close(&case.case_id, pb::Resolution::Withdrawn)).await.unwrap();
    office.hears(&requested(&case.case_id)).await.unwrap();
    office.hears(&requested(&format!("case_{}", "0".repeat(32)))).await.unwrap();
    assert_eq!(states(&office).await, [pb::PartyOrderState::Declined; 3]);
}

#[tokio::test]
async fn an_answer_in_the_wrong_state_or_too_late_is_refused() {
    let office = Office::open("wrongstate").await;
    let command = asked(&office).await;
    let id = command.order_id.as_str();
    let early = refused(office.call().deliver_party_order(deliver(id)).await);
    assert_eq!(reason(early), "ORDER_STATE_DIFFERS");
    let early = refused(office.call().reschedule_party_order(reschedule(id, "2026-11-26T12:00:00Z")).await);
    assert_eq!(reason(early), "ORDER_STATE_DIFFERS");
    office.advance(60);
    let late = refused(office.call().accept_party_order(accept(id)).await);
    assert_eq!(reason(late), "ORDER_ANSWER_LATE");
    office.call().decline_party_order(decline(id)).await.unwrap();
    let twice = refused(office.call().decline_party_order(decline(id)).await);
    assert_eq!(reason(twice), "ORDER_STATE_DIFFERS");
    assert_eq!(order(&office, id).await.reason, "out of marzipan");
    let leaks: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE outbox::text LIKE '%marzipan%'")
        .fetch_one(office.pool())
        .await
        .unwrap();
    assert_eq!(leaks, 0, "why a party declines is free text");
}

#[tokio::test]
async fn bad_answers_and_bad_commands_are_refused_with_their_fields() {
    let office = Office::open("badanswers").await;
    let command = asked(&office).await;
    let bad = pb::AcceptPartyOrderRequest {
        order_id: "order_1".to_owned(),
        accepted_by: "Ada <ada@example.org>".to_owned(),
        ..accept("")
    };
    let problem = refused(office.call().accept_party_order(bad).await).unwrap_err();
    let fields: Vec<_> = problem.violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["order_id", "accepted_by"]);
    let yesterday = pb::AcceptPartyOrderRequest {
        expected_at: instant("2026-11-19T10:00:00Z"),
        ..accept(&command.order_id)
    };
    let problem = refused(office.call().accept_party_order(yesterday).await).unwrap_err();
    assert_eq!(problem.violations[0].field, "expected_at");
    let unknown = PartyOrderId::fresh(&SystemIds).to_string();
    assert_eq!(reason(refused(office.call().accept_party_order(accept(&unknown)).await)), "ORDER_NOT_FOUND");
    let get = pb::GetPartyOrderRequest { order_id: unknown };
    assert_eq!(reason(refused(office.call().get_party_order(get).await)), "ORDER_NOT_FOUND");
    let both = pb::PartyOrderTerms { serial_number: "SN-1".to_owned(), ..terms() };
    let nonsense = PartyOrderRequested { terms: Some(both), ..requested(&command.case_id) };
    let problem = office.hears(&nonsense).await.unwrap_err();
    assert_eq!(problem.violations[0].field, "terms.lines");
}

#[tokio::test]
async fn offices_list_the_orders_that_are_open_page_by_page() {
    let office = Office::open("orderlist").await;
    let mut asked_for = Vec::new();
    for _ in 0..4 {
        asked_for.push(asked(&office).await);
    }
    office.call().decline_party_order(decline(&asked_for[1].order_id)).await.unwrap();
    let mut request = pb::ListPartyOrdersRequest { page_size: 2, ..pb::ListPartyOrdersRequest::default() };
    let mut listed = Vec::new();
    loop {
        let page = office.call().list_party_orders(request.clone()).await.unwrap().into_inner();
        listed.extend(page.orders.into_iter().map(|order| order.order_id));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let open: Vec<_> = [0, 2, 3].iter().map(|index: &usize| asked_for[*index].order_id.clone()).collect();
    assert_eq!(listed, open);
    let of_case = pb::ListPartyOrdersRequest {
        case_id: asked_for[2].case_id.clone(),
        ..pb::ListPartyOrdersRequest::default()
    };
    let page = office.call().list_party_orders(of_case).await.unwrap().into_inner();
    assert_eq!(page.orders.len(), 1);
}
