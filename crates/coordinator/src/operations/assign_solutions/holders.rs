//! Who holds what the cases that are asked about could use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_assignment::{Choice, Commitment, Hold, Priority, Resource};
use meridian_messaging::Journal;
use meridian_planner::model::Claim;
use meridian_types::{CaseId, EngineerId, PlanId, Problem, Quantity, RegionId};

use super::{Asking, WAYS_MAX};
use crate::domain::{EngineerClaim, Plan, SolutionKind, Stage, StockClaim, TaskState, TaskWork};
use crate::error::Error;
use crate::offer::Offer;
use crate::operations::find_solutions::{CaseFacts, Finder, Found, Question};
use crate::sharing::{Holdings, Supply, Way, Wish};
use crate::store::plan;
use crate::world::question::Limits;

/// Most open plans that are looked at, the newest first.
const PLANS_MAX: i64 = 1_000;
/// For so many plans at most another way is looked for; what the others hold stays with them.
const ASKED_MAX: usize = 16;

/// For each case that may have to give way its plan, and other ways for it.
pub(crate) type Replacements = BTreeMap<CaseId, (PlanId, Vec<Offer>)>;

/// What others hold.
pub(super) struct Holders {
    /// Open plans of this region that hold something.
    plans: Vec<Plan>,
    /// What cases hold of which no such plan is known.
    elsewhere: BTreeMap<CaseId, Vec<StockClaim>>,
    /// All that the cases that are asked about have looked at.
    supply: Supply,
}

impl Holders {
    pub(super) async fn of(journal: &Journal, cases: &[Asking]) -> Result<Self, Error> {
        let mut supply = Supply::default();
        cases.iter().for_each(|asking| supply.limit_to(&asking.found.supply));
        let mut conn = journal.pool().acquire().await?;
        let open = plan::open(&mut conn, PLANS_MAX).await?.into_iter().map(|stored| stored.plan);
        let plans: Vec<Plan> = open.filter(|plan| plan.current().any(|it| it.state.is_claimed())).collect();
        // A case that is asked about may still hold what a plan of it is giving back.
        let asked = cases.iter().map(|asking| asking.case_id);
        let known: BTreeSet<CaseId> = plans.iter().map(|plan| plan.case_id).chain(asked).collect();
        let mut elsewhere: BTreeMap<CaseId, Vec<StockClaim>> = BTreeMap::new();
        for (case, item, warehouse, units) in supply.held_by_others().filter(|it| !known.contains(&it.0)) {
            let Ok(quantity) = Quantity::new(units) else { continue };
            elsewhere.entry(case).or_default().push(StockClaim {
                region: journal.origin().region.clone(),
                warehouse: warehouse.clone(),
                lines: vec![(item.clone(), quantity)],
                awaited: Vec::new(),
                kits: Vec::new(),
                sent: Vec::new(),
                stands_in: Vec::new(),
                on_loan: false,
                to_site: warehouse.clone(),
                to_region: None,
                departs: Timestamp::MIN,
                arrives: Timestamp::MIN,
                due_back: None,
            });
        }
        Ok(Self { plans, elsewhere, supply })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty() && self.elsewhere.is_empty()
    }

    /// What a case could do if all of them let go of all that they hold.
    pub(super) fn ask(&self, asking: &Asking) -> Question {
        let elsewhere = self.elsewhere.values().flatten().cloned();
        Question {
            own_stock: self.plans.iter().flat_map(stock_of).chain(elsewhere).collect(),
            own_visits: self.plans.iter().flat_map(visits_of).collect(),
            supposes: true,
            ..Question::about(asking.case_id, asking.facts.clone(), Limits::default())
        }
    }

    /// Those who hold something that a wish could use, with the ways that they have instead; and those ways by case.
    pub(super) async fn holdings(
        &self,
        finder: &Finder,
        wishes: &[Wish],
    ) -> Result<(Holdings, Replacements), Error> {
        let wanted: BTreeSet<Wanted> = wishes
            .iter()
            .flat_map(|wish| &wish.ways)
            .flat_map(|way| &way.claims)
            .filter_map(wanted)
            .collect();
        let is_wanted =
            |claims: &[Claim]| claims.iter().filter_map(self::wanted).any(|it| wanted.contains(&it));
        let urgent = wishes.iter().map(|wish| wish.priority).min();
        let (mut holdings, mut replacements, mut asked) = (Holdings::default(), Replacements::new(), 0);
        for plan in &self.plans {
            let present = self.claims(&stock_of(plan), &visits_of(plan));
            if !is_wanted(&present) {
                continue;
            }
            let mut hold = out_of_reach(plan.case_id, present);
            let reached = commitment(plan);
            let may_move = matches!(reached, Commitment::Held | Commitment::DateTold);
            let facts = if may_move && asked < ASKED_MAX {
                asked += 1;
                known(finder, plan.case_id).await?
            } else {
                None
            };
            if !may_move || facts.is_some() {
                hold.commitment = reached;
            }
            if let Some(facts) = facts {
                hold.priority = facts.priority;
                if urgent < Some(hold.priority) {
                    let found = others(finder, plan, facts).await?;
                    holdings.supply.limit_to(&found.supply);
                    hold.alternatives = found.offers.iter().map(|offer| alternative(plan, offer)).collect();
                    replacements.insert(plan.case_id, (plan.plan_id, found.offers));
                } else {
                    // Nobody who asks may take it: whether there is another way makes no difference.
                    hold.alternatives = vec![hold.present.clone()];
                }
            }
            holdings.holds.push(hold);
        }
        let elsewhere = self.elsewhere.iter().map(|(case, stock)| (*case, self.claims(stock, &[])));
        let elsewhere = elsewhere.filter(|(_, claims)| is_wanted(claims));
        holdings.holds.extend(elsewhere.map(|(case, claims)| out_of_reach(case, claims)));
        Ok((holdings, replacements))
    }

