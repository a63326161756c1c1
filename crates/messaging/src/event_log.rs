//! The gRPC service over the journals of this process: backfill for readers, dead letters for operators.

use meridian_chassis::encode;
use meridian_chassis::status::status;
use meridian_proto::messaging::v1::event_log_service_server::EventLogService;
use meridian_proto::messaging::v1::{
    DeadLetter as DeadLetterMessage, ListDeadLettersRequest, ListDeadLettersResponse, PublishedEvent,
    ReadEventsRequest, ReadEventsResponse, ReplayDeadLettersRequest, ReplayDeadLettersResponse,
};
use meridian_types::{EventId, Problem, ProblemKind, Rule, Violations};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::dead_letter::{self, DeadLetter};
use crate::fault::database_problem;
use crate::heal::numbered;
use crate::relay::delivered;
use crate::{Event, Journal, relay_cursor};

const EVENTS_MAX: i32 = 1000;
/// Below the usual limit of a gRPC message, 4 MiB.
const ANSWER_BYTES_MAX: usize = 3 * 1024 * 1024;
const LETTERS_MAX: i32 = 200;
const LETTERS_DEFAULT: i32 = 50;

/// Reads the outboxes and dead letters of the services that run in this process.
#[derive(Debug, Clone)]
pub struct EventLog {
    journals: Vec<Journal>,
}

impl EventLog {
    /// The event log of these journals, one for each service of a region.
    #[must_use]
    pub fn new(mut journals: Vec<Journal>) -> Self {
        journals.sort_by(|one, other| one.origin().service.cmp(&other.origin().service));
        Self { journals }
    }

    /// The journals that `service` names; all when it is empty.
    fn named(&self, service: &str) -> Result<&[Journal], Problem> {
        if service.is_empty() {
            return Ok(&self.journals);
        }
        let found = self.journals.iter().position(|journal| journal.origin().service.as_str() == service);
        found
            .map(|index| &self.journals[index..=index])
            .ok_or_else(|| Problem::not_found("SERVICE_NOT_FOUND", "service here called", service))
    }

    async fn read(&self, request: ReadEventsRequest) -> Result<ReadEventsResponse, Problem> {
        let mut violations = Violations::new();
        if request.service.is_empty() {
            violations.add("service", "", "must not be empty");
        }
        if request.from_pub_seq == 0 {
            violations.add("from_pub_seq", 0, "at least 1");
        }
        if !(1..=EVENTS_MAX).contains(&request.page_size) {
            violations.add("page_size", request.page_size, "1 to 1000");
        }
        violations.finish()?;
        let [journal] = self.named(&request.service)? else {
            return Err(Problem::not_found("SERVICE_NOT_FOUND", "service here called", request.service));
        };
        let pool = journal.pool();
        let cursor =
            relay_cursor::load(pool).await.map_err(|error| database_problem(&error))?.ok_or_else(|| {
                Problem::new(
                    ProblemKind::Unavailable,
                    "NOTHING_PUBLISHED",
                    "the service has published nothing yet",
                )
            })?;
        let first = request.from_pub_seq;
        let last = first.saturating_add(u64::from(request.page_size.unsigned_abs()) - 1);
        let rows = numbered(pool, &cursor, first, last).await.map_err(|error| database_problem(&error))?;
        let mut bytes = 0;
        let events = rows
            .iter()
            .take_while(|(_, row)| {
                bytes += row.body.len();
                bytes <= ANSWER_BYTES_MAX
            })
            .map(|(pub_seq, row)| published(&delivered(row, *pub_seq, &cursor, journal).event))
            .collect();
        Ok(ReadEventsResponse {
            events,
            epoch: cursor.epoch.id,
            epoch_base: cursor.epoch.base,
            epoch_start_time: Some(encode::timestamp(cursor.epoch.started)),
            oldest_pub_seq: cursor.floor.pub_seq + 1,
        })
    }

