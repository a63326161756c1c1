//! What can go wrong, and how callers see it.

use meridian_chassis::status;
use meridian_types::{CustomerId, Problem, ProblemKind, WebhookId};

use crate::domain::letter::LetterError;

/// Why an operation was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such endpoint.
    #[error("there is no webhook {0}")]
    WebhookNotFound(WebhookId),
    /// The customer has as many endpoints as one may have.
    #[error("customer {customer_id} has {limit} webhooks; delete one first")]
    WebhooksExhausted { customer_id: CustomerId, limit: usize },
    /// An event lacks what its text is about.
    #[error(transparent)]
    MilestoneIncomplete(#[from] LetterError),
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoRandomness(#[from] getrandom::Error),
    /// Said by the layers below.
    #[error(transparent)]
    Problem(#[from] Problem),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::WebhookNotFound(id) => Self::not_found("WEBHOOK_NOT_FOUND", "webhook", id),
            Error::WebhooksExhausted { customer_id, limit } => {
                Self::new(ProblemKind::Exhausted, "WEBHOOKS_EXHAUSTED", message)
                    .with("customer_id", customer_id)
                    .with("limit", limit)
            }
            Error::MilestoneIncomplete(_) => Self::new(ProblemKind::Invalid, "MILESTONE_INCOMPLETE", message),
            Error::NoRandomness(error) => status::internal(&error),
            Error::Problem(problem) => problem,
        }
    }
}
