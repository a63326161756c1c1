//! `meridian`: the whole system in one binary.
//!
//! Exit codes: 0 done; 1 the command failed or a check did not hold; 2 the command line is wrong; 64 the
//! configuration is wrong.

mod cli;
mod client;
mod demo;
mod doctor;
mod load;
mod output;
mod region;
mod replay;
mod serve;
mod up;
mod world;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("meridian: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meridian: {}", output::explain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
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
