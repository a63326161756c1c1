//! Finding solutions.

use meridian_planner::Decision;
use meridian_planner::model::Policy;
use meridian_proto::coordinator::v1::{self as pb, CommitOutcome, SolutionKind};
use meridian_proto::intake::v1 as intake;
use meridian_types::{Problem, ProblemKind};

use crate::company::CUSTOMER;
use crate::harness::{World, answered, until};
use crate::requests::{items_need, request_id};

async fn asked(
    world: &World,
    need: intake::Need,
) -> Result<pb::FindSolutionsResponse, meridian_types::Problem> {
    let request = pb::FindSolutionsRequest { need: Some(need), ..pb::FindSolutionsRequest::default() };
    answered(world.eu.coordinator().find_solutions(request)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_late_or_missing_is_refused_with_a_reason_and_the_earliest_date() {
    let world = World::with_network("reasons").await;
    world.stock_in_chicago("PUMP", 1).await;
    let mut need = items_need("PUMP", 1, CUSTOMER);
    need.deadline =
        Some(meridian_chassis::encode::timestamp(world.now() + jiff::SignedDuration::from_hours(6)));
    let found = asked(&world, need).await.unwrap();
    let late = &found.solutions[0];
    assert!(!late.meets_deadline && late.slack_minutes.unwrap() < 0);
    let refused = found.refused.iter().find(|it| it.reason == "AFTER_DEADLINE").expect("the late transfer");
    assert_eq!(refused.kind(), SolutionKind::Transfer);
    assert!(!refused.witness.is_empty() && refused.earliest.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_unit_an_unknown_site_and_a_bad_need_are_refused_by_field() {
    let world = World::with_network("fields").await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    let with_unit = |unit: &str| {
        let mut need = items_need("PUMP", 1, CUSTOMER);
        if let Some(intake::need::Kind::Items(items)) = &mut need.kind {
            unit.clone_into(&mut items.lines[0].unit);
        }
        need
    };
    assert!(asked(&world, with_unit("each")).await.is_ok());
    let refused = asked(&world, with_unit("litre")).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Invalid, "UNIT_MISMATCH"));
    assert_eq!(refused.violations[0].field, "need.items.lines[0].unit");

    let unknown = asked(&world, items_need("PUMP", 1, "NOWHERE")).await.unwrap_err();
    assert_eq!(unknown.violations[0].field, "need.items.deliver_to_site_id");

    for (item, quantity, to, field) in [
        ("PU.MP", 1, CUSTOMER, "need.items.lines[0].item_id"),
        ("PUMP", 0, CUSTOMER, "need.items.lines[0].quantity"),
        ("PUMP", i64::MAX, CUSTOMER, "need.items.lines[0].quantity"),
        ("PUMP", 1, "a>b", "need.items.deliver_to_site_id"),
    ] {
        let refused = asked(&world, items_need(item, quantity, to)).await.unwrap_err();
        assert_eq!(refused.kind, ProblemKind::Invalid);
        assert_eq!(refused.violations[0].field, field);
    }
    let past = Some(meridian_chassis::encode::timestamp(world.now() - jiff::SignedDuration::from_hours(1)));
    let refused = asked(&world, intake::Need { deadline: past, ..items_need("PUMP", 1, CUSTOMER) }).await;
    assert_eq!(refused.unwrap_err().violations[0].field, "need.deadline");
    let nobody = answered(world.eu.coordinator().find_solutions(pb::FindSolutionsRequest::default())).await;
    assert_eq!(nobody.unwrap_err().violations[0].field, "case_id");
    let stranger = world.eu.find(&format!("case_{}", "0".repeat(32))).await.unwrap_err();
    assert_eq!((stranger.kind, &*stranger.reason), (ProblemKind::NotFound, "CASE_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_ours_is_referred_and_goes_to_the_next_party_when_it_comes_back() {
    let world = World::with_network("referral").await;
    let other = intake::OtherNeed { category: "refrigeration".to_owned() };
    let need = intake::Need { kind: Some(intake::need::Kind::Other(other)), ..intake::Need::default() };
    let case_id = world.eu.open_case(need).await;
    let nobody = world.eu.find(&case_id).await.unwrap();
    assert!(nobody.solutions.is_empty(), "nobody takes anything yet");

    world.eu.put_parties(&[("COOL", &["refrigeration"], 60), ("DESK", &["*"], 30)]).await;
    let found = until("the parties", async || {
        let found = world.eu.find(&case_id).await.unwrap();
        (found.solutions.len() == 2).then_some(found)
    })
    .await;
    let parties: Vec<_> = found.solutions.iter().map(|it| it.party_id.as_str()).collect();
    assert_eq!(parties, ["COOL", "DESK"], "who takes the category comes first");
    let answer = world.eu.commit(&case_id, &found.solutions[0]).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed);

    let offered = world.eu.referral_to(&case_id, "COOL").await;
    let request = intake::DeclineReferralRequest {
        request_id: request_id(),
        referral_id: offered.referral_id,
        declined_by: "desk".to_owned(),
        reason: "no capacity".to_owned(),
    };
    answered(world.eu.intake().decline_referral(request)).await.unwrap();
    let offered = world.eu.referral_to(&case_id, "DESK").await;
    let request = intake::AcceptReferralRequest {
        request_id: request_id(),
        referral_id: offered.referral_id,
        accepted_by: "desk".to_owned(),
    };
    answered(world.eu.intake().accept_referral(request)).await.unwrap();
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == pb::PlanState::Completed).await;
    assert!(world.eu.told::<pb::PlanCompleted>().await.is_empty(), "intake keeps the case referred");
    assert!(world.eu.promises(&case_id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_handed_out_and_can_be_taken_again() {
    let world = World::with_network("replay").await;
    world.stock_in_chicago("PUMP", 3).await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(2).await;
    let found = world.eu.find(&case_id).await.unwrap();
    let solution_id = found.solutions[0].solution_id.clone();
    let by_solution = pb::GetDecisionRequest { solution_id, ..pb::GetDecisionRequest::default() };
    let by_case = pb::GetDecisionRequest { case_id, ..pb::GetDecisionRequest::default() };
    let decision = decision(&world, by_solution).await.unwrap();
    assert_eq!(decision.again().unwrap(), decision.answer);
    assert_eq!(decision.answer.options.len(), found.solutions.len());
    assert_eq!(found.policy_version, format!("deadline-then-cost/{}", Policy::VERSION));
    assert_eq!(self::decision(&world, by_case).await.unwrap(), decision);

    let both = pb::GetDecisionRequest { solution_id: "sol_1".into(), case_id: "case_1".into() };
    assert_eq!(decision_problem(&world, both).await.reason, "INVALID_REQUEST");
    let nothing = world.eu.open_pump_case(1).await;
    let undecided = pb::GetDecisionRequest { case_id: nothing, ..pb::GetDecisionRequest::default() };
    assert_eq!(decision_problem(&world, undecided).await.reason, "DECISION_NOT_FOUND");
}

async fn decision(world: &World, request: pb::GetDecisionRequest) -> Result<Decision, Problem> {
    let mut parts = answered(world.eu.coordinator().get_decision(request)).await?;
    let mut document = Vec::new();
    while let Some(answer) = parts.message().await.unwrap() {
        document.extend(answer.part);
    }
    Ok(serde_json::from_slice(&document).unwrap())
}

async fn decision_problem(world: &World, request: pb::GetDecisionRequest) -> Problem {
    decision(world, request).await.unwrap_err()
}

#[tokio::test]
async fn solutions_are_ranked_as_the_caller_asks() {
    let world = World::with_network("ranking").await;
    world.stock_in_chicago("PUMP", 3).await;
    world.eu.stock("FI-HEL", "PUMP", 2).await;
    let case_id = world.eu.open_pump_case(2).await;
    let ask = |policy: &str, probability: Option<f64>| pb::FindSolutionsRequest {
        case_id: case_id.clone(),
        policy: policy.to_owned(),
        in_time_probability_min: probability,
        ..pb::FindSolutionsRequest::default()
    };
    for policy in Policy::ALL {
        let found =
            answered(world.eu.coordinator().find_solutions(ask(policy.name(), Some(0.5)))).await.unwrap();
        assert_eq!(found.policy_version, format!("{}/{}", policy.name(), Policy::VERSION));
        let first = found.solutions[0].arrival;
        let is_first = found
            .solutions
            .iter()
            .all(|solution| first.map(|it| it.seconds) <= solution.arrival.map(|it| it.seconds));
        assert!(policy != Policy::Fastest || is_first, "{found:?}");
    }
    let refused =
        answered(world.eu.coordinator().find_solutions(ask("nicest", Some(f64::NAN)))).await.unwrap_err();
    let fields: Vec<&str> = refused.violations.iter().map(|violation| &*violation.field).collect();
    assert_eq!(fields, ["policy", "in_time_probability_min"]);
}
