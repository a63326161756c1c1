//! NATS may lose everything it has stored.

use std::time::Duration;

use meridian::field::Field;
use meridian::load;

use crate::cluster::Cluster;
use crate::nothing_lost::assert_all_ended_once;
use crate::{network, workload};

const START: &str = "2026-06-01T08:00:00Z";
const CASES: usize = 120;
/// What is done between two wipes.
const PACE_STEPS: usize = 60;
/// Longest time between two wipes, whether anything is done or not.
const PACE_MAX: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_all_that_a_regions_nats_has_stored_is_deleted() {
    let mut cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(CASES as i64), &load::grpc_addresses(&addresses)).await.unwrap();
    let mut field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let progress = workload::Progress::default();
    let made = progress.clone();
    let work = async move {
        let cases = workload::open(&field, CASES, "wiped", &made).await.unwrap();
        workload::carry_out(&mut field, &cases, &made).await.unwrap();
        (field, cases)
    };
    tokio::pin!(work);
    let mut wipes = 0;
    let (field, cases) = loop {
        tokio::select! {
            done = &mut work => break done,
            () = progress.further(PACE_STEPS, PACE_MAX) => {
                tokio::task::block_in_place(|| cluster.wipe_nats("us"));
                wipes += 1;
            }
        }
    };
    assert!(wipes >= 1, "the work was over before the first wipe");
    assert_all_ended_once(&cluster, &field, &cases, 0).await;
}
