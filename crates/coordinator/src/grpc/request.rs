//! Requests into what operations take. Every violated field is named at once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_chassis::decode;
use meridian_planner::model::Policy;
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, EngineerId, PlanId, Problem, PromiseId, RegionId, Rule, SiteId, Violations};
use uuid::Uuid;

use crate::operations::find_solutions::{GivenUnit, given_units};
use crate::operations::open_plan::Choice;
use crate::operations::put_network::NetworkRecords;
use crate::operations::read_plans::Which as WhichPlan;
use crate::store::decision::Which;
use crate::wire::need::{self, Asked};
use crate::wire::{plan, record};
use crate::world::question::Ranking;

const EXCLUDED_MAX: usize = 1000;
const REASON_CHARS_MAX: usize = 500;
const LOOKED_UP_MAX: usize = 200;

/// What solutions are asked for.
pub(super) struct FindSolutions {
    pub(super) of: Of,
    /// Engineers to leave out, of whichever region.
    pub(super) engineers: Vec<EngineerId>,
    pub(super) sites: Vec<SiteId>,
    pub(super) ranking: Ranking,
}

pub(super) enum Of {
    Case(CaseId),
    Need { asked: Asked, units: Vec<GivenUnit> },
}

pub(super) fn find_solutions(
    request: &pb::FindSolutionsRequest,
    now: Timestamp,
) -> Result<FindSolutions, Problem> {
    let mut v = Violations::new();
    let of = match &request.need {
        Some(need) if request.case_id.is_empty() => {
            let asked = need::decode(&mut v, "need", need);
            if let Some(deadline) = asked.as_ref().and_then(|asked| asked.deadline).filter(|at| *at <= now) {
                v.add("need.deadline", deadline, format!("must lie in the future (it is {now:.0})"));
            }
            asked.map(|asked| Of::Need { asked, units: given_units(need) })
        }
        Some(_) => {
            v.add("need", "", "either a case or a need, not both");
            None
        }
        None => decode::parsed(&mut v, "case_id", &request.case_id).map(Of::Case),
    };
    let engineers = codes(&mut v, "exclude_engineer_ids", &request.exclude_engineer_ids);
    let sites = codes(&mut v, "exclude_site_ids", &request.exclude_site_ids);
    let ranking = ranking(&mut v, &request.policy, request.in_time_probability_min);
    decode::complete(v, of.zip(ranking).map(|(of, ranking)| FindSolutions { of, engineers, sites, ranking }))
}

/// Cases that can be looked at together.
const CASES_MAX: usize = 64;

pub(super) fn assign_solutions(request: &pb::AssignSolutionsRequest) -> Result<Vec<CaseId>, Problem> {
    let mut v = Violations::new();
    let count = request.case_ids.len();
    if !(1..=CASES_MAX).contains(&count) {
        v.add("case_ids", count, format!("1 to {CASES_MAX} cases"));
    }
    let mut case_ids = Vec::new();
    for (index, text) in request.case_ids.iter().enumerate().take(CASES_MAX) {
        let field = format!("case_ids[{index}]");
        let Some(case_id) = decode::parsed(&mut v, &field, text) else { continue };
        if case_ids.contains(&case_id) {
            v.add(&field, text, "each case once");
        }
        case_ids.push(case_id);
    }
    decode::complete(v, Some(case_ids))
}

pub(super) fn get_decision(request: &pb::GetDecisionRequest) -> Result<Which, Problem> {
    let mut v = Violations::new();
    let which = match (request.solution_id.as_str(), request.case_id.as_str()) {
        (solution_id, "") => decode::parsed(&mut v, "solution_id", solution_id).map(Which::Offering),
        ("", case_id) => decode::parsed(&mut v, "case_id", case_id).map(Which::About),
        (_, case_id) => {
            v.add("case_id", case_id, "either a solution or a case, not both");
            None
        }
    };
    decode::complete(v, which)
}

fn ranking(v: &mut Violations, policy: &str, in_time_probability_min: Option<f64>) -> Option<Ranking> {
    let default = Ranking::default();
    let names = Policy::ALL.map(Policy::name).join(", ");
    let named = if policy.is_empty() { Some(default.policy) } else { Policy::from_name(policy) };
    let policy = v.check("policy", policy, named.ok_or_else(|| Rule::from(format!("one of {names}"))));
    let probability = in_time_probability_min.unwrap_or(default.in_time_probability_min);
    let is_valid = probability > 0.0 && probability <= 1.0;
    let rule = Rule::new("more than 0, at most 1");
    let probability =
        v.check("in_time_probability_min", probability, is_valid.then_some(probability).ok_or(rule));
    policy
        .zip(probability)
        .map(|(policy, in_time_probability_min)| Ranking { policy, in_time_probability_min })
}

fn codes<T: std::str::FromStr<Err = Rule>>(v: &mut Violations, field: &str, texts: &[String]) -> Vec<T> {
    if texts.len() > EXCLUDED_MAX {
        v.add(field, texts.len(), format!("at most {EXCLUDED_MAX}"));
    }
    let codes = texts.iter().enumerate();
    codes.filter_map(|(index, text)| decode::parsed(v, &format!("{field}[{index}]"), text)).collect()
}

pub(super) fn commit_solution(request: &pb::CommitSolutionRequest) -> Result<Choice, Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let case_id = decode::parsed(&mut v, "case_id", &request.case_id);
    let solution_id = decode::parsed(&mut v, "solution_id", &request.solution_id);
    let approved = request.approved;
    let ids = request_id.and(case_id.zip(solution_id));
    decode::complete(v, ids.map(|(case_id, solution_id)| Choice { case_id, solution_id, approved }))
}

