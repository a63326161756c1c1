//! Everybody who made the deliveries happen: offices open the cases, warehouses send, carriers deliver on the day that
//! the records say.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{
    CommitOutcome, CommitSolutionRequest, FindSolutionsRequest, Plan, PlanState,
};
use meridian_proto::intake::v1::{ItemsNeed, Need, NeedLine, OpenCaseRequest, need};
use meridian_proto::inventory::v1::{Milestone, RecordMilestoneRequest, TransferState};
use meridian_types::RegionId;

use super::network::{Codes, destination_site, person};
use super::records::Delivery;
use crate::client::request_id;
use crate::field::{Field, patiently};
use crate::output::instant_of;
use crate::world::Addresses;

/// Cases worked on at one time.
const AT_ONCE: usize = 12;

/// What was replayed.
pub(super) struct Replayed {
    /// The regions, for the report.
    pub(super) field: Field,
    /// Cases that reached their end.
    pub(super) delivered: usize,
    /// Cases for which nothing could be committed, with the reason.
    pub(super) unplanned: Vec<(u64, String)>,
}

/// What happens next to a delivery.
#[derive(Debug, Clone)]
enum Next {
    Open,
    Send {
        case_id: String,
    },
    Deliver {
        case_id: String,
    },
    /// A watchdog looks: the delivery is late.
    Watch {
        case_id: String,
    },
}

enum Outcome {
    At(Timestamp, Next),
    Done,
    Unplanned(String),
}

