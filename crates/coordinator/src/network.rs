//! The network as it is planned with: compiled once for each version and day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::status::internal;
use meridian_messaging::{Journal, database_problem};
use meridian_planner::model::Network;
use meridian_planner::{CompileErrors, Compiled, Horizon};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::Problem;
use tokio::sync::Mutex;

use crate::offer::{Names, SiteFacts};
use crate::store::network_record;
use crate::world::network::{self, Records};

/// How far ahead is planned: sea freight and a licence fit in.
pub(crate) const HORIZON: SignedDuration = SignedDuration::from_hours(120 * 24);
/// How old the beginning of the horizon may be.
const START_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A compiled network with the names of what is in it.
#[derive(Debug)]
pub(crate) struct CompiledNetwork {
    pub(crate) version: i64,
    pub(crate) compiled: Compiled,
    pub(crate) horizon: Horizon,
    pub(crate) names: Names,
}

/// Compiles the network when it has changed or the horizon has moved on. Clones share one.
#[derive(Debug, Clone)]
pub(crate) struct Networks {
    journal: Journal,
    latest: Arc<Mutex<Option<Arc<CompiledNetwork>>>>,
}

impl Networks {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, latest: Arc::default() }
    }

    /// The network as it stands, for questions asked at `now`.
    ///
    /// # Errors
    /// The database does not answer; or the records cannot be compiled, which is a defect.
    pub(crate) async fn at(&self, now: Timestamp) -> Result<Arc<CompiledNetwork>, Problem> {
        let version = self.version().await.map_err(|error| database_problem(&error))?;
        // Held while compiling, so that callers wait for one compilation instead of starting their own.
        let mut latest = self.latest.lock().await;
        if let Some(network) = latest.as_ref().filter(|network| network.serves(version, now)) {
            return Ok(Arc::clone(network));
        }
        let records = self.records().await.map_err(|error| database_problem(&error))?;
        let before = latest.clone().filter(|network| network.begins_in_time_for(now));
        let compiled = tokio::task::spawn_blocking(move || compile(&records, now, before.as_deref()))
            .await
            .map_err(|error| internal(&error))?
            .map_err(|errors| internal(&errors))?;
        let network = Arc::new(compiled);
        *latest = Some(Arc::clone(&network));
        Ok(network)
    }

    async fn version(&self) -> Result<i64, sqlx::Error> {
        let mut conn = self.journal.pool().acquire().await?;
        network_record::version(&mut conn).await
    }

    async fn records(&self) -> Result<Records, sqlx::Error> {
        let mut conn = self.journal.pool().acquire().await?;
        network_record::all(&mut conn).await
    }
}

impl CompiledNetwork {
    /// Whether it is as new as `version`, and begins late enough for questions asked at `now`.
    fn serves(&self, version: i64, now: Timestamp) -> bool {
        self.version >= version && self.begins_in_time_for(now)
    }

    fn begins_in_time_for(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.horizon.start);
        !age.is_negative() && age <= START_AGE_MAX
    }

    /// What it was compiled from.
    pub(crate) fn network(&self) -> &Network {
        self.compiled.network()
    }
}

/// Builds only what changed where there is a network of the same horizon.
fn compile(
    records: &Records,
    now: Timestamp,
    before: Option<&CompiledNetwork>,
) -> Result<CompiledNetwork, CompileErrors> {
    let fresh = Horizon { start: now, end: now + HORIZON };
    let horizon = before.map_or(fresh, |before| before.horizon);
    let compile = |network: &Arc<Network>| match before {
        Some(before) => before.compiled.recompiled(network),
        None => Compiled::compile(network, horizon),
    };
    let network = Arc::new(network::network(records));
    let compiled = match compile(&network) {
        Ok(compiled) => compiled,
        // Records of other regions were checked there, perhaps by other rules: better to plan without a lane than
        // not at all.
        Err(CompileErrors(errors)) => {
            let faulty: BTreeSet<String> = errors.iter().map(|error| error.record.clone()).collect();
            tracing::warn!(errors = %CompileErrors(errors), "records of the network are left out of planning");
            compile(&Arc::new(network::without(Arc::unwrap_or_clone(network), &faulty)))?
        }
    };
    if before.is_none() {
        for ending in compiled.network().holidays_ending_before(horizon.end) {
            tracing::warn!("{ending}");
        }
    }
    Ok(CompiledNetwork { version: records.version, compiled, horizon, names: names(records) })
}

fn names(records: &Records) -> Names {
    let site = |record: &pb::Site| {
        let facts = SiteFacts {
            name: if record.name.is_empty() { record.site_id.clone() } else { record.name.clone() },
            zone: record.zone.clone(),
            country: record.country.parse().ok()?,
            region: record.region.parse().ok()?,
            is_warehouse: matches!(record.kind(), pb::SiteKind::Warehouse | pb::SiteKind::Depot),
        };
        Some((record.site_id.parse().ok()?, facts))
    };
    let lane = |record: &pb::Lane| {
        Some((record.lane_id.parse().ok()?, (record.carrier.clone(), means(record.mode()))))
    };
    Names {
        sites: records.sites.iter().filter_map(site).collect(),
        lanes: records.lanes.iter().filter_map(lane).collect::<BTreeMap<_, _>>(),
        currency: network::currency(&records.lanes).to_owned(),
    }
}

const fn means(mode: pb::LaneMode) -> &'static str {
    match mode {
        pb::LaneMode::Air => "by air freight",
        pb::LaneMode::Road => "by road",
        pb::LaneMode::Sea => "by sea",
        pb::LaneMode::Rail => "by rail",
        pb::LaneMode::Courier => "by courier",
        pb::LaneMode::Flight => "by plane",
        pb::LaneMode::Train => "by train",
        pb::LaneMode::Drive => "by car",
        pb::LaneMode::Unspecified => "on the way",
    }
}
