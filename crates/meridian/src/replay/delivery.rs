//! What happens to one delivery: an office opens its case, a warehouse sends it, a carrier delivers it.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, Plan, PlanState, Solution,
};
use meridian_proto::intake::v1::{ItemsNeed, Need, NeedLine, OpenCaseRequest, need};
use meridian_proto::inventory::v1::{Milestone, RecordMilestoneRequest, TransferState};

use super::network::{Codes, destination_site, office, person};
use super::news::{Moving, News};
use super::records::Delivery;
use crate::client::request_id;
use crate::field::{Field, patiently};
use crate::output::instant_of;

/// A delivery that has been planned.
#[derive(Debug, Clone)]
pub(super) struct Shipment {
    /// Its case.
    pub(super) case_id: String,
    /// When it should arrive, as planned first.
    planned: Timestamp,
    /// Whether it goes the way it really went.
    pub(super) real_way: bool,
    /// How much of its plan had been told before what happens now.
    seen: usize,
}

/// What happens next to a delivery.
#[derive(Debug, Clone)]
pub(super) enum Next {
    /// Its case is opened and a solution committed.
    Open,
    /// It is picked and handed to the carrier.
    Send(Shipment),
    /// A watchdog looks: it is late.
    Watch(Shipment),
    /// It arrives.
    Deliver(Shipment),
}

/// What came of it.
pub(super) enum Outcome {
    /// Something happens later.
    At(Timestamp, Next),
    /// It has arrived.
    Delivered(Shipment),
    /// Nothing could be committed.
    Unplanned {
        /// Its case.
        case_id: String,
        /// Why.
        reason: String,
    },
}

/// A delivery and everybody who has to do with it.
pub(super) struct Work<'a> {
    pub(super) field: &'a Field,
    pub(super) news: &'a News,
    pub(super) delivery: &'a Delivery,
    pub(super) codes: &'a Codes,
}

