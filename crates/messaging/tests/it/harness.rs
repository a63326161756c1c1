//! Two services of the tests: a writer that keeps notebooks, and a reader that notes the effect of every event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_messaging::{
    Announced, Event, Handler, Journal, JournalOptions, Nats, NatsOptions, Origin, SourceEndpoint,
    SubjectPrefix, Work, database_problem, spawn_reader, spawn_relay,
};
use meridian_types::{Clock, Problem, RegionId, ServiceName, SystemClock, SystemIds};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("tests/migrations");

/// Longest time any condition may take, on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);

/// The event of these tests. It borrows the name and the shape of a message that has a descriptor.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Noted {
    #[prost(string, tag = "1")]
    pub(crate) hold_id: String,
    #[prost(string, tag = "2")]
    pub(crate) case_id: String,
}

impl prost::Name for Noted {
    const NAME: &'static str = "HoldConfirmed";
    const PACKAGE: &'static str = "meridian.inventory.v1";
}

impl Announced for Noted {
    const AGGREGATE: &'static str = "notebook";
    const EVENT: &'static str = "noted";
}

/// Request and answer of these tests: add a note to a notebook; its version afterwards.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AddNote {
    #[prost(string, tag = "1")]
    pub(crate) notebook: String,
    #[prost(string, tag = "2")]
    pub(crate) text: String,
}

impl prost::Name for AddNote {
    const NAME: &'static str = "AddNote";
    const PACKAGE: &'static str = "meridian.test.v1";
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NoteAdded {
    #[prost(int64, tag = "1")]
    pub(crate) version: i64,
}

impl prost::Name for NoteAdded {
    const NAME: &'static str = "NoteAdded";
    const PACKAGE: &'static str = "meridian.test.v1";
}

pub(crate) fn add_note(notebook: &str, text: &str) -> AddNote {
    AddNote { notebook: notebook.to_owned(), text: text.to_owned() }
}

/// The operation behind the request: state, event and answer.
pub(crate) fn note(
    request: &AddNote,
) -> impl for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<NoteAdded, Problem>> + Send + Sync + 'static {
    let request = Arc::new(request.clone());
    move |work| {
        let request = Arc::clone(&request);
        async move {
            let version: i64 = sqlx::query_scalar(
                "INSERT INTO notebook (id, notes) VALUES ($1, 1)
                 ON CONFLICT (id) DO UPDATE SET notes = notebook.notes + 1 RETURNING notes",
            )
            .bind(&request.notebook)
            .fetch_one(work.conn())
            .await
            .map_err(|error| database_problem(&error))?;
            let event = Noted { hold_id: request.notebook.clone(), case_id: request.text.clone() };
            work.emit(&request.notebook, version, &event);
            Ok(NoteAdded { version })
        }
        .boxed()
    }
}

/// Adds a note, repeating the same request until it is answered.
pub(crate) async fn add_until_answered(journal: &Journal, request_id: &str, request: &AddNote) -> NoteAdded {
    // Owned, so that writers can be spawned.
    let (journal, request_id, request) = (journal.clone(), request_id.to_owned(), request.clone());
    testing::until("an answer", DEADLINE, async move || {
        let answer = journal.execute(&request_id, &request, note(&request)).await;
        answer.inspect_err(|problem| assert!(!problem.is_decision(), "{problem}")).ok()
    })
    .await
}

pub(crate) fn region(text: &str) -> RegionId {
    RegionId::parse(text).unwrap()
}

pub(crate) fn service(text: &str) -> ServiceName {
    ServiceName::parse(text).unwrap()
}

pub(crate) async fn open(database_url: &str, prefix: &str, name: &str) -> Journal {
    open_with(database_url, prefix, name, Arc::new(SystemClock)).await
}

pub(crate) async fn open_with(
    database_url: &str,
    prefix: &str,
    name: &str,
    clock: Arc<dyn Clock>,
) -> Journal {
    let options = JournalOptions {
        database_url: database_url.to_owned(),
        origin: Origin {
            prefix: SubjectPrefix::parse(prefix).unwrap(),
            region: region("eu"),
            service: service(name),
        },
        clock,
        ids: Arc::new(SystemIds),
        max_connections: 8,
    };
    Journal::open(options, &MIGRATIONS).await.unwrap()
}

pub(crate) async fn connect(url: &str) -> Nats {
    Nats::connect(url, NatsOptions::default()).await.unwrap()
}

/// A writer and a reader in databases of their own, connected by a NATS server.
pub(crate) struct Pair {
    pub(crate) prefix: String,
    pub(crate) nats: Nats,
    pub(crate) writer: Journal,
    pub(crate) reader: Journal,
    pub(crate) tasks: Tasks,
    writer_url: String,
    reader_url: String,
}

impl Pair {
    /// On the shared servers; nothing runs yet.
    pub(crate) async fn new(hint: &str) -> Self {
        let (writer_url, reader_url) = (testing::database(hint), testing::database(hint));
        Self::on(writer_url, reader_url, &testing::nats().url()).await
    }

    /// On servers that the test itself owns.
    pub(crate) async fn on(writer_url: String, reader_url: String, nats_url: &str) -> Self {
        let prefix = testing::prefix();
        let writer = open(&writer_url, &prefix, "writer").await;
        let reader = open(&reader_url, &prefix, "reader").await;
        let nats = connect(nats_url).await;
        Self { prefix, nats, writer, reader, tasks: Tasks::new(), writer_url, reader_url }
    }

    /// The writer's journal, as another process opens it.
    pub(crate) async fn another_writer(&self) -> Journal {
        open(&self.writer_url, &self.prefix, "writer").await
    }

