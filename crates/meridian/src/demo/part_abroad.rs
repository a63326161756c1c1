//! Story 1: no European warehouse has the part; the US colleagues have one. A second office wants the same one at
//! the same moment. Customs hold the parcel back half-way.

use anyhow::{Context as _, Result, bail, ensure};
use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, CommitSolutionResponse, FindSolutionsRequest,
    FindSolutionsResponse, PlanState, SolutionKind,
};
use meridian_proto::intake::v1::{Need, OpenCaseRequest, Priority, RecognizeCallerRequest};
use meridian_proto::inventory::v1::Milestone;

use super::{cast, narrator};
use crate::client::request_id;
use crate::field::{Case, Field, Happening, RegionClients, Twist, What};

const HOME: &str = "eu";
const CUSTOMS_HOLD: SignedDuration = SignedDuration::from_hours(72);

/// The two cases: the one that got the lamp, and the other.
pub(super) struct Story {
    winner: Case,
    loser: Case,
}

impl Story {
    pub(super) fn cases(&self) -> Vec<Case> {
        vec![self.winner.clone(), self.loser.clone()]
    }

    /// The lamp is held back when it should have been cleared.
    pub(super) fn held_by_customs(&self, case: &Case, next: &Happening) -> Option<Twist> {
        match &next.what {
            What::Transfer { transfer, milestone: Milestone::CustomsReleased, .. }
                if case == &self.winner && transfer.region == "us" =>
            {
                Some(Twist::Instead(What::Transfer {
                    transfer: transfer.clone(),
                    milestone: Milestone::CustomsHold,
                    expected_at: Some(next.at + CUSTOMS_HOLD),
                }))
            }
            _ => None,
        }
    }
}

/// The calls, the options, and the race for the last lamp.
pub(super) async fn begin(field: &mut Field) -> Result<Story> {
    let eu = field.region(HOME);
    let request = RecognizeCallerRequest { phone: cast::PART_CALLER_PHONE.to_owned(), ..Default::default() };
    let callers = eu.intake().recognize_caller(request).await?.into_inner().candidates;
    let caller = callers.first().context("nobody was recognised")?;
    narrator::caller(caller);
    let person = caller.person.as_ref().context("no person")?.person_id.clone();

    let case = open(&eu, &person, cast::lamp_to(cast::PART_SITE), cast::PART_OFFICE).await?;
    let rival = open(&eu, cast::RIVAL_PERSON, cast::lamp_to(cast::RIVAL_SITE), cast::RIVAL_OFFICE).await?;
    let found = find(&eu, &case).await?;
    narrator::options(&found, cast::PART_ZONE);
    let chosen = transfer(&found)?;
    let rival_chosen = transfer(&find(&eu, &rival).await?)?;
    narrator::decision(found.solutions.iter().find(|it| it.solution_id == chosen).context("chosen")?);

    narrator::say("At the same moment a second office commits the same last unit for its own customer.");
    let (first, second) = tokio::try_join!(commit(&eu, &case, &chosen), commit(&eu, &rival, &rival_chosen))?;
    narrator::outcome(cast::PART_OFFICE, &first, cast::PART_ZONE);
    narrator::outcome(cast::RIVAL_OFFICE, &second, cast::PART_ZONE);
    let (winner, loser, refused) = match (first.outcome(), second.outcome()) {
        (CommitOutcome::Committed, CommitOutcome::Refused) => (case, rival, second),
        (CommitOutcome::Refused, CommitOutcome::Committed) => (rival, case, first),
        (one, other) => bail!("one office must win and the other be refused, not {one:?} and {other:?}"),
    };
    let next = refused.next_best.iter().find(|it| !it.approval_required).context("no next best option")?;
    let answer = commit(&eu, &loser, &next.solution_id).await?;
    ensure!(answer.outcome() == CommitOutcome::Committed, "the next best was refused: {}", answer.refusal);
    narrator::say("It takes the first that the customer need not agree to, at once: committed.");
    let case = |case_id| Case { home: HOME, case_id };
    Ok(Story { winner: case(winner), loser: case(loser) })
}

/// What came of it.
pub(super) async fn end(field: &Field, story: &Story, held: bool) -> Result<()> {
    ensure!(held, "customs never saw the parcel");
    let eu = field.region(HOME);
    for case in story.cases() {
        let plan = eu.plan_of(&case.case_id).await?;
        ensure!(
            plan.state() == PlanState::Completed,
            "case {}: the plan ended {:?}",
            case.case_id,
            plan.state()
        );
        narrator::timeline(&eu, &case.case_id).await?;
        let notices = narrator::notices(&eu, &case.case_id).await?;
        let corrected = notices.iter().any(|it| it.milestone == "DATE_CHANGED");
        ensure!(corrected || case != story.winner, "the customer was not told that the date changed");
    }
    Ok(())
}

async fn open(eu: &RegionClients, person_id: &str, need: Need, office: &str) -> Result<String> {
    let request = OpenCaseRequest {
        request_id: request_id(),
        person_id: person_id.to_owned(),
        need: Some(need),
        priority: Priority::Critical.into(),
        office: office.to_owned(),
        ..OpenCaseRequest::default()
    };
    let case = eu.intake().open_case(request).await?.into_inner().case.context("no case")?;
    narrator::case(&case);
    Ok(case.case_id)
}

async fn find(eu: &RegionClients, case_id: &str) -> Result<FindSolutionsResponse> {
    let request = FindSolutionsRequest { case_id: case_id.to_owned(), ..FindSolutionsRequest::default() };
    Ok(eu.coordinator().find_solutions(request).await?.into_inner())
}

fn transfer(found: &FindSolutionsResponse) -> Result<String> {
    let transfer = found.solutions.iter().find(|it| it.kind() == SolutionKind::Transfer);
    Ok(transfer.context("no transfer from another country was found")?.solution_id.clone())
}

async fn commit(eu: &RegionClients, case_id: &str, solution_id: &str) -> Result<CommitSolutionResponse> {
    let request = CommitSolutionRequest {
        request_id: request_id(),
        case_id: case_id.to_owned(),
        solution_id: solution_id.to_owned(),
        approved: false,
    };
    Ok(eu.coordinator().commit_solution(request).await?.into_inner())
}
