//! What came of a replay.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use meridian_proto::coordinator::v1::{PlanState, PromiseState, SummariseRequest};
use meridian_proto::inventory::v1::{AuditStockRequest, AuditStockResponse};
use meridian_proto::messaging::v1::ListDeadLettersRequest;
use meridian_proto::notification::v1::{CountNoticesRequest, NoticeState};
use serde::Serialize;

use super::carriers::Replayed;
use super::records::{Records, Rejected};
use crate::output::words;

/// Counts and checks of a replay.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    rows_understood: usize,
    rows_rejected: Vec<Rejected>,
    assumed: BTreeMap<&'static str, usize>,
    cases_delivered: usize,
    cases_unplanned: Vec<(u64, String)>,
    plans: BTreeMap<String, i64>,
    promises: BTreeMap<String, i64>,
    notices: BTreeMap<String, i64>,
    notices_twice: i64,
    stock_mismatches: usize,
    units_brought_in: i64,
    units_accounted_for: i64,
    dead_letters: usize,
    cases_lost: i64,
}

impl Report {
    /// Asks every region.
    ///
    /// # Errors
    /// A region does not answer.
    pub(super) async fn of(replayed: &Replayed, records: &Records) -> Result<Self> {
        let mut report = Self {
            rows_understood: records.deliveries.len(),
            rows_rejected: records.rejected.clone(),
            assumed: records.assumed.clone(),
            cases_delivered: replayed.delivered,
            cases_unplanned: replayed.unplanned.clone(),
            plans: BTreeMap::new(),
            promises: BTreeMap::new(),
            notices: BTreeMap::new(),
            notices_twice: 0,
            stock_mismatches: 0,
            units_brought_in: 0,
            units_accounted_for: 0,
            dead_letters: 0,
            cases_lost: 0,
        };
        for (_, region) in replayed.field.regions() {
            let sums = region.coordinator().summarise(SummariseRequest {}).await?.into_inner();
            for it in sums.plans {
                let state = PlanState::try_from(it.state).unwrap_or_default();
                *report.plans.entry(words(state.as_str_name(), "PLAN_STATE")).or_default() += it.plans;
            }
            for it in sums.promises {
                let state = PromiseState::try_from(it.state).unwrap_or_default();
                *report.promises.entry(words(state.as_str_name(), "PROMISE_STATE")).or_default() +=
                    it.promises;
            }
            let notices = region.notification().count_notices(CountNoticesRequest {}).await?.into_inner();
            for it in notices.counts {
                let state = NoticeState::try_from(it.state).unwrap_or_default();
                *report.notices.entry(words(state.as_str_name(), "NOTICE_STATE")).or_default() += it.notices;
            }
            report.notices_twice += notices.duplicates;
            let audit = region.inventory().audit_stock(AuditStockRequest {}).await?.into_inner();
            report.add(&audit);
            let letters = region.event_log().list_dead_letters(ListDeadLettersRequest::default()).await?;
            report.dead_letters += letters.into_inner().dead_letters.len();
        }
        let planned = report.rows_understood - report.cases_unplanned.len();
        let completed = report.plans.get("completed").copied().unwrap_or_default();
        report.cases_lost = planned as i64 - completed;
        Ok(report)
    }

    fn add(&mut self, audit: &AuditStockResponse) {
        self.stock_mismatches += audit.mismatches.len();
        self.units_brought_in += audit.brought_in;
        self.units_accounted_for +=
            audit.on_hand + audit.in_transit + audit.delivered + audit.written_off + audit.handed_over;
    }

    /// Whether everything holds that must hold.
    pub(super) fn holds(&self) -> bool {
        self.cases_lost == 0
            && self.notices_twice == 0
            && self.stock_mismatches == 0
            && self.dead_letters == 0
            && self.units_brought_in == self.units_accounted_for
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: &BTreeMap<String, i64>| {
            counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "rows        {} understood, {} not", self.rows_understood, self.rows_rejected.len())?;
        for (what, count) in &self.assumed {
            writeln!(f, "            {what} had to be assumed {count} times")?;
        }
        for rejected in self.rows_rejected.iter().take(10) {
            writeln!(f, "            line {} (id {}): {}", rejected.line, rejected.id, rejected.reason)?;
        }
        if self.rows_rejected.len() > 10 {
            writeln!(
                f,
                "            and {} more; --report FILE has them all",
                self.rows_rejected.len() - 10
            )?;
        }
        writeln!(
            f,
            "cases       {} delivered, {} not planned",
            self.cases_delivered,
            self.cases_unplanned.len()
        )?;
        for (line, reason) in self.cases_unplanned.iter().take(5) {
            writeln!(f, "            line {line}: {reason}")?;
        }
        writeln!(f, "plans       {}", list(&self.plans))?;
        writeln!(f, "promises    {}", list(&self.promises))?;
        writeln!(f, "notices     {}; {} twice", list(&self.notices), self.notices_twice)?;
        writeln!(
            f,
            "units       {} came in, {} accounted for; {} counters disagree",
            self.units_brought_in, self.units_accounted_for, self.stock_mismatches
        )?;
        writeln!(f, "events      {} put aside", self.dead_letters)?;
        writeln!(f, "lost        {} cases", self.cases_lost)?;
        write!(f, "{}", if self.holds() { "Everything holds." } else { "Something does not hold." })
    }
}
