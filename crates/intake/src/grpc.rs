//! The calls: a request is decoded and checked, its operation runs in a unit of work, its answer is encoded.

use futures::FutureExt;
use futures::future::BoxFuture;
use meridian_chassis::status::status;
use meridian_messaging::{Journal, Work, database_problem};
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::intake_service_server::IntakeService;
use meridian_types::{PersonId, Problem, RegionId, Rule, SerialNumber};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tonic::{Request, Response, Status};

use crate::clients::InRegion;
use crate::domain::case::Case;
use crate::error::Error;
use crate::operations::add_fact::add_fact;
use crate::operations::answer_referral::{accept_referral, decline_referral};
use crate::operations::assess_issue::assess_issue;
use crate::operations::close_case::close_case;
use crate::operations::known_codes::{Codes, KnownCodes};
use crate::operations::open_case::open_case;
use crate::operations::put_directory::put_directory;
use crate::operations::recognize_caller::{Candidate, recognize_caller};
use crate::operations::refer_case::refer_case;
use crate::operations::{directory, party_order, read_case};
use crate::wire;

/// Answers the calls of the service.
#[derive(Debug)]
pub struct IntakeGrpc {
    journal: Journal,
    known: KnownCodes,
}

impl IntakeGrpc {
    pub(crate) fn new(journal: Journal, clients: InRegion) -> Self {
        Self { journal, known: KnownCodes::new(clients) }
    }

    /// Runs the operation of a mutation, once for each request id.
    async fn mutate<Req, Input, Answer>(
        &self,
        request_id: &str,
        request: &Req,
        input: Input,
        operation: impl for<'w> Fn(&'w mut Work, Input) -> BoxFuture<'w, Result<Answer, Error>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Response<Answer>, Status>
    where
        Req: prost::Message + prost::Name,
        Input: Clone + Send + Sync + 'static,
        Answer: prost::Message + prost::Name + Default + 'static,
    {
        let answer = self.journal.execute(request_id, request, move |work| {
            operation(work, input.clone()).map(|answer| answer.map_err(Problem::from)).boxed()
        });
        answer.await.map(Response::new).map_err(status)
    }

    /// Refuses codes that nobody knows; what was answered already is not asked about again.
    async fn check<Req>(&self, request_id: &str, request: &Req, codes: Codes) -> Result<(), Status>
    where
        Req: prost::Message + prost::Name,
    {
        let Err(problem) = self.known.check(codes).await else { return Ok(()) };
        let answered = self.journal.is_answered(request_id, request).await.map_err(status)?;
        if answered { Ok(()) } else { Err(status(problem)) }
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>, Status> {
        self.journal.pool().acquire().await.map_err(|error| status(database_problem(&error)))
    }

    fn region(&self) -> RegionId {
        self.journal.origin().region.clone()
    }

    fn encode_candidate(&self, candidate: &Candidate) -> pb::CallerCandidate {
        let region = self.region();
        pb::CallerCandidate {
            person: Some(wire::directory::encode_person(&candidate.person)),
            customer: Some(wire::directory::encode_customer(&candidate.customer, &region)),
            confidence: candidate.recognition.confidence,
            reasons: candidate.recognition.reasons.clone(),
            instruments: candidate.instruments.iter().map(wire::directory::encode_instrument).collect(),
            open_cases: encode_cases(&candidate.open_cases, &region),
        }
    }
}

fn encode_cases(cases: &[Case], region: &RegionId) -> Vec<pb::Case> {
    cases.iter().map(|case| wire::case::encode(case, region)).collect()
}

fn refused(error: Error) -> Status {
    status(Problem::from(error))
}

/// The id that a `Get` asks for.
fn wanted<T: std::str::FromStr<Err = Rule>>(field: &str, text: &str) -> Result<T, Status> {
    text.parse().map_err(|rule: Rule| status(Problem::invalid_field(field, text, rule)))
}

#[tonic::async_trait]
impl IntakeService for IntakeGrpc {
    async fn recognize_caller(
        &self,
        request: Request<pb::RecognizeCallerRequest>,
    ) -> Result<Response<pb::RecognizeCallerResponse>, Status> {
        let caller = wire::directory::decode_caller(request.get_ref()).map_err(status)?;
        let found = recognize_caller(&mut *self.connection().await?, &caller).await.map_err(refused)?;
        let candidates = found.iter().map(|candidate| self.encode_candidate(candidate)).collect();
        Ok(Response::new(pb::RecognizeCallerResponse { candidates }))
    }

    async fn get_person(
        &self,
        request: Request<pb::GetPersonRequest>,
    ) -> Result<Response<pb::GetPersonResponse>, Status> {
        let person_id: PersonId = wanted("person_id", &request.get_ref().person_id)?;
        let (person, customer) =
            directory::person(&mut *self.connection().await?, person_id).await.map_err(refused)?;
        Ok(Response::new(pb::GetPersonResponse {
            person: Some(wire::directory::encode_person(&person)),
            customer: Some(wire::directory::encode_customer(&customer, &self.region())),
        }))
    }

