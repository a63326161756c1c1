//! Records that an earlier version stored.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_inventory::Inventory;
use meridian_messaging::{Journal, JournalOptions, Origin, SubjectPrefix};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{ManualClock, SystemIds};
use sqlx::migrate::Migrator;

use crate::harness::{Region, START, answered, region, service};

/// Only the schema of the first version.
static FIRST: LazyLock<Migrator> = LazyLock::new(|| Migrator {
    migrations: Cow::Owned(Inventory::migrations().migrations[..1].to_vec()),
    ..Migrator::DEFAULT
});

/// A region whose database was made by the first version, which stored this.
async fn upgraded(hint: &str, stored: &'static str) -> Region {
    let database_url = testing::database(hint);
    let options = || JournalOptions {
        database_url: database_url.clone(),
        origin: Origin {
            prefix: SubjectPrefix::parse(&testing::prefix()).unwrap(),
            region: region("eu"),
            service: service("inventory"),
        },
        clock: Arc::new(ManualClock::new(START)),
        ids: Arc::new(SystemIds),
        max_connections: 2,
    };
    let before = Journal::open(options(), &FIRST).await.unwrap();
    sqlx::query(stored).execute(before.pool()).await.unwrap();
    let journal = Journal::open(options(), Inventory::migrations()).await.unwrap();
    let inventory = Inventory::from_parts(journal, [region("us")]);
    Region::served(inventory, Arc::new(ManualClock::new(START)), &Tasks::new()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_of_the_first_version_is_read_with_what_it_fits() {
    let served = upgraded(
        "upgrade",
        r#"INSERT INTO item (item_id, region, version, record) VALUES ('LAMP', 'eu', 1, '{
               "item_id": "LAMP", "name": "Lamp", "unit": "each", "weight_grams": 350, "export_class": null,
               "dangerous_goods": false, "cold_chain": false, "unit_value": null, "fits_models": ["UV-1", "UV-2"],
               "model": null, "substitutes": [], "kit_lines": [], "region": "eu"}')"#,
    )
    .await;
    let items = served.items(&["LAMP"]).await;
    let fits: Vec<(&str, usize)> =
        items[0].fits.iter().map(|fit| (fit.model.as_str(), fit.revisions.len())).collect();
    assert_eq!(fits, [("UV-1", 0), ("UV-2", 0)]);
    assert_eq!((items[0].loan_days, items[0].assembly_minutes), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_of_the_first_version_go_on_without_kits() {
    let served = upgraded(
        "upgradetransfer",
        "WITH hold AS (INSERT INTO hold (hold_id, case_id, state, version)
                       VALUES ('0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa', gen_random_uuid(), 'consumed', 3)
                       RETURNING *)
         INSERT INTO transfer (transfer_id, case_id, hold_id, serial_number, from_site_id, to_site_id, state, version)
         SELECT gen_random_uuid(), case_id, hold_id, NULL, 'FRA', 'CLINIC', 'shipped', 2 FROM hold
          UNION ALL
         SELECT gen_random_uuid(), case_id, NULL, 'SN-1', 'CLINIC', 'FRA', 'shipped', 2 FROM hold",
    )
    .await;
    let all = pb::ListTransfersRequest::default();
    let transfers = answered(served.client.clone().list_transfers(all)).await.unwrap().transfers;
    assert_eq!(transfers.len(), 2);
    for transfer in transfers {
        assert!(transfer.kits.is_empty());
        served.milestone(&transfer.transfer_id, pb::Milestone::Received).await.unwrap();
    }
}
