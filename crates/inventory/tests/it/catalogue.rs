//! Items, opening stock, adjustments, lookups.

use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{Region, answered, fields};
use crate::requests::{Destination, adjusting, case_id, hold_id, item, line, placing, request_id};

fn opening(warehouse: &str, item_id: &str, quantity: i64) -> pb::OpeningStock {
    pb::OpeningStock {
        item_id: item_id.to_owned(),
        warehouse_site_id: warehouse.to_owned(),
        pool: pb::Pool::Stock.into(),
        quantity,
    }
}

fn catalogue(quantity: i64) -> pb::PutCatalogueRequest {
    let mut kit = item("KIT");
    kit.kit_lines.push(pb::KitLine { item_id: "PUMP".to_owned(), quantity: 2 });
    let mut pump = item("PUMP");
    pump.substitutes.push(pb::Substitute { item_id: "PUMP-B".to_owned(), approval_required: true });
    pump.unit_value =
        Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor: 12_500 });
    pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![pump, item("PUMP-B"), kit],
        warehouses: vec![pb::Warehouse { site_id: "FRA".to_owned(), region: "eu".to_owned() }],
        opening_stock: vec![opening("FRA", "PUMP", quantity), opening("FRA", "PUMP-B", 2)],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalogue_loaded_twice_changes_nothing_whatever_has_moved_since() {
    let region = Region::alone("twice").await;
    assert_eq!(region.put(catalogue(10)).await.unwrap(), 6);
    let items = region.items(&["PUMP", "PUMP-B", "KIT"]).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 3, Destination::Customer).await;
    region.milestone(&transfer, pb::Milestone::Picked).await.unwrap();
    region.adjust(adjusting("FRA", "PUMP", 5, pb::AdjustReason::Receipt)).await.unwrap();

    assert_eq!(region.put(catalogue(10)).await.unwrap(), 6);
    assert_eq!(region.level("FRA", "PUMP").await, (12, 0));
    assert_eq!(region.items(&["PUMP", "PUMP-B", "KIT"]).await, items);
    assert_eq!(region.emitted("ItemDefined").await.len(), 3);

    region.put(catalogue(8)).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (10, 0));
    assert_eq!(region.clean_audit().await.brought_in, 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_stock_cannot_take_back_what_was_given_away() {
    let region = Region::alone("takeback").await;
    region.put(catalogue(10)).await.unwrap();
    region.place(&hold_id(), &[line("FRA", "PUMP", 7)]).await.unwrap();
    let refused = region.put(catalogue(6)).await.unwrap_err();
    assert_eq!(fields(&refused), ["opening_stock[0].quantity"]);
    assert_eq!(region.level("FRA", "PUMP").await, (10, 7));
    region.put(catalogue(7)).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (7, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_item_is_told_once_and_a_foreign_one_stays_its_owners() {
    let region = Region::alone("owner").await;
    let named = |name: &str, owner: &str| pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![pb::Item { name: name.to_owned(), region: owner.to_owned(), ..item("PUMP") }],
        ..pb::PutCatalogueRequest::default()
    };
    region.put(named("Pump", "")).await.unwrap();
    region.put(named("Better pump", "eu")).await.unwrap();
    let told = region.emitted("ItemDefined").await;
    assert_eq!((told.len(), &told[1]["item"]["name"]), (2, &"Better pump".into()));
    assert_eq!(fields(&region.put(named("Theirs", "us")).await.unwrap_err()), ["items[0].region"]);
    assert_eq!(fields(&region.put(named("Nobody's", "mars")).await.unwrap_err()), ["items[0].region"]);

    let foreign = pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![pb::Item { region: "us".to_owned(), ..item("VALVE") }],
        ..pb::PutCatalogueRequest::default()
    };
    region.put(foreign).await.unwrap();
    assert_eq!(region.items(&["VALVE"]).await[0].region, "us");
    assert_eq!(region.emitted("ItemDefined").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adjustment_never_takes_what_is_held() {
    let region = Region::alone("adjust").await;
    region.stock("FRA", "PUMP", 10).await;
    region.place(&hold_id(), &[line("FRA", "PUMP", 7)]).await.unwrap();
    let damaged = |units: i64| adjusting("FRA", "PUMP", -units, pb::AdjustReason::Damaged);
    let refused = region.adjust(damaged(4)).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "STOCK_BELOW_HELD"));
    let level = region.adjust(damaged(3)).await.unwrap();
    assert_eq!((level.on_hand, level.held, level.available), (7, 7, 0));
    assert_eq!(region.clean_audit().await.written_off, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_is_replayed_books_each_adjustment_once() {
    // B24: the other system's movement number is the request id.
    let region = Region::alone("feed").await;
    region.stock("FRA", "PUMP", 10).await;
    let feed: Vec<pb::AdjustStockRequest> = (1..=5)
        .map(|number| pb::AdjustStockRequest {
            request_id: format!("wms-{number}"),
            ..adjusting("FRA", "PUMP", number, pb::AdjustReason::Receipt)
        })
        .collect();
    for _ in 0..3 {
        for movement in &feed {
            region.adjust(movement.clone()).await.unwrap();
        }
    }
    assert_eq!(region.level("FRA", "PUMP").await, (25, 0));
    let other = pb::AdjustStockRequest { delta: 9, ..feed[0].clone() };
    assert_eq!(region.adjust(other).await.unwrap_err().reason, "REQUEST_ID_REUSED");
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_takes_no_change_and_no_deletion() {
    let region = Region::alone("ledger").await;
    region.stock("FRA", "PUMP", 10).await;
    for statement in ["UPDATE ledger SET delta = 1", "DELETE FROM ledger", "TRUNCATE ledger"] {
        let refused = sqlx::query(statement).execute(region.inventory.journal().pool()).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counter_changed_behind_the_ledger_is_found() {
    let region = Region::alone("tampered").await;
    region.stock("FRA", "PUMP", 10).await;
    region.place(&hold_id(), &[line("FRA", "PUMP", 4)]).await.unwrap();
    let pool = region.inventory.journal().pool();
    sqlx::query("UPDATE stock SET on_hand = on_hand + 1, held = held - 1").execute(pool).await.unwrap();
    let found = region.audit().await;
    let mismatch = &found.mismatches[0];
    assert_eq!((mismatch.on_hand, mismatch.ledger_sum, mismatch.held, mismatch.holds_sum), (11, 10, 3, 4));
    assert_eq!(found.brought_in + 1, found.on_hand);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_found_with_substitutes_and_units_to_lend() {
    let region = Region::alone("find").await;
    region.put(catalogue(10)).await.unwrap();
    let lent = pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![pb::Item { model: "AX-1".to_owned(), ..item("ANALYSER") }],
        opening_stock: vec![
            pb::OpeningStock { pool: pb::Pool::Loan.into(), ..opening("FRA", "ANALYSER", 1) },
            opening("FRA", "ANALYSER", 4),
        ],
        ..pb::PutCatalogueRequest::default()
    };
    region.put(lent).await.unwrap();
    let ask = |item_ids: &[&str], include_substitutes, loan_models: &[&str]| pb::FindStockRequest {
        item_ids: item_ids.iter().map(ToString::to_string).collect(),
        include_substitutes,
        loan_models: loan_models.iter().map(ToString::to_string).collect(),
        include_empty: false,
    };
    let shown = |found: &pb::FindStockResponse| -> Vec<(String, i64, i32)> {
        found.levels.iter().map(|l| (l.item_id.clone(), l.available, l.pool)).collect()
    };
    let (stock, loan) = (i32::from(pb::Pool::Stock), i32::from(pb::Pool::Loan));

    let plain = region.find(ask(&["PUMP", "NOTHING"], false, &[])).await;
    assert_eq!(shown(&plain), [("PUMP".to_owned(), 10, stock)]);
    assert_eq!(plain.unknown_item_ids, ["NOTHING"]);
    let wide = region.find(ask(&["PUMP"], true, &["AX-1"])).await;
    let expected =
        [("ANALYSER".to_owned(), 1, loan), ("PUMP".to_owned(), 10, stock), ("PUMP-B".to_owned(), 2, stock)];
    assert_eq!(shown(&wide), expected);
    let names: Vec<&str> = wide.items.iter().map(|item| item.item_id.as_str()).collect();
    assert_eq!(names, ["PUMP", "PUMP-B", "ANALYSER"]);
    let none = answered(region.client.clone().find_stock(ask(&[], true, &[]))).await.unwrap_err();
    assert_eq!(fields(&none), ["item_ids"]);

    // A kit brings its parts, but not what stands in for them.
    let kit = region.find(ask(&["KIT"], true, &[])).await;
    assert_eq!(shown(&kit), [("PUMP".to_owned(), 10, stock)]);
    let names: Vec<&str> = kit.items.iter().map(|item| item.item_id.as_str()).collect();
    assert_eq!(names, ["KIT", "PUMP"]);

    // Where a unit replaces the customer's own, units to give count too.
    let exchanged = pb::Item {
        model: "AX-1".to_owned(),
        exchange_return_site_id: "DEPOT".to_owned(),
        ..item("ANALYSER")
    };
    region
        .put(pb::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![exchanged],
            ..pb::PutCatalogueRequest::default()
        })
        .await
        .unwrap();
    let expected = [("ANALYSER".to_owned(), 1, loan), ("ANALYSER".to_owned(), 4, stock)];
    assert_eq!(shown(&region.find(ask(&[], false, &["AX-1"])).await), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_reads_back_as_it_was_defined() {
    let region = Region::alone("readback").await;
    let euro = |minor| Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor });
    let kit = pb::Item {
        region: "eu".to_owned(),
        kit_lines: vec![pb::KitLine { item_id: "PUMP".to_owned(), quantity: 2 }],
        fits: vec![
            pb::Fit { model: "AX-1".to_owned(), revisions: vec!["B".to_owned(), "C".to_owned()] },
            pb::Fit { model: "AX-2".to_owned(), revisions: Vec::new() },
        ],
        assembly_minutes: 45,
        assembly_cost: euro(2_500),
        ..item("KIT")
    };
    let unit = pb::Item {
        region: "eu".to_owned(),
        model: "AX-1".to_owned(),
        loan_days: 21,
        exchange_return_site_id: "DEPOT".to_owned(),
        exchange_return_days: 7,
        exchange_cost: euro(15_000),
        ..item("UNIT")
    };
    let items = vec![kit, unit];
    region
        .put(pb::PutCatalogueRequest {
            request_id: request_id(),
            items: items.clone(),
            ..pb::PutCatalogueRequest::default()
        })
        .await
        .unwrap();
    assert_eq!(region.items(&["KIT", "UNIT"]).await, items);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_says_which_cases_hold_its_units_the_largest_claims_first_and_not_all_of_many() {
    let region = Region::alone("whoholds").await;
    region.stock("FRA", "PUMP", 40).await;
    region.stock("HEL", "PUMP", 2).await;
    let placing_for = |case_id: &str, lines: &[pb::HoldLine]| pb::PlaceHoldRequest {
        case_id: case_id.to_owned(),
        ..placing(&hold_id(), lines)
    };
    let (large, twice) = (case_id(), case_id());
    for (case, units) in [(&twice, 2), (&large, 5), (&twice, 1)] {
        let request = placing_for(case, &[line("FRA", "PUMP", units)]);
        answered(region.client.clone().place_hold(request)).await.unwrap();
    }
    let holds = async |warehouse: &str| {
        let mut levels = region.levels("PUMP").await;
        levels.retain(|level| level.warehouse_site_id == warehouse);
        let holds = levels.remove(0).holds.into_iter();
        holds.map(|hold| (hold.case_id, hold.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(holds("FRA").await, [(large.clone(), 5), (twice.clone(), 3)]);
    assert_eq!(holds("HEL").await, []);

    for _ in 0..25 {
        region.place(&hold_id(), &[line("FRA", "PUMP", 1)]).await.unwrap();
    }
    let many = holds("FRA").await;
    assert_eq!((many.len(), &many[..2]), (20, &[(large, 5), (twice, 3)][..]));

    // What was released, or has left the shelf, is held by nobody.
    let (dropped, taken) = (hold_id(), hold_id());
    region.place(&dropped, &[line("HEL", "PUMP", 1)]).await.unwrap();
    region.place(&taken, &[line("HEL", "PUMP", 1)]).await.unwrap();
    assert_eq!(holds("HEL").await.len(), 2);
    region.release(&dropped).await.unwrap();
    region.confirm(&taken).await.unwrap();
    assert_eq!(holds("HEL").await.len(), 1);
    let transfer = region.send(&taken, "HEL", Destination::Customer).await.unwrap();
    region.milestone(&transfer, pb::Milestone::Picked).await.unwrap();
    assert_eq!(holds("HEL").await, []);
}
