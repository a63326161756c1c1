//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use meridian_types::{Quantity, RegionId, ServiceName};

use crate::client::orders::Order;
use crate::learn::Learn;
use crate::schedule::Schedule;
use crate::solve::Solve;

/// Coordinates technical support across countries: finds every way to make a customer whole, commits one, and
/// carries it out.
#[derive(Debug, Parser)]
#[command(name = "meridian", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print JSON instead of text: one value, or one per line for what streams.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// gRPC address of the region to talk to.
    #[arg(
        long,
        global = true,
        env = "MERIDIAN_ADDRESS",
        default_value = "http://127.0.0.1:7410",
        value_name = "URL"
    )]
    pub(crate) address: String,
    /// How long a call may take, in seconds.
    #[arg(long, global = true, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout_seconds: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole system with servers of its own, until interrupted.
    Up(Up),
    /// Run services of one region against servers given by configuration.
    Serve(Serve),
    /// Say what is missing on this machine, and how to mend it.
    Doctor(Doctor),
    /// Play the three stories on three regions and check what must hold.
    Demo(Demo),
    /// Load a network of sites, items, stock, people, engineers and lanes.
    Load(Load),
    /// Replay real deliveries: plan, hold, ship and deliver each on the dates that really happened.
    Replay(Replay),
    /// Learn from past deliveries how late lanes are and what freight costs; print `learned.csv`.
    Learn(Learn),
    /// Say who is probably calling.
    Recognise(Recognise),
    /// Open a case.
    OpenCase(OpenCase),
    /// Add a fact to a case.
    AddFact(AddFact),
    /// Show a case.
    ShowCase(OneCase),
    /// Say where in the world items are.
    FindStock(FindStock),
    /// Find every way to meet the need of a case.
    FindSolutions(FindSolutions),
    /// Say which solution each of several cases should commit when there is not enough for all.
    Assign(Assign),
    /// Plan from files, without any service: compare every way, and draw one on a time line.
    Solve(Solve),
    /// Plan work orders from files, without any service: who does what when, drawn as a picture.
    Schedule(Schedule),
    /// Print what was known and answered when solutions were found, for `meridian solve --decision`.
    Decision(OneDecision),
    /// Commit one of the solutions found for a case.
    Commit(Commit),
    /// Follow what happens to a case.
    Watch(Watch),
    /// List cases for which nothing works at the moment.
    Parked,
    /// Show what the customer of a case was told.
    Notices(OneCase),
    /// Accept a referral for a party.
    AcceptReferral(AcceptReferral),
    /// List orders with parties that sell or repair for us, and say what became of them.
    #[command(subcommand)]
    Order(Order),
    /// List or replay events that a service could not apply.
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// Follow the events of a region.
    Events(Events),
    /// Show or move the business clock of a region that runs on a driven one.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Print the completion script of a shell.
    Completion {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Folder of the data; made when missing, carried on from when there.
    #[arg(long, default_value = "data", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Load the sample company at the first start.
    #[arg(long)]
    pub(crate) sample: bool,
    /// Port of the first region; the others follow in steps of ten.
    #[arg(long, default_value_t = 7410, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1024..=65000))]
    pub(crate) port: u16,
    /// Run on a business clock that is moved by hand instead of the machine's.
    #[arg(long)]
    pub(crate) driven_clock: bool,
    /// What is logged: a level, or target=level pairs.
    #[arg(long, default_value = "warn", value_name = "FILTER")]
    pub(crate) log: String,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Services to run; all five when none is named.
    #[arg(value_parser = service_name)]
    pub(crate) services: Vec<ServiceName>,
    /// Configuration file (TOML). MERIDIAN_ variables override it.
    #[arg(long, env = "MERIDIAN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the configuration, secrets as ***, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Check the configuration and end.
    #[arg(long)]
    pub(crate) check_config: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Folder of the pinned PostgreSQL and nats-server.
    #[arg(long, default_value = ".local", value_name = "DIR")]
    pub(crate) tools_dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the data in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// What is logged: a level, or target=level pairs.
    #[arg(long, default_value = "error", value_name = "FILTER")]
    pub(crate) log: String,
}

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// Folder of the network, or "sample" for the sample company.
    pub(crate) network: PathBuf,
    /// Address of a region, as REGION=URL, or of one service of it, as REGION/SERVICE=URL; may be repeated. Without it,
    /// the regions that `meridian up` runs.
    #[arg(long = "region", value_name = "REGION[/SERVICE]=URL", value_parser = region_address)]
    pub(crate) regions: Vec<RegionAddress>,
    /// Only check the files.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Delivery records (CSV) as published by the SCMS project.
    pub(crate) file: PathBuf,
    /// Replay only the first so many rows.
    #[arg(long, value_name = "ROWS")]
    pub(crate) limit: Option<usize>,
    /// Write the report to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Keep the data in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Recognise {
    /// Phone number, in any common form.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) phone: Option<String>,
    /// E-mail address.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// Id in another system.
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Country to read national numbers in.
    #[arg(long, value_name = "CC")]
    pub(crate) country: Option<String>,
}

