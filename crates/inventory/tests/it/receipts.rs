//! Scheduled receipts: claimed before they come, shared out when they do.

use futures::future::join_all;
use jiff::SignedDuration;
use meridian_chassis::tasks::Tasks;
use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;
use pb::Milestone::{Cancelled, PickFailed, Picked, Received, Shipped};

use crate::harness::{Region, START, answered, until};
use crate::requests::{Destination, awaiting, expecting, hold_id, line, placing, request_id};

/// Region eu, whose warehouse in Frankfurt has two pumps and expects ten more.
async fn expecting_ten(hint: &str) -> Region {
    let region = Region::alone(hint).await;
    region.stock("FRA", "PUMP", 2).await;
    region.expect("PO-1", "FRA", "PUMP", 10).await.unwrap();
    region
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_claims_shelf_and_receipt_together_or_neither() {
    let region = expecting_ten("together").await;
    let lines = |shelf, receipt| [line("FRA", "PUMP", shelf), awaiting("PO-1", "FRA", "PUMP", receipt)];
    for (shelf, receipt, available) in [(3, 1, "2"), (1, 11, "10"), (3, 11, "2")] {
        let refused = region.place(&hold_id(), &lines(shelf, receipt)).await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Exhausted, "STOCK_EXHAUSTED"));
        assert_eq!(refused.metadata["available"], available);
        assert_eq!(refused.metadata.contains_key("receipt_id"), shelf <= 2);
    }
    assert_eq!((region.level("FRA", "PUMP").await, region.receipts("PUMP").await[0].held), ((2, 0), 0));

    let hold = region.place(&hold_id(), &lines(2, 10)).await.unwrap();
    assert_eq!(hold.lines.iter().map(|line| line.awaited).collect::<Vec<_>>(), [false, true]);
    assert_eq!((region.level("FRA", "PUMP").await, region.receipts("PUMP").await[0].available), ((2, 2), 0));
    let refused = region.place(&hold_id(), &[awaiting("PO-1", "FRA", "PUMP", 1)]).await.unwrap_err();
    assert_eq!((&*refused.metadata["available"], &*refused.metadata["receipt_id"]), ("0", "PO-1"));
    region.release(&hold.hold_id).await.unwrap();
    assert_eq!((region.level("FRA", "PUMP").await, region.receipts("PUMP").await[0].held), ((2, 0), 0));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_changes_its_date_and_its_quantity_but_never_below_what_is_claimed() {
    let region = expecting_ten("change").await;
    region.place(&hold_id(), &[awaiting("PO-1", "FRA", "PUMP", 4)]).await.unwrap();
    let expect = |quantity, hours| {
        let at = region.now() + SignedDuration::from_hours(hours);
        let mut client = region.client.clone();
        let request = expecting("PO-1", "FRA", "PUMP", quantity, at);
        async move { answered(client.expect_receipt(request)).await.map(|answer| answer.receipt.unwrap()) }
    };
    // Placed, then claimed of.
    assert_eq!(expect(10, 24).await.unwrap().version, 2);
    let later = expect(4, 72).await.unwrap();
    assert_eq!((later.version, later.quantity, later.held, later.available), (3, 4, 4, 0));
    let refused = expect(3, 72).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "RECEIPT_BELOW_HELD"));
    assert_eq!(refused.metadata["held"], "4");
    let told = region.emitted("ReceiptChanged").await;
    assert_eq!((told.len(), &told[2]["receipt"]["available"]), (3, &serde_json::Value::Null));
    assert_eq!(region.receipts("PUMP").await, [later]);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_awaits_units_hears_of_every_other_date_of_their_receipt_and_nobody_else_does() {
    let region = Region::without_timers("delayed", &Tasks::new()).await;
    region.stock("FRA", "PUMP", 9).await;
    for receipt in ["PO-1", "PO-2"] {
        region.expect(receipt, "FRA", "PUMP", 10).await.unwrap();
    }
    let units = |receipt| awaiting(receipt, "FRA", "PUMP", 1);
    let void = hold_id();
    region.place(&void, &[units("PO-1")]).await.unwrap();
    region.advance(30);
    let held = hold_id();
    region.place(&held, &[line("FRA", "PUMP", 1), units("PO-1"), units("PO-2")]).await.unwrap();
    let sent = region.reserve(&[units("PO-1")]).await;
    region.send(&sent, "FRA", Destination::Customer).await.unwrap();
    let released = region.reserve(&[units("PO-1")]).await;
    region.release(&released).await.unwrap();
    region.reserve(&[line("FRA", "PUMP", 1), units("PO-2")]).await;
    let expect = async |quantity, hours| {
        let at = START + SignedDuration::from_hours(hours);
        let request = expecting("PO-1", "FRA", "PUMP", quantity, at);
        answered(region.client.clone().expect_receipt(request)).await
    };
    // The same date as before, with other units; and another one that is refused.
    expect(8, 24).await.unwrap();
    assert_eq!(expect(1, 48).await.unwrap_err().reason, "RECEIPT_BELOW_HELD");
    assert!(region.emitted("HoldDelayed").await.is_empty());
    // Later, later, and earlier again.
    for (times, (hours, date)) in
        [(72, "2026-11-23T12:00:00Z"), (72, "2026-11-23T12:00:00Z"), (12, "2026-11-21T00:00:00Z")]
            .into_iter()
            .enumerate()
    {
        expect(8, hours).await.unwrap();
        let told = region.emitted("HoldDelayed").await;
        assert_eq!(told.len(), [2, 2, 4][times]);
        for (told, hold_id) in told.iter().rev().zip([&sent, &held]) {
            let case_id = region.hold(hold_id).await.unwrap().case_id;
            let facts = ["holdId", "caseId", "receiptId", "expectedAt"].map(|fact| &told[fact]);
            assert_eq!(facts, [hold_id, &case_id, "PO-1", date]);
        }
    }
    // What has come awaits nothing.
    region.record_receipt("PO-1", 8).await.unwrap();
    let request = expecting("PO-2", "FRA", "PUMP", 10, START + SignedDuration::from_hours(96));
    answered(region.client.clone().expect_receipt(request)).await.unwrap();
    let told = region.emitted("HoldDelayed").await;
    assert_eq!(told[4..].iter().map(|told| &told["receiptId"]).collect::<Vec<_>>(), ["PO-2", "PO-2"]);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_is_held_stock_in_the_same_moment_and_is_picked_only_then() {
    let region = expecting_ten("came").await;
    let hold = region.reserve(&[line("FRA", "PUMP", 1), awaiting("PO-1", "FRA", "PUMP", 6)]).await;
    let transfer = region.send(&hold, "FRA", Destination::Customer).await.unwrap();
    for early in [Picked, PickFailed] {
        let refused = region.milestone(&transfer, early).await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "GOODS_AWAITED"));
        assert_eq!(refused.metadata["receipt_ids"], "PO-1");
    }
    let recorded = region.record_receipt("PO-1", 10).await.unwrap();
    let (receipt, level) = (recorded.receipt.unwrap(), recorded.level.unwrap());
    assert_eq!((receipt.state(), receipt.held, receipt.available), (pb::ReceiptState::Received, 0, 0));
    assert_eq!((level.on_hand, level.held, recorded.released_hold_ids.len()), (12, 7, 0));
    assert_eq!(region.receipts("PUMP").await, []);
    let covered = region.emitted("HoldCovered").await;
    assert_eq!(
        (covered.len(), &covered[0]["holdId"], &covered[0]["receiptId"]),
        (1, &hold.clone().into(), &"PO-1".into())
    );
    assert!(region.hold(&hold).await.unwrap().lines.iter().all(|line| !line.awaited));
    region.clean_audit().await;

    region.milestone(&transfer, Picked).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (5, 0));
    region.milestones(&transfer, &[Shipped, Received]).await;
    let audit = region.clean_audit().await;
    assert_eq!((audit.brought_in, audit.delivered), (12, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_receipt_covers_who_came_first_and_releases_the_others_with_their_transfers() {
    let region = expecting_ten("short").await;
    region.expect("PO-2", "FRA", "PUMP", 5).await.unwrap();
    let first = region.reserve(&[awaiting("PO-1", "FRA", "PUMP", 3)]).await;
    let second = region
        .reserve(&[
            line("FRA", "PUMP", 2),
            awaiting("PO-1", "FRA", "PUMP", 4),
            awaiting("PO-2", "FRA", "PUMP", 5),
        ])
        .await;
    let third = region.reserve(&[awaiting("PO-1", "FRA", "PUMP", 1)]).await;
    let waiting = region.send(&second, "FRA", Destination::Customer).await.unwrap();
    let recorded = region.record_receipt("PO-1", 5).await.unwrap();
    assert_eq!(recorded.released_hold_ids, [second.as_str()]);
    // Two that stood there, five that came; four of them are covered.
    assert_eq!(region.level("FRA", "PUMP").await, (7, 4));
    assert_eq!(region.receipts("PUMP").await[0].available, 5);
    for covered in [&first, &third] {
        assert_eq!(region.hold_state(covered).await, pb::HoldState::Confirmed);
    }
    assert_eq!(region.hold_state(&second).await, pb::HoldState::Released);
    assert_eq!(region.emitted("HoldReleased").await[0]["holdId"], second);
    let ended = region.emitted("TransferProgressed").await;
    assert_eq!(
        (&ended[0]["transferId"], &ended[0]["milestone"]),
        (&waiting.clone().into(), &"MILESTONE_PICK_FAILED".into())
    );
    // Whoever calls it off now learns that it is off.
    let off = region.milestone(&waiting, Cancelled).await.unwrap();
    assert_eq!(off.state(), pb::TransferState::Cancelled);
    let audit = region.clean_audit().await;
    assert_eq!((audit.brought_in, audit.on_hand, audit.written_off), (7, 7, 0));
    assert_eq!(region.record_receipt("PO-1", 5).await.unwrap_err().reason, "RECEIPT_OVER");
    assert_eq!(region.cancel_receipt("PO-1").await.unwrap_err().reason, "RECEIPT_OVER");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_receipt_releases_all_who_waited_and_is_never_expected_again() {
    let region = expecting_ten("cancel").await;
    let hold = region.reserve(&[line("FRA", "PUMP", 1), awaiting("PO-1", "FRA", "PUMP", 3)]).await;
    for _ in 0..2 {
        assert_eq!(region.cancel_receipt("PO-1").await.unwrap().state(), pb::ReceiptState::Cancelled);
    }
    assert_eq!(region.hold_state(&hold).await, pb::HoldState::Released);
    assert_eq!(region.level("FRA", "PUMP").await, (2, 0));
    assert_eq!(region.emitted("ReceiptChanged").await.len(), 3);
    let refused = region.expect("PO-1", "FRA", "PUMP", 10).await.unwrap_err();
    assert_eq!((&*refused.reason, &*refused.metadata["state"]), ("RECEIPT_OVER", "cancelled"));
    let late = region.place(&hold_id(), &[awaiting("PO-1", "FRA", "PUMP", 1)]).await.unwrap_err();
    assert_eq!((&*late.reason, &*late.metadata["available"]), ("STOCK_EXHAUSTED", "0"));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_is_called_off_gives_back_what_it_still_awaits() {
    let region = expecting_ten("calledoff").await;
    let hold = region.reserve(&[awaiting("PO-1", "FRA", "PUMP", 6)]).await;
    let transfer = region.send(&hold, "FRA", Destination::Customer).await.unwrap();
    region.milestone(&transfer, Cancelled).await.unwrap();
    assert_eq!(region.receipts("PUMP").await[0].available, 10);
    assert_eq!(region.hold_state(&hold).await, pb::HoldState::Released);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_was_asked_for_before_its_receipt_came_is_the_same_hold_after() {
    let region = expecting_ten("samehold").await;
    let request = placing(&hold_id(), &[awaiting("PO-1", "FRA", "PUMP", 6)]);
    answered(region.client.clone().place_hold(request.clone())).await.unwrap();
    region.record_receipt("PO-1", 10).await.unwrap();
    let again = pb::PlaceHoldRequest { request_id: request_id(), ..request };
    let hold = answered(region.client.clone().place_hold(again)).await.unwrap().hold.unwrap();
    assert_eq!((hold.state(), hold.lines[0].awaited), (pb::HoldState::Held, false));
    assert_eq!(region.level("FRA", "PUMP").await, (12, 6));
    // Its time runs on, and its units come free.
    region.advance(30);
    until("the hold expires", || async { region.level("FRA", "PUMP").await == (12, 0) }).await;
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_has_expired_takes_nothing_of_what_came_although_its_timer_has_not_fired() {
    let region = Region::without_timers("latecover", &Tasks::new()).await;
    region.stock("FRA", "PUMP", 2).await;
    region.expect("PO-1", "FRA", "PUMP", 10).await.unwrap();
    let void = hold_id();
    region.place(&void, &[awaiting("PO-1", "FRA", "PUMP", 6)]).await.unwrap();
    region.advance(30);
    let recorded = region.record_receipt("PO-1", 10).await.unwrap();
    assert_eq!(recorded.released_hold_ids, [void.as_str()]);
    assert_eq!(region.hold_state(&void).await, pb::HoldState::Expired);
    assert_eq!(region.level("FRA", "PUMP").await, (12, 0));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_for_few_units_to_come_and_one_who_books_them_in_never_oversell() {
    let region = expecting_ten("rush").await;
    region.expect("PO-2", "FRA", "PUMP", 10).await.unwrap();
    let insist = |lines: Vec<pb::HoldLine>| {
        let (mut client, request) = (region.client.clone(), placing(&hold_id(), &lines));
        tokio::spawn(async move {
            loop {
                match answered(client.place_hold(request.clone())).await {
                    Err(problem) if !problem.is_decision() => tokio::task::yield_now().await,
                    answer => return answer.is_ok(),
                }
            }
        })
    };
    let both = [awaiting("PO-1", "FRA", "PUMP", 1), awaiting("PO-2", "FRA", "PUMP", 1)];
    let calls = (0..24).map(|caller| {
        let mut lines = both.to_vec();
        lines.rotate_left(caller % 2);
        insist(lines)
    });
    let book = async || {
        loop {
            match region.record_receipt("PO-1", 4).await {
                Err(problem) if !problem.is_decision() => tokio::task::yield_now().await,
                answer => return answer.unwrap(),
            }
        }
    };
    let (placed, recorded) = tokio::join!(join_all(calls.collect::<Vec<_>>()), book());
    let placed = placed.into_iter().filter(|answer| *answer.as_ref().unwrap()).count();
    assert!(placed <= 10, "{placed}");
    let kept = placed - recorded.released_hold_ids.len();
    assert!(kept <= 4, "{kept}");
    let held = i64::try_from(kept).unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (6, held));
    assert_eq!(region.receipts("PUMP").await[0].held, held);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_lost_count_of_its_holds_is_found() {
    let region = expecting_ten("lostcount").await;
    region.place(&hold_id(), &[awaiting("PO-1", "FRA", "PUMP", 4)]).await.unwrap();
    let pool = region.inventory.journal().pool();
    sqlx::query("UPDATE receipt SET held = held - 1").execute(pool).await.unwrap();
    let found = region.audit().await.receipt_mismatches.remove(0);
    assert_eq!((found.held, found.holds_sum, found.received, found.ledger_sum), (3, 4, 0, 0));
    let oversold = sqlx::query("UPDATE receipt SET held = 11").execute(pool).await.unwrap_err();
    assert!(oversold.to_string().contains("receipt_held_is_expected"), "{oversold}");
}
