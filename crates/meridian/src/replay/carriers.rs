//! Everybody who made the deliveries happen, day by day.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use meridian_types::RegionId;

use super::delivery::{Next, Outcome, Work};
use super::network::Codes;
use super::news::{Date, News};
use super::progress::Progress;
use super::records::Delivery;
use crate::field::Field;
use crate::world::Addresses;

/// Cases worked on at one time.
const AT_ONCE: usize = 16;

/// What was replayed.
pub(super) struct Replayed {
    /// The regions, for the report.
    pub(super) field: Field,
    /// Cases whose goods have arrived.
    pub(super) delivered: Vec<Delivered>,
    /// Cases for which nothing could be committed.
    pub(super) unplanned: Vec<Unplanned>,
}

/// A case whose goods have arrived.
pub(super) struct Delivered {
    /// Which case.
    pub(super) case_id: String,
    /// When they arrived.
    pub(super) at: Timestamp,
    /// Whether they went the way they really went.
    pub(super) real_way: bool,
    /// The dates that were told meanwhile.
    pub(super) dates: Vec<Date>,
}

/// A case for which nothing could be committed.
pub(super) struct Unplanned {
    /// Line of the file.
    pub(super) line: u64,
    /// Which case.
    pub(super) case_id: String,
    /// Why.
    pub(super) reason: String,
}

/// Replays all deliveries in the order in which things happened.
pub(super) async fn deliver_all(
    addresses: &BTreeMap<RegionId, Addresses>,
    deliveries: &[Delivery],
    progress: &mut Progress,
) -> Result<Replayed> {
    let codes = Codes::of(deliveries);
    let start = deliveries.first().context("no deliveries")?.opened_at();
    let news = News::listen(addresses).await?;
    let field = Field::begin(addresses, start).await?;
    let mut replayed = Replayed { field, delivered: Vec::new(), unplanned: Vec::new() };
    let mut calendar: BTreeMap<Timestamp, Vec<(usize, Next)>> = BTreeMap::new();
    for (index, delivery) in deliveries.iter().enumerate() {
        calendar.entry(delivery.opened_at()).or_default().push((index, Next::Open));
    }
    while let Some((at, happenings)) = calendar.pop_first() {
        replayed.field.wait_until(at).await?;
        progress.day(at);
        let (field, news, codes) = (&replayed.field, &news, &codes);
        let outcomes: Vec<(usize, Outcome)> = futures::stream::iter(happenings)
            .map(async |(index, next)| {
                let work = Work { field, news, delivery: &deliveries[index], codes };
                let outcome = work.happen(next).await;
                anyhow::Ok((index, outcome.with_context(|| format!("line {}", work.delivery.line))?))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (index, outcome) in outcomes {
            match outcome {
                // What is due already happens as soon as everything else of this instant has.
                Outcome::At(when, next) => calendar.entry(when.max(at)).or_default().push((index, next)),
                Outcome::Delivered(shipment) => {
                    let dates = news.told(&shipment.case_id).dates;
                    let (case_id, real_way) = (shipment.case_id, shipment.real_way);
                    replayed.delivered.push(Delivered { case_id, at, real_way, dates });
                    progress.done();
                }
                Outcome::Unplanned { case_id, reason } => {
                    let line = deliveries[index].line;
                    replayed.unplanned.push(Unplanned { line, case_id, reason });
                    progress.done();
                }
            }
        }
    }
    Ok(replayed)
}
