//! The timeline of a case, from a position on and then as it goes on.

use std::time::Duration;

use futures::Stream;
use meridian_chassis::encode;
use meridian_messaging::{Journal, database_problem};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, Problem};

use crate::store::timeline::{self, Entry};

/// Entries read at once.
const READ_AT_ONCE: i64 = 200;
/// Other replicas' commits are not announced here.
const POLL: Duration = Duration::from_secs(1);

/// Every entry after `position`, in order, for ever.
pub(crate) fn watch_case(
    journal: Journal,
    case_id: CaseId,
    position: i64,
) -> impl Stream<Item = Result<pb::WatchCaseResponse, Problem>> {
    let mut commits = journal.committed();
    commits.mark_changed();
    let watch = Watch { journal, commits, case_id, position, read: Vec::new().into_iter() };
    futures::stream::try_unfold(watch, |mut watch| async move {
        let entry = watch.next().await?;
        Ok(Some((pb::WatchCaseResponse { entry: Some(entry) }, watch)))
    })
}

struct Watch {
    journal: Journal,
    commits: tokio::sync::watch::Receiver<u64>,
    case_id: CaseId,
    /// Of the last entry that was read.
    position: i64,
    read: std::vec::IntoIter<Entry>,
}

impl Watch {
    async fn next(&mut self) -> Result<pb::TimelineEntry, Problem> {
        loop {
            if let Some(entry) = self.read.next() {
                self.position = entry.position;
                return Ok(self.message(entry));
            }
            self.commits.mark_unchanged();
            let entries = self.read_on().await.map_err(|error| database_problem(&error))?;
            if entries.is_empty() {
                // The time-out is the poll.
                let _ = tokio::time::timeout(POLL, self.commits.changed()).await;
            }
            self.read = entries.into_iter();
        }
    }

    async fn read_on(&self) -> Result<Vec<Entry>, sqlx::Error> {
        let mut conn = self.journal.pool().acquire().await?;
        timeline::after(&mut conn, self.case_id, self.position, READ_AT_ONCE).await
    }

    fn message(&self, entry: Entry) -> pb::TimelineEntry {
        let Entry { position, time, region, service, event, text } = entry;
        let (case_id, time) = (self.case_id.to_string(), Some(encode::timestamp(time)));
        pb::TimelineEntry { position, case_id, time, region, service, event, text }
    }
}
