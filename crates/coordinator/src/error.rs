//! What can go wrong, and how callers see it.

use jiff::Timestamp;
use meridian_messaging::database_problem;
use meridian_types::{CaseId, PlanId, Problem, ProblemKind, RegionId, SiteId, SolutionId};

/// Why an operation was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no solution {0} for this case")]
    SolutionNotFound(SolutionId),
    #[error("solution {solution_id} could be committed until {valid_until:.0}; find solutions again")]
    SolutionExpired { solution_id: SolutionId, valid_until: Timestamp },
    #[error("the customer must agree to solution {0} first")]
    ApprovalRequired(SolutionId),
    #[error("case {case_id} has plan {plan_id} already")]
    PlanExists { case_id: CaseId, plan_id: PlanId },
    #[error(
        "case {0} has a unit on loan; another one would be lent beside it. When the unit is back, say so (ConfirmReturn)"
    )]
    LoanerOut(CaseId),
    #[error(
        "the shipment of a unit on loan for case {case_id} is being called off; another one would be lent beside it. \
         Wait for the answer of region {region}"
    )]
    LoanerCalledOff { case_id: CaseId, region: RegionId },
    #[error("nothing that was lent or replaced for case {0} is out")]
    NothingOut(CaseId),
    #[error("case {0} is closed")]
    CaseClosed(CaseId),
    #[error("a party has taken case {0} over; both would deliver")]
    CaseReferred(CaseId),
    #[error("nothing was decided about {0}")]
    DecisionNotFound(String),
    #[error("there is no plan {0}")]
    PlanNotFound(String),
    #[error("still unknown: {}", .0.join(", "))]
    FactsMissing(Vec<String>),
    #[error("{site} is not a site")]
    UnknownSite { field: String, site: SiteId },
    #[error("unit {given:?} is not {wanted:?}, the unit of the item")]
    UnitMismatch { field: String, given: String, wanted: String },
    #[error("{kind} {id} belongs to region {region}")]
    NotOurs { kind: &'static str, id: String, region: RegionId },
    #[error("{field} is in {given}, all other prices are in {wanted}")]
    MixedCurrencies { field: String, given: String, wanted: String },
    /// What another service of the region answered.
    #[error(transparent)]
    Problem(#[from] Problem),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let precondition = |reason| Self::new(ProblemKind::FailedPrecondition, reason, message.clone());
        let invalid = |reason: &'static str, field: String, value: String, rule: String| Self {
            reason: reason.into(),
            ..Self::invalid_field(field, value, rule)
        };
        match error {
            Error::SolutionNotFound(id) => {
                Self::new(ProblemKind::NotFound, "SOLUTION_NOT_FOUND", message).with("id", id)
            }
            Error::SolutionExpired { solution_id, valid_until } => {
                precondition("SOLUTION_EXPIRED").with("id", solution_id).with("valid_until", valid_until)
            }
            Error::ApprovalRequired(id) => precondition("APPROVAL_REQUIRED").with("id", id),
            Error::PlanExists { case_id, plan_id } => {
                precondition("PLAN_EXISTS").with("case_id", case_id).with("plan_id", plan_id)
            }
            Error::LoanerOut(id) => precondition("LOANER_OUT").with("case_id", id),
            Error::LoanerCalledOff { case_id, region } => {
                precondition("LOANER_OUT").with("case_id", case_id).with("region", region)
            }
            Error::NothingOut(id) => precondition("NOTHING_OUT").with("case_id", id),
            Error::CaseClosed(id) => precondition("CASE_CLOSED").with("case_id", id),
            Error::CaseReferred(id) => precondition("CASE_REFERRED").with("case_id", id),
            Error::DecisionNotFound(id) => {
                Self::new(ProblemKind::NotFound, "DECISION_NOT_FOUND", message).with("id", id)
            }
            Error::PlanNotFound(id) => {
                Self::new(ProblemKind::NotFound, "PLAN_NOT_FOUND", message).with("id", id)
            }
            Error::FactsMissing(names) => precondition("FACTS_MISSING").with("facts", names.join(",")),
            Error::UnknownSite { field, site } => {
                invalid("UNKNOWN_REFERENCE", field, site.to_string(), "a site of the network".to_owned())
            }
            Error::UnitMismatch { field, given, wanted } => {
                invalid("UNIT_MISMATCH", field, given, format!("{wanted:?}, the unit of the item, or empty"))
            }
            Error::NotOurs { kind, id, region } => precondition("OWNED_BY_ANOTHER_REGION")
                .with("kind", kind)
                .with("id", id)
                .with("region", region),
            Error::MixedCurrencies { field, given, wanted } => {
                invalid("MIXED_CURRENCIES", field, given, format!("{wanted}, as all other prices"))
            }
            Error::Problem(problem) => problem,
            Error::Database(error) => database_problem(&error),
        }
    }
}
