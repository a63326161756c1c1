//! The calls about work orders and plans.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use meridian_chassis::status::status;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::Problem;
use tonic::Status;

use super::{DispatchGrpc, answer, explanation, scheduling_request as request};
use crate::operations::engineer_calendar::engineer_calendar;
use crate::operations::explain_visit::{explain_visit, recommend_slots};
use crate::operations::optimise::{cancel_optimisation, get_optimisation, optimise};
use crate::operations::publish::publish;
use crate::operations::put_orders::{cancel_order, put_orders};
use crate::operations::read_orders::{list_orders, order_status};
use crate::operations::watch_optimisation::watch_optimisation;
use crate::wire;

/// How an optimisation gets on.
pub(super) type Watch = Pin<Box<dyn Stream<Item = Result<pb::WatchOptimisationResponse, Status>> + Send>>;

impl DispatchGrpc {
    pub(super) async fn put_orders(
        &self,
        request: pb::PutWorkOrdersRequest,
    ) -> Result<pb::PutWorkOrdersResponse, Problem> {
        let (request_id, asked) = request::put_work_orders(request.clone())?;
        let (asked, region) = (Arc::new(asked), self.region.clone());
        self.journal
            .execute(&request_id, &request, move |work| {
                let (asked, region) = (Arc::clone(&asked), region.clone());
                Box::pin(async move {
                    let stored = put_orders(work, &region, &asked).await?;
                    Ok(pb::PutWorkOrdersResponse { stored: i32::try_from(stored).unwrap_or(i32::MAX) })
                })
            })
            .await
    }

    pub(super) async fn cancel_order(
        &self,
        request: pb::CancelWorkOrderRequest,
    ) -> Result<pb::CancelWorkOrderResponse, Problem> {
        let (request_id, id) = super::request::visit_step(&request.request_id, &request.visit_id)?;
        let region = self.region.clone();
        self.journal
            .execute(&request_id, &request, move |work| {
                let region = region.clone();
                Box::pin(async move {
                    cancel_order(work, &region, id).await?;
                    let status = order_status(work.conn(), id).await?;
                    Ok(pb::CancelWorkOrderResponse { status: Some(answer::order(&status, &region)) })
                })
            })
            .await
    }

    pub(super) async fn list_orders(
        &self,
        request: pb::ListWorkOrdersRequest,
    ) -> Result<pb::ListWorkOrdersResponse, Problem> {
        let listing = request::list_work_orders(&request)?;
        let (orders, has_more) = list_orders(&mut *self.connection().await?, listing).await?;
        let last = orders.last().filter(|_| has_more);
        Ok(pb::ListWorkOrdersResponse {
            next_page_token: last.map(|last| last.stored.order.id().to_string()).unwrap_or_default(),
            work_orders: orders.iter().map(|status| answer::order(status, &self.region)).collect(),
        })
    }

    pub(super) async fn begin_optimisation(
        &self,
        request: pb::OptimiseRequest,
    ) -> Result<pb::OptimiseResponse, Problem> {
        let (request_id, terms) = request::optimise(&request)?;
        let (asked, terms) = (Arc::new(request.clone()), Arc::new(terms));
        self.journal
            .execute(&request_id, &request, move |work| {
                let (asked, terms) = (Arc::clone(&asked), Arc::clone(&terms));
                Box::pin(async move {
                    let stored = optimise(work, &asked, &terms).await?;
                    let optimisation = Some(wire::optimisation::encode(&stored));
                    Ok(pb::OptimiseResponse { optimisation })
                })
            })
            .await
    }

    pub(super) async fn optimisation(
        &self,
        request: pb::GetOptimisationRequest,
    ) -> Result<pb::GetOptimisationResponse, Problem> {
        let id = request::optimisation(&request.optimisation_id)?;
        let stored = get_optimisation(&mut *self.connection().await?, id).await?;
        let optimisation = wire::optimisation::encode(&stored);
        let optimisation = Some(pb::Optimisation { draft: stored.draft, ..optimisation });
        Ok(pb::GetOptimisationResponse { optimisation })
    }

    pub(super) async fn watch(&self, request: pb::WatchOptimisationRequest) -> Result<Watch, Problem> {
        let id = request::optimisation(&request.optimisation_id)?;
        get_optimisation(&mut *self.connection().await?, id).await?;
        let told = watch_optimisation(self.journal.clone(), id).map(|stored| {
            let optimisation = Some(wire::optimisation::encode(&stored.map_err(status)?));
            Ok(pb::WatchOptimisationResponse { optimisation })
        });
        Ok(told.boxed())
    }

    pub(super) async fn end_optimisation(
        &self,
        request: pb::CancelOptimisationRequest,
    ) -> Result<pb::CancelOptimisationResponse, Problem> {
        let (request_id, id) = request::optimisation_step(&request.request_id, &request.optimisation_id)?;
        self.journal
            .execute(&request_id, &request, move |work| {
                Box::pin(async move {
                    let stored = cancel_optimisation(work, id).await?;
                    let optimisation = Some(wire::optimisation::encode(&stored));
                    Ok(pb::CancelOptimisationResponse { optimisation })
                })
            })
            .await
    }

    pub(super) async fn publish(
        &self,
        request: pb::PublishOptimisationRequest,
    ) -> Result<pb::PublishOptimisationResponse, Problem> {
        let (request_id, id) = request::optimisation_step(&request.request_id, &request.optimisation_id)?;
        let region = self.region.clone();
        self.journal
            .execute(&request_id, &request, move |work| {
                let region = region.clone();
                Box::pin(async move {
                    let published = publish(work, &region, id).await?;
                    let orders = published.iter().map(answer::published).collect();
                    Ok(pb::PublishOptimisationResponse { orders })
                })
            })
            .await
    }

    pub(super) async fn explain(
        &self,
        request: pb::ExplainVisitRequest,
    ) -> Result<pb::ExplainVisitResponse, Problem> {
        let question = request::explain_visit(&request)?;
        let order = question.order;
        let (answer, trips) = explain_visit(&self.journal, question).await?;
        let frame = explanation::Frame { region: &self.region, trips: &trips };
        Ok(explanation::encode_answer(order, &answer, frame))
    }

    /// Slots for a work order.
    pub(super) async fn order_slots(
        &self,
        request: &pb::FindSlotsRequest,
    ) -> Result<pb::FindSlotsResponse, Problem> {
        let (order, window, most) = request::order_slots(request)?;
        let (slots, trips) = recommend_slots(&self.journal, order, window, most).await?;
        let frame = explanation::Frame { region: &self.region, trips: &trips };
        let slots = slots.iter().map(|slot| explanation::encode_slot(slot, frame));
        Ok(pb::FindSlotsResponse { slots: slots.collect(), refusals: Vec::new() })
    }

    pub(super) async fn calendar(
        &self,
        request: pb::GetEngineerCalendarRequest,
    ) -> Result<pb::GetEngineerCalendarResponse, Problem> {
        let engineer = request::engineer(&request.engineer_id)?;
        let now = self.journal.clock().now();
        let mut conn = self.connection().await?;
        let icalendar = engineer_calendar(&mut conn, &self.region, &engineer, now).await?;
        Ok(pb::GetEngineerCalendarResponse { icalendar })
    }
}
