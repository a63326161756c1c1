//! Story 2: an instrument in Germany, engineers in Finland, and it must ship to Africa on Monday. One engineer falls
//! ill on Saturday.

use anyhow::{Context as _, Result, ensure};
use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, PlanState, SolutionKind,
};
use meridian_proto::dispatch::v1::AbsenceReason;
use meridian_proto::intake::v1::{Fact, FactSource, OpenCaseRequest, Priority, RecognizeCallerRequest};

use super::{cast, narrator};
use crate::client::request_id;
use crate::field::{Field, Twist, What, interval};
use crate::output::instant_of;

const HOME: &str = "eu";

pub(super) async fn play(field: &mut Field) -> Result<()> {
    field.wait_until(cast::repair_call()).await?;
    let eu = field.region(HOME);
    let request = RecognizeCallerRequest { email: cast::REPAIR_CALLER_EMAIL.to_owned(), ..Default::default() };
    let callers = eu.intake().recognize_caller(request).await?.into_inner().candidates;
    let caller = callers.first().context("nobody was recognised")?;
    narrator::caller(caller);
    let person = caller.person.as_ref().context("no person")?.person_id.clone();

    let request = OpenCaseRequest {
        request_id: request_id(),
        person_id: person.clone(),
        need: Some(cast::repair_need()),
        priority: Priority::Critical.into(),
        office: cast::REPAIR_OFFICE.to_owned(),
        facts: cast::repair_facts()
            .into_iter()
            .map(|(name, value)| Fact {
                name,
                value,
                source: FactSource::Caller.into(),
                stated_by: person.clone(),
                ..Fact::default()
            })
            .collect(),
        ..OpenCaseRequest::default()
    };
    let case = eu.intake().open_case(request).await?.into_inner().case.context("no case")?;
    narrator::case(&case);

    let request = FindSolutionsRequest { case_id: case.case_id.clone(), ..FindSolutionsRequest::default() };
    let found = eu.coordinator().find_solutions(request).await?.into_inner();
    narrator::options(&found, cast::REPAIR_ZONE);
    let visit = found
        .solutions
        .iter()
        .find(|it| it.kind() == SolutionKind::EngineerVisit)
        .context("no engineer can come")?;
    narrator::decision(visit);
    let request = CommitSolutionRequest {
        request_id: request_id(),
        case_id: case.case_id.clone(),
        solution_id: visit.solution_id.clone(),
        approved: false,
    };
    let answer = eu.coordinator().commit_solution(request).await?.into_inner();
    narrator::outcome(cast::REPAIR_OFFICE, &answer, cast::REPAIR_ZONE);
    ensure!(answer.outcome() == CommitOutcome::Committed, "not committed: {}", answer.refusal);

    narrator::say("Before setting out, the engineer falls ill.");
    let mut ill = false;
    let until = field.now() + SignedDuration::from_hours(24 * 30);
    let claim = visit.engineer_claims.first().context("a visit needs an engineer")?.clone();
    let sets_out = claim.during.as_ref().and_then(|it| it.start.as_ref()).and_then(instant_of);
    let sets_out = sets_out.context("no start")?;
    let away = interval(sets_out - SignedDuration::from_hours(1), sets_out + SignedDuration::from_hours(96))?;
    let plan = field
        .carry_out(HOME, &case.case_id, until, |next| match &next.what {
            What::Start(_) if !ill => {
                ill = true;
                Twist::Instead(What::Absence {
                    engineer_id: claim.engineer_id.clone(),
                    during: away,
                    reason: AbsenceReason::Ill.into(),
                })
            }
            _ => Twist::AsPlanned,
        })
        .await?;
    ensure!(ill, "the engineer never set out");
    ensure!(plan.state() == PlanState::Completed, "the plan ended {:?}", plan.state());
    narrator::timeline(&eu, &case.case_id).await?;
    narrator::notices(&eu, &case.case_id).await?;
    Ok(())
}
