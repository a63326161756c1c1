//! Asking the regions what came of a replay, and comparing it with what the records say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use meridian_proto::coordinator::v1::{ListPromisesRequest, PlanState, PromiseState, SummariseRequest};
use meridian_proto::intake::v1::{CaseState, ListCasesRequest};
use meridian_proto::inventory::v1::AuditStockRequest;
use meridian_proto::messaging::v1::ListDeadLettersRequest;
use meridian_proto::notification::v1::{CountNoticesRequest, NoticeState};
use tokio::time::{Instant, sleep};

use super::carriers::{Delivered, Replayed};
use super::news::Date;
use super::records::Records;
use super::report::{NotPlanned, Report};
use crate::field::RegionClients;
use crate::output::words;
use crate::world::World;

const PAGE: i32 = 200;
/// How long the last cases may take to be closed, and the last notices to be sent.
const REST_WAIT: Duration = Duration::from_secs(60);
const POLL_PAUSE: Duration = Duration::from_secs(1);

/// How a case fared with the dates that its customer was told: the worst of them counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fared {
    Kept,
    Corrected,
    Broken,
}

/// Asks every region.
///
/// # Errors
/// A region does not answer.
pub(super) async fn report(
    world: &World,
    replayed: &Replayed,
    records: &Records,
    took: Duration,
) -> Result<Report> {
    wait_for_rest(replayed).await?;
    let mut report = Report {
        rows_understood: records.deliveries.len(),
        rows_rejected: records.rejected.clone(),
        assumed: records.assumed.clone(),
        cases_opened: replayed.delivered.len() + replayed.unplanned.len(),
        cases_planned: replayed.delivered.len(),
        cases_delivered: replayed.delivered.len(),
        cases_on_their_real_way: replayed.delivered.iter().filter(|it| it.real_way).count(),
        seconds: took.as_secs_f64(),
        ..Report::default()
    };
    let mut ledger = BTreeMap::new();
    let mut closed = BTreeSet::new();
    for (name, region) in replayed.field.regions() {
        report.mails += world.mails(name)?;
        add_counts(&mut report, &region).await?;
        add_promises(&mut ledger, &region).await?;
        closed.extend(cases_in(&region, CaseState::Closed).await?);
    }
    add_cases(&mut report, replayed, &ledger, &closed);
    let quantity = |of_case: &dyn Fn(u64) -> bool| -> i64 {
        records.deliveries.iter().filter(|it| of_case(it.line)).map(|it| it.quantity).sum()
    };
    let unplanned: BTreeSet<u64> = replayed.unplanned.iter().map(|it| it.line).collect();
    report.units_in_rows = quantity(&|_| true);
    report.units_to_deliver = quantity(&|line| !unplanned.contains(&line));
    Ok(report.check())
}

/// The last cases are closed and the last notices sent a moment after the last arrival: waits until nothing is pending
/// and nothing changes any more.
async fn wait_for_rest(replayed: &Replayed) -> Result<()> {
    let until = Instant::now() + REST_WAIT;
    let mut before = None;
    while Instant::now() < until {
        let (mut counts, mut is_open) = (Vec::new(), false);
        for (_, region) in replayed.field.regions() {
            let notices = notices(&region).await?;
            is_open |= notices.contains_key("pending")
                || !cases_in(&region, CaseState::InProgress).await?.is_empty();
            counts.push(notices);
        }
        if !is_open && before.as_ref() == Some(&counts) {
            break;
        }
        before = Some(counts);
        sleep(POLL_PAUSE).await;
    }
    Ok(())
}

async fn notices(region: &RegionClients) -> Result<BTreeMap<String, i64>> {
    let answer = region.notification().count_notices(CountNoticesRequest {}).await?.into_inner();
    let counts = answer.counts.iter().filter(|it| it.notices > 0).map(|it| {
        let state = NoticeState::try_from(it.state).unwrap_or_default();
        (words(state.as_str_name(), "NOTICE_STATE"), it.notices)
    });
    Ok(counts.collect())
}

async fn cases_in(region: &RegionClients, state: CaseState) -> Result<Vec<String>> {
    let mut request =
        ListCasesRequest { state: state.into(), page_size: PAGE, ..ListCasesRequest::default() };
    let mut cases = Vec::new();
    loop {
        let page = region.intake().list_cases(request.clone()).await?.into_inner();
        cases.extend(page.cases.into_iter().map(|it| it.case_id));
        if page.next_page_token.is_empty() {
            return Ok(cases);
        }
        request.page_token = page.next_page_token;
    }
}

