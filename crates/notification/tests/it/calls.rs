//! The gRPC interface: pages, repetition, and input that makes no sense.

use meridian_chassis::status::problem;
use meridian_proto::notification::v1 as pb;
use meridian_types::{Problem, ProblemKind, SystemIds, WebhookId};
use tonic::{Response, Status};

use crate::world::World;

fn refusal<T>(outcome: Result<Response<T>, Status>) -> Problem {
    match outcome {
        Ok(_) => panic!("it was not refused"),
        Err(status) => problem(&status),
    }
}

fn fields(problem: &Problem) -> Vec<&str> {
    assert_eq!(problem.kind, ProblemKind::Invalid, "{problem}");
    problem.violations.iter().map(|violation| violation.field.as_str()).collect()
}

fn webhook_request(request_id: &str, url: &str) -> pb::CreateWebhookRequest {
    pb::CreateWebhookRequest {
        request_id: request_id.to_owned(),
        customer_id: "NORDLAB".to_owned(),
        url: url.to_owned(),
    }
}

#[tokio::test]
async fn pages_follow_one_another_until_the_end() {
    let world = World::new("pages").await;
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(world.open("P-ADA").await.to_string());
    }
    let (mut calls, mut seen, mut page_token) = (world.calls.clone(), Vec::new(), String::new());
    for expected in [2, 2, 1] {
        let request =
            pb::ListNoticesRequest { page_size: 2, page_token, ..pb::ListNoticesRequest::default() };
        let page = calls.list_notices(request).await.unwrap().into_inner();
        assert_eq!(page.notices.len(), expected);
        seen.extend(page.notices.into_iter().map(|notice| notice.case_id));
        page_token = page.next_page_token;
    }
    assert_eq!((seen, page_token.as_str()), (opened, ""));
    let sent = pb::ListNoticesRequest { state: pb::NoticeState::Sent.into(), ..Default::default() };
    assert!(calls.list_notices(sent).await.unwrap().into_inner().notices.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn counts_are_by_state_and_nothing_is_there_twice() {
    let world = World::new("counts").await;
    world.open("P-ADA").await;
    world.open("P-AINO").await;
    let counted = world.calls.clone().count_notices(pb::CountNoticesRequest {}).await.unwrap().into_inner();
    let by_state: Vec<_> = counted.counts.iter().map(|count| (count.state(), count.notices)).collect();
    assert_eq!(by_state.len(), 4);
    assert!(by_state.contains(&(pb::NoticeState::Pending, 2)), "{by_state:?}");
    assert_eq!(counted.duplicates, 0);
    // Without the key that forbids it, the count sees what it is there to see.
    sqlx::query("ALTER TABLE notice DROP CONSTRAINT notice_is_told_once")
        .execute(world.journal.pool())
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO notice (notice_id, milestone_seq, case_id, milestone, revision, occurrence, recipient, channel,
                             state, created_at)
         SELECT gen_random_uuid(), milestone_seq, case_id, milestone, revision, occurrence, recipient, channel,
                state, created_at FROM notice LIMIT 1",
    )
    .execute(world.journal.pool())
    .await
    .unwrap();
    assert_eq!(world.duplicates().await, 1);
    world.stop().await;
}

#[tokio::test]
async fn addresses_that_are_not_permitted_are_refused_over_the_wire() {
    let world = World::with("addresses", |settings| settings.allow_private_webhooks = false).await;
    let mut calls = world.calls.clone();
    let long = format!("https://example.com/{}", "x".repeat(10_000));
    for url in [
        "",
        "http://127.0.0.1",
        "http://[::1]",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://localhost./",
        "https://user:pass@example.com/",
        "file:///etc/passwd",
        "gopher://x",
        "not a url",
        "https://example.com:25/",
        "https://example.com/\r\nX: y",
        &long,
    ] {
        let problem = refusal(calls.create_webhook(webhook_request("hook-1", url)).await);
        assert_eq!(fields(&problem), ["url"], "{url}");
    }
    world.stop().await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let world = World::new("wrong").await;
    let mut calls = world.calls.clone();
    let list = pb::ListNoticesRequest {
        case_id: "case_".to_owned(),
        state: 99,
        page_size: -1,
        page_token: "'; DROP TABLE notice; --".to_owned(),
    };
    let problem = refusal(calls.list_notices(list).await);
    assert_eq!(fields(&problem), ["case_id", "state", "page_size", "page_token"]);
    let preview = pb::PreviewNoticeRequest { milestone: "shipped".to_owned(), language: "EN".to_owned() };
    assert_eq!(fields(&refusal(calls.preview_notice(preview).await)), ["milestone", "language"]);
    let wish = pb::PutPreferenceRequest {
        request_id: "a b".to_owned(),
        person_id: "Ada Lovelace".to_owned(),
        language: "sw".to_owned(),
        essentials_only: false,
    };
    assert_eq!(fields(&refusal(calls.put_preference(wish).await)), ["request_id", "person_id", "language"]);
    let hook = pb::CreateWebhookRequest::default();
    assert_eq!(fields(&refusal(calls.create_webhook(hook).await)), ["request_id", "customer_id", "url"]);
    let hooks = pb::ListWebhooksRequest { customer_id: "x".repeat(65) };
    assert_eq!(fields(&refusal(calls.list_webhooks(hooks).await)), ["customer_id"]);
    let delete = pb::DeleteWebhookRequest { request_id: "x".repeat(65), webhook_id: "hook_\0".to_owned() };
    assert_eq!(fields(&refusal(calls.delete_webhook(delete).await)), ["request_id", "webhook_id"]);
    let unknown = WebhookId::fresh(&SystemIds).to_string();
    let delete = pb::DeleteWebhookRequest { request_id: "unknown".to_owned(), webhook_id: unknown };
    assert_eq!(refusal(calls.delete_webhook(delete).await).reason, "WEBHOOK_NOT_FOUND");
    world.stop().await;
}

#[tokio::test]
async fn a_customer_has_a_limited_number_of_webhooks() {
    let world = World::new("limited").await;
    let mut calls = world.calls.clone();
    for index in 0..20 {
        let url = format!("https://example.com/{index}");
        calls.create_webhook(webhook_request(&format!("hook-{index}"), &url)).await.unwrap();
    }
    let problem = refusal(calls.create_webhook(webhook_request("hook-20", "https://example.com/20")).await);
    assert_eq!((problem.kind, &*problem.reason), (ProblemKind::Exhausted, "WEBHOOKS_EXHAUSTED"));
    world.stop().await;
}

#[tokio::test]
async fn a_preview_reads_as_the_customer_would_read_it() {
    let world = World::new("preview").await;
    let request =
        pb::PreviewNoticeRequest { milestone: "DATE_CHANGED".to_owned(), language: "fr".to_owned() };
    let preview = world.calls.clone().preview_notice(request).await.unwrap().into_inner();
    assert_eq!(preview.subject, "Une nouvelle date pour votre demande");
    assert!(preview.body.starts_with("Bonjour Robin Sample,\n"), "{}", preview.body);
    assert!(
        preview.body.contains("vendredi 27 novembre 2026 à 10 h 00 (heure locale : Berlin)"),
        "{}",
        preview.body
    );
    world.stop().await;
}
