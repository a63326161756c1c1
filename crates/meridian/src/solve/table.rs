//! What was found as a table, and what was not.

use comfy_table::Table;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_planner::model::{Answer, Candidate, Refusal, Solution};
use meridian_types::Money;

use crate::output::{minutes, percent, table, words};

/// The options, best first.
pub(super) fn options(answer: &Answer, currency: &str, zone: &TimeZone) -> Table {
    let mut ranked = table(&["#", "kind", "arrives", "in time", "cost", "CO2", "risk", "slack", "why"]);
    for (solution, number) in answer.options.iter().zip(1..) {
        ranked.add_row([
            format!("{number}"),
            kind(solution),
            solution.arrival.map_or_else(|| "-".to_owned(), |at| wall(at, zone)),
            solution.in_time_probability.map_or_else(|| "-".to_owned(), percent),
            Money::new(currency, solution.cost_minor)
                .map_or_else(|_| "-".to_owned(), |cost| cost.to_string()),
            format!("{} kg", solution.co2_g / 1_000),
            percent(solution.risk),
            solution.slack_minutes.map_or_else(|| "-".to_owned(), minutes),
            solution.reason.sentence.clone(),
        ]);
    }
    ranked
}

/// What does not work, why, and what would change that; the earliest date when nothing is in time.
pub(super) fn refused(answer: &Answer, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    if !answer.refused.is_empty() {
        lines.push("Not possible:".to_owned());
    }
    for refusal in &answer.refused {
        lines.push(format!("  {}: {}", candidate(&refusal.candidate), refusal.sentence));
        lines.extend(helps(refusal, zone));
    }
    if let Some(earliest) = &answer.earliest {
        lines.push(match earliest.arrival {
            Some(at) => format!("Nothing is in time. The earliest is {}.", wall(at, zone)),
            None => "Nothing of ours meets the need within the time that is planned for.".to_owned(),
        });
    }
    lines
}

fn helps<'r>(refusal: &'r Refusal, zone: &'r TimeZone) -> impl Iterator<Item = String> + 'r {
    refusal.relaxations.iter().map(move |relaxation| {
        let in_time = if relaxation.meets_deadline { "in time" } else { "still late" };
        format!("    {} Then {}, {in_time}.", relaxation.sentence, wall(relaxation.arrival_with_it, zone))
    })
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

fn kind(solution: &Solution) -> String {
    serde_json::to_value(solution.kind)
        .ok()
        .and_then(|value| value.as_str().map(|name| words(name, "")))
        .unwrap_or_default()
}

fn wall(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}
