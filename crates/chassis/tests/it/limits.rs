use std::sync::Arc;

use meridian_chassis::status::problem;
use meridian_proto::region::v1::{GetTimeRequest, GetTimeResponse};
use meridian_types::{Problem, ProblemKind};
use prost::Message;
use tokio::sync::Semaphore;
use tonic::codec::CompressionEncoding;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::probe::{GET_TIME, Probe, Served, config};

/// Four bytes of tag and length come before the filling.
const FRAME: usize = 4 * 1024 * 1024;

/// A request with a field that its type does not know.
#[derive(Clone, PartialEq, Message)]
struct Filled {
    #[prost(bytes = "vec", tag = "15")]
    filling: Vec<u8>,
}

impl Filled {
    /// A message of exactly `bytes`.
    fn of(bytes: usize) -> Self {
        let filled = Self { filling: vec![0; bytes - 5] };
        assert_eq!(filled.encoded_len(), bytes);
        filled
    }
}

/// Calls `path` with any message.
async fn call(
    served: &Served,
    path: &'static str,
    message: impl Message + Default + 'static,
    compressed: bool,
) -> Result<(), Status> {
    let client = meridian_chassis::client::connect_lazy(&served.url()).unwrap();
    let mut client = tonic::client::Grpc::new(client);
    if compressed {
        client = client.send_compressed(CompressionEncoding::Gzip);
    }
    client.ready().await.unwrap();
    let codec = ProstCodec::<_, GetTimeResponse>::default();
    client.unary(Request::new(message), PathAndQuery::from_static(path), codec).await.map(|_| ())
}

fn refusal(outcome: Result<(), Status>) -> (Code, Problem) {
    let status = outcome.unwrap_err();
    assert!(!status.details().is_empty(), "no details: {status:?}");
    (status.code(), problem(&status))
}

#[tokio::test]
async fn a_message_of_the_largest_size_passes_and_one_byte_more_is_refused() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    call(&served, GET_TIME, Filled::of(FRAME), false).await.unwrap();
    let (code, problem) = refusal(call(&served, GET_TIME, Filled::of(FRAME + 1), false).await);
    assert_eq!((code, &*problem.reason), (Code::InvalidArgument, "REQUEST_TOO_LARGE"));
    assert_eq!(problem.metadata["max_message_bytes"], "4194304");
    assert!(problem.violations[0].rule.contains("4194304"));
}

#[tokio::test]
async fn a_small_message_that_unpacks_to_a_large_one_is_refused() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    call(&served, GET_TIME, Filled::of(FRAME), true).await.unwrap();
    let (code, problem) = refusal(call(&served, GET_TIME, Filled::of(FRAME + 1), true).await);
    assert_eq!((code, &*problem.reason), (Code::InvalidArgument, "REQUEST_TOO_LARGE"));
}

#[tokio::test]
async fn bytes_that_are_no_message_are_bad_input() {
    /// The same field as a number where the method's type has a message.
    #[derive(Clone, PartialEq, Message)]
    struct Wrong {
        #[prost(uint32, tag = "1")]
        now: u32,
    }
    let served = Served::probe(&config(), Probe::prompt()).await;
    let path = "/meridian.region.v1.ClockService/SetTime";
    let (code, problem) = refusal(call(&served, path, Wrong { now: 7 }, false).await);
    assert_eq!((code, &*problem.reason), (Code::InvalidArgument, "MALFORMED_REQUEST"));
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_said_so() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    for path in ["/meridian.region.v1.ClockService/Stop", "/meridian.region.v2.ClockService/GetTime"] {
        let (code, problem) = refusal(call(&served, path, GetTimeRequest {}, false).await);
        assert_eq!((code, &*problem.reason), (Code::Unimplemented, "METHOD_NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn a_compression_that_is_not_supported_is_said_so_with_those_that_are() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let mut request = Request::new(GetTimeRequest {});
    request.metadata_mut().insert("grpc-encoding", "zstd".parse().unwrap());
    let refused = served.client().get_time(request).await.unwrap_err();
    assert_eq!(refused.metadata().get("grpc-accept-encoding").unwrap(), "gzip,identity");
    let (code, problem) = refusal(Err(refused));
    assert_eq!((code, &*problem.reason), (Code::Unimplemented, "UNSUPPORTED_COMPRESSION"));
}

#[tokio::test]
async fn a_refusal_of_a_service_that_is_not_ours_has_details_too() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let served = Served::probe(&config(), Probe::prompt()).await;
    let request = HealthCheckRequest { service: "nobody".to_owned() };
    let (code, problem) = refusal(HealthClient::new(served.channel()).check(request).await.map(|_| ()));
    assert_eq!((code, &*problem.reason), (Code::NotFound, "NOT_FOUND"));
}

#[tokio::test]
async fn a_handler_that_panics_is_an_internal_error_and_the_server_lives() {
    let panicking = Probe::new(|_| async { panic!("the password is 1234") });
    let served = Served::probe(&config(), panicking).await;
    for _ in 0..2 {
        let (code, problem) = refusal(call(&served, GET_TIME, GetTimeRequest {}, false).await);
        assert_eq!((code, problem.message.as_str()), (Code::Internal, "internal error"));
        assert!(!problem.metadata["reference"].is_empty());
    }
}

#[tokio::test]
async fn a_call_beyond_the_limit_is_refused_to_be_tried_again() {
    let (started, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (entered, open) = (Arc::clone(&started), Arc::clone(&gate));
    let waiting = Probe::new(move |_| {
        let (started, gate) = (Arc::clone(&entered), Arc::clone(&open));
        async move {
            started.add_permits(1);
            gate.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let mut config = config();
    config.limits.concurrency = 1;
    let served = Arc::new(Served::probe(&config, waiting).await);
    let first = tokio::spawn({
        let served = Arc::clone(&served);
        async move { call(&served, GET_TIME, GetTimeRequest {}, false).await }
    });
    started.acquire().await.unwrap().forget();
    let (_, problem) = refusal(call(&served, GET_TIME, GetTimeRequest {}, false).await);
    assert_eq!((problem.kind, &*problem.reason), (ProblemKind::Unavailable, "OVERLOADED"));
    assert!(problem.retry_after_ms.is_some() && !problem.is_decision());
    gate.add_permits(1);
    first.await.unwrap().unwrap();
}
