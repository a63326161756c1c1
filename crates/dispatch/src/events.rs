//! Events of other services: commands of every region's coordinator, and news of the other regions' dispatch.

use async_trait::async_trait;
use meridian_chassis::decode;
use meridian_messaging::{Event, FiredTimer, Handler, TimerHandler, Work};
use meridian_proto::coordinator::v1::{BookVisitRequested, CancelVisitRequested, HoldVisitRequested};
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, RegionId, Violations, VisitId};

use crate::domain::visit::Step;
use crate::operations::advance_visit::advance_visit;
use crate::operations::hold_visit::hold_visit;
use crate::operations::learn_world::{News, learn};
use crate::operations::{announce, expire_visits, read_visits};
use crate::store::visit::Found;
use crate::wire;

/// Obeys the commands that coordinators address to this region, and answers each, also one that is repeated.
#[derive(Debug)]
pub(crate) struct Commands {
    pub(crate) region: RegionId,
}

/// Whom a refusal is about, as the command says it.
struct Asked<'a> {
    visit_id: &'a str,
    case_id: &'a str,
    engineer_id: &'a str,
}

#[async_trait]
impl Handler for Commands {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        if event.is::<HoldVisitRequested>() {
            self.hold(work, event.decode()?).await
        } else if event.is::<BookVisitRequested>() {
            let BookVisitRequested { target_region, visit_id, case_id } = event.decode()?;
            self.advance(work, &target_region, &visit_id, &case_id, Step::Book).await
        } else if event.is::<CancelVisitRequested>() {
            let CancelVisitRequested { target_region, visit_id, case_id } = event.decode()?;
            self.advance(work, &target_region, &visit_id, &case_id, Step::Cancel).await
        } else {
            Ok(())
        }
    }

    fn concerns(&self, event: &Event) -> bool {
        event.is::<HoldVisitRequested>()
            || event.is::<BookVisitRequested>()
            || event.is::<CancelVisitRequested>()
    }
}

impl Commands {
    fn is_mine(&self, target_region: &str) -> bool {
        target_region == self.region.as_str()
    }

    async fn hold(&self, work: &mut Work, command: HoldVisitRequested) -> Result<(), Problem> {
        if !self.is_mine(&command.target_region) {
            return Ok(());
        }
        let (visit_id, case_id) = (command.visit_id.clone(), command.case_id.clone());
        let engineer_id = command.claim.as_ref().map(|claim| claim.engineer_id.clone()).unwrap_or_default();
        let held = match wire::visit::commanded(command) {
            Ok((claim, minutes)) => {
                hold_visit(work, &self.region, &claim, minutes).await.map_err(Problem::from)
            }
            Err(problem) => Err(problem),
        };
        match held {
            Ok(held) => {
                if held.is_repetition {
                    announce::held(work, &held.visit);
                }
                Ok(())
            }
            Err(problem) => {
                let asked = Asked { visit_id: &visit_id, case_id: &case_id, engineer_id: &engineer_id };
                refuse(work, &asked, problem).await
            }
        }
    }

    async fn advance(
        &self,
        work: &mut Work,
        target_region: &str,
        visit_id: &str,
        case_id: &str,
        step: Step,
    ) -> Result<(), Problem> {
        if !self.is_mine(target_region) {
            return Ok(());
        }
        let mut violations = Violations::new();
        let id = decode::parsed::<VisitId>(&mut violations, "visit_id", visit_id);
        let id = decode::complete(violations, id)?;
        let found = match advance_visit(work, id, step).await.map_err(Problem::from) {
            Ok(advanced) if advanced.is_news => return Ok(()),
            Ok(advanced) => advanced.found,
            // Too late to call it off: where it stands is the answer.
            Err(problem) if step == Step::Cancel && problem.is_decision() => {
                read_visits::get_visit(work.conn(), id).await?
            }
            Err(problem) => {
                return refuse(work, &Asked { visit_id, case_id, engineer_id: "" }, problem).await;
            }
        };
        match found {
            Found::Visit(visit) => announce::progressed(work, &visit).await?,
            Found::NeverHeld => announce::never_held(work, id, case_id),
        }
        Ok(())
    }
}

