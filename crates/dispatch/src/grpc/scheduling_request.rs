//! Requests about work orders and plans into what operations take. Every violated field is named at once.

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{EngineerId, Interval, OptimisationId, Problem, Rule, Violations, VisitId};

use super::request::{SLOTS_DEFAULT, SLOTS_MAX, WINDOW_DAYS_MAX, unique};
use crate::domain::order::Stage;
use crate::domain::terms::Terms;
use crate::operations::explain_visit::Question;
use crate::store::order::Listing;
use crate::wire;
use crate::wire::order::Asked;
use crate::wire::{list, span};

/// Orders in one request.
const ORDERS_MAX: usize = 1000;
/// Ten minutes.
const BUDGET_MS_MAX: i32 = 600_000;
const BUDGET_MS_MIN: i32 = 50;

pub(super) fn put_work_orders(request: pb::PutWorkOrdersRequest) -> Result<(String, Vec<Asked>), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let orders = list(&mut v, "work_orders", request.work_orders, ORDERS_MAX, wire::order::decode);
    let orders = orders.map(|orders| unique(&mut v, "work_orders", orders, |asked| asked.order.id()));
    decode::complete(v, request_id.zip(orders))
}

pub(super) fn list_work_orders(request: &pb::ListWorkOrdersRequest) -> Result<Listing, Problem> {
    let mut v = Violations::new();
    let stage = match request.stage() {
        pb::WorkOrderStage::Unspecified if request.stage != 0 => {
            v.add("stage", request.stage, "a stage, or none");
            None
        }
        pb::WorkOrderStage::Unspecified => None,
        pb::WorkOrderStage::Unplanned => Some(Stage::Unplanned),
        pb::WorkOrderStage::Draft => Some(Stage::Draft),
        pb::WorkOrderStage::Published => Some(Stage::Published),
        pb::WorkOrderStage::Outsourced => Some(Stage::Outsourced),
        pb::WorkOrderStage::Historic => Some(Stage::Historic),
    };
    let most = decode::page_size(&mut v, request.page_size);
    let token = &request.page_token;
    let after = if token.is_empty() {
        None
    } else {
        let rule = Rule::new("empty, or next_page_token of an earlier answer");
        v.check("page_token", token, token.parse().map_err(|_: Rule| rule))
    };
    let most = most.and_then(|most| i64::try_from(most).ok());
    decode::complete(v, most.map(|most| Listing { stage, id: None, after, most }))
}

pub(super) fn optimise(request: &pb::OptimiseRequest) -> Result<(String, Terms), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let terms = wire::terms::decode(&mut v, "terms", request.terms.clone());
    let budget = decode::within(&mut v, "budget_ms", request.budget_ms, BUDGET_MS_MIN..=BUDGET_MS_MAX);
    decode::complete(v, request_id.zip(terms).zip(budget).map(|(decoded, _)| decoded))
}

pub(super) fn optimisation(id: &str) -> Result<OptimisationId, Problem> {
    let mut v = Violations::new();
    let id = decode::parsed(&mut v, "optimisation_id", id);
    decode::complete(v, id)
}

pub(super) fn optimisation_step(request_id: &str, id: &str) -> Result<(String, OptimisationId), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, request_id);
    let id = decode::parsed(&mut v, "optimisation_id", id);
    decode::complete(v, request_id.zip(id))
}

pub(super) fn explain_visit(request: &pb::ExplainVisitRequest) -> Result<Question, Problem> {
    let mut v = Violations::new();
    let order = decode::parsed(&mut v, "visit_id", &request.visit_id);
    let engineer = decode::parsed_if_set(&mut v, "engineer_id", &request.engineer_id);
    let optimisation = decode::parsed_if_set(&mut v, "optimisation_id", &request.optimisation_id);
    decode::complete(v, order.map(|order| Question { order, engineer, optimisation }))
}

pub(super) fn engineer(id: &str) -> Result<EngineerId, Problem> {
    let mut v = Violations::new();
    let id = decode::parsed(&mut v, "engineer_id", id);
    decode::complete(v, id)
}

/// The order, where it is looked for slots, and how many.
pub(super) fn order_slots(
    request: &pb::FindSlotsRequest,
) -> Result<(VisitId, Option<Interval>, usize), Problem> {
    let mut v = Violations::new();
    let order = decode::parsed(&mut v, "visit_id", &request.visit_id);
    let window = match request.window {
        None => Some(None),
        window => span::decode(&mut v, "window", window, WINDOW_DAYS_MAX).map(Some),
    };
    let texts = [("model", &request.model), ("symptom", &request.symptom), ("country", &request.country)];
    for (field, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        v.add(field, text, "empty for a work order, which says it");
    }
    let minutes = [
        ("work_minutes", request.work_minutes),
        ("travel_before_minutes", request.travel_before_minutes),
        ("travel_after_minutes", request.travel_after_minutes),
    ];
    for (field, minutes) in minutes.into_iter().filter(|(_, minutes)| *minutes != 0) {
        v.add(field, minutes, "0 for a work order, which says it");
    }
    let most = decode::within(&mut v, "slots_max", request.slots_max, 0..=SLOTS_MAX);
    let most = most.and_then(|most| usize::try_from(most).ok());
    let most = most.map(|most| if most == 0 { SLOTS_DEFAULT } else { most });
    decode::complete(v, order.zip(window).zip(most).map(|((order, window), most)| (order, window, most)))
}
