//! How far a search is: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use meridian_scheduler::Progress as Found;

/// Steps of the bar.
const STEPS: u64 = 1_000;
/// Between two changes of what it says.
const PERIOD: Duration = Duration::from_millis(100);

/// How far a search is.
pub(super) struct Progress {
    began: Instant,
    budget: Duration,
    said: Instant,
    /// What the first plan with everything in it that could be cost.
    first_cost: Option<i64>,
    /// Absent where nobody could see it move.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A search that may take so long begins.
    pub(super) fn begin(budget: Duration) -> Self {
        let style = ProgressStyle::with_template("{bar:32} {msg}, {elapsed_precise}");
        let bar = || ProgressBar::new(STEPS).with_style(style.expect("the template is fixed"));
        let bar = std::io::stderr().is_terminal().then(bar);
        let began = Instant::now();
        Self { began, budget, said: began, first_cost: None, bar }
    }

    /// The share of the budget that is spent; says what there is by now.
    pub(super) fn spent(&mut self, found: &Found) -> f64 {
        let share = self.began.elapsed().as_secs_f64() / self.budget.as_secs_f64();
        if self.first_cost.is_none() && found.rounds > 0 {
            self.first_cost = Some(found.cost);
        }
        if let Some(bar) = self.bar.as_ref().filter(|_| self.said.elapsed() >= PERIOD) {
            self.said = Instant::now();
            let saved = self.first_cost.map_or(0, |first| 100 - found.cost * 100 / first.max(1));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1")]
            bar.set_position((share.clamp(0.0, 1.0) * 1_000.0) as u64);
            bar.set_message(format!(
                "{saved} % cheaper than the first plan, {} visits left out",
                found.absent
            ));
        }
        share
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
