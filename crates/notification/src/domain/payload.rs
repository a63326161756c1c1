//! The body of a webhook: ids and dates, nothing personal.

use jiff::Timestamp;
use serde::Serialize;

use super::notice::{Claimed, Text};
use super::view::VisitTime;

#[derive(Serialize)]
struct Payload<'a> {
    r#type: String,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    notice_id: String,
    case_id: String,
    milestone: &'a str,
    revision: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    happened_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likely_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_promised_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_word_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hand_over_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<VisitTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_visit: Option<VisitTime>,
}

/// The body of the request, the same for every attempt; the subject is the type of the event ("case.shipped").
pub(crate) fn payload(notice: &Claimed) -> Result<Text, serde_json::Error> {
    let view = &notice.view;
    let subject = format!("case.{}", notice.milestone.name().to_ascii_lowercase());
    let payload = Payload {
        r#type: subject.clone(),
        timestamp: view.happened_at.unwrap_or(notice.created_at),
        data: Data {
            notice_id: notice.notice_id.to_string(),
            case_id: notice.case_id.to_string(),
            milestone: notice.milestone.name(),
            revision: notice.revision,
            happened_at: view.happened_at,
            promised_at: view.promised_at,
            likely_by: view.likely_by,
            old_promised_at: view.old_promised_at,
            next_word_by: view.next_word_by,
            hand_over_by: view.hand_over_by,
            visit: view.visit,
            old_visit: view.old_visit,
        },
    };
    Ok(Text { language: String::new(), subject, body: serde_json::to_string(&payload)? })
}
