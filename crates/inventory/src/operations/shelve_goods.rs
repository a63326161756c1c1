//! Goods that came to a warehouse of this region for the work or the kit of a case which is not to be any more.

use meridian_messaging::Work;
use meridian_types::{CaseId, TransferId};

use super::announce;
use super::arrive::arrive;
use crate::domain::ledger::Reason;
use crate::domain::stock::Line;
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Puts what a transfer, perhaps of another region, has brought onto the shelves of a warehouse of this region, once; says
/// so each time. The lines are of one warehouse.
///
/// # Errors
/// `ShelfFull`.
pub(crate) async fn shelve_goods(
    work: &mut Work,
    regions: &Regions,
    (transfer_id, case_id): (TransferId, CaseId),
    lines: &[Line],
) -> Result<(), Error> {
    if !store::shelved_transfer::exists(work.conn(), transfer_id).await? {
        if let Some(Line { shelf, .. }) = lines.first() {
            let reference = transfer_id.to_string();
            arrive(work, regions, &shelf.warehouse_site_id, lines, Reason::Shelved, &reference).await?;
        }
        store::shelved_transfer::insert(work.conn(), transfer_id, case_id).await?;
    }
    announce::goods_shelved(work, transfer_id, case_id);
    Ok(())
}
