//! Goods that come into a warehouse of this region from another warehouse.

use meridian_messaging::Work;
use meridian_types::{RegionId, SiteId, TransferId};

use super::book::book;
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, Line, Shelf, merged};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Puts the goods on the shelves of `site_id`. Where goods of ours stand is a warehouse: it is made one when it was not.
///
/// # Errors
/// `ShelfFull`.
pub(crate) async fn arrive(
    work: &mut Work,
    regions: &Regions,
    site_id: &SiteId,
    lines: &[Line],
    reason: Reason,
    reference: &str,
) -> Result<(), Error> {
    let there: Vec<Line> = lines
        .iter()
        .map(|line| {
            let shelf = Shelf { warehouse_site_id: site_id.clone(), ..line.shelf.clone() };
            Line::on_shelf(shelf, line.quantity)
        })
        .collect();
    let there = merged(&there).map_err(|(index, _)| Error::ShelfFull(there[index].shelf.clone()))?;
    let now = work.now();
    store::warehouse::insert(work.conn(), [site_id]).await?;
    store::stock::open(work.conn(), there.iter().map(|line| &line.shelf), now).await?;
    if book(work, regions, &Change::put(&there), Some(reason), reference).await?.is_empty() {
        return Err(Error::ShelfFull(there[0].shelf.clone()));
    }
    Ok(())
}

/// Takes in goods that `region` has sent here, once; goods that nobody announced are not ours.
///
/// # Errors
/// `ShelfFull`.
pub(crate) async fn receive_inbound(
    work: &mut Work,
    regions: &Regions,
    region: &RegionId,
    transfer_id: TransferId,
) -> Result<(), Error> {
    let Some((site_id, lines)) = store::inbound_transfer::receive(work.conn(), transfer_id, region).await?
    else {
        return Ok(());
    };
    arrive(work, regions, &site_id, &lines, Reason::TransferIn, &transfer_id.to_string()).await
}
