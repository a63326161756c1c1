//! Asking for the best plan, looking at it, and asking the search to stop.

use meridian_messaging::Work;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{EngineerId, OptimisationId};
use sqlx::PgConnection;

use crate::domain::optimisation::State;
use crate::domain::scene::NoScene;
use crate::domain::terms::Terms;
use crate::error::Error;
use crate::store;
use crate::store::optimisation::Stored;

/// So long optimisations are kept: as long as answers are, so that what a repeated request names is there.
const KEPT_DAYS: i32 = 14;

/// Most searches that wait or are done.
const RUNNING_MAX: i64 = 20;

/// Asks for a plan. The search begins when a replica has time for it.
pub(crate) async fn optimise(
    work: &mut Work,
    request: &pb::OptimiseRequest,
    terms: &Terms,
) -> Result<Stored, Error> {
    if terms.window.end() <= work.now() {
        return Err(NoScene::Past(terms.window.end()).into());
    }
    let named: Vec<&EngineerId> = terms.engineers().collect();
    if let Some(unknown) = store::engineer::unknown(work.conn(), &named).await? {
        return Err(Error::EngineerNotFound(unknown));
    }
    if store::optimisation::running(work.conn()).await? >= RUNNING_MAX {
        return Err(Error::TooManyOptimisations(RUNNING_MAX));
    }
    let id = OptimisationId::fresh(work.ids());
    store::optimisation::remove_old(work.conn(), KEPT_DAYS).await?;
    store::optimisation::insert(work.conn(), id, request).await?;
    get_optimisation(work.conn(), id).await
}

/// What stands under the id.
///
/// # Errors
/// Nothing does.
pub(crate) async fn get_optimisation(conn: &mut PgConnection, id: OptimisationId) -> Result<Stored, Error> {
    store::optimisation::find(conn, id).await?.ok_or(Error::OptimisationNotFound(id))
}

/// Asks the search to stop. Whoever does it sees that soon, and makes a draft of the best so far.
pub(crate) async fn cancel_optimisation(work: &mut Work, id: OptimisationId) -> Result<Stored, Error> {
    let stored = store::optimisation::lock(work.conn(), id).await?;
    let stored = stored.ok_or(Error::OptimisationNotFound(id))?;
    match stored.state {
        State::Running => store::optimisation::request_cancel(work.conn(), id).await?,
        State::Cancelled => {}
        state @ (State::Succeeded | State::Failed | State::Published) => {
            return Err(Error::OptimisationEnded { id, state });
        }
    }
    get_optimisation(work.conn(), id).await
}
