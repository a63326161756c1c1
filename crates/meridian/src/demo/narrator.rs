//! Telling what happens: who called, what was found, what was decided, what came of it, what the customer read.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionResponse, FindSolutionsResponse, Solution, SolutionKind, WatchCaseRequest,
};
use meridian_proto::intake::v1::{CallerCandidate, Case};
use meridian_proto::notification::v1::{ListNoticesRequest, Notice, NoticeState};
use tokio::time::{sleep, timeout};

use crate::client::show;
use crate::field::RegionClients;
use crate::output::{line, wall, words};

/// A timeline that says nothing more for so long has been told.
const QUIET: Duration = Duration::from_millis(400);
const NOTICES_WAIT: Duration = Duration::from_secs(15);

/// Says what is being done, on the side.
pub(super) fn progress(doing: &str) {
    eprintln!("  {doing} ...");
}

/// Begins a story.
pub(super) fn heading(text: &str) {
    if std::io::stdout().is_terminal() {
        line(format!("\n\x1b[1m{text}\x1b[0m"));
    } else {
        line(format!("\n{text}"));
    }
    line("-".repeat(text.chars().count()));
}

/// Says something in the story's own words.
pub(super) fn say(text: impl AsRef<str>) {
    line(format!("\n{}", text.as_ref()));
}

/// Who called and what was known already.
pub(super) fn caller(candidate: &CallerCandidate) {
    say("Who is calling, and what is known already:");
    show::candidate(candidate);
}

/// The case: what is known, what is still to be asked.
pub(super) fn case(case: &Case) {
    say("The case:");
    show::case(case);
}

/// The options, ranked, and the ways that do not work.
pub(super) fn options(found: &FindSolutionsResponse, zone: &str) {
    say("Every way to help, the best first:");
    show::solutions(&found.solutions, &found.refused, zone, false);
}

/// The decision, step by step.
pub(super) fn decision(solution: &Solution) {
    let kind = SolutionKind::try_from(solution.kind).unwrap_or_default();
    say(format!(
        "Decided: {}, arriving {}.",
        words(kind.as_str_name(), "SOLUTION_KIND"),
        wall(solution.arrival.as_ref(), &solution.arrival_zone)
    ));
    show::steps(solution);
}

/// How a commit ended.
pub(super) fn outcome(office: &str, answer: &CommitSolutionResponse, zone: &str) {
    match CommitOutcome::try_from(answer.outcome).unwrap_or_default() {
        CommitOutcome::Committed => say(format!("{office}: committed.")),
        CommitOutcome::Pending => say(format!("{office}: still waiting for an answer.")),
        CommitOutcome::Refused | CommitOutcome::Unspecified => {
            say(format!("{office}: refused ({}). In the same answer, the next best:", answer.refusal));
            show::solutions(&answer.next_best, &[], zone, false);
        }
    }
}

/// The facts as they happened, region by region.
pub(super) async fn timeline(region: &RegionClients, case_id: &str) -> Result<()> {
    say("What happened, and where:");
    let request = WatchCaseRequest { case_id: case_id.to_owned(), after_position: 0 };
    let mut entries = region.coordinator().watch_case(request).await?.into_inner();
    while let Ok(entry) = timeout(QUIET, entries.message()).await {
        match entry?.and_then(|answer| answer.entry) {
            Some(entry) => show::entry(&entry),
            None => break,
        }
    }
    Ok(())
}

/// What the customer read, once everything is sent.
pub(super) async fn notices(region: &RegionClients, case_id: &str) -> Result<Vec<Notice>> {
    say("What the customer read:");
    let notices =
        timeout(NOTICES_WAIT, sent(region, case_id)).await.context("notices are still not sent")??;
    for notice in notices.iter().filter(|it| it.state() == NoticeState::Sent) {
        line(format!("  {} | {}", wall(notice.sent_at.as_ref(), "UTC"), notice.subject));
        for text in notice.body.lines() {
            line(format!("      {text}").trim_end());
        }
    }
    Ok(notices)
}

async fn sent(region: &RegionClients, case_id: &str) -> Result<Vec<Notice>> {
    loop {
        let request = ListNoticesRequest {
            case_id: case_id.to_owned(),
            page_size: 200,
            ..ListNoticesRequest::default()
        };
        let notices = region.notification().list_notices(request).await?.into_inner().notices;
        if !notices.is_empty() && notices.iter().all(|it| it.state() != NoticeState::Pending) {
            return Ok(notices);
        }
        sleep(Duration::from_millis(30)).await;
    }
}
