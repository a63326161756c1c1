//! Units of work: one effect and one answer for each request, whatever the callers do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, StreamExt, stream};
use meridian_messaging::{Journal, Work, database_problem};
use meridian_types::{Problem, ProblemKind};

use crate::harness::{NoteAdded, Noted, Pair, add_note, add_until_answered, note, until, versions};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_identical_requests_have_one_effect_and_one_answer() {
    let pair = Pair::new("identical").await;
    for round in 0..20 {
        let request = add_note(&format!("n{round}"), "x");
        let id = format!("request-{round}");
        let calls = (0..5).map(|_| pair.writer.execute(&id, &request, note(&request)));
        for answer in join_all(calls).await {
            assert_eq!(answer.unwrap(), NoteAdded { version: 1 });
        }
        // Also when it comes again later.
        assert_eq!(pair.writer.execute(&id, &request, note(&request)).await.unwrap().version, 1);
    }
    assert!(versions(pair.writer.pool()).await.values().all(|notes| *notes == 1));
    assert_eq!(outbox_rows(&pair).await, 20);
}

async fn outbox_rows(pair: &Pair) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(pair.writer.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_id_with_another_request_is_refused() {
    let pair = Pair::new("reused").await;
    let (one, other) = (add_note("n", "one"), add_note("n", "other"));
    pair.writer.execute("r", &one, note(&one)).await.unwrap();
    let problem = pair.writer.execute("r", &other, note(&other)).await.unwrap_err();
    assert_eq!((problem.kind, &*problem.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
    assert_eq!(versions(pair.writer.pool()).await["n"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_that_cannot_be_a_key_is_refused_by_name() {
    let pair = Pair::new("keys").await;
    let request = add_note("n", "x");
    for id in ["", "a b", "a\0b", "ä", &"x".repeat(129)] {
        let problem = pair.writer.execute(id, &request, note(&request)).await.unwrap_err();
        assert_eq!(problem.violations[0].field, "request_id", "{id:?}");
    }
}

/// Refuses after having written, and counts how often it ran.
fn refuse(
    kind: ProblemKind,
    runs: &Arc<AtomicU32>,
) -> impl for<'w> Fn(&'w mut Work) -> futures::future::BoxFuture<'w, Result<NoteAdded, Problem>>
+ Send
+ Sync
+ 'static {
    let runs = Arc::clone(runs);
    move |work| {
        let runs = Arc::clone(&runs);
        async move {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            sqlx::query("INSERT INTO notebook VALUES ('refused', 1)").execute(work.conn()).await.unwrap();
            work.emit("refused", 1, &Noted::default());
            Err(Problem::new(kind, "NOT_TODAY", format!("run {run}")).with("run", run))
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_stored_and_given_to_every_duplicate() {
    let pair = Pair::new("refusal").await;
    let runs = Arc::new(AtomicU32::new(0));
    let request = add_note("n", "x");
    let calls =
        (0..5).map(|_| pair.writer.execute("r", &request, refuse(ProblemKind::FailedPrecondition, &runs)));
    let mut answers: Vec<Problem> = join_all(calls).await.into_iter().map(Result::unwrap_err).collect();
    // Another operation under the same key is not even run.
    answers.push(pair.writer.execute("r", &request, note(&request)).await.unwrap_err());
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert!(versions(pair.writer.pool()).await.is_empty(), "what a refused operation wrote is undone");
    assert_eq!(outbox_rows(&pair).await, 0, "and what it emitted is not published");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passing_fault_is_not_stored() {
    let pair = Pair::new("passing").await;
    let runs = Arc::new(AtomicU32::new(0));
    let request = add_note("n", "x");
    let refused = pair.writer.execute("r", &request, refuse(ProblemKind::Unavailable, &runs)).await;
    assert_eq!(refused.unwrap_err().kind, ProblemKind::Unavailable);
    assert_eq!(pair.writer.execute("r", &request, note(&request)).await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_defect_that_leaves_nothing_behind() {
    let pair = Pair::new("panic").await;
    let request = add_note("n", "x");
    let outcome: Result<NoteAdded, Problem> = pair
        .writer
        .execute("r", &request, |work: &mut Work| {
            async move {
                sqlx::query("INSERT INTO notebook VALUES ('n', 7)").execute(work.conn()).await.unwrap();
                panic!("on purpose")
            }
            .boxed()
        })
        .await;
    assert_eq!(outcome.unwrap_err().kind, ProblemKind::Internal);
    assert_eq!(pair.writer.execute("r", &request, note(&request)).await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_deadlock_run_again() {
    let pair = Pair::new("deadlock").await;
    for id in ["a", "b"] {
        sqlx::query("INSERT INTO notebook VALUES ($1, 0)")
            .bind(id)
            .execute(pair.writer.pool())
            .await
            .unwrap();
    }
    let crossing = |first: &'static str, second: &'static str| {
        pair.writer.write("crossing", move |work| {
            async move {
                for id in [first, second] {
                    sqlx::query("UPDATE notebook SET notes = notes + 1 WHERE id = $1")
                        .bind(id)
                        .execute(work.conn())
                        .await
                        .map_err(|error| database_problem(&error))?;
                }
                Ok(())
            }
            .boxed()
        })
    };
    let units = (0..3).flat_map(|_| [crossing("a", "b"), crossing("b", "a")]);
    for outcome in join_all(units).await {
        outcome.unwrap();
    }
    assert_eq!(versions(pair.writer.pool()).await.into_values().collect::<Vec<_>>(), [6, 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_loses_no_acknowledged_write() {
    const CALLS: u64 = 1500;
    const AT_ONCE: usize = 8;
    let pair = Pair::new("cancelled").await;
    // Calls that are dropped at random moments, between writes of single statements through the same pool: those
    // would end up in whatever transaction a dropped call left open.
    let calls = stream::iter(0..CALLS).map(|call| cancelled_call(&pair.writer, call));
    let singles = stream::iter(0..CALLS).map(|call| single_statement(&pair.writer, call));
    // So many at a time keep the pool busy without exhausting it.
    let calls = calls.buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let singles = singles.buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let (calls, singles) = tokio::join!(calls, singles);
    let acknowledged: Vec<String> = calls.into_iter().chain(singles).flatten().collect();
    let answered = acknowledged.iter().filter(|notebook| notebook.starts_with("call")).count() as u64;
    assert!((1..CALLS).contains(&answered), "{answered} of {CALLS} calls were answered");
    no_session_stays_in_a_transaction(&pair).await;
    pair.writer.pool().close().await;
    let kept = versions(pair.another_writer().await.pool()).await;
    let lost: Vec<_> = acknowledged.iter().filter(|notebook| !kept.contains_key(*notebook)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(kept.values().all(|notes| *notes == 1), "one effect for each request");
}

/// Drops the call after 0 to 6 ms, except every tenth. The notebook when the call was answered before.
async fn cancelled_call(journal: &Journal, call: u64) -> Option<String> {
    let notebook = format!("call-{call}");
    let request = add_note(&notebook, "x");
    let patience =
        if call.is_multiple_of(10) { Duration::MAX } else { Duration::from_micros(call * 7919 % 6_000) };
    let answer = tokio::time::timeout(patience, journal.execute(&notebook, &request, note(&request))).await;
    answer.is_ok_and(|answer| answer.is_ok()).then_some(notebook)
}

async fn single_statement(journal: &Journal, call: u64) -> Option<String> {
    let notebook = format!("single-{call}");
    let insert =
        sqlx::query("INSERT INTO notebook VALUES ($1, 1)").bind(&notebook).execute(journal.pool()).await;
    insert.is_ok().then_some(notebook)
}

/// Sessions are inside a transaction for moments only; the server would end them after ten idle seconds.
async fn no_session_stays_in_a_transaction(pair: &Pair) {
    let administrator = pair.administrator().await;
    until("no open transaction", || async {
        let longest_seconds: Option<f64> = sqlx::query_scalar(
            "SELECT max(extract(epoch FROM clock_timestamp() - state_change))::float8 FROM pg_stat_activity
              WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
        )
        .fetch_one(&administrator)
        .await
        .unwrap();
        assert!(
            longest_seconds.is_none_or(|seconds| seconds < 5.0),
            "idle in a transaction: {longest_seconds:?} s"
        );
        longest_seconds.is_none()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_wakes_those_who_wait_for_one() {
    let pair = Pair::new("wake").await;
    let mut commits = pair.writer.committed();
    let waiter = tokio::spawn(async move { commits.changed().await });
    add_until_answered(&pair.writer, "r", &add_note("n", "x")).await;
    tokio::time::timeout(Duration::from_secs(10), waiter).await.unwrap().unwrap().unwrap();
}
