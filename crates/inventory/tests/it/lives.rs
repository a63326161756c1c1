//! Random lives of stock: what the service says and what its tables hold, against the model.

use std::cell::Cell;
use std::thread;

use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, Problem, SeededIds, TransferId};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Builder;

use crate::harness::{Region, answered, until};
use crate::model::{ITEMS, KITS, Model, OPENING, Op, RECEIPTS, SITES, Source, destination};
use crate::requests::{adjusting, kit, line, placing, reporting, sending};

const WORKERS: u8 = 4;
const SEQUENCES_EACH: u32 = 50;
/// About twice as many operations.
const EPISODES: usize = 18;
const HOLDS: usize = 8;

fn op() -> impl Strategy<Value = Op> {
    let hold = 0..HOLDS;
    let shelf = || (0..SITES.len(), 0..ITEMS);
    let receipt = || 0..RECEIPTS.len();
    let source = prop_oneof![
        3 => shelf().prop_map(Source::Shelf),
        2 => receipt().prop_map(Source::Receipt),
    ];
    let lines = prop::collection::vec((source, 1..5_i64), 1..3);
    let milestone = prop::sample::select(vec![
        pb::Milestone::Picked,
        pb::Milestone::Picked,
        pb::Milestone::PickFailed,
        pb::Milestone::Shipped,
        pb::Milestone::InCustoms,
        pb::Milestone::CustomsReleased,
        pb::Milestone::Received,
        pb::Milestone::Received,
        pb::Milestone::Lost,
        pb::Milestone::Cancelled,
    ]);
    let reason = prop_oneof![
        (1..6_i64).prop_map(|delta| (delta, pb::AdjustReason::Receipt)),
        (1..9_i64).prop_map(|delta| (-delta, pb::AdjustReason::Damaged)),
        prop_oneof![-9..0_i64, 1..4_i64].prop_map(|delta| (delta, pb::AdjustReason::Count)),
    ];
    prop_oneof![
        6 => (hold.clone(), lines, 1..60_i64).prop_map(|(hold, lines, minutes)| Op::Place { hold, lines, minutes }),
        1 => (hold.clone(), 1..90_i64).prop_map(|(hold, minutes)| Op::Extend { hold, minutes }),
        4 => hold.clone().prop_map(|hold| Op::Confirm { hold }),
        2 => hold.clone().prop_map(|hold| Op::Release { hold }),
        1 => (1..40_i64).prop_map(|minutes| Op::Advance { minutes }),
        4 => (hold.clone(), 0..SITES.len()).prop_map(|(hold, from)| Op::Send { hold, from }),
        1 => Just(Op::SendKits),
        8 => (hold, milestone.clone()).prop_map(|(hold, milestone)| Op::Report { hold, milestone }),
        2 => milestone.prop_map(|milestone| Op::Report { hold: KITS, milestone }),
        1 => (shelf(), reason).prop_map(|(shelf, (delta, reason))| Op::Adjust { shelf, delta, reason }),
        3 => (receipt(), 1..12_i64).prop_map(|(receipt, quantity)| Op::Expect { receipt, quantity }),
        1 => (receipt(), 1..12_i64).prop_map(|(receipt, came)| Op::Book { receipt, came }),
        1 => receipt().prop_map(|receipt| Op::CancelReceipt { receipt }),
    ]
}

/// Goods of a hold go all the way, if they can.
fn journey() -> impl Strategy<Value = Vec<Op>> {
    (0..HOLDS, 0..SITES.len()).prop_map(|(hold, from)| {
        let reached = [pb::Milestone::Picked, pb::Milestone::Shipped, pb::Milestone::Received];
        let reports = reached.map(|milestone| Op::Report { hold, milestone });
        [Op::Confirm { hold }, Op::Send { hold, from }].into_iter().chain(reports).collect()
    })
}

/// Holds await units of a receipt, of which fewer may come.
fn awaiting() -> impl Strategy<Value = Vec<Op>> {
    let holds = prop::collection::vec((0..HOLDS, 1..5_i64), 2..5);
    (0..RECEIPTS.len(), holds, 1..12_i64).prop_map(|(receipt, holds, came)| {
        let place =
            |(hold, units)| Op::Place { hold, lines: vec![(Source::Receipt(receipt), units)], minutes: 60 };
        let places = holds.into_iter().map(place);
        [Op::Expect { receipt, quantity: 11 }]
            .into_iter()
            .chain(places)
            .chain([Op::Book { receipt, came }])
            .collect()
    })
}

fn life() -> impl Strategy<Value = Vec<Op>> {
    let episode = prop_oneof![8 => op().prop_map(|op| vec![op]), 2 => journey(), 1 => awaiting()];
    prop::collection::vec(episode, EPISODES).prop_map(|episodes| episodes.concat())
}

/// A sequence in the real service.
struct Life<'a> {
    region: &'a Region,
    items: [String; ITEMS],
    receipts: [String; RECEIPTS.len()],
    holds: Vec<(String, String)>,
    case_id: String,
}

impl<'a> Life<'a> {
    async fn begin(region: &'a Region, sequence: u64) -> Self {
        let items = [format!("A-{sequence}"), format!("B-{sequence}")];
        for site in SITES {
            for item in &items {
                region.stock(site, item, OPENING).await;
            }
        }
        let ids = SeededIds::new(sequence);
        let holds = (0..=KITS)
            .map(|_| (HoldId::fresh(&ids).to_string(), TransferId::fresh(&ids).to_string()))
            .collect();
        let case_id = CaseId::fresh(&ids).to_string();
        let receipts = [0, 1, 2].map(|receipt| format!("PO-{sequence}-{receipt}"));
        Self { region, items, receipts, holds, case_id }
    }

