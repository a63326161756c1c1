//! Simulated annealing: how much worse something may be that is gone on with.

use fastrand::Rng;

/// From hot to cold; what costs so much more is gone on with in one case of e.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cooling {
    pub(crate) hot: f64,
    pub(crate) cold: f64,
}

impl Cooling {
    /// The temperature when this part of the time is over, from 0 to 1.
    pub(crate) fn at(self, part: f64) -> f64 {
        self.hot * (self.cold / self.hot).powf(part)
    }
}

/// Whether something that costs so much more is gone on with.
pub(crate) fn accepts(more: f64, temperature: f64, rng: &mut Rng) -> bool {
    more <= -temperature * rng.f64().max(f64::MIN_POSITIVE).ln()
}
