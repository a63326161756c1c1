//! A case was opened: from now on it is known for whom it is.

use meridian_messaging::Work;
use meridian_types::CaseId;

use super::tell::{announce, tell};
use crate::domain::overtaking::Told;
use crate::error::Error;
use crate::store::customer_case::{self, Party};
use crate::store::failed;
use crate::store::milestone::{self, MilestoneState};

/// Remembers for whom the case is, tells them that it was opened, and then what has happened meanwhile.
///
/// # Errors
/// Only those of the layers below.
pub(crate) async fn learn_case(
    work: &mut Work,
    case_id: CaseId,
    party: &Party,
    opened: Told,
) -> Result<(), Error> {
    let case = customer_case::lock(work.conn(), case_id).await.map_err(failed)?;
    if case.party.is_some() {
        return Ok(());
    }
    customer_case::set_party(work.conn(), case_id, party).await.map_err(failed)?;
    let waiting = milestone::of_case(work.conn(), case_id, MilestoneState::Waiting).await.map_err(failed)?;
    tell(work, case_id, opened).await?;
    for recorded in &waiting {
        announce(work, case_id, party, recorded).await?;
    }
    Ok(())
}
