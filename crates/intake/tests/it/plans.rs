//! Following the coordinator of the region.

use std::sync::Arc;

use meridian_embedded::testing;
use meridian_messaging::{
    Journal, JournalOptions, Nats, NatsOptions, SourceEndpoint, spawn_reader, spawn_relay,
};
use meridian_proto::coordinator::v1 as coordinator;
use meridian_proto::intake::v1 as pb;
use meridian_types::{Clock, PlanId, SystemIds};
use sqlx::migrate::Migrator;

use crate::harness::{Office, instant, origin, reason, region, service, wait_for};
use crate::requests::{coordinator_does, items, open};

const DUE: &str = "2026-11-20T15:00:00Z";

fn plan_id() -> String {
    PlanId::fresh(&SystemIds).to_string()
}

fn committed(case_id: &str, plan_id: &str) -> coordinator::PlanCommitted {
    coordinator::PlanCommitted {
        plan_id: plan_id.to_owned(),
        case_id: case_id.to_owned(),
        revision: 1,
        kind: coordinator::SolutionKind::Transfer.into(),
        expected_at: instant("2026-11-25T10:00:00Z"),
        responsibility: coordinator_does("Pick the pump", DUE),
    }
}

#[tokio::test]
async fn a_case_follows_its_plan_until_it_is_solved() {
    let office = Office::open("follow").await;
    let case_id = office.opened(open(items(&[("PUMP", 1)]))).await.case_id;
    let plan_id = plan_id();
    office.hears(&committed(&case_id, &plan_id)).await.unwrap();
    let case = office.case(&case_id).await;
    assert_eq!((case.state(), case.plan_id.as_str()), (pb::CaseState::InProgress, plan_id.as_str()));
    assert_eq!(case.responsibility, coordinator_does("Pick the pump", DUE));

    let parked = coordinator::PlanParked {
        plan_id: plan_id.clone(),
        case_id: case_id.clone(),
        revision: 2,
        reason: coordinator::DisruptionReason::ShipmentLost.into(),
        responsibility: coordinator_does("Look again", DUE),
    };
    office.hears(&parked).await.unwrap();
    assert_eq!(office.case(&case_id).await.state(), pb::CaseState::Parked);
    let progressed = coordinator::PlanProgressed {
        plan_id: plan_id.clone(),
        case_id: case_id.clone(),
        revision: 3,
        expected_at: None,
        responsibility: coordinator_does("Ship another pump", DUE),
    };
    office.hears(&progressed).await.unwrap();
    assert_eq!(office.case(&case_id).await.state(), pb::CaseState::InProgress);
    let disrupted = coordinator::PlanDisrupted { case_id: case_id.clone(), ..Default::default() };
    office.hears(&disrupted).await.unwrap();
    let completed = coordinator::PlanCompleted { plan_id, case_id: case_id.clone(), revision: 3 };
    office.hears(&completed).await.unwrap();
    let case = office.case(&case_id).await;
    assert_eq!((case.state(), case.resolution()), (pb::CaseState::Closed, pb::Resolution::Solved));
    let told: Vec<pb::CaseClosed> = office.told().await;
    assert_eq!((told.len(), told[0].resolution(), told[0].by_plan), (1, pb::Resolution::Solved, true));
}

#[tokio::test]
async fn a_plan_that_ends_gives_the_case_back_to_its_office() {
    let office = Office::open("ended").await;
    let case_id = office.opened(open(items(&[("PUMP", 1)]))).await.case_id;
    let plan_id = plan_id();
    office.hears(&committed(&case_id, &plan_id)).await.unwrap();
    office.hears(&coordinator::PlanEnded { plan_id, case_id: case_id.clone(), revision: 1 }).await.unwrap();
    let case = office.case(&case_id).await;
    assert_eq!((case.state(), case.plan_id.as_str()), (pb::CaseState::Open, ""));
    let responsibility = case.responsibility.unwrap();
    assert_eq!(
        (responsibility.owner.as_str(), responsibility.due),
        ("OFFICE-BER", instant("2026-11-20T18:00:00Z"))
    );
}