    /// What is held, as the planner claims it.
    fn claims(&self, stock: &[StockClaim], visits: &[EngineerClaim]) -> Vec<Claim> {
        let visits = visits.iter().map(|claim| Claim::Engineer {
            engineer: claim.engineer.clone(),
            during: claim.during,
            site: claim.site.clone(),
            region: claim.region.clone(),
        });
        stock.iter().flat_map(|claim| self.supply.claims_of(claim)).chain(visits).collect()
    }
}

/// What two claims have to share to be in each other's way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Pool(Resource),
    Engineer(RegionId, EngineerId),
}

fn wanted(claim: &Claim) -> Option<Wanted> {
    match claim {
        Claim::Engineer { engineer, region, .. } => Some(Wanted::Engineer(region.clone(), engineer.clone())),
        other => Resource::pool(other).map(|(resource, _)| Wanted::Pool(resource)),
    }
}

fn stock_of(plan: &Plan) -> Vec<StockClaim> {
    let held = plan.current().filter(|task| task.state.is_claimed());
    held.filter_map(|task| match &task.work {
        TaskWork::Hold { claim, .. } => Some(claim.clone()),
        _ => None,
    })
    .collect()
}

fn visits_of(plan: &Plan) -> Vec<EngineerClaim> {
    let booked = plan.current().filter(|task| task.state.is_claimed());
    booked
        .filter_map(|task| match &task.work {
            TaskWork::Visit { claim, .. } => Some(claim.clone()),
            _ => None,
        })
        .collect()
}

/// A hold that stays.
fn out_of_reach(case: CaseId, claims: Vec<Claim>) -> Hold {
    Hold {
        case,
        priority: Priority::Critical,
        commitment: Commitment::OutOfReach,
        preempted_before: false,
        present: Choice { cost_minor: 0, late_minutes: 0, claims },
        alternatives: Vec::new(),
    }
}

/// How far a plan has gone. Whether the engineer has said yes to a booked visit is not kept here: it counts as yes.
fn commitment(plan: &Plan) -> Commitment {
    if plan.stage() != Some(Stage::Executing) {
        return Commitment::OutOfReach;
    }
    let mut reached = if plan.promise.is_some() { Commitment::DateTold } else { Commitment::Held };
    if plan.chosen.approval_required || plan.chosen.kind == SolutionKind::Loaner {
        reached = Commitment::AgreedByCustomer;
    }
    for task in plan.current() {
        let begun = matches!(task.state, TaskState::UnderWay | TaskState::Done) || task.is_on_the_way();
        match &task.work {
            TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } if begun => return Commitment::InTransit,
            TaskWork::Visit { .. } if begun => return Commitment::Started,
            TaskWork::Visit { .. } if task.state == TaskState::Confirmed => {
                reached = Commitment::AcceptedByEngineer;
            }
            _ => {}
        }
    }
    reached
}

/// What intake knows of a case; `None` when it can no longer be helped.
async fn known(finder: &Finder, case_id: CaseId) -> Result<Option<CaseFacts>, Error> {
    match finder.case(case_id).await.map_err(Problem::from) {
        Err(problem) if !problem.is_decision() => Err(problem.into()),
        facts => Ok(facts.ok()),
    }
}

/// Other ways for the case of a plan that need nobody's consent, without what it holds.
async fn others(finder: &Finder, plan: &Plan, facts: CaseFacts) -> Result<Found, Error> {
    let limits = Limits { exclusions: plan.exclusions.clone(), ..Limits::default() };
    let question = Question { supposes: true, ..Question::about(plan.case_id, facts, limits) };
    let mut found = Box::pin(finder.find(&question)).await?;
    found.offers.retain(|offer| !offer.chosen.approval_required && offer.chosen.party.is_none());
    found.offers.truncate(WAYS_MAX);
    Ok(found)
}

/// An offer as a replacement: late when it comes after the date that the customer was told.
fn alternative(plan: &Plan, offer: &Offer) -> Choice {
    let date = plan.promise.map_or(plan.expected_at, |promise| promise.promised_at);
    let late = offer.chosen.arrival > date;
    let way = Way::of(offer);
    Choice { cost_minor: way.cost_minor, late_minutes: late.into(), claims: way.claims }
}
