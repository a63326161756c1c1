use std::future::Future;

use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::*;

/// A server that does `answer` to its one connection.
async fn server<F, R>(answer: F) -> SocketAddr
where
    F: FnOnce(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        if let Ok((socket, _)) = listener.accept().await {
            answer(socket).await;
        }
    });
    address
}

/// Reads a request to the end of its small body.
async fn read_request<S: AsyncRead + Unpin>(socket: &mut S) -> String {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !request.ends_with(b"{}") {
        match socket.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(count) => request.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8(request).unwrap()
}

async fn says(text: &'static str) -> SocketAddr {
    server(async move |mut socket| {
        read_request(&mut socket).await;
        let _ = socket.write_all(text.as_bytes()).await;
    })
    .await
}

async fn post_to(poster: &Poster, url: &str) -> Result<Answer, PostError> {
    poster.post(&Url::parse(url).unwrap(), &[("webhook-id", "note_1".to_owned())], "{}".to_owned()).await
}

async fn post(address: SocketAddr) -> Result<Answer, PostError> {
    post_to(&Poster::new(true).unwrap(), &format!("http://{address}/hook?key=1")).await
}

#[tokio::test]
async fn a_request_carries_what_it_should_and_nothing_else() {
    let (sender, seen) = tokio::sync::oneshot::channel();
    let address = server(async move |mut socket| {
        sender.send(read_request(&mut socket).await).unwrap();
        let _ = socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    })
    .await;
    assert_eq!(post(address).await.unwrap().status, StatusCode::NO_CONTENT);
    let expected = format!(
        "POST /hook?key=1 HTTP/1.1\r\nhost: {address}\r\nuser-agent: Meridian\r\n\
         content-type: application/json\r\nwebhook-id: note_1\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    assert_eq!(seen.await.unwrap(), expected);
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let address =
        says("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\n\r\n").await;
    assert_eq!(post(address).await.unwrap().status, StatusCode::FOUND);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let address = says("HTTP/1.1 200 OK\r\n\r\n").await;
    let url = format!("http://localhost:{}/", address.port());
    let strict = Poster::new(false).unwrap();
    assert!(matches!(post_to(&strict, &url).await, Err(PostError::PrivateAddress)));
    assert!(post_to(&Poster::new(true).unwrap(), &url).await.unwrap().status.is_success());
}

#[tokio::test]
async fn the_wish_to_wait_is_read_where_it_is_a_number() {
    let waits = async |head| post(says(head).await).await.unwrap().retry_after;
    let seconds = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\n\r\n";
    assert_eq!(waits(seconds).await, Some(Duration::from_secs(120)));
    let date = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n";
    assert_eq!(waits(date).await, None);
    let negative = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: -1\r\n\r\n";
    assert_eq!(waits(negative).await, None);
}

#[tokio::test]
async fn an_endless_body_is_not_read() {
    let address = server(async |mut socket| {
        read_request(&mut socket).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        while socket.write_all(b"400\r\n").await.is_ok() && socket.write_all(&[b'x'; 1026]).await.is_ok() {}
    })
    .await;
    assert!(post(address).await.unwrap().status.is_success());
}

#[tokio::test]
async fn answers_that_are_none_are_errors() {
    let huge: &'static str = Box::leak(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(1 << 20)).into());
    for answer in ["", "HTTP/1.1 20", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 100 Continue\r\n\r\n", huge] {
        let ended = post(says(answer).await).await;
        assert!(matches!(ended, Err(PostError::Http(_))), "{:?} {ended:?}", answer.get(..20));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up() {
    let address = server(async |mut socket| {
        read_request(&mut socket).await;
        std::future::pending::<()>().await;
    })
    .await;
    assert!(matches!(post(address).await, Err(PostError::TimedOut)));
}

/// A TLS server for `localhost`, and the authority that vouches for it.
async fn tls_server() -> (SocketAddr, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let certificate: CertificateDer<'static> = certificate.der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = server(async move |socket| {
        let Ok(mut socket) = acceptor.accept(socket).await else { return };
        read_request(&mut socket).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    })
    .await;
    (address, certificate)
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (address, _) = tls_server().await;
    let url = format!("https://localhost:{}/", address.port());
    let ended = post_to(&Poster::new(true).unwrap(), &url).await;
    assert!(matches!(ended, Err(PostError::Tls(_))), "{ended:?}");
}

#[tokio::test]
async fn a_certificate_counts_for_its_own_name_only() {
    for (host, is_good) in [("localhost", true), ("127.0.0.1", false)] {
        let (address, certificate) = tls_server().await;
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let poster = Poster::trusting(roots, true).unwrap();
        let ended = post_to(&poster, &format!("https://{host}:{}/", address.port())).await;
        assert_eq!(ended.is_ok(), is_good, "{host}: {ended:?}");
    }
}
