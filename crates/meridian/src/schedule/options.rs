//! Options of `meridian schedule`.

use std::path::PathBuf;

use clap::Args;

/// What to plan, from when to when, and how long to search.
#[derive(Debug, Args)]
pub(crate) struct Schedule {
    /// Folder of the network, whose `work_orders.csv` is planned, or "sample" for the sample company.
    #[arg(long, value_name = "DIR")]
    pub(crate) network: PathBuf,
    /// Plan from this moment on instead of now: an instant or a wall time with its zone.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Days that are planned.
    #[arg(long, default_value_t = 7, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=60))]
    pub(crate) days: i64,
    /// Seconds of search; the plan gets better for some minutes.
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// Where chance begins.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// Draw by the clocks of this zone instead of those by which most visits are made.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Write the picture to this file as SVG too.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}
