//! How an optimisation gets on, until it has ended.

use std::time::Duration;

use futures::Stream;
use meridian_messaging::{Journal, database_problem};
use meridian_types::{OptimisationId, Problem};

use crate::domain::optimisation::State;
use crate::error::Error;
use crate::store;
use crate::store::optimisation::Stored;

/// Other replicas' commits are not announced here.
const POLL: Duration = Duration::from_secs(1);

/// The optimisation as it is, and again whenever something is different; the last time when it no longer runs.
pub(crate) fn watch_optimisation(
    journal: Journal,
    id: OptimisationId,
) -> impl Stream<Item = Result<Stored, Problem>> {
    let mut commits = journal.committed();
    commits.mark_changed();
    let watch = Watch { journal, commits, id, last: None };
    futures::stream::try_unfold(watch, |mut watch| async move {
        let next = watch.next().await?;
        Ok(next.map(|stored| (stored, watch)))
    })
}

struct Watch {
    journal: Journal,
    commits: tokio::sync::watch::Receiver<u64>,
    id: OptimisationId,
    last: Option<Stored>,
}

impl Watch {
    async fn next(&mut self) -> Result<Option<Stored>, Problem> {
        loop {
            if self.last.as_ref().is_some_and(|last| last.state != State::Running) {
                return Ok(None);
            }
            self.commits.mark_unchanged();
            let found = store::optimisation::find(self.journal.pool(), self.id).await;
            let found = found.map_err(|error| database_problem(&error))?;
            let found = found.ok_or(Error::OptimisationNotFound(self.id))?;
            let is_news = self.last.as_ref().is_none_or(|last| {
                (last.state, last.progress, last.cancel_requested)
                    != (found.state, found.progress, found.cancel_requested)
            });
            if is_news {
                self.last = Some(found.clone());
                return Ok(Some(found));
            }
            // The time-out is the poll.
            let _ = tokio::time::timeout(POLL, self.commits.changed()).await;
        }
    }
}
