//! Visits of work orders: the lines of the timeline, and what customers hear.

use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_messaging::Work;
use meridian_proto::coordinator::v1 as pb;

use super::fact::{self, wall};
use super::plan;
use crate::domain::{
    Appointment, Because, Change, Disruption, OrderedVisit, VisitMilestone, VisitTime, Word,
};

/// What became of a visit, which takes place at `site`, as the timeline tells it.
pub(crate) fn line(change: &Change, visit: &OrderedVisit, because: Because, site: &pb::Site) -> String {
    let (who, when) = (&visit.engineer, wall(visit.work.start(), &site.zone));
    match change {
        Change::Booked => format!("{who} comes to {} on {when}", visit.site),
        Change::Moved(before) => {
            let (was, from) = (wall(before.work.start(), &site.zone), elsewhere(&before.site, visit));
            format!("The visit on {was}{from} moves: {who} comes to {} on {when}{}", visit.site, why(because))
        }
        Change::Replaced(before) => {
            format!("{who} comes instead of {before}, on {when} as before{}", why(because))
        }
        Change::Progressed => format!("{who} {}", progress(visit.state)),
        Change::CalledOff if because.planned_again => {
            format!(
                "The visit of {who} on {when} does not take place{}; it is being planned again",
                why(because)
            )
        }
        Change::CalledOff => format!("The visit of {who} on {when} is called off"),
    }
}

/// Where a visit was to take place, if it is not where it does.
fn elsewhere(before: &meridian_types::SiteId, visit: &OrderedVisit) -> String {
    if *before == visit.site { String::new() } else { format!(" to {before}") }
}

const fn why(because: Because) -> &'static str {
    match because.reason {
        Some(Disruption::EngineerUnavailable) => ", because the engineer cannot come",
        Some(Disruption::NeedChanged) => ", because the work order was changed",
        _ => "",
    }
}

/// What an engineer does, or has done.
pub(crate) const fn progress(state: VisitMilestone) -> &'static str {
    match state {
        VisitMilestone::Booked => "is booked",
        VisitMilestone::Accepted => "has said yes",
        VisitMilestone::Started => "is on the way",
        VisitMilestone::Finished => "has finished the work",
        VisitMilestone::Unsolved => "could not solve it",
        VisitMilestone::Cancelled => "need not come any more",
        VisitMilestone::Expired => "is no longer held",
    }
}

/// Tells what the customer is to hear of an appointment, because of what happened at `happened_at`. The visit takes
/// place at `site`.
pub(crate) fn tell(
    work: &mut Work,
    appointment: &Appointment,
    word: &Word,
    because: Because,
    (site, happened_at): (&pb::Site, Timestamp),
) {
    let Appointment { case_id, order, words, .. } = appointment;
    let reason = because.reason.filter(|_| word.before.is_some());
    let told = pb::MilestoneReached {
        case_id: case_id.to_string(),
        revision: *words,
        milestone: fact::milestone(word.milestone).into(),
        happened_at: Some(encode::timestamp(happened_at)),
        place_name: site.name.clone(),
        zone: site.zone.clone(),
        visit: Some(pb::CustomerVisit {
            work_order_id: order.to_string(),
            time: word.time.as_ref().map(time),
            time_before: word.before.as_ref().map(time),
            reason: reason.map(plan::disruption).unwrap_or_default().into(),
            planned_again: because.planned_again && word.time.is_none() && word.before.is_some(),
        }),
        ..pb::MilestoneReached::default()
    };
    work.emit(order, i64::from(*words), &told);
}

fn time(time: &VisitTime) -> pb::VisitTime {
    pb::VisitTime { from: Some(encode::timestamp(time.from)), until: time.until.map(encode::timestamp) }
}
