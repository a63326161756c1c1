//! How far a search is: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use meridian_scheduler::Progress as Found;

/// Steps of the bar.
const STEPS: u64 = 1_000;
/// Between two changes of what it says.
const PERIOD: Duration = Duration::from_millis(100);

/// How far the searches are.
pub(super) struct Progress {
    began: Instant,
    budget: Duration,
    seen: Mutex<Seen>,
    /// Absent where nobody could see it move.
    bar: Option<ProgressBar>,
}

/// What all searches have found.
struct Seen {
    said: Instant,
    /// What the first plan with everything in it that could be cost.
    first_cost: Option<i64>,
    /// What the best costs, and how many visits it leaves out.
    best: Option<(i64, usize)>,
}

impl Progress {
    /// Searches that may take so long begin.
    pub(super) fn begin(budget: Duration) -> Self {
        let style = ProgressStyle::with_template("{bar:32} {msg}, {elapsed_precise}");
        let bar = || ProgressBar::new(STEPS).with_style(style.expect("the template is fixed"));
        let bar = std::io::stderr().is_terminal().then(bar);
        let began = Instant::now();
        Self { began, budget, seen: Mutex::new(Seen { said: began, first_cost: None, best: None }), bar }
    }

    /// The share of the budget that is spent; says what there is by now.
    pub(super) fn spent(&self, found: &Found) -> f64 {
        let share = self.began.elapsed().as_secs_f64() / self.budget.as_secs_f64();
        let Some(bar) = &self.bar else { return share };
        // What was seen is whole, whoever panicked.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.first_cost.is_none() && found.rounds > 0 {
            seen.first_cost = Some(found.cost);
        }
        if seen.best.is_none_or(|(cost, _)| found.cost < cost) {
            seen.best = Some((found.cost, found.absent));
        }
        if seen.said.elapsed() >= PERIOD
            && let Some((cost, absent)) = seen.best
        {
            seen.said = Instant::now();
            let saved = seen.first_cost.map_or(0, |first| 100 - cost * 100 / first.max(1));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1")]
            bar.set_position((share.clamp(0.0, 1.0) * 1_000.0) as u64);
            bar.set_message(format!("{saved} % cheaper than the first plan, {absent} visits left out"));
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
