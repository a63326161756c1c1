//! A region's notification service with an intake that knows some people.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use jiff::Timestamp;
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_messaging::{Announced, Event, Journal, JournalOptions, Origin, Source, SubjectPrefix};
use meridian_notification::{MailRoute, Notification, Pace, Settings};
use meridian_proto::intake::v1 as intake;
use meridian_proto::intake::v1::intake_service_server::{IntakeService, IntakeServiceServer};
use meridian_proto::notification::v1 as pb;
use meridian_proto::notification::v1::notification_service_client::NotificationServiceClient;
use meridian_types::{CaseId, EventId, ManualClock, PlanId, Problem, RegionId, ServiceName, SystemIds};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

/// Longest time that anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn region() -> RegionId {
    RegionId::parse("eu").unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn pb_time(text: &str) -> Option<prost_types::Timestamp> {
    Some(meridian_chassis::encode::timestamp(instant(text)))
}

/// Waits until the condition holds; panics when it does not.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    testing::until(what, DEADLINE, async || condition().await.then_some(())).await;
}

/// Serves `builder` on a free port of this machine.
pub(crate) async fn serve(tasks: &Tasks, builder: ServerBuilder) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    builder.serve(listener, tasks).await.unwrap().ready().await;
    url
}

fn config() -> RegionConfig {
    RegionConfig::new(region(), "postgres://unused", "nats://unused")
}

/// The people of a region, as intake tells of them.
#[derive(Clone, Default)]
pub(crate) struct People {
    people: Arc<Mutex<HashMap<String, intake::Person>>>,
    is_away: Arc<AtomicBool>,
}

impl People {
    pub(crate) fn put(&self, person: intake::Person) {
        self.people.lock().unwrap().insert(person.person_id.clone(), person);
    }

    /// From now on intake does, or does not, answer.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    pub(crate) async fn client(&self, tasks: &Tasks) -> Client {
        let builder = ServerBuilder::new(&config());
        let limits = builder.limits();
        let url =
            serve(tasks, builder.add_service(limited!(limits, IntakeServiceServer::new(self.clone())))).await;
        connect_lazy(&url).unwrap()
    }
}

pub(crate) fn person(person_id: &str, name: &str, email: &str, language: &str, zone: &str) -> intake::Person {
    intake::Person {
        person_id: person_id.to_owned(),
        customer_id: "NORDLAB".to_owned(),
        name: name.to_owned(),
        emails: (!email.is_empty()).then(|| email.to_owned()).into_iter().collect(),
        language: language.to_owned(),
        zone: zone.to_owned(),
        ..intake::Person::default()
    }
}

macro_rules! unanswered {
    ($($method:ident: $request:ident -> $response:ident;)+) => {
        #[tonic::async_trait]
        impl IntakeService for People {
            async fn get_person(
                &self,
                request: Request<intake::GetPersonRequest>,
            ) -> Result<Response<intake::GetPersonResponse>, Status> {
                if self.is_away.load(Ordering::SeqCst) {
                    return Err(Status::unavailable("away"));
                }
                let person = self.people.lock().unwrap().get(&request.get_ref().person_id).cloned();
                let person = Some(person.ok_or_else(|| Status::not_found("PERSON_NOT_FOUND"))?);
                Ok(Response::new(intake::GetPersonResponse { person, customer: None }))
            }

            $(async fn $method(
                &self,
                _: Request<intake::$request>,
            ) -> Result<Response<intake::$response>, Status> {
                Err(Status::unimplemented("not asked for by notification"))
            })+
        }
    };
}