/// Answers a command with the reason why nothing was done. A passing fault, or a command whose visit cannot
/// be named in an answer, is passed on.
async fn refuse(work: &mut Work, asked: &Asked<'_>, problem: Problem) -> Result<(), Problem> {
    let Ok(id) = asked.visit_id.parse::<VisitId>() else { return Err(problem) };
    if !problem.is_decision() {
        return Err(problem);
    }
    let known = read_visits::find_visit(work.conn(), id).await?;
    let version = known.as_ref().map_or(0, Found::version);
    let engineer_id = match known {
        Some(Found::Visit(visit)) if asked.engineer_id.is_empty() => visit.claim.engineer.to_string(),
        _ => asked.engineer_id.to_owned(),
    };
    let refused = pb::VisitRefused {
        visit_id: id.to_string(),
        case_id: asked.case_id.to_owned(),
        engineer_id,
        reason: problem.reason.into_owned(),
    };
    work.emit(id, version, &refused);
    Ok(())
}

/// Remembers what another region's dispatch tells of its workforce.
#[derive(Debug)]
pub(crate) struct World;

#[async_trait]
impl Handler for World {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        match news(event)? {
            Some((news, version)) => Ok(learn(work, &event.source.region, &news, version).await?),
            None => Ok(()),
        }
    }
}

/// What the event tells, with its version. A record that its region does not own is not believed.
fn news(event: &Event) -> Result<Option<(News, i64)>, Problem> {
    let region = &event.source.region;
    if event.is::<pb::EngineerDefined>() {
        let defined: pb::EngineerDefined = event.decode()?;
        let engineer = valid(defined.engineer, "engineer", |v, field, engineer| {
            wire::engineer::decode(v, field, engineer, region)
        })?;
        Ok(Some((News::Engineer(Box::new(engineer)), defined.version)))
    } else if event.is::<pb::FreeBusyChanged>() {
        let changed: pb::FreeBusyChanged = event.decode()?;
        let version = changed.version;
        let (engineer, taken) =
            valid(Some(changed), "", |v, _, changed| wire::free_busy::decode(v, changed))?;
        Ok(Some((News::FreeBusy(engineer, taken), version)))
    } else if event.is::<pb::RepairProfileDefined>() {
        let defined: pb::RepairProfileDefined = event.decode()?;
        let profile = valid(defined.profile, "profile", |v, field, profile| {
            wire::repair::decode_profile(v, field, profile, region)
        })?;
        Ok(Some((News::Profile(profile), event.aggregate_version)))
    } else if event.is::<pb::DepotDefined>() {
        let defined: pb::DepotDefined = event.decode()?;
        let depot = valid(defined.depot, "depot", |v, field, depot| {
            wire::repair::decode_depot(v, field, depot, region)
        })?;
        Ok(Some((News::Depot(depot), event.aggregate_version)))
    } else {
        Ok(None)
    }
}

/// The valid value in a field of an event.
fn valid<M, T>(
    message: Option<M>,
    field: &str,
    decode: impl FnOnce(&mut Violations, &str, M) -> Option<T>,
) -> Result<T, Problem> {
    let mut violations = Violations::new();
    let message = decode::required(&mut violations, field, message);
    let value = message.and_then(|message| decode(&mut violations, field, message));
    decode::complete(violations, value)
}

/// Gives back claims that nobody booked in time.
#[derive(Debug)]
pub(crate) struct Expiries;

#[async_trait]
impl TimerHandler for Expiries {
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem> {
        match timer.key.parse::<VisitId>() {
            Ok(id) if timer.kind == expire_visits::TIMER => Ok(expire_visits::expire_visit(work, id).await?),
            _ => {
                tracing::error!(
                    kind = timer.kind,
                    key = timer.key,
                    "a timer that dispatch never set is dropped"
                );
                Ok(())
            }
        }
    }
}
