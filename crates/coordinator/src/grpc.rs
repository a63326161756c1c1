//! The calls: a request is decoded and checked, its operation runs, its answer is encoded.

mod request;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use meridian_chassis::client::DEADLINE_DEFAULT;
use meridian_chassis::deadline::Deadline;
use meridian_chassis::status::{internal, status};
use meridian_messaging::{Journal, database_problem};
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::coordinator::v1::coordinator_service_server::CoordinatorService;
use meridian_types::{CaseId, Problem, similar};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::error::Error;
use crate::operations::assign_solutions::assign_solutions;
use crate::operations::commit_solution::commit_solution;
use crate::operations::confirm_return::confirm_return;
use crate::operations::find_solutions::{Finder, Question};
use crate::operations::put_network::put_network;
use crate::operations::withdraw_plan::withdraw_plan;
use crate::operations::{read_decision, read_plans, watch_case};
use crate::store::{network_record, served_case};
use crate::wire::assignment;
use crate::world::question::Limits;

/// Answers the calls of the service.
#[derive(Debug)]
pub struct CoordinatorGrpc {
    journal: Journal,
    finder: Finder,
}

impl CoordinatorGrpc {
    pub(crate) const fn new(journal: Journal, finder: Finder) -> Self {
        Self { journal, finder }
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>, Status> {
        self.journal.pool().acquire().await.map_err(|error| status(database_problem(&error)))
    }

    /// `CASE_NOT_FOUND` for what is no case.
    async fn check_exists(&self, case_id: CaseId) -> Result<(), Status> {
        let is_known = served_case::exists(&mut *self.connection().await?, case_id).await.map_err(refused)?;
        if !is_known {
            // Intake may be ahead of us; a case that it does not know either is none.
            self.finder.case_exists(case_id).await.map_err(refused)?;
        }
        Ok(())
    }

    async fn question(&self, wanted: request::FindSolutions) -> Result<Question, Error> {
        let request::FindSolutions { of, engineers, sites, ranking } = wanted;
        let limits = Limits { engineers, sites, ..Limits::default() };
        let question = match of {
            request::Of::Case(case_id) => Question::about(case_id, self.finder.case(case_id).await?, limits),
            request::Of::Need { asked, units } => Question::without_case(asked, units, limits),
        };
        Ok(Question { ranking, ..question })
    }
}

fn refused(error: impl Into<Error>) -> Status {
    status(Problem::from(error.into()))
}

#[tonic::async_trait]
impl CoordinatorService for CoordinatorGrpc {
    async fn find_solutions(
        &self,
        request: Request<pb::FindSolutionsRequest>,
    ) -> Result<Response<pb::FindSolutionsResponse>, Status> {
        let now = self.journal.clock().now();
        let wanted = request::find_solutions(request.get_ref(), now).map_err(status)?;
        let question = self.question(wanted).await.map_err(refused)?;
        let found = self.finder.find(&question).await.map_err(refused)?;
        Ok(Response::new(found.response()))
    }

    async fn assign_solutions(
        &self,
        request: Request<pb::AssignSolutionsRequest>,
    ) -> Result<Response<pb::AssignSolutionsResponse>, Status> {
        let case_ids = request::assign_solutions(request.get_ref()).map_err(status)?;
        let assigned = assign_solutions(&self.journal, &self.finder, case_ids).await.map_err(refused)?;
        Ok(Response::new(assignment::response(&assigned)))
    }

    type GetDecisionStream = Pin<Box<dyn Stream<Item = Result<pb::GetDecisionResponse, Status>> + Send>>;

