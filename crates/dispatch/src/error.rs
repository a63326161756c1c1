//! Why dispatch refuses.

use jiff::Timestamp;
use meridian_messaging::database_problem;
use meridian_scheduler::workforce::Unskilled;
use meridian_types::{EngineerId, Interval, Problem, ProblemKind, VisitId};

use crate::domain::claim::NotAllowed;
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
            Error::Database(error) => database_problem(&error),
        }
    }
}

fn busy(problem: Problem, during: Interval) -> Problem {
    problem.with("busy_from", during.start()).with("busy_until", during.end())
}

fn not_allowed(message: String, reason: &NotAllowed) -> Problem {
    match reason {
        NotAllowed::Absent(absence) => {
            busy(Problem::new(ProblemKind::Exhausted, "ENGINEER_ABSENT", message), *absence)
        }
        NotAllowed::OutsideWorkingTime => {
            Problem::new(ProblemKind::FailedPrecondition, "OUTSIDE_WORKING_TIME", message)
        }
        NotAllowed::Unskilled(unskilled) => {
            let problem = Problem::new(ProblemKind::FailedPrecondition, unskilled_reason(unskilled), message);
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
