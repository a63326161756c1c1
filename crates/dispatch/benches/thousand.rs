//! A thousand work orders put, planned and published, against as many plain inserts.
//!
//! `cargo bench -p meridian-dispatch --bench thousand` does it with 60 engineers on a real PostgreSQL, in a new database each
//! of 3 times, and prints the median of each step as time, and as ratio against 1,000 single inserts of an id and as many
//! bytes as an order has, through the same pool, in one transaction. A search is given 10 s; what `Optimise` takes beyond it is
//! looking at everything, the first plan, and storing the draft.
#![expect(clippy::unwrap_used, reason = "what a benchmark takes for granted stops it when it does not hold")]
#![expect(clippy::print_stdout, reason = "its result")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::encode;
use meridian_chassis::tasks::Tasks;
use meridian_dispatch::{Dispatch, DispatchGrpc};
use meridian_embedded::testing;
use meridian_messaging::Cell;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::dispatch::v1::dispatch_service_server::DispatchServiceServer;
use meridian_proto::types::v1 as types;
use meridian_types::{CaseId, Clock as _, IdSource as _, RegionId, SystemClock, SystemIds, VisitId};
use prost::Message as _;
use sqlx::PgPool;

const ROUNDS: usize = 3;
const ORDERS: usize = 1000;
const ENGINEERS: usize = 60;
const BUDGET: Duration = Duration::from_secs(10);
const STEPS: [&str; 4] =
    ["1,000 plain inserts", "PutWorkOrders", "Optimise, beyond 10 s", "PublishOptimisation"];

type Client = DispatchServiceClient<DispatchServiceServer<DispatchGrpc>>;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rounds: Vec<[Duration; 4]> =
        (0..ROUNDS).map(|number| runtime.block_on(round(u64::try_from(number).unwrap()))).collect();
    let median = |step: usize| {
        let mut times: Vec<Duration> = rounds.iter().map(|round| round[step]).collect();
        times.sort();
        times[ROUNDS / 2]
    };
    let baseline = median(0);
    for (step, name) in STEPS.iter().enumerate() {
        let time = median(step);
        let ratio = time.as_secs_f64() / baseline.as_secs_f64();
        println!("{name:<23}{:>10.1} ms{ratio:>8.2}", time.as_secs_f64() * 1000.0);
    }
}

/// Each step once, in a new database.
async fn round(seed: u64) -> [Duration; 4] {
    let region = RegionId::parse("eu").unwrap();
    let mut config = RegionConfig::new(region, &testing::database("thousand"), &testing::nats().url());
    config.subject_prefix = testing::prefix();
    let cell = Cell::connect(config, Arc::new(SystemClock), Arc::new(SystemIds)).await.unwrap();
    let dispatch = Dispatch::from_config(&cell).await.unwrap();
    let tasks = Tasks::new();
    dispatch.spawn(&tasks, &cell).unwrap();
    let mut client = DispatchServiceClient::new(dispatch.grpc()).max_decoding_message_size(64 * 1024 * 1024);
    let mut random = fastrand::Rng::with_seed(seed);
    client.put_workforce(workforce(&mut random)).await.unwrap();
    let orders: Vec<pb::WorkOrder> = (0..ORDERS).map(|_| order(&mut random)).collect();

    let pool = dispatch.journal().pool();
    let plain = timed(insert(pool, &orders)).await;
    let put = pb::PutWorkOrdersRequest { request_id: request_id(), work_orders: orders };
    let put =
        timed(async { assert_eq!(client.put_work_orders(put).await.unwrap().into_inner().stored, 1000) });
    let put = put.await;
    let (optimise, id) = optimise(&mut client).await;
    let publish = pb::PublishOptimisationRequest { request_id: request_id(), optimisation_id: id };
    let publish = timed(async {
        let told = client.publish_optimisation(publish).await.unwrap().into_inner().orders;
        let booked = told.iter().filter(|order| order.outcome() == pb::PublishOutcome::Booked).count();
        assert!(booked > ORDERS * 9 / 10, "{booked} are booked");
    });
    let publish = publish.await;
    // Readers are cut off wherever they are, which counts as a failure.
    let _ = tasks.stop(Duration::ZERO).await;
    [plain, put, optimise, publish]
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let begun = Instant::now();
    work.await;
    begun.elapsed()
}

