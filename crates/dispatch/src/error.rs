//! Why dispatch refuses.

use jiff::Timestamp;
use meridian_messaging::database_problem;
use meridian_scheduler::workforce::Unskilled;
use meridian_scheduler::workload::WorkloadError;
use meridian_types::{EngineerId, Interval, OptimisationId, Problem, ProblemKind, VisitId};

use crate::domain::claim::NotAllowed;
use crate::domain::optimisation::State;
use crate::domain::scene::NoScene;
use crate::domain::visit::VisitState;

/// Why an operation of dispatch did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no engineer {0} in this region")]
    EngineerNotFound(EngineerId),
    #[error("there is no visit {0}")]
    VisitNotFound(VisitId),
    #[error("visit {0} exists with other content")]
    VisitExists(VisitId),
    #[error("visit {0} is one of a work order, which is planned and not held")]
    VisitOfOrder(VisitId),
    #[error("visit {0} was cancelled")]
    VisitCancelled(VisitId),
    #[error("nobody booked visit {visit} before it expired at {expired_at}")]
    VisitExpired { visit: VisitId, expired_at: Timestamp },
    #[error("visit {visit} is {from} and cannot become {to}")]
    VisitState { visit: VisitId, from: VisitState, to: VisitState },
    #[error("{field}: {end} has passed")]
    InPast { field: &'static str, end: Timestamp },
    #[error("engineer {engineer} is on visit {in_the_way} from {} to {}", during.start(), during.end())]
    EngineerNotFree { engineer: EngineerId, in_the_way: VisitId, during: Interval },
    #[error("the calendar of engineer {engineer} does not allow it: {}", text(.reason))]
    NotAllowed { engineer: EngineerId, reason: NotAllowed },
    #[error("there is no work order {0}")]
    OrderNotFound(VisitId),
    #[error("work order {0} was called off")]
    OrderCancelled(VisitId),
    #[error("work order {0} is done")]
    OrderDone(VisitId),
    #[error("{field}: {value} breaks the rule: {rule}")]
    Field { field: String, value: String, rule: &'static str },
    #[error("there is no optimisation {0}")]
    OptimisationNotFound(OptimisationId),
    #[error("optimisation {id} is {state} and has no draft to be published")]
    NoDraft { id: OptimisationId, state: State },
    #[error("optimisation {id} is {state} and cannot be cancelled")]
    OptimisationEnded { id: OptimisationId, state: State },
    #[error("{0} optimisations wait already; cancel some, or wait")]
    TooManyOptimisations(i64),
    #[error(transparent)]
    NoScene(#[from] NoScene),
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

fn text(reason: &NotAllowed) -> String {
    match reason {
        NotAllowed::Unskilled(Unskilled::Missing(skill)) => format!("they do not have the skill {skill}"),
        NotAllowed::Unskilled(Unskilled::LevelTooLow(held)) => {
            format!("they have the skill at level {} only", held.number())
        }
        NotAllowed::Unskilled(Unskilled::NotCertified { .. }) => {
            "their certificate is not valid on every day of the work".to_owned()
        }
        NotAllowed::Absent(absence) => format!("they are away from {} to {}", absence.start(), absence.end()),
        NotAllowed::OutsideWorkingTime => {
            "the work does not begin and end within their working hours and overtime".to_owned()
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use ProblemKind::{AlreadyExists, Exhausted, FailedPrecondition, NotFound};
        let message = error.to_string();
        let about_visit = |kind, reason, visit| Self::new(kind, reason, message.clone()).with("id", visit);
        match error {
            Error::EngineerNotFound(id) => Self::new(NotFound, "ENGINEER_NOT_FOUND", message).with("id", id),
            Error::VisitNotFound(id) => about_visit(NotFound, "VISIT_NOT_FOUND", id),
            Error::VisitExists(id) => about_visit(AlreadyExists, "VISIT_EXISTS", id),
            Error::VisitOfOrder(id) => about_visit(AlreadyExists, "VISIT_OF_WORK_ORDER", id),
            Error::VisitCancelled(id) => about_visit(FailedPrecondition, "VISIT_CANCELLED", id),
            Error::VisitExpired { visit, expired_at } => {
                about_visit(FailedPrecondition, "VISIT_EXPIRED", visit).with("expired_at", expired_at)
            }
            Error::VisitState { visit, from, to } => {
                about_visit(FailedPrecondition, "VISIT_STATE", visit).with("from", from).with("to", to)
            }
            Error::InPast { field, end } => Self {
                reason: "TIME_IN_PAST".into(),
                ..Self::invalid_field(field, end, "must lie in the future")
            },
            Error::EngineerNotFree { engineer, in_the_way, during } => {
                busy(Self::new(Exhausted, "ENGINEER_NOT_FREE", message), during)
                    .with("engineer_id", engineer)
                    .with("visit_id", in_the_way)
            }
            Error::NotAllowed { engineer, reason } => {
                not_allowed(message, &reason).with("engineer_id", engineer)
            }
            Error::OrderNotFound(id) => about_visit(NotFound, "WORK_ORDER_NOT_FOUND", id),
            Error::OrderCancelled(id) => about_visit(FailedPrecondition, "WORK_ORDER_CANCELLED", id),
            Error::OrderDone(id) => about_visit(FailedPrecondition, "WORK_ORDER_DONE", id),
            Error::Field { field, value, rule } => Self::invalid_field(field, value, rule),
            Error::OptimisationNotFound(id) => {
                Self::new(NotFound, "OPTIMISATION_NOT_FOUND", message).with("id", id)
            }
            Error::NoDraft { id, state } | Error::OptimisationEnded { id, state } => {
                Self::new(FailedPrecondition, "OPTIMISATION_STATE", message)
                    .with("id", id)
                    .with("state", state)
            }
            Error::TooManyOptimisations(_) => Self::new(Exhausted, "TOO_MANY_OPTIMISATIONS", message),
            Error::NoScene(none) => Self::new(FailedPrecondition, no_scene_reason(&none), message),
            Error::Workload(error) => Self::new(FailedPrecondition, workload_reason(&error), message),
            Error::Database(error) => database_problem(&error),
        }
    }
}

/// The reason of a refusal to plan at all.
pub(crate) const fn no_scene_reason(none: &NoScene) -> &'static str {
    match none {
        NoScene::Past(_) => "TIME_IN_PAST",
        NoScene::TooMany(_) => "TOO_MANY_ORDERS",
        NoScene::Nobody => "NO_ENGINEERS",
    }
}

/// The reason of what the scheduler refuses.
pub(crate) const fn workload_reason(error: &WorkloadError) -> &'static str {
    match error {
        WorkloadError::Field { .. } => "RULE_BROKEN",
        WorkloadError::NoWay { .. } => "NO_WAY",
        WorkloadError::Cycle(_) => "ORDERS_WAIT_FOR_EACH_OTHER",
        WorkloadError::NotKept { .. } => "NOT_KEPT",
    }
}

fn busy(problem: Problem, during: Interval) -> Problem {
    problem.with("busy_from", during.start()).with("busy_until", during.end())
}

/// The reason of what a calendar does not allow.
pub(crate) const fn not_allowed_reason(reason: &NotAllowed) -> &'static str {
    match reason {
        NotAllowed::Absent(_) => "ENGINEER_ABSENT",
        NotAllowed::OutsideWorkingTime => "OUTSIDE_WORKING_TIME",
        NotAllowed::Unskilled(unskilled) => unskilled_reason(unskilled),
    }
}

fn not_allowed(message: String, reason: &NotAllowed) -> Problem {
    let refused = |kind| Problem::new(kind, not_allowed_reason(reason), message);
    match reason {
        NotAllowed::Absent(absence) => busy(refused(ProblemKind::Exhausted), *absence),
        NotAllowed::OutsideWorkingTime => refused(ProblemKind::FailedPrecondition),
        NotAllowed::Unskilled(unskilled) => {
            let problem = refused(ProblemKind::FailedPrecondition);
            match unskilled {
                Unskilled::Missing(skill) => problem.with("skill_id", skill),
                Unskilled::LevelTooLow(held) => problem.with("level_held", held.number()),
                Unskilled::NotCertified { valid_from, valid_until } => {
                    let until = valid_until.map(|day| ("valid_until", day));
                    let from = valid_from.map(|day| ("valid_from", day));
                    until
                        .into_iter()
                        .chain(from)
                        .fold(problem, |problem, (name, day)| problem.with(name, day))
                }
            }
        }
    }
}

const fn unskilled_reason(unskilled: &Unskilled) -> &'static str {
    match unskilled {
        Unskilled::Missing(_) => "SKILL_MISSING",
        Unskilled::LevelTooLow(_) => "LEVEL_TOO_LOW",
        Unskilled::NotCertified { .. } => "CERTIFICATE_EXPIRED",
    }
}
