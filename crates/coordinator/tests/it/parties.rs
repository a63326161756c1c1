//! Parties that sell or repair for us: asked in the holding phase, ordered of for good once all is held, called off when
//! another way is taken.

use jiff::SignedDuration;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, CustomerMilestone, PlanState, PromiseState, SolutionKind, TaskState,
};
use meridian_proto::intake::v1::party_offer::Service;
use meridian_proto::intake::v1::{self as intake, PartyOrderState};
use meridian_proto::inventory::v1::{self as inventory, Milestone};

use crate::company::CUSTOMER;
use crate::harness::{Region, World, answered, until};
use crate::requests::{eur, item, request_id};

fn pumps(price_minor: i64) -> intake::PartyOffer {
    intake::PartyOffer {
        service: Some(Service::ItemId("PUMP".to_owned())),
        countries: vec!["DE".to_owned()],
        accept_within_minutes: 120,
        lead_working_days: 2,
        price: eur(price_minor),
        late_probability: 0.1,
    }
}

/// Nothing is in stock; these parties sell or repair.
async fn company(hint: &str, parties: &[(&str, intake::PartyOffer)]) -> World {
    let world = World::with_network(hint).await;
    world.eu.put_item(item("PUMP")).await;
    let party = |(party_id, offer): &(&str, intake::PartyOffer)| intake::Party {
        party_id: (*party_id).to_owned(),
        name: format!("{party_id} Ltd"),
        categories: vec!["pumps".to_owned()],
        accept_within_minutes: 60,
        offers: vec![offer.clone()],
        ..intake::Party::default()
    };
    let request = intake::PutDirectoryRequest {
        request_id: request_id(),
        parties: parties.iter().map(party).collect(),
        ..intake::PutDirectoryRequest::default()
    };
    answered(world.eu.intake().put_directory(request)).await.unwrap();
    until("the parties to be known", async || {
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM party")
            .fetch_one(world.eu.journal.pool())
            .await
            .unwrap();
        (known == i64::try_from(parties.len()).unwrap()).then_some(())
    })
    .await;
    world
}

/// The open order with a party, once it is in this state.
async fn order(region: &Region, party_id: &str, state: PartyOrderState) -> intake::PartyOrder {
    until("the order", async || {
        let request = intake::ListPartyOrdersRequest::default();
        let listed = answered(region.intake().list_party_orders(request)).await.unwrap().orders;
        let is_it = |order: &intake::PartyOrder| {
            order.terms.as_ref().unwrap().party_id == party_id && order.state() == state
        };
        listed.into_iter().find(is_it)
    })
    .await
}

async fn order_state(region: &Region, order: &intake::PartyOrder) -> PartyOrderState {
    let request = intake::GetPartyOrderRequest { order_id: order.order_id.clone() };
    answered(region.intake().get_party_order(request)).await.unwrap().order.unwrap().state()
}

async fn accept(region: &Region, order: &intake::PartyOrder) {
    let request = intake::AcceptPartyOrderRequest {
        request_id: request_id(),
        order_id: order.order_id.clone(),
        accepted_by: "sales desk".to_owned(),
        expected_at: None,
    };
    answered(region.intake().accept_party_order(request)).await.unwrap();
}

async fn decline(region: &Region, order: &intake::PartyOrder) {
    let request = intake::DeclinePartyOrderRequest {
        request_id: request_id(),
        order_id: order.order_id.clone(),
        declined_by: "sales desk".to_owned(),
        reason: "sold out".to_owned(),
    };
    answered(region.intake().decline_party_order(request)).await.unwrap();
}

async fn deliver(region: &Region, order: &intake::PartyOrder) {
    let request = intake::DeliverPartyOrderRequest {
        request_id: request_id(),
        order_id: order.order_id.clone(),
        confirmed_by: "service desk".to_owned(),
    };
    answered(region.intake().deliver_party_order(request)).await.unwrap();
}

/// Commits the best way with a party; nobody waits on the line for its answer.
async fn committed(world: &World, case_id: &str) -> pb::Solution {
    let solution = world.eu.best(case_id, SolutionKind::ThirdParty).await;
    let answer = world.eu.commit(case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Pending, "{answer:#?}");
    solution
}

