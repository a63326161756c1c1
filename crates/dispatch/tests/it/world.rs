//! Engineers of several regions, seen from each.

use meridian_messaging::Announced;
use meridian_proto::dispatch::v1 as pb;

use crate::harness::{Region, until};
use crate::sample::{WEEK, candidate, depot, engineer, free, monday, profile, question, workforce};

fn american() -> pb::PutWorkforceRequest {
    pb::PutWorkforceRequest {
        engineers: vec![pb::Engineer { zone: "America/Chicago".to_owned(), ..engineer("ANNA", "us") }],
        repair_profiles: vec![profile("us", "drift", 4)],
        depots: vec![depot("US-CHI", "us")],
        ..workforce("us")
    }
}

async fn ask(region: &Region) -> pb::FindEngineersResponse {
    let question = pb::FindEngineersRequest { symptom: "drift".to_owned(), ..question(WEEK) };
    region.find(question).await.unwrap()
}

/// Free time on Monday of the engineer of this region.
fn monday_of(answer: &pb::FindEngineersResponse, region: &str) -> Option<usize> {
    let of_region =
        |candidate: &&pb::EngineerCandidate| candidate.engineer.as_ref().unwrap().region == region;
    let free = &answer.candidates.iter().find(of_region)?.free;
    Some(free.iter().filter(|span| crate::sample::shown(Some(span)).starts_with("2026-11-23")).count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn engineers_of_two_regions_are_seen_from_both_and_so_is_what_takes_their_time() {
    let [eu, us] = Region::pair("world").await;
    eu.put(pb::PutWorkforceRequest { engineers: vec![engineer("BO", "eu")], ..workforce("eu") })
        .await
        .unwrap();
    us.put(american()).await.unwrap();
    for region in [&eu, &us] {
        until("both engineers and depots are known", || async {
            let answer = ask(region).await;
            answer.candidates.len() == 2 && answer.depots.len() == 2
        })
        .await;
        // The profile of us is known in eu, and comes before eu's own general one.
        assert_eq!(ask(region).await.profile.unwrap().region, "us");
    }
    let (seen_at_home, seen_from_afar) = (ask(&us).await, ask(&eu).await);
    assert_eq!(free(&seen_at_home, "ANNA"), free(&seen_from_afar, "ANNA"));
    assert_eq!(candidate(&seen_at_home, "ANNA").unwrap().age_ms, 0);
    assert!(candidate(&seen_from_afar, "ANNA").unwrap().age_ms > 0);
    assert_eq!(monday_of(&seen_from_afar, "us"), Some(1));

    // Her Monday in Chicago is from 14:00 to 22:00 UTC.
    let on_the_spot = "2026-11-23T13:00Z/2026-11-23T23:00Z";
    let visit = crate::sample::visit("ANNA", on_the_spot, "2026-11-23T14:00Z/2026-11-23T16:00Z");
    us.hold(&visit).await.unwrap();
    us.book(&visit.visit_id).await.unwrap();
    until("eu sees her busy", || async { monday_of(&ask(&eu).await, "us") == Some(0) }).await;
    // An engineer of another region cannot be held here, even one whose code is known.
    assert_eq!(crate::harness::reason(eu.hold(&monday("ANNA")).await), "ENGINEER_NOT_FOUND");

    us.cancel(&visit.visit_id).await.unwrap();
    until("eu sees her free again", || async { monday_of(&ask(&eu).await, "us") == Some(1) }).await;
    us.absent("ANNA", "2026-11-23T00:00Z/2026-11-24T12:00Z").await.unwrap();
    until("eu sees her absent", || async { monday_of(&ask(&eu).await, "us") == Some(0) }).await;

    let mut moved = engineer("ANNA", "us");
    moved.work_countries.clear();
    us.put(pb::PutWorkforceRequest { engineers: vec![moved], ..american() }).await.unwrap();
    until("eu sees that she may no longer work in Germany", || async {
        let answer = ask(&eu).await;
        answer.refusals.iter().any(|refusal| refusal.reason() == pb::EngineerRefusalReason::NoRightToWork)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_code_in_two_regions_means_two_engineers() {
    let [eu, us] = Region::pair("codes").await;
    eu.put(workforce("eu")).await.unwrap();
    us.put(american()).await.unwrap();
    let annas = |answer: pb::FindEngineersResponse| {
        let ids = answer.candidates.into_iter().map(|candidate| candidate.engineer.unwrap());
        let mut regions: Vec<_> =
            ids.filter(|engineer| engineer.engineer_id == "ANNA").map(|engineer| engineer.region).collect();
        regions.sort();
        regions
    };
    for region in [&eu, &us] {
        until("two of them", || async { annas(ask(region).await) == ["eu", "us"] }).await;
    }
    us.hold(&crate::sample::visit(
        "ANNA",
        "2026-11-23T13:00Z/2026-11-23T23:00Z",
        "2026-11-23T14:00Z/2026-11-23T16:00Z",
    ))
    .await
    .unwrap();
    until("eu sees the one of us busy", || async { monday_of(&ask(&eu).await, "us") == Some(0) }).await;
    assert_eq!(monday_of(&ask(&eu).await, "eu"), Some(1));
}

/// Lets the region say something that it never would.
async fn say<M: Announced + Clone + Send + Sync + 'static>(
    region: &Region,
    engineer_id: &'static str,
    event: M,
) {
    let said = region.dispatch.journal().write("say", move |work| {
        let event = event.clone();
        Box::pin(async move {
            work.emit(engineer_id, 1, &event);
            Ok(())
        })
    });
    said.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_older_word_about_an_engineer_does_not_replace_a_newer_one() {
    let [eu, us] = Region::pair("older").await;
    us.put(american()).await.unwrap();
    us.absent("ANNA", "2026-11-23T00:00Z/2026-11-24T12:00Z").await.unwrap();
    until("eu sees her absent", || async { monday_of(&ask(&eu).await, "us") == Some(0) }).await;
    let free =
        pb::FreeBusyChanged { engineer_id: "ANNA".to_owned(), version: 1, ..pb::FreeBusyChanged::default() };
    say(&us, "ANNA", free).await;
    let unskilled = pb::Engineer { skills: Vec::new(), ..engineer("ANNA", "us") };
    say(&us, "ANNA", pb::EngineerDefined { engineer: Some(unskilled), version: 1 }).await;
    us.put(pb::PutWorkforceRequest { depots: vec![depot("US-NYC", "us")], ..american() }).await.unwrap();
    until("eu has read what was said after it", || async { ask(&eu).await.depots.len() == 2 }).await;
    assert_eq!(monday_of(&ask(&eu).await, "us"), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_region_is_not_believed_about_an_engineer_of_another() {
    let [eu, us] = Region::pair("believed").await;
    eu.put(workforce("eu")).await.unwrap();
    let robbed = pb::Engineer { skills: Vec::new(), ..engineer("BO", "eu") };
    say(&us, "BO", pb::EngineerDefined { engineer: Some(robbed), version: 99 }).await;
    until("it is a dead letter", || async {
        let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter WHERE source_region = 'us'")
            .fetch_one(eu.dispatch.journal().pool())
            .await
            .unwrap();
        dead == 1
    })
    .await;
    let answer = eu.find(question(WEEK)).await.unwrap();
    assert_eq!((answer.candidates.len(), answer.refusals.len()), (2, 0));
}
