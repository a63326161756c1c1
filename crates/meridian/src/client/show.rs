//! How callers, cases and solutions are shown to people.

use meridian_proto::coordinator::v1::{RefusedAlternative, Solution, SolutionKind, StepKind, TimelineEntry};
use meridian_proto::intake::v1::{CallerCandidate, Case, CaseState, Need, need};

use crate::output::{day, line, money, percent, wall, width, words, wrapped};
use crate::ranked::{self, Row};

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

/// Solutions as a ranked table, and what does not work with the reason and what would change it. Times of solutions
/// that name no zone are shown in `zone`.
pub(crate) fn solutions(solutions: &[Solution], refused: &[RefusedAlternative], zone: &str, ids: bool) {
    let chars = width();
    let zone_of = |it: &Solution| if it.arrival_zone.is_empty() { zone } else { &it.arrival_zone }.to_owned();
    // What comes of a referral nobody knows.
    let known = |it: &Solution| it.kind() != SolutionKind::Referral;
    let row = |it: &Solution| {
        let mut why = it.reason.clone();
        if it.approval_required {
            why.push_str(" (the customer must agree first)");
        }
        let id = if ids { it.solution_id.clone() } else { String::new() };
        Row {
            kind: words(it.kind().as_str_name(), "SOLUTION_KIND"),
            arrives: it.arrival.as_ref().map(|at| day(Some(at), &zone_of(it))),
            in_time: it.in_time_probability.map(percent),
            cost: known(it).then(|| money(it.cost.as_ref())),
            co2: known(it).then(|| format!("{} kg", it.co2_grams / 1_000)),
            risk: known(it).then(|| percent(it.risk)),
            below: vec![id, what(it), why],
        }
    };
    for text in ranked::lines(solutions.iter().map(row).collect(), chars) {
        line(text);
    }
    if refused.is_empty() {
        return;
    }
    let zone = solutions.first().map_or_else(|| zone.to_owned(), zone_of);
    line("Too late, or not possible:");
    for it in refused {
        wrapped(&refusal(it, &zone), chars, 2, 6).iter().for_each(line);
        it.relaxations.iter().flat_map(|it| wrapped(&it.text, chars, 4, 6)).for_each(line);
    }
}

/// What a solution needs from whom, each thing once.
fn what(solution: &Solution) -> String {
    let mut told: Vec<String> = Vec::new();
    let claims = solution.stock_claims.iter().filter_map(|claim| Some((claim, claim.line.as_ref()?)));
    let goods = claims.map(|(claim, line)| {
        let from = if line.receipt_id.is_empty() { "from" } else { "expected at" };
        let asked = &claim.stands_in_for;
        let stands_in = if asked.is_empty() { String::new() } else { format!(" for {asked}") };
        format!("{} x {}{stands_in} {from} {}", line.quantity, line.item_id, line.warehouse_site_id)
    });
    let people = solution.engineer_claims.iter().map(|claim| {
        let place = if claim.remote { "from afar".to_owned() } else { format!("at {}", claim.site_id) };
        format!("{} {place}", claim.engineer_id)
    });
    let party =
        Some(&solution.party_id).filter(|party| !party.is_empty()).map(|party| format!("party {party}"));
    for text in goods.chain(people).chain(party) {
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told.join(", ")
}

/// A way that does not work: the reason with its witness.
fn refusal(it: &RefusedAlternative, zone: &str) -> String {
    let kind = words(it.kind().as_str_name(), "SOLUTION_KIND");
    let witness = it.witness.trim_end_matches('.');
    let mut text = if witness.contains(' ') {
        format!("{kind}, {}: {witness}", it.candidate)
    } else {
        format!("{kind}, {}: {} ({witness})", it.candidate, words(&it.reason, ""))
    };
    // The witness of what is too late says when it would be there.
    if let Some(earliest) = it.earliest.as_ref().filter(|_| it.reason != "AFTER_DEADLINE") {
        text.push_str(&format!("; earliest {}", wall(Some(earliest), zone)));
    }
    text.push('.');
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
