//! Lists, page by page.

use meridian_proto::coordinator::v1::{self as pb, PlanState, SolutionKind};
use meridian_types::ProblemKind;

use crate::harness::{World, answered};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_complete_in_order_and_without_repetition_over_all_pages() {
    let world = World::with_network("lists").await;
    world.stock_in_chicago("PUMP", 10).await;
    let mut plans = Vec::new();
    for _ in 0..3 {
        let case_id = world.eu.open_pump_case(1).await;
        let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
        plans.push(world.eu.commit(&case_id, &solution).await.unwrap().plan.unwrap().plan_id);
        world.advance(1);
    }
    plans.reverse();

    let mut listed = Vec::new();
    let mut request = pb::ListPlansRequest { page_size: 2, ..pb::ListPlansRequest::default() };
    loop {
        let page = answered(world.eu.coordinator().list_plans(request.clone())).await.unwrap();
        assert!(page.plans.len() <= 2);
        listed.extend(page.plans.into_iter().map(|plan| plan.plan_id));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, plans, "newest first");

    let mut promised = 0;
    let mut request = pb::ListPromisesRequest { page_size: 1, ..pb::ListPromisesRequest::default() };
    loop {
        let page = answered(world.eu.coordinator().list_promises(request.clone())).await.unwrap();
        promised += page.promises.len();
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(promised, 3);

    let none = pb::ListPlansRequest { state: PlanState::Parked.into(), ..pb::ListPlansRequest::default() };
    assert!(answered(world.eu.coordinator().list_plans(none)).await.unwrap().plans.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_makes_no_sense_is_refused_by_field() {
    let world = World::start("badlists").await;
    let request = pb::ListPlansRequest { state: 99, page_size: 201, page_token: "x".to_owned() };
    let refused = answered(world.eu.coordinator().list_plans(request)).await.unwrap_err();
    let fields: Vec<_> = refused.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((refused.kind, fields), (ProblemKind::Invalid, vec!["state", "page_size", "page_token"]));
    let request = pb::GetPlanRequest { plan_id: "plan_x".to_owned(), case_id: "case_x".to_owned() };
    let refused = answered(world.eu.coordinator().get_plan(request)).await.unwrap_err();
    assert_eq!(refused.violations[0].field, "case_id");
    let unknown = pb::GetPlanRequest { plan_id: format!("plan_{}", "0".repeat(32)), case_id: String::new() };
    let refused = answered(world.eu.coordinator().get_plan(unknown)).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::NotFound, "PLAN_NOT_FOUND"));
}
