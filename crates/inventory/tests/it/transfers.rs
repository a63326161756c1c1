//! Transfers: what they do to shelves, and what they refuse.

use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;
use pb::Milestone::{
    Cancelled, CustomsHold, CustomsReleased, InCustoms, Lost, PickFailed, Picked, Received, Shipped,
};

use crate::harness::{Region, answered, fields};
use crate::requests::{Destination, adjusting, case_id, line, reporting, request_id, sending, transfer_id};

const TO_HEL: Destination = Destination::Warehouse { region: "eu", site_id: "HEL" };
const TO_CHI: Destination = Destination::Warehouse { region: "us", site_id: "CHI" };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_in_transit_stand_on_nobodys_shelf_until_they_are_delivered() {
    let region = Region::alone("transit").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
    assert_eq!(region.level("FRA", "PUMP").await, (5, 2));
    region.milestone(&transfer, Picked).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    for milestone in [Shipped, InCustoms, CustomsHold, CustomsReleased, InCustoms, CustomsReleased] {
        region.milestone(&transfer, milestone).await.unwrap();
        assert_eq!(region.clean_audit().await.in_transit, 2);
    }
    let received = region.milestone(&transfer, Received).await.unwrap();
    assert_eq!(received.state(), pb::TransferState::Received);
    let audit = region.clean_audit().await;
    assert_eq!((audit.brought_in, audit.on_hand, audit.in_transit, audit.delivered), (5, 3, 0, 2));
    assert_eq!(region.emitted("TransferProgressed").await.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_for_another_warehouse_of_the_region_arrive_on_its_shelf() {
    let region = Region::alone("within").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "VALVE", 1).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, TO_HEL).await;
    region.milestones(&transfer, &[Picked, Shipped, Received]).await;
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    assert_eq!(region.level("HEL", "PUMP").await, (2, 0));
    let audit = region.clean_audit().await;
    assert_eq!((audit.brought_in, audit.on_hand, audit.delivered), (6, 6, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_for_a_case_are_delivered_at_a_warehouse_and_stay_off_its_shelf() {
    let region = Region::alone("forcase").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "VALVE", 1).await;
    let order = async |to| {
        let hold = region.reserve(&[line("FRA", "PUMP", 2)]).await;
        let request = pb::RequestTransferRequest { for_case: true, ..sending(&hold, "FRA", to) };
        let transfer =
            answered(region.client.clone().request_transfer(request)).await.unwrap().transfer.unwrap();
        assert!(transfer.for_case);
        region.milestones(&transfer.transfer_id, &[Picked, Shipped, Received]).await;
    };
    order(TO_HEL).await;
    assert_eq!(region.level("HEL", "PUMP").await, (0, 0));
    assert_eq!(region.clean_audit().await.delivered, 2);
    order(TO_CHI).await;
    let audit = region.clean_audit().await;
    assert_eq!((audit.delivered, audit.handed_over, audit.on_hand), (4, 0, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_are_handed_over_where_they_lie_and_never_come_back_into_stock() {
    let region = Region::alone("inplace").await;
    region.stock("FRA", "PUMP", 5).await;
    let here = Destination::Warehouse { region: "eu", site_id: "FRA" };
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, here).await;
    assert!(region.transfer(&transfer).await.unwrap().for_case);
    assert_eq!(region.milestone(&transfer, Received).await.unwrap_err().reason, "TRANSFER_STATE");
    region.milestone(&transfer, Picked).await.unwrap();
    assert_eq!(region.clean_audit().await.in_transit, 2);
    let refused = region.milestone(&transfer, Shipped).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "TRANSFER_IN_PLACE"));
    assert_eq!(region.milestone(&transfer, InCustoms).await.unwrap_err().reason, "TRANSFER_STATE");
    region.milestone(&transfer, Received).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    let audit = region.clean_audit().await;
    assert_eq!((audit.delivered, audit.on_hand, audit.in_transit), (2, 3, 0));

    // Until then it can be called off, and then the goods are stock again.
    let called_off = region.reserve_and_send("FRA", "PUMP", 1, here).await;
    region.milestones(&called_off, &[Picked, Cancelled]).await;
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_for_another_region_are_handed_over() {
    let region = Region::alone("handover").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, TO_CHI).await;
    region.milestones(&transfer, &[Picked, Shipped, Received]).await;
    assert_eq!(region.clean_audit().await.handed_over, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_goods_are_written_off() {
    let region = Region::alone("lost").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
    region.milestones(&transfer, &[Picked, Lost]).await;
    let audit = region.clean_audit().await;
    assert_eq!((audit.on_hand, audit.in_transit, audit.written_off), (3, 0, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_is_called_off_puts_its_goods_back() {
    let region = Region::alone("calloff").await;
    region.stock("FRA", "PUMP", 5).await;
    for way in [&[Cancelled][..], &[Picked, Cancelled][..]] {
        let transfer = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
        region.milestones(&transfer, way).await;
        assert_eq!(region.level("FRA", "PUMP").await, (5, 0));
        let hold_id = region.transfer(&transfer).await.unwrap().hold_id;
        assert_eq!(region.hold_state(&hold_id).await, pb::HoldState::Released);
        region.clean_audit().await;
    }
    let shipped = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
    region.milestones(&shipped, &[Picked, Shipped]).await;
    let late = region.milestone(&shipped, Cancelled).await.unwrap_err();
    assert_eq!((late.kind, &*late.reason), (ProblemKind::FailedPrecondition, "TRANSFER_STATE"));
    let named = (&*late.metadata["from"], &*late.metadata["to"]);
    assert_eq!(named, ("TRANSFER_STATE_SHIPPED", "MILESTONE_CANCELLED"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_that_are_not_found_correct_the_stock_and_end_the_transfer() {
    let region = Region::alone("notfound").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
    let failed = region.milestone(&transfer, PickFailed).await.unwrap();
    assert_eq!(failed.state(), pb::TransferState::Cancelled);
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    assert_eq!(region.clean_audit().await.written_off, 2);
    let told = region.emitted("TransferProgressed").await;
    assert_eq!(told[0]["milestone"], "MILESTONE_PICK_FAILED");
    // Whoever calls it off now learns that it is off.
    assert_eq!(region.milestone(&transfer, Cancelled).await.unwrap(), failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_milestone_that_repeats_the_last_is_no_news_unless_the_arrival_moves() {
    let region = Region::alone("repeat").await;
    region.stock("FRA", "PUMP", 5).await;
    let transfer = region.reserve_and_send("FRA", "PUMP", 2, Destination::Customer).await;
    let first = region.milestone(&transfer, Picked).await.unwrap();
    assert_eq!(region.milestone(&transfer, Picked).await.unwrap(), first);
    assert_eq!(region.level("FRA", "PUMP").await, (3, 0));
    assert_eq!(region.emitted("TransferProgressed").await.len(), 1);

    region.milestone(&transfer, Shipped).await.unwrap();
    let expected_at = Some(prost_types::Timestamp { seconds: 1_795_500_000, nanos: 0 });
    let late = pb::RecordMilestoneRequest { expected_at, ..reporting(&transfer, Shipped) };
    for _ in 0..2 {
        let late = pb::RecordMilestoneRequest { request_id: request_id(), ..late.clone() };
        let moved = answered(region.client.clone().record_milestone(late)).await.unwrap();
        assert_eq!(moved.transfer.unwrap().expected_at, expected_at);
    }
    assert_eq!(region.emitted("TransferProgressed").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_leave_only_from_where_they_are_reserved() {
    // B6
    let region = Region::alone("othersite").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "PUMP", 5).await;
    let hold = region.reserve(&[line("FRA", "PUMP", 2)]).await;
    let refused = region.send(&hold, "HEL", Destination::Customer).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "TRANSFER_SITE_MISMATCH"));
    assert_eq!(refused.metadata["hold_site_ids"], "FRA");
    let split = region.reserve(&[line("FRA", "PUMP", 1), line("HEL", "PUMP", 1)]).await;
    assert_eq!(
        region.send(&split, "FRA", Destination::Customer).await.unwrap_err().reason,
        "TRANSFER_SITE_MISMATCH"
    );
    region.send(&hold, "FRA", Destination::Customer).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_confirmed_hold_moves_and_it_moves_once() {
    let region = Region::alone("onlyonce").await;
    region.stock("FRA", "PUMP", 5).await;
    let id = crate::requests::hold_id();
    region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap();
    let early = region.send(&id, "FRA", Destination::Customer).await.unwrap_err();
    assert_eq!(early.reason, "HOLD_NOT_CONFIRMED");
    region.confirm(&id).await.unwrap();
    let transfer = region.send(&id, "FRA", Destination::Customer).await.unwrap();
    let second = region.send(&id, "FRA", Destination::Customer).await.unwrap_err();
    assert_eq!((&*second.reason, &second.metadata["transfer_id"]), ("HOLD_IN_TRANSFER", &transfer));
    assert_eq!(region.release(&id).await.unwrap_err().reason, "HOLD_IN_TRANSFER");
    region.milestone(&transfer, Picked).await.unwrap();
    assert_eq!(region.release(&id).await.unwrap_err().reason, "HOLD_CONSUMED");
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_id_stands_for_one_transfer() {
    let region = Region::alone("transferid").await;
    region.stock("FRA", "PUMP", 5).await;
    let request = sending(&region.reserve(&[line("FRA", "PUMP", 2)]).await, "FRA", Destination::Customer);
    let order = |request: pb::RequestTransferRequest| {
        let request = pb::RequestTransferRequest { request_id: request_id(), ..request };
        let mut client = region.client.clone();
        async move { answered(client.request_transfer(request)).await }
    };
    let first = order(request.clone()).await.unwrap();
    assert_eq!(order(request.clone()).await.unwrap(), first);
    let elsewhere = pb::RequestTransferRequest { to_site_id: "OTHER".to_owned(), ..request.clone() };
    assert_eq!(order(elsewhere).await.unwrap_err().reason, "TRANSFER_EXISTS");
    let for_case = pb::RequestTransferRequest { for_case: true, ..request.clone() };
    assert_eq!(order(for_case).await.unwrap_err().reason, "TRANSFER_EXISTS");
    region.milestone(&request.transfer_id, Picked).await.unwrap();
    assert_eq!(order(request).await.unwrap().transfer.unwrap().state(), pb::TransferState::Picked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_of_a_customer_moves_without_touching_stock() {
    let region = Region::alone("instrument").await;
    let request = pb::RequestTransferRequest {
        hold_id: String::new(),
        serial_number: "SN-1".to_owned(),
        from_site_id: "CLINIC".to_owned(),
        to_site_id: "DEPOT".to_owned(),
        ..sending("", "CLINIC", Destination::Customer)
    };
    let transfer = answered(region.client.clone().request_transfer(request)).await.unwrap().transfer.unwrap();
    assert_eq!((transfer.serial_number.as_str(), transfer.lines.len()), ("SN-1", 0));
    region.milestones(&transfer.transfer_id, &[Picked, Shipped, Received]).await;
    assert_eq!(region.clean_audit().await.brought_in, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lent_unit_counts_as_delivered_until_it_comes_back() {
    let region = Region::alone("lent").await;
    region.stock_pool("FRA", "ANALYSER", 2, pb::Pool::Loan).await;
    let unit = pb::HoldLine { pool: pb::Pool::Loan.into(), ..line("FRA", "ANALYSER", 1) };
    let hold = region.reserve(&[unit]).await;
    let transfer = region.send(&hold, "FRA", Destination::Customer).await.unwrap();
    region.milestones(&transfer, &[Picked, Shipped, Received]).await;
    assert_eq!(region.clean_audit().await.delivered, 1);
    let back = pb::AdjustStockRequest {
        pool: pb::Pool::Loan.into(),
        ..adjusting("FRA", "ANALYSER", 1, pb::AdjustReason::LoanReturn)
    };
    assert_eq!(region.adjust(back).await.unwrap().on_hand, 2);
    let audit = region.clean_audit().await;
    assert_eq!((audit.brought_in, audit.on_hand, audit.delivered), (2, 2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_milestone_of_another_region_is_passed_on() {
    let region = Region::alone("passon").await;
    let foreign =
        pb::RecordMilestoneRequest { region: "us".to_owned(), ..reporting(&transfer_id(), Received) };
    let accepted = answered(region.client.clone().record_milestone(foreign.clone())).await.unwrap();
    assert_eq!(accepted.transfer, None);
    let told = region.emitted("MilestoneReported").await;
    assert_eq!(
        (&told[0]["ownerRegion"], &told[0]["milestone"]),
        (&"us".into(), &"MILESTONE_RECEIVED".into())
    );
    let nowhere =
        pb::RecordMilestoneRequest { request_id: request_id(), region: "mars".to_owned(), ..foreign };
    let refused = answered(region.client.clone().record_milestone(nowhere)).await.unwrap_err();
    assert_eq!(fields(&refused), ["region"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_are_listed_newest_first_page_by_page() {
    let region = Region::alone("pages").await;
    region.stock("FRA", "PUMP", 50).await;
    let mut ordered = Vec::new();
    for _ in 0..7 {
        ordered.push(region.reserve_and_send("FRA", "PUMP", 1, Destination::Customer).await);
    }
    region.milestone(&ordered[3], Picked).await.unwrap();
    ordered.reverse();
    let mut listed = Vec::new();
    let mut request = pb::ListTransfersRequest { page_size: 3, ..pb::ListTransfersRequest::default() };
    loop {
        let page = answered(region.client.clone().list_transfers(request.clone())).await.unwrap();
        assert!(page.transfers.len() <= 3);
        listed.extend(page.transfers.into_iter().map(|transfer| transfer.transfer_id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(listed, ordered);

    let list = |state: pb::TransferState, case_id: &str| {
        let request = pb::ListTransfersRequest {
            state: state.into(),
            case_id: case_id.to_owned(),
            ..pb::ListTransfersRequest::default()
        };
        let mut client = region.client.clone();
        async move { answered(client.list_transfers(request)).await.unwrap().transfers.len() }
    };
    assert_eq!(list(pb::TransferState::Picked, "").await, 1);
    assert_eq!(list(pb::TransferState::Requested, "").await, 6);
    let case_of_first = region.transfer(&ordered[0]).await.unwrap().case_id;
    assert_eq!(list(pb::TransferState::Unspecified, &case_of_first).await, 1);
    assert_eq!(list(pb::TransferState::Unspecified, &case_id()).await, 0);
}
