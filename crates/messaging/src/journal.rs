//! A service's durable journal: its schema, and everything that commits together in it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use meridian_types::{Clock, IdSource, ServiceName};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::sync::watch;

use crate::fault::answered;
use crate::{Handler, Origin, Source, outbox};

/// Waiting longer for a connection means that the service is overloaded: shed the request.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// A stream that was read to its end so long ago may have more by now. Readers look every two seconds.
const FRESH_FOR: Duration = Duration::from_secs(6);
/// A connection that was used so recently is not asked again whether it is alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// Migrations of this crate; their table stands beside the service's own.
static MIGRATIONS: Migrator = sqlx::migrate!();
const MIGRATIONS_TABLE: &str = "_messaging_migrations";

/// What a journal is made of.
#[derive(Debug)]
pub struct JournalOptions {
    /// `postgres://` URL of the region's database.
    pub database_url: String,
    /// Who writes into it; the schema is named after the service.
    pub origin: Origin,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn IdSource>,
    /// Largest number of pooled connections. One more is held by the relay.
    pub max_connections: u32,
}

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL cannot be read.
    #[error("the database URL cannot be read: {0}")]
    Url(#[source] sqlx::Error),
    /// The database refused or cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(#[from] MigrateError),
}

/// A service's durable journal: its PostgreSQL schema with outbox, idempotency table, timers and readers'
/// positions. Clones share one pool.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    pool: PgPool,
    connect: PgConnectOptions,
    origin: Origin,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    commits: watch::Sender<u64>,
    handlers: Mutex<HashMap<Source, Arc<dyn Handler>>>,
    /// By source that is read here: when nothing more was in its stream last. None: not since it was begun with, or since
    /// it was cut off.
    caught_up: Mutex<HashMap<Source, Option<Instant>>>,
}

impl Journal {
    /// Connects, makes the schema and (where permitted) a role of its own for the service, and brings the tables
    /// of this crate and of the service up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(options: JournalOptions, migrations: &'static Migrator) -> Result<Self, OpenError> {
        let service = options.origin.service.as_str();
        let base = PgConnectOptions::from_str(&options.database_url).map_err(OpenError::Url)?;
        let role = prepare_schema(&base, service).await?;
        let connect = session_options(base, service, role.as_deref());
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|conn, use_| {
                async move { Ok(use_.idle_for < TRUSTED_FOR || conn.ping().await.is_ok()) }.boxed()
            })
            // The pool asks as well, and would wait for ever where the server vanished.
            .after_release(|conn, _| async move { answered(conn.ping()).await.map(|()| true) }.boxed())
            .connect_with(connect.clone())
            .await?;
        own_migrations().run(&pool).await?;
        migrations.run(&pool).await?;
        // Rows of a day without a partition are kept as well, and upkeep comes back to it.
        if let Err(error) = outbox::create_partitions(&pool).await {
            tracing::warn!(%error, "the outbox has no partition of its own for today yet");
        }
        let JournalOptions { origin, clock, ids, .. } = options;
        let (commits, _) = watch::channel(0);
        let (handlers, caught_up) = Default::default();
        Ok(Self(Arc::new(Inner { pool, connect, origin, clock, ids, commits, handlers, caught_up })))
    }

    /// The pool, for reads of a single statement. Writes go through a unit of work.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// Business time.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Fresh ids.
    #[must_use]
    pub fn ids(&self) -> &Arc<dyn IdSource> {
        &self.0.ids
    }

    /// Who writes here.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// Changes at every commit of this process: await `changed()` instead of polling the database hard. Commits of
    /// other replicas are not seen, so look again after a while all the same.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.0.commits.subscribe()
    }

    pub(crate) fn announce_commit(&self) {
        self.0.commits.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A connection outside the pool, for what must hold a session lock.
    pub(crate) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.0.connect).await
    }

    /// Remembers who applies the events of `source`, so that its dead letters can be replayed.
    pub(crate) fn register(&self, source: Source, handler: Arc<dyn Handler>) {
        self.note_whether_read(&source, false);
        self.handlers().insert(source, handler);
    }

    /// Whether all that this service has told, in every region that is read here, was read a few seconds ago. Otherwise,
    /// as when a region is cut off or much is to be read, what is not known here may well exist.
    #[must_use]
    pub fn keeps_up_with(&self, service: &ServiceName) -> bool {
        let is_fresh = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < FRESH_FOR);
        self.caught_up().iter().all(|(source, at)| source.service != *service || is_fresh(at))
    }

    /// Remembers whether everything of `source` was read.
    pub(crate) fn note_whether_read(&self, source: &Source, is_read: bool) {
        self.caught_up().insert(source.clone(), is_read.then(Instant::now));
    }

    fn caught_up(&self) -> std::sync::MutexGuard<'_, HashMap<Source, Option<Instant>>> {
        // The map is whole after every statement, whoever panicked.
        self.0.caught_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who applies the events of `source`.
    pub(crate) fn handler(&self, source: &Source) -> Option<Arc<dyn Handler>> {
        self.handlers().get(source).map(Arc::clone)
    }

    fn handlers(&self) -> std::sync::MutexGuard<'_, HashMap<Source, Arc<dyn Handler>>> {
        // The map is whole after every statement, whoever panicked.
        self.0.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("origin", &self.0.origin).finish_non_exhaustive()
    }
}

