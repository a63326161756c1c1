//! Repairs: engineers who come, and fall ill.

use jiff::SignedDuration;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{self as pb, CommitOutcome, PlanState, SiteKind, SolutionKind};
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1::{self as inventory, Milestone};
use meridian_proto::types::v1::Interval;

use crate::company::CUSTOMER;
use crate::harness::{World, answered, until};
use crate::requests::{eur, flight, request_id, site};

/// Works every day from 00:00 to 24:00, at home in Tampere.
pub(crate) fn engineer(engineer_id: &str) -> dispatch::Engineer {
    let hours = |weekday| dispatch::WorkingHours {
        weekday,
        from: "00:00".to_owned(),
        until: "24:00".to_owned(),
        overtime: false,
    };
    dispatch::Engineer {
        engineer_id: engineer_id.to_owned(),
        region: "eu".to_owned(),
        home_site_id: "FI-TMP".to_owned(),
        zone: "Europe/Helsinki".to_owned(),
        country: "FI".to_owned(),
        skills: vec![dispatch::Skill {
            skill_id: "PUMPS".to_owned(),
            level: 3,
            ..dispatch::Skill::default()
        }],
        working_hours: (1..=7).map(hours).collect(),
        work_countries: vec!["DE".to_owned(), "FI".to_owned()],
        hourly_cost: eur(6_000),
        overtime_cost: eur(9_000),
        ..dispatch::Engineer::default()
    }
}

