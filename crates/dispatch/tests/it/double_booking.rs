//! One engineer is in one place at a time.

use jiff::{SignedDuration, Timestamp};
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, ProblemKind};
use tokio::task::JoinSet;

use crate::harness::{Region, answered, client, request_id};
use crate::sample::{holding, interval, visit};

const CALLERS: i64 = 32;
const ROUNDS: i64 = 10;

/// The visit of one of the callers: all are under way at noon of the day.
fn overlapping(day: Timestamp, caller: i64) -> pb::Visit {
    let at = |minutes: i64| (day + SignedDuration::from_mins(minutes)).to_string();
    let during = format!("{}/{}", at(60 + 15 * caller), at(15 * 60 - 5 * caller));
    let work = format!("{}/{}", at(9 * 60 + 30), at(10 * 60 + 30));
    visit("ANNA", &during, &work)
}

/// Holds and books a visit on a connection of its own.
async fn hold_and_book(url: String, visit: pb::Visit) -> Result<pb::Visit, Problem> {
    let mut client = client(&url);
    let held = answered(client.hold_visit(holding(&visit))).await?.visit.unwrap();
    let request = pb::BookVisitRequest { request_id: request_id(), visit_id: held.visit_id };
    Ok(answered(client.book_visit(request)).await?.visit.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_overlapping_bookings_exactly_one_succeeds() {
    let region = Region::alone("booking").await;
    // Working days only: Monday to Friday of two weeks.
    for round in 0..ROUNDS {
        let days = 3 + round + 2 * (round / 5);
        let day = "2026-11-20T00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days);
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            callers.spawn(hold_and_book(region.url.clone(), overlapping(day, caller)));
        }
        let (booked, refused): (Vec<_>, Vec<_>) =
            callers.join_all().await.into_iter().partition(Result::is_ok);
        let booked: Vec<pb::Visit> = booked.into_iter().flatten().collect();
        assert_eq!((booked.len(), refused.len()), (1, 31), "round {round}");
        assert_eq!(booked[0].state(), pb::VisitState::Booked);
        for refusal in refused {
            let refusal = refusal.unwrap_err();
            assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Exhausted, "ENGINEER_NOT_FREE"));
            assert_eq!(refusal.metadata["engineer_id"], "ANNA");
            assert_eq!(refusal.metadata["visit_id"], booked[0].visit_id);
        }
        let audit = region.audit().await;
        assert_eq!((audit.overlapping_pairs, audit.open_visits), (0, round + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visits_that_only_touch_are_all_booked() {
    let region = Region::alone("touching").await;
    let mut callers = JoinSet::new();
    for quarter in 0..CALLERS {
        let start = "2026-11-23T06:00Z".parse::<Timestamp>().unwrap();
        let at = |quarters: i64| start + SignedDuration::from_mins(15 * quarters);
        let during = format!("{}/{}", at(quarter), at(quarter + 1));
        callers.spawn(hold_and_book(region.url.clone(), visit("ANNA", &during, &during)));
    }
    for booked in callers.join_all().await {
        booked.unwrap();
    }
    let audit = region.audit().await;
    assert_eq!((audit.overlapping_pairs, audit.open_visits), (0, CALLERS));
    // What the world was told grew with every version, in the order of the versions.
    let busy_minutes = |body: &serde_json::Value| -> i64 {
        let at = |value: &serde_json::Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
        let spans = body["busy"].as_array().unwrap().iter();
        spans.map(|span| at(&span["end"]).duration_since(at(&span["start"])).as_mins()).sum()
    };
    let told = region.emitted().await.into_iter().filter(|(name, _)| name == "FreeBusyChanged");
    let told: Vec<(i64, i64)> = told
        .map(|(_, body)| (body["version"].as_str().unwrap().parse().unwrap(), busy_minutes(&body)))
        .collect();
    let expected: Vec<(i64, i64)> = (1..=CALLERS).map(|visits| (visits + 1, 15 * visits)).collect();
    assert_eq!(told, expected);
}

/// Rows that the code never writes, and the kind of constraint that refuses each.
#[tokio::test]
async fn the_database_itself_refuses_rows_that_must_not_be() {
    const EXCLUSION: &str = "23P01";
    const CHECK: &str = "23514";
    let region = Region::alone("constraints").await;
    let insert = async |state: &str, during: &str, work: &str| {
        let done = sqlx::query(
            "INSERT INTO visit (visit_id, state, case_id, engineer_id, site_id, during, work, skill_id, level,
                                expires_at)
             VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'ANNA', 'X', $2::tstzrange, $3::tstzrange, 'S', 3,
                     now())",
        )
        .bind(state)
        .bind(during)
        .bind(work)
        .execute(region.dispatch.journal().pool())
        .await;
        done.err().map(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
    };
    let (nine, ten) = ("2026-11-23T09:00Z", "2026-11-23T10:00Z");
    let hour = format!("[{nine},{ten})");
    assert_eq!(insert("held", &hour, &hour).await, None);
    for state in ["held", "booked", "accepted", "started"] {
        assert_eq!(insert(state, &hour, &hour).await.as_deref(), Some(EXCLUSION), "{state}");
    }
    for state in ["finished", "unsolved", "cancelled", "expired"] {
        assert_eq!(insert(state, &hour, &hour).await, None, "{state}");
    }
    for odd in [
        "empty".to_owned(),
        format!("[{nine},)"),
        format!("(,{ten})"),
        format!("[{nine},infinity)"),
        format!("[-infinity,{ten})"),
        format!("[{nine},{ten}]"),
        format!("({nine},{ten})"),
    ] {
        assert_eq!(insert("expired", &odd, &hour).await.as_deref(), Some(CHECK), "during {odd}");
        assert_eq!(insert("expired", &hour, &odd).await.as_deref(), Some(CHECK), "work {odd}");
    }
    let longer = format!("[{nine},2026-11-23T10:01Z)");
    assert_eq!(insert("expired", &hour, &longer).await.as_deref(), Some(CHECK));
    assert_eq!(insert("forgotten", &hour, &hour).await.as_deref(), Some(CHECK));
}

#[tokio::test]
async fn the_refusal_names_the_visit_in_the_way_and_its_time() {
    let region = Region::alone("in the way").await;
    let first = crate::sample::monday("ANNA");
    region.hold(&first).await.unwrap();
    let second = visit("ANNA", "2026-11-23T12:00Z/2026-11-23T13:00Z", "2026-11-23T12:00Z/2026-11-23T13:00Z");
    let refusal = region.hold(&second).await.unwrap_err();
    assert_eq!(refusal.metadata["visit_id"], first.visit_id);
    assert_eq!(refusal.metadata["busy_from"], "2026-11-23T04:00:00Z");
    assert_eq!(refusal.metadata["busy_until"], "2026-11-23T16:00:00Z");
    // Somebody else's visit is in nobody's way.
    let other = pb::Visit {
        engineer_id: "BO".to_owned(),
        during: Some(interval("2026-11-23T12:00Z/2026-11-23T13:00Z")),
        ..second
    };
    region.hold(&other).await.unwrap();
}
