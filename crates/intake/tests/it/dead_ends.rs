//! No open case is ever without an owner, a next action and a due time.

use fastrand::Rng;
use futures::future::join_all;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1 as coordinator;
use meridian_proto::intake::v1 as pb;
use meridian_proto::types::v1::Responsibility;
use meridian_types::{Clock, PlanId, ProblemKind, ReferralId, SeededIds};

use crate::harness::{Office, fresh, refused};
use crate::requests::{accept, close, decline, fact, open, other, refer};

#[tokio::test]
async fn the_database_holds_no_open_case_without_owner_next_action_and_due_time() {
    let office = Office::open("constraint").await;
    let case = office.refrigeration().await;
    for change in [
        "owner = NULL",
        "owner = ''",
        "next_action = NULL",
        "next_action = ''",
        "due_at = NULL",
        "state = 'closed'",
        "state = 'closed', owner = NULL, next_action = NULL, due_at = NULL",
        "resolution = 'solved'",
        "closed_at = now()",
    ] {
        let sql = format!("UPDATE support_case SET {change}");
        let error = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(office.pool()).await.unwrap_err();
        let constraint = error.as_database_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(constraint.as_deref(), Some("support_case_no_dead_end"), "{change}");
    }
    office.call().close_case(close(&case.case_id, pb::Resolution::Withdrawn)).await.unwrap();
    let revived = sqlx::query("UPDATE support_case SET due_at = now()").execute(office.pool()).await;
    assert!(revived.is_err(), "a closed case is due for nothing");
}

/// One random thing that may happen to a case.
async fn happens(office: &Office, case_id: &str, rng: &mut Rng) {
    let ids = SeededIds::new(rng.u64(1..4));
    let plan_id = PlanId::fresh(&ids).to_string();
    let revision = rng.i32(1..4);
    let case_id_text = case_id.to_owned();
    let due = Some(encode::timestamp(office.clock.now()));
    let responsibility =
        Some(Responsibility { owner: "coordinator".to_owned(), next_action: "Go on".to_owned(), due });
    let referral =
        office.case(case_id).await.referral.map(|referral| referral.referral_id).unwrap_or_default();
    let mut call = office.call();
    let outcome = match rng.u8(0..13) {
        0 => {
            let kind = if rng.bool() {
                coordinator::SolutionKind::Referral
            } else {
                coordinator::SolutionKind::Loaner
            };
            let (case_id, kind, expected_at) = (case_id_text, kind.into(), None);
            let event =
                coordinator::PlanCommitted { plan_id, case_id, revision, kind, expected_at, responsibility };
            office.hears(&event).await
        }
        1 => {
            let (case_id, expected_at) = (case_id_text, None);
            let event =
                coordinator::PlanProgressed { plan_id, case_id, revision, expected_at, responsibility };
            office.hears(&event).await
        }
        2 => {
            let (case_id, reason) = (case_id_text, coordinator::DisruptionReason::Silence.into());
            office
                .hears(&coordinator::PlanParked { plan_id, case_id, revision, reason, responsibility })
                .await
        }
        3 if rng.u8(0..4) == 0 => {
            office.hears(&coordinator::PlanCompleted { plan_id, case_id: case_id_text, revision }).await
        }
        4 => office.hears(&coordinator::PlanEnded { plan_id, case_id: case_id_text, revision }).await,
        5 => {
            let referral_id =
                ReferralId::from_uuid(meridian_types::IdSource::uuid(&SeededIds::new(rng.u64(..))));
            let party_id = if rng.bool() { "COOL-CO" } else { "PLUMBERS" }.to_owned();
            let referral_id = referral_id.to_string();
            office
                .hears(&coordinator::ReferralRequested { referral_id, case_id: case_id_text, party_id })
                .await
        }
        6 => refused(call.refer_case(refer(case_id, "ANYBODY")).await).map(drop),
        7 => refused(call.accept_referral(accept(&referral)).await).map(drop),
        8 => refused(call.decline_referral(decline(&referral)).await).map(drop),
        9 if rng.u8(0..6) == 0 => {
            refused(call.close_case(close(case_id, pb::Resolution::Withdrawn)).await).map(drop)
        }
        10 => {
            let fact = Some(fact("deadline", "2026-12-24T10:00:00Z", pb::FactSource::Caller));
            let (request_id, etag) = (fresh(), String::new());
            refused(call.add_fact(pb::AddFactRequest { request_id, case_id: case_id_text, fact, etag }).await)
                .map(drop)
        }
        _ => {
            office.advance(rng.i64(1..300));
            Ok(())
        }
    };
    if let Err(problem) = outcome {
        let decided = problem.is_decision() || problem.kind == ProblemKind::Aborted;
        assert!(decided && problem.kind != ProblemKind::Internal, "{problem}");
    }
}

/// The timers fire on their own meanwhile, so this also races them against everything else.
#[tokio::test]
async fn whatever_happens_in_whatever_order_every_open_case_is_somebodys_business() {
    let office = Office::open("deadends").await;
    let mut case_ids = Vec::new();
    for _ in 0..6 {
        case_ids.push(office.opened(open(other("refrigeration"))).await.case_id);
    }
    let histories = (0..).zip(&case_ids).map(|(seed, case_id)| {
        let office = &office;
        async move {
            let mut rng = Rng::with_seed(seed);
            for _ in 0..40 {
                happens(office, case_id, &mut rng).await;
                let case = office.case(case_id).await;
                if case.state() != pb::CaseState::Closed {
                    let responsibility = case.responsibility.expect("an open case is somebody's business");
                    assert!(!responsibility.owner.is_empty() && !responsibility.next_action.is_empty());
                    assert!(responsibility.due.is_some());
                }
                let offered = case.referral.is_some_and(|it| it.state() == pb::ReferralState::Offered);
                assert_eq!(offered, case.state == i32::from(pb::CaseState::ReferralOffered));
            }
        }
    });
    join_all(histories).await;
    let unwatched: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM support_case c
          WHERE state <> 'closed'
            AND NOT EXISTS (SELECT FROM timer t WHERE replace(substr(t.key, 6), '-', '')::uuid = c.case_id)",
    )
    .fetch_one(office.pool())
    .await
    .unwrap();
    assert_eq!(unwatched, 0, "every due time is watched");
}
