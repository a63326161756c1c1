//! A plan that ended has left things where they are: the next one begins there.

use meridian_proto::coordinator::v1::{self as pb, CommitOutcome, SiteKind, SolutionKind};
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::inventory::v1::{self as inventory, Milestone};

use crate::company::CUSTOMER;
use crate::harness::{World, answered, until};
use crate::repairs::{beside_the_shelf, booked, company, engineer};
use crate::requests::{item, lane, request_id, site};

/// Commits a solution, has its shipment from a site arrive, and calls the plan off.
async fn abandoned_after_arrival(world: &World, case_id: &str, solution: &pb::Solution, from: &str) {
    let answer = world.eu.commit(case_id, solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let shipment = until("the shipment to be ordered", async || {
        let plan = world.eu.plan(case_id).await;
        let is_it = |task: &pb::PlanTask| {
            task.state() == pb::TaskState::Confirmed
                && task.task_id.starts_with("trf_")
                && task.text.contains(from)
        };
        plan.tasks.into_iter().find(is_it)
    })
    .await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&shipment, milestone).await;
    }
    let arrived =
        |task: &pb::PlanTask| task.task_id == shipment.task_id && task.state() == pb::TaskState::Done;
    let plan = world.eu.plan_when(case_id, "the arrival", |plan| plan.tasks.iter().any(arrived)).await;
    let withdraw = pb::WithdrawPlanRequest {
        request_id: request_id(),
        plan_id: plan.plan_id,
        reason: "another way is better".to_owned(),
    };
    answered(world.eu.coordinator().withdraw_plan(withdraw)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_withdrawn_plan_has_delivered_is_not_sent_again() {
    let world = World::with_network("delivered").await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    world.eu.stock("DE-FRA", "PUMP", 3).await;
    let case_id = world.eu.open_pump_case(4).await;
    let split = world.eu.best(&case_id, SolutionKind::Split).await;
    abandoned_after_arrival(&world, &case_id, &split, "DE-FRA").await;
    world.stock_in_chicago("PUMP", 4).await;
    for solution in world.eu.find(&case_id).await.unwrap().solutions {
        let units = solution.stock_claims.iter().filter_map(|claim| Some(claim.line.as_ref()?.quantity));
        assert_eq!(units.sum::<i64>(), 1, "{solution:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_a_withdrawn_plan_has_moved_is_repaired_where_it_is() {
    let world = World::with_network("moved").await;
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![site("DE-DEP", SiteKind::Depot, "DE", "Europe/Berlin")],
        lanes: vec![lane(CUSTOMER, "DE-DEP", 300, 20_000), lane("DE-DEP", CUSTOMER, 300, 20_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    // The depot keeps stock, and what shipping such an instrument means is known.
    world.eu.stock("DE-DEP", "PUMP", 0).await;
    world.eu.put_item(inventory::Item { model: "SPECTRO".to_owned(), ..item("SPECTRO-UNIT") }).await;
    let workforce = dispatch::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![dispatch::Engineer { home_site_id: "DE-DEP".to_owned(), ..engineer("DE-E1") }],
        depots: vec![dispatch::Depot {
            site_id: "DE-DEP".to_owned(),
            region: "eu".to_owned(),
            models: vec!["SPECTRO".to_owned()],
        }],
        repair_profiles: vec![dispatch::RepairProfile {
            model: "SPECTRO".to_owned(),
            skill_id: "PUMPS".to_owned(),
            level: 2,
            work_minutes: 120,
            region: "eu".to_owned(),
            ..dispatch::RepairProfile::default()
        }],
    };
    answered(world.eu.dispatch().put_workforce(workforce)).await.unwrap();
    let case_id = world.eu.open_repair_case().await;
    let at_depot = world.eu.best(&case_id, SolutionKind::ShipToDepot).await;
    abandoned_after_arrival(&world, &case_id, &at_depot, CUSTOMER).await;
    let found = world.eu.find(&case_id).await.unwrap();
    let repairs = found.solutions.iter().filter(|solution| !solution.engineer_claims.is_empty());
    let (moves, sites): (Vec<_>, Vec<_>) = repairs
        .map(|solution| (&solution.instrument_moves[0], &*solution.engineer_claims[0].site_id))
        .unzip();
    assert!(!sites.is_empty() && sites.iter().all(|site| *site == "DE-DEP"), "{found:#?}");
    assert!(moves.iter().all(|back| back.from_site_id == "DE-DEP"), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_stands_in_for_another_is_not_sent_again_by_the_next_plan() {
    let (world, case_id) = company("part-left").await;
    let pump = inventory::Item {
        substitutes: vec![inventory::Substitute { item_id: "PUMP-B".to_owned(), approval_required: false }],
        ..item("PUMP")
    };
    world.eu.stock("DE-FRA", "PUMP-B", 1).await;
    world.eu.put_item(pump).await;
    let without_helsinki = pb::FindSolutionsRequest {
        case_id: case_id.clone(),
        exclude_site_ids: vec!["FI-HEL".to_owned()],
        ..pb::FindSolutionsRequest::default()
    };
    let found = answered(world.eu.coordinator().find_solutions(without_helsinki)).await.unwrap();
    let visit = found.solutions.iter().find(|it| it.kind() == SolutionKind::EngineerVisit).unwrap();
    let part = &visit.stock_claims[0];
    assert_eq!((&*part.line.as_ref().unwrap().item_id, &*part.stands_in_for), ("PUMP-B", "PUMP"));
    abandoned_after_arrival(&world, &case_id, visit, "DE-FRA").await;
    let texts: Vec<_> = world.eu.plan(&case_id).await.tasks.into_iter().map(|task| task.text).collect();
    assert!(texts.iter().any(|text| text.starts_with("Send 1 x PUMP-B for PUMP from DE-FRA")), "{texts:#?}");
    let again = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!(again.stock_claims, [], "the part is there");
}

/// Keeps everybody from changing a case, until it is dropped.
#[expect(clippy::disallowed_methods, reason = "a transaction that only stands in the way of others")]
async fn busy(world: &World, case_id: &str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let case_id: meridian_types::CaseId = case_id.parse().unwrap();
    let mut busy = world.eu.journal.pool().begin().await.unwrap();
    let lock = sqlx::query("SELECT FROM served_case WHERE case_id = $1 FOR UPDATE");
    lock.bind(case_id.uuid()).execute(&mut *busy).await.unwrap();
    busy
}

/// Waits until so many wait for a case.
async fn waiting(world: &World, count: i64) {
    // Whoever waits for a row has it locked, or waits for that lock in turn.
    let waits =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'tuple' AND relation = 'served_case'::regclass";
    until("somebody to wait for the case", async || {
        let waiting: i64 = sqlx::query_scalar(waits).fetch_one(world.eu.journal.pool()).await.unwrap();
        (waiting >= count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_offered_while_a_part_lay_ready_cannot_be_committed_once_it_goes_back_to_the_shelf() {
    let (world, case_id) = beside_the_shelf("ready").await;
    let visit = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!(visit.stock_claims.len(), 1, "{visit:#?}");
    world.eu.commit(&case_id, &visit).await.unwrap();
    booked(&world, &case_id, 1).await;
    let part = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Received] {
        world.happens(&part, milestone).await;
    }
    let is_there = |task: &pb::PlanTask| task.task_id == part.task_id && task.state() == pb::TaskState::Done;
    let plan = world.eu.plan_when(&case_id, "the part", |plan| plan.tasks.iter().any(is_there)).await;
    let counts_on_it = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    let withdraw =
        pb::WithdrawPlanRequest { request_id: request_id(), plan_id: plan.plan_id, reason: String::new() };
    // The part is given up before what is worked out at the same time is told.
    let busy = busy(&world, &case_id).await;
    let mut coordinator = world.eu.coordinator();
    let withdrawn = async { answered(coordinator.withdraw_plan(withdraw)).await.unwrap() };
    let later = async {
        waiting(&world, 1).await;
        world.eu.best(&case_id, SolutionKind::EngineerVisit).await
    };
    let release = async {
        waiting(&world, 2).await;
        busy.rollback().await.unwrap();
    };
    let (_, later, ()) = tokio::join!(withdrawn, later, release);

    for counts_on_it in [counts_on_it, later] {
        assert_eq!(counts_on_it.stock_claims, [], "the part is there");
        let refused = world.eu.commit(&case_id, &counts_on_it).await.unwrap_err();
        assert_eq!(refused.reason, "SOLUTION_EXPIRED");
    }
    let again = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!(again.stock_claims.len(), 1, "{again:#?}");
    assert_eq!(world.eu.commit(&case_id, &again).await.unwrap().outcome(), CommitOutcome::Committed);
}
