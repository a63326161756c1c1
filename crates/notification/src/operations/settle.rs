//! A sender says how an attempt ended.

use std::time::Duration;

use meridian_chassis::encode;
use meridian_messaging::Work;
use meridian_proto::notification::v1 as pb;
use meridian_types::WebhookId;

use crate::domain::notice::{Channel, Claimed, NoticeState, Outcome};
use crate::error::Error;
use crate::store::{delivery, failed, webhook};

/// Each notice has one end, and with it one event.
const VERSION: i64 = 1;

/// Writes the outcome of an attempt down and says so to the world. `pause` is how long to wait before the next attempt;
/// without one, a failure is final. An attempt whose notice was claimed again meanwhile changes nothing.
///
/// # Errors
/// Only those of the layers below.
pub(crate) async fn settle(
    work: &mut Work,
    channel: Channel,
    notice: &Claimed,
    outcome: &Outcome,
    pause: Option<Duration>,
) -> Result<(), Error> {
    if !delivery::is_current(work.conn(), notice).await.map_err(failed)? {
        return Ok(());
    }
    delivery::end_attempt(work.conn(), notice, outcome.code()).await.map_err(failed)?;
    let endpoint = match channel {
        Channel::Webhook => notice.recipient.parse::<WebhookId>().ok(),
        Channel::Email => None,
    };
    match (outcome, pause) {
        (Outcome::Delivered(text), _) => {
            let sent_at = work.now();
            delivery::sent(work.conn(), notice.notice_id, text, sent_at).await.map_err(failed)?;
            if let Some(webhook_id) = endpoint {
                webhook::delivered(work.conn(), webhook_id).await.map_err(failed)?;
            }
            let delivered = pb::NoticeDelivered {
                notice_id: notice.notice_id.to_string(),
                case_id: notice.case_id.to_string(),
                milestone: notice.milestone.name().to_owned(),
                channel: pb::Channel::from(channel).into(),
                sent_at: Some(encode::timestamp(sent_at)),
            };
            work.emit(notice.notice_id, VERSION, &delivered);
        }
        (Outcome::Withdrawn, _) => {
            let suppressed = NoticeState::Suppressed;
            delivery::given_up(work.conn(), notice.notice_id, suppressed).await.map_err(failed)?;
        }
        (Outcome::Failed { .. }, Some(pause)) => {
            delivery::postponed(work.conn(), notice.notice_id, pause).await.map_err(failed)?;
        }
        (Outcome::Failed { .. }, None) => {
            if let Some(webhook_id) = endpoint {
                let silent = webhook::disable_if_silent_since(work.conn(), webhook_id, notice.notice_id);
                silent.await.map_err(failed)?;
            }
            fail(work, channel, notice).await?;
        }
        (Outcome::Refused { is_gone, .. }, _) => {
            if let Some(webhook_id) = endpoint.filter(|_| *is_gone) {
                webhook::disable(work.conn(), webhook_id).await.map_err(failed)?;
            }
            fail(work, channel, notice).await?;
        }
    }
    Ok(())
}

/// Nothing more can be done from here: the office must call.
async fn fail(work: &mut Work, channel: Channel, notice: &Claimed) -> Result<(), Error> {
    delivery::given_up(work.conn(), notice.notice_id, NoticeState::Failed).await.map_err(failed)?;
    let failed = pb::NoticeFailed {
        notice_id: notice.notice_id.to_string(),
        case_id: notice.case_id.to_string(),
        milestone: notice.milestone.name().to_owned(),
        channel: pb::Channel::from(channel).into(),
    };
    work.emit(notice.notice_id, VERSION, &failed);
    Ok(())
}

impl From<Channel> for pb::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Webhook => Self::Webhook,
        }
    }
}
