//! Many callers, few units.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::future::join_all;
use meridian_embedded::testing;
use meridian_proto::inventory::v1 as pb;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_types::{Problem, ProblemKind};

use crate::harness::{DEADLINE, Region, answered, client, next_best};
use crate::requests::{hold_id, item, line, placing, request_id};

const ROUNDS: usize = 100;
const CALLERS: usize = 64;
const UNITS: i64 = 10;

/// Asks until there is an answer, with the same request id: what a caller does who is told to come again.
async fn insist(
    client: InventoryServiceClient<meridian_chassis::client::Client>,
    request: pb::PlaceHoldRequest,
) -> Result<pb::Hold, Problem> {
    testing::until("an answer", DEADLINE, async move || {
        match answered(client.clone().place_hold(request.clone())).await {
            Err(problem) if !problem.is_decision() => {
                assert_eq!(problem.kind, ProblemKind::Unavailable, "{problem}");
                None
            }
            answer => Some(answer.map(|answer| answer.hold.unwrap())),
        }
    })
    .await
}

/// Puts ten units of a fresh item into Frankfurt; in every second round a substitute stands in Helsinki.
async fn open_round(region: &Region, round: usize) -> String {
    let (wanted, substitute) = (format!("PUMP-{round}"), format!("PUMP-{round}-B"));
    let has_substitute = round.is_multiple_of(2);
    let mut pump = item(&wanted);
    pump.substitutes.push(pb::Substitute { item_id: substitute.clone(), approval_required: false });
    let stands = |item_id: &str, site_id: &str, quantity| pb::OpeningStock {
        item_id: item_id.to_owned(),
        warehouse_site_id: site_id.to_owned(),
        pool: pb::Pool::Stock.into(),
        quantity,
    };
    let warehouse = |site_id: &str| pb::Warehouse { site_id: site_id.to_owned(), region: String::new() };
    let request = pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![pump, item(&substitute)],
        warehouses: vec![warehouse("FRA"), warehouse("HEL")],
        opening_stock: vec![
            stands(&wanted, "FRA", UNITS),
            stands(&substitute, "HEL", if has_substitute { 3 } else { 0 }),
        ],
    };
    region.put(request).await.unwrap();
    wanted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_for_ten_units_get_ten_holds_and_clean_refusals() {
    let region = Region::alone("sixtyfour").await;
    let callers: Vec<_> = (0..CALLERS).map(|_| client(&region.url)).collect();
    let started = Instant::now();
    for round in 0..ROUNDS {
        let wanted = open_round(&region, round).await;
        let calls = callers.iter().map(|client| {
            let request = placing(&hold_id(), &[line("FRA", &wanted, 1)]);
            tokio::spawn(insist(client.clone(), request))
        });
        let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let (held, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);

        let ids: BTreeSet<String> = held.into_iter().map(|hold| hold.unwrap().hold_id).collect();
        assert_eq!(ids.len(), 10, "round {round}");
        assert_eq!(refused.len(), 54, "round {round}");
        for refusal in refused.into_iter().map(Result::unwrap_err) {
            assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Exhausted, "STOCK_EXHAUSTED"));
            assert_eq!(refusal.metadata["available"], "0");
            let offered = next_best(&refusal);
            if round.is_multiple_of(2) {
                let [offer] = offered.as_slice() else { panic!("one offer, not {offered:?}") };
                assert_eq!((offer.item_id.clone(), offer.available), (format!("{wanted}-B"), 3));
            } else {
                assert_eq!(offered, []);
            }
        }
        assert_eq!(region.level("FRA", &wanted).await, (UNITS, UNITS), "round {round}");
    }
    println!("{ROUNDS} rounds took {:?}", started.elapsed());
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_want_the_same_shelves_in_other_orders_do_not_block_each_other() {
    let region = Region::alone("orders").await;
    for (warehouse, item_id) in [("FRA", "A"), ("FRA", "B"), ("HEL", "A"), ("HEL", "B")] {
        region.stock(warehouse, item_id, 12).await;
    }
    let shelves = [line("FRA", "A", 1), line("FRA", "B", 1), line("HEL", "A", 1), line("HEL", "B", 1)];
    let calls = (0..32).map(|caller| {
        let mut lines = shelves.to_vec();
        lines.rotate_left(caller % 4);
        if caller.is_multiple_of(2) {
            lines.reverse();
        }
        tokio::spawn(insist(region.client.clone(), placing(&hold_id(), &lines)))
    });
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count(), 12);
    for (warehouse, item_id) in [("FRA", "A"), ("FRA", "B"), ("HEL", "A"), ("HEL", "B")] {
        assert_eq!(region.level(warehouse, item_id).await, (12, 12));
    }
    region.clean_audit().await;
}
