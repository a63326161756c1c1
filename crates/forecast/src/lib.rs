//! What past deliveries say about coming ones: how late they will be, what their freight will cost.
//!
//! [`LatenessModel`] gives the probability that a delivery is late and the quantiles of its lateness,
//! [`FreightModel`] what it costs. Both learn from the same [`Delivery`] records, and both from little: every
//! mode, origin, destination and lane has an effect of its own, drawn towards nought as far as the history bears
//! out. A lane with hundreds of deliveries is judged by them, one with three mostly by its mode, its origin and
//! its destination, and one with none by those alone. How strongly is not set but learned (`mixed`). What is said of a
//! lane beforehand counts as ten deliveries do ([`LatenessModel::learn`]).
//!
//! ```
//! use jiff::{Timestamp, ToSpan as _};
//! use meridian_forecast::{Delivery, Factors, LatenessModel, LatenessSettings};
//!
//! let factors = Factors::of_lane("HEL-NBO", "HEL", "NBO", "air");
//! let first: Timestamp = "2026-01-05T12:00Z".parse()?;
//! let run = |week: i32| {
//!     let due = first + (week * 7 * 24).hours();
//!     let late = if week % 4 == 0 { 9 } else { -1 };
//!     let (factors, arrived) = (factors.clone(), Some(due + late.hours()));
//!     Delivery { due, arrived, factors, weight_g: None, freight_minor: None }
//! };
//! let history: Vec<Delivery> = (0..20).map(run).collect();
//!
//! let as_of = "2026-06-01T00:00Z".parse()?;
//! let model = LatenessModel::learn(&history, &[], as_of, &LatenessSettings::default())?;
//! let lateness = model.quantiles(&factors, &[0.5, 0.95]);
//! assert!((0.2..0.3).contains(&lateness.late_probability));
//! assert_eq!(lateness.minutes, [(0.5, -60), (0.95, 540)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How lateness comes about, as the model has it:
//! - *effects* of what is known of the delivery, see [`LatenessSettings::effects`];
//! - *waves*: for a quarter everything is late more often than usual. What they did is told apart from what the
//!   lanes did, and as nobody knows the next one a forecast is the mean over those of the past;
//! - *occasions*: deliveries of the same factors that are due at the same time are late together, and are one piece
//!   of evidence rather than many;
//! - *severity*: how late the late ones are and how early the others, pooled from the lane's own deliveries and its
//!   parents'. The quantiles are of the mixture of the two, so that they agree with the probability.
//!
//! What happened long ago counts less. Nothing is updated in between: learn anew, from ten thousand deliveries in
//! fractions of a second.
//!
//! *Invariants.*
//! - Pure: no I/O, no clock, no randomness. The same history in any order gives the same model, byte for byte.
//! - Nothing after `as_of` is used, not even whether a delivery that was late by then has come since.
//! - Quantiles never cross. Probabilities lie between 0 and 1. No input gives a number that is none.
//! - Models are plain data and serialise with serde; what they hold is told at each of them.
//!
//! *How good it is.* `cargo bench -p meridian-forecast --bench scms` forecasts 7,735 real deliveries (SCMS, 2006 to
//! 2013) from those before them, split by date. Of the last 25 %: Brier score 0.109, where the base rate scores 0.116
//! and smoothed rates of vendor and mode 0.115; pinball loss of the 95 % quantile 3.2 days against 3.4 of a
//! quantile of all alike; median error of freight 32 %, where power laws by mode have 44 %; less where models are
//! learned anew each month. The settings were chosen by the mean over several cuts, which the bench shows: in a year
//! when the waves ebb, as in 2012, rates of late deliveries are hard to beat, and the base rate is the best of them.
//!
//! *The commonest change: something else that makes deliveries late or dear.* Give it as a factor of the deliveries
//! and name it in a [`Term`] of the settings; one that says nothing gets effects of about nought.

mod delivery;
mod freight;
mod lateness;
mod mixed;
mod recency;
pub mod score;

pub use delivery::{Delivery, Factors, ForecastError, Term};
pub use freight::{FreightModel, FreightSettings};
pub use lateness::{LatenessModel, LatenessSettings, Quantiles, Stated};
