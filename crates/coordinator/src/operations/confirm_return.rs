//! Hearing from the office that what was lent or replaced is back.

use meridian_messaging::Work;
use meridian_types::{CaseId, RegionId};

use super::advance::advance;
use crate::domain::Input;
use crate::error::Error;
use crate::store::plan::Stored;
use crate::store::timeline::Entry;
use crate::store::{plan, served_case, timeline};

/// Tells every plan of the case that has something out that it is back. Returns the case's plan.
///
/// # Errors
/// `NothingOut`.
pub(crate) async fn confirm_return(
    work: &mut Work,
    region: &RegionId,
    case_id: CaseId,
    note: &str,
) -> Result<Stored, Error> {
    served_case::lock(work.conn(), case_id).await?;
    let mut plans = plan::all_of_case(work.conn(), case_id).await?;
    plans.retain(|stored| stored.plan.has_something_out());
    if plans.is_empty() {
        return Err(Error::NothingOut(case_id));
    }
    let text = "The office has back what was out";
    let text = if note.is_empty() { text.to_owned() } else { format!("{text}: {note}") };
    let entry = Entry {
        position: 0,
        time: work.now(),
        region: region.to_string(),
        service: "coordinator".to_owned(),
        event: "plan.return_confirmed".to_owned(),
        text,
    };
    timeline::append(work.conn(), case_id, &entry).await?;
    for stored in plans {
        advance(work, (stored.plan.plan_id, case_id), Input::CameBack).await?;
    }
    plan::of_case(work.conn(), case_id).await?.ok_or(Error::NothingOut(case_id))
}
