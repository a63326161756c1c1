//! Seeded requests of all kinds: one line, several lines, repairs; without a deadline, with a generous one, with a
//! tight one that needs explanations.

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{Need, Network, Policy, Request};
use meridian_types::SiteId;

use crate::company::{dice, horizon, id};
use crate::world::{ITEMS, MODELS, line, model};

pub(crate) fn requests(network: &Network, count: usize) -> Vec<Request> {
    (0..).take(count).map(|number| request(network, number * 1_000)).collect()
}

fn request(network: &Network, seed: u64) -> Request {
    let now = horizon().start + minutes(dice(seed) % (21 * 1440));
    let hours = match dice(seed + 1) % 10 {
        0 | 1 => None,
        2..=4 => Some(150 + dice(seed + 2) % 200),
        _ => Some(10 + dice(seed + 2) % 80),
    };
    let deadline = hours.map(|hours| now + minutes(hours * 60));
    let need = match dice(seed + 3) % 20 {
        0..10 => items_of(network, seed, 1, deadline),
        10..13 => items_of(network, seed, 2 + dice(seed + 4) % 4, deadline),
        _ => repair(network, seed, deadline),
    };
    let policy = Policy::ALL[usize::try_from(dice(seed + 5) % 8).unwrap().saturating_sub(4)];
    Request { policy, ..Request::new(need, now) }
}

fn minutes(minutes: u64) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap())
}

/// Mostly customers' places, which come last; the company's own now and then.
fn place(network: &Network, seed: u64) -> SiteId {
    let among = if dice(seed).is_multiple_of(5) { 20 } else { 10 };
    let from_last = usize::try_from(dice(seed + 1) % among).unwrap();
    network.sites[network.sites.len() - 1 - from_last].id.clone()
}

fn items_of(network: &Network, seed: u64, lines: u64, deadline: Option<Timestamp>) -> Need {
    let number = |nth: u64| dice(seed + 20 + nth) % ITEMS;
    Need::Items {
        lines: (0..lines).map(|nth| line(number(nth), 1 + dice(seed + 40 + nth) % 3)).collect(),
        destination: place(network, seed + 6),
        deadline,
        end_use: None,
        model: dice(seed + 7).is_multiple_of(4).then(|| id(&model(dice(seed + 8) % MODELS))),
        revision: None,
    }
}

fn repair(network: &Network, seed: u64, deadline: Option<Timestamp>) -> Need {
    Need::Repair {
        serial: id("SN-1"),
        model: id(&model(dice(seed + 9) % MODELS)),
        revision: None,
        site: place(network, seed + 10),
        task: None,
        onward: dice(seed + 11).is_multiple_of(4).then(|| place(network, seed + 12)),
        deadline,
        end_use: None,
    }
}
