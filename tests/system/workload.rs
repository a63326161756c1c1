//! Callers and the people in the field, many at a time, patient with faults.

use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use meridian::field::{Case, Field, What, patiently};
use meridian_embedded::testing;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, FindSolutionsResponse,
};
use meridian_proto::intake::v1::{ItemsNeed, Need, NeedLine, OpenCaseRequest, need};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, timeout};

use crate::cluster::REGIONS;
use crate::network::{item_of, office_of, person_of, site_of};

/// Calls worked on at one time.
const AT_ONCE: usize = 12;
/// How long something may take to come about before business time passes without it.
const PATIENCE: Duration = Duration::from_secs(8);
/// Longest time that anything may take to come about, servers that are killed included.
const COMES_ABOUT_WITHIN: Duration = Duration::from_secs(300);
/// Things that happen within so long of each other happen in one go.
const ONE_GO: SignedDuration = SignedDuration::from_hours(2);

/// How much is done: cases committed, and things that happened in the field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(watch::Sender<usize>);

impl Progress {
    fn step(&self) {
        self.0.send_modify(|steps| *steps += 1);
    }

    /// Waits until `steps` more are done, or `limit` has passed: a fault may leave nothing to be done.
    pub(crate) async fn further(&self, steps: usize, limit: Duration) {
        let mut seen = self.0.subscribe();
        let goal = *seen.borrow() + steps;
        let _ = timeout(limit, seen.wait_for(|done| *done >= goal)).await;
    }
}

/// Opens and commits `count` cases, spread over the regions; each needs a unit that perhaps only another region has.
pub(crate) async fn open(
    field: &Field,
    count: usize,
    name: &str,
    progress: &Progress,
) -> anyhow::Result<Vec<Case>> {
    futures::stream::iter(0..count)
        .map(|index| open_one(field, REGIONS[index % 3], REGIONS[index / 3 % 3], format!("{name}-{index}")))
        .map(|opened| opened.inspect_ok(|_| progress.step()))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Opens and commits cases of one region, each for a unit that only the region `source` has.
pub(crate) async fn open_from(
    field: &Field,
    home: &'static str,
    source: &str,
    count: usize,
    name: &str,
) -> anyhow::Result<Vec<Case>> {
    futures::stream::iter(0..count)
        .map(|index| open_one(field, home, source, format!("{name}-{home}-{source}-{index}")))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn open_one(field: &Field, home: &'static str, source: &str, id: String) -> anyhow::Result<Case> {
    let region = field.region(home);
    let line = NeedLine { item_id: item_of(source), quantity: 1, unit: String::new() };
    let deliver_to_site_id = site_of(home);
    let request = OpenCaseRequest {
        request_id: format!("{id}-open"),
        person_id: person_of(home),
        need: Some(Need {
            kind: Some(need::Kind::Items(ItemsNeed { lines: vec![line], deliver_to_site_id })),
            ..Need::default()
        }),
        office: office_of(home),
        ..OpenCaseRequest::default()
    };
    let opened = patiently(async || region.intake().open_case(request.clone()).await).await?;
    let case_id = opened.case.unwrap_or_default().case_id;
    let case = Case { home, case_id };
    for attempt in 0.. {
        let best = testing::until("a solution", COMES_ABOUT_WITHIN, async || {
            find(field, &case).await.map(|found| found.solutions.into_iter().next()).transpose()
        })
        .await?;
        let request = CommitSolutionRequest {
            request_id: format!("{id}-commit-{attempt}"),
            case_id: case.case_id.clone(),
            solution_id: best.solution_id,
            approved: false,
        };
        let answer = patiently(async || region.coordinator().commit_solution(request.clone()).await).await?;
        if matches!(answer.outcome(), CommitOutcome::Committed | CommitOutcome::Pending) {
            break;
        }
    }
    Ok(case)
}

async fn find(field: &Field, case: &Case) -> anyhow::Result<FindSolutionsResponse> {
    let request = FindSolutionsRequest { case_id: case.case_id.clone(), ..FindSolutionsRequest::default() };
    patiently(async || field.region(case.home).coordinator().find_solutions(request.clone()).await).await
}

/// Does everything that the plans of the cases ask for, until all are finished.
pub(crate) async fn carry_out(field: &mut Field, cases: &[Case], progress: &Progress) -> anyhow::Result<()> {
    loop {
        let idle_since = Instant::now();
        // What was asked for needs real time to come about; business time passes only when it does not.
        let open = testing::until("something that happens", COMES_ABOUT_WITHIN, async || {
            match field.next_happenings(cases).await {
                Ok(open) if !open.is_empty() && open.iter().all(|it| matches!(it.what, What::Nothing)) => {
                    (idle_since.elapsed() > PATIENCE).then_some(Ok(open))
                }
                looked => Some(looked),
            }
        })
        .await?;
        let (watchdogs, work): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|it| matches!(it.what, What::Nothing));
        let Some(first) = work.iter().map(|it| it.at).min() else {
            let Some(due) = watchdogs.iter().map(|it| it.at).min() else { return Ok(()) };
            field.wait_until(due).await?;
            continue;
        };
        let until = first.max(field.now()) + ONE_GO;
        let now: Vec<_> = work.into_iter().filter(|it| it.at <= until).collect();
        field.wait_until(now.iter().map(|it| it.at).max().unwrap_or(until)).await?;
        let field = &*field;
        futures::stream::iter(&now)
            .map(|it| field.happen(it).inspect_ok(|()| progress.step()))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
    }
}
