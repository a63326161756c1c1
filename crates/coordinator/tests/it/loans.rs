//! Instruments that are lent.

use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, CustomerMilestone, PlanState, SiteKind, SolutionKind,
};
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::inventory::v1::{self as inventory, Milestone, Pool};
use meridian_types::ProblemKind;

use crate::company::CUSTOMER;
use crate::harness::{Region, World, answered, until};
use crate::repairs::{booked, company};
use crate::requests::{item, lane, opening, request_id, site};

/// Units of the instrument to lend at DE-FRA, from where it takes three hours to fetch one back.
async fn units_to_lend(world: &World, units: i64) {
    units_to_lend_at(world, &world.eu, "DE-FRA", units).await;
}

/// Units of the instrument to lend at a warehouse of a region, whereto it takes three hours to fetch one back.
async fn units_to_lend_at(world: &World, owner: &Region, warehouse: &str, units: i64) {
    // The customer takes an hour to hand it to the carrier when it goes back.
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![pb::Site {
            handling_minutes: 60,
            ..site(CUSTOMER, SiteKind::Customer, "DE", "Europe/Berlin")
        }],
        lanes: vec![lane(CUSTOMER, warehouse, 180, 2_000)],
        customs_rules: vec![pb::CustomsRule {
            customs_rule_id: "INTO-US".to_owned(),
            into_territory: "US".to_owned(),
            clearance_minutes: 240,
            ..pb::CustomsRule::default()
        }],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    let unit = inventory::Item { model: "SPECTRO".to_owned(), loan_days: 14, ..item("SPECTRO-UNIT") };
    owner.put_item(unit).await;
    let stock = inventory::PutCatalogueRequest {
        request_id: request_id(),
        warehouses: vec![inventory::Warehouse { site_id: warehouse.to_owned(), region: String::new() }],
        opening_stock: vec![inventory::OpeningStock {
            pool: Pool::Loan.into(),
            ..opening(warehouse, "SPECTRO-UNIT", units)
        }],
        ..inventory::PutCatalogueRequest::default()
    };
    answered(owner.inventory().put_catalogue(stock)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaner_is_sent_and_stays_on_loan_until_it_is_back() {
    let world = World::with_network("loan").await;
    units_to_lend(&world, 1).await;
    let case_id = world.eu.open_repair_case().await;
    let solution = world.eu.best(&case_id, SolutionKind::Loaner).await;
    assert_eq!(solution.stock_claims.len(), 1, "{solution:#?}");
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let shipment = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&shipment, milestone).await;
    }
    let lent = |plan: &pb::Plan| {
        let responsibility = plan.responsibility.clone().unwrap_or_default();
        plan.state() == PlanState::Executing && responsibility.next_action.contains("get the loaner back")
    };
    world.eu.plan_when(&case_id, "the loan", lent).await;
    let told = world.eu.told::<pb::MilestoneReached>().await;
    assert!(told.iter().any(|told| told.milestone() == CustomerMilestone::LoanerArrived), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaner_of_a_withdrawn_plan_is_seen_to_by_the_next_one_and_no_other_is_lent_beside_it() {
    let (world, case_id) = company("loan-left").await;
    units_to_lend(&world, 2).await;
    let another = world.eu.best(&case_id, SolutionKind::Loaner).await;
    let loaner = world.eu.best(&case_id, SolutionKind::Loaner).await;
    assert_eq!(world.eu.commit(&case_id, &loaner).await.unwrap().outcome(), CommitOutcome::Committed);
    let loaner = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped] {
        world.happens(&loaner, milestone).await;
    }
    let is_lent = |state| {
        let task_id = loaner.task_id.clone();
        move |plan: &pb::Plan| plan.tasks.iter().any(|it| it.task_id == task_id && it.state() == state)
    };
    let first = world.eu.plan_when(&case_id, "the loan", is_lent(pb::TaskState::UnderWay)).await;
    let withdraw = pb::WithdrawPlanRequest {
        request_id: request_id(),
        plan_id: first.plan_id.clone(),
        reason: "an engineer is free".to_owned(),
    };
    answered(world.eu.coordinator().withdraw_plan(withdraw)).await.unwrap();

    assert_eq!(world.eu.commit(&case_id, &another).await.unwrap_err().reason, "LOANER_OUT");
    let found = world.eu.find(&case_id).await.unwrap();
    assert!(found.solutions.iter().all(|it| it.kind() != SolutionKind::Loaner), "{found:#?}");
    assert!(found.refused.iter().any(|it| it.reason == "LOANER_OUT"), "{found:#?}");
    let visit = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!(world.eu.commit(&case_id, &visit).await.unwrap().outcome(), CommitOutcome::Committed);
    world.happens(&loaner, Milestone::Received).await;
    let second = world.eu.plan_when(&case_id, "the arrival", is_lent(pb::TaskState::Done)).await;
    assert_ne!(second.plan_id, first.plan_id);

    let (visit_id, claim) = booked(&world, &case_id, 1).await;
    let part = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&part, milestone).await;
    }
    world.advance_to(claim.during.unwrap().start.unwrap().seconds);
    let start = dispatch::StartVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
    answered(world.eu.dispatch().start_visit(start)).await.unwrap();
    let finish = dispatch::FinishVisitRequest { request_id: request_id(), visit_id, unsolved: false };
    answered(world.eu.dispatch().finish_visit(finish)).await.unwrap();
    let returns = |plan: &pb::Plan| {
        plan.responsibility.as_ref().is_some_and(|it| it.next_action.contains("that is not needed any more"))
    };
    world.eu.plan_when(&case_id, "the return", returns).await;
}

