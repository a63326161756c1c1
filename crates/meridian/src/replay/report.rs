//! What came of a replay.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::records::Rejected;

/// Details of one kind that the text shows; the JSON has all.
const SHOWN: usize = 10;

/// Counts and checks of a replay.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Rows that became a delivery.
    pub(super) rows_understood: usize,
    /// Rows that did not, each with the reason.
    pub(super) rows_rejected: Vec<Rejected>,
    /// How often something was assumed, by what.
    pub(super) assumed: BTreeMap<&'static str, usize>,
    /// Cases that were opened.
    pub(super) cases_opened: usize,
    /// Cases for which a solution was committed.
    pub(super) cases_planned: usize,
    /// Cases that were opened and for which nothing could be committed.
    pub(super) cases_unplanned: Vec<NotPlanned>,
    /// Cases whose goods arrived.
    pub(super) cases_delivered: usize,
    /// Of these, cases that went the way they really went, by place of origin and mode.
    pub(super) cases_on_their_real_way: usize,
    /// Cases whose first date was kept.
    pub(super) cases_kept: usize,
    /// Cases whose dates were all corrected before they passed.
    pub(super) cases_corrected: usize,
    /// Cases with a date that passed without a word.
    pub(super) cases_broken: usize,
    /// Cases about which the ledger of promises and the replay's own reckoning disagree; must be empty.
    pub(super) cases_disputed: Vec<String>,
    /// Cases that were delivered and are not closed as completed; must be empty.
    pub(super) cases_lost: Vec<String>,
    /// Plans by state.
    pub(super) plans: BTreeMap<String, i64>,
    /// Dates told to customers by state, as the ledgers have it.
    pub(super) promises: BTreeMap<String, i64>,
    /// Notices by state.
    pub(super) notices: BTreeMap<String, i64>,
    /// Mails that were handed over; must be as many as notices were sent.
    pub(super) mails: i64,
    /// Units that the rows brought into stock, as the rows have it.
    pub(super) units_in_rows: i64,
    /// Units that came into the ledgers of stock; must be the same.
    pub(super) units_brought_in: i64,
    /// Units on shelves, on their way, delivered or written off; must be the same again.
    pub(super) units_accounted_for: i64,
    /// Units of the delivered cases, as the rows have it.
    pub(super) units_to_deliver: i64,
    /// Units that reached customers; must be the same.
    pub(super) units_delivered: i64,
    /// Counters of stock that disagree with the ledger; must be 0.
    pub(super) stock_mismatches: usize,
    /// Events that a service could not apply; must be 0.
    pub(super) dead_letters: usize,
    /// How long it took, without starting the servers and loading the network.
    pub(super) seconds: f64,
    /// The checks that do not hold.
    pub(super) failed_checks: Vec<&'static str>,
}

/// A case for which nothing could be committed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct NotPlanned {
    /// Line of the file.
    pub(super) line: u64,
    /// Its case.
    pub(super) case_id: String,
    /// Why.
    pub(super) reason: String,
}

impl Report {
    /// Notes which checks do not hold.
    pub(super) fn check(mut self) -> Self {
        let checks = [
            ("a case was lost", self.cases_lost.is_empty()),
            ("a case was opened and neither delivered nor refused", {
                self.cases_opened == self.cases_delivered + self.cases_unplanned.len()
            }),
            ("the ledger of promises is disputed", self.cases_disputed.is_empty()),
            ("a notice was not sent, or more than once", self.notices.get("sent") == Some(&self.mails)),
            ("a counter of stock disagrees with its ledger", self.stock_mismatches == 0),
            ("units came from nowhere", self.units_brought_in == self.units_in_rows),
            ("units vanished", self.units_accounted_for == self.units_brought_in),
            ("customers got something else than the rows say", self.units_delivered == self.units_to_deliver),
            ("an event was put aside", self.dead_letters == 0),
        ];
        self.failed_checks = checks.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect();
        self
    }

    /// Whether everything holds that must hold.
    pub(super) fn holds(&self) -> bool {
        self.failed_checks.is_empty()
    }

    fn rows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows        {} understood, {} not", self.rows_understood, self.rows_rejected.len())?;
        for (what, count) in &self.assumed {
            writeln!(f, "            {what} had to be assumed {count} times")?;
        }
        some(f, &self.rows_rejected, |it| format!("line {} (id {}): {}", it.line, it.id, it.reason))
    }

    fn cases(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "cases       {} opened, {} planned, {} delivered, {} of them the way they really went",
            self.cases_opened, self.cases_planned, self.cases_delivered, self.cases_on_their_real_way
        )?;
        some(f, &self.cases_unplanned, |it| format!("line {} not planned: {}", it.line, it.reason))?;
        writeln!(
            f,
            "            {} came by the date told first, {} were told of every delay in time, {} were not",
            self.cases_kept, self.cases_corrected, self.cases_broken
        )?;
        writeln!(f, "lost        {} cases", self.cases_lost.len())?;
        some(f, &self.cases_lost, |it| format!("{it} was delivered and is not closed"))?;
        some(f, &self.cases_disputed, |it| format!("{it}: the ledger of promises is disputed"))
    }
}

/// The first of many, each on a line.
fn some<T>(f: &mut fmt::Formatter<'_>, all: &[T], text: impl Fn(&T) -> String) -> fmt::Result {
    for one in all.iter().take(SHOWN) {
        writeln!(f, "            {}", text(one))?;
    }
    if all.len() > SHOWN {
        writeln!(f, "            and {} more; --report FILE has them all", all.len() - SHOWN)?;
    }
    Ok(())
}

fn list(counts: &BTreeMap<String, i64>) -> String {
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows(f)?;
        self.cases(f)?;
        writeln!(f, "plans       {}", list(&self.plans))?;
        writeln!(f, "promises    {}", list(&self.promises))?;
        writeln!(f, "notices     {}; {} mails", list(&self.notices), self.mails)?;
        writeln!(
            f,
            "units       {} came in, {} accounted for, {} delivered; {} counters disagree",
            self.units_brought_in, self.units_accounted_for, self.units_delivered, self.stock_mismatches
        )?;
        writeln!(f, "events      {} put aside", self.dead_letters)?;
        writeln!(f, "time        {:.0} s", self.seconds)?;
        match &self.failed_checks[..] {
            [] => write!(f, "Everything holds."),
            failed => write!(f, "Something does not hold: {}.", failed.join("; ")),
        }
    }
}
