//! Story 1: no European warehouse has the part; the US colleagues have one. A second office wants the same one at
//! the same moment. Customs hold the parcel back half-way.

use anyhow::{Context as _, Result, bail, ensure};
use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, CommitSolutionResponse, FindSolutionsRequest, FindSolutionsResponse,
    PlanState, SolutionKind,
};
use meridian_proto::intake::v1::{Case, OpenCaseRequest, Priority, RecognizeCallerRequest};
use meridian_proto::inventory::v1::Milestone;

use super::{cast, narrator};
use crate::client::request_id;
use crate::field::{Field, RegionClients, Twist, What};

const HOME: &str = "eu";

pub(super) async fn play(field: &mut Field) -> Result<()> {
    let eu = field.region(HOME);
    let request = RecognizeCallerRequest { phone: cast::PART_CALLER_PHONE.to_owned(), ..Default::default() };
    let callers = eu.intake().recognize_caller(request).await?.into_inner().candidates;
    let caller = callers.first().context("nobody was recognised")?;
    narrator::caller(caller);
    let person = caller.person.as_ref().context("no person")?.person_id.clone();

    let case = open(&eu, &person, cast::PART_OFFICE).await?;
    narrator::case(&case);
    let rival = open(&eu, cast::RIVAL_PERSON, cast::RIVAL_OFFICE).await?;

    let found = find(&eu, &case.case_id).await?;
    narrator::options(&found, cast::PART_ZONE);
    let rival_found = find(&eu, &rival.case_id).await?;
    let chosen = transfer(&found)?;
    let rival_chosen = transfer(&rival_found)?;
    narrator::decision(found.solutions.iter().find(|it| it.solution_id == chosen).context("chosen")?);

    narrator::say("At the same moment a second office commits the same last unit for its own customer.");
    let (first, second) =
        tokio::try_join!(commit(&eu, &case.case_id, &chosen), commit(&eu, &rival.case_id, &rival_chosen))?;
    narrator::outcome(cast::PART_OFFICE, &first, cast::PART_ZONE);
    narrator::outcome(cast::RIVAL_OFFICE, &second, cast::PART_ZONE);
    let (winner, loser) = match (first.outcome(), second.outcome()) {
        (CommitOutcome::Committed, CommitOutcome::Refused) => (&case, (&rival, &second)),
        (CommitOutcome::Refused, CommitOutcome::Committed) => (&rival, (&case, &first)),
        (one, other) => bail!("one office must win and the other be refused, not {one:?} and {other:?}"),
    };
    let next = loser.1.next_best.iter().find(|it| !it.approval_required).context("no next best option")?;
    let answer = commit(&eu, &loser.0.case_id, &next.solution_id).await?;
    ensure!(answer.outcome() == CommitOutcome::Committed, "the next best option was refused: {}", answer.refusal);
    narrator::say("The other office takes the next best one at once: committed.");

    narrator::say("The unit is picked, shipped, and on its way. Then customs hold it back for three days.");
    let mut held = false;
    let until = field.now() + SignedDuration::from_hours(24 * 30);
    let plan = field
        .carry_out(HOME, &winner.case_id, until, |next| match &next.what {
            What::Transfer { transfer, milestone: Milestone::CustomsReleased, .. }
                if !held && transfer.region == "us" =>
            {
                held = true;
                Twist::Instead(What::Transfer {
                    transfer: transfer.clone(),
                    milestone: Milestone::CustomsHold,
                    expected_at: Some(next.at + SignedDuration::from_hours(72)),
                })
            }
            _ => Twist::AsPlanned,
        })
        .await?;
    ensure!(held, "customs never saw the parcel");
    ensure!(plan.state() == PlanState::Completed, "the plan ended {:?}", plan.state());
    field.carry_out(HOME, &loser.0.case_id, until, |_| Twist::AsPlanned).await?;
    for case_id in [&winner.case_id, &loser.0.case_id] {
        narrator::timeline(&eu, case_id).await?;
        let notices = narrator::notices(&eu, case_id).await?;
        if case_id == &winner.case_id {
            let corrections = notices.iter().filter(|it| it.milestone == "DATE_CHANGED").count();
            ensure!(corrections >= 1, "the customer was not told that the date changed");
        }
    }
    Ok(())
}

async fn open(eu: &RegionClients, person_id: &str, office: &str) -> Result<Case> {
    let request = OpenCaseRequest {
        request_id: request_id(),
        person_id: person_id.to_owned(),
        need: Some(cast::part_need()),
        priority: Priority::Critical.into(),
        office: office.to_owned(),
        ..OpenCaseRequest::default()
    };
    eu.intake().open_case(request).await?.into_inner().case.context("no case")
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
