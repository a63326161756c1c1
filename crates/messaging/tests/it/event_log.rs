//! Backfill: what a stream does not deliver, its owner does.

use std::sync::Arc;

use meridian_messaging::{EventLog, EventLogClient, SourceEndpoint, spawn_reader, spawn_relay};
use meridian_proto::messaging::v1::ReadEventsRequest;
use meridian_proto::messaging::v1::event_log_service_server::{EventLogService, EventLogServiceServer};
use tonic::{Code, Request};

use crate::harness::{NoteEffects, Pair, published};

/// Copies all messages of the writer's stream but some into a stream of another subject prefix.
async fn copy_without(pair: &Pair, other: &Pair, left_out: &[u64]) {
    let context = async_nats::jetstream::new(pair.nats.client());
    let from = context.get_stream(pair.writer.origin().stream_name()).await.unwrap();
    let origin = other.writer.origin();
    let config = async_nats::jetstream::stream::Config {
        name: origin.stream_name(),
        subjects: vec![origin.subjects()],
        ..Default::default()
    };
    context.create_stream(config).await.unwrap();
    for stream_seq in 1..=from.cached_info().state.last_sequence {
        let message = from.get_raw_message(stream_seq).await.unwrap();
        let pub_seq: u64 = message.headers.get("meridian-pub-seq").unwrap().as_str().parse().unwrap();
        if !left_out.contains(&pub_seq) {
            let subject = origin.subject("notebook", "noted").unwrap();
            let publish = context.publish_with_headers(subject, message.headers, message.payload);
            publish.await.unwrap().await.unwrap();
        }
    }
}

async fn serve(log: EventLog) -> EventLogClient {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let server = tonic::transport::Server::builder().add_service(EventLogServiceServer::new(log));
    tokio::spawn(server.serve_with_incoming(incoming));
    EventLogClient::new(meridian_chassis::client::connect_lazy(&url).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_the_stream_is_filled_by_the_owner() {
    let pair = Pair::new("backfill").await;
    let holey = Pair::new("backfillholes").await;
    spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for note in 0..20 {
        pair.add(&format!("n{}", note % 3), &note.to_string()).await;
    }
    published(&pair, 20).await;
    copy_without(&pair, &holey, &[1, 7, 8, 9, 15]).await;
    let client = serve(EventLog::new(vec![pair.writer.clone()])).await;
    let source = SourceEndpoint { event_log: Some(client), ..holey.source() };
    spawn_reader(&holey.tasks, &holey.reader, source, Arc::new(NoteEffects));
    crate::harness::settle(pair.writer.pool(), holey.reader.pool()).await;
    holey.stop().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_reads_by_number_and_names_bad_fields() {
    let pair = Pair::new("log").await;
    spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for note in 0..12 {
        pair.add("n", &note.to_string()).await;
    }
    published(&pair, 12).await;
    let log = EventLog::new(vec![pair.writer.clone()]);
    let read = |from_pub_seq, page_size| {
        let request = ReadEventsRequest { service: "writer".to_owned(), from_pub_seq, page_size };
        log.read_events(Request::new(request))
    };
    for (from, size, expected) in [(1, 5, 1..=5), (4, 1, 4..=4), (10, 1000, 10..=12)] {
        let answer = read(from, size).await.unwrap().into_inner();
        let numbers: Vec<u64> = answer.events.iter().map(|event| event.pub_seq).collect();
        assert_eq!(numbers, expected.collect::<Vec<_>>());
        let versions = answer.events.iter().map(|event| event.aggregate_version.cast_unsigned());
        assert_eq!(
            versions.collect::<Vec<_>>(),
            numbers,
            "the n-th event of the only notebook is its n-th note"
        );
        assert_eq!((answer.oldest_pub_seq, answer.epoch_base), (1, 0));
    }
    assert!(read(13, 10).await.unwrap().into_inner().events.is_empty());
    let status = read(0, 0).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("from_pub_seq") && status.message().contains("page_size"), "{status}");
    pair.stop().await;
}
