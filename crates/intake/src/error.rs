//! Why the intake refuses something.

use jiff::Timestamp;
use meridian_chassis::status;
use meridian_messaging::database_problem;
use meridian_types::{
    CaseId, CountryCode, CustomerId, InstrumentModel, PartyId, PartyOrderId, PersonId, Problem, ProblemKind,
    ReferralId, SerialNumber,
};

/// Why an operation of the intake did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no person {0}")]
    PersonNotFound(PersonId),
    #[error("there is no customer {0}")]
    CustomerNotFound(CustomerId),
    #[error("there is no instrument {0}")]
    InstrumentNotFound(SerialNumber),
    #[error("there is no party {0}")]
    PartyNotFound(PartyId),
    #[error("there is no case {0}")]
    CaseNotFound(CaseId),
    #[error("there is no referral {0}")]
    ReferralNotFound(ReferralId),
    #[error("case {0} is closed")]
    CaseClosed(CaseId),
    #[error("case {case_id} was changed meanwhile: its etag is {etag}; read it again")]
    EtagMismatch { case_id: CaseId, etag: i64 },
    #[error("{serial_number} is a {recorded} on our records, not a {stated}")]
    ModelContradicted { serial_number: SerialNumber, stated: InstrumentModel, recorded: InstrumentModel },
    #[error("case {0} is offered to a party already, who has yet to answer")]
    ReferralOpen(CaseId),
    #[error("a plan is being carried out for case {0}; end it before referring the case")]
    PlanUnderWay(CaseId),
    #[error("no party has taken over case {0}")]
    CaseNotReferred(CaseId),
    #[error("party {party_id} takes no {category} cases in {country}")]
    PartyDoesNotServe { party_id: PartyId, category: String, country: CountryCode },
    #[error("referral {referral_id} could be accepted until {accept_by}; the case is back with its owner")]
    ReferralReturned { referral_id: ReferralId, accept_by: Timestamp },
    #[error("referral {0} is accepted already")]
    ReferralAccepted(ReferralId),
    #[error("referral {0} is declined already")]
    ReferralDeclined(ReferralId),
    #[error("there is no order {0}")]
    OrderNotFound(PartyOrderId),
    #[error("order {order_id} could be accepted until {accept_by}")]
    OrderAnswerLate { order_id: PartyOrderId, accept_by: Timestamp },
    #[error("order {order_id} is {state}")]
    OrderStateDiffers { order_id: PartyOrderId, state: &'static str },
    /// Fields that break rules which depend on the present time or on what is stored.
    #[error(transparent)]
    Refused(#[from] Problem),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored value that cannot be read: a defect of ours.
    #[error("{column} holds an unreadable value: {rule}")]
    Corrupt { column: &'static str, rule: String },
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let refused = |reason| Self::new(ProblemKind::FailedPrecondition, reason, error.to_string());
        match &error {
            Error::PersonNotFound(id) => Self::not_found("PERSON_NOT_FOUND", "person", id),
            Error::CustomerNotFound(id) => Self::not_found("CUSTOMER_NOT_FOUND", "customer", id),
            Error::InstrumentNotFound(id) => Self::not_found("INSTRUMENT_NOT_FOUND", "instrument", id),
            Error::PartyNotFound(id) => Self::not_found("PARTY_NOT_FOUND", "party", id),
            Error::CaseNotFound(id) => Self::not_found("CASE_NOT_FOUND", "case", id),
            Error::ReferralNotFound(id) => Self::not_found("REFERRAL_NOT_FOUND", "referral", id),
            Error::CaseClosed(id) => refused("CASE_CLOSED").with("id", id),
            Error::EtagMismatch { case_id, etag } => {
                Self::new(ProblemKind::Aborted, "ETAG_MISMATCH", error.to_string())
                    .with("id", case_id)
                    .with("etag", etag)
            }
            Error::ModelContradicted { serial_number, stated, recorded } => refused("MODEL_CONTRADICTED")
                .with("field", "need.repair.model")
                .with("id", serial_number)
                .with("stated", stated)
                .with("recorded", recorded),
            Error::ReferralOpen(id) => refused("REFERRAL_OPEN").with("id", id),
            Error::PlanUnderWay(id) => refused("PLAN_UNDER_WAY").with("id", id),
            Error::CaseNotReferred(id) => refused("CASE_NOT_REFERRED").with("id", id),
            Error::PartyDoesNotServe { party_id, category, country } => refused("PARTY_DOES_NOT_SERVE")
                .with("id", party_id)
                .with("category", category)
                .with("country", country),
            Error::ReferralReturned { referral_id, accept_by } => {
                refused("REFERRAL_RETURNED").with("id", referral_id).with("accept_by", accept_by)
            }
            Error::ReferralAccepted(id) => refused("REFERRAL_ACCEPTED").with("id", id),
            Error::ReferralDeclined(id) => refused("REFERRAL_DECLINED").with("id", id),
            Error::OrderNotFound(id) => Self::not_found("ORDER_NOT_FOUND", "order", id),
            Error::OrderAnswerLate { order_id, accept_by } => {
                refused("ORDER_ANSWER_LATE").with("id", order_id).with("accept_by", accept_by)
            }
            Error::OrderStateDiffers { order_id, state } => {
                refused("ORDER_STATE_DIFFERS").with("id", order_id).with("state", state)
            }
            Error::Refused(problem) => problem.clone(),
            Error::Database(cause) => database_problem(cause),
            Error::Corrupt { .. } => status::internal(&error),
        }
    }
}
