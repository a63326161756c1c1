//! Options of `meridian solve`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::NeedArgs;

/// What to plan from, what is needed, and how to rank.
#[derive(Debug, Args)]
pub(crate) struct Solve {
    /// Folder of the network, or "sample" for the sample company.
    #[arg(long, value_name = "DIR", required_unless_present = "decision")]
    pub(crate) network: Option<PathBuf>,
    /// Decide again what a file holds (`meridian decision`), and say whether the ranking is the same; "-" reads the
    /// standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "network", "now", "policy", "in_time_probability_min", "items", "deliver_to", "repair", "symptom", "onward_to", "end_use", "deadline",
    ])]
    pub(crate) decision: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) need: NeedArgs,
    /// Plan as of this moment instead of now: an instant or a wall time with its zone.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to rank: deadline-then-cost, fastest, greenest or safest.
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<String>,
    /// How sure an option must be to count as one that meets the deadline: more than 0, at most 1.
    #[arg(long, value_name = "PROBABILITY")]
    pub(crate) in_time_probability_min: Option<f64>,
    /// Which of the options to draw on the time line, from 1.
    #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=7))]
    pub(crate) draw: u8,
    /// Write the decision with everything it follows from to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}
