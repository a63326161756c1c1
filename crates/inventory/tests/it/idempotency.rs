//! One request, one effect, one answer, however often it is sent.

use futures::future::join_all;
use jiff::SignedDuration;
use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{Region, answered, next_best};
use crate::requests::{
    Destination, adjusting, expecting, hold_id, item, line, placing, reporting, request_id, sending,
};

/// Sends a request so many times at once and returns the answer that all get.
macro_rules! answer_to_all {
    ($region:expr, $method:ident, $request:expr, $times:expr) => {{
        let request = $request;
        let calls = (0..$times).map(|_| {
            let (mut client, request) = ($region.client.clone(), request.clone());
            tokio::spawn(async move { answered(client.$method(request)).await })
        });
        let mut answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let first = answers.swap_remove(0);
        for other in answers {
            assert_eq!(other, first, "{}", stringify!($method));
        }
        first
    }};
}

/// The same for a request that succeeds. Another request with its key is refused.
macro_rules! effect_of {
    ($region:expr, $times:expr, $method:ident($request:expr, $other:expr)) => {{
        let answer = answer_to_all!($region, $method, $request, $times).unwrap();
        let reused = answered($region.client.clone().$method($other)).await.unwrap_err();
        assert_eq!((reused.kind, &*reused.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
        answer
    }};
}

/// The catalogue of an item that Frankfurt opens with ten units of.
fn catalogue(item_id: &str) -> pb::PutCatalogueRequest {
    pb::PutCatalogueRequest {
        request_id: request_id(),
        items: vec![item(item_id)],
        warehouses: vec![pb::Warehouse { site_id: "FRA".to_owned(), region: String::new() }],
        opening_stock: vec![pb::OpeningStock {
            item_id: item_id.to_owned(),
            warehouse_site_id: "FRA".to_owned(),
            pool: 0,
            quantity: 10,
        }],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutation_sent_one_to_five_times_at_once_takes_effect_once() {
    let region = Region::alone("oneeffect").await;
    for times in 1..=5 {
        let item_id = format!("PUMP-{times}");
        let put = catalogue(&item_id);
        let other = pb::PutCatalogueRequest { opening_stock: Vec::new(), ..put.clone() };
        effect_of!(region, times, put_catalogue(put, other));
        let receipt = adjusting("FRA", &item_id, 5, pb::AdjustReason::Receipt);
        let other = pb::AdjustStockRequest { delta: 6, ..receipt.clone() };
        effect_of!(region, times, adjust_stock(receipt, other));
        assert_eq!(region.level("FRA", &item_id).await, (15, 0));

        let (moved, dropped) = (hold_id(), hold_id());
        let hold = placing(&moved, &[line("FRA", &item_id, 2)]);
        let other = pb::PlaceHoldRequest { hold_id: hold_id(), ..hold.clone() };
        effect_of!(region, times, place_hold(hold, other));
        let hold = placing(&dropped, &[line("FRA", &item_id, 4)]);
        let other = pb::PlaceHoldRequest { lines: vec![line("FRA", &item_id, 3)], ..hold.clone() };
        effect_of!(region, times, place_hold(hold, other));
        assert_eq!(region.level("FRA", &item_id).await, (15, 6));
        let extend = pb::ExtendHoldRequest {
            request_id: request_id(),
            hold_id: moved.clone(),
            expires_in_minutes: 90,
        };
        let other = pb::ExtendHoldRequest { expires_in_minutes: 91, ..extend.clone() };
        assert_eq!(effect_of!(region, times, extend_hold(extend, other)).hold.unwrap().etag, "2");
        let confirm = pb::ConfirmHoldRequest { request_id: request_id(), hold_id: moved.clone() };
        let other = pb::ConfirmHoldRequest { hold_id: dropped.clone(), ..confirm.clone() };
        assert_eq!(effect_of!(region, times, confirm_hold(confirm, other)).hold.unwrap().etag, "3");
        let release = pb::ReleaseHoldRequest { request_id: request_id(), hold_id: dropped };
        let other = pb::ReleaseHoldRequest { hold_id: moved.clone(), ..release.clone() };
        effect_of!(region, times, release_hold(release, other));
        assert_eq!(region.level("FRA", &item_id).await, (15, 2));

        let order = sending(&moved, "FRA", Destination::Customer);
        let other = pb::RequestTransferRequest { to_site_id: "DEPOT".to_owned(), ..order.clone() };
        let transfer = effect_of!(region, times, request_transfer(order, other)).transfer.unwrap();
        let picked = reporting(&transfer.transfer_id, pb::Milestone::Picked);
        let lost = pb::Milestone::Lost.into();
        let other = pb::RecordMilestoneRequest { milestone: lost, ..picked.clone() };
        effect_of!(region, times, record_milestone(picked, other));
        assert_eq!(region.level("FRA", &item_id).await, (13, 0));

        let tomorrow = region.now() + SignedDuration::from_hours(24);
        for (kind, units) in [("PO", 4), ("PO-NOT", 9)] {
            let expect = expecting(&format!("{kind}-{times}"), "FRA", &item_id, units, tomorrow);
            let other = pb::ExpectReceiptRequest { quantity: 5, ..expect.clone() };
            effect_of!(region, times, expect_receipt(expect, other));
        }
        let record = pb::RecordReceiptRequest {
            request_id: request_id(),
            receipt_id: format!("PO-{times}"),
            quantity: 3,
        };
        let other = pb::RecordReceiptRequest { quantity: 4, ..record.clone() };
        effect_of!(region, times, record_receipt(record, other));
        let cancel =
            pb::CancelReceiptRequest { request_id: request_id(), receipt_id: format!("PO-NOT-{times}") };
        let other = pb::CancelReceiptRequest { receipt_id: format!("PO-{times}"), ..cancel.clone() };
        effect_of!(region, times, cancel_receipt(cancel, other));
        assert_eq!(region.level("FRA", &item_id).await, (16, 0));
    }
    assert_eq!(region.emitted("ReceiptChanged").await.len(), 5 * 4);
    for event in ["HoldConfirmed", "HoldReleased", "TransferRequested", "TransferProgressed"] {
        assert_eq!(region.emitted(event).await.len(), 5, "{event}");
    }
    assert_eq!(region.emitted("HoldPlaced").await.len(), 10);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_repeated_word_for_word_although_the_stock_has_come_meanwhile() {
    let region = Region::alone("refusal").await;
    region.stock("FRA", "PUMP", 1).await;
    region.stock("HEL", "PUMP", 5).await;
    let request = placing(&hold_id(), &[line("FRA", "PUMP", 2)]);
    let refused = answer_to_all!(region, place_hold, request.clone(), 5).unwrap_err();
    assert_eq!((&*refused.reason, next_best(&refused).len()), ("STOCK_EXHAUSTED", 1));
    region.adjust(adjusting("FRA", "PUMP", 9, pb::AdjustReason::Receipt)).await.unwrap();
    assert_eq!(answer_to_all!(region, place_hold, request, 5).unwrap_err(), refused);
    assert_eq!(region.level("FRA", "PUMP").await, (10, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hold_asked_for_by_five_requests_at_once_is_one_hold() {
    let region = Region::alone("fiveasks").await;
    region.stock("FRA", "PUMP", 9).await;
    let asked = placing(&hold_id(), &[line("FRA", "PUMP", 2)]);
    let calls = (0..5).map(|_| {
        let request = pb::PlaceHoldRequest { request_id: request_id(), ..asked.clone() };
        let mut client = region.client.clone();
        tokio::spawn(async move { answered(client.place_hold(request)).await })
    });
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().unwrap().hold.unwrap().state(), pb::HoldState::Held);
    }
    assert_eq!(region.level("FRA", "PUMP").await, (9, 2));
    region.clean_audit().await;
}
