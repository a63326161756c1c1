//! What coordinators ask for by message, and what they hear.

use jiff::SignedDuration;
use meridian_proto::coordinator::v1 as commands;
use meridian_proto::inventory::v1 as pb;

use crate::harness::{answered, until};
use crate::requests::{
    Destination, adjusting, awaiting, case_id, expecting, hold_id, kit, line, transfer_id,
};
use crate::two_regions::World;

/// What a coordinator needs to name in the life of one hold.
struct Wanted {
    hold_id: String,
    transfer_id: String,
    case_id: String,
}

impl Wanted {
    fn new() -> Self {
        Self { hold_id: hold_id(), transfer_id: transfer_id(), case_id: case_id() }
    }

    fn hold(&self, lines: Vec<pb::HoldLine>) -> commands::HoldStockRequested {
        commands::HoldStockRequested {
            target_region: "us".to_owned(),
            hold_id: self.hold_id.clone(),
            case_id: self.case_id.clone(),
            plan_id: "plan".to_owned(),
            lines,
            expires_in_minutes: 30,
        }
    }

    fn confirm(&self) -> commands::ConfirmStockRequested {
        commands::ConfirmStockRequested {
            target_region: "us".to_owned(),
            hold_id: self.hold_id.clone(),
            case_id: self.case_id.clone(),
        }
    }

    fn release(&self) -> commands::ReleaseStockRequested {
        commands::ReleaseStockRequested {
            target_region: "us".to_owned(),
            hold_id: self.hold_id.clone(),
            case_id: self.case_id.clone(),
        }
    }

    fn go(&self, from: &str) -> commands::MoveRequested {
        commands::MoveRequested {
            target_region: "us".to_owned(),
            transfer_id: self.transfer_id.clone(),
            case_id: self.case_id.clone(),
            hold_id: self.hold_id.clone(),
            from_site_id: from.to_owned(),
            to_site_id: "CLINIC".to_owned(),
            ..commands::MoveRequested::default()
        }
    }

