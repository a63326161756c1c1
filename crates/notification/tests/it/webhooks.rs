//! Webhooks against endpoints that misbehave.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use meridian_notification::Settings;
use meridian_proto::coordinator::v1::CustomerMilestone as Reached;
use meridian_proto::notification::v1 as pb;
use meridian_proto::notification::v1::NoticeState::{Failed, Sent, Suppressed};
use meridian_types::CaseId;
use sha2::Sha256;

use crate::story::{PROMISED, PROMISED_LATER, promise_changed, reached};
use crate::webhook_sink::{RESET, Received, WebhookSink};
use crate::world::World;

async fn register(world: &World, url: &str) -> pb::CreateWebhookResponse {
    let request = pb::CreateWebhookRequest {
        request_id: format!("hook-{}", url.len()),
        customer_id: "NORDLAB".to_owned(),
        url: url.to_owned(),
    };
    world.calls.clone().create_webhook(request).await.unwrap().into_inner()
}

async fn disabled(world: &World) -> bool {
    let request = pb::ListWebhooksRequest { customer_id: "NORDLAB".to_owned() };
    world.calls.clone().list_webhooks(request).await.unwrap().into_inner().webhooks[0].disabled
}

/// The notices that went to the endpoint.
async fn posted(world: &World, case_id: CaseId) -> Vec<pb::Notice> {
    let is_webhook = |notice: &pb::Notice| notice.channel() == pb::Channel::Webhook;
    world.notices(case_id).await.into_iter().filter(is_webhook).collect()
}

/// Checks a signature as a receiver does, by the specification of Standard Webhooks.
fn verify(secret: &str, received: &Received) {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, timestamp) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    mac.update(format!("{id}.{timestamp}.{}", received.body).as_bytes());
    let signature = received.header("webhook-signature").strip_prefix("v1,").unwrap();
    mac.verify_slice(&STANDARD.decode(signature).unwrap()).unwrap();
}

/// A world in which the endpoint of one case has been told everything.
async fn told(hint: &str, sink: &WebhookSink, change: impl FnOnce(&mut Settings)) -> (World, CaseId, String) {
    let world = World::with(hint, change).await;
    let secret = register(&world, &sink.url()).await.secret;
    let case_id = world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    (world, case_id, secret)
}

#[tokio::test]
async fn an_endpoint_hears_of_ids_and_dates_under_our_signature_and_of_nobody() {
    let sink = WebhookSink::start([]).await;
    let (world, case_id, secret) = told("signed", &sink, |_| {}).await;
    world.hear(promise_changed(case_id, "second", PROMISED, PROMISED_LATER)).await;
    world.settled().await;
    let received = sink.received();
    assert_eq!(received.len(), 2);
    for received in &received {
        verify(&secret, received);
        for personal in ["Ada", "ada@", "P-ADA", "NORDLAB"] {
            assert!(!received.body.contains(personal), "{}", received.body);
        }
    }
    let notices = posted(&world, case_id).await;
    assert_eq!(received[1].header("webhook-id"), notices[1].notice_id);
    assert_eq!(received[1].body, notices[1].body);
    let expected = serde_json::json!({
        "type": "case.date_changed",
        "timestamp": "2026-11-23T09:00:00Z",
        "data": {
            "notice_id": notices[1].notice_id,
            "case_id": case_id.to_string(),
            "milestone": "DATE_CHANGED",
            "revision": 1,
            "happened_at": "2026-11-23T09:00:00Z",
            "old_promised_at": PROMISED,
            "promised_at": PROMISED_LATER,
        },
    });
    assert_eq!(received[1].json(), expected);
    world.stop().await;
}

