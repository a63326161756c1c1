//! What other regions say of themselves.

use meridian_messaging::Work;
use meridian_types::RegionId;

use crate::domain::item::Item;
use crate::domain::stock::Level;
use crate::domain::transfer::Inbound;
use crate::error::Error;
use crate::store;

/// `region` states a level.
pub(crate) async fn learn_level(work: &mut Work, region: &RegionId, level: &Level) -> Result<(), Error> {
    Ok(store::world_stock::learn(work.conn(), region, level).await?)
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