    async fn get_decision(
        &self,
        request: Request<pb::GetDecisionRequest>,
    ) -> Result<Response<Self::GetDecisionStream>, Status> {
        let which = request::get_decision(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let parts = read_decision::read_decision(&mut conn, which).await.map_err(refused)?;
        Ok(Response::new(futures::stream::iter(parts.into_iter().map(Ok)).boxed()))
    }

    async fn commit_solution(
        &self,
        request: Request<pb::CommitSolutionRequest>,
    ) -> Result<Response<pb::CommitSolutionResponse>, Status> {
        let left = Deadline::of(&request).map_or(DEADLINE_DEFAULT, Deadline::remaining);
        let deadline = tokio::time::Instant::now() + left.max(Duration::from_millis(1));
        let request = request.into_inner();
        let choice = request::commit_solution(&request).map_err(status)?;
        let (journal, finder) = (self.journal.clone(), self.finder.clone());
        // A caller who goes away must not leave a plan behind that still believes somebody decides for it.
        let committing = async move { commit_solution(&journal, &finder, request, choice, deadline).await };
        let answer =
            tokio::spawn(committing.in_current_span()).await.map_err(|error| status(internal(&error)))?;
        answer.map(Response::new).map_err(status)
    }

    async fn withdraw_plan(
        &self,
        request: Request<pb::WithdrawPlanRequest>,
    ) -> Result<Response<pb::WithdrawPlanResponse>, Status> {
        let request = request.get_ref();
        let (request_id, plan_id, reason) = request::withdraw_plan(request).map_err(status)?;
        let reason: Arc<str> = reason.into();
        let answer = self.journal.execute(&request_id, request, move |work| {
            let reason = Arc::clone(&reason);
            Box::pin(async move {
                let stored = withdraw_plan(work, plan_id, &reason).await?;
                let plan = read_plans::message(work.conn(), &stored).await?;
                Ok(pb::WithdrawPlanResponse { plan: Some(plan) })
            })
        });
        answer.await.map(Response::new).map_err(status)
    }

    async fn confirm_return(
        &self,
        request: Request<pb::ConfirmReturnRequest>,
    ) -> Result<Response<pb::ConfirmReturnResponse>, Status> {
        let request = request.get_ref();
        let (request_id, case_id, note) = request::confirm_return(request).map_err(status)?;
        self.check_exists(case_id).await?;
        let said = Arc::new((self.journal.origin().region.clone(), note));
        let answer = self.journal.execute(&request_id, request, move |work| {
            let said = Arc::clone(&said);
            Box::pin(async move {
                let (region, note) = &*said;
                let stored = confirm_return(work, region, case_id, note).await?;
                let plan = read_plans::message(work.conn(), &stored).await?;
                Ok(pb::ConfirmReturnResponse { plan: Some(plan) })
            })
        });
        answer.await.map(Response::new).map_err(status)
    }

    async fn get_plan(
        &self,
        request: Request<pb::GetPlanRequest>,
    ) -> Result<Response<pb::GetPlanResponse>, Status> {
        let which = request::get_plan(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let plan = read_plans::get_plan(&mut conn, which).await.map_err(refused)?;
        Ok(Response::new(pb::GetPlanResponse { plan: Some(plan) }))
    }

    type WatchCaseStream = Pin<Box<dyn Stream<Item = Result<pb::WatchCaseResponse, Status>> + Send>>;

    async fn watch_case(
        &self,
        request: Request<pb::WatchCaseRequest>,
    ) -> Result<Response<Self::WatchCaseStream>, Status> {
        let (case_id, position) = request::watch_case(request.get_ref()).map_err(status)?;
        self.check_exists(case_id).await?;
        let entries = watch_case::watch_case(self.journal.clone(), case_id, position);
        Ok(Response::new(entries.map(|entry| entry.map_err(status)).boxed()))
    }

    async fn list_plans(
        &self,
        request: Request<pb::ListPlansRequest>,
    ) -> Result<Response<pb::ListPlansResponse>, Status> {
        let (state, after, size) = request::list_plans(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let page = read_plans::list_plans(&mut conn, state, after, size).await.map_err(refused)?;
        let next_page_token = page.next.map(request::page_token).unwrap_or_default();
        Ok(Response::new(pb::ListPlansResponse { plans: page.entries, next_page_token }))
    }

    async fn list_parked(
        &self,
        request: Request<pb::ListParkedRequest>,
    ) -> Result<Response<pb::ListParkedResponse>, Status> {
        let (after, size) = request::list_parked(request.get_ref()).map_err(status)?;
        let now = self.journal.clock().now();
        let mut conn = self.connection().await?;
        let page = read_plans::list_parked(&mut conn, after, size, now).await.map_err(refused)?;
        let next_page_token = page.next.map(request::page_token).unwrap_or_default();
        Ok(Response::new(pb::ListParkedResponse { parked: page.entries, next_page_token }))
    }

    async fn list_promises(
        &self,
        request: Request<pb::ListPromisesRequest>,
    ) -> Result<Response<pb::ListPromisesResponse>, Status> {
        let (of, after, size) = request::list_promises(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let page = read_plans::list_promises(&mut conn, of, after, size).await.map_err(refused)?;
        let next_page_token = page.next.map(request::page_token).unwrap_or_default();
        Ok(Response::new(pb::ListPromisesResponse { promises: page.entries, next_page_token }))
    }

    async fn summarise(
        &self,
        _: Request<pb::SummariseRequest>,
    ) -> Result<Response<pb::SummariseResponse>, Status> {
        let mut conn = self.connection().await?;
        read_plans::summarise(&mut conn).await.map(Response::new).map_err(refused)
    }

    async fn look_up_sites(
        &self,
        request: Request<pb::LookUpSitesRequest>,
    ) -> Result<Response<pb::LookUpSitesResponse>, Status> {
        let asked = request::look_up_sites(request.get_ref()).map_err(status)?;
        // What is heard from now on is found.
        let keeps_up = self.journal.keeps_up_with(&self.journal.origin().service);
        let sites = network_record::sites(&mut *self.connection().await?).await.map_err(refused)?;
        let sites: BTreeSet<&str> = sites.iter().map(String::as_str).collect();
        let unknown = asked.iter().filter(|code| !sites.contains(code.as_str())).map(|code| {
            let similar = similar(code.as_str(), sites.iter().copied());
            let similar_site_ids = similar.into_iter().map(str::to_owned).collect();
            pb::UnknownSite { site_id: code.to_string(), similar_site_ids }
        });
        let unknown = unknown.collect();
        let incomplete = sites.is_empty() || !keeps_up;
        Ok(Response::new(pb::LookUpSitesResponse { unknown, incomplete }))
    }

    async fn put_network(
        &self,
        request: Request<pb::PutNetworkRequest>,
    ) -> Result<Response<pb::PutNetworkResponse>, Status> {
        let own = self.journal.origin().region.clone();
        let (request_id, records) = request::put_network(request.get_ref(), &own).map_err(status)?;
        let records = Arc::new((own, records));
        let answer = self.journal.execute(&request_id, request.get_ref(), move |work| {
            let records = Arc::clone(&records);
            Box::pin(async move {
                let (own, records) = &*records;
                Ok(pb::PutNetworkResponse { stored: put_network(work, own, records).await? })
            })
        });
        answer.await.map(Response::new).map_err(status)
    }
}
