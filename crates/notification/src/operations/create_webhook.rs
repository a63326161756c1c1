//! A system of a customer wants signed events.

use meridian_messaging::Work;
use meridian_types::{CustomerId, WebhookId};

use crate::domain::signature::{SECRET_BYTES, Secret};
use crate::domain::webhook_url::WebhookUrl;
use crate::error::Error;
use crate::store::{failed, webhook};

/// Endpoints that one customer may have.
const PER_CUSTOMER_MAX: usize = 20;

/// Registers an endpoint; it hears of what happens from now on. Returns its id and its secret.
///
/// # Errors
/// The customer has as many as one may have.
pub(crate) async fn create_webhook(
    work: &mut Work,
    customer_id: &CustomerId,
    url: &WebhookUrl,
) -> Result<(WebhookId, Secret), Error> {
    let existing = webhook::of_customer(work.conn(), customer_id.as_str()).await.map_err(failed)?;
    if existing.len() >= PER_CUSTOMER_MAX {
        return Err(Error::WebhooksExhausted { customer_id: customer_id.clone(), limit: PER_CUSTOMER_MAX });
    }
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    let (webhook_id, secret) = (WebhookId::fresh(work.ids()), Secret::new(bytes));
    webhook::insert(work.conn(), webhook_id, customer_id, url.as_str(), &secret).await.map_err(failed)?;
    Ok((webhook_id, secret))
}
