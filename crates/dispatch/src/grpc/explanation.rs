//! What is told of single orders into answers.

use meridian_chassis::encode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{Obstacle, Remedy, Slot};
use meridian_types::{RegionId, VisitId};

use crate::domain::terms::Trips;
use crate::operations::explain_visit::Answer;
use crate::wire::draft::{encode_costs, encode_left, encode_stint, encode_visit};

/// How a slot is told: the region of its engineers, and their trips.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) region: &'a RegionId,
    pub(super) trips: &'a Trips,
}

pub(super) fn encode_answer(order: VisitId, answer: &Answer, frame: Frame<'_>) -> pb::ExplainVisitResponse {
    use pb::explain_visit_response::Explanation as Told;
    let left_out = |unplanned, remedy| Told::LeftOut(pb::LeftOut { unplanned, remedy });
    let told = match answer {
        Answer::Planned(visit) => Told::Planned(encode_visit(visit, frame.trips)),
        Answer::LeftOut { unplanned, remedy } => {
            left_out(unplanned.clone(), remedy.as_deref().map(|remedy| encode_remedy(remedy, frame)))
        }
        Answer::Outsourced(outsourced) => Told::Outsourced(outsourced.clone()),
        Answer::NotThere(left) => left_out(Some(encode_left(order, *left)), None),
        Answer::Could { slot, more } => Told::Possible(pb::Possible {
            slot: Some(encode_slot(slot, frame)),
            more: Some(encode::money(*more)),
        }),
        Answer::Cannot(found) => Told::Obstacle(obstacle(found)),
    };
    pb::ExplainVisitResponse { explanation: Some(told) }
}

pub(super) fn encode_slot(slot: &Slot, frame: Frame<'_>) -> pb::Slot {
    let first = slot.stints.first();
    pb::Slot {
        engineer_id: first.map(|stint| stint.assignee.engineer.to_string()).unwrap_or_default(),
        region: frame.region.to_string(),
        during: first.map(|stint| encode::interval(stint.during)),
        work: Some(encode::interval(slot.work)),
        overtime: slot.stints.iter().any(|stint| !stint.overtime.is_zero()),
        stints: slot.stints.iter().map(|stint| encode_stint(stint, frame.trips)).collect(),
        extra: Some(encode_costs(&slot.extra)),
    }
}

fn encode_remedy(remedy: &Remedy, frame: Frame<'_>) -> pb::Remedy {
    use pb::RemedyKind as Kind;
    let of = |kind: Kind| pb::Remedy { kind: kind.into(), ..pb::Remedy::default() };
    match remedy {
        Remedy::Book(slot) => pb::Remedy { slot: Some(encode_slot(slot, frame)), ..of(Kind::Book) },
        Remedy::Overtime { engineer, during } => pb::Remedy {
            engineer_id: engineer.to_string(),
            during: Some(encode::interval(*during)),
            ..of(Kind::Overtime)
        },
        Remedy::Window { to, .. } => pb::Remedy { during: Some(encode::interval(*to)), ..of(Kind::Window) },
        Remedy::Release(at) => pb::Remedy { release: Some(encode::timestamp(*at)), ..of(Kind::Release) },
        Remedy::Certificate { engineer, skill } => pb::Remedy {
            engineer_id: engineer.to_string(),
            skill_id: skill.to_string(),
            ..of(Kind::Certificate)
        },
        Remedy::Accept(engineer) => pb::Remedy { engineer_id: engineer.to_string(), ..of(Kind::Accept) },
    }
}

fn obstacle(obstacle: &Obstacle) -> pb::Obstacle {
    use pb::ObstacleReason as Reason;
    let none = String::new();
    let (reason, witness) = match obstacle {
        Obstacle::Stays => (Reason::Stays, none),
        Obstacle::Excluded => (Reason::Excluded, none),
        Obstacle::SkillMissing(skill) => (Reason::SkillMissing, skill.to_string()),
        Obstacle::LevelTooLow { level, .. } => (Reason::LevelTooLow, level.number().to_string()),
        Obstacle::NotCertified { valid_from, valid_until, .. } => {
            let day = valid_until.or(*valid_from).map(|day| day.to_string());
            (Reason::CertificateExpired, day.unwrap_or_default())
        }
        Obstacle::NoRightToWork(country) => (Reason::NoRightToWork, country.to_string()),
        Obstacle::NoPermitYet { from, .. } => {
            (Reason::NoPermitYet, from.map(|day| day.to_string()).unwrap_or_default())
        }
        Obstacle::Waits(first) => (Reason::Waits, first.to_string()),
        Obstacle::Absent(until) => (Reason::Absent, until.to_string()),
        Obstacle::Busy(until) => (Reason::Busy, until.to_string()),
        Obstacle::NoWorkingTime => (Reason::NoWorkingTime, none),
        Obstacle::Short { minutes, on } => (Reason::TooShort, format!("{minutes} minutes on {on}")),
        Obstacle::NoRoom => (Reason::NoRoom, none),
    };
    pb::Obstacle { reason: reason.into(), witness }
}
