//! How a person wants to be told.

use meridian_messaging::Work;
use meridian_types::PersonId;

use crate::error::Error;
use crate::store::failed;
use crate::store::preference::{self, Preference};

/// Stores a preference. It counts from the next notice on; the language also for those that are not sent yet.
///
/// # Errors
/// Only those of the layers below.
pub(crate) async fn put_preference(
    work: &mut Work,
    person_id: &PersonId,
    preference: &Preference,
) -> Result<(), Error> {
    Ok(preference::put(work.conn(), person_id, preference).await.map_err(failed)?)
}