    async fn apply(&self, op: &Op) -> Result<(), Problem> {
        let region = self.region;
        match op {
            Op::Place { hold, lines, minutes } => {
                let lines: Vec<pb::HoldLine> = lines
                    .iter()
                    .map(|(source, units)| {
                        let (site, item) = source.shelf();
                        let there = line(SITES[site], &self.items[item], *units);
                        match source {
                            Source::Shelf(_) => there,
                            Source::Receipt(it) => {
                                pb::HoldLine { receipt_id: self.receipts[*it].clone(), ..there }
                            }
                        }
                    })
                    .collect();
                let request = pb::PlaceHoldRequest {
                    expires_in_minutes: i32::try_from(*minutes).unwrap(),
                    ..placing(&self.holds[*hold].0, &lines)
                };
                answered(region.client.clone().place_hold(request)).await.map(drop)
            }
            Op::Extend { hold, minutes } => {
                region.extend(&self.holds[*hold].0, i32::try_from(*minutes).unwrap()).await.map(drop)
            }
            Op::Confirm { hold } => region.confirm(&self.holds[*hold].0).await.map(drop),
            Op::Release { hold } => region.release(&self.holds[*hold].0).await.map(drop),
            Op::Advance { minutes } => {
                region.advance(*minutes);
                until("overdue holds are gone", || async { self.overdue().await == 0 }).await;
                Ok(())
            }
            Op::Send { hold, from } => self.send(*hold, &self.holds[*hold].0, *from).await,
            Op::SendKits => self.send(KITS, "", 0).await,
            Op::Report { hold, milestone } => {
                let request = reporting(&self.holds[*hold].1, *milestone);
                answered(region.client.clone().record_milestone(request)).await.map(drop)
            }
            Op::Adjust { shelf: (site, item), delta, reason } => {
                region.adjust(adjusting(SITES[*site], &self.items[*item], *delta, *reason)).await.map(drop)
            }
            Op::Expect { receipt, quantity } => {
                let (site, item) = RECEIPTS[*receipt];
                let id = &self.receipts[*receipt];
                region.expect(id, SITES[site], &self.items[item], *quantity).await.map(drop)
            }
            Op::Book { receipt, came } => {
                region.record_receipt(&self.receipts[*receipt], *came).await.map(drop)
            }
            Op::CancelReceipt { receipt } => region.cancel_receipt(&self.receipts[*receipt]).await.map(drop),
        }
    }

    async fn send(&self, hold: usize, hold_id: &str, from: usize) -> Result<(), Problem> {
        let to = destination(hold, from);
        let kits = if to.as_kits { vec![kit("KIT", 1, &[(&self.items[0], 2)])] } else { Vec::new() };
        let request = pb::RequestTransferRequest {
            transfer_id: self.holds[hold].1.clone(),
            case_id: self.case_id.clone(),
            for_case: to.for_case,
            kits,
            ..sending(hold_id, SITES[from], to.at)
        };
        answered(self.region.client.clone().request_transfer(request)).await.map(drop)
    }

    async fn overdue(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM hold WHERE state = 'held' AND expires_at <= to_timestamp($1)",
        )
        .bind(i32::try_from(self.region.now().as_second()).unwrap())
        .fetch_one(self.region.inventory.journal().pool())
        .await
        .unwrap()
    }
}

async fn live(region: &Region, sequence: u64, ops: &[Op]) {
    let before = region.clean_audit().await;
    let life = Life::begin(region, sequence).await;
    let mut model = Model::new();
    for (step, op) in ops.iter().enumerate() {
        let outcome = life.apply(op).await.map_err(|problem| problem.reason.into_owned());
        assert_eq!(outcome, model.apply(op).map_err(str::to_owned), "step {step}: {op:?} in {model:#?}");
    }
    for ((site, item), level) in &model.levels {
        assert_eq!(region.level(SITES[*site], &life.items[*item]).await, *level, "{model:#?}");
    }
    for (receipt, expected) in model.expected() {
        let (_, item) = RECEIPTS[*receipt];
        let told = region.receipts(&life.items[item]).await;
        let told = told.iter().find(|told| told.receipt_id == life.receipts[*receipt]).unwrap();
        assert_eq!((told.quantity, told.held), (expected.quantity, expected.held), "{model:#?}");
    }
    let after = region.clean_audit().await;
    assert_eq!(after.brought_in - before.brought_in, model.brought_in);
    assert_eq!(after.delivered - before.delivered, model.delivered);
    assert_eq!(after.written_off - before.written_off, model.written_off);
    assert_eq!(after.handed_over - before.handed_over, model.handed_over);
}

fn work_through(worker: u8) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let region = runtime.block_on(Region::alone("model"));
    let config = Config { cases: SEQUENCES_EACH, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[worker; 32]);
    let sequences = Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&life(), |ops| {
        sequences.set(sequences.get() + 1);
        runtime.block_on(live(&region, sequences.get(), &ops));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn two_hundred_random_lives_of_stock_end_as_the_model_says() {
    let workers: Vec<_> = (1..=WORKERS).map(|worker| thread::spawn(move || work_through(worker))).collect();
    for worker in workers {
        worker.join().unwrap();
    }
}
