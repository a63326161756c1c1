//! Who in the world could do a repair, and why the others could not.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_scheduler::workforce::{FreeBusy, WorkingTime};
use meridian_types::{CountryCode, EngineerId, InstrumentModel, Interval, RegionId, Symptom};
use sqlx::PgConnection;

use crate::domain::availability::{Need, Refusal, free_time};
use crate::domain::repair::{Depot, RepairProfile, choose_profile};
use crate::domain::technician::Technician;
use crate::error::Error;
use crate::store;
use crate::store::world::KnownEngineer;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) model: InstrumentModel,
    pub(crate) symptom: Option<Symptom>,
    /// Where the work is.
    pub(crate) country: CountryCode,
    pub(crate) window: Interval,
    pub(crate) excluded: BTreeSet<EngineerId>,
}

/// An engineer who could.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) technician: Technician,
    pub(crate) free: WorkingTime,
    pub(crate) taken: FreeBusy,
    /// Real time since this region heard of them; 0 for its own.
    pub(crate) age_ms: i64,
}

/// An engineer who could not.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) engineer: EngineerId,
    pub(crate) region: RegionId,
    pub(crate) refusal: Refusal,
}

/// Who could, and why the others could not; empty when nobody knows the model.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) profile: Option<RepairProfile>,
    /// The part of the window that is asked about: what has not passed.
    pub(crate) window: Option<Interval>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) depots: Vec<Depot>,
}

/// Answers for all engineers of the world, own ones first.
pub(crate) async fn find_engineers(
    conn: &mut PgConnection,
    region: &RegionId,
    question: &Question,
    now: Timestamp,
) -> Result<Answer, Error> {
    let end = question.window.end();
    let Ok(window) = Interval::new(question.window.start().max(now), end) else {
        return Err(Error::InPast { field: "window.end", end });
    };
    let depots = store::repair::depots(conn, &question.model).await?;
    let profiles = store::repair::profiles(conn, &question.model).await?;
    let Some(profile) = choose_profile(profiles, question.symptom.as_ref(), Some(region)) else {
        return Ok(Answer { depots, ..Answer::default() });
    };
    let need = Need { skill: profile.skill.clone(), country: question.country.clone() };
    let mut answer = Answer { profile: Some(profile), window: Some(window), depots, ..Answer::default() };
    for known in world(conn, region, window).await? {
        let KnownEngineer { technician, taken, age_ms } = known;
        let engineer = &technician.engineer;
        if question.excluded.contains(&engineer.id) {
            continue;
        }
        match free_time(engineer, &taken, &need, window) {
            Ok(free) => answer.candidates.push(Candidate { technician, free, taken, age_ms }),
            Err(refusal) => {
                let (engineer, region) = (engineer.id.clone(), engineer.region.clone());
                answer.refused.push(Refused { engineer, region, refusal });
            }
        }
    }
    Ok(answer)
}

/// Every engineer known here, with what takes their time in `window`.
async fn world(
    conn: &mut PgConnection,
    region: &RegionId,
    window: Interval,
) -> Result<Vec<KnownEngineer>, Error> {
    let mut taken = store::free_busy::within(conn, window).await?;
    let own = store::engineer::all(conn, region).await?.into_iter().map(|technician| {
        let taken = taken.remove(&technician.engineer.id).unwrap_or_default();
        KnownEngineer { technician, taken, age_ms: 0 }
    });
    let mut all: Vec<KnownEngineer> = own.collect();
    all.extend(store::world::engineers(conn).await?);
    Ok(all)
}
