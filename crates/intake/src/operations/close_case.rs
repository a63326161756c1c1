//! Closing a case.

use meridian_messaging::Work;
use meridian_types::CaseId;

use super::{read_case, settle};
use crate::domain::case::{Case, Resolution};
use crate::error::Error;

/// How a case ended.
#[derive(Debug, Clone)]
pub(crate) struct CloseCase {
    pub(crate) case_id: CaseId,
    pub(crate) resolution: Resolution,
    pub(crate) etag: Option<String>,
}

pub(crate) async fn close_case(work: &mut Work, ending: CloseCase) -> Result<Case, Error> {
    let before = read_case::for_update(work.conn(), ending.case_id).await?;
    before.check_etag(ending.etag.as_deref())?;
    let mut case = before.clone();
    case.close(ending.resolution, work.now())?;
    settle::changed(work, &before, case).await
}
