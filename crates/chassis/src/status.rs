//! The one mapping between [`Problem`] and gRPC status, in both directions.
//!
//! What [`status`] writes, [`problem`] reads back without loss, up to [`DETAILS_BYTES_MAX`]: a status travels in
//! HTTP/2 trailers, which most peers limit to 16 KiB in all, so a longer one would reach the caller as a
//! protocol error instead of an answer.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;

use meridian_types::{IdSource, Problem, ProblemKind, SystemIds, Violation};
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb::{
    BadRequest, ErrorInfo, PreconditionFailure, RetryInfo, Status as RichStatus, bad_request,
    precondition_failure,
};

use crate::trace;

/// Domain of every reason (AIP-193).
pub const DOMAIN: &str = "meridian";
/// Largest encoded details; base64 makes a third more of it.
pub const DETAILS_BYTES_MAX: usize = 8 * 1024;
/// Longest message; percent-encoding can triple it.
const MESSAGE_BYTES_MAX: usize = 1024;
/// Type names and lengths around the details that are always there, and the count of omitted ones.
const FRAMING_BYTES: usize = 256;
/// Tag and length around one further detail.
const FIELD_BYTES: usize = 8;
/// Metadata that says how many violations or details did not fit.
const OMITTED: &str = "omitted";
const BROKEN_RULE: &str = " breaks the rule: ";

const TYPE_PREFIX: &str = "type.googleapis.com/";
const ERROR_INFO: &str = "google.rpc.ErrorInfo";
const BAD_REQUEST: &str = "google.rpc.BadRequest";
const PRECONDITION_FAILURE: &str = "google.rpc.PreconditionFailure";
const RETRY_INFO: &str = "google.rpc.RetryInfo";

/// The status a caller sees. `ErrorInfo` is always among its details.
///
/// A problem of kind `Internal` keeps nothing but its reference: whatever else it says is for our log.
#[must_use]
pub fn status(problem: Problem) -> Status {
    let problem = if problem.kind == ProblemKind::Internal { opaque(problem) } else { problem };
    status_with_code(code(problem.kind), &problem)
}

/// The status for a code that no kind of problem stands for (`UNIMPLEMENTED`).
pub(crate) fn status_with_code(code: Code, problem: &Problem) -> Status {
    let message = cut(&problem.message, MESSAGE_BYTES_MAX);
    let rich =
        RichStatus { code: code as i32, message: message.to_owned(), details: details(problem, message) };
    Status::with_details(code, message, rich.encode_to_vec().into())
}

/// The problem behind a status: what one of our services said, or the nearest to what somebody else did.
#[must_use]
pub fn problem(status: &Status) -> Problem {
    let mut problem = Problem::new(kind(status.code()), reason(status.code()), status.message());
    // Details that cannot be read are treated as absent: code and message still stand.
    for any in RichStatus::decode(status.details()).unwrap_or_default().details {
        let name = any.type_url.rsplit('/').next().unwrap_or_default();
        match name {
            ERROR_INFO => {
                if let Ok(info) = ErrorInfo::decode(&*any.value) {
                    problem.reason = Cow::Owned(info.reason);
                    problem.metadata = info.metadata.into_iter().collect();
                }
            }
            BAD_REQUEST => {
                let bad = BadRequest::decode(&*any.value).unwrap_or_default();
                problem.violations = bad.field_violations.into_iter().map(violation).collect();
            }
            RETRY_INFO => {
                let retry = RetryInfo::decode(&*any.value).unwrap_or_default();
                problem.retry_after_ms = retry.retry_delay.map(millis);
            }
            // It repeats the reason and the message.
            PRECONDITION_FAILURE => {}
            name => problem.details.push((name.to_owned(), any.value)),
        }
    }
    problem
}

/// An opaque problem for a defect of ours. The whole chain of causes is logged here, once, beside the reference
/// that the caller is told: the trace id, or a fresh id outside any trace.
pub fn internal(error: &dyn Error) -> Problem {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a String cannot fail.
        let _ = write!(chain, ": {cause}");
        source = cause.source();
    }
    let reference = trace::trace_id().unwrap_or_else(|| SystemIds.uuid().simple().to_string());
    tracing::error!(reference, error = chain, "internal error");
    opaque(Problem::new(ProblemKind::Internal, "INTERNAL", "").with("reference", reference))
}

fn opaque(mut problem: Problem) -> Problem {
    let reference = problem.metadata.remove("reference");
    let bare = Problem::new(ProblemKind::Internal, "INTERNAL", "internal error");
    match reference {
        Some(reference) => bare.with("reference", reference),
        None => bare,
    }
}

