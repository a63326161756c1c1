//! Where searches for the best plan stand.

use std::fmt;
use std::str::FromStr;

use meridian_types::Rule;

/// Where an optimisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Or waiting.
    Running,
    Succeeded,
    Failed,
    Cancelled,
    Published,
}

impl State {
    const ALL: [Self; 5] = [Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled, Self::Published];

    /// The name, as stored and as shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Published => "published",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(Rule::new("a state of optimisations"))
    }
}
