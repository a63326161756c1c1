//! Gives every failing answer its details, whoever made it: tonic's own refusals carry none.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use meridian_types::{Problem, ProblemKind};
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::Span;

use crate::status::{internal, reason, status, status_with_code};
use crate::tasks::panic_text;

const DETAILS: &str = "grpc-status-details-bin";

/// How tonic's codec begins its complaints about a request that is not what it says it is. A request is bad
/// input, so the `INTERNAL` that tonic says becomes `INVALID_ARGUMENT`.
const MALFORMED: [&str; 5] = [
    "failed to decode Protobuf message",
    "protocol error: ",
    "Error decompressing: ",
    "Unexpected EOF decoding stream.",
    "Missing request message.",
];
const REQUEST_TOO_LARGE: [&str; 2] =
    ["Error, decoded message length too large", "Error decompressing: size limit"];
const RESPONSE_TOO_LARGE: &str = "Error, encoded message length too large";
const UNSUPPORTED_COMPRESSION: &str = "Content is compressed with";

/// Completes the status in headers or trailers, when there is one; says which code it has.
pub(crate) fn complete(headers: &mut HeaderMap, max_message_bytes: usize) -> Option<Code> {
    let given = Status::from_header_map(headers)?;
    if given.code() == Code::Ok || headers.contains_key(DETAILS) {
        return Some(given.code());
    }
    let explained = explain(&given, max_message_bytes);
    write(&explained, headers);
    Some(explained.code())
}

fn explain(given: &Status, max_message_bytes: usize) -> Status {
    let message = given.message();
    let begins = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    match given.code() {
        Code::OutOfRange | Code::ResourceExhausted if begins(&REQUEST_TOO_LARGE) => {
            let rule = format!("at most {max_message_bytes} bytes in one message");
            let problem = Problem::invalid_field("(message)", message, rule);
            let problem = Problem { reason: "REQUEST_TOO_LARGE".into(), ..problem };
            status(problem.with("max_message_bytes", max_message_bytes))
        }
        Code::OutOfRange if begins(&[RESPONSE_TOO_LARGE]) => {
            let text = format!("the answer is larger than {max_message_bytes} bytes; ask for less at a time");
            let problem = Problem::new(ProblemKind::FailedPrecondition, "RESPONSE_TOO_LARGE", text);
            status(problem.with("max_message_bytes", max_message_bytes))
        }
        Code::Internal if begins(&MALFORMED) => {
            let problem =
                Problem::invalid_field("(message)", message, "a well-formed message of the method's type");
            status(Problem { reason: "MALFORMED_REQUEST".into(), ..problem })
        }
        Code::Unimplemented => {
            let (reason, text) = if begins(&[UNSUPPORTED_COMPRESSION]) {
                ("UNSUPPORTED_COMPRESSION", message)
            } else {
                ("METHOD_NOT_FOUND", "this server has no such method")
            };
            status_with_code(Code::Unimplemented, &Problem::new(ProblemKind::Invalid, reason, text))
        }
        Code::Internal | Code::Unknown | Code::DataLoss => status(internal(given)),
        code => status_with_code(code, &Problem::new(ProblemKind::Unavailable, reason(code), message)),
    }
}

/// The answer to a call whose handler panicked.
pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Status {
    status(internal(&Panicked(panic_text(panic).to_owned())))
}

#[derive(Debug, thiserror::Error)]
#[error("handler panicked: {0}")]
struct Panicked(String);

/// The body of an answer: ends with a status that has details, also when the stream panics, outlives its
/// deadline, or the process shall stop.
pub(crate) struct AnswerBody {
    inner: Body,
    /// Resolves when the answer must end although more could come.
    end: BoxFuture<'static, Problem>,
    /// The span of the call; it lasts as long as the answer does.
    span: Span,
    /// Kept until the answer has ended.
    _slot: OwnedSemaphorePermit,
    max_message_bytes: usize,
    ended: bool,
}

impl AnswerBody {
    pub(crate) fn new(
        inner: Body,
        end: BoxFuture<'static, Problem>,
        span: Span,
        slot: OwnedSemaphorePermit,
        max_message_bytes: usize,
    ) -> Self {
        Self { inner, end, span, _slot: slot, max_message_bytes, ended: false }
    }

    fn end_with(&mut self, mut trailers: HeaderMap) -> Frame<Bytes> {
        self.ended = true;
        if let Some(code) = complete(&mut trailers, self.max_message_bytes) {
            record(&self.span, code);
        }
        Frame::trailers(trailers)
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let span = this.span.clone();
        let _entered = span.enter();
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut this.inner).poll_frame(cx)));
        let frame = match polled {
            Ok(Poll::Ready(Some(Ok(frame)))) => match frame.into_trailers() {
                Ok(trailers) => this.end_with(trailers),
                Err(data) => data,
            },
            Ok(Poll::Ready(other)) => return Poll::Ready(other),
            Ok(Poll::Pending) => {
                let problem = ready!(this.end.as_mut().poll(cx));
                this.end_with(trailers(&status(problem)))
            }
            Err(panic) => this.end_with(trailers(&panicked(&*panic))),
        };
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Notes how the call ended, on its span.
pub(crate) fn record(span: &Span, code: Code) {
    span.record("rpc.status", reason(code));
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    write(status, &mut trailers);
    trailers
}

fn write(status: &Status, headers: &mut HeaderMap) {
    if let Err(error) = status.add_header(headers) {
        tracing::error!(%error, "status does not fit into headers");
    }
}
