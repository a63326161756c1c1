use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use meridian_chassis::shutdown::{self, ShutdownError};
use meridian_chassis::status::problem;
use meridian_proto::region::v1::GetTimeRequest;
use meridian_types::ProblemKind;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest};

use crate::probe::{Probe, Served, config, wait_for};

const GRACE: Duration = Duration::from_secs(10);
const CLOCK_SERVICE: &str = "meridian.region.v1.ClockService";

async fn health(served: &Served, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.to_owned() };
    let response: HealthCheckResponse =
        HealthClient::new(served.channel()).check(request).await.unwrap().into_inner();
    response.status()
}

#[tokio::test]
async fn a_service_is_serving_only_after_it_is_ready() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    for service in ["", CLOCK_SERVICE] {
        assert_eq!(health(&served, service).await, ServingStatus::NotServing);
        served.readiness.ready().await;
        assert_eq!(health(&served, service).await, ServingStatus::Serving);
        served.readiness.not_ready().await;
    }
}

#[tokio::test]
async fn the_services_can_be_listed_by_reflection() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(served.channel());
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(ListServiceResponse { service }) = answer else {
        panic!("{answer:?}");
    };
    assert!(service.iter().any(|service| service.name == CLOCK_SERVICE), "{service:?}");
}

#[tokio::test]
async fn a_call_that_runs_when_the_process_stops_is_finished() {
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
    let served = Served::probe(&config(), waiting).await;
    let mut client = served.client();
    let call = tokio::spawn(async move { client.get_time(GetTimeRequest {}).await });
    started.acquire().await.unwrap().forget();

    let tasks = served.tasks.clone();
    let stopped = tokio::spawn(async move { tasks.stop(GRACE).await });
    wait_for("new connections are refused", || async { TcpStream::connect(served.address).await.is_err() })
        .await;
    assert!(!call.is_finished() && !stopped.is_finished());
    gate.add_permits(1);
    call.await.unwrap().unwrap();
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_watch_ends_when_the_process_stops() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let request = HealthCheckRequest { service: String::new() };
    let mut watch = HealthClient::new(served.channel()).watch(request).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    let tasks = served.tasks.clone();
    let stopped = tokio::spawn(async move { tasks.stop(GRACE).await });
    let ended = loop {
        match watch.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the watch ended as if there were no more to say"),
            Err(status) => break problem(&status),
        }
    };
    assert_eq!((ended.kind, &*ended.reason), (ProblemKind::Unavailable, "SHUTTING_DOWN"));
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_reconnects_by_itself() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let same_port = socket.try_clone().unwrap();
    let first = Served::at(socket, Probe::prompt()).await;
    let client = first.client();
    client.clone().get_time(GetTimeRequest {}).await.unwrap();
    first.tasks.stop(GRACE).await.unwrap();

    let _second = Served::at(same_port, Probe::prompt()).await;
    wait_for("the call succeeds", || {
        let mut client = client.clone();
        async move { client.get_time(GetTimeRequest {}).await.is_ok() }
    })
    .await;
}

#[tokio::test]
async fn a_process_whose_task_fails_stops_everything_and_says_which() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    served.tasks.spawn("relay", async { anyhow::bail!("lost its lock") });
    let error = shutdown::run(&served.tasks, GRACE).await.unwrap_err();
    assert!(matches!(error, ShutdownError::Task(failure) if failure.task == "relay"));
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn a_signal_ends_a_process_well() {
    let served = Served::probe(&config(), Probe::prompt()).await;
    let mut run = pin!(shutdown::run(&served.tasks, GRACE));
    // The first poll installs the handlers, without which the signal would end the tests.
    assert!(futures::poll!(run.as_mut()).is_pending());
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM).unwrap();
    run.await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}