    async fn get_instrument(
        &self,
        request: Request<pb::GetInstrumentRequest>,
    ) -> Result<Response<pb::GetInstrumentResponse>, Status> {
        let serial_number: SerialNumber = wanted("serial_number", &request.get_ref().serial_number)?;
        let (instrument, customer, cases) =
            directory::instrument(&mut *self.connection().await?, serial_number).await.map_err(refused)?;
        Ok(Response::new(pb::GetInstrumentResponse {
            instrument: Some(wire::directory::encode_instrument(&instrument)),
            customer: Some(wire::directory::encode_customer(&customer, &self.region())),
            open_cases: encode_cases(&cases, &self.region()),
        }))
    }

    async fn assess_issue(
        &self,
        request: Request<pb::AssessIssueRequest>,
    ) -> Result<Response<pb::AssessIssueResponse>, Status> {
        let (customer_id, need) = wire::case::decode_assess(request.get_ref()).map_err(status)?;
        let now = self.journal.clock().now();
        let assessment =
            assess_issue(&mut *self.connection().await?, &customer_id, &need, now).await.map_err(refused)?;
        Ok(Response::new(pb::AssessIssueResponse {
            verdict: wire::case::encode_verdict(assessment.verdict).into(),
            case_id: assessment.case_id.map(|case_id| case_id.to_string()).unwrap_or_default(),
            reasons: assessment.reasons,
        }))
    }