/// The baseline.
#[expect(clippy::disallowed_methods, reason = "what it costs without a unit of work")]
async fn insert(pool: &PgPool, orders: &[pb::WorkOrder]) {
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("CREATE TABLE plain (id uuid PRIMARY KEY, record bytea NOT NULL)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    for order in orders {
        let id: VisitId = order.visit_id.parse().unwrap();
        sqlx::query("INSERT INTO plain (id, record) VALUES ($1, $2)")
            .bind(id.uuid())
            .bind(order.encode_to_vec())
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

/// From the request until there is a draft, without the time that was given to the search; and which it is.
async fn optimise(client: &mut Client) -> (Duration, String) {
    let window =
        types::Interval { start: Some(encode::timestamp(days(0))), end: Some(encode::timestamp(days(7))) };
    let terms = Some(pb::Terms { window: Some(window), ..pb::Terms::default() });
    let budget_ms = i32::try_from(BUDGET.as_millis()).unwrap();
    let request = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms, seed: 1 };
    let begun = Instant::now();
    let begun_search = client.optimise(request).await.unwrap().into_inner().optimisation.unwrap();
    let id = begun_search.optimisation_id;
    let watch = pb::WatchOptimisationRequest { optimisation_id: id.clone() };
    let mut told = client.watch_optimisation(watch).await.unwrap().into_inner();
    let mut last = None;
    while let Some(message) = told.message().await.unwrap() {
        last = message.optimisation;
    }
    let time = begun.elapsed();
    let last = last.unwrap();
    assert_eq!(last.state(), pb::OptimisationState::Succeeded, "{:?}", last.failure);
    (time.saturating_sub(BUDGET), id)
}

/// So many days from now.
fn days(count: i64) -> Timestamp {
    SystemClock.now() + SignedDuration::from_hours(24 * count)
}

fn request_id() -> String {
    SystemIds.uuid().simple().to_string()
}

fn money(minor: i64) -> Option<types::Money> {
    Some(types::Money { currency_code: "EUR".to_owned(), minor })
}

/// Somewhere in the south of Finland.
fn position(random: &mut fastrand::Rng) -> Option<pb::Position> {
    let (latitude, longitude) = (60.2 + random.f64() * 1.5, 22.0 + random.f64() * 5.0);
    Some(pb::Position { latitude, longitude })
}

fn workforce(random: &mut fastrand::Rng) -> pb::PutWorkforceRequest {
    let hours = |weekday| pb::WorkingHours {
        weekday,
        from: "07:00".to_owned(),
        until: "17:00".to_owned(),
        overtime: false,
    };
    let engineer = |number: usize| pb::Engineer {
        engineer_id: format!("E-{number}"),
        region: "eu".to_owned(),
        home_site_id: format!("HOME-{number}"),
        zone: "Europe/Helsinki".to_owned(),
        country: "FI".to_owned(),
        skills: vec![pb::Skill { skill_id: "OPTICS".to_owned(), level: 4, ..pb::Skill::default() }],
        working_hours: (1..=7).map(hours).collect(),
        hourly_cost: money(9_000),
        overtime_cost: money(15_000),
        home_position: position(random),
        ..pb::Engineer::default()
    };
    let engineers = (0..ENGINEERS).map(engineer).collect();
    pb::PutWorkforceRequest { request_id: request_id(), engineers, ..pb::PutWorkforceRequest::default() }
}

fn order(random: &mut fastrand::Rng) -> pb::WorkOrder {
    let ids = SystemIds;
    pb::WorkOrder {
        visit_id: VisitId::fresh(&ids).to_string(),
        case_id: CaseId::fresh(&ids).to_string(),
        site_id: format!("SITE-{}", random.u32(..)),
        country: "FI".to_owned(),
        position: position(random),
        skill_id: "OPTICS".to_owned(),
        level: random.i32(1..=4),
        work_minutes: random.i32(30..=120),
        ..pb::WorkOrder::default()
    }
}
