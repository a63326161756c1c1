//! Applying a batch of events: their effects and the reader's position in one transaction.

use std::sync::Arc;

use meridian_chassis::trace;
use meridian_types::Problem;
use tracing::{Instrument, Span};

use crate::fault::{database_problem, is_passing};
use crate::handler::shielded;
use crate::reader_cursor::{self, ReaderCursor};
use crate::unit::detached;
use crate::{Event, Handler, Journal, Source, Work, dead_letter};

/// A batch and the positions before and after it.
#[derive(Clone)]
pub(crate) struct Batch {
    pub(crate) journal: Journal,
    pub(crate) source: Source,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) before: ReaderCursor,
    pub(crate) after: ReaderCursor,
    pub(crate) events: Vec<Arc<Event>>,
}

/// What became of a batch that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It took effect.
    Applied,
    /// Nothing was done: the position is another one than expected.
    Moved(ReaderCursor),
}

/// Why a batch took no effect.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may well succeed later.
    Passing(Problem),
    /// One of its events cannot be applied.
    Event(Problem),
}

impl Failure {
    fn database(error: &sqlx::Error) -> Self {
        Self::Passing(database_problem(error))
    }
}

/// What to do with each event.
enum Treatment {
    Handle,
    SetAside { error: String, attempts: i32 },
}

/// Applies the batch through its handler.
pub(crate) async fn apply(batch: Batch) -> Result<Outcome, Failure> {
    run(batch, Treatment::Handle).await
}

/// Puts the batch among the dead letters.
pub(crate) async fn set_aside(batch: Batch, problem: &Problem, attempts: i32) -> Result<Outcome, Failure> {
    run(batch, Treatment::SetAside { error: problem.to_string(), attempts }).await
}

async fn run(batch: Batch, treatment: Treatment) -> Result<Outcome, Failure> {
    detached(async move { Ok(transact(&batch, &treatment).await) }).await.unwrap_or_else(|problem| {
        Err(if is_passing(&problem) { Failure::Passing(problem) } else { Failure::Event(problem) })
    })
}

async fn transact(batch: &Batch, treatment: &Treatment) -> Result<Outcome, Failure> {
    let mut work = Work::begin(&batch.journal).await.map_err(Failure::Passing)?;
    let actual = match reader_cursor::lock(work.conn(), &batch.source).await {
        Ok(actual) => actual,
        Err(error) => {
            work.rollback().await;
            return Err(Failure::database(&error));
        }
    };
    // A position never goes back within an epoch, whoever asks for it.
    let goes_back = batch.after.epoch.id == actual.epoch.id && batch.after.pub_seq < actual.pub_seq;
    if goes_back || !actual.is_at(&batch.before) {
        work.rollback().await;
        return Ok(Outcome::Moved(actual));
    }
    if let Err(problem) = fill(&mut work, batch, treatment).await {
        let database_answers = work.rollback().await;
        return Err(if is_passing(&problem) || !database_answers {
            Failure::Passing(problem)
        } else {
            Failure::Event(problem)
        });
    }
    work.commit().await.map_err(|problem| {
        if is_passing(&problem) { Failure::Passing(problem) } else { Failure::Event(problem) }
    })?;
    batch.journal.announce_commit();
    Ok(Outcome::Applied)
}

async fn fill(work: &mut Work, batch: &Batch, treatment: &Treatment) -> Result<(), Problem> {
    let mut held_up = dead_letter::held_up(work.conn(), &batch.source, &batch.events)
        .await
        .map_err(|e| database_problem(&e))?;
    for event in &batch.events {
        let aggregate = (event.aggregate.clone(), event.aggregate_id.clone());
        let set_aside = match treatment {
            Treatment::SetAside { error, attempts } => Some((error.as_str(), *attempts)),
            Treatment::Handle if held_up.contains(&aggregate) => {
                Some(("an earlier event of the same aggregate is a dead letter", 0))
            }
            Treatment::Handle => None,
        };
        match set_aside {
            Some((error, attempts)) => {
                let inserted = dead_letter::insert(work.conn(), event, error, attempts).await;
                inserted.map_err(|error| database_problem(&error))?;
                tracing::warn!(
                    event_id = %event.id, r#type = event.type_name, aggregate_id = event.aggregate_id, error,
                    "an event is set aside as a dead letter"
                );
                held_up.insert(aggregate);
            }
            None => handle(work, &*batch.handler, event).await?,
        }
    }
    reader_cursor::store(work.conn(), &batch.source, &batch.after)
        .await
        .map_err(|error| database_problem(&error))
}

async fn handle(work: &mut Work, handler: &dyn Handler, event: &Event) -> Result<(), Problem> {
    let span = span(event);
    shielded(handler.handle(work, event)).instrument(span).await
}

/// The span of an event's handling, child of what caused the event: one trace spans the whole way.
fn span(event: &Event) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "event",
        event_id = %event.id,
        r#type = event.type_name,
        source = %event.source,
        aggregate_id = event.aggregate_id,
        pub_seq = event.pub_seq,
    );
    if let Some(traceparent) = &event.traceparent {
        trace::set_parent(&span, traceparent);
    }
    span
}
