//! Adding a fact to a case.

use meridian_messaging::Work;
use meridian_types::CaseId;

use super::{read_case, settle};
use crate::domain::case::{Case, StatedFact};
use crate::error::Error;

/// A fact for a case.
#[derive(Debug, Clone)]
pub(crate) struct AddFact {
    pub(crate) case_id: CaseId,
    pub(crate) fact: StatedFact,
    pub(crate) etag: Option<String>,
}

pub(crate) async fn add_fact(work: &mut Work, addition: AddFact) -> Result<Case, Error> {
    let AddFact { case_id, fact, etag } = addition;
    let before = read_case::for_update(work.conn(), case_id).await?;
    before.check_etag(etag.as_deref())?;
    let mut case = before.clone();
    case.add_fact(fact, work.now())?;
    settle::changed(work, &before, case).await
}
