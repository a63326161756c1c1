//! How callers, cases and solutions are shown to people.

use meridian_proto::coordinator::v1::{RefusedAlternative, Solution, SolutionKind, StepKind, TimelineEntry};
use meridian_proto::intake::v1::{CallerCandidate, Case, CaseState, Need, need};

use crate::output::{line, minutes, money, percent, table, wall, words};

/// A possible caller, with everything that is known already.
pub(crate) fn candidate(candidate: &CallerCandidate) {
    let name = |text: Option<&String>| text.cloned().unwrap_or_default();
    line(format!(
        "{} ({}), {}: {:.0} %, {}",
        name(candidate.person.as_ref().map(|it| &it.name)),
        name(candidate.person.as_ref().map(|it| &it.person_id)),
        name(candidate.customer.as_ref().map(|it| &it.name)),
        candidate.confidence * 100.0,
        candidate.reasons.join("; "),
    ));
    for instrument in &candidate.instruments {
        line(format!("  has {} {} at {}", instrument.model, instrument.serial_number, instrument.site_id));
    }
    for open in &candidate.open_cases {
        line(format!("  open: {} {}", open.case_id, need_text(open.need.as_ref())));
    }
}

/// What a need asks for, in a few words.
pub(crate) fn need_text(need: Option<&Need>) -> String {
    match need.and_then(|need| need.kind.as_ref()) {
        Some(need::Kind::Items(items)) => {
            let lines: Vec<_> =
                items.lines.iter().map(|it| format!("{} x {}", it.quantity, it.item_id)).collect();
            format!("{} to {}", lines.join(", "), items.deliver_to_site_id)
        }
        Some(need::Kind::Repair(repair)) if repair.onward_site_id.is_empty() => {
            format!("repair of {} {} at {}", repair.model, repair.serial_number, repair.site_id)
        }
        Some(need::Kind::Repair(repair)) => format!(
            "repair of {} {} at {}, then on to {}",
            repair.model, repair.serial_number, repair.site_id, repair.onward_site_id
        ),
        Some(need::Kind::Other(other)) => format!("something else: {}", other.category),
        None => "nothing".to_owned(),
    }
}

/// A case: what is known, what is missing, who does what next.
pub(crate) fn case(case: &Case) {
    let state = words(CaseState::try_from(case.state).unwrap_or_default().as_str_name(), "CASE_STATE");
    line(format!("{}  {state}", case.case_id));
    line(format!("  need     {}", need_text(case.need.as_ref())));
    if let Some(deadline) = case.need.as_ref().and_then(|need| need.deadline.as_ref()) {
        line(format!("  deadline {}", wall(Some(deadline), "UTC")));
    }
    if let Some(need) = case.need.as_ref().filter(|need| !need.end_use.is_empty()) {
        line(format!("  for      {}", need.end_use));
    }
    if let Some(next) = &case.responsibility {
        line(format!(
            "  next     {}: {} by {}",
            next.owner,
            next.next_action,
            wall(next.due.as_ref(), "UTC")
        ));
    }
    for fact in &case.facts {
        line(format!("  known    {} = {}", fact.name, fact.value));
    }
    for missing in &case.missing_facts {
        line(format!("  ask      {}  [{}: {}]", missing.question, missing.name, missing.reason));
    }
    if let Some(referral) = &case.referral {
        line(format!("  referral {} to {}", referral.referral_id, referral.party_id));
    }
}

/// Solutions as a ranked table, and what does not work with the reason and what would change it.
pub(crate) fn solutions(solutions: &[Solution], refused: &[RefusedAlternative], zone: &str, ids: bool) {
    let mut ranked = table(&[
        "#",
        "kind",
        "arrives",
        "in time",
        "cost",
        "slack",
        "why",
        if ids { "solution" } else { "" },
    ]);
    for (index, it) in solutions.iter().enumerate() {
        let kind = SolutionKind::try_from(it.kind).unwrap_or_default();
        let zone = if it.arrival_zone.is_empty() { zone } else { &it.arrival_zone };
        let mut why = it.reason.clone();
        if it.approval_required {
            why.push_str(" (the customer must agree first)");
        }
        ranked.add_row([
            (index + 1).to_string(),
            words(kind.as_str_name(), "SOLUTION_KIND"),
            wall(it.arrival.as_ref(), zone),
            it.in_time_probability.map_or_else(|| "-".to_owned(), percent),
            money(it.cost.as_ref()),
            it.slack_minutes.map_or_else(|| "-".to_owned(), minutes),
            why,
            if ids { it.solution_id.clone() } else { String::new() },
        ]);
    }
    line(ranked.to_string());
    if refused.is_empty() {
        return;
    }
    line("Not possible:");
    for it in refused {
        line(format!("  {}", refusal(it, zone)));
    }
}

/// A way that does not work: the reason with its witness, and what would have to change.
fn refusal(it: &RefusedAlternative, zone: &str) -> String {
    let kind = words(it.kind().as_str_name(), "SOLUTION_KIND");
    let witness = it.witness.trim_end_matches('.');
    let mut text = if witness.contains(' ') {
        format!("{kind}, {}: {witness}", it.candidate)
    } else {
        format!("{kind}, {}: {} ({witness})", it.candidate, words(&it.reason, ""))
    };
    if let Some(earliest) = &it.earliest {
        text.push_str(&format!("; earliest {}", wall(Some(earliest), zone)));
    }
    for relaxation in &it.relaxations {
        let mut change = relaxation.text.trim_end_matches('.').chars();
        let first = change.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
        let then = wall(relaxation.arrival.as_ref(), zone);
        text.push_str(&format!("; possible {first}{}, then {then}", change.as_str()));
    }
    text
}

/// The steps of a solution.
pub(crate) fn steps(solution: &Solution) {
    for step in &solution.steps {
        let kind = words(StepKind::try_from(step.kind).unwrap_or_default().as_str_name(), "STEP_KIND");
        line(format!("  {}  {kind:<5} {}", wall(step.start.as_ref(), &solution.arrival_zone), step.text));
    }
    if let Some(decide_by) = &solution.decide_by {
        line(format!("  decide by {}", wall(Some(decide_by), &solution.arrival_zone)));
    }
}

/// One line of a timeline.
pub(crate) fn entry(entry: &TimelineEntry) {
    line(format!(
        "{}  {:<6} {:<12} {}",
        wall(entry.time.as_ref(), "UTC"),
        entry.region,
        entry.service,
        entry.text
    ));
}
