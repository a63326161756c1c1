//! The first times for a visit.

use jiff::{SignedDuration, Timestamp};
use meridian_scheduler::workforce::Spans;
use meridian_types::{EngineerId, RegionId};
use sqlx::PgConnection;

use super::find_engineers::{Candidate, Question, Refused, find_engineers};
use crate::domain::availability::Refusal;
use crate::domain::slot::{Slot, VisitLength, first_slots};
use crate::error::Error;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct SlotQuestion {
    pub(crate) who: Question,
    /// None: as the repair profile says.
    pub(crate) work_minutes: Option<i32>,
    pub(crate) travel_before_minutes: i32,
    pub(crate) travel_after_minutes: i32,
    pub(crate) most: usize,
}

/// A time for a visit by an engineer.
#[derive(Debug)]
pub(crate) struct Proposed {
    pub(crate) engineer: EngineerId,
    pub(crate) region: RegionId,
    pub(crate) slot: Slot,
}

/// Proposes the first times over all engineers of the world, earliest first, and says why some have none.
pub(crate) async fn find_slots(
    conn: &mut PgConnection,
    region: &RegionId,
    question: &SlotQuestion,
    now: Timestamp,
) -> Result<(Vec<Proposed>, Vec<Refused>), Error> {
    let answer = find_engineers(conn, region, &question.who, now).await?;
    let (Some(profile), Some(window)) = (answer.profile, answer.window) else {
        return Ok(Default::default());
    };
    let minutes = |minutes: i32| SignedDuration::from_mins(minutes.into());
    let length = VisitLength {
        travel_before: minutes(question.travel_before_minutes),
        work: minutes(question.work_minutes.unwrap_or(profile.work_minutes)),
        travel_after: minutes(question.travel_after_minutes),
    };
    let (mut proposed, mut refused) = (Vec::new(), answer.refused);
    for Candidate { technician, free, taken, .. } in answer.candidates {
        let engineer = technician.engineer;
        let slots = first_slots(&free, &taken.taken(), length, window, question.most);
        if slots.is_empty() {
            let refusal = Refusal::TooShort { longest_minutes: longest_minutes(&free.all()) };
            refused.push(Refused { engineer: engineer.id, region: engineer.region, refusal });
        } else {
            let of_engineer =
                |slot| Proposed { engineer: engineer.id.clone(), region: engineer.region.clone(), slot };
            proposed.extend(slots.into_iter().map(of_engineer));
        }
    }
    proposed.sort_by(|a, b| rank(a).cmp(&rank(b)));
    proposed.truncate(question.most);
    Ok((proposed, refused))
}

fn rank(proposed: &Proposed) -> (Timestamp, bool, &RegionId, &EngineerId) {
    let Slot { work, overtime, .. } = proposed.slot;
    (work.start(), overtime, &proposed.region, &proposed.engineer)
}

fn longest_minutes(free: &Spans) -> i64 {
    free.iter().map(|stretch| stretch.duration().as_mins()).max().unwrap_or(0)
}
