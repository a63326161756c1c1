//! What happens next in the field, and making it happen.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{Plan, PlanState, Solution, StepKind};
use meridian_proto::dispatch::v1::{
    AcceptVisitRequest, FinishVisitRequest, RecordAbsenceRequest, StartVisitRequest, Visit, VisitState,
};
use meridian_proto::inventory::v1::{Milestone, RecordMilestoneRequest, Transfer, TransferState};
use meridian_proto::types::v1::Interval;
use meridian_types::RegionId;

use super::patience::patiently;
use super::{Case, Field};
use crate::client::request_id;
use crate::output::instant_of;

/// Picking takes place this long before the hand-over.
const PICK_AHEAD: SignedDuration = SignedDuration::from_mins(30);

/// Something that happens in the field.
#[derive(Debug, Clone)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// Region that hears of it.
    pub region: RegionId,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum What {
    /// Something to a transfer.
    Transfer {
        /// Which.
        transfer: Box<Transfer>,
        /// What.
        milestone: Milestone,
        /// When it is now expected, where that changes.
        expected_at: Option<Timestamp>,
    },
    /// The engineer says yes.
    Accept(String),
    /// The engineer sets out.
    Start(String),
    /// The work is done.
    Finish(String),
    /// An engineer is away.
    Absence {
        /// Who.
        engineer_id: String,
        /// From when until when.
        during: Interval,
        /// Why.
        reason: i32,
    },
    /// Nothing: a watchdog looks.
    Nothing,
}

impl Field {
    /// What happens next for a plan, in the field or by a watchdog.
    ///
    /// # Errors
    /// A region does not answer.
    pub async fn next_happening(&self, plan: &Plan) -> Result<Option<Happening>> {
        let (mut transfers, mut visits) = (Vec::new(), Vec::new());
        for (region, clients) in self.regions() {
            if !plan.tasks.iter().any(|task| task.region == region.as_str()) {
                continue;
            }
            transfers.extend(clients.transfers_of(&plan.case_id).await?);
            visits.extend(clients.visits_of(&plan.case_id).await?);
        }
        Ok(self.first_of(plan, &transfers, &visits))
    }

    /// What happens next for each of the cases whose plan is not finished: everything is read at once, because asking
    /// for thousands of cases one by one takes long.
    ///
    /// # Errors
    /// A region does not answer, a case has no plan, or nothing is left to happen although its plan is not finished.
    pub async fn next_happenings(&self, cases: &[Case]) -> Result<Vec<Happening>> {
        let mut plans: BTreeMap<String, Plan> = BTreeMap::new();
        let mut transfers: BTreeMap<String, Vec<Transfer>> = BTreeMap::new();
        let mut visits: BTreeMap<String, Vec<Visit>> = BTreeMap::new();
        for (_, clients) in self.regions() {
            // Of several plans of a case the open one counts, else the newest: that is the first in the list.
            for plan in clients.all_plans().await? {
                if !is_finished(&plan) || !plans.contains_key(&plan.case_id) {
                    plans.insert(plan.case_id.clone(), plan);
                }
            }
            for transfer in clients.transfers_of("").await? {
                transfers.entry(transfer.case_id.clone()).or_default().push(transfer);
            }
            for visit in clients.visits_of("").await? {
                visits.entry(visit.case_id.clone()).or_default().push(visit);
            }
        }
        let mut happenings = Vec::new();
        for Case { case_id, .. } in cases {
            let plan = plans.get(case_id).with_context(|| format!("case {case_id}: no plan"))?;
            if is_finished(plan) {
                continue;
            }
            let (transfers, visits) = (transfers.get(case_id), visits.get(case_id));
            let next =
                self.first_of(plan, transfers.map_or(&[], Vec::as_slice), visits.map_or(&[], Vec::as_slice));
            happenings.push(next.with_context(|| format!("case {case_id}: nothing is left to happen"))?);
        }
        Ok(happenings)
    }

    /// The first of what happens to transfers and visits of a plan, and its watchdog.
    fn first_of(&self, plan: &Plan, transfers: &[Transfer], visits: &[Visit]) -> Option<Happening> {
        let solution = plan.solution.clone().unwrap_or_default();
        let mut happenings: Vec<_> = transfers.iter().filter_map(|it| of_transfer(it, &solution)).collect();
        happenings.extend(visits.iter().filter_map(of_visit));
        let due = plan.responsibility.as_ref().and_then(|it| it.due.as_ref()).and_then(instant_of);
        let home = self.regions().next().map(|(region, _)| region.clone());
        if let (Some(at), Some(region)) = (due, home) {
            happenings.push(Happening { at, region, what: What::Nothing });
        }
        // Of two at the same time the field comes before the watchdog: they were pushed in that order.
        happenings.into_iter().min_by_key(|it| it.at.max(self.now()))
    }

