//! What every call passes on its way in and out: trace span, overload, deadline, panics, details of failures.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::Body as _;
use meridian_types::{Problem, ProblemKind};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service;
use tracing::{Instrument, Span, field};

use crate::answers::{self, AnswerBody};
use crate::config::LimitsConfig;
use crate::deadline::{self, Cut};
use crate::status::status;
use crate::trace;

/// Calls of these services must name a deadline.
const OURS: &str = "/meridian.";
/// When a refused call may be tried again.
const RETRY_AFTER_MS: u64 = 250;

/// All services of a listener, behind the boundary.
#[derive(Clone, Debug)]
pub(crate) struct Boundary {
    routes: Routes,
    policy: Arc<Policy>,
}

#[derive(Debug)]
struct Policy {
    /// One for each call that is being answered.
    slots: Arc<Semaphore>,
    /// The same for calls that may go on for ever: they must not keep the others out.
    watch_slots: Arc<Semaphore>,
    max_message_bytes: usize,
    deadline_max: Duration,
    /// Paths of methods that go on until the caller has enough.
    watches: Vec<&'static str>,
    stop: CancellationToken,
}

impl Boundary {
    pub(crate) fn new(
        routes: Routes,
        limits: &LimitsConfig,
        watches: Vec<&'static str>,
        stop: CancellationToken,
    ) -> Self {
        let policy = Policy {
            slots: Arc::new(Semaphore::new(limits.concurrency)),
            watch_slots: Arc::new(Semaphore::new(limits.watches)),
            max_message_bytes: limits.max_message_bytes,
            deadline_max: Duration::from_millis(limits.deadline_max_ms),
            watches,
            stop,
        };
        Self { routes, policy: Arc::new(policy) }
    }
}

impl Service<Request<Body>> for Boundary {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.routes, cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let span = span(request.uri().path());
        trace::extract(&span, request.headers());
        let answer = answer(self.routes.clone(), Arc::clone(&self.policy), request, span.clone());
        answer.map(Ok).instrument(span).boxed()
    }
}

/// The span of a call, named `rpc.<Service>/<Method>`.
fn span(path: &str) -> Span {
    let (service, method) = path.trim_start_matches('/').rsplit_once('/').unwrap_or(("", path));
    let short = service.rsplit('.').next().unwrap_or_default();
    tracing::info_span!(
        "rpc",
        otel.name = %format_args!("rpc.{short}/{method}"),
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.status = field::Empty,
    )
}

async fn answer(routes: Routes, policy: Arc<Policy>, request: Request<Body>, span: Span) -> Response<Body> {
    let cut = match policy.cut(&request) {
        Ok(cut) => cut,
        Err(problem) => return refusal(&span, problem),
    };
    let is_watch = cut.is_none() || policy.watches.contains(&request.uri().path());
    let slots = if is_watch { &policy.watch_slots } else { &policy.slots };
    let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { return refusal(&span, overloaded()) };
    let mut end = end(cut, is_watch.then(|| policy.stop.clone())).boxed();
    let answered = tokio::select! {
        biased;
        answered = AssertUnwindSafe(handle(routes, request, cut)).catch_unwind() => answered,
        problem = &mut end => return refusal(&span, problem),
    };
    let mut response = match answered {
        Ok(response) => response,
        Err(panic) => answers::panicked(&*panic).into_http(),
    };
    if let Some(code) = answers::complete(response.headers_mut(), policy.max_message_bytes) {
        answers::record(&span, code);
    }
    if response.body().is_end_stream() {
        return response;
    }
    response.map(|body| Body::new(AnswerBody::new(body, end, span, slot, policy.max_message_bytes)))
}

/// Lets the handler answer, with its deadline as extension and as the task's own.
async fn handle(mut routes: Routes, mut request: Request<Body>, cut: Option<Cut>) -> Response<Body> {
    let answered = match cut {
        Some(cut) => {
            request.extensions_mut().insert(cut.deadline);
            cut.deadline.scope(routes.call(request)).await
        }
        None => routes.call(request).await,
    };
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

impl Policy {
    /// When to cut the call; `None` for one that may go on for ever.
    fn cut(&self, request: &Request<Body>) -> Result<Option<Cut>, Problem> {
        let path = request.uri().path();
        let is_watch = self.watches.contains(&path);
        Ok(match deadline::read(request.headers())? {
            Some(timeout) if is_watch => Some(Cut::after(timeout)),
            Some(timeout) => Some(Cut::after(timeout.min(self.deadline_max))),
            None if is_watch || !path.starts_with(OURS) => None,
            None => return Err(deadline::required(self.deadline_max)),
        })
    }
}

/// Resolves when a call must end although its handler has more to say: at its deadline, or when the process
/// stops and the call would otherwise never end.
async fn end(cut: Option<Cut>, stop: Option<CancellationToken>) -> Problem {
    let passed = async {
        match cut {
            Some(cut) => tokio::time::sleep_until(cut.at).await,
            None => std::future::pending().await,
        }
    };
    let stopped = async {
        match stop {
            Some(stop) => stop.cancelled().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = passed => deadline::exceeded(),
        () = stopped => Problem::new(ProblemKind::Unavailable, "SHUTTING_DOWN", "the process is stopping; call again")
            .retry_after_ms(RETRY_AFTER_MS),
    }
}

fn overloaded() -> Problem {
    Problem::new(ProblemKind::Unavailable, "OVERLOADED", "too many calls at one time; call again")
        .retry_after_ms(RETRY_AFTER_MS)
}

fn refusal(span: &Span, problem: Problem) -> Response<Body> {
    let status = status(problem);
    answers::record(span, status.code());
    status.into_http()
}
