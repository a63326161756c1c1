//! What offices, customers and parties decide while a plan is under way.

use jiff::{SignedDuration, Timestamp};
use meridian_proto::coordinator::v1::{self as pb, PlanState, PromiseState, SolutionKind};
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1::Milestone;

use crate::harness::{Region, START, World, answered, until};
use crate::requests::request_id;

impl Region {
    /// The office hands a case to a party, which accepts it.
    async fn hand_to(&self, case_id: &str, party_id: &str) {
        let request = intake::ReferCaseRequest {
            request_id: request_id(),
            case_id: case_id.to_owned(),
            party_id: party_id.to_owned(),
            reason: "They have one".to_owned(),
            accept_by: None,
        };
        let case = answered(self.intake().refer_case(request)).await.unwrap().case.unwrap();
        let request = intake::AcceptReferralRequest {
            request_id: request_id(),
            referral_id: case.referral.unwrap().referral_id,
            accepted_by: "desk".to_owned(),
        };
        answered(self.intake().accept_referral(request)).await.unwrap();
    }

    /// The customer needs it by then.
    async fn needed_by(&self, case_id: &str, deadline: Timestamp) {
        self.state_fact(case_id, "deadline", &deadline.to_string()).await;
    }

    /// The customer states a fact.
    pub(crate) async fn state_fact(&self, case_id: &str, name: &str, value: &str) {
        let request = intake::AddFactRequest {
            request_id: request_id(),
            case_id: case_id.to_owned(),
            fact: Some(intake::Fact {
                name: name.to_owned(),
                value: value.to_owned(),
                source: intake::FactSource::Caller.into(),
                ..intake::Fact::default()
            }),
            etag: String::new(),
        };
        answered(self.intake().add_fact(request)).await.unwrap();
    }

    pub(crate) async fn case_state(&self, case_id: &str) -> intake::CaseState {
        let request = intake::GetCaseRequest { case_id: case_id.to_owned() };
        answered(self.intake().get_case(request)).await.unwrap().case.unwrap().state()
    }
}

/// A pump from Chicago that is ordered.
async fn under_way(world: &World) -> (String, pb::PlanTask) {
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let transfer = world.ordered(&case_id).await;
    (case_id, transfer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_the_office_solved_itself_gives_everything_back() {
    let world = World::with_network("solved").await;
    let (case_id, _) = under_way(&world).await;
    world.eu.knows_stock("US-CHI", "PUMP", 0).await;
    world.eu.close_case(&case_id, intake::Resolution::Solved).await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Ended).await;
    world.eu.knows_stock("US-CHI", "PUMP", 1).await;
    assert_eq!(world.eu.promises(&case_id).await[0].state(), PromiseState::Withdrawn);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_a_party_has_accepted_is_the_partys_alone() {
    let world = World::with_network("accepted").await;
    world.eu.put_parties(&[("DESK", &["*"], 60)]).await;
    let (case_id, transfer) = under_way(&world).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Lost] {
        world.happens(&transfer, milestone).await;
    }
    // The only way left is the party, which declines what the plan asks.
    let offered = world.eu.referral_to(&case_id, "DESK").await;
    let request = intake::DeclineReferralRequest {
        request_id: request_id(),
        referral_id: offered.referral_id,
        declined_by: "desk".to_owned(),
        reason: String::new(),
    };
    answered(world.eu.intake().decline_referral(request)).await.unwrap();
    world.eu.plan_when(&case_id, "parking", |plan| plan.state() == PlanState::Parked).await;
    until("intake to hear of it", async || {
        (world.eu.case_state(&case_id).await == intake::CaseState::Parked).then_some(())
    })
    .await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    world.eu.knows_stock("FI-HEL", "PUMP", 1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;

    // By telephone it says yes.
    world.eu.hand_to(&case_id, "DESK").await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Ended).await;
    for refused in [world.eu.find(&case_id).await.err(), world.eu.commit(&case_id, &solution).await.err()] {
        assert_eq!(refused.unwrap().reason, "CASE_REFERRED");
    }
    assert_eq!(world.eu.case_state(&case_id).await, intake::CaseState::Referred);
    assert_eq!(world.eu.available("PUMP").await.iter().map(|(_, units)| units).sum::<i64>(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_date_of_a_plan_that_was_called_off_is_corrected_by_the_next_plan() {
    let world = World::with_network("calledoff").await;
    let (case_id, _) = under_way(&world).await;
    let plan_id = world.eu.plan(&case_id).await.plan_id;
    let request = pb::WithdrawPlanRequest { request_id: request_id(), plan_id, reason: String::new() };
    answered(world.eu.coordinator().withdraw_plan(request)).await.unwrap();
    world.advance(1);
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let promises = world.eu.promises(&case_id).await;
    let states: Vec<_> = promises.iter().map(pb::Promise::state).collect();
    assert_eq!(states, [PromiseState::Corrected, PromiseState::Open]);
    assert_eq!(promises[1].replaces_promise_id, promises[0].promise_id);
    let taken_back = world.eu.told::<pb::PromiseTakenBack>().await;
    assert_eq!((taken_back.len(), &taken_back[0].promise_id), (1, &promises[0].promise_id));
    let changed = world.eu.told::<pb::PromiseChanged>().await;
    assert_eq!((changed.len(), changed[0].old_promised_at), (1, promises[0].promised_at));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_needs_it_earlier_gets_it_earlier_where_that_can_be_done() {
    let world = World::with_network("earlier").await;
    let (case_id, _) = under_way(&world).await;
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    world.eu.knows_stock("DE-FRA", "PUMP", 1).await;
    world.eu.needed_by(&case_id, START + SignedDuration::from_hours(8)).await;
    let plan = world
        .eu
        .plan_when(&case_id, "a new plan", |plan| plan.revision == 2 && plan.state() == PlanState::Executing);
    let claims = plan.await.solution.unwrap().stock_claims;
    assert_eq!(claims[0].line.as_ref().unwrap().warehouse_site_id, "DE-FRA");
    world.eu.knows_stock("US-CHI", "PUMP", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_offered_before_is_committed_for_the_deadline_of_today() {
    let world = World::with_network("today").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    // An hour after the arrival: there is less room in the promise than usual.
    let deadline = Timestamp::from_second(solution.arrival.unwrap().seconds + 3600).unwrap();
    world.eu.needed_by(&case_id, deadline).await;
    until("the coordinator to hear of it", async || {
        let heard: i64 = sqlx::query_scalar("SELECT count(*) FROM timeline WHERE event = 'case.updated'")
            .fetch_one(world.eu.journal.pool())
            .await
            .unwrap();
        (heard > 0).then_some(())
    })
    .await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let promises = world.eu.promises(&case_id).await;
    assert_eq!(promises[0].promised_at.unwrap().seconds, deadline.as_second());
}