/// Commits the best loaner, waits until so much of it has happened, and returns its plan and shipment.
async fn lent(world: &World, case_id: &str, milestones: &[Milestone]) -> (pb::Plan, pb::PlanTask) {
    let loaner = world.eu.best(case_id, SolutionKind::Loaner).await;
    assert_eq!(world.eu.commit(case_id, &loaner).await.unwrap().outcome(), CommitOutcome::Committed);
    let loaner = world.ordered(case_id).await;
    for milestone in milestones {
        world.happens(&loaner, *milestone).await;
    }
    let has_left =
        |task: &pb::PlanTask| task.task_id.starts_with("hold_") && task.state() == pb::TaskState::Done;
    let is_lent = |task: &pb::PlanTask| {
        let state = milestones.get(1).map_or(pb::TaskState::Confirmed, |_| pb::TaskState::UnderWay);
        task.task_id == loaner.task_id && task.state() == state
    };
    let wanted = |plan: &pb::Plan| plan.tasks.iter().any(has_left) && plan.tasks.iter().any(is_lent);
    (world.eu.plan_when(case_id, "the loan", wanted).await, loaner)
}

async fn call_off(world: &World, plan: &pb::Plan) {
    let plan_id = plan.plan_id.clone();
    let request = pb::WithdrawPlanRequest { request_id: request_id(), plan_id, reason: String::new() };
    answered(world.eu.coordinator().withdraw_plan(request)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_the_office_has_a_loaner_back_another_one_is_offered_and_lent() {
    let world = World::with_network("loan-back").await;
    units_to_lend(&world, 1).await;
    let case_id = world.eu.open_repair_case().await;
    let back = pb::ConfirmReturnRequest {
        request_id: request_id(),
        case_id: case_id.clone(),
        note: "the courier brought it".to_owned(),
    };
    let refused = answered(world.eu.coordinator().confirm_return(back.clone())).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "NOTHING_OUT"));
    let nobodys = format!("case_{}", "0".repeat(32));
    let of_nobody = pb::ConfirmReturnRequest { request_id: request_id(), case_id: nobodys, ..back.clone() };
    let refused = answered(world.eu.coordinator().confirm_return(of_nobody)).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::NotFound, "CASE_NOT_FOUND"));

    let (plan, first) = lent(&world, &case_id, &[Milestone::Picked, Milestone::Shipped]).await;
    call_off(&world, &plan).await;
    world.happens(&first, Milestone::Received).await;
    let returned = inventory::AdjustStockRequest {
        request_id: request_id(),
        item_id: "SPECTRO-UNIT".to_owned(),
        warehouse_site_id: "DE-FRA".to_owned(),
        pool: Pool::Loan.into(),
        delta: 1,
        reason: inventory::AdjustReason::LoanReturn.into(),
        unit: String::new(),
    };
    answered(world.eu.inventory().adjust_stock(returned)).await.unwrap();
    let found = world.eu.find(&case_id).await.unwrap();
    let refused = found.refused.iter().find(|it| it.reason == "LOANER_OUT").unwrap();
    assert!(refused.witness.contains("ConfirmReturn"), "{refused:#?}");

    let back = pb::ConfirmReturnRequest { request_id: request_id(), ..back };
    let confirmed = answered(world.eu.coordinator().confirm_return(back.clone())).await.unwrap();
    let again = answered(world.eu.coordinator().confirm_return(back.clone())).await.unwrap();
    assert_eq!(again, confirmed, "the same request has the same answer");
    let tasks = confirmed.plan.unwrap().tasks;
    assert!(tasks.iter().any(|it| it.task_id == first.task_id && it.state() == pb::TaskState::Undone));
    let other = pb::ConfirmReturnRequest { note: "another courier".to_owned(), ..back.clone() };
    let refused = answered(world.eu.coordinator().confirm_return(other)).await.unwrap_err();
    assert_eq!(refused.reason, "REQUEST_ID_REUSED");
    let once_more = pb::ConfirmReturnRequest { request_id: request_id(), ..back };
    let refused = answered(world.eu.coordinator().confirm_return(once_more)).await.unwrap_err();
    assert_eq!(refused.reason, "NOTHING_OUT");
    let said: Vec<String> =
        sqlx::query_scalar("SELECT text FROM timeline WHERE event = 'plan.return_confirmed'")
            .fetch_all(world.eu.journal.pool())
            .await
            .unwrap();
    assert_eq!(said, ["The office has back what was out: the courier brought it"]);

    let second = world.eu.best(&case_id, SolutionKind::Loaner).await;
    assert_eq!(world.eu.commit(&case_id, &second).await.unwrap().outcome(), CommitOutcome::Committed);
    assert_ne!(world.ordered(&case_id).await.task_id, first.task_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaner_whose_shipment_may_still_leave_is_out_and_the_next_plan_alone_watches_it() {
    let (mut world, case_id) = company("loan-undoing").await;
    units_to_lend_at(&world, &world.us, "US-CHI", 2).await;
    let another = until("eu to know of the units", async || {
        let found = world.eu.find(&case_id).await.unwrap().solutions;
        found.into_iter().find(|it| it.kind() == SolutionKind::Loaner)
    })
    .await;
    let (first, loaner) = lent(&world, &case_id, &[Milestone::Picked]).await;
    world.us.stop().await;
    call_off(&world, &first).await;
    let refused = world.eu.commit(&case_id, &another).await.unwrap_err();
    assert_eq!(refused.reason, "LOANER_OUT");
    assert!(refused.message.ends_with("Wait for the answer of region us"), "{refused:#?}");

    let timers = async |plan: &pb::Plan| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM timer WHERE kind = 'plan' AND key = $1")
            .bind(&plan.plan_id)
            .fetch_one(world.eu.journal.pool())
            .await
            .unwrap()
    };
    assert_eq!(timers(&first).await, 1, "it waits for the answer");
    let visit = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!(world.eu.commit(&case_id, &visit).await.unwrap().outcome(), CommitOutcome::Committed);
    assert_eq!(timers(&first).await, 0);
    world.us.start().await;
    let is_given_back =
        |task: &pb::PlanTask| task.task_id == loaner.task_id && task.state() == pb::TaskState::Undone;
    let second =
        world.eu.plan_when(&case_id, "the answer", |plan| plan.tasks.iter().any(is_given_back)).await;
    assert_ne!(second.plan_id, first.plan_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaner_is_handed_over_by_whichever_plan_of_the_case_sees_to_it() {
    let (world, case_id) = company("loan-handed").await;
    units_to_lend(&world, 2).await;
    let (first, loaner) = lent(&world, &case_id, &[Milestone::Picked, Milestone::Shipped]).await;
    call_off(&world, &first).await;
    // The clock is set back: the plan that comes after seems to be the older one.
    world.advance(-60);
    let visit = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    world.eu.commit(&case_id, &visit).await.unwrap();
    let sees_to_it = |plan: &pb::Plan| plan.tasks.iter().any(|task| task.task_id == loaner.task_id);
    let second = world.eu.plan_when(&case_id, "the hand-over", sees_to_it).await;
    call_off(&world, &second).await;
    assert_eq!(world.eu.plan(&case_id).await.plan_id, first.plan_id);

    let visit = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    world.eu.commit(&case_id, &visit).await.unwrap();
    let third = world.eu.plan_when(&case_id, "the hand-over", sees_to_it).await;
    assert!(![first.plan_id, second.plan_id].contains(&third.plan_id));
}
