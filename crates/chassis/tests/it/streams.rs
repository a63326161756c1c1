use std::convert::Infallible;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use http::uri::PathAndQuery;
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::server::{Limited, ServerBuilder};
use meridian_chassis::status::{problem, status};
use meridian_proto::region::v1::GetTimeRequest;
use meridian_types::{Problem, ProblemKind};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::probe::{Served, config, wait_for};

type Numbers = BoxStream<'static, Result<u64, Status>>;

/// A service with one server-streaming method, which streams what `make` makes.
#[derive(Clone)]
struct Streams(fn() -> Numbers);

impl NamedService for Streams {
    const NAME: &'static str = "meridian.test.v1.Streams";
}

impl ServerStreamingService<()> for Streams {
    type Response = u64;
    type ResponseStream = Numbers;
    type Future = std::future::Ready<Result<Response<Numbers>, Status>>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        std::future::ready(Ok(Response::new((self.0)())))
    }
}

impl tower::Service<http::Request<Body>> for Streams {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let streams = self.clone();
        async move {
            let mut grpc = Grpc::new(ProstCodec::<u64, ()>::default()).max_encoding_message_size(1024 * 1024);
            Ok(grpc.server_streaming(streams, request).await)
        }
        .boxed()
    }
}

/// What a caller of the stream hears: the numbers, and how it ended.
async fn hear(config: &RegionConfig, make: fn() -> Numbers) -> (Vec<u64>, Status) {
    let builder = ServerBuilder::new(config).add_service(Limited::new(Streams(make)));
    let served = Served::start(builder).await;
    let mut numbers = call(connect_lazy(&served.url()).unwrap()).await.unwrap();
    let mut heard = Vec::new();
    loop {
        match numbers.message().await {
            Ok(Some(number)) => heard.push(number),
            Ok(None) => return (heard, Status::ok("")),
            Err(status) => return (heard, status),
        }
    }
}

const COUNT: &str = "/meridian.test.v1.Streams/Count";

async fn call(client: Client) -> Result<Streaming<u64>, Status> {
    let mut client = tonic::client::Grpc::new(client);
    client.ready().await.unwrap();
    let (path, codec) = (PathAndQuery::from_static(COUNT), ProstCodec::<(), u64>::default());
    client.server_streaming(Request::new(()), path, codec).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_watch_holds_its_place_as_long_as_it_lasts_and_keeps_no_call_out() {
    let mut config = config();
    (config.limits.watches, config.limits.concurrency) = (1, 1);
    let endless = || stream::iter([Ok(1)]).chain(stream::pending()).boxed();
    let builder = ServerBuilder::new(&config).watch(COUNT).add_service(Limited::new(Streams(endless)));
    let served = Served::start(builder).await;
    let client = connect_lazy(&served.url()).unwrap().without_deadline();
    let mut first = call(client.clone()).await.unwrap();
    assert_eq!(first.message().await.unwrap(), Some(1));
    let refused = problem(&call(client.clone()).await.unwrap_err());
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Unavailable, "OVERLOADED"));
    let time = served.client().get_time(GetTimeRequest {}).await;
    assert_eq!(time.unwrap_err().code(), Code::Unimplemented, "a place was free for it");
    drop(first);
    wait_for("the place of the watch that ended", async || call(client.clone()).await.is_ok()).await;
}

#[tokio::test]
async fn a_stream_that_ends_well_is_passed_on_whole() {
    let (heard, ended) = hear(&config(), || stream::iter([Ok(1), Ok(2)]).boxed()).await;
    assert_eq!((heard, ended.code()), (vec![1, 2], Code::Ok));
}

#[tokio::test]
async fn a_stream_that_panics_ends_with_an_internal_error() {
    let (_, ended) = hear(&config(), || stream::poll_fn(|_| panic!("half-way")).boxed()).await;
    assert_eq!((ended.code(), problem(&ended).message.as_str()), (Code::Internal, "internal error"));
}

#[tokio::test]
async fn a_stream_that_outlives_its_deadline_is_ended() {
    let mut config = config();
    config.limits.deadline_max_ms = 100;
    let (heard, ended) = hear(&config, || stream::iter([Ok(1)]).chain(stream::pending()).boxed()).await;
    assert_eq!((heard, ended.code()), (vec![1], Code::DeadlineExceeded));
    assert_eq!(problem(&ended).reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_stream_that_fails_keeps_its_own_details_or_gets_some() {
    let (_, ended) = hear(&config(), || {
        let exhausted = Problem::new(ProblemKind::Exhausted, "STOCK_EXHAUSTED", "nothing is left");
        stream::iter([Ok(1), Err(status(exhausted))]).boxed()
    })
    .await;
    assert_eq!(problem(&ended).reason, "STOCK_EXHAUSTED");

    let (_, ended) =
        hear(&config(), || stream::iter([Ok(1), Err(Status::data_loss("secret"))]).boxed()).await;
    let problem = problem(&ended);
    assert_eq!((problem.kind, problem.message.as_str()), (ProblemKind::Internal, "internal error"));
}
