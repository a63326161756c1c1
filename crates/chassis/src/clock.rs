//! The business clock of a region: the machine's, or one that is driven by a row of the region's database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use meridian_types::{Clock, Problem, ProblemKind, SystemClock};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::MissedTickBehavior;

use crate::config::{ClockSource, RegionConfig};
use crate::status;
use crate::store::business_clock::{self, Reading};
use crate::tasks::Tasks;

/// How often a process looks whether another one has set the clock.
const POLL_EVERY: Duration = Duration::from_millis(200);
/// How long a poll may wait for the database.
const ACQUIRE_WAIT: Duration = Duration::from_secs(2);
/// Most business seconds in a real one.
pub const RATE_MAX: f64 = 1_000_000.0;

/// Business time of a region. Clones read the same clock; reading costs no I/O.
///
/// A driven clock is one row of the region's database, counted by the database's own clock, so that all
/// processes agree whatever their machines' clocks say. Within a process it never goes backwards, not even when
/// another process slows it down: it then stands still until the row has caught up.
#[derive(Debug, Clone)]
pub struct RegionClock(Option<Arc<Driven>>);

#[derive(Debug)]
struct Driven {
    pool: PgPool,
    anchor: RwLock<Anchor>,
    /// The latest instant given out, microseconds since 1970.
    latest_micros: AtomicI64,
}

/// A known business instant, and how time goes on from it.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    micros: i64,
    at: Instant,
    rate: f64,
}

/// Why the clock could not be opened or set.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The region runs on the machine's clock.
    #[error("the region runs on the machine's clock, which cannot be set")]
    NotDriven,
    /// The new time lies before the present one.
    #[error("business time is {now} already; it never goes back to {asked}")]
    Backwards {
        /// Present business time.
        now: Timestamp,
        /// The time that was asked for.
        asked: Timestamp,
    },
    /// The rate is not a number from 0 to [`RATE_MAX`].
    #[error("rate {0} is not a number from 0 to {RATE_MAX}")]
    Rate(f64),
    /// The database does not answer.
    #[error("business clock in the database: {0}")]
    Database(#[from] sqlx::Error),
}

impl From<ClockError> for Problem {
    fn from(error: ClockError) -> Self {
        let refused = ProblemKind::FailedPrecondition;
        match &error {
            ClockError::NotDriven => Self::new(refused, "CLOCK_NOT_DRIVEN", error.to_string()),
            ClockError::Backwards { now, .. } => {
                Self::new(refused, "CLOCK_NEVER_GOES_BACK", error.to_string()).with("now", now)
            }
            ClockError::Rate(rate) => {
                Self::invalid_field("rate", rate, format!("a number from 0 to {RATE_MAX}"))
            }
            ClockError::Database(cause) if is_away(cause) => Self::new(
                ProblemKind::Unavailable,
                "DATABASE_UNAVAILABLE",
                "the clock's database does not answer",
            )
            .retry_after_ms(1000),
            ClockError::Database(cause) => status::internal(cause),
        }
    }
}

/// Whether the database cannot be reached or does not serve at the moment: connection exceptions, insufficient
/// resources, operator intervention.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(cause) => {
            cause.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

impl RegionClock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// The clock that the configuration asks for. A driven one is followed by a task of `tasks`.
    ///
    /// # Errors
    /// The database cannot be reached or written to.
    pub async fn open(config: &RegionConfig, tasks: &Tasks) -> Result<Self, ClockError> {
        if config.clock == ClockSource::System {
            return Ok(Self::system());
        }
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_WAIT)
            .connect(config.database_url.reveal())
            .await?;
        business_clock::create(&pool, config.clock_start).await?;
        let anchor = Anchor::of(business_clock::read(&pool).await?);
        let driven = Arc::new(Driven {
            pool,
            anchor: RwLock::new(anchor),
            latest_micros: AtomicI64::new(anchor.micros),
        });
        let follower = Arc::clone(&driven);
        let stop = tasks.stop_token();
        tasks.spawn("business-clock", async move {
            stop.run_until_cancelled(follower.follow()).await;
            follower.pool.close().await;
            Ok(())
        });
        Ok(Self(Some(driven)))
    }

    /// Whether the clock is driven rather than the machine's.
    #[must_use]
    pub const fn is_driven(&self) -> bool {
        self.0.is_some()
    }

    /// Business seconds per real second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.0.as_ref().map_or(1.0, |driven| driven.anchor().rate)
    }

    /// Moves a driven clock forward to `value`, from where it goes on at `rate`. It takes effect here at once and
    /// in the region's other processes within their poll of 200 ms.
    ///
    /// # Errors
    /// The clock is not driven, `value` lies in its past, `rate` is out of range, or the database fails.
    pub async fn set(&self, value: Timestamp, rate: f64) -> Result<(), ClockError> {
        let driven = self.0.as_ref().ok_or(ClockError::NotDriven)?;
        if !(0.0..=RATE_MAX).contains(&rate) {
            return Err(ClockError::Rate(rate));
        }
        match business_clock::set(&driven.pool, value, rate).await? {
            Some(reading) => {
                driven.apply(reading);
                Ok(())
            }
            None => Err(ClockError::Backwards { now: self.now(), asked: value }),
        }
    }
}

impl Clock for RegionClock {
    fn now(&self) -> Timestamp {
        self.0.as_ref().map_or_else(|| SystemClock.now(), |driven| driven.now())
    }
}

impl Driven {
    fn anchor(&self) -> Anchor {
        *self.anchor.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on from `reading`. An older one that arrives late cannot undo it: time stands still until it has caught up.
    fn apply(&self, reading: Reading) {
        self.latest_micros.fetch_max(reading.now.as_microsecond(), Ordering::SeqCst);
        *self.anchor.write().unwrap_or_else(PoisonError::into_inner) = Anchor::of(reading);
    }

    fn now(&self) -> Timestamp {
        let micros = self.anchor().micros_now();
        let latest = self.latest_micros.fetch_max(micros, Ordering::SeqCst);
        Timestamp::from_microsecond(micros.max(latest)).unwrap_or(Timestamp::MAX)
    }

    /// Reads the row again and again. While the database is away the clock goes on as it last went.
    async fn follow(&self) {
        let mut ticks = tokio::time::interval(POLL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut following = true;
        loop {
            ticks.tick().await;
            let read = business_clock::read(&self.pool).await;
            match &read {
                Ok(reading) => self.apply(*reading),
                Err(error) if following => {
                    tracing::warn!(%error, "business clock cannot be read; it goes on at its last rate");
                }
                Err(_) => {}
            }
            following = read.is_ok();
        }
    }
}

impl Anchor {
    fn of(reading: Reading) -> Self {
        Self { micros: reading.now.as_microsecond(), at: Instant::now(), rate: reading.rate }
    }

    fn micros_now(self) -> i64 {
        // A float converts saturating, and the sum saturates: the worst case is the end of time.
        let passed = self.at.elapsed().as_secs_f64() * 1e6 * self.rate;
        self.micros.saturating_add(passed as i64)
    }
}
