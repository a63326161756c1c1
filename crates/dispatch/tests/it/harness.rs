//! Regions of the tests, and short ways to call them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::{Peer, RegionConfig};
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_chassis::tasks::Tasks;
use meridian_dispatch::Dispatch;
use meridian_embedded::testing;
use meridian_messaging::Cell;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_types::{CaseId, IdSource, ManualClock, Problem, RegionId, ServiceName, SystemIds, VisitId};
use tokio::net::TcpListener;
use tonic::{Response, Status};

use crate::sample;

/// Friday 2026-11-20 08:00 UTC, when the business clocks of the tests start.
pub(crate) const START: Timestamp = Timestamp::constant(1_795_161_600, 0);
/// Longest time any condition may take, on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);

const WATCH: &str = "/meridian.dispatch.v1.DispatchService/WatchOptimisation";

/// A region with its dispatch behind a real listener, and a business clock that the test drives.
pub(crate) struct Region {
    pub(crate) cell: Cell,
    pub(crate) dispatch: Dispatch,
    pub(crate) client: DispatchServiceClient<Client>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tasks: Tasks,
    pub(crate) url: String,
}

impl Region {
    /// Region eu, which answers calls and does nothing else. Its engineers are those of
    /// [`sample::workforce`].
    pub(crate) async fn alone(hint: &str) -> Self {
        let listener = listen().await;
        let region = Self::start(hint, "eu", &testing::prefix(), listener, Vec::new()).await;
        region.put(sample::workforce("eu")).await.unwrap();
        region
    }

    /// Region eu, which also publishes, reads commands and fires timers.
    pub(crate) async fn running(hint: &str) -> Self {
        let region = Self::alone(hint).await;
        region.dispatch.spawn(&region.tasks, &region.cell).unwrap();
        region
    }

    /// Regions eu and us, which tell each other everything. They have no engineers yet.
    pub(crate) async fn pair(hint: &str) -> [Self; 2] {
        let prefix = testing::prefix();
        let listeners = [listen().await, listen().await];
        let urls = [url(&listeners[0]), url(&listeners[1])];
        let [eu, us] = listeners;
        let peer = |code: &str, url: &str| Peer::new(region(code), &testing::nats().url(), url);
        let eu = Self::start(hint, "eu", &prefix, eu, vec![peer("us", &urls[1])]).await;
        let us = Self::start(hint, "us", &prefix, us, vec![peer("eu", &urls[0])]).await;
        for region in [&eu, &us] {
            region.dispatch.spawn(&region.tasks, &region.cell).unwrap();
        }
        [eu, us]
    }

