//! `meridian doctor`: what is missing, and how to mend it.

use std::process::ExitCode;

use anyhow::Result;
use meridian_embedded::{LocateOptions, Report};

use crate::cli::Doctor;
use crate::output::line;

/// Looks at everything Meridian needs beside itself; fails when something is missing.
pub(crate) fn run(options: &Doctor, json: bool) -> Result<ExitCode> {
    let locate = LocateOptions { tools_dir: options.tools_dir.clone(), ..LocateOptions::default() };
    let report = Report::new(&locate);
    if json {
        let tool = |it: &meridian_embedded::ToolReport| {
            serde_json::json!({
                "tool": it.tool.to_string(),
                "version": it.chosen().map(|(_, version)| version.to_string()),
                "mend": it.mend(),
            })
        };
        line(
            serde_json::json!({
                "complete": report.complete(),
                "postgres": tool(&report.postgres),
                "nats": tool(&report.nats),
            })
            .to_string(),
        );
    } else {
        line(report.to_string());
        line(if report.complete() {
            "Nothing is missing."
        } else {
            "`make up` and `make demo` fetch what is missing into .local before they start."
        });
    }
    Ok(if report.complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
