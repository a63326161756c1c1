//! Starting to carry out a solution.

use jiff::Timestamp;
use meridian_types::{CaseId, HoldId, PartyOrderId, PlanId, ReferralId, RegionId, TransferId, VisitId};

use super::decide::{Decision, Turn};
use super::input::{Command, Effect};
use super::plan::{Exclusions, Plan, PlanState, Promise, Responsibility, Stage};
use super::solution::{Chosen, EngineerClaim, InstrumentMove, OrderClaim, StockClaim};
use super::task::{Task, TaskState, TaskWork};
use super::watchdog::ANSWER_MINUTES;

/// What a new plan starts from.
pub(crate) struct NewPlan {
    /// Fresh id.
    pub(crate) plan_id: PlanId,
    /// Case it serves.
    pub(crate) case_id: CaseId,
    /// Home region of the case.
    pub(crate) region: RegionId,
    /// Office that owns the case.
    pub(crate) office: String,
    /// The solution.
    pub(crate) chosen: Chosen,
    /// By when the need should be met.
    pub(crate) deadline: Option<Timestamp>,
    /// What the case's plan before had lent, and gave up ([`Plan::hand_over_loans`]).
    pub(crate) lent: Vec<Task>,
    /// A date that the case's plan before had told, and took back.
    pub(crate) taken_back: Option<Promise>,
    /// Whether somebody waits for the outcome.
    pub(crate) attended: bool,
}

/// Starts a plan: asks for everything the solution needs.
pub(crate) fn open(new: NewPlan, now: Timestamp) -> Decision {
    let responsibility =
        Responsibility { owner: new.office.clone(), next_action: "Begin".to_owned(), due: now };
    let plan = Plan {
        plan_id: new.plan_id,
        case_id: new.case_id,
        region: new.region,
        office: new.office,
        revision: 1,
        state: PlanState::Open(Stage::Holding, responsibility),
        expected_at: new.chosen.arrival,
        need: new.chosen.need.clone(),
        chosen: new.chosen,
        tasks: new.lent.into_iter().map(|task| Task { revision: 0, ..task }).collect(),
        deadline: new.deadline,
        promise: None,
        taken_back: new.taken_back,
        promises: 0,
        exclusions: Exclusions::default(),
        attended: new.attended,
        last_disruption: None,
        searches: 0,
        unanswered: 0,
        changed_at: Vec::new(),
    };
    let mut turn = Turn::new(plan, now);
    turn.begin();
    turn.finish()
}

impl Turn {
    /// Asks for everything that the chosen solution needs and the plan does not have yet.
    pub(super) fn begin(&mut self) {
        self.enter(Stage::Holding);
        for work in self.new_works() {
            let waits = matches!(work, TaskWork::Send { .. } | TaskWork::MoveInstrument { .. });
            let expected_at = work.expected_at();
            let state = if waits { TaskState::Pending } else { TaskState::Requested };
            let revision = self.plan.revision;
            let task = Task { revision, work, state, due_at: self.now, asks: 0, expected_at, heard: None };
            self.plan.tasks.push(task);
            if !waits {
                self.ask(self.plan.tasks.len() - 1);
            }
        }
        self.plan.expected_at = self.eta();
        self.confirm_when_all_held();
    }

    /// Sends the request of a task and waits for its answer.
    pub(super) fn ask(&mut self, index: usize) {
        let region = self.region_of(index);
        let mut work = self.plan.tasks[index].work.clone();
        if let TaskWork::Send { claim, for_case, .. } = &mut work {
            *for_case = Some(self.plan.is_for_work(claim));
            self.plan.tasks[index].work = work.clone();
        }
        self.settle(index, TaskState::Requested, self.in_minutes(ANSWER_MINUTES));
        self.effects.push(Effect::Send(Command::Ask(region, work)));
    }

    /// Region that carries a task out.
    pub(super) fn region_of(&self, index: usize) -> RegionId {
        let task = &self.plan.tasks[index];
        match &task.work {
            TaskWork::Send { claim: StockClaim { to_region: Some(region), .. }, .. }
                if task.state == TaskState::Shelving =>
            {
                region.clone()
            }
            TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. } => claim.region.clone(),
            TaskWork::Visit { claim, .. } => claim.region.clone(),
            TaskWork::MoveInstrument { .. } | TaskWork::Order { .. } | TaskWork::Refer { .. } => {
                self.plan.region.clone()
            }
        }
    }

    /// The works of the chosen solution, without those that were kept from the revision before. Ids follow from
    /// plan, revision and position, so that the same decision gives the same ids.
    fn new_works(&self) -> Vec<TaskWork> {
        let (plan, chosen) = (&self.plan, &self.plan.chosen);
        let id = |kind: &str, index: usize| plan.plan_id.derive(&format!("{}/{kind}/{index}", plan.revision));
        let mut works = Vec::new();
        for (index, claim) in chosen.stock.iter().enumerate() {
            if self.holds(claim) {
                continue;
            }
            let hold = HoldId::from_uuid(id("hold", index));
            let transfer = TransferId::from_uuid(id("send", index));
            if !claim.lines.is_empty() {
                works.push(TaskWork::Hold { hold, claim: claim.clone() });
            }
            works.push(TaskWork::Send { transfer, hold, claim: claim.clone(), for_case: None });
        }
        for (index, claim) in chosen.engineers.iter().enumerate() {
            if self.books(claim) {
                continue;
            }
            let visit = VisitId::from_uuid(id("visit", index));
            works.push(TaskWork::Visit { visit, claim: claim.clone() });
        }
        for (index, claim) in chosen.orders.iter().enumerate() {
            if self.has_ordered(claim) {
                continue;
            }
            let order = PartyOrderId::from_uuid(id("order", index));
            works.push(TaskWork::Order { order, claim: claim.clone() });
        }
        for (index, movement) in chosen.moves.iter().enumerate() {
            let transfer = TransferId::from_uuid(id("move", index));
            works.push(TaskWork::MoveInstrument { transfer, movement: movement.clone() });
        }
        if let Some(claim) = &chosen.party {
            let referral = ReferralId::from_uuid(id("refer", 0));
            works.push(TaskWork::Refer { referral, claim: claim.clone() });
        }
        works
    }

    fn holds(&self, claim: &StockClaim) -> bool {
        self.plan
            .current()
            .any(|task| matches!(&task.work, TaskWork::Hold { claim: held, .. } if held.same_goods(claim)))
    }

    fn has_ordered(&self, claim: &OrderClaim) -> bool {
        self.plan.current().any(
            |task| matches!(&task.work, TaskWork::Order { claim: ordered, .. } if ordered.same_order(claim)),
        )
    }

    fn books(&self, claim: &EngineerClaim) -> bool {
        self.plan
            .current()
            .any(|task| matches!(&task.work, TaskWork::Visit { claim: booked, .. } if booked == claim))
    }
}

impl TaskWork {
    /// When it should be done, as planned.
    pub(super) fn expected_at(&self) -> Timestamp {
        match self {
            Self::Hold { claim, .. } => claim.departs,
            Self::Send { claim, .. } => claim.arrives,
            Self::MoveInstrument { movement: InstrumentMove { arrives, .. }, .. } => *arrives,
            Self::Visit { claim, .. } => claim.work.end(),
            Self::Order { claim, .. } => claim.done,
            Self::Refer { claim, .. } => claim.answer_due,
        }
    }
}
