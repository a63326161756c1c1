//! Notices to other systems: signed requests after Standard Webhooks 1.0.

use async_trait::async_trait;
use meridian_messaging::Journal;
use meridian_types::{Clock as _, SystemClock, WebhookId};

use super::post::{PostError, Poster};
use super::sender::Outlet;
use crate::domain::notice::{Channel, Claimed, Outcome};
use crate::domain::payload::payload;
use crate::domain::webhook_url::WebhookUrl;
use crate::store::webhook;

const GONE: u16 = 410;

/// Signs what happened and posts it to the endpoint.
pub(crate) struct WebhookOutlet {
    pub(crate) journal: Journal,
    pub(crate) poster: Poster,
}

#[async_trait]
impl Outlet for WebhookOutlet {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn hand_over(&self, notice: &Claimed) -> Outcome {
        match self.sign_and_post(notice).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }
}

impl WebhookOutlet {
    async fn sign_and_post(&self, notice: &Claimed) -> Result<Outcome, Outcome> {
        let webhook_id =
            notice.recipient.parse::<WebhookId>().map_err(|_| Outcome::refused("unknown webhook"))?;
        let found = webhook::find(self.journal.pool(), webhook_id).await;
        let found = found.map_err(|_| Outcome::failed("database"))?;
        let endpoint = found.ok_or(Outcome::Withdrawn)?;
        if endpoint.is_disabled {
            return Err(Outcome::refused("webhook is disabled"));
        }
        // The rules may have become stricter since it was registered.
        let url = WebhookUrl::parse(&endpoint.url, self.poster.allow_private)
            .map_err(|_| Outcome::refused("address is not permitted"))?;
        let text = payload(notice).map_err(|_| Outcome::refused("no text"))?;
        let id = notice.notice_id.to_string();
        // Receivers compare it with their own clocks: real time.
        let timestamp_s = SystemClock.now().as_second();
        let headers = [
            ("webhook-timestamp", timestamp_s.to_string()),
            ("webhook-signature", endpoint.secret.sign(&id, timestamp_s, &text.body)),
            ("webhook-id", id),
        ];
        Ok(match self.poster.post(url.url(), &headers, text.body.clone()).await {
            Ok(answer) if answer.status.is_success() => Outcome::Delivered(text),
            Ok(answer) if answer.status.as_u16() == GONE => {
                Outcome::Refused { code: "HTTP 410".into(), is_gone: true }
            }
            Ok(answer) => Outcome::Failed {
                code: format!("HTTP {}", answer.status.as_u16()).into(),
                retry_after: answer.retry_after,
            },
            Err(error) => {
                tracing::debug!(%error, "webhook");
                Outcome::failed(match error {
                    PostError::PrivateAddress => "private address",
                    PostError::Resolve(_) => "name does not resolve",
                    PostError::Connect(_) => "no connection",
                    PostError::Tls(_) => "TLS failed",
                    PostError::Http(_) => "no HTTP answer",
                    PostError::TimedOut => "time-out",
                })
            }
        })
    }
}
