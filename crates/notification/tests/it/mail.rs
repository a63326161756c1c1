//! Mail against servers that misbehave: nothing is lost, and a repetition is known by its id.

use std::time::Duration;

use meridian_chassis::config::Secret;
use meridian_chassis::tasks::Tasks;
use meridian_notification::{MailRoute, Settings};
use meridian_proto::coordinator::v1::CustomerMilestone as Reached;
use meridian_proto::notification::v1::NoticeState::{Failed, Pending, Sent};

use crate::smtp_sink::{Manner, SmtpSink};
use crate::story::reached;
use crate::world::{World, person, until};

fn to(sink: &SmtpSink) -> impl Fn(&mut Settings) {
    let url = sink.url();
    move |settings| settings.mail = MailRoute::Smtp(Secret::new(&url))
}

#[tokio::test]
async fn a_mail_that_was_taken_without_a_word_is_sent_again_under_the_same_id() {
    let sink = SmtpSink::start([Manner::TakeThenReset, Manner::TakeThenReset]).await;
    let world = World::with("reset", to(&sink)).await;
    let case_id = world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let ids = sink.message_ids();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let mails = sink.taken();
    assert!(mails.iter().all(|mail| *mail == mails[0]), "every copy is the same mail");
    let notice = world.notices(case_id).await.remove(0);
    assert_eq!((notice.state(), notice.attempts), (Sent, 3));
    let outcomes: Vec<String> = sqlx::query_scalar("SELECT outcome FROM attempt ORDER BY number")
        .fetch_all(world.journal.pool())
        .await
        .unwrap();
    assert_eq!(outcomes, ["SMTP connection failed", "SMTP connection failed", "delivered"]);
    world.stop().await;
}

#[tokio::test]
async fn a_sender_killed_after_the_mail_was_taken_leaves_it_to_the_next_with_the_same_id() {
    let sink = SmtpSink::start([Manner::TakeThenHang]).await;
    let world = World::with("killed", to(&sink)).await;
    let case_id = world.open("P-ADA").await;
    let killed = Tasks::new();
    let short_lease = |settings: &mut Settings| {
        to(&sink)(settings);
        settings.pace.lease = Duration::from_secs(1);
    };
    world.replica(short_lease).spawn_senders(&killed);
    until("the mail is taken", async || sink.taken().len() == 1).await;
    // The attempt stands in the database before anything is known of its end.
    let attempts: i64 = sqlx::query_scalar("SELECT count(*) FROM attempt WHERE outcome IS NULL")
        .fetch_one(world.journal.pool())
        .await
        .unwrap();
    assert_eq!(attempts, 1);
    assert!(killed.stop(Duration::ZERO).await.is_err(), "it had to be aborted");

    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let ids = sink.message_ids();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    let notice = world.notices(case_id).await.remove(0);
    assert_eq!((notice.state(), notice.attempts), (Sent, 2));
    assert_eq!(world.events_told().await, ["NoticeDelivered"]);
    world.stop().await;
}

#[tokio::test]
async fn a_sender_that_was_overtaken_writes_nothing_down() {
    let sink = SmtpSink::start([Manner::TakeThenHang]).await;
    let world = World::with("overtaken-sender", |settings| {
        to(&sink)(settings);
        settings.pace.lease = Duration::from_secs(2);
    })
    .await;
    let case_id = world.open("P-ADA").await;
    let slow = Tasks::new();
    world.notification.spawn_senders(&slow);
    until("the mail is taken", async || sink.taken().len() == 1).await;
    // Another sender has it now.
    let claim = "UPDATE notice SET attempts = attempts + 1, due_at = clock_timestamp() + interval '1 hour'";
    sqlx::query(claim).execute(world.journal.pool()).await.unwrap();
    slow.stop(Duration::from_secs(20)).await.unwrap();
    let notice = world.notices(case_id).await.remove(0);
    assert_eq!((notice.state(), notice.attempts), (Pending, 2));
    let (outcome, is_leased): (Option<String>, bool) = sqlx::query_as(
        "SELECT outcome, due_at > clock_timestamp() + interval '50 minutes' FROM attempt
           JOIN notice USING (notice_id)",
    )
    .fetch_one(world.journal.pool())
    .await
    .unwrap();
    assert_eq!((outcome, is_leased), (None, true));
    world.stop().await;
}

#[tokio::test]
async fn a_refusal_for_good_fails_and_says_that_somebody_must_call() {
    let unknown = Manner::Recipient("550 5.1.1 no such user <ada@nordlab.example>");
    let sink = SmtpSink::start([unknown]).await;
    let world = World::with("refused", to(&sink)).await;
    let case_id = world.open("P-ADA").await;
    world.hear(reached(case_id, 1, Reached::Shipped, "2026-11-24T10:00:00Z")).await;
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let states: Vec<_> = world.told(case_id).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [Failed, Sent]);
    assert_eq!(world.events_told().await, ["NoticeFailed", "NoticeDelivered"]);
    let outcome: String = sqlx::query_scalar("SELECT outcome FROM attempt ORDER BY started_at LIMIT 1")
        .fetch_one(world.journal.pool())
        .await
        .unwrap();
    assert_eq!(outcome, "SMTP 550", "the server's words hold an address");
    world.stop().await;
}

