//! Holds: all lines or none, expiry, repetition.

use meridian_chassis::tasks::Tasks;
use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{Region, answered, fields, next_best, until};
use crate::requests::{hold_id, line, placing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_claims_all_its_lines_or_none() {
    let region = Region::alone("allornone").await;
    region.stock("FRA", "PUMP", 5).await;
    region.stock("HEL", "VALVE", 1).await;
    let refused =
        region.place(&hold_id(), &[line("FRA", "PUMP", 2), line("HEL", "VALVE", 2)]).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Exhausted, "STOCK_EXHAUSTED"));
    let facts =
        ["item_id", "warehouse_site_id", "available", "requested"].map(|fact| &*refused.metadata[fact]);
    assert_eq!(facts, ["VALVE", "HEL", "1", "2"]);
    assert_eq!(region.level("FRA", "PUMP").await, (5, 0));

    region.place(&hold_id(), &[line("FRA", "PUMP", 2), line("HEL", "VALVE", 1)]).await.unwrap();
    assert_eq!(region.level("FRA", "PUMP").await, (5, 2));
    assert_eq!(region.level("HEL", "VALVE").await, (1, 1));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_for_one_shelf_add_up() {
    let region = Region::alone("addup").await;
    region.stock("FRA", "PUMP", 5).await;
    let lines = [line("FRA", "PUMP", 2), line("FRA", "PUMP", 4)];
    let refused = region.place(&hold_id(), &lines).await.unwrap_err();
    assert_eq!(refused.metadata["requested"], "6");
    let held = region.place(&hold_id(), &lines[..1]).await.unwrap();
    assert_eq!(held.lines, &lines[..1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_id_stands_for_one_hold() {
    let region = Region::alone("holdid").await;
    region.stock("FRA", "PUMP", 5).await;
    let id = hold_id();
    let first = region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap();
    assert_eq!(region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap(), first);
    let other = region.place(&id, &[line("FRA", "PUMP", 3)]).await.unwrap_err();
    assert_eq!((other.kind, &*other.reason), (ProblemKind::AlreadyExists, "HOLD_EXISTS"));
    assert_eq!(region.level("FRA", "PUMP").await, (5, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_was_released_before_it_was_placed_is_refused() {
    let region = Region::alone("tombstone").await;
    region.stock("FRA", "PUMP", 5).await;
    let id = hold_id();
    assert_eq!(region.release(&id).await.unwrap().state(), pb::HoldState::Released);
    let late = region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap_err();
    assert_eq!((late.kind, &*late.reason), (ProblemKind::FailedPrecondition, "HOLD_RELEASED"));
    assert_eq!(region.level("FRA", "PUMP").await, (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_released_five_times_gives_its_units_back_once() {
    let region = Region::alone("releasefive").await;
    region.stock("FRA", "PUMP", 5).await;
    let (id, other) = (hold_id(), hold_id());
    region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap();
    region.place(&other, &[line("FRA", "PUMP", 3)]).await.unwrap();
    for _ in 0..5 {
        assert_eq!(region.release(&id).await.unwrap().state(), pb::HoldState::Released);
    }
    assert_eq!(region.level("FRA", "PUMP").await, (5, 3));
    let again = region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap_err();
    assert_eq!(again.reason, "HOLD_RELEASED");
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_nobody_confirms_expires_by_the_business_clock() {
    let region = Region::alone("expiry").await;
    region.stock("FRA", "PUMP", 5).await;
    let (dropped, kept) = (hold_id(), hold_id());
    region.place(&dropped, &[line("FRA", "PUMP", 2)]).await.unwrap();
    region.place(&kept, &[line("FRA", "PUMP", 1)]).await.unwrap();
    region.confirm(&kept).await.unwrap();
    region.advance(29);
    assert_eq!(region.hold_state(&dropped).await, pb::HoldState::Held);
    region.advance(1);
    until("the hold expires", || async { region.hold_state(&dropped).await == pb::HoldState::Expired }).await;
    assert_eq!(region.level("FRA", "PUMP").await, (5, 1));
    assert_eq!(region.hold_state(&kept).await, pb::HoldState::Confirmed);
    assert_eq!(region.emitted("HoldExpired").await.len(), 1);
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_expired_cannot_be_confirmed_although_its_timer_has_not_fired() {
    let region = Region::without_timers("lateconfirm", &Tasks::new()).await;
    region.stock("FRA", "PUMP", 5).await;
    let id = hold_id();
    region.place(&id, &[line("FRA", "PUMP", 2)]).await.unwrap();
    region.advance(30);
    assert_eq!(region.hold_state(&id).await, pb::HoldState::Held);
    assert_eq!(region.confirm(&id).await.unwrap_err().reason, "HOLD_EXPIRED");
    assert_eq!(region.extend(&id, 30).await.unwrap_err().reason, "HOLD_EXPIRED");
    assert_eq!(region.release(&id).await.unwrap().state(), pb::HoldState::Released);
    assert_eq!(region.level("FRA", "PUMP").await, (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_extended_hold_lives_until_its_new_expiry() {
    let region = Region::alone("extend").await;
    region.stock("FRA", "PUMP", 5).await;
    let (extended, plain) = (hold_id(), hold_id());
    region.place(&extended, &[line("FRA", "PUMP", 2)]).await.unwrap();
    region.place(&plain, &[line("FRA", "PUMP", 1)]).await.unwrap();
    region.advance(20);
    region.extend(&extended, 60).await.unwrap();
    region.advance(20);
    until("the other expires", || async { region.hold_state(&plain).await == pb::HoldState::Expired }).await;
    assert_eq!(region.hold_state(&extended).await, pb::HoldState::Held);
    region.confirm(&extended).await.unwrap();
    assert_eq!(region.extend(&extended, 60).await.unwrap_err().reason, "HOLD_NOT_HELD");
    assert_eq!(region.level("FRA", "PUMP").await, (5, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orphan_hold_is_gone_after_its_time() {
    // B3: the caller died between placing the hold and remembering it.
    let region = Region::alone("orphan").await;
    region.stock("FRA", "PUMP", 5).await;
    let mut request = placing(&hold_id(), &[line("FRA", "PUMP", 5)]);
    request.expires_in_minutes = 1;
    answered(region.client.clone().place_hold(request)).await.unwrap();
    region.advance(1);
    until("nothing is held", || async { region.level("FRA", "PUMP").await == (5, 0) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_moves_to_another_warehouse_only_where_that_has_stock() {
    // B5: moving is placing anew; three from Frankfurt do not fit on the one in Helsinki.
    let region = Region::alone("move").await;
    region.stock("FRA", "PUMP", 3).await;
    region.stock("HEL", "PUMP", 1).await;
    let id = hold_id();
    region.place(&id, &[line("FRA", "PUMP", 3)]).await.unwrap();
    let moved = region.place(&id, &[line("HEL", "PUMP", 3)]).await.unwrap_err();
    assert_eq!(moved.reason, "HOLD_EXISTS");
    let refused = region.place(&hold_id(), &[line("HEL", "PUMP", 3)]).await.unwrap_err();
    assert_eq!(refused.metadata["available"], "1");
    assert_eq!(region.level("HEL", "PUMP").await, (1, 0));
    region.clean_audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_offers_the_same_item_elsewhere() {
    let region = Region::alone("elsewhere").await;
    region.stock("FRA", "PUMP", 1).await;
    region.stock("HEL", "PUMP", 4).await;
    region.place(&hold_id(), &[line("FRA", "PUMP", 1)]).await.unwrap();
    let refused = region.place(&hold_id(), &[line("FRA", "PUMP", 1)]).await.unwrap_err();
    let offered = next_best(&refused);
    assert_eq!(offered.len(), 1);
    assert_eq!((offered[0].warehouse_site_id.as_str(), offered[0].available), ("HEL", 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_exist_is_named() {
    let region = Region::alone("unknown").await;
    region.stock("FRA", "PUMP", 1).await;
    let lines = [line("FRA", "PUMP", 1), line("FRA", "NOTHING", 1), line("CHI", "PUMP", 1)];
    let refused = region.place(&hold_id(), &lines).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Invalid, "UNKNOWN_REFERENCE"));
    assert_eq!(fields(&refused), ["lines[1].item_id", "lines[2].warehouse_site_id"]);
    for result in
        [region.confirm(&hold_id()).await, region.extend(&hold_id(), 5).await, region.hold(&hold_id()).await]
    {
        assert_eq!(result.unwrap_err().reason, "HOLD_NOT_FOUND");
    }
}
