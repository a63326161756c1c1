//! How far a replay is: a bar on a terminal, a line every ten percent elsewhere.

use std::io::IsTerminal as _;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

/// Steps between two lines, percent.
const STEP_PERCENT: u64 = 10;

/// How far a replay is.
pub(super) struct Progress {
    total: u64,
    done: u64,
    day: Timestamp,
    began: Instant,
    /// Absent where nobody could see it move.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Nothing of `total` is done yet.
    pub(super) fn begin(total: usize) -> Self {
        let total = total as u64;
        let style = ProgressStyle::with_template(
            "{bar:32} {pos}/{len} delivered, {msg}, {elapsed_precise}, {eta} left",
        );
        let bar = || ProgressBar::new(total).with_style(style.expect("the template is fixed"));
        let bar = std::io::stderr().is_terminal().then(bar);
        Self { total, done: 0, day: Timestamp::UNIX_EPOCH, began: Instant::now(), bar }
    }

    /// Business time has come to `day`.
    pub(super) fn day(&mut self, day: Timestamp) {
        self.day = day;
        if let Some(bar) = &self.bar {
            bar.set_message(day.strftime("%Y-%m-%d").to_string());
        }
    }

    /// One more is done.
    pub(super) fn done(&mut self) {
        let percent = |done| done * 100 / self.total.max(1) / STEP_PERCENT * STEP_PERCENT;
        let before = percent(self.done);
        self.done += 1;
        let now = percent(self.done);
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if now > before => {
                let (day, seconds) = (self.day.strftime("%Y-%m-%d"), self.began.elapsed().as_secs());
                eprintln!("{now} %: {} of {} delivered, {day}, {seconds} s", self.done, self.total);
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
