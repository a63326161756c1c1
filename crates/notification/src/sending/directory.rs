//! Who a person is: asked of the region's intake when a letter is written, and kept nowhere.

use meridian_chassis::client::Client;
use meridian_chassis::status::problem;
use meridian_proto::intake::v1::GetPersonRequest;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_types::{Personal, Problem, ProblemKind};

/// A person as letters need them.
#[derive(Debug)]
pub(crate) struct Person {
    /// Name as they are addressed.
    pub(crate) name: Personal<String>,
    /// Where mail reaches them; empty when it can't.
    pub(crate) email: Personal<String>,
    /// Language they read.
    pub(crate) language: String,
    /// IANA zone they live in.
    pub(crate) zone: String,
}

/// The people of the region.
#[derive(Debug, Clone)]
pub(crate) struct Directory(IntakeServiceClient<Client>);

impl Directory {
    pub(crate) fn new(intake: Client) -> Self {
        Self(IntakeServiceClient::new(intake))
    }

    /// The person of an id; `None` when there is none.
    ///
    /// # Errors
    /// Intake does not answer, or not well.
    pub(crate) async fn person(&self, person_id: &str) -> Result<Option<Person>, Problem> {
        let request = GetPersonRequest { person_id: person_id.to_owned() };
        let found = match self.0.clone().get_person(request).await {
            Ok(response) => response.into_inner().person,
            Err(status) => match problem(&status) {
                problem if problem.kind == ProblemKind::NotFound => None,
                problem => return Err(problem),
            },
        };
        Ok(found.map(|person| Person {
            name: Personal::new(person.name),
            email: Personal::new(person.emails.into_iter().next().unwrap_or_default()),
            language: person.language,
            zone: person.zone,
        }))
    }
}