impl Work<'_> {
    /// Lets it happen, and waits until the system has reacted.
    ///
    /// # Errors
    /// A region refuses, or does not react.
    pub(super) async fn happen(&self, next: Next) -> Result<Outcome> {
        match next {
            Next::Open => self.open().await,
            Next::Send(shipment) => self.send(shipment).await,
            Next::Watch(shipment) => self.watch(shipment).await,
            Next::Deliver(shipment) => self.deliver(shipment).await,
        }
    }

    async fn open(&self) -> Result<Outcome> {
        let home = self.field.region(self.delivery.destination.region);
        let open = self.case();
        let opened = patiently(async || home.intake().open_case(open.clone()).await).await?;
        let case_id = opened.case.context("no case")?.case_id;
        let find = FindSolutionsRequest {
            case_id: case_id.clone(),
            exclude_site_ids: self.codes.other_origins(self.delivery),
            ..FindSolutionsRequest::default()
        };
        let found = patiently(async || home.coordinator().find_solutions(find.clone()).await).await?;
        let mut options = found.solutions;
        let mut reason =
            found.refused.first().map_or_else(|| "no solution was found".to_owned(), |it| it.witness.clone());
        while let Some(option) = self.choose(&options) {
            let real_way = self.is_real(option);
            let commit = CommitSolutionRequest {
                request_id: request_id(),
                case_id: case_id.clone(),
                solution_id: option.solution_id.clone(),
                approved: true,
            };
            let answer = patiently(async || home.coordinator().commit_solution(commit.clone()).await).await?;
            match answer.outcome() {
                CommitOutcome::Committed | CommitOutcome::Pending => {
                    let (departs, planned) = self.times(&answer.plan.context("no plan")?);
                    let shipment = Shipment { case_id, planned, real_way, seen: 0 };
                    return Ok(Outcome::At(departs, Next::Send(shipment)));
                }
                CommitOutcome::Refused | CommitOutcome::Unspecified => {
                    reason = answer.refusal;
                    options = answer.next_best;
                }
            }
        }
        Ok(Outcome::Unplanned { case_id, reason })
    }

    fn case(&self) -> OpenCaseRequest {
        let line = NeedLine {
            item_id: self.codes.item(self.delivery),
            quantity: self.delivery.quantity,
            unit: String::new(),
        };
        let deliver_to_site_id = destination_site(self.delivery.destination);
        OpenCaseRequest {
            request_id: request_id(),
            person_id: person(self.delivery.destination),
            need: Some(Need {
                kind: Some(need::Kind::Items(ItemsNeed { lines: vec![line], deliver_to_site_id })),
                deadline: Some(encode::timestamp(self.delivery.deadline())),
                ..Need::default()
            }),
            office: office(self.delivery.destination.region),
            ..OpenCaseRequest::default()
        }
    }

    /// The office takes the way that was really taken where it is offered, else the best one.
    fn choose<'s>(&self, options: &'s [Solution]) -> Option<&'s Solution> {
        options.iter().find(|option| self.is_real(option)).or(options.first())
    }

    fn is_real(&self, option: &Solution) -> bool {
        let lane = self.codes.lane(self.delivery);
        option.steps.iter().any(|step| step.lane_id == lane)
    }

    /// When the goods of a plan are handed over, and when they should arrive.
    fn times(&self, plan: &Plan) -> (Timestamp, Timestamp) {
        let claims = plan.solution.as_ref().map_or(&[][..], |it| &it.stock_claims);
        let departs = claims.iter().filter_map(|it| it.departs.as_ref()).filter_map(instant_of);
        let now = self.field.now();
        let arrives = plan.expected_at.as_ref().and_then(instant_of);
        (departs.min().unwrap_or(now), arrives.unwrap_or(now))
    }

    async fn send(&self, mut shipment: Shipment) -> Result<Outcome> {
        let ordered = self.news.wait(&shipment.case_id, |told| !told.transfers.is_empty()).await?;
        for (transfer_id, moving) in &ordered.transfers {
            self.record(transfer_id, moving, Milestone::Picked).await?;
            self.record(transfer_id, moving, Milestone::Shipped).await?;
        }
        // Once it is under way, the watchdog looks whether it arrives.
        let planned = shipment.planned;
        let told = self.news.wait(&shipment.case_id, |told| told.due > Some(planned)).await?;
        shipment.seen = told.plan_events;
        Ok(self.afterwards(shipment, told.due))
    }

    /// The clock has come to the time of a late delivery's watchdog: waits until the plan has reacted, and neither
    /// waits for holds nor looks for another way.
    async fn watch(&self, mut shipment: Shipment) -> Result<Outcome> {
        let case_id = &shipment.case_id;
        loop {
            let told = self.news.wait(case_id, |told| told.plan_events > shipment.seen).await?;
            shipment.seen = told.plan_events;
            let plan = self.field.region(self.delivery.destination.region).plan_of(case_id).await?;
            let due = plan.responsibility.as_ref().and_then(|it| it.due.as_ref()).and_then(instant_of);
            match plan.state() {
                PlanState::Executing | PlanState::Parked if due > Some(self.field.now()) => {
                    return Ok(self.afterwards(shipment, due));
                }
                PlanState::Completed | PlanState::Ended => {
                    bail!("case {case_id}: its plan is {:?} before it was delivered", plan.state())
                }
                _ => {}
            }
        }
    }

    /// Late deliveries let the watchdogs look first; the others arrive on their day.
    fn afterwards(&self, shipment: Shipment, due: Option<Timestamp>) -> Outcome {
        let arrival = self.delivery.delivered_at();
        match due {
            Some(due) if due < arrival => Outcome::At(due, Next::Watch(shipment)),
            _ => Outcome::At(arrival, Next::Deliver(shipment)),
        }
    }

    async fn deliver(&self, shipment: Shipment) -> Result<Outcome> {
        loop {
            // A delay may have led to another shipment meanwhile, which has not left yet.
            for (transfer_id, moving) in &self.news.told(&shipment.case_id).transfers {
                for milestone in left(moving.state) {
                    self.record(transfer_id, moving, *milestone).await?;
                }
            }
            let told = self.news.wait(&shipment.case_id, |told| told.completed || told.is_moving()).await?;
            if told.completed {
                return Ok(Outcome::Delivered(shipment));
            }
        }
    }

    async fn record(&self, transfer_id: &str, moving: &Moving, milestone: Milestone) -> Result<()> {
        let owner = self.field.region(&moving.region);
        let request = RecordMilestoneRequest {
            request_id: request_id(),
            transfer_id: transfer_id.to_owned(),
            region: moving.region.clone(),
            milestone: milestone.into(),
            happened_at: None,
            expected_at: None,
        };
        let answer = patiently(async || owner.inventory().record_milestone(request.clone()).await).await?;
        if let Some(transfer) = answer.transfer {
            self.news.note(&transfer);
        }
        Ok(())
    }
}

/// What is left to happen until goods have arrived.
const fn left(state: TransferState) -> &'static [Milestone] {
    match state {
        TransferState::Unspecified | TransferState::Requested => {
            &[Milestone::Picked, Milestone::Shipped, Milestone::Received]
        }
        TransferState::Picked => &[Milestone::Shipped, Milestone::Received],
        TransferState::Shipped => &[Milestone::Received],
        // The replay has no customs: the times on the way include them.
        _ => &[],
    }
}