#[tokio::test]
async fn whatever_goes_wrong_the_same_request_comes_again_under_the_same_id() {
    let redirect = "302 Found\r\nLocation: http://169.254.169.254/latest/meta-data";
    let wait = "429 Too Many Requests\r\nRetry-After: 0";
    let sink = WebhookSink::start([RESET, "500 Oops", redirect, wait, "404 Not Found"]).await;
    let (world, case_id, secret) = told("hostile", &sink, |_| {}).await;
    let received = sink.received();
    assert_eq!(received.len(), 6);
    for received in &received {
        verify(&secret, received);
    }
    let same = |this: &Received| (this.header("webhook-id").to_owned(), this.body.clone());
    assert!(received.iter().all(|it| same(it) == same(&received[0])));
    let outcomes: Vec<String> = sqlx::query_scalar(
        "SELECT outcome FROM attempt a JOIN notice n USING (notice_id)
          WHERE n.channel = 'WEBHOOK' ORDER BY number",
    )
    .fetch_all(world.journal.pool())
    .await
    .unwrap();
    assert_eq!(outcomes, ["no HTTP answer", "HTTP 500", "HTTP 302", "HTTP 429", "HTTP 404", "delivered"]);
    assert_eq!(posted(&world, case_id).await[0].state(), Sent);
    world.stop().await;
}

#[tokio::test]
async fn an_endpoint_that_asks_for_time_gets_it() {
    let sink = WebhookSink::start(["429 Too Many Requests\r\nRetry-After: 3600"]).await;
    let world = World::new("patient").await;
    register(&world, &sink.url()).await;
    world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    let due_in_s = || async {
        let due: Option<f64> = sqlx::query_scalar(
            "SELECT extract(epoch FROM due_at - clock_timestamp())::float8 FROM notice
               JOIN attempt USING (notice_id) WHERE channel = 'WEBHOOK' AND outcome = 'HTTP 429'",
        )
        .fetch_optional(world.journal.pool())
        .await
        .unwrap();
        due
    };
    crate::world::until("the pause", async || due_in_s().await.is_some()).await;
    assert!(due_in_s().await.unwrap() > 3500.0);
    world.stop().await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_asked_no_more() {
    let sink = WebhookSink::start(["410 Gone"]).await;
    let (world, case_id, _) = told("gone", &sink, |_| {}).await;
    assert_eq!(posted(&world, case_id).await[0].state(), Failed);
    assert!(disabled(&world).await);
    world.hear(reached(case_id, 1, Reached::Shipped, "2026-11-24T10:00:00Z")).await;
    world.settled().await;
    assert_eq!(posted(&world, case_id).await.len(), 1, "a disabled endpoint is told nothing new");
    assert_eq!(sink.received().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_too_long_is_switched_off() {
    let sink = WebhookSink::start(["500 Oops"; 3]).await;
    let two_pauses = |settings: &mut Settings| {
        settings.pace.retry_pauses = vec![Duration::from_millis(10); 2];
    };
    let (world, case_id, _) = told("silent", &sink, two_pauses).await;
    assert_eq!(posted(&world, case_id).await[0].state(), Failed);
    assert!(disabled(&world).await);
    assert!(world.events_told().await.contains(&"NoticeFailed".to_owned()));
    world.stop().await;
}

#[tokio::test]
async fn what_waits_for_a_removed_endpoint_is_suppressed() {
    let sink = WebhookSink::start([]).await;
    let world = World::new("removed").await;
    let webhook = register(&world, &sink.url()).await.webhook.unwrap();
    let case_id = world.open("P-ADA").await;
    let request = pb::DeleteWebhookRequest { request_id: "away".to_owned(), webhook_id: webhook.webhook_id };
    world.calls.clone().delete_webhook(request).await.unwrap();
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    assert_eq!(posted(&world, case_id).await[0].state(), Suppressed);
    assert_eq!(sink.received().len(), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_private_endpoint_is_not_called_once_that_is_forbidden() {
    let sink = WebhookSink::start([]).await;
    let world = World::new("stricter").await;
    register(&world, &sink.url()).await;
    let case_id = world.open("P-ADA").await;
    world.replica(|settings| settings.allow_private_webhooks = false).spawn_senders(&world.tasks);
    world.settled().await;
    assert_eq!(posted(&world, case_id).await[0].state(), Failed);
    assert_eq!(sink.received().len(), 0);
    world.stop().await;
}
