//! Several cases at once.

use anyhow::Result;
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::coordinator::v1::{
    AssignSolutionsRequest, Assignment, NoticeRecipient, Preemption, ResourceHolder, ScarceResource,
    Shortage, SolutionKind,
};

use super::Region;
use crate::cli::Assign;
use crate::output::{self, line, money, table, wall, words};

pub(super) async fn assign(region: &Region, options: Assign) -> Result<()> {
    let request = AssignSolutionsRequest { case_ids: options.case_ids };
    let answer = CoordinatorServiceClient::new(region.client()).assign_solutions(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    let mut assigned = table(&["case", "kind", "arrives", "cost", "solution", "note"]);
    assigned.add_rows(answer.assignments.iter().map(row));
    line(assigned.to_string());
    answer.preemptions.iter().for_each(preemption);
    line(if answer.proven_best {
        "No other way to share these out is better."
    } else {
        "All rules are kept; there may be a better way to share these out."
    });
    Ok(())
}

fn row(it: &Assignment) -> [String; 6] {
    let Some(solution) = &it.solution else {
        let note = if it.shortages.is_empty() {
            "no way at all; see find-solutions".to_owned()
        } else {
            it.shortages.iter().map(shortage).collect::<Vec<_>>().join("; ")
        };
        return [it.case_id.clone(), "-".into(), "-".into(), "-".into(), "-".into(), note];
    };
    let consent = solution.approval_required.then(|| "the customer must agree first".to_owned());
    let given_way = match it.preempted_case_ids.as_slice() {
        [] => None,
        cases => Some(format!("once {} has given way", cases.join(", "))),
    };
    let note = consent.into_iter().chain(given_way).collect::<Vec<_>>().join("; ");
    [
        it.case_id.clone(),
        kind(solution.kind()),
        wall(solution.arrival.as_ref(), &solution.arrival_zone),
        money(solution.cost.as_ref()),
        solution.solution_id.clone(),
        note,
    ]
}

fn kind(kind: SolutionKind) -> String {
    words(kind.as_str_name(), "SOLUTION_KIND")
}

fn shortage(it: &Shortage) -> String {
    let holders: Vec<String> = it.holders.iter().map(holder).collect();
    let resource = it.resource.as_ref().map(resource).unwrap_or_default();
    let held = if holders.is_empty() { String::new() } else { format!(": {}", holders.join(", ")) };
    format!("{} more of {resource}{held}", it.units)
}

fn holder(it: &ResourceHolder) -> String {
    format!("{} ({})", it.case_id, words(it.standing().as_str_name(), "HOLDER_STANDING"))
}

fn resource(it: &ScarceResource) -> String {
    let at = |what: &str| format!("{what} at {}", it.warehouse_site_id);
    match it {
        _ if !it.item_id.is_empty() => at(&it.item_id),
        _ if !it.model.is_empty() => at(&format!("loan units of {}", it.model)),
        _ if !it.receipt_id.is_empty() => at(&format!("receipt {}", it.receipt_id)),
        _ => format!("the time of {} ({})", it.engineer_id, it.region),
    }
}

/// What a case would have to give up, what it would get instead, and who must be told.
fn preemption(it: &Preemption) {
    let taken = it.taken.iter().map(|taken| {
        let what = taken.resource.as_ref().map(resource).unwrap_or_default();
        format!("{what} for {}", taken.case_ids.join(", "))
    });
    line(format!("{} would give up {}.", it.case_id, taken.collect::<Vec<_>>().join("; ")));
    if let Some(instead) = &it.replacement {
        line(format!(
            "  withdraw {}, then commit {}: {}, arrives {}",
            it.plan_id,
            instead.solution_id,
            kind(instead.kind()),
            wall(instead.arrival.as_ref(), &instead.arrival_zone),
        ));
    }
    for notice in &it.notices {
        let who = match notice.recipient() {
            NoticeRecipient::Customer => "the customer of ",
            NoticeRecipient::Office => "the office of ",
            NoticeRecipient::Requester => "who asked for ",
            NoticeRecipient::Unspecified => "",
        };
        line(format!("  tell {who}{}: {}", notice.case_id, notice.text));
    }
}