fn own_migrations() -> Migrator {
    Migrator {
        migrations: Cow::Borrowed(&MIGRATIONS.migrations),
        table_name: Cow::Borrowed(MIGRATIONS_TABLE),
        ..Migrator::DEFAULT
    }
}

/// The settings of every session: the service's schema first, its role, and limits that end what hangs. The
/// keep-alives let the server notice a vanished client, and free its locks, within seconds.
fn session_options(base: PgConnectOptions, service: &str, role: Option<&str>) -> PgConnectOptions {
    let search_path = format!("\"{service}\",public");
    let mut settings = vec![
        ("search_path", search_path.as_str()),
        ("timezone", "UTC"),
        ("default_transaction_isolation", "read committed"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("statement_timeout", "15s"),
        ("tcp_keepalives_idle", "5"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_keepalives_count", "3"),
    ];
    settings.extend(role.map(|role| ("role", role)));
    base.application_name(&format!("meridian-{service}")).options(settings)
}

/// Makes the schema, and the role where the user may. Returns the role when sessions can take it on.
///
/// The names are built from a [`ServiceName`](meridian_types::ServiceName): lower-case letters and digits only.
async fn prepare_schema(base: &PgConnectOptions, service: &str) -> Result<Option<String>, sqlx::Error> {
    let mut conn = PgConnection::connect_with(base).await?;
    // Two processes may open the same journal at once; the lock ends with the session.
    sqlx::query("SELECT pg_advisory_lock(hashtext('meridian schema'))").execute(&mut conn).await?;
    let role = format!("meridian_{service}");
    make_role(&mut conn, &role).await?;
    let may_extend: bool = sqlx::query_scalar(
        "SELECT coalesce(has_database_privilege(to_regrole($1)::oid, current_database(), 'CREATE')
                         AND pg_has_role(to_regrole($1)::oid, 'MEMBER'), false)",
    )
    .bind(&role)
    .fetch_one(&mut conn)
    .await?;
    let authorization = if may_extend { format!(" AUTHORIZATION \"{role}\"") } else { String::new() };
    let create = format!("CREATE SCHEMA IF NOT EXISTS \"{service}\"{authorization}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut conn).await?;
    // The schema may be older than the role, or belong to somebody else for a reason: then stay the user we are.
    let owned: Option<bool> =
        sqlx::query_scalar("SELECT nspowner = to_regrole($2)::oid FROM pg_namespace WHERE nspname = $1")
            .bind(service)
            .bind(&role)
            .fetch_one(&mut conn)
            .await?;
    let takes_role = owned == Some(true)
        && sqlx::query(AssertSqlSafe(format!("SET ROLE \"{role}\""))).execute(&mut conn).await.is_ok();
    // What is decided stands, whether the goodbye arrives or not.
    drop(conn.close().await);
    Ok(takes_role.then_some(role))
}

/// Makes the role and lets it make extensions in this database, as far as the user may.
async fn make_role(conn: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    let statements = format!(
        "DO $$ BEGIN
             BEGIN
                 CREATE ROLE \"{role}\" NOLOGIN;
             EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
             END;
             BEGIN
                 EXECUTE format('GRANT CREATE ON DATABASE %I TO \"{role}\"', current_database());
             EXCEPTION WHEN undefined_object OR insufficient_privilege OR internal_error THEN NULL;
             END;
         END $$"
    );
    sqlx::query(AssertSqlSafe(statements)).execute(conn).await?;
    Ok(())
}
