use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use async_nats::jetstream::{self, stream};
use meridian_embedded::{Nats, NatsOptions, StartError, testing};
use tempfile::TempDir;

fn start(dir: &Path) -> Nats {
    Nats::start(testing::binaries(), dir, NatsOptions::default()).unwrap()
}

async fn jetstream_of(nats: &Nats) -> jetstream::Context {
    jetstream::new(async_nats::connect(nats.url()).await.unwrap())
}

async fn create_marks(jetstream: &jetstream::Context) -> stream::Stream {
    let config = stream::Config {
        name: "MARKS".into(),
        subjects: vec!["marks.>".into()],
        ..stream::Config::default()
    };
    jetstream.create_stream(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_message_survives_kill_9_and_the_client_reconnects() {
    let dir = TempDir::new().unwrap();
    let mut nats = start(dir.path());
    let url = nats.url();
    let jetstream = jetstream_of(&nats).await;
    let stream = create_marks(&jetstream).await;
    let acknowledgement = jetstream.publish("marks.first", "42".into()).await.unwrap();
    let sequence = acknowledgement.await.unwrap().sequence;

    nats.kill();
    nats.restart().unwrap();
    // Over the connection that was open before.
    let message = loop {
        if let Ok(message) = stream.get_raw_message(sequence).await {
            break message;
        }
    };
    assert_eq!(message.payload, "42");

    nats.kill();
    drop(nats);
    let nats = start(dir.path());
    assert_eq!(nats.url(), url, "the folder keeps its port");
    let stream = jetstream_of(&nats).await.get_stream("MARKS").await.unwrap();
    assert_eq!(stream.get_raw_message(sequence).await.unwrap().payload, "42");
}

#[tokio::test]
async fn a_wiped_server_has_no_streams_and_the_same_url() {
    let dir = TempDir::new().unwrap();
    let mut nats = start(dir.path());
    let url = nats.url();
    create_marks(&jetstream_of(&nats).await).await;
    nats.wipe().unwrap();
    assert_eq!(nats.url(), url);
    assert!(jetstream_of(&nats).await.get_stream("MARKS").await.is_err());
    create_marks(&jetstream_of(&nats).await).await;
}

#[test]
fn every_message_is_synced() {
    let dir = TempDir::new().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = NatsOptions { monitoring_port: Some(free.port()), ..NatsOptions::default() };
    let _nats = Nats::start(testing::binaries(), dir.path(), options).unwrap();

    let mut monitoring = TcpStream::connect(free).unwrap();
    monitoring.write_all(b"GET /jsz?config=true HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    monitoring.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"sync_always\": true"), "{answer}");
}

#[test]
fn a_given_port_that_is_taken_is_named() {
    let dir = TempDir::new().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let options = NatsOptions { port: Some(port), ..NatsOptions::default() };
    let error = Nats::start(testing::binaries(), dir.path(), options).unwrap_err();
    assert!(matches!(error, StartError::PortTaken { port: taken, .. } if taken == port), "{error}");
}

#[test]
fn prefixes_are_subject_tokens_and_never_the_same() {
    let (first, second) = (testing::prefix(), testing::prefix());
    assert_ne!(first, second);
    assert!(first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
}
