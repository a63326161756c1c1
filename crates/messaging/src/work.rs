//! One open transaction, and what is to be committed with it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;
use meridian_chassis::{status, trace};
use meridian_types::{EventId, IdSource, Problem};
use sqlx::{PgConnection, Postgres, Transaction};

use crate::fault::database_problem;
use crate::outbox::Emitted;
use crate::timers::{self, Timer};
use crate::unit::outcome_unknown;
use crate::{Announced, Journal, is_token, outbox, stream};

/// Room that the headers of a message may take beside its body.
const HEADER_BYTES: usize = 16 * 1024;
const BODY_BYTES_MAX: usize = stream::MESSAGE_BYTES_MAX as usize - HEADER_BYTES;
const AGGREGATE_ID_BYTES_MAX: usize = 256;

/// One open transaction: state, events and timers of one unit of work commit together or not at all.
///
/// Only [`Journal`] makes one, and only it commits.
#[derive(Debug)]
pub struct Work {
    transaction: Transaction<'static, Postgres>,
    now: Timestamp,
    ids: Arc<dyn IdSource>,
    emitted: Vec<Emitted>,
    /// What shall become of each (kind, key); sorted, so that two units lock rows in the same order.
    timers: BTreeMap<(&'static str, String), Option<Timer>>,
    /// Why the unit cannot be committed although its operation went on.
    defect: Option<Problem>,
}

impl Work {
    #[expect(clippy::disallowed_methods, reason = "this is the unit of work that opens transactions")]
    pub(crate) async fn begin(journal: &Journal) -> Result<Self, Problem> {
        let transaction = journal.pool().begin().await.map_err(|error| database_problem(&error))?;
        Ok(Self {
            transaction,
            now: journal.clock().now(),
            ids: Arc::clone(journal.ids()),
            emitted: Vec::new(),
            timers: BTreeMap::new(),
            defect: None,
        })
    }

    /// The connection of the transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Business time, the same for the whole unit.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Where ids of new things come from.
    #[must_use]
    pub fn ids(&self) -> &dyn IdSource {
        &*self.ids
    }

    /// Publishes an event when the unit commits. Events of one aggregate reach every reader in the order in
    /// which they were emitted. `aggregate_id` is an id of at most 256 bytes, never a name or an address.
    pub fn emit<M: Announced>(
        &mut self,
        aggregate_id: impl Display,
        aggregate_version: i64,
        event: &M,
    ) -> EventId {
        let id = EventId::fresh(self.ids());
        let aggregate_id = aggregate_id.to_string();
        match body_of(&aggregate_id, event) {
            Ok(body) => self.emitted.push(Emitted {
                id,
                type_name: M::full_name(),
                aggregate: M::AGGREGATE,
                event: M::EVENT,
                aggregate_id,
                aggregate_version,
                body,
                traceparent: trace::traceparent(),
            }),
            Err(defect) => {
                self.defect.get_or_insert_with(|| status::internal(&defect));
            }
        }
        id
    }

    /// Fires a timer at or soon after `timer.due` (business time), once. Replaces the timer of the same kind
    /// and key.
    pub fn schedule(&mut self, timer: Timer) {
        self.timers.insert((timer.kind, timer.key.clone()), Some(timer));
    }

    /// Removes the timer of this kind and key, if there is one.
    pub fn cancel_timer(&mut self, kind: &'static str, key: impl Into<String>) {
        self.timers.insert((kind, key.into()), None);
    }

    /// Writes what was buffered and commits.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` when the connection was lost on the way to the answer; any other problem means that
    /// nothing was committed.
    pub(crate) async fn commit(mut self) -> Result<(), Problem> {
        if let Some(defect) = self.defect.take() {
            self.rollback().await;
            return Err(defect);
        }
        if let Err(error) = self.flush().await {
            self.rollback().await;
            return Err(database_problem(&error));
        }
        self.transaction.commit().await.map_err(|error| match error {
            sqlx::Error::Database(_) => database_problem(&error),
            error => {
                tracing::warn!(%error, "connection lost while committing");
                outcome_unknown()
            }
        })
    }

    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        if !self.emitted.is_empty() {
            outbox::append(&mut self.transaction, self.now, &self.emitted).await?;
        }
        if !self.timers.is_empty() {
            timers::write(&mut self.transaction, &self.timers).await?;
        }
        Ok(())
    }

    /// Undoes everything. Returns whether the database answered; where it did not, it undoes the transaction
    /// by itself when it notices that the connection is gone.
    pub(crate) async fn rollback(self) -> bool {
        self.transaction.rollback().await.is_ok()
    }
}

/// Why an event cannot be published.
#[derive(Debug, thiserror::Error)]
enum EventDefect {
    #[error("{type_name}: aggregate and event must be tokens of a subject")]
    Token { type_name: String },
    #[error("{type_name}: aggregate id must have 1 to 256 bytes and no control characters")]
    AggregateId { type_name: String },
    #[error("{type_name} {aggregate_id}: body of {bytes} bytes, at most {BODY_BYTES_MAX} fit into a message")]
    TooLarge { type_name: String, aggregate_id: String, bytes: usize },
    #[error("{type_name}: {source}")]
    Json { type_name: String, source: meridian_proto::json::JsonError },
}

fn body_of<M: Announced>(aggregate_id: &str, event: &M) -> Result<String, EventDefect> {
    let type_name = M::full_name();
    if !is_token(M::AGGREGATE) || !is_token(M::EVENT) {
        return Err(EventDefect::Token { type_name });
    }
    if aggregate_id.is_empty()
        || aggregate_id.len() > AGGREGATE_ID_BYTES_MAX
        || aggregate_id.chars().any(char::is_control)
    {
        return Err(EventDefect::AggregateId { type_name });
    }
    match meridian_proto::json::to_string(event) {
        Ok(body) if body.len() > BODY_BYTES_MAX => {
            Err(EventDefect::TooLarge { type_name, aggregate_id: aggregate_id.to_owned(), bytes: body.len() })
        }
        Ok(body) => Ok(body),
        Err(source) => Err(EventDefect::Json { type_name, source }),
    }
}