pub(super) fn withdraw_plan(request: &pb::WithdrawPlanRequest) -> Result<(String, PlanId, String), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let plan_id = decode::parsed(&mut v, "plan_id", &request.plan_id);
    let reason = decode::text(&mut v, "reason", &request.reason, 0..=REASON_CHARS_MAX);
    let decoded = request_id.zip(plan_id).zip(reason);
    decode::complete(v, decoded.map(|((request_id, plan_id), reason)| (request_id, plan_id, reason)))
}

pub(super) fn confirm_return(
    request: &pb::ConfirmReturnRequest,
) -> Result<(String, CaseId, String), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let case_id = decode::parsed(&mut v, "case_id", &request.case_id);
    let note = decode::text(&mut v, "note", &request.note, 0..=REASON_CHARS_MAX);
    let decoded = request_id.zip(case_id).zip(note);
    decode::complete(v, decoded.map(|((request_id, case_id), note)| (request_id, case_id, note)))
}

/// Each code once.
pub(super) fn look_up_sites(request: &pb::LookUpSitesRequest) -> Result<BTreeSet<SiteId>, Problem> {
    let mut v = Violations::new();
    let count = request.site_ids.len();
    if !(1..=LOOKED_UP_MAX).contains(&count) {
        v.add("site_ids", format!("{count} codes"), format!("1 to {LOOKED_UP_MAX} codes"));
    }
    let codes = (0..).zip(request.site_ids.iter().take(LOOKED_UP_MAX));
    let codes: Vec<_> = codes
        .map(|(index, code): (usize, _)| decode::parsed(&mut v, &format!("site_ids[{index}]"), code))
        .collect();
    decode::complete(v, codes.into_iter().collect())
}

pub(super) fn get_plan(request: &pb::GetPlanRequest) -> Result<WhichPlan, Problem> {
    let mut v = Violations::new();
    let which = match (request.plan_id.as_str(), request.case_id.as_str()) {
        (plan_id, "") => decode::parsed(&mut v, "plan_id", plan_id).map(WhichPlan::Plan),
        ("", case_id) => decode::parsed(&mut v, "case_id", case_id).map(WhichPlan::OfCase),
        (_, case_id) => {
            v.add("case_id", case_id, "either a plan or a case, not both");
            None
        }
    };
    decode::complete(v, which)
}

pub(super) fn watch_case(request: &pb::WatchCaseRequest) -> Result<(CaseId, i64), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed(&mut v, "case_id", &request.case_id);
    let after = decode::within(&mut v, "after_position", request.after_position, 0..=i64::MAX);
    decode::complete(v, case_id.zip(after))
}

type Place = (Timestamp, Uuid);

type PlanPage = (Option<&'static str>, Option<(Timestamp, PlanId)>, i64);

pub(super) fn list_plans(request: &pb::ListPlansRequest) -> Result<PlanPage, Problem> {
    let mut v = Violations::new();
    let state = pb::PlanState::try_from(request.state);
    let state = v.check("state", request.state, state.map_err(|_| Rule::new("a state of plans")));
    let paging = paging(&mut v, request.page_size, &request.page_token);
    let decoded = state.zip(paging).map(|(state, (after, size))| {
        (plan::plan_word(state), after.map(|(at, id)| (at, PlanId::from_uuid(id))), size)
    });
    decode::complete(v, decoded)
}

pub(super) fn list_parked(
    request: &pb::ListParkedRequest,
) -> Result<(Option<(Timestamp, PlanId)>, i64), Problem> {
    let mut v = Violations::new();
    let paging = paging(&mut v, request.page_size, &request.page_token);
    let decoded = paging.map(|(after, size)| (after.map(|(at, id)| (at, PlanId::from_uuid(id))), size));
    decode::complete(v, decoded)
}

type PromisePage = ((Option<CaseId>, Option<&'static str>), Option<(Timestamp, PromiseId)>, i64);

pub(super) fn list_promises(request: &pb::ListPromisesRequest) -> Result<PromisePage, Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed_if_set(&mut v, "case_id", &request.case_id);
    let state = pb::PromiseState::try_from(request.state);
    let state = v.check("state", request.state, state.map_err(|_| Rule::new("a state of promises")));
    let paging = paging(&mut v, request.page_size, &request.page_token);
    let decoded = state.zip(paging).map(|(state, (after, size))| {
        let after = after.map(|(at, id)| (at, PromiseId::from_uuid(id)));
        ((case_id, plan::promise_word(state)), after, size)
    });
    decode::complete(v, decoded)
}

fn paging(v: &mut Violations, size: i32, token: &str) -> Option<(Option<Place>, i64)> {
    let size = decode::page_size(v, size);
    let after = if token.is_empty() {
        Some(None)
    } else {
        let rule = Rule::new("empty, or next_page_token of an earlier answer");
        v.check("page_token", token, read_page_token(token).ok_or(rule)).map(Some)
    };
    after.zip(size.and_then(|size| i64::try_from(size).ok()))
}

/// Where a page ended: an instant, in microseconds since 1970, and an id.
pub(super) fn page_token<Id: Into<String>>((at, id): (Timestamp, Id)) -> String {
    let id: String = id.into();
    let hex = id.rsplit('_').next().unwrap_or_default();
    format!("{:x}-{hex}", at.as_microsecond())
}

fn read_page_token(token: &str) -> Option<Place> {
    let (micros, id) = token.split_once('-')?;
    let at = Timestamp::from_microsecond(i64::from_str_radix(micros, 16).ok()?).ok()?;
    Some((at, Uuid::try_parse(id).ok()?))
}

pub(super) fn put_network(
    request: &pb::PutNetworkRequest,
    own: &RegionId,
) -> Result<(String, NetworkRecords), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let records = record::network(&mut v, request.clone(), own);
    decode::complete(v, request_id.map(|request_id| (request_id, records)))
}
