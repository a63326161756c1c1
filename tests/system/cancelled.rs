//! Callers who hang up at random moments.

use std::time::Duration;

use futures::StreamExt as _;
use meridian::field::{Field, RegionClients, patiently};
use meridian::load;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, CommitSolutionResponse, FindSolutionsRequest, GetPlanRequest,
    PlanState,
};
use meridian_proto::intake::v1::{
    GetCaseRequest, ItemsNeed, ListCasesRequest, Need, NeedLine, OpenCaseRequest, need,
};
use meridian_proto::inventory::v1::{
    AuditStockRequest, FindStockRequest, GetHoldRequest, HoldLine, PlaceHoldRequest, Pool,
};
use meridian_types::{CaseId, HoldId, SystemIds};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, timeout};
use tonic::{Code, Request, Response, Status};

use crate::cluster::Cluster;
use crate::{network, wait};

const START: &str = "2026-06-01T08:00:00Z";
const CALLS: usize = 1000;
const COMMITS: usize = 200;
const AT_ONCE: usize = 16;
/// How long a caller who stays listens.
const PATIENCE: Duration = Duration::from_secs(30);
const SEED: u64 = 20_260_601;
/// Calls that show how long one takes on this machine, now.
const TRIALS: usize = 64;
/// A session that is left inside a transaction is ended by the database after 10 s; it must not come to that.
const LEFT_OPEN_MAX: Duration = Duration::from_secs(4);
const PAGE: i32 = 200;

/// One request, and what is asked for afterwards.
#[derive(Debug, Clone)]
enum Call {
    Open(Box<OpenCaseRequest>),
    Hold(PlaceHoldRequest),
}

/// How a caller hangs up.
#[derive(Debug, Clone, Copy)]
enum HangUp {
    /// The deadline of the call passes.
    Deadline(Duration),
    /// The caller drops the call.
    Drop(Duration),
}

