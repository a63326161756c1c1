//! Batches for tests: written by hand with short names, or generated small and crowded.

use jiff::{SignedDuration, Timestamp};
use meridian_assignment::{Batch, Choice, Commitment, Hold, Priority, Request};
use meridian_planner::model::{Claim, LoanerPool, ScheduledReceipt, StockLevel};
use meridian_types::{
    CaseId, EngineerId, InstrumentModel, Interval, ItemId, Quantity, ReceiptId, RegionId, SiteId,
};
use proptest::prelude::*;
use uuid::Uuid;

/// The case of that number.
pub(crate) fn case(number: usize) -> CaseId {
    CaseId::from_uuid(Uuid::from_u128(number as u128))
}

fn region() -> RegionId {
    RegionId::parse("eu").unwrap()
}

fn site(number: usize) -> SiteId {
    SiteId::parse(&format!("site-{number}")).unwrap()
}

fn item(number: usize) -> ItemId {
    ItemId::parse(&format!("ITEM-{number}")).unwrap()
}

fn model() -> InstrumentModel {
    InstrumentModel::parse("MODEL-1").unwrap()
}

/// Units of item 0 at a site.
pub(crate) fn units(at: usize, units: i64) -> Claim {
    units_of(0, at, units)
}

fn units_of(of: usize, at: usize, units: i64) -> Claim {
    Claim::Stock {
        item: item(of),
        quantity: Quantity::new(units).unwrap(),
        warehouse: site(at),
        region: region(),
    }
}

/// A loaner.
pub(crate) fn loaner() -> Claim {
    Claim::Loaner { model: model(), warehouse: site(0), region: region() }
}

/// An engineer for some hours of one day.
pub(crate) fn engineer(number: usize, from_hour: i64, to_hour: i64) -> Claim {
    let at = |hour| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
    Claim::Engineer {
        engineer: EngineerId::parse(&format!("eng-{number}")).unwrap(),
        during: Interval::new(at(from_hour), at(to_hour)).unwrap(),
        site: site(0),
        region: region(),
    }
}

/// Stock of item 0 at a site.
pub(crate) fn stock(at: usize, available: i64) -> StockLevel {
    stock_of(0, at, available)
}

fn stock_of(of: usize, at: usize, available: i64) -> StockLevel {
    StockLevel { item: item(of), warehouse: site(at), available, version: 1 }
}

/// Loaners.
pub(crate) fn loaners(available: i64) -> LoanerPool {
    LoanerPool { model: model(), warehouse: site(0), available, loan_days: 0 }
}

/// A choice.
pub(crate) fn choice(cost_minor: i64, late_minutes: i64, claims: &[Claim]) -> Choice {
    Choice { cost_minor, late_minutes, claims: claims.to_vec() }
}

/// A request with a lateness weight of 1.
pub(crate) fn request(number: usize, priority: Priority, choices: &[Choice]) -> Request {
    Request { case: case(number), priority, lateness_weight: 1, choices: choices.to_vec() }
}

/// A hold of which the customer knows the date.
pub(crate) fn hold(number: usize, priority: Priority, present: Choice, alternatives: &[Choice]) -> Hold {
    Hold {
        case: case(number),
        priority,
        commitment: Commitment::DateTold,
        preempted_before: false,
        present,
        alternatives: alternatives.to_vec(),
    }
}

fn receipt_id() -> ReceiptId {
    ReceiptId::parse("RECEIPT-1").unwrap()
}

/// Units of item 0 that are on their way to a site, with a receipt of the same number everywhere.
fn coming(at: usize, available: i64) -> ScheduledReceipt {
    ScheduledReceipt {
        receipt: receipt_id(),
        item: item(0),
        warehouse: site(at),
        available,
        expected: Timestamp::UNIX_EPOCH,
        late_probability: 0.0,
    }
}

fn units_of_what_comes(at: usize, units: i64) -> Claim {
    Claim::Receipt {
        receipt: receipt_id(),
        item: item(0),
        quantity: Quantity::new(units).unwrap(),
        warehouse: site(at),
        region: region(),
    }
}

fn any_claim() -> impl Strategy<Value = Claim> {
    prop_oneof![
        3 => (0..2_usize, 0..2_usize, 1..3_i64).prop_map(|(item, site, units)| units_of(item, site, units)),
        1 => Just(loaner()),
        1 => (0..2_usize, 1..3_i64).prop_map(|(site, units)| units_of_what_comes(site, units)),
        3 => (0..2_usize, 0..8_i64, 1..4_i64).prop_map(|(who, from, hours)| engineer(who, from, from + hours)),
    ]
}

fn any_choice() -> impl Strategy<Value = Choice> {
    let late = prop_oneof![2 => Just(0_i64), 1 => 1..90_i64];
    (0..500_i64, late, prop::collection::vec(any_claim(), 1..3))
        .prop_map(|(cost, late, claims)| choice(cost, late, &claims))
}

fn any_priority() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Critical), Just(Priority::High), Just(Priority::Normal)]
}

fn any_request(number: usize) -> impl Strategy<Value = Request> {
    (any_priority(), 0..4_i64, prop::collection::vec(any_choice(), 0..4)).prop_map(
        move |(priority, lateness_weight, choices)| Request {
            lateness_weight,
            ..request(number, priority, &choices)
        },
    )
}

fn any_commitment() -> impl Strategy<Value = Commitment> {
    prop_oneof![
        4 => Just(Commitment::Held),
        4 => Just(Commitment::DateTold),
        1 => Just(Commitment::AgreedByCustomer),
        1 => Just(Commitment::AcceptedByEngineer),
        1 => Just(Commitment::Started),
        1 => Just(Commitment::InTransit),
        1 => Just(Commitment::OutOfReach),
    ]
}

fn any_hold(number: usize) -> impl Strategy<Value = Hold> {
    let alternatives = prop::collection::vec(any_choice(), 0..3);
    (any_priority(), any_commitment(), prop::bool::weighted(0.1), any_choice(), alternatives).prop_map(
        move |(priority, commitment, preempted_before, present, alternatives)| Hold {
            commitment,
            preempted_before,
            ..hold(number, priority, present, &alternatives)
        },
    )
}

/// Small crowded batches: a handful of cases after two items at two sites, a loaner and two engineers' day.
/// Holds never use an engineer at the same time as another hold.
pub(crate) fn any_batch(requests_max: usize) -> impl Strategy<Value = Batch> {
    let stock = prop::collection::vec(0..3_i64, 4);
    let requests = (1..=requests_max).prop_flat_map(|n| (0..n).map(any_request).collect::<Vec<_>>());
    let holds = (0..4_usize).prop_flat_map(|n| (0..n).map(|it| any_hold(100 + it)).collect::<Vec<_>>());
    let due = prop::collection::vec(0..3_i64, 2);
    (stock, 0..2_i64, due, requests, holds).prop_map(|(stock, pool, due, requests, holds)| {
        let mut kept: Vec<Hold> = Vec::new();
        for hold in holds {
            let mut claims: Vec<Claim> = hold.present.claims.clone();
            claims.extend(kept.iter().flat_map(|it| it.present.claims.clone()));
            if !crate::oracle::double_booked(&claims) {
                kept.push(hold);
            }
        }
        let levels = stock.iter().enumerate().map(|(at, &available)| stock_of(at / 2, at % 2, available));
        Batch {
            stock: levels.collect(),
            receipts: vec![coming(0, due[0]), coming(1, due[1])],
            loaners: vec![loaners(pool)],
            requests,
            holds: kept,
        }
    })
}
