//! What was found, and what was not.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_planner::model::{Answer, Candidate, Claim, Refusal, Solution, SolutionKind};
use meridian_types::Money;

use crate::output::{percent, words, wrapped};
use crate::ranked::{self, Row};

/// The options, best first, in lines of at most `chars`.
pub(super) fn options(answer: &Answer, currency: &str, zone: &TimeZone, chars: usize) -> Vec<String> {
    let cost = |minor: i64| Money::new(currency, minor).ok().map(|cost| cost.to_string());
    // What comes of a referral nobody knows.
    let known = |solution: &Solution| solution.arrival.is_some();
    let row = |solution: &Solution| Row {
        kind: kind(solution.kind),
        arrives: solution.arrival.map(|at| wall(at, zone)),
        in_time: solution.in_time_probability.map(percent),
        cost: cost(solution.cost_minor).filter(|_| known(solution)),
        co2: known(solution).then(|| format!("{} kg", solution.co2_g / 1_000)),
        risk: known(solution).then(|| percent(solution.risk)),
        below: vec![what(solution), solution.reason.sentence.clone()],
    };
    ranked::lines(answer.options.iter().map(row).collect(), chars)
}

/// What does not work, why, and what would change that; the earliest date when nothing is in time.
pub(super) fn refused(answer: &Answer, zone: &TimeZone, chars: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if !answer.refused.is_empty() {
        lines.push("Too late, or not possible:".to_owned());
    }
    for Refusal { candidate: what, sentence, relaxations, .. } in &answer.refused {
        lines.extend(wrapped(&format!("{}: {sentence}", candidate(what)), chars, 2, 6));
        lines.extend(relaxations.iter().flat_map(|it| wrapped(&it.sentence, chars, 4, 6)));
    }
    if let Some(earliest) = &answer.earliest {
        lines.push(match earliest.arrival {
            Some(at) => format!("Nothing is in time. The earliest is {}.", wall(at, zone)),
            None => "Nothing of ours meets the need within the time that is planned for.".to_owned(),
        });
    }
    lines
}

/// What is needed from whom, each thing once.
fn what(solution: &Solution) -> String {
    let mut told: Vec<String> = Vec::new();
    for claim in &solution.claims {
        let text = match claim {
            Claim::Stock { item, quantity, warehouse, .. } => format!("{quantity} x {item} from {warehouse}"),
            Claim::Receipt { receipt, item, quantity, warehouse, .. } => {
                format!("{quantity} x {item} of receipt {receipt} at {warehouse}")
            }
            Claim::Loaner { model, warehouse, .. } => format!("{model} on loan from {warehouse}"),
            Claim::Engineer { engineer, .. } if solution.kind == SolutionKind::RemoteFix => {
                format!("{engineer} from afar")
            }
            Claim::Engineer { engineer, site, .. } => format!("{engineer} at {site}"),
            Claim::Party { party, .. } => format!("party {party}"),
        };
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told.join(", ")
}

fn candidate(candidate: &Candidate) -> String {
    match candidate {
        Candidate::Request => "the request".to_owned(),
        Candidate::Item(item) => format!("item {item}"),
        Candidate::Source { site } => format!("stock of {site}"),
        Candidate::Substitute { substitute, site, .. } => format!("substitute {substitute} from {site}"),
        Candidate::Split => "stock of several sites".to_owned(),
        Candidate::Receipt { site, receipt } => format!("receipt {receipt} at {site}"),
        Candidate::Kit { kit, site } => format!("kit {kit} put together at {site}"),
        Candidate::Loaner { model, site } => format!("loaner {model} from {site}"),
        Candidate::Exchange { item, site } => format!("exchange unit {item} from {site}"),
        Candidate::Remote { engineer } => format!("engineer {engineer} from afar"),
        Candidate::Visit { engineer } => format!("engineer {engineer}"),
        Candidate::Depot { site, engineer: None } => format!("depot {site}"),
        Candidate::Depot { site, engineer: Some(engineer) } => format!("depot {site}, engineer {engineer}"),
        Candidate::ThirdParty(party) => format!("party {party}"),
        Candidate::Party(party) => format!("referral to {party}"),
    }
}

fn kind(kind: SolutionKind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.and_then(|name| name.as_str().map(|name| words(name, ""))).unwrap_or_default()
}

fn wall(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M %Z").to_string()
}