unanswered! {
    recognize_caller: RecognizeCallerRequest -> RecognizeCallerResponse;
    get_instrument: GetInstrumentRequest -> GetInstrumentResponse;
    assess_issue: AssessIssueRequest -> AssessIssueResponse;
    open_case: OpenCaseRequest -> OpenCaseResponse;
    add_fact: AddFactRequest -> AddFactResponse;
    get_case: GetCaseRequest -> GetCaseResponse;
    list_cases: ListCasesRequest -> ListCasesResponse;
    refer_case: ReferCaseRequest -> ReferCaseResponse;
    accept_referral: AcceptReferralRequest -> AcceptReferralResponse;
    decline_referral: DeclineReferralRequest -> DeclineReferralResponse;
    accept_party_order: AcceptPartyOrderRequest -> AcceptPartyOrderResponse;
    decline_party_order: DeclinePartyOrderRequest -> DeclinePartyOrderResponse;
    reschedule_party_order: ReschedulePartyOrderRequest -> ReschedulePartyOrderResponse;
    deliver_party_order: DeliverPartyOrderRequest -> DeliverPartyOrderResponse;
    get_party_order: GetPartyOrderRequest -> GetPartyOrderResponse;
    list_party_orders: ListPartyOrdersRequest -> ListPartyOrdersResponse;
    close_case: CloseCaseRequest -> CloseCaseResponse;
    put_directory: PutDirectoryRequest -> PutDirectoryResponse;
}

/// A running region, as far as notification sees it.
pub(crate) struct World {
    pub(crate) journal: Journal,
    pub(crate) notification: Notification,
    pub(crate) people: People,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) calls: NotificationServiceClient<Client>,
    pub(crate) mail_dir: tempfile::TempDir,
    pub(crate) tasks: Tasks,
    intake: Client,
    pub_seq: AtomicU64,
}

/// Settings of a hurried region that mails into `folder`.
pub(crate) fn settings(folder: &tempfile::TempDir) -> Settings {
    Settings {
        mail: MailRoute::Folder(folder.path().to_owned()),
        from_address: "support@meridian.example".to_owned(),
        allow_private_webhooks: true,
        pace: Pace { retry_pauses: vec![Duration::from_millis(20); 5], lease: Duration::from_secs(20) },
    }
}

impl World {
    /// A region where Ada (German, Berlin) and Aino (Finnish, Helsinki) live. Nothing is sent yet.
    pub(crate) async fn new(hint: &str) -> Self {
        Self::with(hint, |_| {}).await
    }

    pub(crate) async fn with(hint: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Arc::new(ManualClock::new(instant("2026-11-23T09:00:00Z")));
        let origin = Origin {
            prefix: SubjectPrefix::parse(&testing::prefix()).unwrap(),
            region: region(),
            service: service("notification"),
        };
        let options = JournalOptions {
            database_url: testing::database(hint),
            origin,
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            max_connections: 8,
        };
        let journal = Journal::open(options, Notification::migrations()).await.unwrap();
        let (tasks, people) = (Tasks::new(), People::default());
        people.put(person("P-ADA", "Ada Lovelace", "ada@nordlab.example", "de", "Europe/Berlin"));
        people.put(person("P-AINO", "Aino Aalto", "aino@nordlab.example", "fi", "Europe/Helsinki"));
        let intake = people.client(&tasks).await;
        let mail_dir = tempfile::tempdir().unwrap();
        let mut settings = settings(&mail_dir);
        change(&mut settings);
        let notification = Notification::from_parts(journal.clone(), intake.clone(), &settings).unwrap();
        let builder = ServerBuilder::new(&config());
        let limits = builder.limits();
        let url = serve(&tasks, builder.add_service(limited!(limits, notification.grpc()))).await;
        let calls = NotificationServiceClient::new(connect_lazy(&url).unwrap());
        let pub_seq = AtomicU64::new(1);
        Self { journal, notification, people, clock, calls, mail_dir, tasks, intake, pub_seq }
    }

    /// The same service with other settings: another replica.
    pub(crate) fn replica(&self, change: impl FnOnce(&mut Settings)) -> Notification {
        let mut settings = settings(&self.mail_dir);
        change(&mut settings);
        Notification::from_parts(self.journal.clone(), self.intake.clone(), &settings).unwrap()
    }