    async fn list(&self, request: ListDeadLettersRequest) -> Result<ListDeadLettersResponse, Problem> {
        let mut violations = Violations::new();
        if !(0..=LETTERS_MAX).contains(&request.page_size) {
            violations.add("page_size", request.page_size, "1 to 200, or 0 for 50");
        }
        let token =
            violations.check("page_token", &request.page_token, PageToken::parse(&request.page_token));
        violations.finish()?;
        let token = token.unwrap_or_default();
        let limit = if request.page_size == 0 { LETTERS_DEFAULT } else { request.page_size };
        let mut left = i64::from(limit);
        let mut answer = ListDeadLettersResponse::default();
        for journal in self.named(&request.service)? {
            let service = journal.origin().service.as_str();
            if service < token.service.as_str() {
                continue;
            }
            let after = if service == token.service { token.after } else { 0 };
            // One more than wanted tells whether there is a next page.
            let letters = dead_letter::list(journal.pool(), after, left + 1)
                .await
                .map_err(|error| database_problem(&error))?;
            let has_more = letters.len() as i64 > left;
            let mut last = after;
            for letter in letters.into_iter().take(usize::try_from(left).unwrap_or(0)) {
                last = letter.id;
                left -= 1;
                answer.dead_letters.push(message(service, letter));
            }
            if has_more {
                answer.next_page_token = format!("{service}/{last}");
                break;
            }
        }
        Ok(answer)
    }

    async fn replay(&self, request: ReplayDeadLettersRequest) -> Result<ReplayDeadLettersResponse, Problem> {
        let only =
            match request.event_id.as_str() {
                "" => None,
                text => Some(text.parse::<Uuid>().map(EventId::from_uuid).map_err(|_| {
                    Problem::invalid_field("event_id", text, "the UUID of an event, or empty")
                })?),
            };
        let mut answer = ReplayDeadLettersResponse::default();
        for journal in self.named(&request.service)? {
            let replayed = dead_letter::replay(journal, only).await?;
            answer.applied += replayed.applied;
            answer.failed += replayed.failed;
        }
        Ok(answer)
    }
}

#[tonic::async_trait]
impl EventLogService for EventLog {
    async fn read_events(
        &self,
        request: Request<ReadEventsRequest>,
    ) -> Result<Response<ReadEventsResponse>, Status> {
        self.read(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn replay_dead_letters(
        &self,
        request: Request<ReplayDeadLettersRequest>,
    ) -> Result<Response<ReplayDeadLettersResponse>, Status> {
        self.replay(request.into_inner()).await.map(Response::new).map_err(status)
    }
}

/// Where the next page begins: after this dead letter of this service.
#[derive(Debug, Default)]
struct PageToken {
    service: String,
    after: i64,
}

impl PageToken {
    fn parse(text: &str) -> Result<Self, Rule> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split_once('/')
            .and_then(|(service, after)| {
                Some(Self { service: service.to_owned(), after: after.parse().ok()? })
            })
            .ok_or(Rule::new("the next_page_token of an earlier answer, or empty"))
    }
}

fn message(service: &str, letter: DeadLetter) -> DeadLetterMessage {
    DeadLetterMessage {
        service: service.to_owned(),
        source_region: letter.event.source.region.to_string(),
        source_service: letter.event.source.service.to_string(),
        event: Some(published(&letter.event)),
        error: letter.error,
        attempts: letter.attempts,
        failed_at: Some(encode::timestamp(letter.failed_at)),
    }
}

fn published(event: &Event) -> PublishedEvent {
    PublishedEvent {
        event_id: event.id.uuid().to_string(),
        type_name: event.type_name.clone(),
        aggregate: event.aggregate.clone(),
        aggregate_id: event.aggregate_id.clone(),
        aggregate_version: event.aggregate_version,
        time: Some(encode::timestamp(event.time)),
        epoch: event.epoch.clone(),
        pub_seq: event.pub_seq,
        body_json: String::from_utf8_lossy(&event.body).into_owned(),
        traceparent: event.traceparent.clone().unwrap_or_default(),
    }
}
