//! Ordering goods of a reservation, kits, or an instrument of a customer, to move.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::{CaseId, HoldId, RegionId, SerialNumber, SiteId, TransferId, Violations};

use super::announce;
use crate::domain::hold::Hold;
use crate::domain::stock::Line;
use crate::domain::transfer::{Cargo, KitOrder, Transfer, TransferState};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What shall move from where to where.
#[derive(Debug)]
pub(crate) struct RequestTransfer {
    pub(crate) transfer_id: TransferId,
    pub(crate) case_id: CaseId,
    pub(crate) load: Load,
    pub(crate) from_site_id: SiteId,
    /// For goods, also where they lie.
    pub(crate) to_site_id: SiteId,
    /// Region of the destination, when it is one of our warehouses.
    pub(crate) to_region: Option<RegionId>,
    /// Whether received means delivered, also at one of our warehouses. Always so for goods where they lie, and for kits.
    pub(crate) for_case: bool,
    pub(crate) expected_at: Option<Timestamp>,
    pub(crate) due_back: Option<Timestamp>,
}

/// What shall move.
#[derive(Debug)]
pub(crate) enum Load {
    /// Goods for a case.
    Goods {
        /// The confirmed hold whose units leave the shelf; `None` only where there are kits.
        hold_id: Option<HoldId>,
        /// What the warehouse puts together first.
        kits: Vec<KitOrder>,
    },
    /// An instrument of a customer.
    Instrument(SerialNumber),
}

/// Orders the transfer, or answers for it again when it was ordered before.
///
/// # Errors
/// A destination that does not fit its region, by field; `HoldNotFound`, `HoldNotConfirmed`, `HoldInTransfer`;
/// `TransferSiteMismatch` when the hold claims stock of another site; `TransferExists`.
pub(crate) async fn request_transfer(
    work: &mut Work,
    regions: &Regions,
    wanted: &RequestTransfer,
) -> Result<Transfer, Error> {
    if let Some(known) = store::transfer::find(work.conn(), wanted.transfer_id).await? {
        return request_again(work, regions, wanted, known);
    }
    check_destination(work, regions, wanted).await?;
    let cargo = match &wanted.load {
        Load::Instrument(serial_number) => Cargo::Instrument(serial_number.clone()),
        Load::Goods { hold_id, kits } => {
            let lines = match hold_id {
                Some(hold_id) => lines_of(work, *hold_id, wanted).await?,
                None => Vec::new(),
            };
            Cargo::Goods { hold_id: *hold_id, lines, kits: kits.clone() }
        }
    };
    let transfer = Transfer {
        id: wanted.transfer_id,
        case_id: wanted.case_id,
        cargo,
        from_site_id: wanted.from_site_id.clone(),
        to_site_id: wanted.to_site_id.clone(),
        to_region: wanted.to_region.clone(),
        for_case: wanted.for_case,
        state: TransferState::Requested,
        expected_at: wanted.expected_at,
        due_back: wanted.due_back,
        version: 1,
    };
    if !store::transfer::insert(work.conn(), &transfer).await? {
        // The same order, given twice at once.
        let known = store::transfer::find(work.conn(), transfer.id).await?;
        return request_again(work, regions, wanted, known.ok_or(Error::TransferNotFound(transfer.id))?);
    }
    announce::transfer_requested(work, regions, &transfer);
    Ok(transfer)
}

/// What a hold brings to the transfer.
async fn lines_of(work: &mut Work, hold_id: HoldId, wanted: &RequestTransfer) -> Result<Vec<Line>, Error> {
    let hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
    if let Some(transfer_id) = store::transfer::id_of_hold(work.conn(), hold_id).await?
        && transfer_id != wanted.transfer_id
    {
        return Err(Error::HoldInTransfer { hold_id, transfer_id });
    }
    hold.ensure_confirmed(work.now())?;
    check_origin(&hold, &wanted.from_site_id)?;
    Ok(hold.lines)
}

fn request_again(
    work: &mut Work,
    regions: &Regions,
    wanted: &RequestTransfer,
    known: Transfer,
) -> Result<Transfer, Error> {
    let same_load = match (&wanted.load, &known.cargo) {
        (Load::Goods { hold_id: hold, kits: wanted }, Cargo::Goods { hold_id, kits, .. }) => {
            (hold, wanted) == (hold_id, kits)
        }
        (Load::Instrument(wanted), Cargo::Instrument(serial_number)) => wanted == serial_number,
        _ => false,
    };
    let same_way = (&wanted.case_id, &wanted.from_site_id, &wanted.to_site_id, &wanted.to_region)
        == (&known.case_id, &known.from_site_id, &known.to_site_id, &known.to_region);
    // Its expected arrival has moved with its milestones.
    if !same_load || !same_way || (wanted.for_case, wanted.due_back) != (known.for_case, known.due_back) {
        return Err(Error::TransferExists(known.id));
    }
    announce::transfer_requested(work, regions, &known);
    Ok(known)
}

/// A warehouse of ours as destination, and the region it belongs to, must be named together.
async fn check_destination(
    work: &mut Work,
    regions: &Regions,
    wanted: &RequestTransfer,
) -> Result<(), Error> {
    let is_own_warehouse = !store::warehouse::known(work.conn(), [&wanted.to_site_id]).await?.is_empty();
    let mut violations = Violations::new();
    match &wanted.to_region {
        Some(region) if !regions.knows(region) => violations.add("to_region", region, regions.rule()),
        Some(region) if region == regions.own() && !is_own_warehouse => {
            violations.add("to_site_id", &wanted.to_site_id, format!("a warehouse of region {region}"));
        }
        to_region if is_own_warehouse && to_region.as_ref() != Some(regions.own()) => {
            let shown = to_region.as_ref().map(ToString::to_string).unwrap_or_default();
            violations.add("to_region", shown, format!("{}, whose warehouse it is", regions.own()));
        }
        _ => {}
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// Goods leave from where they are reserved, all from one warehouse.
fn check_origin(hold: &Hold, from_site_id: &SiteId) -> Result<(), Error> {
    let mut sites: Vec<&str> = hold.lines.iter().map(|line| line.shelf.warehouse_site_id.as_str()).collect();
    sites.dedup();
    if sites == [from_site_id.as_str()] {
        return Ok(());
    }
    Err(Error::TransferSiteMismatch {
        hold_id: hold.id,
        from_site_id: from_site_id.clone(),
        hold_sites: sites.join(", "),
    })
}
