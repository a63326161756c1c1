//! The regions there are.

use std::collections::BTreeSet;

use meridian_types::{RegionId, Rule};

/// The regions of the world, as this one's configuration names them.
#[derive(Debug)]
pub(crate) struct Regions {
    own: RegionId,
    all: BTreeSet<RegionId>,
}

impl Regions {
    /// `own` and the others.
    pub(crate) fn new(own: RegionId, others: impl IntoIterator<Item = RegionId>) -> Self {
        let all = others.into_iter().chain([own.clone()]).collect();
        Self { own, all }
    }

    /// The region that this is.
    pub(crate) const fn own(&self) -> &RegionId {
        &self.own
    }

    /// Whether there is such a region.
    pub(crate) fn knows(&self, region: &RegionId) -> bool {
        self.all.contains(region)
    }

    /// The rule for a region that must exist.
    pub(crate) fn rule(&self) -> Rule {
        let names: Vec<&str> = self.all.iter().map(RegionId::as_str).collect();
        Rule::from(format!("one of the regions {}", names.join(", ")))
    }
}
