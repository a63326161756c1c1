//! The commands that talk to a running region.

mod assignment;
mod cases;
mod events;
mod operations;
pub(crate) mod orders;
pub(crate) mod show;
mod solutions;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_types::{IdSource as _, SystemIds};
use tonic::{Code, Status};

use crate::cli::{Command, Global};

/// Runs a client command.
pub(crate) async fn run(command: Command, global: &Global) -> Result<ExitCode> {
    let ended = carry_out(command, global).await;
    ended.map_err(|error| match error.downcast_ref::<Status>() {
        Some(status) if status.code() == Code::Unavailable => {
            anyhow!("{}: {} (UNAVAILABLE); is a region running there?", global.address, status.message())
        }
        _ => error,
    })
}

async fn carry_out(command: Command, global: &Global) -> Result<ExitCode> {
    let region = Region::new(global)?;
    match command {
        Command::Recognise(options) => cases::recognise(&region, options).await?,
        Command::OpenCase(options) => cases::open(&region, options).await?,
        Command::AddFact(options) => cases::add_fact(&region, options).await?,
        Command::ShowCase(options) => cases::show(&region, &options.case_id).await?,
        Command::AcceptReferral(options) => cases::accept_referral(&region, options).await?,
        Command::Order(order) => orders::run(&region, order).await?,
        Command::FindStock(options) => solutions::find_stock(&region, options).await?,
        Command::FindSolutions(options) => solutions::find(&region, options).await?,
        Command::Assign(options) => assignment::assign(&region, options).await?,
        Command::Decision(options) => solutions::decision(&region, &options.id).await?,
        Command::Commit(options) => return solutions::commit(&region, options).await,
        Command::Watch(options) => solutions::watch(&region, options).await?,
        Command::Parked => solutions::parked(&region).await?,
        Command::Notices(options) => operations::notices(&region, &options.case_id).await?,
        Command::DeadLetters(options) => return operations::dead_letters(&region, options).await,
        Command::Clock(options) => operations::clock(&region, options).await?,
        Command::Events(options) => events::follow(options, global.json).await?,
        Command::Up(_)
        | Command::Serve(_)
        | Command::Doctor(_)
        | Command::Demo(_)
        | Command::Load(_)
        | Command::Replay(_)
        | Command::Schedule(_)
        | Command::Solve(_)
        | Command::Learn(_)
        | Command::Completion { .. } => bail!("not a client command"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The region that a command talks to.
pub(crate) struct Region {
    client: Client,
    pub(crate) json: bool,
}

impl Region {
    fn new(global: &Global) -> Result<Self> {
        let deadline = Duration::from_secs(global.timeout_seconds);
        Ok(Self { client: connect_lazy(&global.address)?.with_deadline(deadline), json: global.json })
    }

    /// The connection, with the deadline of the command line.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }
}

/// A fresh request id.
pub(crate) fn request_id() -> String {
    SystemIds.uuid().simple().to_string()
}
