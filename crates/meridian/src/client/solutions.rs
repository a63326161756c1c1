//! Stock, solutions, plans.

use std::process::ExitCode;
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, GetDecisionRequest, ListParkedRequest,
    SolutionKind, WatchCaseRequest,
};
use meridian_proto::inventory::v1::FindStockRequest;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_types::SolutionId;

use super::{Region, request_id, show};
use crate::cli::{Commit, FindSolutions, FindStock, Watch};
use crate::output::{self, line, table, wall, words};

pub(super) async fn find_stock(region: &Region, options: FindStock) -> Result<()> {
    let request = FindStockRequest {
        item_ids: options.items.clone(),
        include_substitutes: options.substitutes,
        ..FindStockRequest::default()
    };
    let answer = InventoryServiceClient::new(region.client()).find_stock(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    let mut levels =
        table(&["item", "warehouse", "pool", "region", "available", "on hand", "as of", "learned"]);
    for level in &answer.levels {
        levels.add_row([
            level.item_id.clone(),
            level.warehouse_site_id.clone(),
            words(level.pool().as_str_name(), "POOL"),
            level.region.clone(),
            level.available.to_string(),
            level.on_hand.to_string(),
            wall(level.as_of.as_ref(), "UTC"),
            if level.age_ms == 0 { "here".to_owned() } else { format!("{} s ago", level.age_ms / 1000) },
        ]);
    }
    if !levels.is_empty() {
        line(levels.to_string());
    }
    let is_nowhere = |item: &&String| {
        !answer.unknown_item_ids.contains(item) && answer.levels.iter().all(|level| level.item_id != **item)
    };
    for item in options.items.iter().filter(is_nowhere) {
        line(format!("{item}: 0 anywhere"));
    }
    for item in &answer.unknown_item_ids {
        line(format!("{item}: nobody has ever heard of it"));
    }
    Ok(())
}

pub(super) async fn find(region: &Region, options: FindSolutions) -> Result<()> {
    let request = FindSolutionsRequest {
        case_id: options.case_id,
        policy: options.policy,
        in_time_probability_min: options.in_time_probability_min,
        ..FindSolutionsRequest::default()
    };
    let answer = CoordinatorServiceClient::new(region.client()).find_solutions(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    show::solutions(&answer.solutions, &answer.refused, "UTC", true);
    if let Some(drawn) = answer.solutions.get(usize::from(options.draw).saturating_sub(1)) {
        line(format!("Number {}, step by step:", options.draw));
        show::steps(drawn);
    }
    Ok(())
}

/// Prints the document as it is, for a file or a pipe.
pub(super) async fn decision(region: &Region, id: &str) -> Result<()> {
    let request = if SolutionId::from_str(id).is_ok() {
        GetDecisionRequest { solution_id: id.to_owned(), ..GetDecisionRequest::default() }
    } else {
        GetDecisionRequest { case_id: id.to_owned(), ..GetDecisionRequest::default() }
    };
    let mut parts = CoordinatorServiceClient::new(region.client()).get_decision(request).await?.into_inner();
    let mut document = Vec::new();
    while let Some(answer) = parts.message().await? {
        document.extend(answer.part);
    }
    line(String::from_utf8(document).context("the decision is not text")?);
    Ok(())
}

pub(super) async fn commit(region: &Region, options: Commit) -> Result<ExitCode> {
    let request = CommitSolutionRequest {
        request_id: request_id(),
        case_id: options.case_id,
        solution_id: options.solution_id,
        approved: options.approved,
    };
    let answer = CoordinatorServiceClient::new(region.client()).commit_solution(request).await?.into_inner();
    let outcome = CommitOutcome::try_from(answer.outcome).unwrap_or_default();
    if region.json {
        output::json(&answer)?;
    } else {
        match outcome {
            CommitOutcome::Committed => {
                let plan = answer.plan.context("the answer holds no plan")?;
                let is_referral =
                    plan.solution.as_ref().is_some_and(|it| it.kind() == SolutionKind::Referral);
                let until = wall(plan.expected_at.as_ref(), "UTC");
                line(if is_referral {
                    format!("Committed: {} asks a partner, who has until {until} to answer.", plan.plan_id)
                } else {
                    format!("Committed: {} meets the need on {until}.", plan.plan_id)
                });
            }
            CommitOutcome::Pending => line("Answers are still open; follow the case with `meridian watch`."),
            CommitOutcome::Refused | CommitOutcome::Unspecified => {
                line(format!("Refused: {}", answer.refusal));
                line("The next best:");
                show::solutions(&answer.next_best, &answer.refused, "UTC", true);
            }
        }
    }
    let is_on_its_way = matches!(outcome, CommitOutcome::Committed | CommitOutcome::Pending);
    Ok(if is_on_its_way { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn watch(region: &Region, options: Watch) -> Result<()> {
    let client = region.client().without_deadline();
    let request = WatchCaseRequest { case_id: options.case_id, after_position: options.after };
    let mut entries = CoordinatorServiceClient::new(client).watch_case(request).await?.into_inner();
    while let Some(answer) = entries.message().await? {
        if region.json {
            output::json(&answer)?;
        } else if let Some(entry) = &answer.entry {
            show::entry(entry);
        }
    }
    Ok(())
}

pub(super) async fn parked(region: &Region) -> Result<()> {
    let mut client = CoordinatorServiceClient::new(region.client());
    let mut page_token = String::new();
    let mut cases = table(&["case", "since", "why", "next", "by"]);
    loop {
        let request = ListParkedRequest { page_size: 200, page_token };
        let answer = client.list_parked(request).await?.into_inner();
        if region.json {
            output::json(&answer)?;
        }
        for parked in &answer.parked {
            let plan = parked.plan.clone().unwrap_or_default();
            let next = plan.responsibility.unwrap_or_default();
            let since = wall(parked.parked_at.as_ref(), "UTC");
            cases.add_row([
                plan.case_id,
                if parked.overdue { format!("{since} (overdue)") } else { since },
                parked.reason.clone(),
                format!("{}: {}", next.owner, next.next_action),
                wall(next.due.as_ref(), "UTC"),
            ]);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if !region.json {
        line(if cases.is_empty() { "Nothing is parked.".to_owned() } else { cases.to_string() });
    }
    Ok(())
}
