//! Calls that are made again until they are answered: the same request id makes them one effect.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};
use tonic::{Code, Response, Status};

/// How long a region may be away.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// Calls until the answer is something else than "try again".
///
/// # Errors
/// A refusal, or no answer within a minute.
pub async fn patiently<T>(mut call: impl AsyncFnMut() -> Result<Response<T>, Status>) -> Result<T> {
    let started = Instant::now();
    loop {
        match call().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if is_passing(&status) && started.elapsed() < PATIENCE => sleep(PAUSE).await,
            Err(status) => return Err(status.into()),
        }
    }
}

fn is_passing(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted | Code::Cancelled | Code::Unknown
    )
}
