//! Story 3: something the company does not do. A named party takes it over; the first one asked stays silent.

use anyhow::{Context as _, Result, bail, ensure};
use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, PlanState, SolutionKind,
};
use meridian_proto::intake::v1::{
    AcceptReferralRequest, Case, CaseState, GetCaseRequest, OpenCaseRequest, RecognizeCallerRequest,
    ReferralState,
};
use tokio::time::{Duration, Instant, sleep};

use super::{Rest, cast, narrator};
use crate::client::{request_id, show};
use crate::field::{Field, RegionClients};
use crate::output::instant_of;

const HOME: &str = "africa";
const OFFER_WAIT: Duration = Duration::from_secs(20);

/// Plays the whole story, while the other cases go on.
pub(super) async fn play(field: &mut Field, world: &mut Rest) -> Result<()> {
    field.wait_until(cast::other_call()).await?;
    let africa = field.region(HOME);
    let request = RecognizeCallerRequest {
        phone: cast::OTHER_CALLER_PHONE.to_owned(),
        country: cast::OTHER_COUNTRY.to_owned(),
        ..Default::default()
    };
    let callers = africa.intake().recognize_caller(request).await?.into_inner().candidates;
    let caller = callers.first().context("nobody was recognised")?;
    narrator::caller(caller);

    let request = OpenCaseRequest {
        request_id: request_id(),
        person_id: caller.person.as_ref().context("no person")?.person_id.clone(),
        need: Some(cast::other_need()),
        office: cast::OTHER_OFFICE.to_owned(),
        ..OpenCaseRequest::default()
    };
    let case = africa.intake().open_case(request).await?.into_inner().case.context("no case")?;
    narrator::case(&case);
    let request = FindSolutionsRequest { case_id: case.case_id.clone(), ..FindSolutionsRequest::default() };
    let found = africa.coordinator().find_solutions(request).await?.into_inner();
    narrator::options(&found, cast::OTHER_ZONE);
    let referral = found.solutions.first().context("no way to help")?;
    ensure!(referral.kind() == SolutionKind::Referral, "what is not ours is referred");
    let request = CommitSolutionRequest {
        request_id: request_id(),
        case_id: case.case_id.clone(),
        solution_id: referral.solution_id.clone(),
        approved: false,
    };
    let answer = africa.coordinator().commit_solution(request).await?.into_inner();
    ensure!(answer.outcome() == CommitOutcome::Committed, "not committed: {}", answer.refusal);

    let first = offered(&africa, &case.case_id, None).await?;
    let silent = first.referral.clone().context("no referral")?;
    narrator::say(format!("Offered to {}, who stays silent until the time is up.", silent.party_id));
    let accept_by = silent.accept_by.as_ref().and_then(instant_of).context("no time to accept")?;
    let too_late = accept_by + SignedDuration::from_mins(1);
    world.goes_on(field, too_late).await?;
    field.wait_until(too_late).await?;

    let second = offered(&africa, &case.case_id, Some(&silent.referral_id)).await?;
    let next = second.referral.clone().context("no referral")?;
    narrator::say(format!("It comes back by itself and is offered to {}, who accepts.", next.party_id));
    let request = AcceptReferralRequest {
        request_id: request_id(),
        referral_id: next.referral_id,
        accepted_by: cast::OTHER_ACCEPTS.to_owned(),
    };
    africa.intake().accept_referral(request).await?;
    let done = case_when(&africa, &case.case_id, |it| it.state() == CaseState::Referred).await?;
    show::case(&done);
    let plan = field.settled_plan(HOME, &case.case_id).await?;
    ensure!(
        matches!(plan.state(), PlanState::Completed | PlanState::Executing),
        "the plan ended {:?}",
        plan.state()
    );
    narrator::timeline(&africa, &case.case_id).await?;
    narrator::notices(&africa, &case.case_id).await?;
    Ok(())
}

/// The case once a referral other than `before` is on offer.
async fn offered(region: &RegionClients, case_id: &str, before: Option<&str>) -> Result<Case> {
    case_when(region, case_id, |case| {
        case.referral
            .as_ref()
            .is_some_and(|it| it.state() == ReferralState::Offered && Some(it.referral_id.as_str()) != before)
    })
    .await
}

async fn case_when(region: &RegionClients, case_id: &str, holds: impl Fn(&Case) -> bool) -> Result<Case> {
    let started = Instant::now();
    loop {
        let request = GetCaseRequest { case_id: case_id.to_owned() };
        let case = region.intake().get_case(request).await?.into_inner().case.context("no case")?;
        if holds(&case) {
            return Ok(case);
        }
        if started.elapsed() > OFFER_WAIT {
            bail!("case {case_id} stays {:?}", case.state());
        }
        sleep(Duration::from_millis(20)).await;
    }
}
