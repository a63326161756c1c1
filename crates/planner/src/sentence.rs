//! Plain English sentences for staff. What customers read is written elsewhere.

use crate::model::{Change, Merit, Reason};

/// A length of time as people say it: `45 min`, `3 h 05 min`, `2 d 4 h`.
fn span(minutes: i64) -> String {
    let minutes = minutes.max(0);
    match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, rest) => format!("{hours} h {rest:02} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Why a referral is offered.
pub(crate) const REFERRAL: &str = "Nothing of our own meets this need; another party can take it over.";

/// Why an option is offered.
pub(crate) fn option(merits: &[Merit]) -> String {
    let told: Vec<String> = merits
        .iter()
        .map(|merit| match merit {
            Merit::MeetsDeadline { slack_minutes } => {
                format!("meets the deadline with {} to spare", span(*slack_minutes))
            }
            Merit::InTime { percent } => format!("in time {percent} times out of 100"),
            Merit::Late { by_minutes } => format!("misses the deadline by {}", span(*by_minutes)),
            Merit::Fastest => "the fastest".to_owned(),
            Merit::Cheapest => "the cheapest".to_owned(),
            Merit::Greenest => "the least CO2".to_owned(),
            Merit::Safest => "the least likely to be late".to_owned(),
            Merit::LikelyFirst => "the first that is there nine times out of ten".to_owned(),
            Merit::OtherKind => "of another kind".to_owned(),
            Merit::OtherSource => "from another source".to_owned(),
            Merit::OnlyWay => "the only way".to_owned(),
        })
        .collect();
    if told.is_empty() { "A further way to meet the need.".to_owned() } else { capital(&told.join("; ")) }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// Why something is not an option.
pub(crate) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::AfterDeadline { arrives, late_by_minutes, because } => {
            let cause = because
                .as_ref()
                .map_or(String::new(), |because| format!(": {}", decapital(&self::reason(because))));
            format!("Meets the need {} too late, at {arrives}{cause}{}", span(*late_by_minutes), dot(&cause))
        }
        Reason::PartMissing { item, because } => {
            format!("Part {item} can't be had: {}", decapital(&self::reason(because)))
        }
        other => capital(&plain(other)),
    }
}

const fn dot(cause: &str) -> &'static str {
    if cause.is_empty() { "." } else { "" }
}

fn decapital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), chars.as_str()))
}

fn plain(reason: &Reason) -> String {
    match reason {
        Reason::UnknownSite { site } => format!("there is no site {site}"),
        Reason::InvalidRequest { field, value, rule } => format!("{field} is {value}, but must be {rule}"),
        Reason::NothingAsked => "nothing was asked for".to_owned(),
        Reason::OutsideHorizon => "the request lies outside the time that is planned for".to_owned(),
        Reason::ItemNotSupported { item } => format!("item {item} is outside what the company supports"),
        Reason::ModelNotSupported { model } => format!("model {model} is outside what the company supports"),
        Reason::Excluded => "the request rules it out".to_owned(),
        Reason::HoldRefused { .. } => "its owner refused to hold it".to_owned(),
        Reason::NotApproved => "the substitute has to be approved first".to_owned(),
        Reason::NotCompatible { model, revision: None } => format!("it does not fit model {model}"),
        Reason::NotCompatible { model, revision: Some(revision) } => {
            format!("it does not fit model {model} in revision {revision}")
        }
        Reason::NotShippable => "the instrument can't be shipped".to_owned(),
        Reason::NotEquipped => {
            "the depot is not equipped for this model or has no engineer for it".to_owned()
        }
        Reason::SkillMissing { skill, needed, held: 0 } => {
            format!("skill {skill} at level {needed} is missing")
        }
        Reason::SkillMissing { skill, needed, held } => {
            format!("skill {skill} is held at level {held}, level {needed} is needed")
        }
        Reason::CertificateMissing { certificate } => format!("certificate {certificate} is missing"),
        Reason::CertificateExpired { certificate, on } => {
            format!("certificate {certificate} is valid until {on} only")
        }
        Reason::NoRightToWork { country } => format!("no right to work in {country}"),
        Reason::NotFree { work_minutes } => {
            format!("no free time for {} of work, travel included", span(*work_minutes))
        }
        Reason::DangerousGoods { lane } => format!("lane {lane} takes no dangerous goods"),
        Reason::ColdChain { lane } => format!("lane {lane} keeps nothing cold"),
        Reason::TooHeavy { lane, weight_g, max_weight_g } => {
            format!("{weight_g} g are too heavy for lane {lane}, which takes {max_weight_g} g")
        }
        Reason::NoRoute { from, to } => {
            format!("no lanes lead from {from} to {to} in the time that is planned for")
        }
        Reason::CutOffMissed { lane, by_minutes, .. } => {
            format!("the cut-off of lane {lane} was missed by {}", span(*by_minutes))
        }
        Reason::SiteClosed { site, until } => format!("site {site} is closed until {until}"),
        Reason::CustomsWait { territory, until } => format!("customs of {territory} clears it at {until}"),
        Reason::NotServed => "it does not apply to this request".to_owned(),
        Reason::PermitPending { .. }
        | Reason::NoticeNeeded { .. }
        | Reason::RestNeeded { .. }
        | Reason::LeadTime { .. } => waits(reason),
        Reason::ExportClosed { .. } | Reason::LicenceNeeded { .. } | Reason::EndUseUndeclared { .. } => {
            export(reason)
        }
        Reason::AfterDeadline { .. } | Reason::PartMissing { .. } => self::reason(reason),
        Reason::NoStock { .. }
        | Reason::Held { .. }
        | Reason::TooFew { .. }
        | Reason::NoTime { .. }
        | Reason::ReceiptOverdue { .. }
        | Reason::SupplyAwaited { .. }
        | Reason::PartyLead { .. } => supply(reason),
    }
}