#[tokio::test]
async fn a_plan_that_goes_silent_is_chased_by_the_office() {
    let office = Office::open("chased").await;
    let case_id = office.opened(open(items(&[("PUMP", 1)]))).await.case_id;
    office.hears(&committed(&case_id, &plan_id())).await.unwrap();
    office.advance(5 * 60);
    let chased = |case: &pb::Case| case.responsibility.as_ref().unwrap().owner == "OFFICE-BER";
    let case = office.case_when(&case_id, chased).await;
    assert_eq!(case.state(), pb::CaseState::InProgress);
    let responsibility = case.responsibility.unwrap();
    assert_eq!(responsibility.next_action, "Chase coordinator: Pick the pump");
    assert_eq!(responsibility.due, instant("2026-11-20T23:00:00Z"));
}

#[tokio::test]
async fn news_that_says_nobody_is_responsible_is_set_aside() {
    let office = Office::open("nobody").await;
    let case = office.opened(open(items(&[("PUMP", 1)]))).await;
    let nobody = coordinator::PlanCommitted { responsibility: None, ..committed(&case.case_id, &plan_id()) };
    assert_eq!(reason(office.hears(&nobody).await), "INVALID_REQUEST");
    assert_eq!(office.case(&case.case_id).await, case);
    let unknown = format!("case_{}", "0".repeat(32));
    office.hears(&committed(&unknown, &plan_id())).await.unwrap();
}

static NO_TABLES: Migrator = Migrator::DEFAULT;

/// The region's coordinator, as far as its stream goes.
async fn coordinator_of(office: &Office, nats: &Nats) -> Journal {
    let options = JournalOptions {
        database_url: office.database_url.clone(),
        origin: origin(&office.prefix, "coordinator"),
        clock: Arc::<meridian_types::ManualClock>::clone(&office.clock) as Arc<dyn Clock>,
        ids: Arc::new(SystemIds),
        max_connections: 2,
    };
    let journal = Journal::open(options, &NO_TABLES).await.unwrap();
    spawn_relay(&office.tasks, &journal, nats.clone());
    journal
}

#[tokio::test]
async fn commands_and_news_arrive_over_the_stream_and_are_answered_over_the_stream() {
    let office = Office::open("stream").await;
    let nats = Nats::connect(&testing::nats().url(), NatsOptions::default()).await.unwrap();
    let coordinator = coordinator_of(&office, &nats).await;
    spawn_relay(&office.tasks, office.intake.journal(), nats.clone());
    let source = SourceEndpoint { region: region(), service: service("coordinator"), nats, event_log: None };
    spawn_reader(&office.tasks, office.intake.journal(), source, office.intake.coordinator_events());

    let case_id = office.refrigeration().await.case_id;
    let plan_id = plan_id();
    let news = coordinator::PlanCommitted {
        kind: coordinator::SolutionKind::Referral.into(),
        ..committed(&case_id, &plan_id)
    };
    let command = coordinator::ReferralRequested {
        referral_id: meridian_types::ReferralId::fresh(&SystemIds).to_string(),
        case_id: case_id.clone(),
        party_id: "COOL-CO".to_owned(),
    };
    let emitted = coordinator.write("plan", move |work| {
        work.emit(&plan_id, 1, &news);
        work.emit(&plan_id, 2, &command);
        Box::pin(async { Ok(()) })
    });
    emitted.await.unwrap();
    let case = office.case_when(&case_id, |case| case.state() == pb::CaseState::ReferralOffered).await;
    assert!(!case.plan_id.is_empty());
    wait_for("the relay", async || {
        let published: Option<i64> = sqlx::query_scalar("SELECT pub_seq FROM relay_cursor")
            .fetch_optional(office.pool())
            .await
            .unwrap();
        (published? == office.count("outbox").await).then_some(())
    })
    .await;
}
