//! Searches: progress, cancellation, repetition, and replicas that are killed.

use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use meridian_proto::dispatch::v1 as pb;

use crate::harness::{Region, answered, reason, request_id, until};
use crate::sample::{order, terms};

/// Longer than any test takes.
const LONG_MS: i32 = 600_000;

async fn orders(region: &Region, count: usize) {
    let orders: Vec<pb::WorkOrder> = (0..count).map(|_| order(&[])).collect();
    region.put_orders(&orders).await.unwrap();
}

async fn searches(region: &Region, id: &str) {
    let rounds = async || region.optimisation(id).await.progress.unwrap().rounds;
    until("the search has begun", async || rounds().await > 0).await;
}

async fn cancel(region: &Region, id: &str) -> Result<pb::Optimisation, meridian_types::Problem> {
    let request = pb::CancelOptimisationRequest { request_id: request_id(), optimisation_id: id.to_owned() };
    answered(region.client.clone().cancel_optimisation(request))
        .await
        .map(|answer| answer.optimisation.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_search_keeps_the_best_so_far_and_it_can_be_published() {
    let region = Region::running("cancel").await;
    orders(&region, 8).await;
    let id = region.optimise(terms(), LONG_MS).await;
    searches(&region, &id).await;
    assert!(cancel(&region, &id).await.unwrap().cancel_requested);
    let ended = region.ended(&id).await;
    assert_eq!(ended.state(), pb::OptimisationState::Cancelled);
    assert_eq!(ended.draft.unwrap().visits.len(), 8);
    assert!(ended.progress.unwrap().share < 1.0);
    assert_eq!(cancel(&region, &id).await.unwrap().state(), pb::OptimisationState::Cancelled);
    assert_eq!(region.publish(&id).await.unwrap().len(), 8);
    assert_eq!(reason(cancel(&region, &id).await), "OPTIMISATION_STATE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_whose_replica_is_killed_is_done_by_another() {
    let region = Region::alone("killed").await;
    orders(&region, 8).await;
    let first = Tasks::new();
    region.dispatch.spawn(&first, &region.cell).unwrap();
    let id = region.optimise(terms(), LONG_MS).await;
    searches(&region, &id).await;
    // Without any grace: its tasks are dropped wherever they are, which counts as a failure.
    first.stop(Duration::ZERO).await.unwrap_err();
    assert_eq!(region.optimisation(&id).await.state(), pb::OptimisationState::Running);

    let second = Tasks::new();
    region.dispatch.spawn(&second, &region.cell).unwrap();
    // As if the time of the lease had passed.
    sqlx::query("UPDATE optimisation SET leased_until = '-infinity'")
        .execute(region.dispatch.journal().pool())
        .await
        .unwrap();
    until("another replica takes it", async || region.attempts().await == [2]).await;
    cancel(&region, &id).await.unwrap();
    let ended = region.ended(&id).await;
    assert_eq!(ended.state(), pb::OptimisationState::Cancelled);
    assert_eq!(ended.draft.unwrap().visits.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_has_lost_its_search_writes_nothing_any_more() {
    let region = Region::running("lost").await;
    orders(&region, 4).await;
    let id = region.optimise(terms(), LONG_MS).await;
    searches(&region, &id).await;
    // Somebody else has taken it, and keeps it.
    sqlx::query("UPDATE optimisation SET attempt = attempt + 1, leased_until = 'infinity'")
        .execute(region.dispatch.journal().pool())
        .await
        .unwrap();
    // The replica learns that when it tells how far it has come, and has time for the next search.
    let next = region.optimise(terms(), 50).await;
    assert_eq!(region.ended(&next).await.state(), pb::OptimisationState::Succeeded);
    let lost = region.optimisation(&id).await;
    assert_eq!((lost.state(), lost.draft), (pb::OptimisationState::Running, None));
}

#[tokio::test]
async fn a_repeated_request_begins_one_search_and_is_answered_alike() {
    let region = Region::alone("once").await;
    let terms = Some(terms());
    let request = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms: 50, seed: 1 };
    let first = answered(region.client.clone().optimise(request.clone())).await.unwrap();
    let second = answered(region.client.clone().optimise(request.clone())).await.unwrap();
    assert_eq!(first, second);
    let searches: i64 = sqlx::query_scalar("SELECT count(*) FROM optimisation")
        .fetch_one(region.dispatch.journal().pool())
        .await
        .unwrap();
    assert_eq!(searches, 1);
    let other = pb::OptimiseRequest { seed: 2, ..request };
    assert_eq!(reason(answered(region.client.clone().optimise(other)).await), "REQUEST_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_tells_of_progress_and_ends_with_the_search() {
    let region = Region::running("watch").await;
    orders(&region, 4).await;
    let id = region.optimise(terms(), 1500).await;
    let request = pb::WatchOptimisationRequest { optimisation_id: id.clone() };
    let mut told = region.client.clone().watch_optimisation(request).await.unwrap().into_inner();
    let mut shares = Vec::new();
    let mut last = None;
    while let Some(message) = told.message().await.unwrap() {
        let optimisation = message.optimisation.unwrap();
        shares.push(optimisation.progress.unwrap().share);
        last = Some(optimisation.state());
    }
    assert_eq!(last, Some(pb::OptimisationState::Succeeded));
    assert!(shares.len() >= 3, "{shares:?}");
    assert!(shares.is_sorted(), "{shares:?}");
    assert_eq!(shares.last(), Some(&1.0));
    let unknown = pb::WatchOptimisationRequest { optimisation_id: format!("opt_{}", "0".repeat(32)) };
    let refused = region.client.clone().watch_optimisation(unknown).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), tonic::Code::NotFound);
}

#[tokio::test]
async fn what_cannot_be_planned_fails_and_says_which_rule_is_broken() {
    let region = Region::running("failed").await;
    orders(&region, 1).await;
    // Nothing says where the engineers live.
    let id = region.optimise(pb::Terms { places: Vec::new(), ..terms() }, 50).await;
    let ended = region.ended(&id).await;
    let failure = ended.failure.unwrap();
    assert_eq!((&*failure.reason, ended.draft), ("NO_WAY", None));
    assert!(failure.message.contains("FI-HEL"), "{}", failure.message);
    assert_eq!(reason(region.publish(&id).await), "OPTIMISATION_STATE");
    // It stands in nobody's way.
    region.drafted().await;
}

#[tokio::test]
async fn no_more_than_twenty_searches_wait() {
    let region = Region::alone("queue").await;
    for _ in 0..20 {
        region.optimise(terms(), LONG_MS).await;
    }
    let terms = Some(terms());
    let request = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms: 50, seed: 1 };
    assert_eq!(reason(answered(region.client.clone().optimise(request)).await), "TOO_MANY_OPTIMISATIONS");
}
