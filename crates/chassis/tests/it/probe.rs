//! A listener whose one handler does what a test wants.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::limited;
use meridian_chassis::server::{Readiness, ServerBuilder};
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;
use meridian_proto::region::v1::clock_service_server::{ClockService, ClockServiceServer};
use meridian_proto::region::v1::{GetTimeRequest, GetTimeResponse, SetTimeRequest, SetTimeResponse};
use meridian_types::RegionId;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

/// Path of the method that [`Probe`] answers.
pub const GET_TIME: &str = "/meridian.region.v1.ClockService/GetTime";

type Handler = dyn Fn(Request<GetTimeRequest>) -> BoxFuture<'static, Result<(), Status>> + Send + Sync;

/// A `ClockService` whose `GetTime` is a closure.
#[derive(Clone)]
pub struct Probe(Arc<Handler>);

impl Probe {
    pub fn new<F, R>(handler: F) -> Self
    where
        F: Fn(Request<GetTimeRequest>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Status>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(handler(request))))
    }

    /// Answers at once.
    pub fn prompt() -> Self {
        Self::new(|_| async { Ok(()) })
    }
}

#[tonic::async_trait]
impl ClockService for Probe {
    async fn get_time(&self, request: Request<GetTimeRequest>) -> Result<Response<GetTimeResponse>, Status> {
        (self.0)(request).await.map(|()| Response::new(GetTimeResponse::default()))
    }

    async fn set_time(&self, _: Request<SetTimeRequest>) -> Result<Response<SetTimeResponse>, Status> {
        Ok(Response::new(SetTimeResponse::default()))
    }
}

pub fn region() -> RegionId {
    RegionId::parse("eu").unwrap()
}

pub fn config() -> RegionConfig {
    RegionConfig::new(region(), "postgres://localhost/unused", "nats://localhost")
}

/// A running listener.
pub struct Served {
    pub address: SocketAddr,
    pub tasks: Tasks,
    pub readiness: Readiness,
}

impl Served {
    /// Serves `probe` with the limits of `config`.
    pub async fn probe(config: &RegionConfig, probe: Probe) -> Self {
        let builder = ServerBuilder::new(config);
        let limits = builder.limits();
        Self::start(builder.add_service(limited!(limits, ClockServiceServer::new(probe)))).await
    }

    /// Serves `probe` on a socket that listens already.
    pub async fn at(socket: std::net::TcpListener, probe: Probe) -> Self {
        let builder = ServerBuilder::new(&config());
        let limits = builder.limits();
        let builder = builder.add_service(limited!(limits, ClockServiceServer::new(probe)));
        Self::listen(TcpListener::from_std(socket).unwrap(), builder).await
    }

    pub async fn start(builder: ServerBuilder) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), builder).await
    }

    async fn listen(listener: TcpListener, builder: ServerBuilder) -> Self {
        let address = listener.local_addr().unwrap();
        let tasks = Tasks::new();
        let readiness = builder.serve(listener, &tasks).await.unwrap();
        Self { address, tasks, readiness }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Our client, which sets deadlines.
    pub fn client(&self) -> ClockServiceClient<Client> {
        ClockServiceClient::new(connect_lazy(&self.url()).unwrap())
    }

    /// A client that adds nothing to its calls.
    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(self.url()).unwrap().connect_lazy()
    }
}

/// Waits until `condition` holds; panics when it does not within 10 s.
pub async fn wait_for(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    testing::until(what, Duration::from_secs(10), async || condition().await.then_some(())).await;
}