    /// Reports it to its region.
    ///
    /// # Errors
    /// The region refuses it.
    pub async fn happen(&self, happening: &Happening) -> Result<()> {
        let clients = self.region(happening.region.as_str());
        let request_id = request_id();
        match &happening.what {
            What::Transfer { transfer, milestone, expected_at } => {
                let request = RecordMilestoneRequest {
                    request_id,
                    transfer_id: transfer.transfer_id.clone(),
                    region: transfer.region.clone(),
                    milestone: (*milestone).into(),
                    happened_at: None,
                    expected_at: expected_at.map(encode::timestamp),
                };
                patiently(async || clients.inventory().record_milestone(request.clone()).await).await?;
            }
            What::Accept(visit_id) => {
                let request = AcceptVisitRequest { request_id, visit_id: visit_id.clone() };
                patiently(async || clients.dispatch().accept_visit(request.clone()).await).await?;
            }
            What::Start(visit_id) => {
                let request = StartVisitRequest { request_id, visit_id: visit_id.clone() };
                patiently(async || clients.dispatch().start_visit(request.clone()).await).await?;
            }
            What::Finish(visit_id) => {
                let request = FinishVisitRequest { request_id, visit_id: visit_id.clone(), unsolved: false };
                patiently(async || clients.dispatch().finish_visit(request.clone()).await).await?;
            }
            What::Absence { engineer_id, during, reason } => {
                let request = RecordAbsenceRequest {
                    request_id,
                    engineer_id: engineer_id.clone(),
                    during: Some(*during),
                    reason: *reason,
                };
                patiently(async || clients.dispatch().record_absence(request.clone()).await).await?;
            }
            What::Nothing => {}
        }
        Ok(())
    }
}

/// Whether nothing more happens to a plan.
pub(super) fn is_finished(plan: &Plan) -> bool {
    matches!(plan.state(), PlanState::Completed | PlanState::Ended)
}

fn of_transfer(transfer: &Transfer, solution: &Solution) -> Option<Happening> {
    let region = RegionId::parse(&transfer.region).ok()?;
    let expected = transfer.expected_at.as_ref().and_then(instant_of)?;
    let departs = departs(transfer, solution).unwrap_or(expected);
    let customs = customs(transfer, solution);
    let (at, milestone) = match transfer.state() {
        TransferState::Requested => (departs - PICK_AHEAD, Milestone::Picked),
        // What is handed over where it lies goes nowhere.
        TransferState::Picked if transfer.from_site_id == transfer.to_site_id => {
            (expected, Milestone::Received)
        }
        TransferState::Picked => (departs, Milestone::Shipped),
        TransferState::Shipped => match customs {
            Some((start, _)) if start < expected => (start, Milestone::InCustoms),
            _ => (expected, Milestone::Received),
        },
        TransferState::InCustoms => {
            (customs.map_or(expected, |(_, end)| end).min(expected), Milestone::CustomsReleased)
        }
        TransferState::CustomsHold => (expected - SignedDuration::from_hours(1), Milestone::CustomsReleased),
        TransferState::Released => (expected, Milestone::Received),
        TransferState::Received
        | TransferState::Lost
        | TransferState::Cancelled
        | TransferState::Unspecified => return None,
    };
    let what = What::Transfer { transfer: Box::new(transfer.clone()), milestone, expected_at: None };
    Some(Happening { at, region, what })
}

/// When a transfer leaves, as planned.
fn departs(transfer: &Transfer, solution: &Solution) -> Option<Timestamp> {
    let goods = solution.stock_claims.iter().find(|claim| {
        let is_from_there = match &claim.line {
            Some(line) => line.warehouse_site_id == transfer.from_site_id,
            // Kits all of whose parts come from elsewhere.
            None => transfer.lines.is_empty(),
        };
        is_from_there && claim.to_site_id == transfer.to_site_id
    });
    let instrument = solution
        .instrument_moves
        .iter()
        .find(|it| it.from_site_id == transfer.from_site_id && it.to_site_id == transfer.to_site_id);
    let departs = if transfer.serial_number.is_empty() {
        goods.and_then(|it| it.departs.as_ref())
    } else {
        instrument.and_then(|it| it.departs.as_ref())
    };
    departs.and_then(instant_of)
}

/// When goods are with customs, as planned: the first gate after their departure.
fn customs(transfer: &Transfer, solution: &Solution) -> Option<(Timestamp, Timestamp)> {
    let departs = departs(transfer, solution)?;
    solution.steps.iter().filter(|step| step.kind() == StepKind::Gate).find_map(|step| {
        let start = step.start.as_ref().and_then(instant_of)?;
        let end = step.end.as_ref().and_then(instant_of)?;
        (start >= departs && start < end).then_some((start, end))
    })
}

fn of_visit(visit: &Visit) -> Option<Happening> {
    let region = RegionId::parse(&visit.region).ok()?;
    let start = visit.during.as_ref().and_then(|it| it.start.as_ref()).and_then(instant_of)?;
    let end = visit.work.as_ref().and_then(|it| it.end.as_ref()).and_then(instant_of)?;
    let id = visit.visit_id.clone();
    let (at, what) = match visit.state() {
        VisitState::Booked => (Timestamp::MIN, What::Accept(id)),
        VisitState::Accepted => (start, What::Start(id)),
        VisitState::Started => (end, What::Finish(id)),
        _ => return None,
    };
    Some(Happening { at, region, what })
}

/// An interval on the wire.
///
/// # Errors
/// It does not end after it starts.
pub fn interval(start: Timestamp, end: Timestamp) -> Result<Interval> {
    let interval = meridian_types::Interval::new(start, end).context("interval")?;
    Ok(encode::interval(interval))
}
