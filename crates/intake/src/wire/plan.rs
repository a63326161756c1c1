//! What the coordinator says about plans.

use meridian_chassis::decode;
use meridian_messaging::Event;
use meridian_proto::coordinator::v1::{
    PlanCommitted, PlanCompleted, PlanEnded, PlanParked, PlanProgressed, SolutionKind,
};
use meridian_proto::types::v1 as types;
use meridian_types::{CaseId, PlanId, Problem, Violations};

use crate::domain::case::PlanRevision;
use crate::domain::lifecycle::{PlanNews, PlanReport};
use crate::domain::responsibility::Responsibility;

/// The news in an event, or `None` when it is about something else.
pub(crate) fn decode(event: &Event) -> Result<Option<(CaseId, PlanReport)>, Problem> {
    let mut violations = Violations::new();
    let (case_id, plan_id, revision, news) = if event.is::<PlanCommitted>() {
        let said: PlanCommitted = event.decode()?;
        let is_referral = said.kind() == SolutionKind::Referral;
        let responsibility = responsibility(&mut violations, said.responsibility);
        let news = responsibility.map(|responsibility| PlanNews::Committed { is_referral, responsibility });
        (said.case_id, said.plan_id, said.revision, news)
    } else if event.is::<PlanProgressed>() {
        let said: PlanProgressed = event.decode()?;
        let news = responsibility(&mut violations, said.responsibility).map(PlanNews::Progressed);
        (said.case_id, said.plan_id, said.revision, news)
    } else if event.is::<PlanParked>() {
        let said: PlanParked = event.decode()?;
        let news = responsibility(&mut violations, said.responsibility).map(PlanNews::Parked);
        (said.case_id, said.plan_id, said.revision, news)
    } else if event.is::<PlanCompleted>() {
        let said: PlanCompleted = event.decode()?;
        (said.case_id, said.plan_id, said.revision, Some(PlanNews::Completed))
    } else if event.is::<PlanEnded>() {
        let said: PlanEnded = event.decode()?;
        (said.case_id, said.plan_id, said.revision, Some(PlanNews::Ended))
    } else {
        return Ok(None);
    };
    let case_id: Option<CaseId> = decode::parsed(&mut violations, "case_id", &case_id);
    let plan_id: Option<PlanId> = decode::parsed(&mut violations, "plan_id", &plan_id);
    let report = (|| {
        let plan = PlanRevision { plan_id: plan_id?, revision };
        Some((case_id?, PlanReport { plan, news: news? }))
    })();
    decode::complete(violations, report).map(Some)
}

fn responsibility(
    violations: &mut Violations,
    said: Option<types::Responsibility>,
) -> Option<Responsibility> {
    let said = decode::required(violations, "responsibility", said)?;
    let due = decode::timestamp(violations, "responsibility.due", said.due)?;
    let shown = format!("{} / {}", said.owner, said.next_action);
    violations.check("responsibility", shown, Responsibility::new(said.owner, said.next_action, due))
}
