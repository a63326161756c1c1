//! Bad input: every field that breaks a rule is named, nothing is INTERNAL, nothing changes.

use meridian_proto::inventory::v1 as pb;
use meridian_types::{Problem, ProblemKind};
use prost_types::Timestamp;

use crate::harness::{Region, answered, fields};
use crate::requests::{
    Destination, adjusting, awaiting, case_id, expecting, hold_id, item, line, placing, reporting,
    request_id, sending, transfer_id,
};

/// Codes that would break a subject, a header or a log line.
const BAD_CODES: [&str; 9] = ["", "A.B", "A*", ">", "a b", "a\r\nb", "'; --", "\u{202e}x", "ä"];
const BAD_IDS: [&str; 5] = [
    "",
    "hold_",
    "0190aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "HOLD_0190AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "../../etc/passwd",
];

#[track_caller]
fn assert_names(refusal: &Problem, named: &[&str]) {
    assert_eq!(refusal.kind, ProblemKind::Invalid, "{refusal}");
    assert_eq!(fields(refusal), named, "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_hold_is_refused_by_field() {
    let region = Region::alone("badhold").await;
    region.stock("FRA", "PUMP", 5).await;
    let place = async |request: pb::PlaceHoldRequest| {
        answered(region.client.clone().place_hold(request)).await.unwrap_err()
    };
    for code in BAD_CODES {
        let lines = [line("FRA", code, 1), line(code, "PUMP", 1)];
        let refusal = place(placing(&hold_id(), &lines)).await;
        assert_names(&refusal, &["lines[0].item_id", "lines[1].warehouse_site_id"]);
    }
    for quantity in [0, -1, i64::MIN, i64::MAX, 1_000_000_001, (1 << 53) + 1] {
        let refusal = place(placing(&hold_id(), &[line("FRA", "PUMP", quantity)])).await;
        assert_names(&refusal, &["lines[0].quantity"]);
    }
    for id in BAD_IDS {
        assert_names(&place(placing(id, &[line("FRA", "PUMP", 1)])).await, &["hold_id"]);
    }
    for minutes in [0, -1, 10_081, i32::MAX, i32::MIN] {
        let request = placing(&hold_id(), &[line("FRA", "PUMP", 1)]);
        let refusal = place(pb::PlaceHoldRequest { expires_in_minutes: minutes, ..request }).await;
        assert_names(&refusal, &["expires_in_minutes"]);
    }
    for request_id in ["", "a b", "a.b", &"x".repeat(65), "\n"] {
        let request = placing(&hold_id(), &[line("FRA", "PUMP", 1)]);
        let refusal = place(pb::PlaceHoldRequest { request_id: request_id.to_owned(), ..request }).await;
        assert_names(&refusal, &["request_id"]);
    }
    assert_names(&place(placing(&hold_id(), &[])).await, &["lines"]);
    assert_names(&place(placing(&hold_id(), &vec![line("FRA", "PUMP", 1); 51])).await, &["lines"]);
    let overflow = [line("FRA", "PUMP", 1_000_000_000), line("FRA", "PUMP", 1)];
    assert_names(&place(placing(&hold_id(), &overflow)).await, &["lines[1].quantity"]);
    let strange = pb::HoldLine { pool: 77, ..line("FRA", "PUMP", 1) };
    assert_names(&place(placing(&hold_id(), &[strange])).await, &["lines[0].pool"]);
    let nothing = place(pb::PlaceHoldRequest::default()).await;
    assert_names(&nothing, &["request_id", "hold_id", "case_id", "lines", "expires_in_minutes"]);
    let huge = place(placing(&hold_id(), &[line("FRA", "PUMP", 1_000_000_000)])).await;
    assert_eq!(huge.reason, "STOCK_EXHAUSTED");
    assert_eq!(region.level("FRA", "PUMP").await, (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_transfer_is_refused_by_field() {
    let region = Region::alone("badtransfer").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "PUMP", 5).await;
    let hold = region.reserve(&[line("FRA", "PUMP", 1)]).await;
    let good = sending(&hold, "FRA", Destination::Customer);
    let refused = async |change: &dyn Fn(&mut pb::RequestTransferRequest)| {
        let mut request = pb::RequestTransferRequest { request_id: request_id(), ..good.clone() };
        change(&mut request);
        answered(region.client.clone().request_transfer(request)).await.unwrap_err()
    };
    let day = |seconds| Some(Timestamp { seconds, nanos: 0 });
    assert_names(&refused(&|r| r.transfer_id = "x".to_owned()).await, &["transfer_id"]);
    assert_names(&refused(&|r| r.case_id.clear()).await, &["case_id"]);
    assert_names(&refused(&|r| r.hold_id.clear()).await, &["hold_id"]);
    assert_names(&refused(&|r| r.serial_number = "SN-1".to_owned()).await, &["serial_number"]);
    // Where they lie is one of our warehouses.
    assert_names(&refused(&|r| r.to_site_id = "FRA".to_owned()).await, &["to_region"]);
    let instrument_in_place = refused(&|r| {
        (r.hold_id, r.serial_number) = (String::new(), "SN-1".to_owned());
        (r.to_site_id, r.for_case) = ("FRA".to_owned(), true);
    });
    assert_names(&instrument_in_place.await, &["to_site_id", "for_case"]);
    assert_names(&refused(&|r| r.to_region = "mars".to_owned()).await, &["to_region"]);
    assert_names(&refused(&|r| r.to_region = "EU".to_owned()).await, &["to_region"]);
    assert_names(&refused(&|r| r.to_region = "eu".to_owned()).await, &["to_site_id"]);
    assert_names(&refused(&|r| r.to_site_id = "HEL".to_owned()).await, &["to_region"]);
    assert_names(&refused(&|r| r.expected_at = day(i64::MAX)).await, &["expected_at"]);
    let nanos = Some(Timestamp { seconds: 0, nanos: -1 });
    assert_names(&refused(&|r| r.due_back = nanos).await, &["due_back"]);
    let backwards = refused(&|r| (r.expected_at, r.due_back) = (day(2000), day(1000))).await;
    assert_names(&backwards, &["due_back"]);
    assert_eq!(refused(&|r| r.hold_id = hold_id()).await.reason, "HOLD_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_milestone_is_refused_by_field() {
    let region = Region::alone("badmilestone").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 1, Destination::Customer).await;
    let good = reporting(&transfer, pb::Milestone::Picked);
    let refused = async |change: &dyn Fn(&mut pb::RecordMilestoneRequest)| {
        let mut request = pb::RecordMilestoneRequest { request_id: request_id(), ..good.clone() };
        change(&mut request);
        answered(region.client.clone().record_milestone(request)).await.unwrap_err()
    };
    assert_names(&refused(&|r| r.transfer_id.clear()).await, &["transfer_id"]);
    assert_names(&refused(&|r| r.milestone = 0).await, &["milestone"]);
    assert_names(&refused(&|r| r.milestone = 99).await, &["milestone"]);
    assert_names(&refused(&|r| r.region = "a.b".to_owned()).await, &["region"]);
    let later = region.now().as_second() + 1;
    let future = refused(&|r| r.happened_at = Some(Timestamp { seconds: later, nanos: 0 })).await;
    assert_names(&future, &["happened_at"]);
    let foreign = refused(&|r| {
        r.region = "us".to_owned();
        r.happened_at = Some(Timestamp { seconds: later, nanos: 0 });
    })
    .await;
    assert_names(&foreign, &["happened_at"]);
    assert_eq!(refused(&|r| r.transfer_id = transfer_id()).await.reason, "TRANSFER_NOT_FOUND");
    assert_eq!(region.level("FRA", "PUMP").await, (5, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_adjustment_is_refused_by_field() {
    let region = Region::alone("badadjust").await;
    region.stock("FRA", "PUMP", 5).await;
    let receipt = |delta| adjusting("FRA", "PUMP", delta, pb::AdjustReason::Receipt);
    for delta in [0, i64::MIN, i64::MAX, 1_000_000_001] {
        let request = pb::AdjustStockRequest { reason: pb::AdjustReason::Count.into(), ..receipt(delta) };
        assert_names(&region.adjust(request).await.unwrap_err(), &["delta"]);
    }
    assert_names(&region.adjust(receipt(1_000_000_000)).await.unwrap_err(), &["delta"]);
    assert_names(&region.adjust(receipt(-1)).await.unwrap_err(), &["delta"]);
    let damaged = adjusting("FRA", "PUMP", 1, pb::AdjustReason::Damaged);
    assert_names(&region.adjust(damaged).await.unwrap_err(), &["delta"]);
    let returned = adjusting("FRA", "PUMP", 1, pb::AdjustReason::LoanReturn);
    assert_names(&region.adjust(returned).await.unwrap_err(), &["pool"]);
    let litres = pb::AdjustStockRequest { unit: "litre".to_owned(), ..receipt(1) };
    let refused = region.adjust(litres).await.unwrap_err();
    assert_names(&refused, &["unit"]);
    assert_eq!(refused.reason, "UNIT_MISMATCH");
    let each = pb::AdjustStockRequest { unit: "each".to_owned(), ..receipt(1) };
    assert_eq!(region.adjust(each).await.unwrap().on_hand, 6);
    let unknown = adjusting("CHI", "NOTHING", 1, pb::AdjustReason::Receipt);
    let refused = region.adjust(unknown).await.unwrap_err();
    assert_eq!(refused.reason, "UNKNOWN_REFERENCE");
    assert_names(&refused, &["item_id", "warehouse_site_id"]);
    let nothing = region.adjust(pb::AdjustStockRequest::default()).await.unwrap_err();
    assert_names(&nothing, &["request_id", "item_id", "warehouse_site_id", "delta", "reason"]);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_catalogue_is_refused_with_all_its_faults() {
    let region = Region::alone("badcatalogue").await;
    let euro = |minor| Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor });
    let pound = Some(meridian_proto::types::v1::Money { currency_code: "£".to_owned(), minor: 1 });
    let refused = region
        .put(pb::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![
                pb::Item { name: String::new(), unit: "ea ch".to_owned(), ..item("A") },
                pb::Item { weight_grams: -1, unit_value: euro(-1), ..item("B") },
                pb::Item {
                    unit_value: pound,
                    substitutes: vec![substitute("A"), substitute("*")],
                    ..item("C")
                },
                pb::Item { kit_lines: vec![part("B", 1), part("A", 0)], ..item("D") },
                pb::Item {
                    fits: vec![fit("M 1", &[]), fit("M", &["B", "C*"])],
                    model: ">".to_owned(),
                    ..item("E")
                },
                pb::Item { export_class: "a.b".to_owned(), region: "E U".to_owned(), ..item("F") },
            ],
            warehouses: vec![frankfurt("us"), frankfurt("eu")],
            opening_stock: vec![in_frankfurt("A", -1), in_frankfurt("B", 1_000_000_001)],
        })
        .await
        .unwrap_err();
    let expected = [
        "items[0].name",
        "items[0].unit",
        "items[1].weight_grams",
        "items[1].unit_value.minor",
        "items[2].unit_value.currency_code",
        "items[2].substitutes[1].item_id",
        "items[3].kit_lines[1].quantity",
        "items[4].fits[0].model",
        "items[4].fits[1].revisions[1]",
        "items[4].model",
        "items[5].export_class",
        "items[5].region",
        "warehouses[0].region",
        "opening_stock[0].quantity",
        "opening_stock[1].quantity",
    ];
    assert_names(&refused, &expected);
    assert_eq!(region.clean_audit().await.brought_in, 0);
}

fn fit(model: &str, revisions: &[&str]) -> pb::Fit {
    pb::Fit { model: model.to_owned(), revisions: revisions.iter().map(ToString::to_string).collect() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kits_loans_and_exchanges_that_make_no_sense_are_refused_by_field() {
    let region = Region::alone("badkinds").await;
    let euro = |minor| Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor });
    let instrument = |item_id: &str| pb::Item { model: "AX-1".to_owned(), ..item(item_id) };
    let kit = |item_id: &str| pb::Item { kit_lines: vec![part("A", 1)], ..item(item_id) };
    let depot = "DEPOT".to_owned();
    let refused = region
        .put(pb::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![
                pb::Item { assembly_minutes: 5, loan_days: 1, exchange_return_site_id: depot, ..item("A") },
                pb::Item { assembly_cost: euro(1), exchange_cost: euro(1), ..item("B") },
                pb::Item { assembly_minutes: 20_161, assembly_cost: euro(-1), ..kit("C") },
                pb::Item { loan_days: 3_651, exchange_return_days: 1, ..instrument("D") },
                pb::Item {
                    loan_days: -1,
                    exchange_return_site_id: "a b".to_owned(),
                    exchange_return_days: 366,
                    exchange_cost: euro(-1),
                    ..instrument("E")
                },
                pb::Item { assembly_minutes: 20_160, assembly_cost: euro(0), ..kit("F") },
            ],
            ..pb::PutCatalogueRequest::default()
        })
        .await
        .unwrap_err();
    let expected = [
        "items[0].assembly_minutes",
        "items[0].loan_days",
        "items[0].exchange_return_site_id",
        "items[1].assembly_minutes",
        "items[1].exchange_return_site_id",
        "items[2].assembly_minutes",
        "items[2].assembly_cost.minor",
        "items[3].loan_days",
        "items[3].exchange_return_site_id",
        "items[4].loan_days",
        "items[4].exchange_return_site_id",
        "items[4].exchange_return_days",
        "items[4].exchange_cost.minor",
    ];
    assert_names(&refused, &expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_receipt_is_refused_by_field() {
    let region = Region::alone("badreceipt").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "VALVE", 5).await;
    let good = expecting("PO-1", "FRA", "PUMP", 10, region.now());
    let refused = async |change: &dyn Fn(&mut pb::ExpectReceiptRequest)| {
        let mut request = pb::ExpectReceiptRequest { request_id: request_id(), ..good.clone() };
        change(&mut request);
        answered(region.client.clone().expect_receipt(request)).await.unwrap_err()
    };
    for code in BAD_CODES {
        assert_names(&refused(&|r| r.receipt_id = code.to_owned()).await, &["receipt_id"]);
    }
    for quantity in [0, -1, i64::MAX, 1_000_000_001] {
        assert_names(&refused(&|r| r.quantity = quantity).await, &["quantity"]);
    }
    for risk in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        assert_names(&refused(&|r| r.late_probability = risk).await, &["late_probability"]);
    }
    let earlier = region.now().as_second() - 1;
    let past = refused(&|r| r.expected_at = Some(Timestamp { seconds: earlier, nanos: 0 })).await;
    assert_names(&past, &["expected_at"]);
    assert_names(&refused(&|r| r.expected_at = None).await, &["expected_at"]);
    let unknown = refused(&|r| {
        (r.item_id, r.warehouse_site_id) = ("NOTHING".to_owned(), "CHI".to_owned());
    });
    assert_names(&unknown.await, &["item_id", "warehouse_site_id"]);
    let nothing = answered(region.client.clone().expect_receipt(pb::ExpectReceiptRequest::default())).await;
    let fields = ["request_id", "receipt_id", "item_id", "warehouse_site_id", "quantity", "expected_at"];
    assert_names(&nothing.unwrap_err(), &fields);

    assert_names(&region.record_receipt("PO-1", 0).await.unwrap_err(), &["quantity"]);
    assert_names(&region.cancel_receipt("a b").await.unwrap_err(), &["receipt_id"]);
    assert_eq!(region.record_receipt("PO-1", 1).await.unwrap_err().reason, "RECEIPT_NOT_FOUND");
    assert_eq!(region.cancel_receipt("PO-1").await.unwrap_err().reason, "RECEIPT_NOT_FOUND");

    answered(region.client.clone().expect_receipt(good.clone())).await.unwrap();
    assert_eq!(refused(&|r| r.warehouse_site_id = "HEL".to_owned()).await.reason, "RECEIPT_EXISTS");
    assert_eq!(refused(&|r| r.item_id = "VALVE".to_owned()).await.reason, "RECEIPT_EXISTS");
    let lines = [
        awaiting("PO-1", "HEL", "PUMP", 1),
        awaiting("PO-2", "FRA", "PUMP", 1),
        awaiting("PO-1", "FRA", "VALVE", 1),
    ];
    let refusal = region.place(&hold_id(), &lines).await.unwrap_err();
    assert_eq!(refusal.reason, "UNKNOWN_REFERENCE");
    assert_names(&refusal, &["lines[0].receipt_id", "lines[1].receipt_id", "lines[2].receipt_id"]);
    let lent = pb::HoldLine { pool: pb::Pool::Loan.into(), ..awaiting("PO-1", "FRA", "PUMP", 1) };
    assert_names(&region.place(&hold_id(), &[lent]).await.unwrap_err(), &["lines[0].pool"]);
    let bad = awaiting("PO 1", "FRA", "PUMP", 1);
    assert_names(&region.place(&hold_id(), &[bad]).await.unwrap_err(), &["lines[0].receipt_id"]);
    assert_eq!(region.clean_audit().await.on_hand, 10);
}

fn part(item_id: &str, quantity: i64) -> pb::KitLine {
    pb::KitLine { item_id: item_id.to_owned(), quantity }
}

fn substitute(item_id: &str) -> pb::Substitute {
    pb::Substitute { item_id: item_id.to_owned(), approval_required: false }
}

fn frankfurt(region: &str) -> pb::Warehouse {
    pb::Warehouse { site_id: "FRA".to_owned(), region: region.to_owned() }
}

fn in_frankfurt(item_id: &str, quantity: i64) -> pb::OpeningStock {
    pb::OpeningStock {
        item_id: item_id.to_owned(),
        warehouse_site_id: "FRA".to_owned(),
        pool: pb::Pool::Unspecified.into(),
        quantity,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalogue_that_contradicts_itself_is_refused_by_field() {
    let region = Region::alone("contradiction").await;
    let of_itself =
        pb::Item { substitutes: vec![substitute("C")], kit_lines: vec![part("C", 1)], ..item("C") };
    let refused = region
        .put(pb::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![of_itself.clone(), of_itself],
            warehouses: vec![frankfurt("eu")],
            opening_stock: vec![in_frankfurt("C", 1), in_frankfurt("C", 2)],
        })
        .await
        .unwrap_err();
    let expected = [
        "items[0].substitutes[0].item_id",
        "items[0].kit_lines[0].item_id",
        "items[1].substitutes[0].item_id",
        "items[1].kit_lines[0].item_id",
        "items[1].item_id",
        "opening_stock[1].item_id",
    ];
    assert_names(&refused, &expected);
    let unknown = pb::PutCatalogueRequest {
        request_id: request_id(),
        opening_stock: vec![in_frankfurt("NOTHING", 1)],
        ..pb::PutCatalogueRequest::default()
    };
    let refused = region.put(unknown).await.unwrap_err();
    assert_names(&refused, &["opening_stock[0].item_id", "opening_stock[0].warehouse_site_id"]);
    assert_eq!(region.clean_audit().await.brought_in, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_question_is_refused_by_field() {
    let region = Region::alone("badquestion").await;
    let client = || region.client.clone();
    let many: Vec<String> = (0..201).map(|n| format!("I{n}")).collect();
    let find = async |item_ids: &[String], loan_models: Vec<String>| {
        let request = pb::FindStockRequest {
            item_ids: item_ids.to_vec(),
            loan_models,
            ..pb::FindStockRequest::default()
        };
        answered(client().find_stock(request)).await.unwrap_err()
    };
    assert_names(&find(&[], vec![]).await, &["item_ids"]);
    assert_names(&find(&many[..51], vec![]).await, &["item_ids"]);
    let bad = find(&["A*".to_owned()], vec!["a.b".to_owned()]).await;
    assert_names(&bad, &["item_ids[0]", "loan_models[0]"]);
    for item_ids in [vec![], many] {
        let refused = answered(client().get_items(pb::GetItemsRequest { item_ids })).await.unwrap_err();
        assert_names(&refused, &["item_ids"]);
    }
    let list = |state, case_id: &str, page_size, page_token: &str| pb::ListTransfersRequest {
        state,
        case_id: case_id.to_owned(),
        page_size,
        page_token: page_token.to_owned(),
    };
    let refused = answered(client().list_transfers(list(99, "case_1", -1, "zz"))).await.unwrap_err();
    assert_names(&refused, &["state", "case_id", "page_size", "page_token"]);
    let refused = answered(client().list_transfers(list(0, &case_id(), 201, "-1"))).await.unwrap_err();
    assert_names(&refused, &["page_size", "page_token"]);
    assert_names(&region.hold("x").await.unwrap_err(), &["hold_id"]);
    assert_names(&region.transfer("x").await.unwrap_err(), &["transfer_id"]);
    assert_eq!(region.transfer(&transfer_id()).await.unwrap_err().reason, "TRANSFER_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_over_four_mebibytes_is_refused_with_a_reason() {
    let region = Region::alone("toolarge").await;
    let large = pb::Item { name: "x".repeat(4 * 1024 * 1024 + 1), ..item("A") };
    let request = pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![large],
        ..pb::PutCatalogueRequest::default()
    };
    let refused = region.put(request).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Invalid, "REQUEST_TOO_LARGE"));
}
