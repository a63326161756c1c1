//! Everybody outside the system: warehouses, carriers, customs and engineers. They do what the plans ask of them,
//! when it is time, and report it through the public APIs; `demo` and `replay` let days pass in seconds that way.

mod happening;
mod patience;
mod region;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures::future::try_join_all;
use jiff::Timestamp;
use meridian_proto::coordinator::v1::{Plan, PlanState};
use meridian_types::RegionId;
use tokio::time::{Instant, sleep};

use crate::world::Addresses;
pub use happening::{Happening, What, interval};
pub use patience::patiently;
pub use region::RegionClients;

/// How long the system may take to react to one thing that happens.
const REACTION_WAIT: Duration = Duration::from_secs(20);
const POLL_PAUSE: Duration = Duration::from_millis(15);

/// The people in the field, with the regions they talk to.
#[derive(Debug)]
pub struct Field {
    regions: BTreeMap<RegionId, RegionClients>,
    now: Timestamp,
}

/// What somebody in the field does instead of what was planned.
#[derive(Debug)]
pub enum Twist {
    /// As planned.
    AsPlanned,
    /// This instead.
    Instead(What),
}

impl Field {
    /// Begins at `now`: every region's business clock stands there.
    ///
    /// # Errors
    /// An address is not one, or a clock is not driven.
    pub async fn begin(addresses: &BTreeMap<RegionId, Addresses>, now: Timestamp) -> Result<Self> {
        let mut regions = BTreeMap::new();
        for (region, addresses) in addresses {
            regions.insert(region.clone(), RegionClients::connect(&addresses.grpc)?);
        }
        let field = Self { regions, now };
        field.set_time(now).await?;
        Ok(field)
    }

    async fn set_time(&self, now: Timestamp) -> Result<()> {
        try_join_all(self.regions.values().map(|region| region.set_time(now))).await?;
        Ok(())
    }

    /// Business time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// A region's services.
    pub fn region(&self, region: &str) -> RegionClients {
        self.regions
            .iter()
            .find(|(id, _)| id.as_str() == region)
            .map(|(_, clients)| clients.clone())
            .expect("the regions of the world are fixed")
    }

    /// All regions.
    pub fn regions(&self) -> impl Iterator<Item = (&RegionId, RegionClients)> {
        self.regions.iter().map(|(id, clients)| (id, clients.clone()))
    }

    /// Lets time pass until `instant`; a time that has passed already changes nothing.
    ///
    /// # Errors
    /// A region cannot be reached.
    pub async fn wait_until(&mut self, instant: Timestamp) -> Result<()> {
        if instant > self.now {
            self.set_time(instant).await?;
            self.now = instant;
        }
        Ok(())
    }

    /// Does everything that a case's plan asks for, in its time, until the plan is finished or `until` is reached.
    /// `twist` may have something else happen.
    ///
    /// # Errors
    /// The plan does not move although everything was done.
    pub async fn carry_out(
        &mut self,
        home: &str,
        case_id: &str,
        until: Timestamp,
        mut twist: impl FnMut(&Happening) -> Twist,
    ) -> Result<Plan> {
        loop {
            let plan = self.settled_plan(home, case_id).await?;
            if matches!(plan.state(), PlanState::Completed | PlanState::Ended) {
                return Ok(plan);
            }
            let Some(mut next) = self.next_happening(&plan).await? else {
                bail!("case {case_id}: nothing is left to happen, but its plan is {:?}", plan.state());
            };
            if next.at > until {
                return Ok(plan);
            }
            self.wait_until(next.at).await?;
            if let Twist::Instead(what) = twist(&next) {
                next.what = what;
            }
            self.happen(&next).await.with_context(|| format!("case {case_id}: {:?}", next.what))?;
            self.wait_for_change(home, &plan).await?;
        }
    }

    /// The plan of a case once it is neither waiting for holds nor looking for another way.
    ///
    /// # Errors
    /// It takes too long.
    pub async fn settled_plan(&self, home: &str, case_id: &str) -> Result<Plan> {
        let started = Instant::now();
        loop {
            let plan = self.region(home).plan_of(case_id).await?;
            if !matches!(plan.state(), PlanState::Holding | PlanState::Replanning) {
                return Ok(plan);
            }
            if started.elapsed() > REACTION_WAIT {
                bail!("case {case_id}: its plan is still {:?}", plan.state());
            }
            sleep(POLL_PAUSE).await;
        }
    }

    async fn wait_for_change(&self, home: &str, before: &Plan) -> Result<()> {
        let started = Instant::now();
        loop {
            let plan = self.region(home).plan_of(&before.case_id).await?;
            if plan.etag != before.etag {
                return Ok(());
            }
            if started.elapsed() > REACTION_WAIT {
                bail!("case {}: its plan did not react", before.case_id);
            }
            sleep(POLL_PAUSE).await;
        }
    }
}
