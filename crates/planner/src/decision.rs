//! A decision with everything it followed from, so that it can be taken again.

use serde::{Deserialize, Serialize};

use crate::compile::{CompileErrors, Compiled, Horizon};
use crate::model::{Answer, Network, Request, World};
use crate::solve::solve;

/// What was known and asked, and what was answered. As JSON it is the file in which decisions are handed around.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The network as it was.
    pub network: Network,
    /// What it was compiled for.
    pub horizon: Horizon,
    /// The world as it was known.
    pub world: World,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub answer: Answer,
}

impl Decision {
    /// Decides.
    ///
    /// # Errors
    /// What is wrong with the network or the horizon.
    pub fn take(
        network: Network,
        horizon: Horizon,
        world: World,
        request: Request,
    ) -> Result<Self, CompileErrors> {
        let compiled = Compiled::compile(&network, horizon)?;
        let answer = solve(&compiled, &world, &request);
        Ok(Self { network, horizon, world, request, answer })
    }

    /// The answer to the same question on the same grounds, worked out again. With the same version of the planner
    /// it is the same to the last byte.
    ///
    /// # Errors
    /// What is wrong with the network or the horizon.
    pub fn again(&self) -> Result<Answer, CompileErrors> {
        let compiled = Compiled::compile(&self.network, self.horizon)?;
        Ok(solve(&compiled, &self.world, &self.request))
    }
}
