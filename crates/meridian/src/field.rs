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
/// How long what was asked for may take to come about.
const MOMENT: Duration = Duration::from_millis(700);
const POLL_PAUSE: Duration = Duration::from_millis(15);

/// The people in the field, with the regions they talk to.
#[derive(Debug)]
pub struct Field {
    regions: BTreeMap<RegionId, RegionClients>,
    now: Timestamp,
}

/// A case and its home region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Home region.
    pub home: &'static str,
    /// Which case.
    pub case_id: String,
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

    /// Does everything that the plans of cases ask for, in its time, until all are finished or `until` is reached.
    /// `twist` may have something else happen.
    ///
    /// # Errors
    /// A plan does not move although everything was done.
    pub async fn carry_out(
        &mut self,
        cases: &[Case],
        until: Timestamp,
        mut twist: impl FnMut(&Case, &Happening) -> Twist,
    ) -> Result<()> {
        loop {
            let Some((case, plan, mut next)) = self.first_happening(cases).await? else { return Ok(()) };
            if next.at > until {
                return Ok(());
            }
            // Before time passes for a watchdog alone, what has been asked for gets its moment to come about.
            if matches!(next.what, What::Nothing) && self.changes(case.home, &plan, MOMENT).await? {
                continue;
            }
            self.wait_until(next.at).await?;
            if let Twist::Instead(what) = twist(case, &next) {
                next.what = what;
            }
            self.happen(&next).await.with_context(|| format!("case {}: {:?}", case.case_id, next.what))?;
            // A yes is what a plan counts on from the booking on: nothing changes with it.
            if !matches!(next.what, What::Accept(_)) {
                self.wait_for_change(case.home, &plan).await?;
            }
        }
    }

    /// The first thing that happens to any of the cases that are not finished.
    async fn first_happening<'c>(&self, cases: &'c [Case]) -> Result<Option<(&'c Case, Plan, Happening)>> {
        let mut first: Option<(&Case, Plan, Happening)> = None;
        for case in cases {
            let plan = self.settled_plan(case.home, &case.case_id).await?;
            if happening::is_finished(&plan) {
                continue;
            }
            let Some(next) = self.next_happening(&plan).await? else {
                bail!("case {}: nothing is left to happen, but its plan is {:?}", case.case_id, plan.state());
            };
            if first.as_ref().is_none_or(|(_, _, earlier)| next.at < earlier.at) {
                first = Some((case, plan, next));
            }
        }
        Ok(first)
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
        if !self.changes(home, before, REACTION_WAIT).await? {
            let plan = self.region(home).plan_of(&before.case_id).await?;
            let next = plan.responsibility.as_ref().map_or("nothing", |it| &it.next_action);
            bail!(
                "case {}: its plan did not react; revision {} is {:?}, and next is to {next}",
                plan.case_id,
                plan.revision,
                plan.state()
            );
        }
        Ok(())
    }

    /// Whether a plan changes within `limit` of real time.
    async fn changes(&self, home: &str, before: &Plan, limit: Duration) -> Result<bool> {
        let started = Instant::now();
        while started.elapsed() <= limit {
            if self.region(home).plan_of(&before.case_id).await?.etag != before.etag {
                return Ok(true);
            }
            sleep(POLL_PAUSE).await;
        }
        Ok(false)
    }
}