impl HangUp {
    /// The deadline that the call carries, and how long the caller listens.
    const fn limits(self) -> (Option<Duration>, Duration) {
        match self {
            Self::Deadline(after) => (Some(after), PATIENCE),
            Self::Drop(after) => (None, after),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_durable_and_nothing_is_left_open_when_callers_hang_up() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(CALLS as i64), &load::grpc_addresses(&addresses)).await.unwrap();
    let field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let eu = field.region("eu");

    let mut random = fastrand::Rng::with_seed(SEED);
    let usual = usual_duration(&eu).await;
    let calls: Vec<(Call, HangUp)> =
        (0..CALLS).map(|index| (call(index), hang_up(&mut random, usual))).collect();
    let answered: Vec<Option<String>> = futures::stream::iter(&calls)
        .map(|(call, hang_up)| make(&eu, call, *hang_up))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let kept = answered.iter().flatten().count();
    println!("{CALLS} calls of usually {usual:?}, {kept} were answered before the caller hung up");
    assert!(kept > CALLS / 50 && kept < CALLS * 49 / 50, "both must happen often: {kept}");

    let mut database = PgConnection::connect(&cluster.database("eu")).await.unwrap();
    wait::until("no session is left inside a transaction", LEFT_OPEN_MAX, async || {
        let idle: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
              WHERE state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > interval '1 second'",
        )
        .fetch_one(&mut database)
        .await
        .unwrap();
        idle == 0
    })
    .await;
    for ((call, _), answer) in calls.iter().zip(&answered) {
        let Some(id) = answer else { continue };
        assert!(exists(&eu, call, id).await, "{id} was answered and is gone: {call:?}");
    }
    assert_one_effect_each(&eu, &calls, &answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_caller_hangs_up_is_seen_to_its_end() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(CALLS as i64), &load::grpc_addresses(&addresses)).await.unwrap();
    let eu = Field::begin(&addresses, START.parse().unwrap()).await.unwrap().region("eu");
    let commits: Vec<CommitSolutionRequest> = futures::stream::iter(0..COMMITS)
        .map(|index| {
            let eu = &eu;
            async move { committing(eu, index).await }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (trials, rest) = commits.split_at(COMMITS / 10);
    let started = Instant::now();
    for request in trials {
        commit_with_patience(&eu, request).await;
    }
    // One at a time they are quicker than many at once.
    let usual = started.elapsed() / trials.len() as u32 * 2;

    let mut random = fastrand::Rng::with_seed(SEED);
    let hang_ups: Vec<_> = rest.iter().map(|request| (request, hang_up(&mut random, usual))).collect();
    let answered = futures::stream::iter(&hang_ups)
        .map(|(request, hang_up)| {
            let (deadline, patience) = hang_up.limits();
            timeout(patience, commit(&eu, within((*request).clone(), deadline)))
        })
        .buffered(AT_ONCE)
        .filter(|answer| std::future::ready(matches!(answer, Ok(Ok(_)))))
        .count()
        .await;
    println!(
        "{} commits of usually {usual:?}, {answered} were answered before the caller hung up",
        rest.len()
    );
    assert!(answered > 0 && answered < rest.len(), "both must happen: {answered}");
    for request in rest {
        wait::until("no plan waits for a caller who is gone", PATIENCE, async || {
            settled(&eu, &request.case_id).await
        })
        .await;
    }
    for request in &commits {
        commit_with_patience(&eu, request).await;
    }
    assert_eq!(held(&eu).await, COMMITS, "one unit held for each commit");
}

/// A request that commits the best solution of a fresh case.
async fn committing(eu: &RegionClients, index: usize) -> CommitSolutionRequest {
    let opened = eu.intake().open_case(opening(format!("commit-case-{index}"))).await.unwrap().into_inner();
    let case_id = opened.case.unwrap().case_id;
    let request = FindSolutionsRequest { case_id: case_id.clone(), ..FindSolutionsRequest::default() };
    let found = patiently(async || eu.coordinator().find_solutions(request.clone()).await).await.unwrap();
    CommitSolutionRequest {
        request_id: format!("commit-{index}"),
        case_id,
        solution_id: found.solutions[0].solution_id.clone(),
        approved: false,
    }
}

/// Whether a case has no plan, or one that is being carried out.
async fn settled(eu: &RegionClients, case_id: &str) -> bool {
    let request = GetPlanRequest { case_id: case_id.to_owned(), ..GetPlanRequest::default() };
    match eu.coordinator().get_plan(request).await {
        Ok(found) => found.into_inner().plan.unwrap().state() == PlanState::Executing,
        Err(refusal) => refusal.code() == Code::NotFound,
    }
}

async fn commit(
    eu: &RegionClients,
    request: Request<CommitSolutionRequest>,
) -> Result<Response<CommitSolutionResponse>, Status> {
    eu.coordinator().commit_solution(request).await
}

async fn commit_with_patience(eu: &RegionClients, request: &CommitSolutionRequest) {
    wait::until("the commit is through", PATIENCE, async || {
        let answer =
            patiently(async || eu.coordinator().commit_solution(request.clone()).await).await.unwrap();
        assert_ne!(answer.outcome(), CommitOutcome::Refused, "{answer:?}");
        answer.outcome() == CommitOutcome::Committed
    })
    .await;
}

/// Every call, made once more with patience, gives what was answered before, and one effect in all.
async fn assert_one_effect_each(eu: &RegionClients, calls: &[(Call, HangUp)], answered: &[Option<String>]) {
    let again: Vec<String> = futures::stream::iter(calls)
        .map(|(call, _)| async move {
            match call {
                Call::Open(request) => {
                    let opened =
                        patiently(async || eu.intake().open_case(OpenCaseRequest::clone(request)).await)
                            .await;
                    opened.unwrap().case.unwrap().case_id
                }
                Call::Hold(request) => {
                    let held = patiently(async || eu.inventory().place_hold(request.clone()).await).await;
                    held.unwrap().hold.unwrap().hold_id
                }
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    for (first, again) in answered.iter().zip(&again) {
        assert!(first.as_ref().is_none_or(|first| first == again), "{first:?}, then {again}");
    }
    let opened = calls.iter().filter(|(call, _)| matches!(call, Call::Open(_))).count();
    assert_eq!(cases(eu).await, opened, "one case for each request");
    assert_eq!(held(eu).await, CALLS - opened, "one unit held for each request");
    let audit = eu.inventory().audit_stock(AuditStockRequest {}).await.unwrap().into_inner();
    assert_eq!(audit.mismatches, []);
}

/// Units of the item that are held.
async fn held(eu: &RegionClients) -> usize {
    let request = FindStockRequest {
        item_ids: vec![network::item_of("eu")],
        include_empty: true,
        ..FindStockRequest::default()
    };
    let found = eu.inventory().find_stock(request).await.unwrap().into_inner();
    let level = found.levels.iter().find(|it| it.region == "eu").unwrap();
    (level.on_hand - level.available) as usize
}

fn call(index: usize) -> Call {
    let request_id = format!("hang-up-{index}");
    if index.is_multiple_of(2) {
        Call::Open(Box::new(opening(request_id)))
    } else {
        Call::Hold(placing(request_id))
    }
}

fn opening(request_id: String) -> OpenCaseRequest {
    let line = NeedLine { item_id: network::item_of("eu"), quantity: 1, unit: String::new() };
    let deliver_to_site_id = network::site_of("eu");
    OpenCaseRequest {
        request_id,
        person_id: network::person_of("eu"),
        need: Some(Need {
            kind: Some(need::Kind::Items(ItemsNeed { lines: vec![line], deliver_to_site_id })),
            ..Need::default()
        }),
        office: network::office_of("eu"),
        ..OpenCaseRequest::default()
    }
}

fn placing(request_id: String) -> PlaceHoldRequest {
    PlaceHoldRequest {
        request_id,
        hold_id: HoldId::fresh(&SystemIds).to_string(),
        case_id: CaseId::fresh(&SystemIds).to_string(),
        lines: vec![HoldLine {
            item_id: network::item_of("eu"),
            warehouse_site_id: "warehouse-eu".to_owned(),
            quantity: 1,
            pool: Pool::Stock.into(),
            ..HoldLine::default()
        }],
        expires_in_minutes: 60,
    }
}

/// The median, with as many calls at one time as later.
async fn usual_duration(eu: &RegionClients) -> Duration {
    let mut durations: Vec<Duration> = futures::stream::iter(0..TRIALS)
        .map(|_| async {
            let started = Instant::now();
            // Refused for its quantity only after it was looked at inside a transaction: nothing remains of it.
            let mut request = placing(HoldId::fresh(&SystemIds).to_string());
            request.lines[0].quantity = CALLS as i64 * 2;
            eu.inventory().place_hold(request).await.unwrap_err();
            started.elapsed()
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    durations.sort();
    durations[TRIALS / 2]
}

/// At any moment of the call, or soon after it.
fn hang_up(random: &mut fastrand::Rng, usual: Duration) -> HangUp {
    let after = usual.mul_f64(random.f64() * 2.0);
    if random.bool() { HangUp::Deadline(after) } else { HangUp::Drop(after) }
}

/// The id that was answered before the caller hung up.
async fn make(eu: &RegionClients, call: &Call, hang_up: HangUp) -> Option<String> {
    let (deadline, patience) = hang_up.limits();
    let answer = async {
        match call {
            Call::Open(request) => {
                let opened = eu.intake().open_case(within(OpenCaseRequest::clone(request), deadline)).await;
                opened.ok().map(|opened| opened.into_inner().case.unwrap().case_id)
            }
            Call::Hold(request) => {
                let held = eu.inventory().place_hold(within(request.clone(), deadline)).await;
                held.ok().map(|held| held.into_inner().hold.unwrap().hold_id)
            }
        }
    };
    timeout(patience, answer).await.ok().flatten()
}

fn within<T>(message: T, deadline: Option<Duration>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(deadline) = deadline {
        request.set_timeout(deadline);
    }
    request
}

async fn exists(eu: &RegionClients, call: &Call, id: &str) -> bool {
    match call {
        Call::Open(_) => {
            let request = GetCaseRequest { case_id: id.to_owned() };
            patiently(async || eu.intake().get_case(request.clone()).await).await.is_ok()
        }
        Call::Hold(_) => {
            let request = GetHoldRequest { hold_id: id.to_owned() };
            patiently(async || eu.inventory().get_hold(request.clone()).await).await.is_ok()
        }
    }
}

async fn cases(eu: &RegionClients) -> usize {
    let mut request = ListCasesRequest { page_size: PAGE, ..ListCasesRequest::default() };
    let mut count = 0;
    loop {
        let page = eu.intake().list_cases(request.clone()).await.unwrap().into_inner();
        count += page.cases.len();
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return count;
        }
    }
}
