//! A sender takes on what is due.

use std::time::Duration;

use meridian_messaging::Work;

use crate::domain::notice::{Channel, Claimed};
use crate::error::Error;
use crate::store::{delivery, failed};

/// Takes on up to `limit` due notices for the length of `lease`. The attempt is written down before anything is sent:
/// committed with the claim.
///
/// # Errors
/// Only those of the layers below.
pub(crate) async fn claim(
    work: &mut Work,
    channel: Channel,
    lease: Duration,
    limit: usize,
) -> Result<Vec<Claimed>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(delivery::claim(work.conn(), channel, lease, limit).await.map_err(failed)?)
}
