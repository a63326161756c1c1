use std::time::Duration;

use meridian_chassis::client::connect_lazy;
use meridian_chassis::deadline::Deadline;
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_proto::region::v1::GetTimeRequest;
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;
use meridian_proto::region::v1::clock_service_server::ClockServiceServer;
use meridian_types::ProblemKind;
use tokio::sync::mpsc;
use tonic::{Code, Request};

use crate::probe::{GET_TIME, Probe, Served, config};

/// A probe that tells how long its deadline is still away.
fn telling() -> (Probe, mpsc::UnboundedReceiver<Option<Duration>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let probe = Probe::new(move |request| {
        tell.send(Deadline::of(&request).map(Deadline::remaining)).unwrap();
        async { Ok(()) }
    });
    (probe, told)
}

#[tokio::test]
async fn a_call_without_a_deadline_is_refused_and_the_field_is_named() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let refused = ClockServiceClient::new(served.channel()).get_time(GetTimeRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let problem = problem(&refused);
    assert_eq!(problem.reason, "DEADLINE_REQUIRED");
    assert_eq!(problem.violations[0].field, "grpc-timeout");
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_named_with_its_value() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let mut request = Request::new(GetTimeRequest {});
    request.metadata_mut().insert("grpc-timeout", "soon".parse().unwrap());
    let refused = ClockServiceClient::new(served.channel()).get_time(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let violation = problem(&refused).violations.remove(0);
    assert_eq!((violation.field.as_str(), violation.value.as_str()), ("grpc-timeout", "soon"));
}

#[tokio::test]
async fn a_watch_needs_no_deadline() {
    let (probe, mut told) = telling();
    let builder = ServerBuilder::new(&config()).watch(GET_TIME);
    let limits = builder.limits();
    let served = Served::start(builder.add_service(limited!(limits, ClockServiceServer::new(probe)))).await;
    ClockServiceClient::new(served.channel()).get_time(GetTimeRequest {}).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), None);
}

#[tokio::test]
async fn a_long_deadline_is_cut_to_the_longest_allowed() {
    let (probe, mut told) = telling();
    let mut config = config();
    config.limits.deadline_max_ms = 5000;
    let served = Served::probe(&config, probe).await;
    let mut request = Request::new(GetTimeRequest {});
    request.set_timeout(Duration::from_secs(3600));
    served.client().get_time(request).await.unwrap();
    let remaining = told.recv().await.unwrap().unwrap();
    assert!(remaining < Duration::from_secs(5), "{remaining:?}");
}

#[tokio::test]
async fn a_handler_that_misses_the_deadline_is_answered_for() {
    let mut config = config();
    config.limits.deadline_max_ms = 100;
    let served = Served::probe(&config, Probe::new(|_| std::future::pending())).await;
    let missed = served.client().get_time(GetTimeRequest {}).await.unwrap_err();
    let problem = problem(&missed);
    assert_eq!((problem.kind, &*problem.reason), (ProblemKind::DeadlineExceeded, "DEADLINE_EXCEEDED"));
    assert!(problem.message.contains("request_id"), "it came from the server: {}", problem.message);
}

#[tokio::test]
async fn a_handler_that_waits_for_its_deadline_can_still_answer() {
    let mut config = config();
    config.limits.deadline_max_ms = 1000;
    let waiting = Probe::new(|request| async move {
        tokio::time::sleep_until(Deadline::of(&request).unwrap().0).await;
        Ok(())
    });
    let served = Served::probe(&config, waiting).await;
    served.client().get_time(GetTimeRequest {}).await.unwrap();
}

#[tokio::test]
async fn a_deadline_is_passed_on_to_the_calls_that_a_handler_makes() {
    let (probe, mut told) = telling();
    let last = Served::probe(&config(), probe).await;
    let url = last.url();
    let passing = Probe::new(move |_| {
        let mut client = ClockServiceClient::new(connect_lazy(&url).unwrap());
        async move { client.get_time(GetTimeRequest {}).await.map(|_| ()) }
    });
    let first = Served::probe(&config(), passing).await;
    let mut request = Request::new(GetTimeRequest {});
    request.set_timeout(Duration::from_secs(3));
    first.client().get_time(request).await.unwrap();
    let remaining = told.recv().await.unwrap().unwrap();
    assert!(remaining < Duration::from_secs(3), "not the default of 10 s: {remaining:?}");
}
