//! Goods that came to a warehouse of this region for the work or the kit of a case which is not to be any more.

use meridian_messaging::Work;
use meridian_types::{CaseId, TransferId};

use super::announce;
use super::arrive::arrive;
use crate::domain::ledger::Reason;
use crate::domain::stock::Line;
use crate::domain::transfer::{Milestone, TransferState};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Puts what a transfer, perhaps of another region, has brought onto the shelves of a warehouse of this region, once; says
/// so each time. The lines are of one warehouse.
///
/// # Errors
/// `NothingToShelve` when it has not come, or came onto the shelf by itself; `ShelfFull`.
pub(crate) async fn shelve_goods(
    work: &mut Work,
    regions: &Regions,
    (transfer_id, case_id): (TransferId, CaseId),
    lines: &[Line],
) -> Result<(), Error> {
    if !store::shelved_transfer::exists(work.conn(), transfer_id).await? {
        if !waits_beside_a_shelf(work, transfer_id).await? {
            return Err(Error::NothingToShelve(transfer_id));
        }
        if let Some(Line { shelf, .. }) = lines.first() {
            let reference = transfer_id.to_string();
            arrive(work, regions, &shelf.warehouse_site_id, lines, Reason::Shelved, &reference).await?;
        }
        store::shelved_transfer::insert(work.conn(), transfer_id, case_id).await?;
    }
    announce::goods_shelved(work, transfer_id, case_id);
    Ok(())
}

/// Whether a transfer may have brought what is on no shelf. Of those of other regions only such are known here as bring
/// goods for our shelves.
async fn waits_beside_a_shelf(work: &mut Work, transfer_id: TransferId) -> Result<bool, Error> {
    match store::transfer::find(work.conn(), transfer_id).await? {
        Some(own) => Ok(own.for_case && own.state == TransferState::After(Milestone::Received)),
        None => Ok(!store::inbound_transfer::exists(work.conn(), transfer_id).await?),
    }
}