/// Replays all deliveries in the order in which things happened.
pub(super) async fn deliver_all(
    addresses: &BTreeMap<RegionId, Addresses>,
    deliveries: &[Delivery],
    bar: &ProgressBar,
) -> Result<Replayed> {
    let codes = Codes::of(deliveries);
    let start = deliveries.first().context("no deliveries")?.opened_at();
    let mut field = Field::begin(addresses, start).await?;
    let mut calendar: BTreeMap<Timestamp, Vec<(usize, Next)>> = BTreeMap::new();
    for (index, delivery) in deliveries.iter().enumerate() {
        calendar.entry(delivery.opened_at()).or_default().push((index, Next::Open));
    }
    let mut replayed = (0, Vec::new());
    while let Some((at, happenings)) = calendar.pop_first() {
        field.wait_until(at).await?;
        bar.set_message(at.strftime("%Y-%m-%d").to_string());
        let outcomes: Vec<(usize, Outcome)> = futures::stream::iter(happenings)
            .map(|(index, next)| {
                let work = Work { field: &field, delivery: &deliveries[index], codes: &codes };
                async move {
                    let outcome = work.happen(next).await;
                    Ok::<_, anyhow::Error>((
                        index,
                        outcome.with_context(|| format!("line {}", work.delivery.line))?,
                    ))
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (index, outcome) in outcomes {
            match outcome {
                // What is due already happens as soon as everything else of this instant has.
                Outcome::At(when, next) => calendar.entry(when.max(at)).or_default().push((index, next)),
                Outcome::Done => {
                    replayed.0 += 1;
                    bar.inc(1);
                }
                Outcome::Unplanned(reason) => replayed.1.push((deliveries[index].line, reason)),
            }
        }
    }
    Ok(Replayed { field, delivered: replayed.0, unplanned: replayed.1 })
}

struct Work<'a> {
    field: &'a Field,
    delivery: &'a Delivery,
    codes: &'a Codes,
}

impl Work<'_> {
    async fn happen(&self, next: Next) -> Result<Outcome> {
        match next {
            Next::Open => self.open().await,
            Next::Send { case_id } => self.send(case_id).await,
            Next::Deliver { case_id } => self.deliver(case_id).await,
            Next::Watch { case_id } => {
                self.plan(&case_id).await.and_then(|plan| self.afterwards(case_id, &plan))
            }
        }
    }

    fn home(&self) -> &str {
        self.delivery.destination.region
    }

    async fn plan(&self, case_id: &str) -> Result<Plan> {
        self.field.settled_plan(self.home(), case_id).await
    }

    async fn open(&self) -> Result<Outcome> {
        let home = self.field.region(self.home());
        let line = NeedLine {
            item_id: self.codes.item(self.delivery),
            quantity: self.delivery.quantity,
            unit: String::new(),
        };
        let deliver_to_site_id = destination_site(self.delivery.destination);
        let open = OpenCaseRequest {
            request_id: request_id(),
            person_id: person(self.delivery.destination),
            need: Some(Need {
                kind: Some(need::Kind::Items(ItemsNeed { lines: vec![line], deliver_to_site_id })),
                deadline: Some(encode::timestamp(self.delivery.deadline())),
            }),
            office: format!("office-{}", self.home()),
            ..OpenCaseRequest::default()
        };
        let opened = patiently(async || home.intake().open_case(open.clone()).await).await?;
        let case_id = opened.case.context("no case")?.case_id;
        let find = FindSolutionsRequest { case_id: case_id.clone(), ..FindSolutionsRequest::default() };
        let found = patiently(async || home.coordinator().find_solutions(find.clone()).await).await?;
        let mut options = found.solutions;
        let mut refusal = "no solution was found".to_owned();
        while let Some(option) = options.first().cloned() {
            let commit = CommitSolutionRequest {
                request_id: request_id(),
                case_id: case_id.clone(),
                solution_id: option.solution_id.clone(),
                approved: true,
            };
            let answer = patiently(async || home.coordinator().commit_solution(commit.clone()).await).await?;
            match answer.outcome() {
                CommitOutcome::Committed | CommitOutcome::Pending => {
                    return Ok(Outcome::At(
                        self.departure(&answer.plan.context("no plan")?),
                        Next::Send { case_id },
                    ));
                }
                CommitOutcome::Refused | CommitOutcome::Unspecified => {
                    refusal = answer.refusal;
                    options = answer.next_best;
                }
            }
        }
        Ok(Outcome::Unplanned(refusal))
    }

    /// When the goods of a plan are handed over.
    fn departure(&self, plan: &Plan) -> Timestamp {
        let claims = plan.solution.as_ref().map_or(&[][..], |it| &it.stock_claims);
        let departs = claims.iter().filter_map(|it| it.departs.as_ref()).filter_map(instant_of);
        departs.min().unwrap_or(self.field.now())
    }

    async fn send(&self, case_id: String) -> Result<Outcome> {
        let plan = self.plan(&case_id).await?;
        if !self.ordered(&case_id, &plan).await? {
            bail!("case {case_id}: nothing was ordered although the plan is {:?}", plan.state());
        }
        self.record(&case_id, &plan, TransferState::Requested, Milestone::Picked).await?;
        self.record(&case_id, &plan, TransferState::Picked, Milestone::Shipped).await?;
        let plan = self.plan(&case_id).await?;
        self.afterwards(case_id, &plan)
    }

    /// Waits until the transfer that follows from a reservation is there.
    async fn ordered(&self, case_id: &str, plan: &Plan) -> Result<bool> {
        for _ in 0..400 {
            for region in regions_of(plan) {
                if !self.field.region(region).transfers_of(case_id).await?.is_empty() {
                    return Ok(true);
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        Ok(false)
    }

    /// Late deliveries let the watchdogs look first; the others arrive on their day.
    fn afterwards(&self, case_id: String, plan: &Plan) -> Result<Outcome> {
        if matches!(plan.state(), PlanState::Completed | PlanState::Ended) {
            return Ok(Outcome::Done);
        }
        let arrival = self.delivery.delivered_at();
        let due = plan.responsibility.as_ref().and_then(|it| it.due.as_ref()).and_then(instant_of);
        Ok(match due {
            Some(due) if due < arrival => {
                Outcome::At(due + SignedDuration::from_secs(1), Next::Watch { case_id })
            }
            _ => Outcome::At(arrival, Next::Deliver { case_id }),
        })
    }

    async fn deliver(&self, case_id: String) -> Result<Outcome> {
        let plan = self.plan(&case_id).await?;
        // A delay may have led to another shipment meanwhile, which has not left yet.
        self.record(&case_id, &plan, TransferState::Requested, Milestone::Picked).await?;
        self.record(&case_id, &plan, TransferState::Picked, Milestone::Shipped).await?;
        self.record(&case_id, &plan, TransferState::Shipped, Milestone::Received).await?;
        let plan = self.completed(&case_id).await?;
        match plan.state() {
            PlanState::Completed => Ok(Outcome::Done),
            other => bail!("case {case_id} was delivered, but its plan is {other:?}"),
        }
    }

    async fn completed(&self, case_id: &str) -> Result<Plan> {
        let mut plan = self.plan(case_id).await?;
        for _ in 0..400 {
            if plan.state() == PlanState::Completed {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            plan = self.plan(case_id).await?;
        }
        Ok(plan)
    }

    /// Records `milestone` for every transfer of the case that stands at `state`.
    async fn record(
        &self,
        case_id: &str,
        plan: &Plan,
        state: TransferState,
        milestone: Milestone,
    ) -> Result<()> {
        for region in regions_of(plan) {
            let owner = self.field.region(region);
            for transfer in owner.transfers_of(case_id).await?.into_iter().filter(|it| it.state() == state) {
                let request = RecordMilestoneRequest {
                    request_id: request_id(),
                    transfer_id: transfer.transfer_id,
                    region: transfer.region,
                    milestone: milestone.into(),
                    happened_at: None,
                    expected_at: None,
                };
                patiently(async || owner.inventory().record_milestone(request.clone()).await).await?;
            }
        }
        Ok(())
    }
}

/// Regions that carry something out for a plan.
fn regions_of(plan: &Plan) -> std::collections::BTreeSet<&str> {
    plan.tasks.iter().map(|it| it.region.as_str()).collect()
}