    fn cancel(&self) -> commands::CancelMoveRequested {
        commands::CancelMoveRequested {
            target_region: "us".to_owned(),
            transfer_id: self.transfer_id.clone(),
            case_id: self.case_id.clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_abroad_holds_confirms_moves_and_calls_off() {
    let world = World::start("commands").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    let wanted = Wanted::new();
    eu.command(wanted.hold(vec![line("CHI", "PUMP", 2)])).await;
    let placed = us.hears("HoldPlaced", 1).await;
    assert_eq!(placed["holdId"], wanted.hold_id);
    assert_eq!(placed["caseId"], wanted.case_id);
    assert!(placed["expiresAt"].is_string());
    eu.command(wanted.confirm()).await;
    us.hears("HoldConfirmed", 1).await;
    eu.command(wanted.go("CHI")).await;
    assert_eq!(us.hears("TransferRequested", 1).await["transfer"]["lines"][0]["quantity"], "2");
    eu.command(wanted.cancel()).await;
    assert_eq!(us.hears("TransferProgressed", 1).await["milestone"], "MILESTONE_CANCELLED");
    assert_eq!(us.region.level("CHI", "PUMP").await, (5, 0));
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_abroad_claims_what_is_to_come_and_sends_it_for_work() {
    let world = World::start("tocome").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 1).await;
    let receipt = us.region.expect("PO-1", "CHI", "PUMP", 4).await.unwrap();
    let (wanted, late) = (Wanted::new(), Wanted::new());
    eu.command(wanted.hold(vec![awaiting("PO-1", "CHI", "PUMP", 3)])).await;
    let placed = us.hears("HoldPlaced", 1).await;
    assert_eq!(placed["lines"][0]["awaited"], true);
    assert_eq!(placed["awaited"][0]["receiptId"], "PO-1");
    assert_eq!(placed["awaited"][0]["expectedAt"], receipt.expected_at.unwrap().to_string());
    eu.command(late.hold(vec![awaiting("PO-1", "CHI", "PUMP", 2)])).await;
    let refused = us.hears("HoldRefused", 1).await;
    let facts = ["reason", "receiptId", "itemId", "available"].map(|fact| &refused[fact]);
    assert_eq!(facts, ["STOCK_EXHAUSTED", "PO-1", "PUMP", "1"]);
    eu.command(wanted.confirm()).await;
    us.hears("HoldConfirmed", 1).await;
    let to_depot = commands::MoveRequested {
        to_site_id: "DEPOT".to_owned(),
        to_region: "eu".to_owned(),
        for_case: true,
        ..wanted.go("CHI")
    };
    eu.command(to_depot).await;
    assert_eq!(us.hears("TransferRequested", 1).await["transfer"]["forCase"], true);
    let late = us.region.now() + SignedDuration::from_hours(72);
    let request = expecting("PO-1", "CHI", "PUMP", 4, late);
    answered(us.region.client.clone().expect_receipt(request)).await.unwrap();
    assert_eq!(us.hears("HoldDelayed", 1).await["holdId"], wanted.hold_id);
    us.region.record_receipt("PO-1", 4).await.unwrap();
    assert_eq!(us.hears("HoldCovered", 1).await["holdId"], wanted.hold_id);
    us.region.milestone(&wanted.transfer_id, pb::Milestone::Picked).await.unwrap();
    assert_eq!(us.hears("TransferProgressed", 1).await["holdId"], wanted.hold_id);
    assert_eq!(us.region.level("CHI", "PUMP").await, (2, 0));
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_abroad_has_kits_put_together_and_sent() {
    let world = World::start("kits").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    let wanted = Wanted::new();
    eu.command(wanted.hold(vec![line("CHI", "PUMP", 2)])).await;
    us.hears("HoldPlaced", 1).await;
    eu.command(wanted.confirm()).await;
    us.hears("HoldConfirmed", 1).await;
    let kits = vec![kit("SET", 1, &[("PUMP", 2), ("VALVE", 1)])];
    let go = commands::MoveRequested { for_case: true, kits: kits.clone(), ..wanted.go("CHI") };
    eu.command(go).await;
    let ordered = us.hears("TransferRequested", 1).await;
    let told = &ordered["transfer"]["kits"][0];
    assert_eq!((&told["itemId"], &told["parts"][1]["itemId"]), (&"SET".into(), &"VALVE".into()));

    // Everything that goes in came for the case before: there is nothing to hold.
    let assembled = Wanted { hold_id: String::new(), ..Wanted::new() };
    let stray = commands::MoveRequested { kits: kits.clone(), ..assembled.go("CHI") };
    eu.command(stray).await;
    let refused = us.hears("StockCommandRefused", 1).await;
    let facts = [&refused["reason"], &refused["transferId"], &refused["caseId"]];
    assert_eq!(facts, ["INVALID_REQUEST", &assembled.transfer_id, &assembled.case_id]);
    for times in 2..=3 {
        let go = commands::MoveRequested { for_case: true, kits: kits.clone(), ..assembled.go("CHI") };
        eu.command(go).await;
        assert_eq!(
            us.hears("TransferRequested", times).await["transfer"]["transferId"],
            assembled.transfer_id
        );
    }
    us.region.milestone(&assembled.transfer_id, pb::Milestone::Picked).await.unwrap();
    assert_eq!(us.hears("TransferProgressed", 1).await.get("holdId"), None);
    assert_eq!(us.region.level("CHI", "PUMP").await, (5, 2));
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_that_came_for_a_case_are_shelved_once_where_they_lie_and_stay_counted() {
    let world = World::start("shelve").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    us.region.stock("DEPOT", "VALVE", 1).await;
    let wanted = Wanted::new();
    eu.command(wanted.hold(vec![line("CHI", "PUMP", 2)])).await;
    us.hears("HoldPlaced", 1).await;
    eu.command(wanted.confirm()).await;
    us.hears("HoldConfirmed", 1).await;
    let to_depot = commands::MoveRequested {
        to_site_id: "DEPOT".to_owned(),
        to_region: "us".to_owned(),
        for_case: true,
        ..wanted.go("CHI")
    };
    eu.command(to_depot).await;
    us.hears("TransferRequested", 1).await;
    let way = [pb::Milestone::Picked, pb::Milestone::Shipped, pb::Milestone::Received];
    us.region.milestones(&wanted.transfer_id, &way).await;
    assert_eq!(us.region.clean_audit().await.delivered, 2);
    let shelve = |transfer_id: &str, units| commands::ShelveGoodsRequested {
        target_region: "us".to_owned(),
        transfer_id: transfer_id.to_owned(),
        case_id: wanted.case_id.clone(),
        lines: vec![line("DEPOT", "PUMP", units)],
    };
    for times in 1..=3 {
        eu.command(shelve(&wanted.transfer_id, 2)).await;
        let told = us.hears("GoodsShelved", times).await;
        assert_eq!([&told["transferId"], &told["caseId"]], [&wanted.transfer_id, &wanted.case_id]);
    }
    assert_eq!(us.region.level("DEPOT", "PUMP").await, (2, 0));
    assert_eq!(us.region.clean_audit().await.delivered, 0);

    let too_many = transfer_id();
    eu.command(shelve(&too_many, 1_000_000_000)).await;
    let refused = us.hears("StockCommandRefused", 1).await;
    assert_eq!([&refused["reason"], &refused["transferId"]], ["SHELF_FULL", &too_many]);
    eu.command(shelve(&too_many, 1)).await;
    us.hears("GoodsShelved", 4).await;
    assert_eq!(us.region.level("DEPOT", "PUMP").await, (3, 0), "of a transfer that another region owns, too");
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_onto_a_shelf_by_itself_is_not_shelved_again() {
    let world = World::start("shelved").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 1).await;
    us.region.stock("DEPOT", "VALVE", 1).await;
    eu.region.stock("FRA", "SEAL", 1).await;
    let depot = || Destination::Warehouse { region: "us", site_id: "DEPOT" };
    let own = us.region.reserve_and_send("CHI", "PUMP", 1, depot()).await;
    let foreign = eu.region.reserve_and_send("FRA", "SEAL", 1, depot()).await;
    let shelve = |transfer_id: &str, item_id| commands::ShelveGoodsRequested {
        target_region: "us".to_owned(),
        transfer_id: transfer_id.to_owned(),
        case_id: case_id(),
        lines: vec![line("DEPOT", item_id, 1)],
    };
    let on_shelf = async |item_id: &str, units: i64| {
        let level = async || us.region.level("DEPOT", item_id).await == (units, 0);
        until("the goods to be on the shelf", level).await;
    };
    eu.command(shelve(&own, "PUMP")).await;
    us.hears("StockCommandRefused", 1).await;
    let way = [pb::Milestone::Picked, pb::Milestone::Shipped, pb::Milestone::Received];
    us.region.milestones(&own, &way).await;
    eu.region.milestones(&foreign, &way).await;
    on_shelf("PUMP", 1).await;
    on_shelf("SEAL", 1).await;
    for (times, (transfer, item_id)) in (2..).zip([(&own, "PUMP"), (&foreign, "SEAL")]) {
        eu.command(shelve(transfer, item_id)).await;
        let refused = us.hears("StockCommandRefused", times).await;
        assert_eq!([&refused["reason"], &refused["transferId"]], ["NOTHING_TO_SHELVE", transfer]);
        on_shelf(item_id, 1).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_repeated_is_answered_again_and_done_once() {
    let world = World::start("again").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    let wanted = Wanted::new();
    for times in 1..=3 {
        eu.command(wanted.hold(vec![line("CHI", "PUMP", 2)])).await;
        us.hears("HoldPlaced", times).await;
    }
    for times in 1..=2 {
        eu.command(wanted.confirm()).await;
        us.hears("HoldConfirmed", times).await;
    }
    for times in 1..=2 {
        eu.command(wanted.go("CHI")).await;
        us.hears("TransferRequested", times).await;
    }
    us.region.milestone(&wanted.transfer_id, pb::Milestone::Picked).await.unwrap();
    for times in 2..=3 {
        eu.command(wanted.cancel()).await;
        assert_eq!(us.hears("TransferProgressed", times).await["milestone"], "MILESTONE_CANCELLED");
    }
    assert_eq!(us.region.level("CHI", "PUMP").await, (5, 0));
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_command_is_answered_with_the_same_refusal_ever_after() {
    let world = World::start("refused").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    let wanted = Wanted::new();
    let too_many = || wanted.hold(vec![line("CHI", "PUMP", 6)]);
    eu.command(too_many()).await;
    let refused = us.hears("HoldRefused", 1).await;
    let facts = ["reason", "itemId", "warehouseSiteId", "available"].map(|fact| &refused[fact]);
    assert_eq!(facts, ["STOCK_EXHAUSTED", "PUMP", "CHI", "5"]);
    // The coordinator has gone on to the next best way; stock that comes now must not be held for it.
    us.region.adjust(adjusting("CHI", "PUMP", 5, pb::AdjustReason::Receipt)).await.unwrap();
    eu.command(too_many()).await;
    assert_eq!(us.hears("HoldRefused", 2).await, refused);
    assert_eq!(us.region.hold(&wanted.hold_id).await.unwrap_err().reason, "HOLD_NOT_FOUND");

    let broken = Wanted::new();
    eu.command(broken.hold(vec![line("CHI", "PUMP", -1)])).await;
    assert_eq!(us.hears("HoldRefused", 3).await["reason"], "INVALID_REQUEST");
    eu.command(wanted.confirm()).await;
    assert_eq!(us.hears("StockCommandRefused", 1).await["reason"], "HOLD_NOT_FOUND");
    eu.command(wanted.go("CHI")).await;
    let refused = us.hears("StockCommandRefused", 2).await;
    assert_eq!(refused["reason"], "HOLD_NOT_CONFIRMED");
    assert_eq!(refused["transferId"], wanted.transfer_id);
    eu.command(wanted.cancel()).await;
    assert_eq!(us.hears("StockCommandRefused", 3).await["reason"], "TRANSFER_NOT_FOUND");
    // All of it went through one reader, whose transactions go on after a refusal.
    let good = Wanted::new();
    eu.command(good.hold(vec![line("CHI", "PUMP", 1)])).await;
    us.hears("HoldPlaced", 1).await;
    us.region.clean_audit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_that_overtakes_its_hold_wins() {
    let world = World::start("overtake").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 5).await;
    let wanted = Wanted::new();
    eu.command(wanted.release()).await;
    assert_eq!(us.hears("HoldReleased", 1).await["caseId"], wanted.case_id);
    eu.command(wanted.hold(vec![line("CHI", "PUMP", 2)])).await;
    assert_eq!(us.hears("HoldRefused", 1).await["reason"], "HOLD_RELEASED");
    assert_eq!(us.region.level("CHI", "PUMP").await, (5, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_region_that_is_meant_obeys_and_two_regions_compete_for_the_last_unit() {
    let world = World::start("compete").await;
    let (eu, us) = (&world.eu, &world.us);
    us.region.stock("CHI", "PUMP", 1).await;
    let (from_eu, from_us) = (Wanted::new(), Wanted::new());
    tokio::join!(
        eu.command(from_eu.hold(vec![line("CHI", "PUMP", 1)])),
        us.command(from_us.hold(vec![line("CHI", "PUMP", 1)]))
    );
    let winner = us.hears("HoldPlaced", 1).await;
    let loser = us.hears("HoldRefused", 1).await;
    assert_ne!(winner["holdId"], loser["holdId"]);
    assert_eq!(eu.region.emitted("HoldPlaced").await.len() + eu.region.emitted("HoldRefused").await.len(), 0);

    // A call of an office is told to the coordinators like a command of theirs.
    us.region.adjust(adjusting("CHI", "PUMP", 1, pb::AdjustReason::Receipt)).await.unwrap();
    us.region.place(&hold_id(), &[line("CHI", "PUMP", 1)]).await.unwrap();
    us.hears("HoldPlaced", 2).await;
    world.stop().await;
}
