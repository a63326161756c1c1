//! One request, one effect, one answer, however often it is sent.

use futures::future::join_all;
use meridian_chassis::status::problem;
use meridian_proto::notification::v1 as pb;
use meridian_types::{ProblemKind, SystemIds, WebhookId};

use crate::world::World;

/// Sends a request so many times at once and returns the answer that all get.
macro_rules! answer_to_all {
    ($world:expr, $method:ident, $request:expr, $times:expr) => {{
        let calls = (0..$times).map(|_| {
            let (mut client, request) = ($world.calls.clone(), $request.clone());
            tokio::spawn(async move { client.$method(request).await })
        });
        let mut answers: Vec<_> =
            join_all(calls).await.into_iter().map(|answer| answer.unwrap().unwrap().into_inner()).collect();
        let first = answers.swap_remove(0);
        for other in answers {
            assert_eq!(other, first, "{}", stringify!($method));
        }
        first
    }};
}

/// Asserts that a used key is refused for another request.
macro_rules! assert_reuse_refused {
    ($world:expr, $method:ident, $request:expr) => {{
        let refused = problem(&$world.calls.clone().$method($request).await.unwrap_err());
        assert_eq!((refused.kind, &*refused.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutation_sent_one_to_five_times_at_once_takes_effect_once() {
    let world = World::new("oneeffect").await;
    let listed = async || {
        let request = pb::ListWebhooksRequest { customer_id: "NORDLAB".to_owned() };
        world.calls.clone().list_webhooks(request).await.unwrap().into_inner().webhooks
    };
    for times in 1..=5 {
        let create = pb::CreateWebhookRequest {
            request_id: format!("create-{times}"),
            customer_id: "NORDLAB".to_owned(),
            url: "https://example.com/a".to_owned(),
        };
        let created = answer_to_all!(world, create_webhook, create, times);
        assert_eq!(created.secret.len(), "whsec_".len() + 44);
        assert_eq!(listed().await, [created.webhook.clone().unwrap()]);
        let other = pb::CreateWebhookRequest { url: "https://example.com/b".to_owned(), ..create };
        assert_reuse_refused!(world, create_webhook, other);

        let webhook_id = created.webhook.unwrap().webhook_id;
        let delete = pb::DeleteWebhookRequest { request_id: format!("delete-{times}"), webhook_id };
        answer_to_all!(world, delete_webhook, delete, times);
        assert!(listed().await.is_empty());
        let webhook_id = WebhookId::fresh(&SystemIds).to_string();
        assert_reuse_refused!(
            world,
            delete_webhook,
            pb::DeleteWebhookRequest { webhook_id, ..delete.clone() }
        );
        let again = pb::DeleteWebhookRequest { request_id: format!("again-{times}"), ..delete };
        let gone = problem(&world.calls.clone().delete_webhook(again).await.unwrap_err());
        assert_eq!(gone.reason, "WEBHOOK_NOT_FOUND");

        let wish = pb::PutPreferenceRequest {
            request_id: format!("wish-{times}"),
            person_id: "P-ADA".to_owned(),
            language: "fi".to_owned(),
            essentials_only: true,
        };
        answer_to_all!(world, put_preference, wish, times);
        let other = pb::PutPreferenceRequest { essentials_only: false, ..wish };
        assert_reuse_refused!(world, put_preference, other);
        let wishes: Vec<(String, String, bool)> =
            sqlx::query_as("SELECT person_id, language, essentials_only FROM preference")
                .fetch_all(world.journal.pool())
                .await
                .unwrap();
        assert_eq!(wishes, [("P-ADA".to_owned(), "fi".to_owned(), true)]);
    }
    world.stop().await;
}