/// How urgent.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Urgency {
    /// Stands still without it, people are affected.
    Critical,
    /// Work is hindered.
    High,
    /// Everything else.
    Normal,
}

/// What is needed, where and by when.
#[derive(Debug, Args)]
pub(crate) struct NeedArgs {
    /// An item and how many: SKU=QUANTITY; may be repeated.
    #[arg(long = "item", value_name = "SKU=QUANTITY", value_parser = item_quantity, conflicts_with = "repair")]
    pub(crate) items: Vec<(String, i64)>,
    /// Site that the items must reach.
    #[arg(long, value_name = "SITE", conflicts_with = "repair")]
    pub(crate) deliver_to: Option<String>,
    /// Serial number of an instrument to repair.
    #[arg(long, value_name = "SERIAL")]
    pub(crate) repair: Option<String>,
    /// Symptom code of the instrument.
    #[arg(long, value_name = "SYMPTOM", requires = "repair", conflicts_with = "items")]
    pub(crate) symptom: Option<String>,
    /// Site that the instrument must reach, working.
    #[arg(long, value_name = "SITE", requires = "repair", conflicts_with = "items")]
    pub(crate) onward_to: Option<String>,
    /// What it is for, as export rules name it ("medical"). While that is not declared, the strictest rule counts.
    #[arg(long, value_name = "USE")]
    pub(crate) end_use: Option<String>,
    /// By when: an instant ("2026-12-02T12:00Z") or a wall time with its zone ("2026-12-02T12:00[Europe/Berlin]").
    #[arg(long, value_name = "TIME")]
    pub(crate) deadline: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct OpenCase {
    /// Who calls.
    #[arg(long, value_name = "PERSON")]
    pub(crate) person: String,
    /// Office that takes the call.
    #[arg(long, value_name = "OFFICE")]
    pub(crate) office: String,
    #[command(flatten)]
    pub(crate) need: NeedArgs,
    /// Category of something we do not supply ourselves.
    #[arg(long, value_name = "CATEGORY", conflicts_with_all = ["items", "repair"])]
    pub(crate) other: Option<String>,
    /// How urgent.
    #[arg(long, default_value = "normal")]
    pub(crate) urgency: Urgency,
    /// A fact that the caller stated: NAME=VALUE; may be repeated.
    #[arg(long = "fact", value_name = "NAME=VALUE", value_parser = name_value)]
    pub(crate) facts: Vec<(String, String)>,
    /// The same id gives the same case; a fresh one when absent.
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AddFact {
    /// Which case.
    pub(crate) case_id: String,
    /// Name of the fact.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
    /// Office that enters it; without it the caller stated it.
    #[arg(long, value_name = "OFFICE")]
    pub(crate) office: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct OneCase {
    /// Which case.
    pub(crate) case_id: String,
}

#[derive(Debug, Args)]
pub(crate) struct FindSolutions {
    /// Which case.
    pub(crate) case_id: String,
    /// How to rank: deadline-then-cost, fastest, greenest or safest.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "POLICY")]
    pub(crate) policy: String,
    /// How sure a solution must be to count as one that meets the deadline, more than 0, at most 1; 0.8 when not given.
    /// Of those that are sure enough, the cheapest comes first.
    #[arg(long, value_name = "PROBABILITY")]
    pub(crate) in_time_probability_min: Option<f64>,
    /// Which of the solutions to show step by step, from 1.
    #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=7))]
    pub(crate) draw: u8,
}

#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// Cases without a plan, 64 at most.
    #[arg(required = true)]
    pub(crate) case_ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct OneDecision {
    /// A solution that it offered, or the case it was about: then the latest.
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct FindStock {
    /// Items.
    #[arg(required = true)]
    pub(crate) items: Vec<String>,
    /// Also what may stand in for them.
    #[arg(long)]
    pub(crate) substitutes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Commit {
    /// Which case.
    pub(crate) case_id: String,
    /// Which solution of it.
    pub(crate) solution_id: String,
    /// The customer has agreed to the substitute.
    #[arg(long)]
    pub(crate) approved: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Which case.
    pub(crate) case_id: String,
    /// Only what comes after this position.
    #[arg(long, default_value_t = 0, value_name = "POSITION")]
    pub(crate) after: i64,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptReferral {
    /// Which referral.
    pub(crate) referral_id: String,
    /// Desk or role that signs for it.
    #[arg(long, value_name = "DESK")]
    pub(crate) accepted_by: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// List them, oldest first.
    List {
        /// Only of this service.
        #[arg(long, value_parser = service_name)]
        service: Option<ServiceName>,
    },
    /// Apply them again, in order.
    Replay {
        /// Only of this service.
        #[arg(long, value_parser = service_name)]
        service: Option<ServiceName>,
        /// Only this event.
        #[arg(long, value_name = "EVENT", requires = "service")]
        event: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Events {
    /// NATS address of the region.
    #[arg(long, env = "MERIDIAN_EVENTS_URL", value_name = "URL")]
    pub(crate) nats_url: String,
    /// Subjects to follow.
    #[arg(long, default_value = "meridian.>", value_name = "SUBJECT")]
    pub(crate) subject: String,
    /// From the oldest event that is kept instead of from now on.
    #[arg(long)]
    pub(crate) all: bool,
    /// End after so many events.
    #[arg(long, value_name = "COUNT")]
    pub(crate) count: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the business time.
    Get,
    /// Move it forward.
    Set {
        /// The new business time.
        time: jiff::Timestamp,
        /// Business seconds per real second from then on; 0 stands still.
        #[arg(long, default_value_t = 1.0)]
        rate: f64,
    },
}

/// The five services.
pub(crate) const SERVICES: [&str; 5] = ["intake", "inventory", "dispatch", "coordinator", "notification"];

/// The command line asks for what cannot be meant.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(String);

impl From<anyhow::Error> for Misuse {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

fn service_name(text: &str) -> Result<ServiceName, String> {
    if SERVICES.contains(&text) {
        ServiceName::parse(text).map_err(|rule| rule.to_string())
    } else {
        Err(format!("one of {}", SERVICES.join(", ")))
    }
}

/// Where a region is, or one service of it.
#[derive(Debug, Clone)]
pub(crate) struct RegionAddress {
    pub(crate) region: RegionId,
    pub(crate) service: Option<ServiceName>,
    pub(crate) url: String,
}

fn region_address(text: &str) -> Result<RegionAddress, String> {
    let (place, url) = text.split_once('=').ok_or("REGION=URL, such as eu=http://127.0.0.1:7410")?;
    let (region, service) = place.split_once('/').map_or((place, None), |(it, service)| (it, Some(service)));
    Ok(RegionAddress {
        region: RegionId::parse(region).map_err(|rule| rule.to_string())?,
        service: service.map(service_name).transpose()?,
        url: url.to_owned(),
    })
}

fn item_quantity(text: &str) -> Result<(String, i64), String> {
    let (item, quantity) = text.split_once('=').unwrap_or((text, "1"));
    let quantity: i64 = quantity.parse().map_err(|_| format!("{quantity:?} is not a whole number"))?;
    Quantity::new(quantity).map_err(|rule| format!("{quantity}: {}", rule.0))?;
    Ok((item.to_owned(), quantity))
}

fn name_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
