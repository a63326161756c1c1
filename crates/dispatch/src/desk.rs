//! What is to be done and who can do it, from records in files: the same workload that the service would plan.

use std::collections::{BTreeMap, BTreeSet};

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{Plan, Workload};
use meridian_types::{EngineerId, Problem, RegionId, Violations, VisitId};

use crate::domain::order::StoredOrder;
use crate::domain::repair::RepairProfile;
use crate::domain::scene::{Known, Left};
use crate::domain::terms::Trips;
use crate::error::Error;
use crate::wire::{draft, engineer, order, repair, terms};

/// Orders and engineers of any number of regions, ready to be planned.
#[derive(Debug, Clone)]
pub struct Desk {
    /// What is planned.
    pub workload: Workload,
    left: BTreeMap<VisitId, Left>,
    trips: Trips,
}

impl Desk {
    /// What is planned of these records under terms; nothing is published yet.
    ///
    /// # Errors
    /// Every value that breaks a rule, or why nothing can be planned.
    pub fn new<'r>(
        workforce: impl IntoIterator<Item = (&'r RegionId, &'r pb::PutWorkforceRequest)>,
        orders: Vec<pb::WorkOrder>,
        terms: pb::Terms,
    ) -> Result<Self, Problem> {
        let mut v = Violations::new();
        let (mut engineers, mut profiles) = (Vec::new(), Vec::new());
        for (region, records) in workforce {
            for (index, message) in records.engineers.iter().cloned().enumerate() {
                let field = format!("{region}.engineers[{index}]");
                engineers.extend(engineer::decode(&mut v, &field, message, region));
            }
            for (index, message) in records.repair_profiles.iter().cloned().enumerate() {
                let field = format!("{region}.repair_profiles[{index}]");
                profiles.extend(repair::decode_profile(&mut v, &field, message, region));
            }
        }
        let terms = terms::decode(&mut v, "terms", Some(terms));
        let orders = orders.into_iter().enumerate().map(|(index, message)| {
            let field = format!("work_orders[{index}]");
            let asked = order::decode(&mut v, &field, message)?;
            stored(&mut v, &field, &asked, &profiles)
        });
        let orders: Vec<StoredOrder> = orders.collect::<Vec<_>>().into_iter().flatten().collect();
        if let Some(terms) = &terms {
            let known = |id: &EngineerId| engineers.iter().any(|known| known.engineer.id == *id);
            for unknown in terms.engineers().filter(|id| !known(id)) {
                v.add("terms", unknown, "trips and overtime of engineers that there are");
            }
        }
        let terms = decode::complete(v, terms)?;
        let known = Known {
            engineers,
            absent: BTreeMap::new(),
            orders,
            outsourced: BTreeSet::new(),
            visits: BTreeMap::new(),
            now: terms.window.start(),
        };
        let scene = known.scene(&terms, &BTreeSet::new()).map_err(Error::from)?;
        Ok(Self { workload: scene.workload, left: scene.left, trips: terms.trips })
    }

    /// Orders that cannot be planned in the time that is planned, such as those whose windows are outside of it.
    pub fn left(&self) -> impl Iterator<Item = VisitId> {
        self.left.keys().copied()
    }

    /// A plan as the service answers it.
    #[must_use]
    pub fn draft(&self, plan: &Plan) -> pb::Draft {
        draft::encode(plan, (&self.workload, &self.left), &self.trips)
    }
}

/// The order with what its repair profile says, whichever region has it.
fn stored(
    v: &mut Violations,
    field: &str,
    asked: &order::Asked,
    profiles: &[RepairProfile],
) -> Option<StoredOrder> {
    let is_of_model =
        |profile: &&RepairProfile| asked.profile.as_ref().is_some_and(|(model, _)| profile.model == *model);
    let of_model = profiles.iter().filter(is_of_model).cloned().collect();
    match asked.with_profile(of_model, None) {
        Ok(order) => Some(StoredOrder {
            order,
            version: 1,
            is_cancelled: false,
            is_outsourced: false,
            drafted_by: None,
        }),
        Err((name, value, rule)) => {
            v.add(format!("{field}.{name}"), value, rule);
            None
        }
    }
}
