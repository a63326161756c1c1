//! Watching a case.

use std::time::Duration;

use meridian_proto::coordinator::v1::{self as pb, SolutionKind};
use meridian_proto::inventory::v1::Milestone;
use meridian_types::ProblemKind;
use tonic::Streaming;

use crate::harness::{DEADLINE, Region, World, answered};

impl Region {
    async fn entries(&self, case_id: &str, after_position: i64) -> Streaming<pb::WatchCaseResponse> {
        let request = pb::WatchCaseRequest { case_id: case_id.to_owned(), after_position };
        answered(self.watch().watch_case(request)).await.unwrap()
    }
}

async fn next(entries: &mut Streaming<pb::WatchCaseResponse>) -> pb::TimelineEntry {
    let next = tokio::time::timeout(DEADLINE, entries.message()).await.expect("an entry in time");
    next.unwrap().expect("no end").entry.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_streams_everything_from_every_region_in_order_and_then_live() {
    let world = World::with_network("watch").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let mut entries = world.eu.entries(&case_id, 0).await;
    let mut seen = vec![next(&mut entries).await];
    assert_eq!((seen[0].event.as_str(), seen[0].position), ("case.opened", 1));

    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let transfer = world.ordered(&case_id).await;
    world.happens(&transfer, Milestone::Picked).await;
    world.happens(&transfer, Milestone::Shipped).await;
    while seen.last().is_none_or(|entry| entry.text != "Handed to the carrier") {
        seen.push(next(&mut entries).await);
    }
    let positions: Vec<_> = seen.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
    let events: Vec<_> = seen.iter().map(|entry| (entry.region.as_str(), entry.event.as_str())).collect();
    assert_eq!(
        events,
        [
            ("eu", "case.opened"),
            ("us", "hold.placed"),
            ("eu", "plan.committed"),
            ("eu", "promise.made"),
            ("us", "hold.confirmed"),
            ("us", "transfer.requested"),
            ("us", "transfer.progressed"),
            ("us", "transfer.progressed"),
        ]
    );
    assert!(seen.iter().all(|entry| entry.case_id == case_id && !entry.text.is_empty()));

    let mut later = world.eu.entries(&case_id, 5).await;
    assert_eq!(next(&mut later).await.position, 6);
    drop(later);
    // A watch that has told everything waits.
    assert!(tokio::time::timeout(Duration::from_millis(300), entries.message()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_nobody_knows_cannot_be_watched() {
    let world = World::start("nobody").await;
    let request = pb::WatchCaseRequest { case_id: format!("case_{}", "0".repeat(32)), after_position: 0 };
    let refused = answered(world.eu.watch().watch_case(request)).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::NotFound, "CASE_NOT_FOUND"));
}