    async fn open_case(
        &self,
        request: Request<pb::OpenCaseRequest>,
    ) -> Result<Response<pb::OpenCaseResponse>, Status> {
        let request = request.into_inner();
        let call = wire::case::decode_open(&request).map_err(status)?;
        let mut codes = Codes::default();
        codes.office(&call.office);
        codes.need(&call.need);
        call.facts.iter().for_each(|fact| codes.fact(fact));
        self.check(&request.request_id, &request, codes).await?;
        let region = self.region();
        self.mutate(&request.request_id, &request, (call, region), |work, (call, region)| {
            async move {
                let case = open_case(work, call).await?;
                Ok(pb::OpenCaseResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn add_fact(
        &self,
        request: Request<pb::AddFactRequest>,
    ) -> Result<Response<pb::AddFactResponse>, Status> {
        let request = request.into_inner();
        let addition = wire::case::decode_add_fact(&request).map_err(status)?;
        let mut codes = Codes::default();
        codes.fact(&addition.fact);
        self.check(&request.request_id, &request, codes).await?;
        let input = (addition, self.region());
        self.mutate(&request.request_id, &request, input, |work, (addition, region)| {
            async move {
                let case = add_fact(work, addition).await?;
                Ok(pb::AddFactResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn get_case(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::GetCaseResponse>, Status> {
        let case_id = wanted("case_id", &request.get_ref().case_id)?;
        let case = read_case::one(&mut *self.connection().await?, case_id).await.map_err(refused)?;
        Ok(Response::new(pb::GetCaseResponse { case: Some(wire::case::encode(&case, &self.region())) }))
    }

    async fn list_cases(
        &self,
        request: Request<pb::ListCasesRequest>,
    ) -> Result<Response<pb::ListCasesResponse>, Status> {
        let request = request.into_inner();
        let page = wire::list::decode(&request).map_err(status)?;
        let (cases, more) = read_case::page(&mut *self.connection().await?, &page.filter, page.size)
            .await
            .map_err(refused)?;
        let last = cases.last().filter(|_| more);
        Ok(Response::new(pb::ListCasesResponse {
            next_page_token: last.map(|last| wire::list::token_after(last, &request)).unwrap_or_default(),
            cases: encode_cases(&cases, &self.region()),
        }))
    }

    async fn refer_case(
        &self,
        request: Request<pb::ReferCaseRequest>,
    ) -> Result<Response<pb::ReferCaseResponse>, Status> {
        let request = request.into_inner();
        let wish = wire::referral::decode_refer(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, (wish, self.region()), |work, (wish, region)| {
            async move {
                let case = refer_case(work, wish).await?;
                Ok(pb::ReferCaseResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn accept_referral(
        &self,
        request: Request<pb::AcceptReferralRequest>,
    ) -> Result<Response<pb::AcceptReferralResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::referral::decode_accept(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, (answer, self.region()), |work, (answer, region)| {
            async move {
                let case = accept_referral(work, answer).await?;
                Ok(pb::AcceptReferralResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn decline_referral(
        &self,
        request: Request<pb::DeclineReferralRequest>,
    ) -> Result<Response<pb::DeclineReferralResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::referral::decode_decline(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, (answer, self.region()), |work, (answer, region)| {
            async move {
                let case = decline_referral(work, answer).await?;
                Ok(pb::DeclineReferralResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn accept_party_order(
        &self,
        request: Request<pb::AcceptPartyOrderRequest>,
    ) -> Result<Response<pb::AcceptPartyOrderResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::party_order::decode_accept(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, answer, |work, (order_id, word)| {
            async move {
                let order =
                    Some(wire::party_order::encode(&party_order::answer(work, order_id, word).await?));
                Ok(pb::AcceptPartyOrderResponse { order })
            }
            .boxed()
        })
        .await
    }

    async fn decline_party_order(
        &self,
        request: Request<pb::DeclinePartyOrderRequest>,
    ) -> Result<Response<pb::DeclinePartyOrderResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::party_order::decode_decline(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, answer, |work, (order_id, word)| {
            async move {
                let order =
                    Some(wire::party_order::encode(&party_order::answer(work, order_id, word).await?));
                Ok(pb::DeclinePartyOrderResponse { order })
            }
            .boxed()
        })
        .await
    }

    async fn reschedule_party_order(
        &self,
        request: Request<pb::ReschedulePartyOrderRequest>,
    ) -> Result<Response<pb::ReschedulePartyOrderResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::party_order::decode_reschedule(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, answer, |work, (order_id, word)| {
            async move {
                let order =
                    Some(wire::party_order::encode(&party_order::answer(work, order_id, word).await?));
                Ok(pb::ReschedulePartyOrderResponse { order })
            }
            .boxed()
        })
        .await
    }

    async fn deliver_party_order(
        &self,
        request: Request<pb::DeliverPartyOrderRequest>,
    ) -> Result<Response<pb::DeliverPartyOrderResponse>, Status> {
        let request = request.into_inner();
        let answer = wire::party_order::decode_deliver(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, answer, |work, (order_id, word)| {
            async move {
                let order =
                    Some(wire::party_order::encode(&party_order::answer(work, order_id, word).await?));
                Ok(pb::DeliverPartyOrderResponse { order })
            }
            .boxed()
        })
        .await
    }

    async fn get_party_order(
        &self,
        request: Request<pb::GetPartyOrderRequest>,
    ) -> Result<Response<pb::GetPartyOrderResponse>, Status> {
        let order_id = wanted("order_id", &request.get_ref().order_id)?;
        let order = party_order::one(&mut *self.connection().await?, order_id).await.map_err(refused)?;
        Ok(Response::new(pb::GetPartyOrderResponse { order: Some(wire::party_order::encode(&order)) }))
    }

    async fn list_party_orders(
        &self,
        request: Request<pb::ListPartyOrdersRequest>,
    ) -> Result<Response<pb::ListPartyOrdersResponse>, Status> {
        let request = request.into_inner();
        let page = wire::party_order::decode_list(&request).map_err(status)?;
        let mut conn = self.connection().await?;
        let found = party_order::page(&mut conn, page.case_id, page.after, page.size).await;
        let (orders, more) = found.map_err(refused)?;
        let last = orders.last().filter(|_| more).map(|(number, _)| *number);
        Ok(Response::new(pb::ListPartyOrdersResponse {
            next_page_token: last
                .map(|last| wire::party_order::token_after(last, &request))
                .unwrap_or_default(),
            orders: orders.iter().map(|(_, order)| wire::party_order::encode(order)).collect(),
        }))
    }

    async fn close_case(
        &self,
        request: Request<pb::CloseCaseRequest>,
    ) -> Result<Response<pb::CloseCaseResponse>, Status> {
        let request = request.into_inner();
        let ending = wire::case::decode_close(&request).map_err(status)?;
        self.mutate(&request.request_id, &request, (ending, self.region()), |work, (ending, region)| {
            async move {
                let case = close_case(work, ending).await?;
                Ok(pb::CloseCaseResponse { case: Some(wire::case::encode(&case, &region)) })
            }
            .boxed()
        })
        .await
    }

    async fn put_directory(
        &self,
        request: Request<pb::PutDirectoryRequest>,
    ) -> Result<Response<pb::PutDirectoryResponse>, Status> {
        let request = request.into_inner();
        // Customers are never deleted, so those on record now are on record when the unit of work runs.
        let named = wire::directory::customers_named(&request);
        let known = directory::customers(&mut *self.connection().await?, &named).await.map_err(refused)?;
        let records = wire::directory::decode_put(&request, known, &self.region()).map_err(status)?;
        self.mutate(&request.request_id, &request, records, |work, records| {
            async move {
                let stored = put_directory(work, records).await?;
                Ok(pb::PutDirectoryResponse { stored: i32::try_from(stored).unwrap_or(i32::MAX) })
            }
            .boxed()
        })
        .await
    }
}
