//! Units that are still to come, kits that are put together, instruments that are replaced: offered, committed, carried
//! out.

use jiff::SignedDuration;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, CustomerMilestone, PlanState, PromiseState, SolutionKind, TaskState,
};
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1::{self as inventory, Milestone};
use meridian_proto::types::v1::Money;

use crate::company::CUSTOMER;
use crate::harness::{World, answered, until};
use crate::requests::{item, items_need, lane, request_id};

/// Expects pumps at a warehouse of eu so many hours from now, and waits until they are known of.
async fn expect(world: &World, receipt_id: &str, quantity: i64, hours: i64) {
    let request = inventory::ExpectReceiptRequest {
        request_id: request_id(),
        receipt_id: receipt_id.to_owned(),
        item_id: "PUMP".to_owned(),
        warehouse_site_id: "DE-FRA".to_owned(),
        quantity,
        expected_at: Some(encode::timestamp(world.now() + SignedDuration::from_hours(hours))),
        late_probability: 0.1,
    };
    answered(world.eu.inventory().expect_receipt(request)).await.unwrap();
    until("the receipt to be known", async || {
        let request = inventory::FindStockRequest {
            item_ids: vec!["PUMP".to_owned()],
            include_empty: true,
            ..inventory::FindStockRequest::default()
        };
        let found = answered(world.eu.inventory().find_stock(request)).await.unwrap();
        found.receipts.iter().any(|receipt| receipt.receipt_id == receipt_id).then_some(())
    })
    .await;
}

async fn committed(world: &World, case_id: &str, kind: SolutionKind) -> pb::Solution {
    let solution = world.eu.best(case_id, kind).await;
    let answer = world.eu.commit(case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    solution
}

/// Waits until the shipment to a site is ordered.
async fn ordered_to(world: &World, case_id: &str, to_site: &str) -> pb::PlanTask {
    until("the shipment to be ordered", async || {
        let plan = world.eu.plan(case_id).await;
        let is_it = |task: &&pb::PlanTask| {
            task.task_id.starts_with("trf_") && task.text.contains(&format!(" to {to_site}"))
        };
        plan.tasks.into_iter().filter(|task| task.state() == TaskState::Confirmed).find(|task| is_it(&task))
    })
    .await
}

async fn delivered(world: &World, task: &pb::PlanTask) {
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(task, milestone).await;
    }
}

