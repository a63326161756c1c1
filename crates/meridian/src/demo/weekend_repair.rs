//! Story 2: an instrument in Germany, engineers in Finland, and it must ship to Africa on Monday. One engineer falls
//! ill before setting out.

use anyhow::{Context as _, Result, ensure};
use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, EngineerClaim, FindSolutionsRequest, PlanState, SolutionKind,
};
use meridian_proto::dispatch::v1::AbsenceReason;
use meridian_proto::intake::v1::{
    AddFactRequest, Fact, FactSource, OpenCaseRequest, Priority, RecognizeCallerRequest,
};

use super::{cast, narrator};
use crate::client::request_id;
use crate::field::{Case, Field, Happening, Twist, What, interval};
use crate::output::instant_of;

const HOME: &str = "eu";
const ILL: SignedDuration = SignedDuration::from_hours(96);

/// The case, and the engineer who was to come.
pub(super) struct Story {
    case_id: String,
    claim: EngineerClaim,
}

impl Story {
    pub(super) fn case(&self) -> Case {
        Case { home: HOME, case_id: self.case_id.clone() }
    }

    /// Instead of setting out, the engineer is ill.
    pub(super) fn engineer_ill(&self, case: &Case, next: &Happening) -> Option<Twist> {
        if case.case_id != self.case_id || !matches!(next.what, What::Start(_)) {
            return None;
        }
        let during = interval(next.at - SignedDuration::from_hours(1), next.at + ILL).ok()?;
        let engineer_id = self.claim.engineer_id.clone();
        Some(Twist::Instead(What::Absence { engineer_id, during, reason: AbsenceReason::Ill.into() }))
    }
}

/// The call, the options, the decision.
pub(super) async fn begin(field: &mut Field) -> Result<Story> {
    field.wait_until(cast::repair_call()).await?;
    let eu = field.region(HOME);
    let request =
        RecognizeCallerRequest { email: cast::REPAIR_CALLER_EMAIL.to_owned(), ..Default::default() };
    let callers = eu.intake().recognize_caller(request).await?.into_inner().candidates;
    let caller = callers.first().context("nobody was recognised")?;
    narrator::caller(caller);

    let request = OpenCaseRequest {
        request_id: request_id(),
        person_id: caller.person.as_ref().context("no person")?.person_id.clone(),
        need: Some(cast::repair_need()),
        priority: Priority::Critical.into(),
        office: cast::REPAIR_OFFICE.to_owned(),
        ..OpenCaseRequest::default()
    };
    let mut case = eu.intake().open_case(request).await?.into_inner().case.context("no case")?;
    narrator::case(&case);
    for missing in case.missing_facts.clone() {
        narrator::say(format!("Asked once: {} Answered: {}.", missing.question, cast::ANSWER));
        let fact = Fact {
            name: missing.name,
            value: cast::ANSWER.to_owned(),
            source: FactSource::Caller.into(),
            stated_by: case.person_id.clone(),
            ..Fact::default()
        };
        let request = AddFactRequest {
            request_id: request_id(),
            case_id: case.case_id.clone(),
            fact: Some(fact),
            etag: String::new(),
        };
        case = eu.intake().add_fact(request).await?.into_inner().case.context("no case")?;
    }
    ensure!(case.missing_facts.is_empty(), "something is still asked");

    let request = FindSolutionsRequest { case_id: case.case_id.clone(), ..FindSolutionsRequest::default() };
    let found = eu.coordinator().find_solutions(request).await?.into_inner();
    narrator::options(&found, cast::REPAIR_ZONE);
    let visit = found.solutions.iter().find(|it| it.kind() == SolutionKind::EngineerVisit);
    let visit = visit.context("no engineer can come")?;
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
    let claim = visit.engineer_claims.first().context("a visit needs an engineer")?.clone();
    let sets_out = claim.during.as_ref().and_then(|it| it.start.as_ref()).and_then(instant_of);
    ensure!(sets_out.is_some(), "the visit has no time");
    Ok(Story { case_id: case.case_id, claim })
}

/// What came of it.
pub(super) async fn end(field: &Field, story: &Story, ill: bool) -> Result<()> {
    ensure!(ill, "the engineer never set out");
    let eu = field.region(HOME);
    let plan = eu.plan_of(&story.case_id).await?;
    ensure!(plan.state() == PlanState::Completed, "the plan ended {:?}", plan.state());
    narrator::timeline(&eu, &story.case_id).await?;
    narrator::notices(&eu, &story.case_id).await?;
    Ok(())
}
