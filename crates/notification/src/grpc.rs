//! The calls: a request is decoded and checked, its operation runs, its answer is encoded.

use std::sync::Arc;

use futures::FutureExt;
use meridian_chassis::status::status;
use meridian_chassis::{decode, encode};
use meridian_messaging::Journal;
use meridian_proto::notification::v1 as pb;
use meridian_proto::notification::v1::notification_service_server::NotificationService;
use meridian_types::{CaseId, CustomerId, PersonId, Problem, Rule, SeededIds, Violations, WebhookId};
use tonic::{Request, Response, Status};

use crate::domain::language::Language;
use crate::domain::letter::{self, Addressee};
use crate::domain::milestone::Milestone;
use crate::domain::notice::NoticeState;
use crate::domain::view::CustomerText;
use crate::domain::webhook_url::WebhookUrl;
use crate::operations::create_webhook::create_webhook;
use crate::operations::delete_webhook::delete_webhook;
use crate::operations::put_preference::put_preference;
use crate::store::notice::NoticeRow;
use crate::store::preference::Preference;
use crate::store::webhook::WebhookRow;
use crate::store::{self, failed};

/// Answers the calls of the service.
#[derive(Debug)]
pub struct NotificationGrpc {
    journal: Journal,
    allow_private_webhooks: bool,
}

impl NotificationGrpc {
    pub(crate) const fn new(journal: Journal, allow_private_webhooks: bool) -> Self {
        Self { journal, allow_private_webhooks }
    }

    async fn list(&self, request: &pb::ListNoticesRequest) -> Result<pb::ListNoticesResponse, Problem> {
        let mut v = Violations::new();
        let case_id = decode::parsed_if_set::<CaseId>(&mut v, "case_id", &request.case_id);
        let state = state(&mut v, request.state);
        let size = decode::page_size(&mut v, request.page_size);
        let after = page_after(&mut v, &request.page_token);
        let (size, after) = decode::complete(v, size.zip(after))?;
        // One more than asked for says whether there is a next page.
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let found = store::notice::list(self.journal.pool(), case_id, state, after, limit);
        let mut found = found.await.map_err(failed)?;
        let has_more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| has_more);
        let next_page_token = last.map(|last| format!("{:x}", last.seq)).unwrap_or_default();
        Ok(pb::ListNoticesResponse { notices: found.into_iter().map(pb_notice).collect(), next_page_token })
    }

    fn preview(&self, request: &pb::PreviewNoticeRequest) -> Result<pb::PreviewNoticeResponse, Problem> {
        let mut v = Violations::new();
        let milestone = Milestone::named(&request.milestone);
        if milestone.is_none() {
            let names: Vec<_> = Milestone::all().map(Milestone::name).collect();
            v.add("milestone", &request.milestone, format!("one of {}", names.join(", ")));
        }
        let language = language(&mut v, &request.language);
        let (milestone, language) = decode::complete(v, milestone.zip(language))?;
        // The same sample for everybody, but for the time.
        let case_id = CaseId::fresh(&SeededIds::new(0));
        let addressee = Addressee { name: CustomerText::new("Robin Sample"), language, zone: "" };
        let view = letter::sample(self.journal.clock().now());
        let text = letter::write(milestone, case_id, &view, addressee).map_err(crate::error::Error::from)?;
        Ok(pb::PreviewNoticeResponse { subject: text.subject, body: text.body })
    }

    async fn put(&self, request: pb::PutPreferenceRequest) -> Result<pb::PutPreferenceResponse, Problem> {
        let mut v = Violations::new();
        let request_id = decode::request_id(&mut v, &request.request_id);
        let person_id = decode::parsed::<PersonId>(&mut v, "person_id", &request.person_id);
        if !request.language.is_empty() {
            language(&mut v, &request.language);
        }
        let (request_id, person_id) = decode::complete(v, request_id.zip(person_id))?;
        let essentials_only = request.essentials_only;
        let preference = Preference { language: request.language.clone(), essentials_only };
        let wish = Arc::new((person_id, preference));
        self.journal
            .execute(&request_id, &request, move |work| {
                let wish = Arc::clone(&wish);
                async move {
                    put_preference(work, &wish.0, &wish.1).await?;
                    Ok(pb::PutPreferenceResponse {})
                }
                .boxed()
            })
            .await
    }

    async fn create(&self, request: pb::CreateWebhookRequest) -> Result<pb::CreateWebhookResponse, Problem> {
        let mut v = Violations::new();
        let request_id = decode::request_id(&mut v, &request.request_id);
        let customer_id = decode::parsed::<CustomerId>(&mut v, "customer_id", &request.customer_id);
        let url = WebhookUrl::parse(&request.url, self.allow_private_webhooks);
        let url = v.check("url", request.url.escape_debug(), url);
        let (request_id, endpoint) = decode::complete(v, request_id.zip(customer_id.zip(url)))?;
        let endpoint = Arc::new(endpoint);
        self.journal
            .execute(&request_id, &request, move |work| {
                let endpoint = Arc::clone(&endpoint);
                async move {
                    let (customer_id, url) = &*endpoint;
                    let (webhook_id, secret) = create_webhook(work, customer_id, url).await?;
                    let webhook = pb::Webhook {
                        webhook_id: webhook_id.to_string(),
                        customer_id: customer_id.to_string(),
                        url: url.as_str().to_owned(),
                        disabled: false,
                    };
                    Ok(pb::CreateWebhookResponse { webhook: Some(webhook), secret: secret.reveal() })
                }
                .boxed()
            })
            .await
    }

    async fn delete(&self, request: pb::DeleteWebhookRequest) -> Result<pb::DeleteWebhookResponse, Problem> {
        let mut v = Violations::new();
        let request_id = decode::request_id(&mut v, &request.request_id);
        let webhook_id = decode::parsed::<WebhookId>(&mut v, "webhook_id", &request.webhook_id);
        let (request_id, webhook_id) = decode::complete(v, request_id.zip(webhook_id))?;
        self.journal
            .execute(&request_id, &request, move |work| {
                async move {
                    delete_webhook(work, webhook_id).await?;
                    Ok(pb::DeleteWebhookResponse {})
                }
                .boxed()
            })
            .await
    }

    async fn webhooks(&self, request: &pb::ListWebhooksRequest) -> Result<pb::ListWebhooksResponse, Problem> {
        let mut v = Violations::new();
        let customer_id = decode::parsed::<CustomerId>(&mut v, "customer_id", &request.customer_id);
        let customer_id = decode::complete(v, customer_id)?;
        let found = store::webhook::of_customer(self.journal.pool(), customer_id.as_str()).await;
        let webhooks = found.map_err(failed)?.into_iter().map(pb_webhook).collect();
        Ok(pb::ListWebhooksResponse { webhooks })
    }

    async fn count(&self) -> Result<pb::CountNoticesResponse, Problem> {
        let found = store::notice::count(self.journal.pool()).await.map_err(failed)?;
        let duplicates = store::notice::duplicates(self.journal.pool()).await.map_err(failed)?;
        let of = |state| found.iter().find(|(found, _)| *found == state).map_or(0, |(_, notices)| *notices);
        let counts = NoticeState::ALL
            .map(|state| pb::NoticeCount { state: pb_state(state).into(), notices: of(state) })
            .into();
        Ok(pb::CountNoticesResponse { counts, duplicates })
    }
}