async fn assert_units_are_conserved(world: &World) {
    let audit = inventory::AuditStockRequest::default();
    let audit = answered(world.eu.inventory().audit_stock(audit)).await.unwrap();
    assert_eq!((audit.mismatches, audit.receipt_mismatches), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_warehouse_expects_is_promised_once_and_leaves_when_it_has_come() {
    let world = World::with_network("supply").await;
    world.eu.stock("DE-FRA", "PUMP", 0).await;
    expect(&world, "PO-1", 1, 30).await;
    let (first, second) = (world.eu.open_pump_case(1).await, world.eu.open_pump_case(1).await);
    let solution = committed(&world, &first, SolutionKind::WaitForSupply).await;
    let line = solution.stock_claims[0].line.as_ref().unwrap();
    assert_eq!((line.receipt_id.as_str(), line.quantity), ("PO-1", 1));
    until("the units to be gone", async || {
        world.eu.find(&second).await.unwrap().solutions.is_empty().then_some(())
    })
    .await;

    let transfer = ordered_to(&world, &first, CUSTOMER).await;
    let early = inventory::RecordMilestoneRequest {
        request_id: request_id(),
        transfer_id: transfer.task_id.clone(),
        milestone: Milestone::Picked.into(),
        ..inventory::RecordMilestoneRequest::default()
    };
    answered(world.eu.inventory().record_milestone(early)).await.expect_err("it has not come");
    world.advance(30 * 60);
    let come = inventory::RecordReceiptRequest {
        request_id: request_id(),
        receipt_id: "PO-1".to_owned(),
        quantity: 1,
    };
    answered(world.eu.inventory().record_receipt(come)).await.unwrap();
    delivered(&world, &transfer).await;
    world.eu.plan_when(&first, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert_eq!(world.eu.promises(&first).await.last().unwrap().state(), PromiseState::Kept);
    assert_units_are_conserved(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supply_that_comes_later_corrects_the_date_and_one_that_does_not_come_is_replaced() {
    let world = World::with_network("late-supply").await;
    world.eu.stock("DE-FRA", "PUMP", 0).await;
    expect(&world, "PO-1", 1, 30).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = committed(&world, &case_id, SolutionKind::WaitForSupply).await;
    let told = world.eu.promises(&case_id).await[0].promised_at.unwrap();
    let agreed = world.eu.told::<pb::MilestoneReached>().await.remove(0);
    assert_eq!((agreed.milestone(), agreed.likely_by), (CustomerMilestone::PlanAgreed, solution.likely_by));
    assert!(solution.likely_by.is_some());

    expect(&world, "PO-1", 1, 80).await;
    let corrected = until("the correction", async || {
        let open = world.eu.promises(&case_id).await.into_iter();
        let open = open.filter(|promise| promise.state() == PromiseState::Open);
        open.filter_map(|promise| promise.promised_at).find(|at| at.seconds > told.seconds)
    })
    .await;
    assert!(corrected.seconds >= told.seconds + 40 * 3600, "{corrected:?}");
    let changed = world.eu.told::<pb::PromiseChanged>().await.remove(0);
    assert_eq!(changed.reason(), pb::DisruptionReason::SupplyLate);
    let plan = world.eu.plan(&case_id).await;
    assert_eq!(changed.likely_by, plan.solution.unwrap().likely_by, "that of the new way");

    world.stock_in_chicago("PUMP", 1).await;
    let cancel = inventory::CancelReceiptRequest { request_id: request_id(), receipt_id: "PO-1".to_owned() };
    answered(world.eu.inventory().cancel_receipt(cancel)).await.unwrap();
    let another = |plan: &pb::Plan| plan.revision > 1 && plan.state() == PlanState::Executing;
    let plan = world.eu.plan_when(&case_id, "another way", another).await;
    assert_eq!(plan.solution.unwrap().kind(), SolutionKind::Transfer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supply_that_was_put_off_since_it_was_offered_is_promised_for_its_new_date() {
    let world = World::with_network("put-off").await;
    world.eu.stock("DE-FRA", "PUMP", 0).await;
    expect(&world, "PO-1", 1, 30).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::WaitForSupply).await;
    expect(&world, "PO-1", 1, 80).await;
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let promises = world.eu.promises(&case_id).await;
    let comes = (world.now() + SignedDuration::from_hours(80)).as_second();
    assert!(promises[0].promised_at.unwrap().seconds > comes, "{promises:#?}");
}

/// A pump that is put together from two parts.
fn pump_of(parts: [&str; 2]) -> inventory::Item {
    let part = |item_id: &str| inventory::KitLine { item_id: item_id.to_owned(), quantity: 1 };
    inventory::Item {
        kit_lines: parts.map(part).to_vec(),
        assembly_minutes: 60,
        assembly_cost: Some(Money { currency_code: "EUR".to_owned(), minor: 1_500 }),
        ..item("PUMP")
    }
}

/// A pump that can be put together from a head and a motor.
async fn kit_company(hint: &str) -> World {
    let world = World::with_network(hint).await;
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        lanes: vec![lane("FI-HEL", "DE-FRA", 300, 1_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    world.eu.stock("DE-FRA", "HEAD", 2).await;
    world.eu.stock("FI-HEL", "MOTOR", 3).await;
    world.eu.put_item(pump_of(["HEAD", "MOTOR"])).await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_came_for_a_kit_is_on_the_shelf_again_when_the_kit_is_called_off() {
    let world = kit_company("kit-off").await;
    let case_id = kit_from_frankfurt(&world).await;
    let motor = ordered_to(&world, &case_id, "DE-FRA").await;
    delivered(&world, &motor).await;
    ordered_to(&world, &case_id, CUSTOMER).await;
    assert_eq!(world.eu.available("MOTOR").await, [("FI-HEL".to_owned(), 2)]);
    let withdraw = pb::WithdrawPlanRequest {
        request_id: request_id(),
        plan_id: world.eu.plan(&case_id).await.plan_id,
        reason: "the customer has found one".to_owned(),
    };
    answered(world.eu.coordinator().withdraw_plan(withdraw)).await.unwrap();
    world.eu.knows_stock("DE-FRA", "MOTOR", 1).await;
    world.eu.knows_stock("DE-FRA", "HEAD", 2).await;
    let given_back = |plan: &pb::Plan| {
        plan.tasks.iter().all(|task| task.state() == TaskState::Undone || task.task_id.starts_with("hold_"))
    };
    world.eu.plan_when(&case_id, "the answer", given_back).await;
    assert_units_are_conserved(&world).await;
}

/// Commits a kit that is put together in Frankfurt, of a motor from elsewhere.
async fn kit_from_frankfurt(world: &World) -> String {
    let case_id = world.eu.open_pump_case(1).await;
    let mut kits = world.eu.find(&case_id).await.unwrap().solutions;
    kits.retain(|solution| {
        solution.kind() == SolutionKind::Kit
            && solution.stock_claims.iter().any(|claim| claim.to_site_id == "DE-FRA")
    });
    let solution = kits.first().expect("a kit from Frankfurt");
    let answer = world.eu.commit(&case_id, solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    case_id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kit_is_put_together_from_parts_of_two_warehouses_and_sent() {
    let world = kit_company("kit").await;
    let case_id = kit_from_frankfurt(&world).await;
    let motor = ordered_to(&world, &case_id, "DE-FRA").await;
    let pending = |plan: &pb::Plan| plan.tasks.iter().any(|task| task.state() == TaskState::Pending);
    assert!(pending(&world.eu.plan(&case_id).await), "the kit waits for the motor");
    delivered(&world, &motor).await;
    let kit = ordered_to(&world, &case_id, CUSTOMER).await;
    let request = inventory::ListTransfersRequest {
        case_id: case_id.clone(),
        ..inventory::ListTransfersRequest::default()
    };
    let transfers = answered(world.eu.inventory().list_transfers(request)).await.unwrap().transfers;
    let order = transfers.iter().find(|transfer| transfer.transfer_id == kit.task_id).unwrap();
    let parts: Vec<&str> = order.kits[0].parts.iter().map(|part| part.item_id.as_str()).collect();
    assert_eq!((order.kits[0].item_id.as_str(), parts), ("PUMP", vec!["HEAD", "MOTOR"]));
    delivered(&world, &kit).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;

    let told = world.eu.told::<pb::MilestoneReached>().await;
    let arrived = told.iter().filter(|told| told.milestone() == CustomerMilestone::Arrived).count();
    assert_eq!(arrived, 1, "the customer hears of the pump, not of the motor");
    world.eu.knows_stock("DE-FRA", "HEAD", 1).await;
    world.eu.knows_stock("FI-HEL", "MOTOR", 2).await;
    assert_units_are_conserved(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_nobody_repairs_is_replaced_and_the_plan_ends_when_the_old_one_is_back() {
    let world = World::with_network("exchange").await;
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        lanes: vec![lane(CUSTOMER, "DE-FRA", 180, 2_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    world
        .eu
        .put_item(inventory::Item {
            model: "SPECTRO".to_owned(),
            exchange_return_site_id: "DE-FRA".to_owned(),
            exchange_return_days: 3,
            exchange_cost: Some(Money { currency_code: "EUR".to_owned(), minor: 90_000 }),
            ..item("SPECTRO-UNIT")
        })
        .await;
    world.eu.stock("DE-FRA", "SPECTRO-UNIT", 1).await;
    let case_id = world.eu.open_repair_case().await;
    let solution = committed(&world, &case_id, SolutionKind::AdvanceExchange).await;
    assert!(solution.instrument_moves[0].after_arrival);

    let unit = ordered_to(&world, &case_id, CUSTOMER).await;
    delivered(&world, &unit).await;
    let back = ordered_to(&world, &case_id, "DE-FRA").await;
    assert_eq!(world.eu.plan(&case_id).await.state(), PlanState::Executing);
    assert_eq!(world.eu.promises(&case_id).await.last().unwrap().state(), PromiseState::Kept);
    let told = world.eu.told::<pb::MilestoneReached>().await;
    let exchanged = told.iter().find(|told| told.milestone() == CustomerMilestone::ExchangeArrived).unwrap();
    let hand_over = exchanged.hand_over_by.unwrap().seconds;
    assert!(hand_over >= solution.arrival.unwrap().seconds + 2 * 86_400, "{exchanged:#?}");
    world.advance_to(hand_over);
    delivered(&world, &back).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert_units_are_conserved(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_for_is_what_needs_no_consent_whatever_goes_into_it() {
    let world = kit_company("consent").await;
    let found = world.eu.find(&world.eu.open_case(items_need("PUMP", 1, CUSTOMER)).await).await.unwrap();
    assert!(found.solutions.iter().all(|solution| !solution.approval_required), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_said_which_part_of_a_kit_a_substitute_stands_in_for() {
    let world = kit_company("other-part").await;
    let substitutes = vec![inventory::Substitute { item_id: "MOTOR".to_owned(), approval_required: false }];
    world.eu.put_item(inventory::Item { substitutes, ..item("ENGINE") }).await;
    world.eu.put_item(pump_of(["HEAD", "ENGINE"])).await;
    // What may stand in is known of what is asked for.
    let mut need = items_need("PUMP", 1, CUSTOMER);
    let Some(intake::need::Kind::Items(items)) = &mut need.kind else { unreachable!() };
    items.lines.push(intake::NeedLine { item_id: "ENGINE".to_owned(), ..items.lines[0].clone() });
    let case_id = world.eu.open_case(need).await;
    let solution = world.eu.best(&case_id, SolutionKind::Kit).await;
    let told = |to: &str, item_id: &str| {
        let is_it = |claim: &&pb::StockClaim| {
            claim.to_site_id == to && claim.line.as_ref().is_some_and(|line| line.item_id == item_id)
        };
        let found = solution.stock_claims.iter().find(is_it);
        found.unwrap_or_else(|| panic!("{solution:#?}")).stands_in_for.clone()
    };
    assert_eq!(told("DE-FRA", "MOTOR"), "ENGINE", "for the kit");
    assert_eq!(told(CUSTOMER, "MOTOR"), "ENGINE", "for the customer");
    assert_eq!(told(CUSTOMER, "HEAD"), "");
}
