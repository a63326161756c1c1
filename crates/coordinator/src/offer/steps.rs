//! Steps, in plain English.

use meridian_chassis::encode;
use meridian_planner::model::{Action, GateKind, Line, Solution, Step, Subject, WaitCause};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::SiteId;

use super::Terms;

/// The steps of a solution in order.
pub(super) fn steps(solution: &Solution, terms: &Terms<'_>) -> Vec<pb::Step> {
    solution.steps.iter().map(|step| told(step, terms)).collect()
}

fn told(step: &Step, terms: &Terms<'_>) -> pb::Step {
    let names = terms.names;
    let subject = subject(&step.subject);
    let message = pb::Step {
        subject: subject.clone(),
        start: Some(encode::timestamp(step.start)),
        end: Some(encode::timestamp(step.end)),
        latest_start: Some(encode::timestamp(step.latest_start)),
        ..pb::Step::default()
    };
    let at = |site: &SiteId| pb::Step {
        from_site_id: site.to_string(),
        to_site_id: site.to_string(),
        ..message.clone()
    };
    match &step.action {
        Action::Pick { site } => {
            let text = format!("Pick and pack {subject} at {}", names.site(site));
            pb::Step { kind: pb::StepKind::Pick.into(), text, ..at(site) }
        }
        Action::Wait { site, cause } => {
            let text = format!("{subject} at {}: wait {}", names.site(site), until(*cause));
            pb::Step { kind: pb::StepKind::Wait.into(), text, ..at(site) }
        }
        Action::Gate { site, gate, documents } => {
            let (gate_id, what) = match gate {
                GateKind::Customs { territory } => {
                    (String::new(), format!("customs clearance into {territory}"))
                }
                GateKind::Licence { gate } => (gate.to_string(), format!("export licence by rule {gate}")),
            };
            let text = format!("{subject} at {}: {what}", names.site(site));
            let documents = documents.clone();
            pb::Step { kind: pb::StepKind::Gate.into(), gate_id, documents, text, ..at(site) }
        }
        Action::Move { lane, from, to, hand_over_by } => {
            let (carrier, means) =
                names.lanes.get(lane).map_or(("", "on the way"), |(carrier, means)| (carrier, *means));
            let with = if carrier.is_empty() { String::new() } else { format!(" with {carrier}") };
            pb::Step {
                kind: pb::StepKind::Move.into(),
                from_site_id: from.to_string(),
                to_site_id: to.to_string(),
                lane_id: lane.to_string(),
                cut_off: Some(encode::timestamp(*hand_over_by)),
                text: format!("{subject} from {} to {} {means}{with}", names.site(from), names.site(to)),
                ..message
            }
        }
        Action::Work { site, engineer, work_minutes, remote, .. } => {
            let how = if *remote { "guides the customer from afar with" } else { "works on" };
            let at_site = names.site(site);
            let text = format!("Engineer {engineer} {how} {subject} at {at_site} for {work_minutes} min");
            let engineer_id = terms.own_code(engineer).to_string();
            pb::Step { kind: pb::StepKind::Work.into(), engineer_id, text, ..at(site) }
        }
        Action::Assemble { site, kit, parts, .. } => {
            let (kit, parts) = (goods(std::slice::from_ref(kit)), goods(parts));
            let text = format!("Put {kit} together from {parts} at {}", names.site(site));
            pb::Step { kind: pb::StepKind::Assemble.into(), text, ..at(site) }
        }
        Action::Outsource { party, site } => {
            let text = ordered(step, terms.party_name(party), names.site(site));
            pb::Step { kind: pb::StepKind::Outsource.into(), text, ..at(site) }
        }
        Action::Refer { party, .. } => pb::Step {
            kind: pb::StepKind::Refer.into(),
            text: format!("Ask {} to take over", terms.party_name(party)),
            ..message
        },
    }
}

/// What a party does for us.
fn ordered(step: &Step, party: &str, site: &str) -> String {
    let what = subject(&step.subject);
    match step.subject {
        Subject::Goods { .. } => format!("{party} brings {what} to {site}, once it has accepted the order"),
        _ => format!("{party} repairs {what} at {site}, once it has accepted the order"),
    }
}

fn goods(lines: &[Line]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("{} x {}", line.quantity, line.item)).collect();
    lines.join(", ")
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Goods { lines, .. } => goods(lines),
        Subject::Loaner(model) => format!("{model} to lend"),
        Subject::Instrument(serial) => format!("instrument {serial}"),
        Subject::Engineer(engineer) => format!("engineer {engineer}"),
        Subject::Case => "the case".to_owned(),
    }
}

const fn until(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Departure => "for the next departure",
        WaitCause::SiteOpens => "until it opens",
        WaitCause::Work => "until the work can begin",
        WaitCause::Rest => "to rest",
        WaitCause::Supply => "for the supply that is expected",
        WaitCause::Return => "until it is due back",
    }
}
