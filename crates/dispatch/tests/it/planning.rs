//! Short ways to call what makes plans.

use std::collections::BTreeMap;

use meridian_proto::dispatch::v1 as pb;
use meridian_types::Problem;

use crate::harness::{Region, answered, request_id, until};
use crate::sample::terms;

impl Region {
    pub(crate) async fn put_orders(&self, orders: &[pb::WorkOrder]) -> Result<i32, Problem> {
        let request = pb::PutWorkOrdersRequest { request_id: request_id(), work_orders: orders.to_vec() };
        answered(self.client.clone().put_work_orders(request)).await.map(|answer| answer.stored)
    }

    pub(crate) async fn cancel_order(&self, visit_id: &str) -> Result<pb::WorkOrderStatus, Problem> {
        let request = pb::CancelWorkOrderRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.client.clone().cancel_work_order(request)).await.map(|answer| answer.status.unwrap())
    }

    /// Every order by id.
    pub(crate) async fn orders(&self) -> BTreeMap<String, pb::WorkOrderStatus> {
        let request = pb::ListWorkOrdersRequest::default();
        let orders = answered(self.client.clone().list_work_orders(request)).await.unwrap().work_orders;
        orders.into_iter().map(|status| (status.order.clone().unwrap().visit_id, status)).collect()
    }

    pub(crate) async fn stage(&self, visit_id: &str) -> pb::WorkOrderStage {
        self.orders().await[visit_id].stage()
    }

    /// Begins an optimisation. Returns its id.
    pub(crate) async fn optimise(&self, terms: pb::Terms, budget_ms: i32) -> String {
        let terms = Some(terms);
        let request = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms, seed: 1 };
        let begun = answered(self.client.clone().optimise(request)).await.unwrap();
        begun.optimisation.unwrap().optimisation_id
    }

    pub(crate) async fn optimisation(&self, id: &str) -> pb::Optimisation {
        let request = pb::GetOptimisationRequest { optimisation_id: id.to_owned() };
        answered(self.client.clone().get_optimisation(request)).await.unwrap().optimisation.unwrap()
    }

    /// The optimisation, once it has ended.
    pub(crate) async fn ended(&self, id: &str) -> pb::Optimisation {
        let running = async || self.optimisation(id).await.state() == pb::OptimisationState::Running;
        until("the optimisation ends", async || !running().await).await;
        self.optimisation(id).await
    }

    /// Plans the week for a moment. Returns the optimisation and its draft.
    pub(crate) async fn drafted(&self) -> (String, pb::Draft) {
        let id = self.optimise(terms(), 100).await;
        let ended = self.ended(&id).await;
        assert_eq!(ended.state(), pb::OptimisationState::Succeeded, "{:?}", ended.failure);
        (id, ended.draft.unwrap())
    }

    pub(crate) async fn publish(&self, id: &str) -> Result<Vec<pb::PublishedOrder>, Problem> {
        let request =
            pb::PublishOptimisationRequest { request_id: request_id(), optimisation_id: id.to_owned() };
        answered(self.client.clone().publish_optimisation(request)).await.map(|answer| answer.orders)
    }

    /// Plans the week and publishes it. Returns what became of each order.
    pub(crate) async fn planned(&self) -> BTreeMap<String, (pb::PublishOutcome, String)> {
        let (id, _) = self.drafted().await;
        outcomes(&self.publish(&id).await.unwrap())
    }

    /// Optimisations that were ever taken by a replica, and how often.
    pub(crate) async fn attempts(&self) -> Vec<i32> {
        sqlx::query_scalar("SELECT attempt FROM optimisation WHERE attempt > 0 ORDER BY seq")
            .fetch_all(self.dispatch.journal().pool())
            .await
            .unwrap()
    }
}

/// Outcome and reason by order.
pub(crate) fn outcomes(orders: &[pb::PublishedOrder]) -> BTreeMap<String, (pb::PublishOutcome, String)> {
    let outcome = |order: &pb::PublishedOrder| (order.outcome(), order.reason.clone());
    orders.iter().map(|order| (order.visit_id.clone(), outcome(order))).collect()
}

pub(crate) fn unplanned(draft: &pb::Draft) -> Vec<(&str, pb::UnplannedReason)> {
    draft.unplanned.iter().map(|order| (&*order.visit_id, order.reason())).collect()
}
