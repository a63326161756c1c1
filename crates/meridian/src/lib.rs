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
pub mod load;
mod output;
mod region;
mod replay;
mod serve;
mod up;
pub mod world;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use cli::{Cli, Command};

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
    match runtime.block_on(dispatch(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meridian: {}", output::explain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let global = cli.global;
    match cli.command {
        Command::Up(options) => up::run(options).await,
        Command::Serve(options) => serve::run(options).await,
        Command::Doctor(options) => doctor::run(&options, global.json),
        Command::Demo(options) => demo::run(options).await,
        Command::Load(options) => load::run(options, &global).await,
        Command::Replay(options) => replay::run(options, global.json).await,
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "meridian", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        other => client::run(other, &global).await,
    }
}
