//! Where instants and ids come from. Rules never read a clock; they are given `now`.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Business time: cut-offs, expiries, watchdogs and promises follow it. Leases, retries and time-outs don't;
/// they use the real monotonic clock.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that is passed in everywhere else")]
    fn now(&self) -> Timestamp {
        // Databases keep microseconds: what is stored must read back as what was answered.
        Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap_or(Timestamp::MAX)
    }
}

/// A clock that stands still until it is told to move: for tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `start` (microsecond precision).
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_microsecond()))
    }

    /// Puts the clock at `instant`.
    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

/// Where fresh ids come from.
pub trait IdSource: Send + Sync + std::fmt::Debug {
    /// A UUID never given out before.
    fn uuid(&self) -> Uuid;
}

/// Time-ordered random ids (UUID version 7).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the id source that is passed in everywhere else")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The same sequence of ids for the same seed: for tests and replays.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    next: AtomicU64,
}

impl SeededIds {
    /// A sequence that depends on `seed` alone.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }
}

impl IdSource for SeededIds {
    fn uuid(&self) -> Uuid {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let name = [self.seed.to_be_bytes(), count.to_be_bytes()].concat();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)
    }
}