/// Encoded details in order of importance; what does not fit is counted in the metadata.
fn details(problem: &Problem, message: &str) -> Vec<Any> {
    let mut info = ErrorInfo {
        reason: problem.reason.clone().into_owned(),
        domain: DOMAIN.to_owned(),
        metadata: problem.metadata.clone().into_iter().collect(),
    };
    let mut further = Vec::new();
    if let Some(after_ms) = problem.retry_after_ms {
        further.push(any(RETRY_INFO, RetryInfo { retry_delay: Some(delay(after_ms)) }.encode_to_vec()));
    }
    if problem.kind == ProblemKind::FailedPrecondition {
        further.push(any(PRECONDITION_FAILURE, precondition(problem, message).encode_to_vec()));
    }
    let taken: usize = further.iter().map(Message::encoded_len).sum();
    let mut room = Room {
        left: DETAILS_BYTES_MAX.saturating_sub(FRAMING_BYTES + message.len() + info.encoded_len() + taken),
        omitted: 0,
    };
    let mut bad = BadRequest::default();
    for field in problem.violations.iter().map(field_violation) {
        if room.take(field.encoded_len()) {
            bad.field_violations.push(field);
        }
    }
    if !bad.field_violations.is_empty() {
        further.push(any(BAD_REQUEST, bad.encode_to_vec()));
    }
    for detail in problem.details.iter().map(|(name, value)| any(name, value.clone())) {
        if room.take(detail.encoded_len()) {
            further.push(detail);
        }
    }
    if room.omitted > 0 {
        info.metadata.insert(OMITTED.to_owned(), room.omitted.to_string());
    }
    further.insert(0, any(ERROR_INFO, info.encode_to_vec()));
    further
}

/// What is left for further details.
struct Room {
    left: usize,
    omitted: usize,
}

impl Room {
    fn take(&mut self, bytes: usize) -> bool {
        let rest = self.left.checked_sub(bytes + FIELD_BYTES);
        match rest {
            Some(rest) => self.left = rest,
            None => self.omitted += 1,
        }
        rest.is_some()
    }
}

fn any(name: &str, value: Vec<u8>) -> Any {
    Any { type_url: format!("{TYPE_PREFIX}{name}"), value }
}

fn precondition(problem: &Problem, message: &str) -> PreconditionFailure {
    let violation = precondition_failure::Violation {
        r#type: problem.reason.clone().into_owned(),
        subject: problem.metadata.get("id").cloned().unwrap_or_default(),
        description: message.to_owned(),
    };
    PreconditionFailure { violations: vec![violation] }
}

/// The description holds the value as a JSON string, so that it can be told apart from the rule again.
fn field_violation(violation: &Violation) -> bad_request::FieldViolation {
    let value = serde_json::Value::from(violation.value.as_str());
    bad_request::FieldViolation {
        field: violation.field.clone(),
        description: format!("{value}{BROKEN_RULE}{}", violation.rule),
        ..Default::default()
    }
}

fn violation(field: bad_request::FieldViolation) -> Violation {
    let mut values = serde_json::Deserializer::from_str(&field.description).into_iter::<String>();
    let value = values.next().and_then(Result::ok);
    let rule = field.description.get(values.byte_offset()..).and_then(|rest| rest.strip_prefix(BROKEN_RULE));
    match (value, rule) {
        (Some(value), Some(rule)) => Violation { field: field.field, value, rule: rule.to_owned() },
        _ => Violation { field: field.field, value: String::new(), rule: field.description },
    }
}

fn delay(after_ms: u64) -> prost_types::Duration {
    let duration = std::time::Duration::from_millis(after_ms);
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

fn millis(delay: prost_types::Duration) -> u64 {
    let seconds = u64::try_from(delay.seconds).unwrap_or_default();
    let millis = u64::try_from(delay.nanos / 1_000_000).unwrap_or_default();
    seconds.saturating_mul(1000).saturating_add(millis)
}

/// The longest start of `text` within `bytes_max`, ending between two characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

const fn code(kind: ProblemKind) -> Code {
    match kind {
        ProblemKind::Invalid => Code::InvalidArgument,
        ProblemKind::NotFound => Code::NotFound,
        ProblemKind::AlreadyExists => Code::AlreadyExists,
        ProblemKind::FailedPrecondition => Code::FailedPrecondition,
        ProblemKind::Exhausted => Code::ResourceExhausted,
        ProblemKind::Aborted => Code::Aborted,
        ProblemKind::PermissionDenied => Code::PermissionDenied,
        ProblemKind::Unauthenticated => Code::Unauthenticated,
        ProblemKind::DeadlineExceeded => Code::DeadlineExceeded,
        ProblemKind::Unavailable => Code::Unavailable,
        ProblemKind::Internal => Code::Internal,
    }
}

const fn kind(code: Code) -> ProblemKind {
    match code {
        Code::InvalidArgument | Code::OutOfRange | Code::Unimplemented => ProblemKind::Invalid,
        Code::NotFound => ProblemKind::NotFound,
        Code::AlreadyExists => ProblemKind::AlreadyExists,
        Code::FailedPrecondition => ProblemKind::FailedPrecondition,
        Code::ResourceExhausted => ProblemKind::Exhausted,
        Code::Aborted => ProblemKind::Aborted,
        Code::PermissionDenied => ProblemKind::PermissionDenied,
        Code::Unauthenticated => ProblemKind::Unauthenticated,
        // A cancelled call may or may not have taken effect, as with a deadline.
        Code::DeadlineExceeded | Code::Cancelled => ProblemKind::DeadlineExceeded,
        Code::Unavailable => ProblemKind::Unavailable,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => ProblemKind::Internal,
    }
}

/// The reason for a status that carries none: the name of its code.
pub(crate) const fn reason(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
