//! Creating and replacing engineers, repair profiles and depots of this region.

use meridian_messaging::Work;
use meridian_proto::dispatch::v1 as pb;

use crate::domain::repair::{Depot, RepairProfile};
use crate::domain::technician::Technician;
use crate::error::Error;
use crate::store;
use crate::wire;

/// Records of this region, each at most once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workforce {
    /// By id, so that two units of work lock them in the same order.
    pub(crate) engineers: Vec<Technician>,
    /// By model and symptom.
    pub(crate) profiles: Vec<RepairProfile>,
    /// By site.
    pub(crate) depots: Vec<Depot>,
}

impl Workforce {
    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.engineers.len() + self.profiles.len() + self.depots.len()
    }
}

/// Stores the records and tells the world of those that are new or different. Visits stand as they are, also
/// where a new calendar would not allow them.
pub(crate) async fn put_workforce(work: &mut Work, workforce: &Workforce) -> Result<(), Error> {
    for technician in &workforce.engineers {
        if let Some(version) = store::engineer::put(work.conn(), technician).await? {
            let defined = pb::EngineerDefined { engineer: Some(wire::engineer::encode(technician)), version };
            work.emit(&technician.engineer.id, version, &defined);
        }
    }
    for profile in &workforce.profiles {
        if let Some(version) = store::repair::put_profile(work.conn(), profile).await? {
            let defined = pb::RepairProfileDefined { profile: Some(wire::repair::encode_profile(profile)) };
            work.emit(aggregate_id(profile), version, &defined);
        }
    }
    for depot in &workforce.depots {
        if let Some(version) = store::repair::put_depot(work.conn(), depot).await? {
            let defined = pb::DepotDefined { depot: Some(wire::repair::encode_depot(depot)) };
            work.emit(&depot.site, version, &defined);
        }
    }
    Ok(())
}

fn aggregate_id(profile: &RepairProfile) -> String {
    match &profile.symptom {
        Some(symptom) => format!("{}/{symptom}", profile.model),
        None => profile.model.to_string(),
    }
}
