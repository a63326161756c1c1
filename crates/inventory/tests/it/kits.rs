//! Kits that a warehouse puts together before their transfer leaves.

use meridian_proto::inventory::v1 as pb;
use meridian_types::Problem;
use pb::Milestone::{Cancelled, Lost, PickFailed, Picked, Received, Shipped};

use crate::harness::{Region, answered, fields};
use crate::requests::{Destination, awaiting, kit, line, request_id, sending};

const HERE: Destination = Destination::Warehouse { region: "eu", site_id: "FRA" };

/// Two sets of three pumps and a valve each, from Frankfurt to the customer.
fn sets(hold_id: &str) -> pb::RequestTransferRequest {
    pb::RequestTransferRequest {
        for_case: true,
        kits: vec![kit("SET", 2, &[("PUMP", 6), ("VALVE", 2)])],
        ..sending(hold_id, "FRA", Destination::Customer)
    }
}

async fn order(region: &Region, request: pb::RequestTransferRequest) -> Result<pb::Transfer, Problem> {
    let request = pb::RequestTransferRequest { request_id: request_id(), ..request };
    answered(region.client.clone().request_transfer(request)).await.map(|answer| answer.transfer.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kits_leave_instead_of_what_was_held_for_them_and_are_told_of_everywhere() {
    let region = Region::alone("kits").await;
    region.stock("FRA", "PUMP", 7).await;
    let hold = region.reserve(&[line("FRA", "PUMP", 6)]).await;
    let request = sets(&hold);
    let ordered = order(&region, request.clone()).await.unwrap();
    assert_eq!((&ordered.kits, ordered.lines.len(), &ordered.hold_id), (&request.kits, 1, &hold));
    assert_eq!(region.transfer(&ordered.transfer_id).await.unwrap(), ordered);
    let all = pb::ListTransfersRequest::default();
    let listed = answered(region.client.clone().list_transfers(all)).await.unwrap().transfers;
    assert_eq!(listed, std::slice::from_ref(&ordered));
    let told = &region.emitted("TransferRequested").await[0]["transfer"]["kits"][0];
    let part = |place: usize| (&told["parts"][place]["itemId"], &told["parts"][place]["quantity"]);
    assert_eq!((&told["itemId"], &told["quantity"]), (&"SET".into(), &"2".into()));
    assert_eq!([part(0), part(1)], [(&"PUMP".into(), &"6".into()), (&"VALVE".into(), &"2".into())]);

    region.milestone(&ordered.transfer_id, Picked).await.unwrap();
    assert_eq!((region.level("FRA", "PUMP").await, region.clean_audit().await.in_transit), ((1, 0), 6));
    region.milestones(&ordered.transfer_id, &[Shipped, Received]).await;
    // The valves were never ours to count.
    assert_eq!(region.clean_audit().await.delivered, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kits_of_what_came_for_the_case_take_nothing_from_any_shelf_whatever_becomes_of_them() {
    let region = Region::alone("assembled").await;
    region.stock("FRA", "PUMP", 9).await;
    // Handed over where they are put together, which is always for the case.
    let sets_here =
        pb::RequestTransferRequest { for_case: false, kits: sets("").kits, ..sending("", "FRA", HERE) };
    let ways: [(pb::RequestTransferRequest, &[pb::Milestone]); 7] = [
        (sets(""), &[Picked, Shipped, Received]),
        (sets(""), &[Picked, Shipped, Lost]),
        (sets(""), &[Picked, Lost]),
        (sets(""), &[PickFailed]),
        (sets(""), &[Cancelled]),
        (sets(""), &[Picked, Cancelled]),
        (sets_here, &[Picked, Received]),
    ];
    for (request, way) in ways {
        let transfer = order(&region, request).await.unwrap();
        assert_eq!((&*transfer.hold_id, transfer.lines.len(), transfer.for_case), ("", 0, true));
        region.milestones(&transfer.transfer_id, way).await;
        assert_eq!(region.level("FRA", "PUMP").await, (9, 0), "{way:?}");
        let audit = region.clean_audit().await;
        assert_eq!((audit.in_transit, audit.delivered, audit.written_off), (0, 0, 0), "{way:?}");
    }
    assert!(region.emitted("TransferProgressed").await.iter().all(|told| told.get("holdId").is_none()));
    assert!(region.emitted("HoldReleased").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kits_that_fail_or_are_called_off_end_their_hold_as_other_goods_do() {
    let region = Region::alone("endedkits").await;
    region.stock("FRA", "PUMP", 20).await;
    let ways: [(&[pb::Milestone], (i64, i64)); 4] = [
        (&[PickFailed], (14, 6)),
        (&[Cancelled], (14, 6)),
        (&[Picked, Cancelled], (14, 6)),
        (&[Picked, Shipped, Lost], (8, 12)),
    ];
    for (way, (on_hand, written_off)) in ways {
        let hold = region.reserve(&[line("FRA", "PUMP", 6)]).await;
        let transfer = order(&region, sets(&hold)).await.unwrap();
        region.milestones(&transfer.transfer_id, way).await;
        assert_eq!(region.level("FRA", "PUMP").await, (on_hand, 0), "{way:?}");
        assert_eq!(region.clean_audit().await.written_off, written_off, "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kits_whose_parts_are_still_to_come_are_picked_only_after_them() {
    let region = Region::alone("awaitingkits").await;
    region.stock("FRA", "PUMP", 2).await;
    region.expect("PO-1", "FRA", "PUMP", 4).await.unwrap();
    let hold = region.reserve(&[line("FRA", "PUMP", 2), awaiting("PO-1", "FRA", "PUMP", 4)]).await;
    let transfer = order(&region, sets(&hold)).await.unwrap().transfer_id;
    assert_eq!(region.milestone(&transfer, Picked).await.unwrap_err().reason, "GOODS_AWAITED");
    region.record_receipt("PO-1", 4).await.unwrap();
    region.milestones(&transfer, &[Picked, Shipped, Received]).await;
    assert_eq!(region.clean_audit().await.delivered, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_order_with_other_kits_is_another_order() {
    let region = Region::alone("otherkits").await;
    region.stock("FRA", "PUMP", 9).await;
    let hold = region.reserve(&[line("FRA", "PUMP", 6)]).await;
    for request in [sets(""), sets(&hold)] {
        let first = order(&region, request.clone()).await.unwrap();
        assert_eq!(order(&region, request.clone()).await.unwrap(), first);
        let others = [
            vec![],
            vec![kit("SET", 1, &[("PUMP", 6), ("VALVE", 2)])],
            vec![kit("KIT", 2, &[("PUMP", 6), ("VALVE", 2)])],
            vec![kit("SET", 2, &[("PUMP", 6), ("VALVE", 3)])],
            vec![kit("SET", 2, &[("PUMP", 6)])],
        ];
        for kits in others {
            // Without kits and without a hold, it is no order at all.
            let hold_id = if kits.is_empty() { hold.clone() } else { request.hold_id.clone() };
            let other = pb::RequestTransferRequest { kits, hold_id, ..request.clone() };
            assert_eq!(order(&region, other).await.unwrap_err().reason, "TRANSFER_EXISTS");
        }
        let other = if request.hold_id.is_empty() { hold.clone() } else { String::new() };
        let other = pb::RequestTransferRequest { hold_id: other, ..request };
        assert_eq!(order(&region, other).await.unwrap_err().reason, "TRANSFER_EXISTS");
    }
    assert_eq!(region.emitted("TransferRequested").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_kits_are_refused_by_field() {
    let region = Region::alone("badkits").await;
    region.stock("FRA", "PUMP", 9).await;
    let hold = region.reserve(&[line("FRA", "PUMP", 6)]).await;
    let refused = async |named: &[&str], change: &dyn Fn(&mut pb::RequestTransferRequest)| {
        let mut request = sets(&hold);
        change(&mut request);
        let refusal = order(&region, request).await.unwrap_err();
        assert_eq!(fields(&refusal), named, "{refusal}");
        refusal
    };
    refused(&["kits"], &|r| r.kits = vec![kit("SET", 1, &[("PUMP", 1)]); 101]).await;
    refused(&["kits[0].item_id"], &|r| r.kits[0].item_id = "a b".to_owned()).await;
    refused(&["kits[0].item_id", "kits[0].quantity", "kits[0].parts"], &|r| {
        r.kits = vec![pb::KitOrder::default()];
    })
    .await;
    for quantity in [0, -1, i64::MIN, 1_000_000_001] {
        refused(&["kits[0].quantity"], &|r| r.kits[0].quantity = quantity).await;
        refused(&["kits[0].parts[1].quantity"], &|r| r.kits[0].parts[1].quantity = quantity).await;
    }
    refused(&["kits[1].parts[0].item_id"], &|r| r.kits.push(kit("SET", 1, &[("*", 1)]))).await;
    let bare = refused(&["for_case"], &|r| r.for_case = false).await;
    assert!(bare.violations[0].rule.contains("kits"), "{bare}");
    refused(&["for_case"], &|r| (r.hold_id, r.for_case) = (String::new(), false)).await;
    refused(&["kits"], &|r| {
        (r.hold_id, r.serial_number, r.for_case) = (String::new(), "SN-1".to_owned(), false);
    })
    .await;
    refused(&["serial_number", "kits"], &|r| {
        (r.serial_number, r.for_case) = ("SN-1".to_owned(), false);
    })
    .await;
    refused(&["hold_id"], &|r| (r.hold_id, r.kits) = (String::new(), Vec::new())).await;
    assert!(region.emitted("TransferRequested").await.is_empty());
    let most = pb::RequestTransferRequest { kits: vec![kit("SET", 1, &[("PUMP", 1)]); 100], ..sets(&hold) };
    assert_eq!(order(&region, most).await.unwrap().kits.len(), 100);
}
