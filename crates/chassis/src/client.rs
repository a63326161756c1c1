//! Calls to services: connected when needed, with deadline and trace context on every call.

use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Request, Response};
use meridian_types::Problem;
use tonic::body::Body;
use tonic::transport::channel::{Channel, Endpoint};
use tower::Service;

use crate::deadline::{self, Deadline, GRPC_TIMEOUT};
use crate::trace;

/// Deadline of a call for which nobody set another.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Details of a refusal travel in headers; this leaves room for them.
const HEADERS_BYTES_MAX: u32 = 64 * 1024;

/// A connection for any generated client: `ClockServiceClient::new(connect_lazy(url)?)`.
///
/// Every call carries a deadline: the request's own, else 10 s; inside a handler never more than is left of the
/// call being answered. It reconnects by itself; clones share one connection.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    deadline: Option<Duration>,
}

/// A client of the service at `url` (`http://host:port`). Connects at the first call.
///
/// # Errors
/// `url` is not an address.
pub fn connect_lazy(url: &str) -> Result<Client, Problem> {
    let endpoint = Endpoint::from_shared(url.to_owned())
        .ok()
        .filter(|endpoint| endpoint.uri().scheme_str() == Some("http"))
        .ok_or_else(|| Problem::invalid_field("url", url, "http://host:port"))?;
    let channel = endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(HEADERS_BYTES_MAX)
        .connect_lazy();
    Ok(Client { channel, deadline: Some(DEADLINE_DEFAULT) })
}

impl Client {
    /// The same connection with another deadline.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// The same connection without a deadline, for watches.
    #[must_use]
    pub fn without_deadline(self) -> Self {
        Self { deadline: None, ..self }
    }

    fn timeout(&self, request: &Request<Body>) -> Option<Duration> {
        // A header that cannot be read is left as it is: the server names it in its refusal.
        let own = deadline::read(request.headers()).ok().flatten().or(self.deadline);
        let left = Deadline::current().map(Deadline::remaining);
        own.into_iter().chain(left).min()
    }
}

impl Service<Request<Body>> for Client {
    type Response = Response<Body>;
    type Error = <Channel as Service<Request<Body>>>::Error;
    type Future = <Channel as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(timeout) = self.timeout(&request)
            && let Ok(value) = HeaderValue::try_from(deadline::format(timeout))
        {
            request.headers_mut().insert(GRPC_TIMEOUT, value);
        }
        trace::inject(request.headers_mut());
        self.channel.call(request)
    }
}