/// Two engineers in Finland, and a broken instrument at the customer's whose repair needs a pump.
pub(crate) async fn company(hint: &str) -> (World, String) {
    let world = World::with_network(hint).await;
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![site("FI-TMP", SiteKind::Home, "FI", "Europe/Helsinki")],
        lanes: vec![flight("FI-TMP", CUSTOMER, 300, 20_000), flight(CUSTOMER, "FI-TMP", 300, 20_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    world.eu.stock("FI-HEL", "PUMP", 2).await;
    let workforce = dispatch::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![engineer("FI-E1"), engineer("FI-E2")],
        repair_profiles: vec![dispatch::RepairProfile {
            model: "SPECTRO".to_owned(),
            skill_id: "PUMPS".to_owned(),
            level: 2,
            work_minutes: 120,
            parts: vec![dispatch::RepairPart { item_id: "PUMP".to_owned(), quantity: 1 }],
            region: "eu".to_owned(),
            ..dispatch::RepairProfile::default()
        }],
        ..dispatch::PutWorkforceRequest::default()
    };
    answered(world.eu.dispatch().put_workforce(workforce)).await.unwrap();
    let case_id = world.eu.open_repair_case().await;
    (world, case_id)
}

/// Waits until the visit of a plan in this revision is booked, and returns its id and claim.
pub(crate) async fn booked(world: &World, case_id: &str, revision: i32) -> (String, pb::EngineerClaim) {
    until("the visit to be booked", async || {
        let plan = world.eu.plan(case_id).await;
        let visit = |task: &&pb::PlanTask| task.revision == revision && task.task_id.starts_with("visit_");
        let task = plan.tasks.iter().find(visit)?;
        (task.state() == pb::TaskState::Confirmed)
            .then(|| (task.task_id.clone(), plan.solution.clone().unwrap().engineer_claims[0].clone()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engineer_comes_with_the_part_before_the_work_and_another_one_when_the_first_falls_ill() {
    let (world, case_id) = company("repair").await;
    let solution = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    assert_eq!((solution.stock_claims.len(), solution.engineer_claims.len()), (1, 1));
    let work = solution.engineer_claims[0].work.as_ref().unwrap();
    let (part, work) = (solution.stock_claims[0].arrives.unwrap(), work.start.unwrap());
    assert!(part.seconds <= work.seconds, "{solution:#?}");
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let (_, first) = booked(&world, &case_id, 1).await;

    let away = Interval {
        start: Some(encode::timestamp(world.now())),
        end: Some(encode::timestamp(world.now() + SignedDuration::from_hours(96))),
    };
    let absence = dispatch::RecordAbsenceRequest {
        request_id: request_id(),
        engineer_id: first.engineer_id.clone(),
        during: Some(away),
        reason: dispatch::AbsenceReason::Ill.into(),
    };
    let cancelled = answered(world.eu.dispatch().record_absence(absence)).await.unwrap();
    assert_eq!(cancelled.cancelled_visit_ids.len(), 1);
    let (visit_id, second) = booked(&world, &case_id, 2).await;
    assert_ne!(second.engineer_id, first.engineer_id);

    let part = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&part, milestone).await;
    }
    let is_there = |task: &pb::PlanTask| task.task_id == part.task_id && task.state() == pb::TaskState::Done;
    world.eu.plan_when(&case_id, "the part", |plan| plan.tasks.iter().any(is_there)).await;
    world.advance_to(second.during.unwrap().start.unwrap().seconds);
    let start = dispatch::StartVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
    answered(world.eu.dispatch().start_visit(start)).await.unwrap();
    let finish = dispatch::FinishVisitRequest { request_id: request_id(), visit_id, unsolved: false };
    answered(world.eu.dispatch().finish_visit(finish)).await.unwrap();
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    let promises = world.eu.promises(&case_id).await;
    assert!(promises.last().unwrap().state() == pb::PromiseState::Kept, "{promises:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engineer_who_shares_a_code_with_one_of_another_region_is_offered_and_booked_there() {
    let (world, case_id) = company("namesakes").await;
    let namesake =
        dispatch::Engineer { region: "us".to_owned(), hourly_cost: eur(1_000), ..engineer("FI-E1") };
    let workforce = dispatch::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![namesake],
        ..dispatch::PutWorkforceRequest::default()
    };
    answered(world.us.dispatch().put_workforce(workforce)).await.unwrap();
    let solution = until("the other region's engineer to be offered", async || {
        let solution = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
        (solution.engineer_claims[0].region == "us").then_some(solution)
    })
    .await;
    let worker = solution.steps.iter().map(|step| step.engineer_id.as_str()).find(|id| !id.is_empty());
    assert_eq!((worker, solution.engineer_claims[0].engineer_id.as_str()), (Some("FI-E1"), "FI-E1"));
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    assert_eq!(booked(&world, &case_id, 1).await.1.region, "us");
}

/// A case for an instrument that stands where the parts lie, and where an engineer works.
pub(crate) async fn beside_the_shelf(hint: &str) -> (World, String) {
    let (world, _) = company(hint).await;
    let workforce = dispatch::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![dispatch::Engineer { home_site_id: "FI-HEL".to_owned(), ..engineer("HEL-E1") }],
        ..dispatch::PutWorkforceRequest::default()
    };
    answered(world.eu.dispatch().put_workforce(workforce)).await.unwrap();
    let directory = intake::PutDirectoryRequest {
        request_id: request_id(),
        instruments: vec![intake::Instrument {
            serial_number: "SN-2".to_owned(),
            model: "SPECTRO".to_owned(),
            customer_id: "C-1".to_owned(),
            site_id: "FI-HEL".to_owned(),
            ..intake::Instrument::default()
        }],
        ..intake::PutDirectoryRequest::default()
    };
    answered(world.eu.intake().put_directory(directory)).await.unwrap();
    let repair = intake::RepairNeed { serial_number: "SN-2".to_owned(), ..intake::RepairNeed::default() };
    let need = intake::Need { kind: Some(intake::need::Kind::Repair(repair)), ..intake::Need::default() };
    let case_id = world.eu.open_case(need).await;
    (world, case_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_beside_the_shelf_uses_the_part_that_lies_there() {
    let (world, case_id) = beside_the_shelf("in-place").await;
    let solution = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    let part = &solution.stock_claims[0];
    assert_eq!(part.to_site_id, "FI-HEL", "{solution:#?}");
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let (visit_id, claim) = booked(&world, &case_id, 1).await;
    let part = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Received] {
        world.happens(&part, milestone).await;
    }
    world.eu.knows_stock("FI-HEL", "PUMP", 1).await;
    world.advance_to(claim.during.unwrap().start.unwrap().seconds);
    let start = dispatch::StartVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
    answered(world.eu.dispatch().start_visit(start)).await.unwrap();
    let finish = dispatch::FinishVisitRequest { request_id: request_id(), visit_id, unsolved: false };
    answered(world.eu.dispatch().finish_visit(finish)).await.unwrap();
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    let audit = inventory::AuditStockRequest::default();
    let audit = answered(world.eu.inventory().audit_stock(audit)).await.unwrap();
    assert_eq!(audit.mismatches, [], "units are conserved");
}
