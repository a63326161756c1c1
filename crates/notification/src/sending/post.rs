//! One HTTP request to a foreign server that may be hostile: it chooses neither where we connect nor how long we wait
//! nor how much we read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use url::{Host, Url};

use crate::domain::public_address::is_public;

/// Longest time for one request, from resolving the name to the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Largest head of an answer. Its body is not read at all: the status says everything.
const ANSWER_HEAD_BYTES_MAX: usize = 16 * 1024;
const HTTPS_PORT: u16 = 443;

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status. A redirection is an answer like any other: it is not followed.
    pub(crate) status: StatusCode,
    /// How long it asks us to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// The name leads into a private network.
    #[error("the name resolves to an address that is not public")]
    PrivateAddress,
    /// The name has no address.
    #[error("resolve: {0}")]
    Resolve(#[source] std::io::Error),
    /// Nobody listens.
    #[error("connect: {0}")]
    Connect(#[source] std::io::Error),
    /// The server cannot show that it is who it should be.
    #[error("TLS: {0}")]
    Tls(#[source] std::io::Error),
    /// The answer is no HTTP, or the connection broke.
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
}

/// Posts requests.
#[derive(Clone)]
pub(crate) struct Poster {
    tls: TlsConnector,
    /// Whether addresses of the own network may be called.
    pub(crate) allow_private: bool,
}

impl Poster {
    /// A poster that trusts the authorities that browsers trust.
    ///
    /// # Errors
    /// The TLS library refuses its own defaults.
    pub(crate) fn new(allow_private: bool) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        Self::trusting(roots, allow_private)
    }

    fn trusting(roots: RootCertStore, allow_private: bool) -> Result<Self, rustls::Error> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), allow_private })
    }

    /// Posts JSON to `url`.
    ///
    /// # Errors
    /// See [`PostError`]. After some of them the request may have arrived all the same.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Answer, PostError> {
        match tokio::time::timeout(TIMEOUT, self.exchange(url, headers, body)).await {
            Ok(answer) => answer,
            Err(_) => Err(PostError::TimedOut),
        }
    }

    async fn exchange(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Answer, PostError> {
        let socket = self.connect(url).await?;
        let request = request(url, headers, body);
        let response = if url.scheme() == "https" {
            let name = server_name(url).map_err(|error| PostError::Tls(std::io::Error::other(error)))?;
            let secured = self.tls.connect(name, socket).await.map_err(PostError::Tls)?;
            send(secured, request).await?
        } else {
            send(socket, request).await?
        };
        Ok(Answer { status: response.status(), retry_after: retry_after(response.headers()) })
    }

    /// Resolves the name once, checks every address, and connects to one of exactly these: a name that resolves
    /// differently the next time gains nothing.
    async fn connect(&self, url: &Url) -> Result<TcpStream, PostError> {
        let addresses = resolve(url).await.map_err(PostError::Resolve)?;
        if !self.allow_private && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(PostError::PrivateAddress);
        }
        let socket = TcpStream::connect(&*addresses).await.map_err(PostError::Connect)?;
        // One small request: it gains nothing from waiting for more.
        socket.set_nodelay(true).map_err(PostError::Connect)?;
        Ok(socket)
    }
}

async fn resolve(url: &Url) -> std::io::Result<Vec<SocketAddr>> {
    let port = url.port_or_known_default().unwrap_or(HTTPS_PORT);
    Ok(match url.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        Some(Host::Domain(name)) => lookup_host((name, port)).await?.collect(),
        None => Vec::new(),
    })
}

fn server_name(url: &Url) -> Result<ServerName<'static>, rustls::pki_types::InvalidDnsNameError> {
    Ok(match url.host() {
        Some(Host::Ipv4(address)) => ServerName::from(std::net::IpAddr::from(address)),
        Some(Host::Ipv6(address)) => ServerName::from(std::net::IpAddr::from(address)),
        Some(Host::Domain(name)) => ServerName::try_from(name.trim_end_matches('.').to_owned())?,
        None => ServerName::try_from(String::new())?,
    })
}

fn request(url: &Url, headers: &[(&'static str, String)], body: String) -> Request<Full<Bytes>> {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(HOST, host)
        .header(USER_AGENT, "Meridian")
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.body(Full::from(body)).expect("a parsed URL, ids and numbers make a valid request")
}

/// Sends the request and waits for the head of the answer. Returning closes the connection, whatever is still to come.
async fn send<S>(socket: S, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(ANSWER_HEAD_BYTES_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(socket)).await?;
    let answer = sender.send_request(request);
    tokio::pin!(answer, connection);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The connection has ended: the answer is there, or the reason why there is none.
        _ = &mut connection => answer.await,
    }
}

/// `Retry-After` in seconds. The form with a date is rare, and asks receivers' clocks to be right: it is passed over.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
