//! A date was told to a customer: later notices name the same one, until it is taken back.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::CaseId;

use crate::error::Error;
use crate::store::{customer_case, failed};

/// Remembers the date that was told last and still stands.
///
/// # Errors
/// Only those of the layers below.
pub(crate) async fn promise(
    work: &mut Work,
    case_id: CaseId,
    promised_at: Option<Timestamp>,
) -> Result<(), Error> {
    customer_case::lock(work.conn(), case_id).await.map_err(failed)?;
    Ok(customer_case::set_promise(work.conn(), case_id, promised_at).await.map_err(failed)?)
}
