//! Records that an earlier version stored.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_inventory::Inventory;
use meridian_messaging::{Journal, JournalOptions, Origin, SubjectPrefix};
use meridian_types::{ManualClock, SystemIds};
use sqlx::migrate::Migrator;

use crate::harness::{Region, START, region, service};

/// Only the schema of the first version.
static FIRST: LazyLock<Migrator> = LazyLock::new(|| Migrator {
    migrations: Cow::Owned(Inventory::migrations().migrations[..1].to_vec()),
    ..Migrator::DEFAULT
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_of_the_first_version_is_read_with_what_it_fits() {
    let database_url = testing::database("upgrade");
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
    sqlx::query(
        r#"INSERT INTO item (item_id, region, version, record) VALUES ('LAMP', 'eu', 1, '{
               "item_id": "LAMP", "name": "Lamp", "unit": "each", "weight_grams": 350, "export_class": null,
               "dangerous_goods": false, "cold_chain": false, "unit_value": null, "fits_models": ["UV-1", "UV-2"],
               "model": null, "substitutes": [], "kit_lines": [], "region": "eu"}')"#,
    )
    .execute(before.pool())
    .await
    .unwrap();
    let journal = Journal::open(options(), Inventory::migrations()).await.unwrap();
    let inventory = Inventory::from_parts(journal, [region("us")]);
    let served = Region::served(inventory, Arc::new(ManualClock::new(START)), &Tasks::new()).await;
    let items = served.items(&["LAMP"]).await;
    let fits: Vec<(&str, usize)> =
        items[0].fits.iter().map(|fit| (fit.model.as_str(), fit.revisions.len())).collect();
    assert_eq!(fits, [("UV-1", 0), ("UV-2", 0)]);
    assert_eq!((items[0].loan_days, items[0].assembly_minutes), (0, 0));
}