#[tonic::async_trait]
impl NotificationService for NotificationGrpc {
    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        answer(self.list(request.get_ref()).await)
    }

    async fn preview_notice(
        &self,
        request: Request<pb::PreviewNoticeRequest>,
    ) -> Result<Response<pb::PreviewNoticeResponse>, Status> {
        answer(self.preview(request.get_ref()))
    }

    async fn put_preference(
        &self,
        request: Request<pb::PutPreferenceRequest>,
    ) -> Result<Response<pb::PutPreferenceResponse>, Status> {
        answer(self.put(request.into_inner()).await)
    }

    async fn create_webhook(
        &self,
        request: Request<pb::CreateWebhookRequest>,
    ) -> Result<Response<pb::CreateWebhookResponse>, Status> {
        answer(self.create(request.into_inner()).await)
    }

    async fn list_webhooks(
        &self,
        request: Request<pb::ListWebhooksRequest>,
    ) -> Result<Response<pb::ListWebhooksResponse>, Status> {
        answer(self.webhooks(request.get_ref()).await)
    }

    async fn delete_webhook(
        &self,
        request: Request<pb::DeleteWebhookRequest>,
    ) -> Result<Response<pb::DeleteWebhookResponse>, Status> {
        answer(self.delete(request.into_inner()).await)
    }

    async fn count_notices(
        &self,
        _: Request<pb::CountNoticesRequest>,
    ) -> Result<Response<pb::CountNoticesResponse>, Status> {
        answer(self.count().await)
    }
}

fn answer<T>(outcome: Result<T, Problem>) -> Result<Response<T>, Status> {
    outcome.map(Response::new).map_err(status)
}

/// The state to look for, when one is given.
fn state(v: &mut Violations, number: i32) -> Option<NoticeState> {
    if number == 0 {
        return None;
    }
    let found = NoticeState::ALL.into_iter().find(|state| pb_state(*state) as i32 == number);
    if found.is_none() {
        v.add("state", number, "a state of a notice, or unspecified");
    }
    found
}

fn language(v: &mut Violations, code: &str) -> Option<Language> {
    let found = Language::coded(code).ok_or(Rule::new("en, de, fi or fr"));
    v.check("language", code, found)
}

/// The place after which a page begins: the token is the place of the last notice before, in hex.
fn page_after(v: &mut Violations, token: &str) -> Option<i64> {
    if token.is_empty() {
        return Some(0);
    }
    let after = i64::from_str_radix(token, 16).ok().filter(|after| *after > 0);
    v.check("page_token", token, after.ok_or(Rule::new("next_page_token of an earlier answer, or empty")))
}

fn pb_notice(notice: NoticeRow) -> pb::Notice {
    pb::Notice {
        notice_id: notice.notice_id.to_string(),
        case_id: notice.case_id.to_string(),
        milestone: notice.milestone,
        revision: notice.revision,
        recipient: notice.recipient,
        channel: pb::Channel::from(notice.channel).into(),
        language: notice.language,
        state: pb_state(notice.state).into(),
        subject: notice.subject,
        body: notice.body,
        attempts: notice.attempts,
        sent_at: notice.sent_at.map(encode::timestamp),
        created_at: Some(encode::timestamp(notice.created_at)),
    }
}

fn pb_webhook(webhook: WebhookRow) -> pb::Webhook {
    pb::Webhook {
        webhook_id: webhook.webhook_id.to_string(),
        customer_id: webhook.customer_id,
        url: webhook.url,
        disabled: webhook.is_disabled,
    }
}

const fn pb_state(state: NoticeState) -> pb::NoticeState {
    match state {
        NoticeState::Pending => pb::NoticeState::Pending,
        NoticeState::Sent => pb::NoticeState::Sent,
        NoticeState::Suppressed => pb::NoticeState::Suppressed,
        NoticeState::Failed => pb::NoticeState::Failed,
    }
}