    /// The writer's database, as its administrator sees it.
    pub(crate) async fn administrator(&self) -> PgPool {
        PgPool::connect(&self.writer_url).await.unwrap()
    }

    /// The reader's journal, as another process opens it.
    pub(crate) async fn another_reader(&self) -> Journal {
        open(&self.reader_url, &self.prefix, "reader").await
    }

    /// Starts the relay of the writer and the reader.
    pub(crate) fn run(&self) -> &Self {
        spawn_relay(&self.tasks, &self.writer, self.nats.clone());
        self.read_with(Arc::new(NoteEffects));
        self
    }

    pub(crate) fn read_with(&self, handler: Arc<dyn Handler>) {
        spawn_reader(&self.tasks, &self.reader, self.source(), handler);
    }

    pub(crate) fn source(&self) -> SourceEndpoint {
        SourceEndpoint {
            region: region("eu"),
            service: service("writer"),
            nats: self.nats.clone(),
            event_log: None,
        }
    }

    pub(crate) async fn add(&self, notebook: &str, text: &str) -> NoteAdded {
        let request = add_note(notebook, text);
        let request_id = format!("{notebook}-{text}");
        self.writer.execute(&request_id, &request, note(&request)).await.unwrap()
    }

    /// Waits until every committed note took effect, and checks that each did so once and in order.
    pub(crate) async fn settle(&self) {
        settle(self.writer.pool(), self.reader.pool()).await;
    }

    pub(crate) async fn stop(&self) {
        self.tasks.stop(Duration::from_secs(20)).await.unwrap();
    }
}

pub(crate) async fn settle(writer: &PgPool, reader: &PgPool) {
    let expected = versions(writer).await;
    let total: i64 = expected.values().sum();
    until(&format!("{total} effects"), || async { effect_count(reader).await >= total }).await;
    assert_exactly_once_in_order(&expected, &effects(reader).await);
}

/// Writers that add notes to ten notebooks, each request repeated until it is answered, until told to stop.
pub(crate) struct Load {
    stop: CancellationToken,
    writers: tokio::task::JoinSet<()>,
}

impl Load {
    pub(crate) fn start(journal: &Journal, writers: usize) -> Self {
        let mut load = Self { stop: CancellationToken::new(), writers: tokio::task::JoinSet::new() };
        for writer in 0..writers {
            let (journal, stop) = (journal.clone(), load.stop.clone());
            load.writers.spawn(async move {
                for note in 0.. {
                    if stop.is_cancelled() {
                        return;
                    }
                    let request = add_note(&format!("n{}", (writer + note) % 10), "x");
                    add_until_answered(&journal, &format!("{writer}-{note}"), &request).await;
                }
            });
        }
        load
    }

    /// Stops, and returns when every request is answered.
    pub(crate) async fn finish(mut self) {
        self.stop.cancel();
        while let Some(writer) = self.writers.join_next().await {
            writer.unwrap();
        }
    }
}

/// Waits until so many more effects are there.
pub(crate) async fn progress(reader: &PgPool, more: i64) {
    let target = effect_count(reader).await + more;
    until(&format!("{more} more effects"), || async { effect_count(reader).await >= target }).await;
}

/// The effects by notebook, each a list of versions in the order of commit.
pub(crate) type Effects = BTreeMap<String, Vec<i64>>;

pub(crate) async fn versions(writer: &PgPool) -> BTreeMap<String, i64> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, notes FROM notebook").fetch_all(writer).await.unwrap();
    rows.into_iter().collect()
}

pub(crate) async fn effect_count(reader: &PgPool) -> i64 {
    // The server may be away at the moment.
    sqlx::query_scalar("SELECT count(*) FROM effect").fetch_one(reader).await.unwrap_or(0)
}

pub(crate) async fn effects(reader: &PgPool) -> Effects {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT notebook, version FROM effect ORDER BY ordinal")
        .fetch_all(reader)
        .await
        .unwrap();
    let mut effects = Effects::new();
    for (notebook, version) in rows {
        effects.entry(notebook).or_default().push(version);
    }
    effects
}

pub(crate) fn assert_exactly_once_in_order(expected: &BTreeMap<String, i64>, effects: &Effects) {
    let expected: Effects = expected.iter().map(|(id, notes)| (id.clone(), (1..=*notes).collect())).collect();
    for (notebook, versions) in &expected {
        let actual = effects.get(notebook).map_or(&[][..], Vec::as_slice);
        assert_eq!(actual, versions.as_slice(), "{notebook}: each version once, in order");
    }
    assert_eq!(effects.len(), expected.len());
}

/// Waits until the relay has published so many events.
pub(crate) async fn published(pair: &Pair, pub_seq: i64) {
    until(&format!("{pub_seq} are published"), || async {
        let published: Option<i64> = sqlx::query_scalar("SELECT pub_seq FROM relay_cursor")
            .fetch_optional(pair.writer.pool())
            .await
            .unwrap();
        published == Some(pub_seq)
    })
    .await;
}

/// Waits for a condition; panics when it does not come true within the deadline.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    testing::until(what, DEADLINE, async || condition().await.then_some(())).await;
}

/// Notes the effect of every event.
pub(crate) struct NoteEffects;

#[async_trait]
impl Handler for NoteEffects {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        note_effect(work, event).await
    }
}

pub(crate) async fn note_effect(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let noted: Noted = event.decode()?;
    sqlx::query("INSERT INTO effect (event_id, notebook, version, pub_seq) VALUES ($1, $2, $3, $4)")
        .bind(event.id.uuid())
        .bind(noted.hold_id)
        .bind(event.aggregate_version)
        .bind(event.pub_seq.cast_signed())
        .execute(work.conn())
        .await
        .map_err(|error| database_problem(&error))?;
    Ok(())
}
