//! A region that is cut off goes on with its own work, and agrees with the others soon after.

use std::time::Duration;

use meridian::field::Field;
use meridian::load;
use meridian_proto::inventory::v1::{FindStockRequest, StockLevel};

use crate::cluster::{Cluster, REGIONS};
use crate::nothing_lost::assert_all_ended_once;
use crate::{network, wait, workload};

const START: &str = "2026-06-01T08:00:00Z";
const AGREE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_cut_go_on_with_local_work_and_agree_after_it_is_mended() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(1000), &load::grpc_addresses(&addresses)).await.unwrap();
    let mut field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    wait::until("the regions know each other's stock", AGREE, async || agree(&field).await).await;

    cluster.cut_off("eu");
    // What needs the other side is taken in all the same, and waits.
    let across = workload::open_from(&field, "eu", "us", 3, "across").await.unwrap();
    let mut cases = Vec::new();
    for home in REGIONS {
        // Region and source are the same: local work.
        cases.extend(workload::open_from(&field, home, home, 10, "cut").await.unwrap());
    }
    workload::carry_out(&mut field, &cases, &workload::Progress::default()).await.unwrap();
    assert!(!agree(&field).await, "the cut region cannot know what the others did");

    cluster.join("eu");
    wait::until("all regions agree again", AGREE, async || agree(&field).await).await;
    workload::carry_out(&mut field, &across, &workload::Progress::default()).await.unwrap();
    cases.extend(across);
    assert_all_ended_once(&cluster, &field, &cases, 0).await;
}

/// Whether every region sees the same stock.
async fn agree(field: &Field) -> bool {
    let mut views = Vec::new();
    for (_, region) in field.regions() {
        let request = FindStockRequest {
            item_ids: REGIONS.iter().map(|region| network::item_of(region)).collect(),
            include_empty: true,
            ..FindStockRequest::default()
        };
        let Ok(found) = region.inventory().find_stock(request).await else { return false };
        let mut levels = found.into_inner().levels;
        levels.sort_by_key(|it| it.warehouse_site_id.clone());
        views.push(levels.into_iter().map(|it| StockLevel { age_ms: 0, ..it }).collect::<Vec<_>>());
    }
    views[0].len() == REGIONS.len() && views.iter().all(|view| view == &views[0])
}