async fn add_counts(report: &mut Report, region: &RegionClients) -> Result<()> {
    let sums = region.coordinator().summarise(SummariseRequest {}).await?.into_inner();
    for it in sums.plans {
        let state = PlanState::try_from(it.state).unwrap_or_default();
        *report.plans.entry(words(state.as_str_name(), "PLAN_STATE")).or_default() += it.plans;
    }
    for it in sums.promises {
        let state = PromiseState::try_from(it.state).unwrap_or_default();
        *report.promises.entry(words(state.as_str_name(), "PROMISE_STATE")).or_default() += it.promises;
    }
    for (state, notices) in notices(region).await? {
        *report.notices.entry(state).or_default() += notices;
    }
    let audit = region.inventory().audit_stock(AuditStockRequest {}).await?.into_inner();
    report.stock_mismatches += audit.mismatches.len();
    report.units_brought_in += audit.brought_in;
    report.units_delivered += audit.delivered;
    report.units_accounted_for +=
        audit.on_hand + audit.in_transit + audit.delivered + audit.written_off + audit.handed_over;
    let letters = region.event_log().list_dead_letters(ListDeadLettersRequest::default()).await?;
    report.dead_letters += letters.into_inner().dead_letters.len();
    Ok(())
}

/// How each case fared, as the region's ledger of promises has it.
async fn add_promises(ledger: &mut BTreeMap<String, Fared>, region: &RegionClients) -> Result<()> {
    let mut request = ListPromisesRequest { page_size: PAGE, ..ListPromisesRequest::default() };
    loop {
        let page = region.coordinator().list_promises(request.clone()).await?.into_inner();
        for promise in page.promises {
            let fared = match promise.state() {
                PromiseState::Kept => Fared::Kept,
                PromiseState::Corrected => Fared::Corrected,
                // A date that still stands after everything has arrived was forgotten.
                _ => Fared::Broken,
            };
            let worst = ledger.entry(promise.case_id).or_insert(fared);
            *worst = fared.max(*worst);
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn add_cases(
    report: &mut Report,
    replayed: &Replayed,
    ledger: &BTreeMap<String, Fared>,
    closed: &BTreeSet<String>,
) {
    for Delivered { case_id, at, dates, .. } in &replayed.delivered {
        if !closed.contains(case_id) {
            report.cases_lost.push(case_id.clone());
        }
        let fared = fared(dates, *at);
        if ledger.get(case_id) != Some(&fared) {
            report.cases_disputed.push(case_id.clone());
        }
        match fared {
            Fared::Kept => report.cases_kept += 1,
            Fared::Corrected => report.cases_corrected += 1,
            Fared::Broken => report.cases_broken += 1,
        }
    }
    report.cases_unplanned = replayed
        .unplanned
        .iter()
        .map(|it| NotPlanned { line: it.line, case_id: it.case_id.clone(), reason: it.reason.clone() })
        .collect();
}

/// How a case fared, reckoned from when which date was told and when the goods arrived, whatever the ledger says.
fn fared(dates: &[Date], arrived: Timestamp) -> Fared {
    let ends = dates.iter().skip(1).map(|next| next.told_at).chain([arrived]);
    let in_time = dates.iter().zip(ends).all(|(date, end)| date.promised_at.is_none_or(|it| end <= it));
    match dates.len() {
        1 if in_time => Fared::Kept,
        2.. if in_time => Fared::Corrected,
        _ => Fared::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    fn told(told_at: i64, promised_at: i64) -> Date {
        Date { told_at: day(told_at), promised_at: Some(day(promised_at)) }
    }

    #[test]
    fn a_date_is_kept_when_the_goods_come_by_it() {
        assert_eq!(fared(&[told(1, 9)], day(9)), Fared::Kept);
        assert_eq!(fared(&[told(1, 9)], day(10)), Fared::Broken);
    }

    #[test]
    fn a_delay_is_corrected_in_time_only_before_the_old_date_passes() {
        assert_eq!(fared(&[told(1, 9), told(9, 12)], day(11)), Fared::Corrected);
        assert_eq!(fared(&[told(1, 9), told(10, 12)], day(11)), Fared::Broken);
        assert_eq!(fared(&[told(1, 9), told(8, 12)], day(13)), Fared::Broken);
    }

    #[test]
    fn a_case_whose_customer_was_never_told_a_date_counts_as_broken() {
        assert_eq!(fared(&[], day(1)), Fared::Broken);
    }
}
