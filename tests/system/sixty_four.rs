//! Sixty-four callers for ten units, while the owner of the stock is killed and started again.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use meridian::field::{Field, RegionClients};
use meridian::load;
use meridian_chassis::status;
use meridian_embedded::testing;
use meridian_proto::inventory::v1::{
    AuditStockRequest, FindStockRequest, Item, OpeningStock, PlaceHoldRequest, Pool, PutCatalogueRequest,
};
use meridian_proto::inventory::v1::{HoldLine, Warehouse};
use meridian_types::{CaseId, HoldId, ProblemKind, SystemIds};
use tokio::sync::mpsc;

use crate::cluster::{Cluster, Part};
use crate::network;

const START: &str = "2026-06-01T08:00:00Z";
const ROUNDS: usize = 5;
const CALLERS: usize = 64;
const UNITS: i64 = 10;
/// The process dies when so many callers have their answer.
const ANSWERED_BEFORE: usize = 5;
const PATIENCE: Duration = Duration::from_secs(60);
const WAREHOUSE: &str = "warehouse-eu";

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_get_ten_holds_although_the_owner_dies_in_between() {
    let mut cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(1), &load::grpc_addresses(&addresses)).await.unwrap();
    let field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let eu = field.region("eu");
    for round in 0..ROUNDS {
        let item_id = open_round(&eu, round).await;
        let (answered, mut answers) = mpsc::unbounded_channel();
        let callers = (0..CALLERS).map(|_| {
            let (clients, request, answered) = (eu.clone(), placing(&item_id), answered.clone());
            tokio::spawn(async move {
                let outcome = insist(clients, request).await;
                answered.send(()).unwrap();
                outcome
            })
        });
        let callers: Vec<_> = callers.collect();
        for _ in 0..ANSWERED_BEFORE {
            answers.recv().await.unwrap();
        }
        tokio::task::block_in_place(|| cluster.kill("eu", Part::Services));
        let before = answers.len() + ANSWERED_BEFORE;
        assert!(before < CALLERS, "round {round}: all had their answer before the kill");
        cluster.restart("eu", Part::Services);

        let outcomes = join_all(callers).await;
        let held: BTreeSet<String> = outcomes.iter().filter_map(|it| it.as_ref().unwrap().clone()).collect();
        println!("round {round}: {before} answers before the kill, {} holds in the end", held.len());
        assert_eq!(held.len() as i64, UNITS, "round {round}");
        let request =
            FindStockRequest { item_ids: vec![item_id], include_empty: true, ..FindStockRequest::default() };
        let found = eu.inventory().find_stock(request).await.unwrap().into_inner();
        let level = &found.levels[0];
        assert_eq!((level.on_hand, level.available), (UNITS, 0), "round {round}");
    }
    let audit = eu.inventory().audit_stock(AuditStockRequest {}).await.unwrap().into_inner();
    assert_eq!(audit.mismatches, []);
}

/// Ten units of a fresh item.
async fn open_round(eu: &RegionClients, round: usize) -> String {
    let item_id = format!("scarce-{round}");
    let request = PutCatalogueRequest {
        request_id: format!("open-round-{round}"),
        items: vec![Item {
            item_id: item_id.clone(),
            name: item_id.clone(),
            unit: "each".to_owned(),
            ..Item::default()
        }],
        warehouses: vec![Warehouse { site_id: WAREHOUSE.to_owned(), region: String::new() }],
        opening_stock: vec![OpeningStock {
            item_id: item_id.clone(),
            warehouse_site_id: WAREHOUSE.to_owned(),
            pool: Pool::Stock.into(),
            quantity: UNITS,
        }],
    };
    eu.inventory().put_catalogue(request).await.unwrap();
    item_id
}

fn placing(item_id: &str) -> PlaceHoldRequest {
    let hold_id = HoldId::fresh(&SystemIds).to_string();
    PlaceHoldRequest {
        request_id: format!("request-{hold_id}"),
        hold_id,
        case_id: CaseId::fresh(&SystemIds).to_string(),
        lines: vec![HoldLine {
            item_id: item_id.to_owned(),
            warehouse_site_id: WAREHOUSE.to_owned(),
            quantity: 1,
            pool: Pool::Stock.into(),
            ..HoldLine::default()
        }],
        expires_in_minutes: 30,
    }
}

/// Asks until there is an answer, always with the same request: the hold, or `None` for a clean refusal.
async fn insist(clients: RegionClients, request: PlaceHoldRequest) -> Option<String> {
    testing::until("an answer", PATIENCE, async move || {
        let refusal = match clients.inventory().place_hold(request.clone()).await {
            Ok(answer) => return Some(Some(answer.into_inner().hold.unwrap().hold_id)),
            Err(refusal) => status::problem(&refusal),
        };
        refusal.is_decision().then(|| {
            assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Exhausted, "STOCK_EXHAUSTED"));
            None
        })
    })
    .await
}