/// What export rules say.
fn export(reason: &Reason) -> String {
    match reason {
        Reason::ExportClosed { export_class, gate: Some(gate) } => {
            format!("export of class {export_class} is closed by gate {gate}")
        }
        Reason::ExportClosed { export_class, gate: None } => {
            format!("no rule opens the export of class {export_class}")
        }
        Reason::LicenceNeeded { gate, working_days } => {
            format!("gate {gate} asks for a licence that takes {working_days} working days")
        }
        Reason::EndUseUndeclared { because, .. } => {
            format!("the end use is not declared and would decide; until then {}", export(because))
        }
        other => plain(other),
    }
}

/// Why there is too little of something, or not yet.
fn supply(reason: &Reason) -> String {
    match reason {
        Reason::NoStock { available, needed, .. } => format!("{available} available, {needed} needed"),
        Reason::Held { available, needed, case, .. } => {
            format!("{available} available, {needed} needed: case {case} holds the rest")
        }
        Reason::TooFew { existing, needed, there_from, .. } => {
            let from = there_from.map_or(String::new(), |from| format!(", there from {from}"));
            format!("{needed} needed, {existing} to be had in all{from}")
        }
        Reason::NoTime { site, work_minutes } => {
            format!("site {site} is not open long enough for {} of work", span(*work_minutes))
        }
        Reason::ReceiptOverdue { receipt, expected } => {
            format!("receipt {receipt} was expected at {expected} and has not come")
        }
        Reason::SupplyAwaited { site, until } => format!("site {site} is supplied at {until}"),
        Reason::PartyLead { party, until } => format!("party {party} delivers at {until}"),
        _ => String::new(),
    }
}

/// What people have to wait for.
fn waits(reason: &Reason) -> String {
    match reason {
        Reason::PermitPending { country, working_days, from } => {
            let from = from.map_or("years from now".to_owned(), |from| from.to_string());
            format!("the permit to work in {country} takes {working_days} working days, until {from}")
        }
        Reason::NoticeNeeded { site, until } => {
            format!("site {site} lets nobody in who is announced now until {until}")
        }
        Reason::RestNeeded { rest_minutes, duty_minutes_max } => format!(
            "rests of {} after at most {} of travel and work leave no time for it",
            span(*rest_minutes),
            span(*duty_minutes_max)
        ),
        Reason::LeadTime { working_days } => {
            format!("{working_days} working days end after the time that is planned for")
        }
        other => plain(other),
    }
}

/// What would have to change.
pub(crate) fn changes(changes: &[Change]) -> String {
    let conditions: Vec<String> = changes.iter().map(condition).collect();
    format!("If {}.", conditions.join(" and "))
}

fn condition(change: &Change) -> String {
    match change {
        Change::LaterCutOff { lane, by_minutes } => {
            format!("the carrier of lane {lane} takes it {} after the cut-off", span(*by_minutes))
        }
        Change::ApproveSubstitute { substitute } => format!("substitute {substitute} is approved"),
        Change::SiteOpens { site, date } => format!("site {site} opens on {}, {date}", date.strftime("%A")),
        Change::Overtime { engineer } => format!("engineer {engineer} works overtime"),
        Change::CustomsPrecleared { territory } => {
            format!("customs of {territory} clears it before it arrives")
        }
        Change::EndUseDeclared { end_use } => format!("the end use {end_use} is declared"),
        Change::LicenceInHand { gate } => format!("the licence that gate {gate} asks for is in hand already"),
        Change::ReleaseHold { case, item, warehouse } => {
            format!("case {case} lets go of the {item} that it holds at {warehouse}")
        }
    }
}
