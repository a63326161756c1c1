//! The one gRPC listener of a process: its services, health, reflection and limits.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::boundary::Boundary;
use crate::config::{LimitsConfig, RegionConfig};
use crate::tasks::Tasks;

const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Callers that cancel often are our own services; the default of 20 would cut their connections.
const PENDING_RESETS_MAX: usize = 200;

/// Assembles the listener of a process.
#[derive(Debug)]
pub struct ServerBuilder {
    limits: LimitsConfig,
    routes: RoutesBuilder,
    services: Vec<&'static str>,
    watches: Vec<&'static str>,
}

/// A generated service with the listener's message limits; made by [`limited!`](crate::limited).
#[derive(Debug, Clone)]
pub struct Limited<S>(S);

impl<S> Limited<S> {
    #[doc(hidden)]
    pub const fn new(service: S) -> Self {
        Self(service)
    }
}

/// Puts the message limits and compression of a listener on a generated server, as [`ServerBuilder::add_service`] wants it:
/// `builder.add_service(limited!(builder.limits(), ClockServiceServer::new(handler)))`.
#[macro_export]
macro_rules! limited {
    ($limits:expr, $server:expr) => {{
        let bytes = $limits.max_message_bytes;
        $crate::server::Limited::new(
            $server
                .max_decoding_message_size(bytes)
                .max_encoding_message_size(bytes)
                .accept_compressed(::tonic::codec::CompressionEncoding::Gzip)
                .send_compressed(::tonic::codec::CompressionEncoding::Gzip),
        )
    }};
}

impl ServerBuilder {
    /// A listener without services.
    #[must_use]
    pub fn new(config: &RegionConfig) -> Self {
        Self {
            limits: config.limits.clone(),
            routes: RoutesBuilder::default(),
            services: Vec::new(),
            watches: Vec::new(),
        }
    }

    /// The limits for [`limited!`](crate::limited).
    #[must_use]
    pub fn limits(&self) -> LimitsConfig {
        self.limits.clone()
    }

    /// Adds a service. Its health is `NOT_SERVING` until [`Readiness::ready`].
    #[must_use]
    pub fn add_service<S>(mut self, service: Limited<S>) -> Self
    where
        S: tower::Service<
                http::Request<Body>,
                Response = http::Response<Body>,
                Error = std::convert::Infallible,
            > + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes.add_service(service.0);
        self
    }

    /// Names a method (`/package.Service/Method`) that goes on until the caller has enough: it needs no deadline,
    /// and ends with `UNAVAILABLE` when the process stops.
    #[must_use]
    pub fn watch(mut self, path: &'static str) -> Self {
        self.watches.push(path);
        self
    }

    /// Serves until `tasks` is asked to stop; then takes no new calls, finishes the running ones, and ends.
    ///
    /// # Errors
    /// The descriptors of the APIs cannot be read by reflection.
    pub async fn serve(mut self, listener: TcpListener, tasks: &Tasks) -> Result<Readiness, ReflectionError> {
        let readiness = self.add_health().await;
        self.add_reflection()?;
        let stop = tasks.stop_token();
        let Self { limits, routes, watches, .. } = self;
        let boundary = Boundary::new(routes.routes().prepare(), &limits, watches, stop.clone());
        let server = listener_limits(&limits);
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let drained = readiness.clone();
        tasks.spawn("grpc", async move {
            let stopped = async move {
                stop.cancelled().await;
                drained.set(ServingStatus::NotServing).await;
            };
            server.serve_with_incoming_shutdown(boundary, incoming, stopped).await?;
            Ok(())
        });
        Ok(readiness)
    }

    async fn add_health(&mut self) -> Readiness {
        let (reporter, service) = tonic_health::server::health_reporter();
        self.routes.add_service(service);
        // The empty name stands for the process as a whole.
        let services = self.services.iter().copied().chain([""]).collect();
        let readiness = Readiness { reporter, services };
        readiness.set(ServingStatus::NotServing).await;
        readiness
    }

    fn add_reflection(&mut self) -> Result<(), ReflectionError> {
        let configure = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(meridian_proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        };
        self.routes.add_service(configure().build_v1()?);
        self.routes.add_service(configure().build_v1alpha()?);
        Ok(())
    }
}

/// The descriptors of the APIs cannot be read.
pub type ReflectionError = tonic_reflection::server::Error;

/// Says whether the services of a listener may be called: what `grpc.health.v1` answers.
#[derive(Debug, Clone)]
pub struct Readiness {
    reporter: HealthReporter,
    services: Arc<[&'static str]>,
}

impl Readiness {
    /// Everything the services need is there.
    pub async fn ready(&self) {
        self.set(ServingStatus::Serving).await;
    }

    /// Something the services need is missing; callers should turn to another replica.
    pub async fn not_ready(&self) {
        self.set(ServingStatus::NotServing).await;
    }

    async fn set(&self, status: ServingStatus) {
        for service in &*self.services {
            self.reporter.set_service_status(*service, status).await;
        }
    }
}

fn listener_limits(limits: &LimitsConfig) -> tonic::transport::Server {
    let server = tonic::transport::Server::builder()
        .max_concurrent_streams(limits.concurrency_per_connection)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX));
    match limits.connection_age_max_ms {
        Some(age) => server.max_connection_age(Duration::from_millis(age)),
        None => server,
    }
}
