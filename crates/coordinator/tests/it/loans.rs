//! Instruments that are lent.

use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, CustomerMilestone, PlanState, SiteKind, SolutionKind,
};
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::inventory::v1::{self as inventory, Milestone, Pool};
use meridian_types::ProblemKind;

use crate::company::CUSTOMER;
use crate::harness::{World, answered};
use crate::repairs::{booked, company};
use crate::requests::{item, lane, opening, request_id, site};

/// Units of the instrument to lend at DE-FRA, from where it takes three hours to fetch one back.
async fn units_to_lend(world: &World, units: i64) {
    // The customer takes an hour to hand it to the carrier when it goes back.
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![pb::Site {
            handling_minutes: 60,
            ..site(CUSTOMER, SiteKind::Customer, "DE", "Europe/Berlin")
        }],
        lanes: vec![lane(CUSTOMER, "DE-FRA", 180, 2_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    let unit = inventory::Item { model: "SPECTRO".to_owned(), loan_days: 14, ..item("SPECTRO-UNIT") };
    world.eu.put_item(unit).await;
    let stock = inventory::PutCatalogueRequest {
        request_id: request_id(),
        warehouses: vec![inventory::Warehouse { site_id: "DE-FRA".to_owned(), region: String::new() }],
        opening_stock: vec![inventory::OpeningStock {
            pool: Pool::Loan.into(),
            ..opening("DE-FRA", "SPECTRO-UNIT", units)
        }],
        ..inventory::PutCatalogueRequest::default()
    };
    answered(world.eu.inventory().put_catalogue(stock)).await.unwrap();
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

/// Commits the best loaner, has it shipped, and calls the plan off.
async fn lent_and_called_off(world: &World, case_id: &str) -> pb::PlanTask {
    let loaner = world.eu.best(case_id, SolutionKind::Loaner).await;
    assert_eq!(world.eu.commit(case_id, &loaner).await.unwrap().outcome(), CommitOutcome::Committed);
    let loaner = world.ordered(case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped] {
        world.happens(&loaner, milestone).await;
    }
    let is_lent =
        |task: &pb::PlanTask| task.task_id == loaner.task_id && task.state() == pb::TaskState::UnderWay;
    let plan = world.eu.plan_when(case_id, "the loan", |plan| plan.tasks.iter().any(is_lent)).await;
    let withdraw =
        pb::WithdrawPlanRequest { request_id: request_id(), plan_id: plan.plan_id, reason: String::new() };
    answered(world.eu.coordinator().withdraw_plan(withdraw)).await.unwrap();
    loaner
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

    let first = lent_and_called_off(&world, &case_id).await;
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
