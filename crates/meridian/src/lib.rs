//! The command line of Meridian, and what its tests drive the system with.
//!
//! *Invariants.* Commands talk to the system through its public APIs only; what stands on the standard output is the
//! answer, everything else goes to the standard error.
//!
//! *The commonest change: a new client command.* Add it to `cli.rs`, and a function of its name to the module of
//! its subject under `client/`.

mod cli;
mod client;
mod demo;
mod doctor;
pub mod field;
mod learn;
pub mod load;
mod moment;
mod output;
mod ranked;
mod region;
mod replay;
mod schedule;
mod serve;
mod solve;
mod up;
pub mod world;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use cli::{Cli, Command, Misuse};
use meridian_chassis::shutdown::Endings;

/// The command line is wrong; the parser's own code.
const MISUSED: u8 = 2;
/// What still runs when a command has ended may take so long.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// Runs the command that the process was called with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("meridian: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(dispatch(cli));
    // Servers that are just being started are not waited for: they end with the process.
    runtime.shutdown_timeout(SHUTDOWN_WAIT);
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meridian: {}", output::explain(&error));
            if error.is::<Misuse>() { ExitCode::from(MISUSED) } else { ExitCode::FAILURE }
        }
    }
}

/// Runs a command until it ends or a signal ends it; what it has started and made then goes with it.
async fn interruptible(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let mut endings = Endings::listen()?;
    tokio::select! {
        ended = command => ended,
        ending = endings.next() => Ok(ExitCode::from(ending.exit_code())),
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let global = cli.global;
    match cli.command {
        Command::Up(options) => up::run(options).await,
        Command::Serve(options) => serve::run(options).await,
        Command::Doctor(options) => doctor::run(&options, global.json),
        Command::Demo(options) => interruptible(Box::pin(demo::run(options))).await,
        Command::Load(options) => load::run(options, &global).await,
        Command::Learn(options) => learn::run(&options, global.json),
        Command::Schedule(options) => schedule::run(&options, global.json),
        Command::Solve(options) => solve::run(&options, global.json),
        Command::Replay(options) => interruptible(Box::pin(replay::run(options, global.json))).await,
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "meridian", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        other => interruptible(Box::pin(client::run(other, &global))).await,
    }
}
