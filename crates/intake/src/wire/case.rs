//! Cases and the requests about them.

use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1 as pb;
use meridian_proto::types::v1 as types;
use meridian_types::{CustomerId, Problem, RegionId, Violations};

use super::{fact, need, referral};
use crate::domain::case::{Case, Progress, Resolution, Stage, StatedFact};
use crate::domain::issue::IssueVerdict;
use crate::domain::need::Need;
use crate::domain::responsibility::Priority;
use crate::operations::add_fact::AddFact;
use crate::operations::close_case::CloseCase;
use crate::operations::open_case::OpenCase;

const FACTS_MAX: usize = 50;

pub(crate) fn decode_open(request: &pb::OpenCaseRequest) -> Result<OpenCase, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let person_id = decode::parsed(&mut violations, "person_id", &request.person_id);
    let office = decode::parsed(&mut violations, "office", &request.office);
    let need = need::decode(&mut violations, request.need.clone());
    let (deadline_field, need) = with_local_deadline(&mut violations, request, need);
    let priority = priority(&mut violations, request.priority);
    let facts = stated_facts(&mut violations, &request.facts);
    let open = (|| {
        Some(OpenCase {
            person_id: person_id?,
            office: office?,
            need: need?,
            deadline_field,
            priority: priority?,
            facts: facts?,
        })
    })();
    decode::complete(violations, open)
}

fn with_local_deadline(
    violations: &mut Violations,
    request: &pb::OpenCaseRequest,
    need: Option<Need>,
) -> (&'static str, Option<Need>) {
    let Some(local) = request.deadline_local.clone() else { return ("need.deadline", need) };
    if request.need.as_ref().is_some_and(|need| need.deadline.is_some()) {
        violations.add("deadline_local", &local.local, "need.deadline or deadline_local, not both");
    }
    let deadline = decode::local_date_time(violations, "deadline_local", Some(local));
    ("deadline_local", need.map(|need| Need { deadline, ..need }))
}

fn priority(violations: &mut Violations, number: i32) -> Option<Priority> {
    match pb::Priority::try_from(number) {
        Ok(pb::Priority::Critical) => Some(Priority::Critical),
        Ok(pb::Priority::High) => Some(Priority::High),
        Ok(pb::Priority::Normal | pb::Priority::Unspecified) => Some(Priority::Normal),
        Err(_) => {
            violations.add("priority", number, "one of the values of Priority");
            None
        }
    }
}

fn stated_facts(violations: &mut Violations, facts: &[pb::Fact]) -> Option<Vec<StatedFact>> {
    if facts.len() > FACTS_MAX {
        violations.add("facts", format!("{} facts", facts.len()), format!("at most {FACTS_MAX} facts"));
        return None;
    }
    let decoded: Vec<_> = facts
        .iter()
        .enumerate()
        .map(|(index, one)| fact::decode(violations, &format!("facts[{index}]"), Some(one.clone())))
        .collect();
    decoded.into_iter().collect()
}

pub(crate) fn decode_add_fact(request: &pb::AddFactRequest) -> Result<AddFact, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let case_id = decode::parsed(&mut violations, "case_id", &request.case_id);
    let fact = fact::decode(&mut violations, "fact", request.fact.clone());
    let etag = etag(&request.etag);
    let add = (|| Some(AddFact { case_id: case_id?, fact: fact?, etag }))();
    decode::complete(violations, add)
}

pub(crate) fn decode_close(request: &pb::CloseCaseRequest) -> Result<CloseCase, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let case_id = decode::parsed(&mut violations, "case_id", &request.case_id);
    let resolution = match pb::Resolution::try_from(request.resolution) {
        Ok(pb::Resolution::Solved) => Some(Resolution::Solved),
        Ok(pb::Resolution::Referred) => Some(Resolution::Referred),
        Ok(pb::Resolution::Withdrawn) => Some(Resolution::Withdrawn),
        Ok(pb::Resolution::Unspecified) | Err(_) => {
            violations.add("resolution", request.resolution, "solved, referred or withdrawn");
            None
        }
    };
    let etag = etag(&request.etag);
    let close = (|| Some(CloseCase { case_id: case_id?, resolution: resolution?, etag }))();
    decode::complete(violations, close)
}

fn etag(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn decode_assess(request: &pb::AssessIssueRequest) -> Result<(CustomerId, Need), Problem> {
    let mut violations = Violations::new();
    let customer_id = decode::parsed(&mut violations, "customer_id", &request.customer_id);
    let need = need::decode(&mut violations, request.need.clone());
    decode::complete(violations, customer_id.zip(need))
}

pub(crate) const fn encode_verdict(verdict: IssueVerdict) -> pb::IssueVerdict {
    match verdict {
        IssueVerdict::Same => pb::IssueVerdict::Same,
        IssueVerdict::Related => pb::IssueVerdict::Related,
        IssueVerdict::New => pb::IssueVerdict::New,
        IssueVerdict::Unsure => pb::IssueVerdict::Unsure,
    }
}

pub(crate) const fn encode_priority(priority: Priority) -> pb::Priority {
    match priority {
        Priority::Critical => pb::Priority::Critical,
        Priority::High => pb::Priority::High,
        Priority::Normal => pb::Priority::Normal,
    }
}

pub(crate) const fn encode_resolution(resolution: Resolution) -> pb::Resolution {
    match resolution {
        Resolution::Solved => pb::Resolution::Solved,
        Resolution::Referred => pb::Resolution::Referred,
        Resolution::Withdrawn => pb::Resolution::Withdrawn,
    }
}

pub(crate) fn encode(case: &Case, region: &RegionId) -> pb::Case {
    let (state, responsibility, closed) = match &case.progress {
        Progress::Active { stage, responsibility } => {
            let responsibility = types::Responsibility {
                owner: responsibility.owner().to_owned(),
                next_action: responsibility.next_action().to_owned(),
                due: Some(encode::timestamp(responsibility.due())),
            };
            (encode_stage(*stage), Some(responsibility), None)
        }
        Progress::Closed { resolution, at } => (pb::CaseState::Closed, None, Some((*resolution, *at))),
    };
    let resolution =
        closed.map_or(pb::Resolution::Unspecified, |(resolution, _)| encode_resolution(resolution));
    let missing = if closed.is_some() { Vec::new() } else { case.missing_facts() };
    pb::Case {
        case_id: case.case_id.to_string(),
        region: region.to_string(),
        customer_id: case.customer_id.to_string(),
        person_id: case.person_id.to_string(),
        need: Some(need::encode(&case.need)),
        priority: encode_priority(case.priority).into(),
        state: state.into(),
        responsibility,
        facts: case.facts.all().map(fact::encode).collect(),
        missing_facts: missing.iter().map(fact::encode_missing).collect(),
        plan_id: case.plan.map(|plan| plan.plan_id.to_string()).unwrap_or_default(),
        referral: case.referral.as_ref().map(|one| referral::encode(case.case_id, one)),
        etag: case.version.to_string(),
        opened_at: Some(encode::timestamp(case.opened_at)),
        closed_at: closed.map(|(_, at)| encode::timestamp(at)),
        resolution: resolution.into(),
    }
}

const fn encode_stage(stage: Stage) -> pb::CaseState {
    match stage {
        Stage::Open => pb::CaseState::Open,
        Stage::InProgress => pb::CaseState::InProgress,
        Stage::ReferralOffered => pb::CaseState::ReferralOffered,
        Stage::Referred => pb::CaseState::Referred,
        Stage::Parked => pb::CaseState::Parked,
    }
}
