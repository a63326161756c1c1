use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::clock::{ClockError, RegionClock};
use meridian_chassis::clock_service::ClockGrpc;
use meridian_chassis::config::{ClockSource, RegionConfig};
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_chassis::tasks::Tasks;
use meridian_chassis::{encode, limited};
use meridian_embedded::testing;
use meridian_proto::region::v1::clock_service_server::ClockServiceServer;
use meridian_proto::region::v1::{GetTimeRequest, SetTimeRequest};
use meridian_types::{Clock, ProblemKind};

use crate::probe::{Served, config, region, wait_for};

/// A process of a region with a driven clock.
struct Process {
    clock: RegionClock,
    tasks: Tasks,
}

impl Process {
    async fn start(database_url: &str) -> Self {
        let mut config = RegionConfig::new(region(), database_url, "nats://unused");
        config.clock = ClockSource::Driven;
        let tasks = Tasks::new();
        let clock = RegionClock::open(&config, &tasks).await.unwrap();
        Self { clock, tasks }
    }
}

async fn database(hint: &'static str) -> String {
    tokio::task::spawn_blocking(move || testing::database(hint)).await.unwrap()
}

fn later(clock: &RegionClock, hours: i64) -> Timestamp {
    clock.now() + SignedDuration::from_hours(hours)
}

#[tokio::test]
async fn a_driven_clock_starts_at_the_real_time() {
    let process = Process::start(&database("clockstart").await).await;
    let apart = process.clock.now().duration_since(meridian_types::SystemClock.now()).abs();
    assert!(apart < SignedDuration::from_secs(5), "{apart}");
    assert!(process.clock.is_driven());
    process.tasks.stop(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_time_set_by_one_process_holds_there_at_once_and_soon_in_the_others() {
    let database_url = database("clockset").await;
    let (one, other) = tokio::join!(Process::start(&database_url), Process::start(&database_url));
    let friday = later(&one.clock, 100);
    one.clock.set(friday, 0.0).await.unwrap();
    assert_eq!(one.clock.now().as_microsecond(), friday.as_microsecond());
    wait_for("the other process follows", || async { other.clock.now() >= friday }).await;
    assert_eq!(other.clock.now(), one.clock.now());

    let restarted = Process::start(&database_url).await;
    assert_eq!(restarted.clock.now(), one.clock.now());
}

#[tokio::test]
async fn a_clock_that_is_set_to_its_past_refuses_and_says_the_time() {
    let process = Process::start(&database("clockback").await).await;
    let friday = later(&process.clock, 100);
    process.clock.set(friday, 0.0).await.unwrap();
    let before = friday - SignedDuration::from_micros(1);
    let refused = process.clock.set(before, 1.0).await.unwrap_err();
    assert!(matches!(refused, ClockError::Backwards { now, .. } if now == process.clock.now()), "{refused}");
    process.clock.set(friday, 0.0).await.unwrap();
}

#[tokio::test]
async fn a_fast_clock_makes_hours_pass_and_never_goes_back_when_it_is_slowed_down() {
    let database_url = database("clockrate").await;
    let (one, other) = tokio::join!(Process::start(&database_url), Process::start(&database_url));
    let start = later(&one.clock, 1);
    one.clock.set(start, 36_000.0).await.unwrap();
    let soon = start + SignedDuration::from_hours(1);
    wait_for("an hour passes", || async { one.clock.now() >= soon && other.clock.now() >= soon }).await;

    let mut latest = other.clock.now();
    let mut slowed = false;
    wait_for("the other process stands still", || {
        let now = other.clock.now();
        assert!(now >= latest, "{now} came after {latest}");
        latest = now;
        let (clock, due) = (one.clock.clone(), !slowed);
        slowed = true;
        let stands = other.clock.rate() == 0.0;
        async move {
            if due {
                clock.set(later(&clock, 24), 0.0).await.unwrap();
            }
            stands
        }
    })
    .await;
    wait_for("both show one time", || async { one.clock.now() == other.clock.now() }).await;
}

#[tokio::test]
async fn a_rate_that_makes_no_sense_is_refused() {
    let process = Process::start(&database("clockbadrate").await).await;
    for rate in [-1.0, f64::NAN, f64::INFINITY, 1e7] {
        let refused = process.clock.set(later(&process.clock, 1), rate).await.unwrap_err();
        assert!(matches!(refused, ClockError::Rate(_)), "{refused}");
    }
}

async fn serve(clock: RegionClock) -> Served {
    let builder = ServerBuilder::new(&config());
    let limits = builder.limits();
    Served::start(builder.add_service(limited!(limits, ClockServiceServer::new(ClockGrpc::new(clock))))).await
}

#[tokio::test]
async fn the_machines_clock_is_shown_and_cannot_be_set() {
    let served = serve(RegionClock::system()).await;
    let shown = served.client().get_time(GetTimeRequest {}).await.unwrap().into_inner();
    assert!(!shown.driven && shown.now.is_some());
    let request = SetTimeRequest { now: shown.now, rate: 1.0 };
    let refused = problem(&served.client().set_time(request).await.unwrap_err());
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "CLOCK_NOT_DRIVEN"));
}

#[tokio::test]
async fn a_driven_clock_is_set_over_the_network() {
    let process = Process::start(&database("clockgrpc").await).await;
    let served = serve(process.clock.clone()).await;
    let friday = later(&process.clock, 100);
    let request = SetTimeRequest { now: Some(encode::timestamp(friday)), rate: 0.0 };
    served.client().set_time(request).await.unwrap();
    let shown = served.client().get_time(GetTimeRequest {}).await.unwrap().into_inner();
    assert!(shown.driven && shown.rate == 0.0);
    assert_eq!(shown.now.unwrap().seconds, friday.as_second());

    let past = SetTimeRequest { now: Some(prost_types::Timestamp::default()), rate: 0.0 };
    let refused = problem(&served.client().set_time(past).await.unwrap_err());
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::FailedPrecondition, "CLOCK_NEVER_GOES_BACK"));
    let missing = problem(&served.client().set_time(SetTimeRequest::default()).await.unwrap_err());
    assert_eq!(missing.violations[0].field, "now");
}
