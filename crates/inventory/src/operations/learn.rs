//! What other regions say of themselves.

use meridian_messaging::Work;
use meridian_types::{CaseId, HoldId, RegionId};

use crate::domain::item::Item;
use crate::domain::receipt::Receipt;
use crate::domain::stock::{Level, Line};
use crate::domain::transfer::Inbound;
use crate::error::Error;
use crate::store;

/// `region` states a level.
pub(crate) async fn learn_level(work: &mut Work, region: &RegionId, level: &Level) -> Result<(), Error> {
    Ok(store::world_stock::learn(work.conn(), region, level).await?)
}

/// `region` says what it expects.
pub(crate) async fn learn_receipt(
    work: &mut Work,
    region: &RegionId,
    receipt: &Receipt,
) -> Result<(), Error> {
    Ok(store::world_receipt::learn(work.conn(), region, receipt).await?)
}

/// `region` says what a hold claims. Only what it claims of shelves is of concern: receipts say themselves how much of
/// them can be had.
pub(crate) async fn learn_hold(
    work: &mut Work,
    region: &RegionId,
    hold: (HoldId, CaseId),
    version: i64,
    lines: Vec<Line>,
) -> Result<(), Error> {
    let on_shelves: Vec<Line> = lines.into_iter().filter(|line| !line.awaited).collect();
    Ok(store::world_hold::learn(work.conn(), region, hold, version, &on_shelves).await?)
}

/// `region` says that a hold claims nothing any more.
pub(crate) async fn learn_end_of_hold(
    work: &mut Work,
    region: &RegionId,
    hold: (HoldId, CaseId),
) -> Result<(), Error> {
    Ok(store::world_hold::end(work.conn(), region, hold).await?)
}

/// `region` defines an item. A record that another region owns stays as it is.
pub(crate) async fn learn_item(work: &mut Work, region: &RegionId, item: &Item) -> Result<(), Error> {
    if item.region == *region {
        store::item::replace(work.conn(), &[item]).await?;
    } else {
        tracing::warn!(item_id = %item.item_id, %region, owner = %item.region, "item defined by another than its owner");
    }
    Ok(())
}

/// `region` sends goods to a warehouse of this one.
pub(crate) async fn learn_inbound(
    work: &mut Work,
    region: &RegionId,
    inbound: &Inbound,
) -> Result<(), Error> {
    let Inbound { transfer_id, to_site_id, lines } = inbound;
    Ok(store::inbound_transfer::expect(work.conn(), *transfer_id, region, to_site_id, lines).await?)
}
