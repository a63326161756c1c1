//! What past deliveries say about coming ones.
mod delivery;
mod freight;
mod lateness;
mod mixed;
mod recency;
pub mod score;

pub use delivery::{Delivery, Factors, ForecastError, Term};
pub use freight::{FreightModel, FreightSettings};
pub use lateness::{LatenessModel, LatenessSettings, Quantiles};
