use std::future::pending;
use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use tokio::sync::oneshot;

const GRACE: Duration = Duration::from_secs(10);

/// A task that stops when asked, and tells that it did.
fn well_behaved(tasks: &Tasks) -> oneshot::Receiver<()> {
    let (stopped, told) = oneshot::channel();
    let stop = tasks.stop_token();
    tasks.spawn("well behaved", async move {
        stop.cancelled().await;
        stopped.send(()).map_err(|()| anyhow::anyhow!("nobody listens"))
    });
    told
}

#[tokio::test]
async fn a_group_that_is_asked_to_stop_ends_well() {
    let tasks = Tasks::new();
    let stopped = well_behaved(&tasks);
    tasks.stop(GRACE).await.unwrap();
    stopped.await.unwrap();
}

#[tokio::test]
async fn a_task_that_fails_stops_the_group_and_is_named_with_its_causes() {
    let tasks = Tasks::new();
    let stopped = well_behaved(&tasks);
    tasks.spawn("relay", async { Err(anyhow::anyhow!("connection refused").context("no lease")) });
    let failure = tasks.failure().await;
    assert_eq!(failure.to_string(), "task relay failed: no lease: connection refused");
    stopped.await.unwrap();
    assert_eq!(tasks.stop(GRACE).await, Err(failure));
}

#[tokio::test]
async fn a_task_that_panics_stops_the_group() {
    let tasks = Tasks::new();
    let stopped = well_behaved(&tasks);
    tasks.spawn("reader", async { panic!("gap at {}", 7) });
    stopped.await.unwrap();
    assert_eq!(tasks.stop(GRACE).await.unwrap_err().to_string(), "task reader panicked: gap at 7");
}

#[tokio::test]
async fn a_task_that_ends_before_it_is_asked_to_is_a_failure() {
    let tasks = Tasks::new();
    tasks.spawn("watchdog", async { Ok(()) });
    let failure = tasks.failure().await;
    assert_eq!((failure.task, tasks.stop_token().is_cancelled()), ("watchdog", true));
}

#[tokio::test]
async fn the_first_failure_is_kept() {
    let tasks = Tasks::new();
    tasks.spawn("first", async { anyhow::bail!("the cause") });
    tasks.failure().await;
    tasks.spawn("second", async { anyhow::bail!("a consequence") });
    assert_eq!(tasks.stop(GRACE).await.unwrap_err().task, "first");
}

#[tokio::test]
async fn a_task_that_does_not_stop_in_time_is_aborted_and_counts_as_a_failure() {
    struct Dropped(Option<oneshot::Sender<()>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.take().unwrap().send(()).unwrap();
        }
    }
    let tasks = Tasks::new();
    let (dropped, told) = oneshot::channel();
    tasks.spawn("deaf", async move {
        let _dropped = Dropped(Some(dropped));
        pending().await
    });
    let failure = tasks.stop(Duration::from_millis(10)).await.unwrap_err();
    assert_eq!(failure.task, "deaf");
    told.await.unwrap();
}
