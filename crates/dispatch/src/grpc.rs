//! The calls of dispatch: decode, operation, encode.

mod answer;
mod explanation;
mod request;
mod scheduling;
mod scheduling_request;

use meridian_chassis::status::status;
use meridian_messaging::{Journal, database_problem};
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::dispatch_service_server::DispatchService;
use meridian_types::{Problem, RegionId};
use prost::{Message, Name};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};
use tonic::{Request, Response, Status, async_trait};

use crate::domain::visit::Step;
use crate::operations::advance_visit::advance_visit;
use crate::operations::find_engineers::find_engineers;
use crate::operations::find_slots::find_slots;
use crate::operations::hold_visit::hold_visit;
use crate::operations::put_workforce::put_workforce;
use crate::operations::read_visits;
use crate::operations::record_absence::record_absence;
use crate::wire;

/// Answers calls from the journal of one region.
#[derive(Debug, Clone)]
pub struct DispatchGrpc {
    journal: Journal,
    region: RegionId,
}

impl DispatchGrpc {
    pub(crate) fn new(journal: Journal) -> Self {
        let region = journal.origin().region.clone();
        Self { journal, region }
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>, Problem> {
        self.journal.pool().acquire().await.map_err(|error| database_problem(&error))
    }

    /// Takes a visit one step on, once for each request.
    async fn advance<Req: Message + Name, R: Message + Name + Default + 'static>(
        &self,
        request: &Req,
        (request_id, visit_id): (&str, &str),
        step: Step,
        response: fn(pb::Visit) -> R,
    ) -> Result<Response<R>, Status> {
        let answer = async {
            let (request_id, id) = request::visit_step(request_id, visit_id)?;
            let region = self.region.clone();
            self.journal
                .execute(&request_id, request, move |work| {
                    let region = region.clone();
                    Box::pin(async move {
                        let advanced = advance_visit(work, id, step).await?;
                        Ok(response(wire::visit::encode_found(id, &advanced.found, &region)))
                    })
                })
                .await
        };
        respond(answer.await)
    }

    async fn hold(&self, request: pb::HoldVisitRequest) -> Result<pb::HoldVisitResponse, Problem> {
        let (request_id, claim, minutes) = request::hold_visit(request.clone())?;
        let region = self.region.clone();
        self.journal
            .execute(&request_id, &request, move |work| {
                let (claim, region) = (claim.clone(), region.clone());
                Box::pin(async move {
                    let held = hold_visit(work, &region, &claim, minutes).await?;
                    Ok(pb::HoldVisitResponse { visit: Some(wire::visit::encode(&held.visit, &region)) })
                })
            })
            .await
    }

    async fn absence(&self, request: pb::RecordAbsenceRequest) -> Result<pb::RecordAbsenceResponse, Problem> {
        let (request_id, absence) = request::record_absence(&request)?;
        let region = self.region.clone();
        self.journal
            .execute(&request_id, &request, move |work| {
                let (absence, region) = (absence.clone(), region.clone());
                Box::pin(async move {
                    let cancelled = record_absence(work, &region, &absence).await?;
                    let cancelled_visit_ids = cancelled.iter().map(ToString::to_string).collect();
                    Ok(pb::RecordAbsenceResponse { cancelled_visit_ids })
                })
            })
            .await
    }

    async fn put(&self, request: pb::PutWorkforceRequest) -> Result<pb::PutWorkforceResponse, Problem> {
        let (request_id, workforce) = request::put_workforce(request.clone(), &self.region)?;
        let stored = i32::try_from(workforce.len()).unwrap_or(i32::MAX);
        self.journal
            .execute(&request_id, &request, move |work| {
                let workforce = workforce.clone();
                Box::pin(async move {
                    put_workforce(work, &workforce).await?;
                    Ok(pb::PutWorkforceResponse { stored })
                })
            })
            .await
    }

    async fn engineers(
        &self,
        request: pb::FindEngineersRequest,
    ) -> Result<pb::FindEngineersResponse, Problem> {
        let question = request::find_engineers(request)?;
        let now = self.journal.clock().now();
        let found = find_engineers(&mut *self.connection().await?, &self.region, &question, now).await?;
        Ok(answer::engineers(found))
    }