    /// An event as a reader would hand it over.
    pub(crate) fn event<M: Announced>(&self, source: &str, message: &M) -> Event {
        Event {
            id: EventId::fresh(&SystemIds),
            source: Source { region: region(), service: service(source) },
            type_name: M::full_name(),
            time: meridian_types::Clock::now(&*self.clock),
            epoch: "test".to_owned(),
            pub_seq: self.pub_seq.fetch_add(1, Ordering::SeqCst),
            aggregate: M::AGGREGATE.to_owned(),
            aggregate_id: "any".to_owned(),
            aggregate_version: 1,
            traceparent: None,
            body: meridian_proto::json::to_string(message).unwrap().into(),
        }
    }

    /// Applies an event in a unit of work of its own.
    pub(crate) async fn apply(&self, event: &Event) -> Result<(), Problem> {
        let (handler, event) = (self.notification.events(), Arc::new(event.clone()));
        self.journal
            .write("apply", move |work| {
                let (handler, event) = (Arc::clone(&handler), Arc::clone(&event));
                async move { handler.handle(work, &event).await }.boxed()
            })
            .await
    }

    /// Applies a message as an event.
    pub(crate) async fn hear<M: Announced>(&self, message: M) {
        self.apply(&self.event("any", &message)).await.unwrap();
    }

    /// Opens a case for a person.
    pub(crate) async fn open(&self, person_id: &str) -> CaseId {
        let case_id = CaseId::fresh(&SystemIds);
        self.hear(case_opened(case_id, person_id)).await;
        case_id
    }

    /// Everything that was told about a case, in order.
    pub(crate) async fn notices(&self, case_id: CaseId) -> Vec<pb::Notice> {
        let request = pb::ListNoticesRequest {
            case_id: case_id.to_string(),
            page_size: 200,
            ..pb::ListNoticesRequest::default()
        };
        self.calls.clone().list_notices(request).await.unwrap().into_inner().notices
    }

    /// Milestones and states of what was told about a case, in order.
    pub(crate) async fn told(&self, case_id: CaseId) -> Vec<(String, pb::NoticeState)> {
        let notices = self.notices(case_id).await;
        notices.into_iter().map(|notice| (notice.milestone.clone(), notice.state())).collect()
    }

    /// Waits until nothing is to be sent any more.
    pub(crate) async fn settled(&self) {
        let count = async || {
            let pending = "SELECT count(*) FROM notice WHERE state = 'PENDING'";
            sqlx::query_scalar::<_, i64>(pending).fetch_one(self.journal.pool()).await.unwrap() == 0
        };
        until("every notice is settled", count).await;
    }

    pub(crate) async fn duplicates(&self) -> i64 {
        self.calls.clone().count_notices(pb::CountNoticesRequest {}).await.unwrap().into_inner().duplicates
    }

    /// Types of the events that were told, in order.
    pub(crate) async fn events_told(&self) -> Vec<String> {
        let told = "SELECT type_name FROM outbox ORDER BY seq";
        let names: Vec<String> = sqlx::query_scalar(told).fetch_all(self.journal.pool()).await.unwrap();
        names.iter().map(|name| name.rsplit('.').next().unwrap().to_owned()).collect()
    }

    pub(crate) async fn stop(&self) {
        self.tasks.stop(Duration::from_secs(20)).await.unwrap();
    }
}

pub(crate) fn case_opened(case_id: CaseId, person_id: &str) -> intake::CaseOpened {
    intake::CaseOpened {
        case_id: case_id.to_string(),
        customer_id: "NORDLAB".to_owned(),
        person_id: person_id.to_owned(),
        missing_facts: 1,
        ..intake::CaseOpened::default()
    }
}

/// The plan of a case: the same one every time.
pub(crate) fn plan_of(case_id: CaseId) -> PlanId {
    PlanId::from_uuid(case_id.derive("plan"))
}
