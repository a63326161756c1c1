//! Two regions that hear of each other over NATS.

use meridian_proto::inventory::v1 as pb;
use meridian_types::ProblemKind;
use pb::Milestone::{Cancelled, InCustoms, Picked, Received, Shipped};

use crate::harness::{answered, assert_clean, next_best, until};
use crate::requests::{Destination, adjusting, awaiting, hold_id, line, reporting, request_id, sending};
use crate::two_regions::World;

const TO_FRA: Destination = Destination::Warehouse { region: "eu", site_id: "FRA" };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_region_knows_the_others_levels_and_how_old_they_are() {
    let world = World::start("projection").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 7).await;
    until("eu knows of Chicago", || async { eu.levels("PUMP").await.len() == 1 }).await;
    let known = eu.levels("PUMP").await.remove(0);
    assert_eq!((known.region.as_str(), known.on_hand, known.available), ("us", 7, 7));
    assert_eq!(eu.items(&["PUMP"]).await[0].region, "us");
    let older = || async { eu.levels("PUMP").await[0].age_ms > known.age_ms };
    until("the figure gets older by the real clock", older).await;
    assert_eq!(us.levels("PUMP").await[0].age_ms, 0);

    us.place(&hold_id(), &[line("CHI", "PUMP", 5)]).await.unwrap();
    until("eu knows of the hold", || async { eu.levels("PUMP").await[0].held == 5 }).await;
    let learned = eu.levels("PUMP").await.remove(0);
    assert_eq!((learned.on_hand, learned.available, learned.as_of), (7, 2, us.levels("PUMP").await[0].as_of));
    assert!(learned.version > known.version);

    // What a region knows of another, it does not decide on; but it offers it.
    eu.stock("FRA", "PUMP", 1).await;
    let refused = eu.place(&hold_id(), &[line("CHI", "PUMP", 1)]).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Invalid, "UNKNOWN_REFERENCE"));
    let refused = eu.place(&hold_id(), &[line("FRA", "PUMP", 2)]).await.unwrap_err();
    let offered = next_best(&refused);
    assert_eq!((offered[0].region.as_str(), offered[0].available), ("us", 2));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_region_knows_what_the_other_expects_and_which_cases_hold_its_units() {
    let world = World::start("whoabroad").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 7).await;
    us.expect("PO-1", "CHI", "PUMP", 10).await.unwrap();
    let (both, dropped) = (hold_id(), hold_id());
    us.place(&both, &[line("CHI", "PUMP", 2), awaiting("PO-1", "CHI", "PUMP", 4)]).await.unwrap();
    us.place(&dropped, &[line("CHI", "PUMP", 1)]).await.unwrap();
    let case_id = us.hold(&both).await.unwrap().case_id;
    let held_abroad = || async {
        let levels = eu.levels("PUMP").await;
        levels.iter().flat_map(|level| &level.holds).map(|hold| hold.quantity).collect::<Vec<_>>()
    };
    until("eu knows who holds", || async { held_abroad().await == [2, 1] }).await;
    assert_eq!(eu.levels("PUMP").await[0].holds[0].case_id, case_id);
    until("eu knows what is claimed", || async { eu.receipts("PUMP").await[0].available == 6 }).await;
    assert_eq!(eu.receipts("PUMP").await, us.receipts("PUMP").await);

    us.release(&dropped).await.unwrap();
    us.confirm(&both).await.unwrap();
    us.record_receipt("PO-1", 10).await.unwrap();
    until("eu knows what came", || async { held_abroad().await == [6] }).await;
    until("eu expects no more", || async { eu.receipts("PUMP").await.is_empty() }).await;
    let transfer = us.send(&both, "CHI", Destination::Customer).await.unwrap();
    us.milestone(&transfer, Picked).await.unwrap();
    until("eu knows that they have left", || async { held_abroad().await.is_empty() }).await;
    // A command that is repeated opens nothing again.
    let again = [line("CHI", "PUMP", 2), awaiting("PO-1", "CHI", "PUMP", 4)];
    us.place(&both, &again).await.unwrap();
    us.place(&hold_id(), &[line("CHI", "PUMP", 3)]).await.unwrap();
    until("eu knows the next hold alone", || async { held_abroad().await == [3] }).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_for_a_case_abroad_come_onto_no_shelf() {
    let world = World::start("workabroad").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 7).await;
    eu.stock("FRA", "VALVE", 1).await;
    let hold = us.reserve(&[line("CHI", "PUMP", 3)]).await;
    let order = pb::RequestTransferRequest { for_case: true, ..sending(&hold, "CHI", TO_FRA) };
    let used = answered(us.client.clone().request_transfer(order)).await.unwrap().transfer.unwrap();
    us.milestones(&used.transfer_id, &[Picked, Shipped, Received]).await;
    let stocked = us.reserve_and_send("CHI", "PUMP", 1, TO_FRA).await;
    us.milestones(&stocked, &[Picked, Shipped, Received]).await;
    until("what is for the shelf arrives", || async { eu.level("FRA", "PUMP").await == (1, 0) }).await;
    let there = us.clean_audit().await;
    assert_eq!((there.delivered, there.handed_over), (3, 1));
    assert_eq!(eu.clean_audit().await.brought_in, 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_sent_to_another_region_arrive_there_once_and_none_is_lost_or_made() {
    let world = World::start("inbound").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 7).await;
    eu.stock("FRA", "VALVE", 1).await;
    let arriving = us.reserve_and_send("CHI", "PUMP", 3, TO_FRA).await;
    let called_off = us.reserve_and_send("CHI", "PUMP", 1, TO_FRA).await;
    us.milestones(&called_off, &[Picked, Cancelled]).await;
    us.milestones(&arriving, &[Picked, Shipped, InCustoms]).await;
    assert_eq!(us.clean_audit().await.in_transit, 3);
    us.milestones(&arriving, &[pb::Milestone::CustomsReleased]).await;

    // The receiving region reports the arrival, more than once; the owner records it and says so.
    for _ in 0..3 {
        let arrival =
            pb::RecordMilestoneRequest { region: "us".to_owned(), ..reporting(&arriving, Received) };
        answered(eu.client.clone().record_milestone(arrival)).await.unwrap();
    }
    until("the units are in Frankfurt", || async { eu.level("FRA", "PUMP").await == (3, 0) }).await;
    assert_eq!(us.transfer(&arriving).await.unwrap().state(), pb::TransferState::Received);
    let (here, there) = (eu.clean_audit().await, us.clean_audit().await);
    assert_eq!((there.handed_over, there.on_hand), (3, 4));
    // One valve and seven pumps came into the world; three of them came into eu from us.
    assert_eq!(here.brought_in + there.brought_in, 8 + there.handed_over);

    // Arrived goods are stock like any other.
    eu.place(&hold_id(), &[line("FRA", "PUMP", 3)]).await.unwrap();
    until("us knows", || async { us.levels("PUMP").await.iter().any(|l| l.region == "eu" && l.held == 3) })
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reported_milestone_that_cannot_be_is_answered_and_changes_nothing() {
    let world = World::start("impossible").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 7).await;
    let transfer = us.reserve_and_send("CHI", "PUMP", 3, TO_FRA).await;
    let arrival = pb::RecordMilestoneRequest { region: "us".to_owned(), ..reporting(&transfer, Received) };
    answered(eu.client.clone().record_milestone(arrival)).await.unwrap();
    until("us refuses", || async { !us.emitted("StockCommandRefused").await.is_empty() }).await;
    let told = us.emitted("StockCommandRefused").await.remove(0);
    assert_eq!((&told["transferId"], &told["reason"]), (&transfer.clone().into(), &"TRANSFER_STATE".into()));
    assert_eq!(us.transfer(&transfer).await.unwrap().state(), pb::TransferState::Requested);
    assert_eq!(us.level("CHI", "PUMP").await, (7, 3));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_travel_back_and_forth_between_regions_are_conserved() {
    let world = World::start("backforth").await;
    let (eu, us) = (&world.eu.region, &world.us.region);
    us.stock("CHI", "PUMP", 20).await;
    eu.stock("FRA", "VALVE", 1).await;
    for round in 1..=5 {
        let there = us.reserve_and_send("CHI", "PUMP", 4, TO_FRA).await;
        us.milestones(&there, &[Picked, Shipped, Received]).await;
        until("they arrive", || async { eu.level("FRA", "PUMP").await.0 == 4 }).await;
        let home = Destination::Warehouse { region: "us", site_id: "CHI" };
        let back = eu.reserve_and_send("FRA", "PUMP", 3, home).await;
        eu.milestones(&back, &[Picked, Shipped, Received]).await;
        let request = adjusting("FRA", "PUMP", -1, pb::AdjustReason::Damaged);
        eu.adjust(pb::AdjustStockRequest { request_id: request_id(), ..request }).await.unwrap();
        until("they are back", || async { us.level("CHI", "PUMP").await.0 == 20 - round }).await;
    }
    let (here, there) = (eu.audit().await, us.audit().await);
    assert_clean(&here);
    assert_clean(&there);
    assert_eq!((here.on_hand, there.on_hand, here.written_off), (1, 15, 5));
    world.stop().await;
}
