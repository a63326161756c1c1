//! The heart of Meridian's guarantees: units of work, idempotency, outbox, relay, readers, dead letters, timers.
//!
//! A service has one [`Journal`]: its PostgreSQL schema. All it does, it does in a unit of work
//! ([`Journal::execute`], [`Journal::write`], a [`Handler`], a [`TimerHandler`]), where state, answer, events and
//! timers are committed together or not at all. The [relay](spawn_relay) publishes committed events to the
//! region's JetStream; [readers](spawn_reader) in any region apply them.
//!
//! *Invariants.*
//! - PostgreSQL is the only truth; JetStream may lose everything and heals from the outbox.
//! - An answer is given after the commit, and once for each request id.
//! - `pub_seq` is gapless within (source, epoch) and final once given: it is the rank of an outbox row below the
//!   horizon. Events of one aggregate are numbered in the order of their commits.
//! - A reader's position and the effects of the events before it are one commit: each event takes effect exactly
//!   once, in order of `pub_seq`.
//! - No transaction is open in a future that a caller can drop.
//! - Tasks never end because a server is away.
//!
//! *The commonest change: a new event.* Define its message in `proto/`, add one line to `catalog.rs`, and emit it
//! with [`Work::emit`].

mod apply;
mod backfill;
mod backoff;
mod catalog;
mod cell;
mod dead_letter;
mod envelope;
mod event_log;
mod fault;
mod feed;
mod gap;
mod handler;
mod heal;
mod horizon;
mod idempotency;
mod journal;
mod nats;
mod origin;
mod outbox;
mod publish;
mod reader;
mod reader_cursor;
mod relay;
mod relay_cursor;
mod reorder;
mod resume;
mod session;
mod stream;
mod timers;
mod unit;
mod upkeep;
mod work;

pub use backfill::EventLogClient;
pub use catalog::{Announced, CATALOG, Entry};
pub use cell::{Cell, CellError};
pub use envelope::Event;
pub use event_log::EventLog;
pub use fault::database_problem;
pub use handler::Handler;
pub use journal::{Journal, JournalOptions, OpenError};
pub use nats::{Nats, NatsError, NatsOptions};
pub use origin::{Origin, Source, SubjectPrefix, is_token};
pub use reader::{SourceEndpoint, spawn_reader};
pub use relay::spawn_relay;
pub use timers::{FiredTimer, Timer, TimerHandler, spawn_timers};
pub use work::Work;