#[tokio::test]
async fn a_passing_refusal_is_tried_again_and_what_follows_waits_its_turn() {
    let busy = Manner::Recipient("451 4.7.1 try later");
    let log_in = Manner::Recipient("530 5.7.0 authentication required");
    let sink = SmtpSink::start([busy, Manner::Greet("421 too busy"), log_in]).await;
    let world = World::with("passing", to(&sink)).await;
    let case_id = world.open("P-ADA").await;
    for milestone in [Reached::PlanAgreed, Reached::Shipped, Reached::Arrived] {
        world.hear(reached(case_id, 1, milestone, "2026-11-24T10:00:00Z")).await;
    }
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let attempts: Vec<_> = world.notices(case_id).await.into_iter().map(|notice| notice.attempts).collect();
    assert_eq!(attempts, [4, 1, 1, 1]);
    let texts = ["Wir suchen bereits", "Weg gefunden", "ist unterwegs", "ist angekommen"];
    let mails: Vec<_> = sink.taken().iter().map(|mail| mail.replace("=\n", "")).collect();
    for (mail, text) in mails.iter().zip(texts) {
        assert!(mail.contains(text), "{text} in {mail}");
    }
    world.stop().await;
}

#[tokio::test]
async fn when_every_try_is_used_up_the_notice_has_failed() {
    let sink = SmtpSink::start([Manner::Greet("421 too busy"); 6]).await;
    let world = World::with("used-up", to(&sink)).await;
    let case_id = world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let notice = world.notices(case_id).await.remove(0);
    assert_eq!((notice.state(), notice.attempts), (Failed, 6));
    assert_eq!(world.events_told().await, ["NoticeFailed"]);
    world.stop().await;
}

#[tokio::test]
async fn whoever_cannot_be_reached_by_mail_must_be_called() {
    let world = World::new("unreachable").await;
    world.people.put(person("P-NONE", "Noor", "", "en", "Asia/Singapore"));
    world.people.put(person("P-BAD", "Noor", "noor@x.example\r\nBcc: thief@x.example", "en", ""));
    let mut cases = Vec::new();
    for person_id in ["P-NONE", "P-BAD", "P-NOBODY"] {
        cases.push(world.open(person_id).await);
    }
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    for case_id in cases {
        let notice = world.notices(case_id).await.remove(0);
        assert_eq!((notice.state(), notice.attempts), (Failed, 1));
    }
    assert_eq!(world.events_told().await, ["NoticeFailed"; 3]);
    assert_eq!(std::fs::read_dir(world.mail_dir.path()).unwrap().count(), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_notice_waits_for_an_intake_that_is_away() {
    let world = World::with("away", |settings| {
        settings.pace.retry_pauses = vec![Duration::from_millis(20); 1000];
    })
    .await;
    world.people.set_away(true);
    let case_id = world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    until("some tries", async || world.notices(case_id).await[0].attempts > 2).await;
    assert_eq!(world.told(case_id).await[0].1, Pending);
    world.people.set_away(false);
    world.settled().await;
    assert_eq!(world.told(case_id).await[0].1, Sent);
    world.stop().await;
}

#[tokio::test]
async fn several_replicas_send_each_notice_once_and_in_order() {
    let sink = SmtpSink::start([]).await;
    let world = World::with("replicas", to(&sink)).await;
    let mut cases = Vec::new();
    for _ in 0..25 {
        let case_id = world.open("P-ADA").await;
        for milestone in [Reached::PlanAgreed, Reached::Shipped, Reached::Arrived, Reached::Done] {
            world.hear(reached(case_id, 1, milestone, "2026-11-24T10:00:00Z")).await;
        }
        cases.push(case_id);
    }
    for _ in 0..3 {
        world.replica(to(&sink)).spawn_senders(&world.tasks);
    }
    world.settled().await;
    let mails = sink.taken();
    assert_eq!(mails.len(), 125, "no mail twice");
    for case_id in cases {
        let places: Vec<_> = world
            .notices(case_id)
            .await
            .iter()
            .map(|notice| mails.iter().position(|mail| mail.contains(&notice.notice_id)).unwrap())
            .collect();
        assert!(places.is_sorted(), "{places:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn without_a_way_to_send_mail_waits() {
    let world = World::with("no-way", |settings| settings.mail = MailRoute::Absent).await;
    let case_id = world.open("P-ADA").await;
    world.notification.spawn_senders(&world.tasks);
    let later = Tasks::new();
    assert_eq!(world.told(case_id).await[0].1, Pending);
    world.replica(|_| {}).spawn_senders(&later);
    world.settled().await;
    assert_eq!(world.told(case_id).await[0].1, Sent);
    later.stop(Duration::from_secs(20)).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn while_nothing_can_be_sent_the_sender_rests() {
    let sink = SmtpSink::start([Manner::Greet("421 too busy")]).await;
    let world = World::with("resting", |settings| {
        to(&sink)(settings);
        settings.pace.retry_pauses = vec![Duration::from_secs(3600)];
    })
    .await;
    let case_id = world.open("P-ADA").await;
    // Due, but behind the one that waits.
    world.hear(reached(case_id, 1, Reached::Shipped, "2026-11-24T10:00:00Z")).await;
    world.notification.spawn_senders(&world.tasks);
    let ended = async || {
        let ended = "SELECT count(*) FROM attempt WHERE outcome IS NOT NULL";
        sqlx::query_scalar::<_, i64>(ended).fetch_one(world.journal.pool()).await.unwrap() == 1
    };
    until("the first attempt has ended", ended).await;
    let rests = async || {
        let mut commits = world.journal.committed();
        commits.mark_unchanged();
        tokio::time::timeout(Duration::from_millis(500), commits.changed()).await.is_err()
    };
    until("half a second in which nothing is written", rests).await;
    world.stop().await;
}
