//! An intake behind its gRPC listener, with a clock that stands still and a small company on record.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::encode;
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_intake::{InRegion, Intake};
use meridian_messaging::{Announced, Event, Handler, Journal, JournalOptions, Origin, Source, SubjectPrefix};
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::json;
use meridian_types::{EventId, IdSource, ManualClock, Problem, RegionId, ServiceName, SystemIds};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tonic::Status;

use crate::requests::{company, fact, open, other};

/// Friday, 20 November 2026.
pub(crate) const FRIDAY: &str = "2026-11-20T10:00:00Z";

/// A running intake of region `eu`.
pub(crate) struct Office {
    pub(crate) intake: Intake,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database_url: String,
    pub(crate) prefix: String,
    pub(crate) tasks: Tasks,
    url: String,
}

impl Office {
    /// With the sample company on record, and timers that fire.
    pub(crate) async fn open(hint: &str) -> Self {
        let office = Self::empty(hint).await;
        office.call().put_directory(company()).await.unwrap();
        office
    }

    /// With nothing on record.
    pub(crate) async fn empty(hint: &str) -> Self {
        let database_url = testing::database(hint);
        let prefix = testing::prefix();
        let clock = Arc::new(ManualClock::new(at(FRIDAY)));
        let options = JournalOptions {
            database_url: database_url.clone(),
            origin: origin(&prefix, "intake"),
            clock: Arc::<ManualClock>::clone(&clock),
            ids: Arc::new(SystemIds),
            max_connections: 8,
        };
        let journal = Journal::open(options, Intake::migrations()).await.unwrap();
        // Nobody looks codes up: calls are taken as they are.
        let nobody = connect_lazy("http://127.0.0.1:9").unwrap();
        let intake = Intake::from_parts(journal, InRegion::new(nobody.clone(), nobody));
        let tasks = Tasks::new();
        intake.spawn_timers(&tasks);
        let config = RegionConfig::new(region(), &database_url, "nats://unused");
        let builder = ServerBuilder::new(&config);
        let limits = builder.limits();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = builder.add_service(limited!(limits, intake.grpc())).serve(listener, &tasks).await;
        served.unwrap().ready().await;
        Self { intake, clock, database_url, prefix, tasks, url }
    }

    pub(crate) fn call(&self) -> IntakeServiceClient<Client> {
        IntakeServiceClient::new(connect_lazy(&self.url).unwrap())
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.intake.journal().pool()
    }

    pub(crate) fn advance(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(crate) async fn opened(&self, request: pb::OpenCaseRequest) -> pb::Case {
        self.call().open_case(request).await.unwrap().into_inner().case.unwrap()
    }

    /// A case about something that a party does.
    pub(crate) async fn refrigeration(&self) -> pb::Case {
        self.opened(open(other("refrigeration"))).await
    }

    pub(crate) async fn case(&self, case_id: &str) -> pb::Case {
        let request = pb::GetCaseRequest { case_id: case_id.to_owned() };
        self.call().get_case(request).await.unwrap().into_inner().case.unwrap()
    }

    pub(crate) async fn stated(&self, case_id: &str, name: &str, value: &str) -> Result<pb::Case, Problem> {
        let request = pb::AddFactRequest {
            request_id: fresh(),
            case_id: case_id.to_owned(),
            fact: Some(fact(name, value, pb::FactSource::Caller)),
            etag: String::new(),
        };
        refused(self.call().add_fact(request).await).map(|answer| answer.case.unwrap())
    }

    /// Waits until the timers have done what they must.
    pub(crate) async fn case_when(&self, case_id: &str, holds: impl Fn(&pb::Case) -> bool) -> pb::Case {
        let waited = wait_for("the case", async || {
            let case = self.case(case_id).await;
            holds(&case).then_some(case)
        });
        waited.await
    }

    /// Applies an event of the region's coordinator, as its reader does.
    pub(crate) async fn hears<M: Announced>(&self, event: &M) -> Result<(), Problem> {
        self.applies(self.intake.coordinator_events(), event).await
    }

    /// Hands an event of a coordinator to one of the service's handlers.
    pub(crate) async fn applies<M: Announced>(
        &self,
        handler: Arc<dyn Handler>,
        event: &M,
    ) -> Result<(), Problem> {
        let event = Arc::new(Event {
            id: EventId::fresh(&SystemIds),
            source: Source { region: region(), service: service("coordinator") },
            type_name: M::full_name(),
            time: at(FRIDAY),
            epoch: "1-1".to_owned(),
            pub_seq: 1,
            aggregate: M::AGGREGATE.to_owned(),
            aggregate_id: "plan".to_owned(),
            aggregate_version: 1,
            traceparent: None,
            body: json::to_string(event).unwrap().into(),
        });
        let heard = self.intake.journal().write("event", move |work| {
            let (handler, event) = (Arc::clone(&handler), Arc::clone(&event));
            Box::pin(async move { handler.handle(work, &event).await })
        });
        heard.await
    }

    /// The bodies of all events of a type, in the order in which they were emitted.
    pub(crate) async fn told<M: Announced + Default>(&self) -> Vec<M> {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body FROM outbox WHERE type_name = $1 ORDER BY seq")
                .bind(M::full_name())
                .fetch_all(self.pool())
                .await
                .unwrap();
        bodies.iter().map(|body| json::from_slice(body.as_bytes()).unwrap()).collect()
    }

    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(self.pool()).await.unwrap()
    }
}

pub(crate) fn region() -> RegionId {
    RegionId::parse("eu").unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}

pub(crate) fn origin(prefix: &str, name: &str) -> Origin {
    Origin { prefix: SubjectPrefix::parse(prefix).unwrap(), region: region(), service: service(name) }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn instant(text: &str) -> Option<prost_types::Timestamp> {
    Some(encode::timestamp(at(text)))
}

/// A request id never used before.
pub(crate) fn fresh() -> String {
    SystemIds.uuid().simple().to_string()
}

/// The answer, or the problem behind the status.
pub(crate) fn refused<T>(outcome: Result<tonic::Response<T>, Status>) -> Result<T, Problem> {
    outcome.map(tonic::Response::into_inner).map_err(|status| problem(&status))
}

pub(crate) fn reason<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> String {
    outcome.unwrap_err().reason.into_owned()
}

/// Polls until there is something; panics when there is nothing within 10 s.
pub(crate) async fn wait_for<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    testing::until(what, Duration::from_secs(10), look).await
}