    async fn slots(&self, request: pb::FindSlotsRequest) -> Result<pb::FindSlotsResponse, Problem> {
        if !request.visit_id.is_empty() {
            return self.order_slots(&request).await;
        }
        let question = request::find_slots(request)?;
        let now = self.journal.clock().now();
        let (slots, refused) =
            find_slots(&mut *self.connection().await?, &self.region, &question, now).await?;
        Ok(answer::slots(&slots, &refused))
    }

    async fn list(&self, request: pb::ListVisitsRequest) -> Result<pb::ListVisitsResponse, Problem> {
        let listing = request::list_visits(&request)?;
        let (visits, has_more) = read_visits::list_visits(&mut *self.connection().await?, listing).await?;
        Ok(answer::visits(&visits, has_more, &self.region))
    }

    async fn get(&self, request: pb::GetVisitRequest) -> Result<pb::GetVisitResponse, Problem> {
        let id = request::get_visit(&request)?;
        let found = read_visits::get_visit(&mut *self.connection().await?, id).await?;
        Ok(pb::GetVisitResponse { visit: Some(wire::visit::encode_found(id, &found, &self.region)) })
    }

    async fn audit(&self) -> Result<pb::AuditVisitsResponse, Problem> {
        let conn: &mut PgConnection = &mut *self.connection().await?;
        let (overlapping_pairs, open_visits) = read_visits::audit_visits(conn).await?;
        Ok(pb::AuditVisitsResponse { overlapping_pairs, open_visits })
    }
}

fn respond<R>(answer: Result<R, Problem>) -> Result<Response<R>, Status> {
    answer.map(Response::new).map_err(status)
}

#[async_trait]
impl DispatchService for DispatchGrpc {
    async fn find_engineers(
        &self,
        request: Request<pb::FindEngineersRequest>,
    ) -> Result<Response<pb::FindEngineersResponse>, Status> {
        respond(self.engineers(request.into_inner()).await)
    }

    async fn find_slots(
        &self,
        request: Request<pb::FindSlotsRequest>,
    ) -> Result<Response<pb::FindSlotsResponse>, Status> {
        respond(self.slots(request.into_inner()).await)
    }

    async fn hold_visit(
        &self,
        request: Request<pb::HoldVisitRequest>,
    ) -> Result<Response<pb::HoldVisitResponse>, Status> {
        respond(self.hold(request.into_inner()).await)
    }

    async fn book_visit(
        &self,
        request: Request<pb::BookVisitRequest>,
    ) -> Result<Response<pb::BookVisitResponse>, Status> {
        let request = request.into_inner();
        let ids = (&*request.request_id, &*request.visit_id);
        self.advance(&request, ids, Step::Book, |visit| pb::BookVisitResponse { visit: Some(visit) }).await
    }

    async fn accept_visit(
        &self,
        request: Request<pb::AcceptVisitRequest>,
    ) -> Result<Response<pb::AcceptVisitResponse>, Status> {
        let request = request.into_inner();
        let ids = (&*request.request_id, &*request.visit_id);
        self.advance(&request, ids, Step::Accept, |visit| pb::AcceptVisitResponse { visit: Some(visit) })
            .await
    }

    async fn start_visit(
        &self,
        request: Request<pb::StartVisitRequest>,
    ) -> Result<Response<pb::StartVisitResponse>, Status> {
        let request = request.into_inner();
        let ids = (&*request.request_id, &*request.visit_id);
        self.advance(&request, ids, Step::Start, |visit| pb::StartVisitResponse { visit: Some(visit) }).await
    }

    async fn finish_visit(
        &self,
        request: Request<pb::FinishVisitRequest>,
    ) -> Result<Response<pb::FinishVisitResponse>, Status> {
        let request = request.into_inner();
        let ids = (&*request.request_id, &*request.visit_id);
        let step = if request.unsolved { Step::GiveUp } else { Step::Finish };
        self.advance(&request, ids, step, |visit| pb::FinishVisitResponse { visit: Some(visit) }).await
    }

