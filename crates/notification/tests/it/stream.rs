//! From the streams of intake and coordinator to the mail folder, over real NATS.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use meridian_chassis::config::RegionConfig;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_messaging::{Cell, Journal};
use meridian_notification::Notification;
use meridian_proto::coordinator::v1::CustomerMilestone as Reached;
use meridian_types::{CaseId, SystemClock, SystemIds};

use crate::story::{PROMISED, PROMISED_LATER, promise_changed, promise_made, reached};
use crate::world::{People, case_opened, person, region, serve, service, until};

/// A stranger's schema will do for a service that only publishes.
async fn publisher(cell: &Cell, tasks: &Tasks, name: &str) -> Journal {
    let journal = cell.journal(service(name), Notification::migrations()).await.unwrap();
    cell.spawn_relay(tasks, &journal);
    journal
}

#[tokio::test]
async fn facts_from_two_streams_arrive_as_letters_each_once() {
    let tasks = Tasks::new();
    let people = People::default();
    people.put(person("P-ADA", "Ada Lovelace", "ada@nordlab.example", "en", "Europe/Berlin"));
    let mail_dir = tempfile::tempdir().unwrap();
    let mut config = RegionConfig::new(region(), &testing::database("stream"), &testing::nats().url());
    config.subject_prefix = testing::prefix();
    config.notification.mail_dir = Some(mail_dir.path().to_owned());
    let intake = ServerBuilder::new(&config);
    let limits = intake.limits();
    let server = meridian_proto::intake::v1::intake_service_server::IntakeServiceServer::new(people);
    let url = serve(&tasks, intake.add_service(meridian_chassis::limited!(limits, server))).await;
    config.endpoints.insert(service("intake"), url);
    let cell = Cell::connect(config, Arc::new(SystemClock), Arc::new(SystemIds)).await.unwrap();
    let intake = publisher(&cell, &tasks, "intake").await;
    let coordinator = publisher(&cell, &tasks, "coordinator").await;
    let notification = Notification::from_config(&cell).await.unwrap();
    notification.spawn(&tasks, &cell).unwrap();

    let cases: Vec<_> = (0..20).map(|_| CaseId::fresh(&SystemIds)).collect();
    for case_id in cases.iter().copied() {
        let tell = move |work: &mut meridian_messaging::Work| {
            work.emit(case_id, 1, &promise_made(case_id));
            for milestone in [Reached::PlanAgreed, Reached::Shipped] {
                work.emit(case_id, 2, &reached(case_id, 1, milestone, "2026-11-24T10:00:00Z"));
            }
            work.emit(case_id, 3, &promise_changed(case_id, "second", PROMISED, PROMISED_LATER));
        };
        // The coordinator's word comes first: the letters wait for the case.
        let told = coordinator.write("tell", move |work| {
            tell(work);
            async { Ok(()) }.boxed()
        });
        told.await.unwrap();
        let opened = intake.write("open", move |work| {
            work.emit(case_id, 1, &case_opened(case_id, "P-ADA"));
            async { Ok(()) }.boxed()
        });
        opened.await.unwrap();
    }
    let pool = notification.journal().pool();
    until("every letter is sent", async || {
        let sent = "SELECT count(*) FROM notice WHERE state = 'SENT'";
        sqlx::query_scalar::<_, i64>(sent).fetch_one(pool).await.unwrap() == 4 * 20
    })
    .await;
    assert_eq!(std::fs::read_dir(mail_dir.path()).unwrap().count(), 4 * 20);
    let order: Vec<String> =
        sqlx::query_scalar("SELECT string_agg(milestone, ' ' ORDER BY seq) FROM notice GROUP BY case_id")
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(order, ["CASE_OPENED PLAN_AGREED SHIPPED DATE_CHANGED"; 20]);
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}