async fn milestones(region: &Region) -> Vec<CustomerMilestone> {
    region.told::<pb::MilestoneReached>().await.iter().map(pb::MilestoneReached::milestone).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_warehouse_has_is_bought_of_a_party_and_the_case_stays_ours_until_it_is_there() {
    let world = company("bought", &[("ACME", pumps(50_000))]).await;
    let case_id = world.eu.open_pump_case(2).await;
    let solution = committed(&world, &case_id).await;
    let terms = &solution.party_orders[0];
    assert_eq!((terms.party_id.as_str(), terms.site_id.as_str()), ("ACME", CUSTOMER));
    assert_eq!((terms.lines[0].quantity, terms.price.clone()), (2, eur(100_000)));
    assert_eq!(terms.expected_at, solution.arrival);
    let said = &solution.steps[0].text;
    assert!(said.starts_with("ACME Ltd brings 2 x PUMP to"), "{said}");

    let asked = order(&world.eu, "ACME", PartyOrderState::Asked).await;
    assert_eq!(asked.terms.as_ref(), Some(terms), "what was offered is what is ordered");
    assert_eq!(world.eu.plan(&case_id).await.state(), PlanState::Holding);
    accept(&world.eu, &asked).await;
    let placed = order(&world.eu, "ACME", PartyOrderState::Placed).await;
    let plan = world.eu.plan_when(&case_id, "the order", |plan| plan.state() == PlanState::Executing).await;
    assert_eq!(plan.responsibility.unwrap().owner, "ACME");
    assert_eq!(world.eu.case_state(&case_id).await, intake::CaseState::InProgress, "ours");

    // Promises are listed by the time at which they were made.
    world.advance(1);
    let later = world.now() + SignedDuration::from_hours(24 * 9);
    let moved = intake::ReschedulePartyOrderRequest {
        request_id: request_id(),
        order_id: placed.order_id.clone(),
        told_by: "sales desk".to_owned(),
        expected_at: Some(encode::timestamp(later)),
    };
    answered(world.eu.intake().reschedule_party_order(moved)).await.unwrap();
    until("the date to be corrected", async || {
        let promises = world.eu.promises(&case_id).await;
        (promises.len() == 2 && promises[0].state() == PromiseState::Corrected).then_some(())
    })
    .await;
    world.advance(24 * 60);
    deliver(&world.eu, &placed).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    let told = milestones(&world.eu).await;
    assert_eq!(told, [CustomerMilestone::PlanAgreed, CustomerMilestone::Arrived, CustomerMilestone::Done]);
    let timeline: Vec<String> = sqlx::query_scalar(
        "SELECT text FROM timeline WHERE event = 'party_order.progressed' ORDER BY position",
    )
    .fetch_all(world.eu.journal.pool())
    .await
    .unwrap();
    assert_eq!(timeline[1], "ACME Ltd takes the order (sales desk)");
    assert_eq!(timeline.last().unwrap(), "ACME Ltd has done what was ordered (service desk)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_that_declines_gives_the_way_to_another_and_a_plan_that_is_withdrawn_calls_its_order_off() {
    let world = company("declined", &[("ACME", pumps(50_000)), ("BOLT", pumps(70_000))]).await;
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(2).await;
    let found = world.eu.find(&case_id).await.unwrap();
    let is_shared = |solution: &&pb::Solution| {
        solution.stock_claims.len() == 1 && solution.party_orders.iter().any(|it| it.party_id == "ACME")
    };
    let shared = found.solutions.iter().find(is_shared).unwrap_or_else(|| panic!("{found:#?}"));
    world.eu.commit(&case_id, shared).await.unwrap();
    let asked = order(&world.eu, "ACME", PartyOrderState::Asked).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 0).await;
    let reserved = |plan: &pb::Plan| plan.tasks.iter().any(|task| task.state() == TaskState::Confirmed);
    assert!(!reserved(&world.eu.plan(&case_id).await), "held, and no more than that");

    decline(&world.eu, &asked).await;
    let second = order(&world.eu, "BOLT", PartyOrderState::Asked).await;
    accept(&world.eu, &second).await;
    let placed = order(&world.eu, "BOLT", PartyOrderState::Placed).await;
    let plan = world.eu.plan_when(&case_id, "the plan", |plan| plan.state() == PlanState::Executing).await;
    assert_eq!(plan.revision, 2);
    let plan_id = plan.plan_id;
    let request = pb::WithdrawPlanRequest { request_id: request_id(), plan_id, reason: String::new() };
    answered(world.eu.coordinator().withdraw_plan(request)).await.unwrap();
    until("the order to be called off", async || {
        (order_state(&world.eu, &placed).await == PartyOrderState::Cancelled).then_some(())
    })
    .await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    assert_eq!(order_state(&world.eu, &asked).await, PartyOrderState::Declined);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_that_stays_silent_loses_the_order_and_stock_is_held_as_long_as_it_may_think() {
    let slow = intake::PartyOffer { accept_within_minutes: 600, ..pumps(50_000) };
    let world = company("silent", &[("ACME", slow), ("BOLT", pumps(70_000))]).await;
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::LocalStock).await;
    assert!(solution.party_orders.is_empty());
    let solution = committed(&world, &case_id).await;
    assert_eq!(solution.party_orders[0].party_id, "ACME", "the cheaper one");
    let asked = order(&world.eu, "ACME", PartyOrderState::Asked).await;
    world.advance(599);
    assert_eq!(world.eu.plan(&case_id).await.revision, 1, "it has its time");
    world.advance(1);
    world.eu.plan_when(&case_id, "another way", |plan| plan.revision == 2).await;
    until("the order to be called off", async || {
        (order_state(&world.eu, &asked).await == PartyOrderState::Cancelled).then_some(())
    })
    .await;
    let plan = world.eu.plan(&case_id).await;
    assert!(plan.solution.unwrap().party_orders.iter().all(|order| order.party_id != "ACME"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_beside_an_order_is_held_for_as_long_as_the_party_may_think() {
    let slow = intake::PartyOffer { accept_within_minutes: 600, ..pumps(50_000) };
    let world = company("patient", &[("ACME", slow)]).await;
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(2).await;
    let found = world.eu.find(&case_id).await.unwrap();
    let shared = found.solutions.iter().find(|it| it.stock_claims.len() == 1 && it.party_orders.len() == 1);
    world.eu.commit(&case_id, shared.unwrap_or_else(|| panic!("{found:#?}"))).await.unwrap();
    let asked = order(&world.eu, "ACME", PartyOrderState::Asked).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 0).await;
    let held = world.eu.told::<pb::HoldStockRequested>().await;
    assert_eq!(held[0].expires_in_minutes, 840, "as long as the party may think, and then as long as ever");
    // Twice as long as a hold stands otherwise.
    world.advance(480);
    accept(&world.eu, &asked).await;
    let placed = order(&world.eu, "ACME", PartyOrderState::Placed).await;
    assert_eq!(world.eu.plan(&case_id).await.revision, 1);
    let parcel = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&parcel, milestone).await;
    }
    let is_there = |task: &pb::PlanTask| task.task_id == parcel.task_id && task.state() == TaskState::Done;
    world.eu.plan_when(&case_id, "the parcel", |plan| plan.tasks.iter().any(is_there)).await;
    assert!(!milestones(&world.eu).await.contains(&CustomerMilestone::Arrived), "half of it is not all");
    deliver(&world.eu, &placed).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert!(milestones(&world.eu).await.contains(&CustomerMilestone::Arrived));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_a_party_repairs_works_again() {
    let offer = intake::PartyOffer { service: Some(Service::Model("SPECTRO".to_owned())), ..pumps(90_000) };
    let world = company("partyrepair", &[("FIXIT", offer)]).await;
    let case_id = world.eu.open_repair_case().await;
    let solution = committed(&world, &case_id).await;
    let terms = &solution.party_orders[0];
    assert_eq!((terms.serial_number.as_str(), terms.lines.len()), ("SN-1", 0));
    assert_eq!(terms.price, eur(90_000));
    assert!(solution.steps[0].text.starts_with("FIXIT Ltd repairs instrument SN-1 at"));
    accept(&world.eu, &order(&world.eu, "FIXIT", PartyOrderState::Asked).await).await;
    let placed = order(&world.eu, "FIXIT", PartyOrderState::Placed).await;
    deliver(&world.eu, &placed).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    let told = milestones(&world.eu).await;
    assert_eq!(told, [CustomerMilestone::PlanAgreed, CustomerMilestone::Repaired, CustomerMilestone::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_have_to_leave_before_a_party_has_answered_is_not_offered_and_says_why() {
    let at_once = intake::PartyOffer { accept_within_minutes: 600, lead_working_days: 0, ..pumps(50_000) };
    let world = company("hurry", &[("ACME", at_once)]).await;
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(2).await;
    let found = world.eu.find(&case_id).await.unwrap();
    let bought = found.solutions.iter().filter(|it| !it.party_orders.is_empty());
    assert_eq!(bought.map(|it| it.stock_claims.len()).collect::<Vec<_>>(), [0], "all of it of the party");
    let refused = found.refused.iter().find(|it| it.reason == "ANSWER_TOO_LATE").expect("the split");
    assert_eq!((refused.kind(), refused.candidate.as_str()), (SolutionKind::ThirdParty, "party ACME"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_a_party_do_not_go_into_kits_and_that_is_said() {
    let motors = intake::PartyOffer { service: Some(Service::ItemId("MOTOR".to_owned())), ..pumps(20_000) };
    let world = company("kitparts", &[("ACME", motors)]).await;
    world.eu.stock("DE-FRA", "HEAD", 1).await;
    world.eu.put_item(item("MOTOR")).await;
    let part = |item_id: &str| inventory::KitLine { item_id: item_id.to_owned(), quantity: 1 };
    let pump = inventory::Item { kit_lines: vec![part("HEAD"), part("MOTOR")], ..item("PUMP") };
    world.eu.put_item(pump).await;
    let case_id = world.eu.open_pump_case(1).await;
    let refused = until("the kit", async || {
        let found = world.eu.find(&case_id).await.unwrap();
        assert!(found.solutions.iter().all(|it| it.party_orders.is_empty()), "{found:#?}");
        found.refused.into_iter().find(|it| it.reason == "PARTS_OF_KIT")
    })
    .await;
    assert_eq!(refused.witness, "ACME would bring parts of a kit, which only our warehouses do");
}
