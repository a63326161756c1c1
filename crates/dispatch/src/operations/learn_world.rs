//! Remembering what the other regions tell of their workforce.

use meridian_messaging::Work;
use meridian_scheduler::workforce::FreeBusy;
use meridian_types::{EngineerId, RegionId};

use crate::domain::repair::{Depot, RepairProfile};
use crate::domain::technician::Technician;
use crate::error::Error;
use crate::store;

/// Something another region told.
#[derive(Debug)]
pub(crate) enum News {
    /// What an engineer is.
    Engineer(Box<Technician>),
    /// What takes an engineer's time.
    FreeBusy(EngineerId, FreeBusy),
    /// What a repair needs.
    Profile(RepairProfile),
    /// Where instruments are repaired.
    Depot(Depot),
}

/// Remembers it, unless something newer is known.
pub(crate) async fn learn(
    work: &mut Work,
    region: &RegionId,
    news: &News,
    version: i64,
) -> Result<(), Error> {
    let conn = work.conn();
    match news {
        News::Engineer(engineer) => store::world::learn_engineer(conn, engineer, version).await?,
        News::FreeBusy(engineer, taken) => {
            store::world::learn_free_busy(conn, region, engineer, taken, version).await?;
        }
        News::Profile(profile) => store::repair::learn_profile(conn, profile, version).await?,
        News::Depot(depot) => store::repair::learn_depot(conn, depot, version).await?,
    }
    Ok(())
}
