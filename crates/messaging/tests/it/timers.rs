//! Timers fire once, by business time, also when they fail at first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_messaging::{FiredTimer, Journal, Timer, TimerHandler, Work, spawn_timers};
use meridian_types::{Clock, ManualClock, Problem, ProblemKind};

use crate::harness::{open_with, until};

/// Notes each timer; one of them fails at first, another one always panics.
#[derive(Default)]
struct Note {
    failures_left: AtomicU32,
}

#[async_trait]
impl TimerHandler for Note {
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem> {
        sqlx::query(
            "INSERT INTO notebook VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET notes = notebook.notes + 1",
        )
        .bind(&timer.key)
        .execute(work.conn())
        .await
        .unwrap();
        let one_less = |left: u32| left.checked_sub(1);
        match timer.key.as_str() {
            "panics" => panic!("on purpose"),
            "fails"
                if self.failures_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() =>
            {
                Err(Problem::new(ProblemKind::Internal, "ON_PURPOSE", "on purpose"))
            }
            _ => Ok(()),
        }
    }
}

fn start() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

struct World {
    clock: Arc<ManualClock>,
    url: String,
    prefix: String,
    journal: Journal,
}

impl World {
    async fn new(hint: &str) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let (url, prefix) = (testing::database(hint), testing::prefix());
        let journal = open_with(&url, &prefix, "writer", Arc::clone(&clock) as Arc<dyn Clock>).await;
        Self { clock, url, prefix, journal }
    }

    /// As another process would open it.
    async fn another(&self) -> Journal {
        open_with(&self.url, &self.prefix, "writer", Arc::clone(&self.clock) as Arc<dyn Clock>).await
    }

    async fn schedule(&self, key: &str, after_minutes: i64) {
        let key = key.to_owned();
        let scheduled = self.journal.write("schedule", move |work| {
            let due = work.now() + SignedDuration::from_mins(after_minutes);
            work.schedule(Timer { kind: "reminder", key: key.clone(), due, payload: serde_json::json!({}) });
            async { Ok(()) }.boxed()
        });
        scheduled.await.unwrap();
    }

    async fn fired(&self) -> Vec<(String, i64)> {
        sqlx::query_as("SELECT id, notes FROM notebook ORDER BY id")
            .fetch_all(self.journal.pool())
            .await
            .unwrap()
    }

    async fn pending(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM timer").fetch_one(self.journal.pool()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_fire_once_across_two_processes() {
    let world = World::new("timers").await;
    for timer in 0..200 {
        world.schedule(&format!("t{timer:03}"), timer % 20 + 1).await;
    }
    let tasks = Tasks::new();
    spawn_timers(&tasks, &world.journal, Arc::new(Note::default()));
    spawn_timers(&tasks, &world.another().await, Arc::new(Note::default()));
    for minute in 1..=20_i64 {
        world.clock.advance(SignedDuration::from_mins(1));
        let left = 200 - minute * 10;
        until(&format!("{left} left"), || async { world.pending().await <= left }).await;
        assert_eq!(world.pending().await, left, "none fires before its time");
    }
    let fired = world.fired().await;
    assert_eq!(fired.len(), 200);
    assert!(fired.iter().all(|(_, times)| *times == 1), "{fired:?}");
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_fails_fires_again_and_holds_nobody_up() {
    let world = World::new("failing").await;
    world.schedule("fails", 1).await;
    world.schedule("works", 2).await;
    world.clock.advance(SignedDuration::from_mins(3));
    let tasks = Tasks::new();
    let note = Note { failures_left: AtomicU32::new(2) };
    spawn_timers(&tasks, &world.journal, Arc::new(note));
    until("the other fired", || async { world.fired().await == [("works".to_owned(), 1)] }).await;
    assert_eq!(world.pending().await, 1);
    until("both fired", || async { world.pending().await == 0 }).await;
    assert_eq!(world.fired().await, [("fails".to_owned(), 1), ("works".to_owned(), 1)]);
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_panics_holds_nobody_up() {
    let world = World::new("panicking").await;
    world.schedule("panics", 1).await;
    world.schedule("works", 2).await;
    world.clock.advance(SignedDuration::from_mins(3));
    let tasks = Tasks::new();
    spawn_timers(&tasks, &world.journal, Arc::new(Note::default()));
    until("the other fired", || async { world.fired().await == [("works".to_owned(), 1)] }).await;
    assert_eq!(world.pending().await, 1);
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_is_replaced_and_cancelled_by_its_key() {
    let world = World::new("replaced").await;
    world.schedule("later", 1).await;
    world.schedule("later", 60).await;
    world.schedule("never", 1).await;
    let cancelled = world.journal.write("cancel", |work| {
        work.cancel_timer("reminder", "never");
        async { Ok(()) }.boxed()
    });
    cancelled.await.unwrap();
    world.schedule("mark", 2).await;
    let tasks = Tasks::new();
    spawn_timers(&tasks, &world.journal, Arc::new(Note::default()));
    world.clock.advance(SignedDuration::from_mins(5));
    until("the mark fired", || async { !world.fired().await.is_empty() }).await;
    assert_eq!(world.fired().await, [("mark".to_owned(), 1)]);
    world.clock.advance(SignedDuration::from_mins(60));
    until("the later one fired", || async { world.pending().await == 0 }).await;
    assert_eq!(world.fired().await, [("later".to_owned(), 1), ("mark".to_owned(), 1)]);
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}