    async fn cancel_visit(
        &self,
        request: Request<pb::CancelVisitRequest>,
    ) -> Result<Response<pb::CancelVisitResponse>, Status> {
        let request = request.into_inner();
        let ids = (&*request.request_id, &*request.visit_id);
        self.advance(&request, ids, Step::Cancel, |visit| pb::CancelVisitResponse { visit: Some(visit) })
            .await
    }

    async fn get_visit(
        &self,
        request: Request<pb::GetVisitRequest>,
    ) -> Result<Response<pb::GetVisitResponse>, Status> {
        respond(self.get(request.into_inner()).await)
    }

    async fn list_visits(
        &self,
        request: Request<pb::ListVisitsRequest>,
    ) -> Result<Response<pb::ListVisitsResponse>, Status> {
        respond(self.list(request.into_inner()).await)
    }

    async fn record_absence(
        &self,
        request: Request<pb::RecordAbsenceRequest>,
    ) -> Result<Response<pb::RecordAbsenceResponse>, Status> {
        respond(self.absence(request.into_inner()).await)
    }

    async fn audit_visits(
        &self,
        _: Request<pb::AuditVisitsRequest>,
    ) -> Result<Response<pb::AuditVisitsResponse>, Status> {
        respond(self.audit().await)
    }

    async fn put_workforce(
        &self,
        request: Request<pb::PutWorkforceRequest>,
    ) -> Result<Response<pb::PutWorkforceResponse>, Status> {
        respond(self.put(request.into_inner()).await)
    }

    async fn put_work_orders(
        &self,
        request: Request<pb::PutWorkOrdersRequest>,
    ) -> Result<Response<pb::PutWorkOrdersResponse>, Status> {
        respond(self.put_orders(request.into_inner()).await)
    }

    async fn cancel_work_order(
        &self,
        request: Request<pb::CancelWorkOrderRequest>,
    ) -> Result<Response<pb::CancelWorkOrderResponse>, Status> {
        respond(self.cancel_order(request.into_inner()).await)
    }

    async fn list_work_orders(
        &self,
        request: Request<pb::ListWorkOrdersRequest>,
    ) -> Result<Response<pb::ListWorkOrdersResponse>, Status> {
        respond(self.list_orders(request.into_inner()).await)
    }

    async fn optimise(
        &self,
        request: Request<pb::OptimiseRequest>,
    ) -> Result<Response<pb::OptimiseResponse>, Status> {
        respond(self.begin_optimisation(request.into_inner()).await)
    }

    async fn get_optimisation(
        &self,
        request: Request<pb::GetOptimisationRequest>,
    ) -> Result<Response<pb::GetOptimisationResponse>, Status> {
        respond(self.optimisation(request.into_inner()).await)
    }

    async fn cancel_optimisation(
        &self,
        request: Request<pb::CancelOptimisationRequest>,
    ) -> Result<Response<pb::CancelOptimisationResponse>, Status> {
        respond(self.end_optimisation(request.into_inner()).await)
    }

    async fn publish_optimisation(
        &self,
        request: Request<pb::PublishOptimisationRequest>,
    ) -> Result<Response<pb::PublishOptimisationResponse>, Status> {
        respond(self.publish(request.into_inner()).await)
    }

    async fn explain_visit(
        &self,
        request: Request<pb::ExplainVisitRequest>,
    ) -> Result<Response<pb::ExplainVisitResponse>, Status> {
        respond(self.explain(request.into_inner()).await)
    }

    async fn get_engineer_calendar(
        &self,
        request: Request<pb::GetEngineerCalendarRequest>,
    ) -> Result<Response<pb::GetEngineerCalendarResponse>, Status> {
        respond(self.calendar(request.into_inner()).await)
    }

    type WatchOptimisationStream = scheduling::Watch;

    async fn watch_optimisation(
        &self,
        request: Request<pb::WatchOptimisationRequest>,
    ) -> Result<Response<Self::WatchOptimisationStream>, Status> {
        respond(self.watch(request.into_inner()).await)
    }
}
