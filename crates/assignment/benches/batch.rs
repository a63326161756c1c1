//! Assigns batches of requests that compete: the fast answer beside the best one.
//!
//! `cargo bench -p meridian-assignment --bench batch`. Seeded, fictitious requests of three priorities want units at
//! a few warehouses, loaners, or hours of engineers; there is enough for half to two thirds of them. The baseline is
//! `exact` in the same run: how much faster `greedy` is, and how far from the best total.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "the batches made here are valid")]

mod timing;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_assignment::{
    Batch, Choice, Commitment, Hold, Outcome, Priority, Proof, Request, exact, greedy,
};
use meridian_planner::model::{Claim, LoanerPool, StockLevel};
use meridian_types::{CaseId, EngineerId, InstrumentModel, Interval, ItemId, Quantity, RegionId, SiteId};
use uuid::Uuid;

use timing::median;

const SECONDS_MAX: f64 = 30.0;

fn main() {
    println!(
        "{:>8} {:<7} {:>10} {:>22} {:>12} {:>10} {:>12}  proof",
        "requests", "method", "ms", "served c/h/n", "late x wt", "pre-empted", "cost"
    );
    for requests in [100, 1_000] {
        let batch = Draw(0x9E37_79B9_7F4A_7C15).batch(requests);
        let (fast, by_regret) = median(|| greedy(&batch).unwrap());
        let (slow, best) = median(|| exact(&batch, SECONDS_MAX).unwrap());
        print(requests, "greedy", fast, &by_regret);
        print(requests, "exact", slow, &best);
        println!(
            "{requests:>8} greedy is {:.0} times faster, serves {} of {}, weighted lateness {:+.1} %",
            slow.as_secs_f64() / fast.as_secs_f64(),
            by_regret.served.len(),
            best.served.len(),
            100.0
                * (by_regret.total.weighted_late_minutes as f64
                    / best.total.weighted_late_minutes.max(1) as f64
                    - 1.0)
        );
    }
}

fn print(requests: i64, method: &str, time: Duration, outcome: &Outcome) {
    let total = outcome.total;
    println!(
        "{requests:>8} {method:<7} {:>10.2} {:>22} {:>12} {:>10} {:>12}  {}",
        time.as_secs_f64() * 1_000.0,
        format!("{:?}", total.served),
        total.weighted_late_minutes,
        total.preempted,
        total.cost_minor,
        match outcome.proof {
            Proof::Optimal => "optimal".to_owned(),
            Proof::Feasible { gap: Some(gap) } => format!("gap {:.3} %", 100.0 * gap),
            Proof::Feasible { gap: None } => "none".to_owned(),
        }
    );
}

/// SplitMix64: the same batches in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 1) as i64 % limit
    }

    /// A batch in which everything grows with the number of requests: one warehouse for 50, one item for 10, one
    /// engineer for 12, one pool of loaners for 25; and one hold for 10.
    fn batch(&mut self, requests: i64) -> Batch {
        let size = Size {
            warehouses: requests / 50 + 2,
            items: requests / 10,
            engineers: requests / 12,
            models: requests / 25,
        };
        let mut stock = Vec::new();
        for item in 0..size.items {
            for at in 0..size.warehouses {
                if self.below(3) == 0 {
                    let available = self.below(4);
                    stock.push(StockLevel {
                        item: item_id(item),
                        warehouse: site_id(at),
                        available,
                        version: 1,
                    });
                }
            }
        }
        let loaners = (0..size.models).map(|model| LoanerPool {
            model: model_id(model),
            warehouse: site_id(0),
            available: 1 + self.below(2),
            loan_days: 0,
        });
        let loaners = loaners.collect();
        let holds = (0..requests / 10).map(|number| self.hold(requests + number, &size)).collect();
        let requests = (0..requests).map(|number| self.request(number, &size)).collect();
        Batch { stock, receipts: Vec::new(), loaners, requests, holds }
    }

    fn request(&mut self, number: i64, size: &Size) -> Request {
        let wish = self.wish(size);
        Request {
            case: CaseId::from_uuid(Uuid::from_u128(number as u128)),
            priority: self.priority(),
            lateness_weight: 1 + self.below(10),
            choices: (0..3 + self.below(6)).map(|rank| self.choice(wish, rank, size)).collect(),
        }
    }

    fn hold(&mut self, number: i64, size: &Size) -> Hold {
        let item = Wish::Item(self.below(size.items));
        Hold {
            case: CaseId::from_uuid(Uuid::from_u128(number as u128)),
            priority: self.priority(),
            commitment: [Commitment::Held, Commitment::DateTold, Commitment::Started][self.below(3) as usize],
            preempted_before: false,
            present: self.choice(item, 0, size),
            alternatives: (0..3).map(|_| self.choice(item, 0, size)).collect(),
        }
    }

    fn priority(&mut self) -> Priority {
        match self.below(10) {
            0 => Priority::Critical,
            1..=3 => Priority::High,
            _ => Priority::Normal,
        }
    }

    /// Half want an item, a third a repair, the rest a loaner.
    fn wish(&mut self, size: &Size) -> Wish {
        match self.below(6) {
            0..=2 => Wish::Item(self.below(size.items)),
            3 | 4 => Wish::Visit,
            _ => Wish::Loaner(self.below(size.models)),
        }
    }

    /// The later in the front, the cheaper and the later.
    fn choice(&mut self, wish: Wish, rank: i64, size: &Size) -> Choice {
        let region = RegionId::parse("eu").unwrap();
        let warehouse = site_id(self.below(size.warehouses));
        let claim = match wish {
            Wish::Item(item) => {
                let quantity = Quantity::new(1 + self.below(2)).unwrap();
                Claim::Stock { item: item_id(item), quantity, warehouse, region }
            }
            Wish::Loaner(model) => Claim::Loaner { model: model_id(model), warehouse: site_id(0), region },
            Wish::Visit => {
                let start = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30 * self.below(96));
                let during =
                    Interval::new(start, start + SignedDuration::from_hours(3 + self.below(6))).unwrap();
                let engineer = EngineerId::parse(&format!("eng-{}", self.below(size.engineers))).unwrap();
                Claim::Engineer { engineer, during, site: warehouse, region }
            }
        };
        Choice {
            cost_minor: 100_000 / (rank + 1) + self.below(5_000),
            late_minutes: (rank - 2).max(0) * self.below(240),
            claims: vec![claim],
        }
    }
}

/// How many there are of each.
struct Size {
    warehouses: i64,
    items: i64,
    engineers: i64,
    models: i64,
}

#[derive(Clone, Copy)]
enum Wish {
    Item(i64),
    Visit,
    Loaner(i64),
}

fn item_id(number: i64) -> ItemId {
    ItemId::parse(&format!("ITEM-{number}")).unwrap()
}

fn site_id(number: i64) -> SiteId {
    SiteId::parse(&format!("site-{number}")).unwrap()
}

fn model_id(number: i64) -> InstrumentModel {
    InstrumentModel::parse(&format!("MODEL-{number}")).unwrap()
}