    async fn start(hint: &str, code: &str, prefix: &str, listener: TcpListener, peers: Vec<Peer>) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let mut config = RegionConfig::new(region(code), &testing::database(hint), &testing::nats().url());
        config.subject_prefix = prefix.to_owned();
        config.listen = listener.local_addr().unwrap();
        config.peers = peers;
        let cell =
            Cell::connect(config, Arc::<ManualClock>::clone(&clock), Arc::new(SystemIds)).await.unwrap();
        let dispatch = Dispatch::from_config(&cell).await.unwrap();
        let tasks = Tasks::new();
        let builder = ServerBuilder::new(&cell.config).watch(WATCH);
        let limits = builder.limits();
        let url = url(&listener);
        builder.add_service(limited!(limits, dispatch.grpc())).serve(listener, &tasks).await.unwrap();
        let client = client(&url);
        Self { cell, dispatch, client, clock, tasks, url }
    }

    pub(crate) fn advance_minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(crate) async fn put(&self, request: pb::PutWorkforceRequest) -> Result<i32, Problem> {
        answered(self.client.clone().put_workforce(request)).await.map(|answer| answer.stored)
    }

    /// Holds the visit for an hour.
    pub(crate) async fn hold(&self, visit: &pb::Visit) -> Result<pb::Visit, Problem> {
        answered(self.client.clone().hold_visit(sample::holding(visit)))
            .await
            .map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn book(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        let request = pb::BookVisitRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.client.clone().book_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn accept(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        let request = pb::AcceptVisitRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.client.clone().accept_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn begin(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        let request = pb::StartVisitRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.client.clone().start_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn finish(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        self.end(visit_id, false).await
    }

    /// Finishes a visit after which the instrument still does not work.
    pub(crate) async fn give_up(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        self.end(visit_id, true).await
    }

    async fn end(&self, visit_id: &str, unsolved: bool) -> Result<pb::Visit, Problem> {
        let visit_id = visit_id.to_owned();
        let request = pb::FinishVisitRequest { request_id: request_id(), visit_id, unsolved };
        answered(self.client.clone().finish_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn cancel(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        let request = pb::CancelVisitRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.client.clone().cancel_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn get(&self, visit_id: &str) -> Result<pb::Visit, Problem> {
        let request = pb::GetVisitRequest { visit_id: visit_id.to_owned() };
        answered(self.client.clone().get_visit(request)).await.map(|answer| answer.visit.unwrap())
    }

    pub(crate) async fn state(&self, visit_id: &str) -> pb::VisitState {
        self.get(visit_id).await.unwrap().state()
    }

    pub(crate) async fn absent(&self, engineer_id: &str, during: &str) -> Result<Vec<String>, Problem> {
        let request = sample::absence(engineer_id, during);
        answered(self.client.clone().record_absence(request)).await.map(|answer| answer.cancelled_visit_ids)
    }

    pub(crate) async fn find(
        &self,
        request: pb::FindEngineersRequest,
    ) -> Result<pb::FindEngineersResponse, Problem> {
        answered(self.client.clone().find_engineers(request)).await
    }

    pub(crate) async fn slots(
        &self,
        request: pb::FindSlotsRequest,
    ) -> Result<pb::FindSlotsResponse, Problem> {
        answered(self.client.clone().find_slots(request)).await
    }

    pub(crate) async fn audit(&self) -> pb::AuditVisitsResponse {
        answered(self.client.clone().audit_visits(pb::AuditVisitsRequest {})).await.unwrap()
    }

    /// Types of the events emitted so far, oldest first, and their bodies.
    pub(crate) async fn emitted(&self) -> Vec<(String, serde_json::Value)> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT replace(type_name, 'meridian.dispatch.v1.', ''), body FROM outbox ORDER BY seq",
        )
        .fetch_all(self.dispatch.journal().pool())
        .await
        .unwrap();
        rows.into_iter().map(|(name, body)| (name, serde_json::from_str(&body).unwrap())).collect()
    }

    /// Types of the events emitted since there were `before`.
    pub(crate) async fn emitted_since(&self, before: usize) -> Vec<String> {
        self.emitted().await.into_iter().skip(before).map(|(name, _)| name).collect()
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// A client on a connection of its own.
pub(crate) fn client(url: &str) -> DispatchServiceClient<Client> {
    DispatchServiceClient::new(connect_lazy(url).unwrap().with_deadline(Duration::from_secs(30)))
}

/// The answer of a call, or the problem behind its status.
pub(crate) async fn answered<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Problem> {
    call.await.map(Response::into_inner).map_err(|status| problem(&status))
}

/// Waits for a condition; panics when it does not come true within the deadline.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    testing::until(what, DEADLINE, async || condition().await.then_some(())).await;
}

/// The reason of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> String {
    outcome.unwrap_err().reason.into_owned()
}

/// The fields that a refusal names.
pub(crate) fn fields(refusal: &Problem) -> Vec<&str> {
    refusal.violations.iter().map(|violation| violation.field.as_str()).collect()
}

pub(crate) fn request_id() -> String {
    SystemIds.uuid().simple().to_string()
}

pub(crate) fn visit_id() -> String {
    VisitId::fresh(&SystemIds).to_string()
}

pub(crate) fn case_id() -> String {
    CaseId::fresh(&SystemIds).to_string()
}

pub(crate) fn region(code: &str) -> RegionId {
    RegionId::parse(code).unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}
