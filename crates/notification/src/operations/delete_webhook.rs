//! A system of a customer wants no more events.

use meridian_messaging::Work;
use meridian_types::WebhookId;

use crate::error::Error;
use crate::store::{failed, webhook};

/// Removes an endpoint. Notices that wait for it are suppressed when their turn comes.
///
/// # Errors
/// There is no such endpoint.
pub(crate) async fn delete_webhook(work: &mut Work, webhook_id: WebhookId) -> Result<(), Error> {
    if webhook::delete(work.conn(), webhook_id).await.map_err(failed)? {
        Ok(())
    } else {
        Err(Error::WebhookNotFound(webhook_id))
    }
}
