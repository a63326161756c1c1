//! Which solutions several cases should commit when there is not enough for all of them.
//!
//! Each case is looked at as ever. Only for those that would get nothing, or nothing in time, is asked what they could
//! do if others let go of what they hold; who may be asked to is for `meridian_assignment` to say.

mod holders;

use futures::{StreamExt, TryStreamExt};
use meridian_assignment::{Batch, Outcome, exact};
use meridian_chassis::status::internal;
use meridian_messaging::Journal;
use meridian_types::CaseId;

use super::find_solutions::{CaseFacts, Finder, Found, Question};
use crate::error::Error;
use crate::offer::Offer;
use crate::sharing::{Engineers, Holdings, SECONDS_MAX, Way, Wish, batch};
use crate::store::plan;
use crate::world::question::Limits;
use holders::{Holders, Replacements};

/// So many cases are looked at at a time.
const AT_ONCE: usize = 4;
/// Most ways of a case that are weighed.
const WAYS_MAX: usize = 10;

/// What is assigned to whom.
pub(crate) struct Assigned {
    pub(crate) outcome: Outcome,
    pub(crate) engineers: Engineers,
    /// In the order in which they were asked about.
    pub(crate) cases: Vec<Asking>,
    pub(crate) replacements: Replacements,
}

/// A case that is asked about.
pub(crate) struct Asking {
    pub(crate) case_id: CaseId,
    facts: CaseFacts,
    pub(crate) found: Found,
    /// What could be done if others let go of what they hold.
    if_released: Option<Found>,
}

impl Asking {
    /// Every way that is weighed, those in time first: by what could be done if others let go, where that was asked.
    pub(crate) fn offers(&self) -> Vec<&Offer> {
        let mut offers: Vec<&Offer> = self.if_released.iter().flat_map(|found| &found.offers).collect();
        for offer in &self.found.offers {
            let is_same =
                |other: &&Offer| other.claims == offer.claims && other.chosen.arrival == offer.chosen.arrival;
            match offers.iter().position(is_same) {
                // The one that nobody need let go for.
                Some(index) => offers[index] = offer,
                None => offers.push(offer),
            }
        }
        // Nobody waits for a customer's consent where another way does as well.
        offers.sort_by_key(|offer| (!offer.solution.meets_deadline, offer.solution.approval_required));
        offers.truncate(WAYS_MAX);
        offers
    }

    fn wish(&self) -> Wish {
        Wish {
            case: self.case_id,
            priority: self.facts.priority,
            due: self.facts.asked.deadline,
            ways: self.offers().into_iter().map(Way::of).collect(),
            supply: self.found.supply.clone(),
        }
    }
}

/// Assigns a solution to each of the cases, or says what is short. Every solution is offered.
///
/// # Errors
/// `PLAN_EXISTS`; what keeps solutions from being found for one of the cases; or a service or the database does not
/// answer.
pub(crate) async fn assign_solutions(
    journal: &Journal,
    finder: &Finder,
    case_ids: Vec<CaseId>,
) -> Result<Assigned, Error> {
    none_has_a_plan(journal, &case_ids).await?;
    let asking = futures::stream::iter(case_ids).map(|case_id| async move {
        let facts = finder.case(case_id).await?;
        let question = Question::about(case_id, facts.clone(), Limits::default());
        // Planning needs much room.
        let found = Box::pin(finder.find(&question)).await?;
        Ok::<_, Error>(Asking { case_id, facts, found, if_released: None })
    });
    let mut cases: Vec<Asking> = asking.buffered(AT_ONCE).try_collect().await?;
    let wishes: Vec<Wish> = cases.iter().map(Asking::wish).collect();
    let (first, engineers) = batch(&wishes, Holdings::default());
    let outcome = solved(first.clone()).await?;
    let needy: Vec<usize> =
        (0..cases.len()).filter(|&index| !in_time(&first, &outcome, cases[index].case_id)).collect();
    let holders = Holders::of(journal, &cases).await?;
    if needy.is_empty() || holders.is_empty() {
        return Ok(Assigned { outcome, engineers, cases, replacements: Replacements::new() });
    }
    let questions: Vec<(usize, Question)> =
        needy.into_iter().map(|at| (at, holders.ask(&cases[at]))).collect();
    let asking = futures::stream::iter(questions)
        .map(|(at, question)| async move { Ok::<_, Error>((at, Box::pin(finder.find(&question)).await?)) });
    for (at, found) in asking.buffered(AT_ONCE).try_collect::<Vec<_>>().await? {
        cases[at].if_released = Some(found);
    }
    let wishes: Vec<Wish> = cases.iter().map(Asking::wish).collect();
    let (holdings, replacements) = holders.holdings(finder, &wishes).await?;
    let (second, engineers) = batch(&wishes, holdings);
    let outcome = solved(second).await?;
    Ok(Assigned { outcome, engineers, cases, replacements })
}

async fn none_has_a_plan(journal: &Journal, case_ids: &[CaseId]) -> Result<(), Error> {
    let mut conn = journal.pool().acquire().await?;
    for &case_id in case_ids {
        let last = plan::of_case(&mut conn, case_id).await?.map(|stored| stored.plan);
        if let Some(plan) = last.filter(|plan| plan.stage().is_some()) {
            return Err(Error::PlanExists { case_id, plan_id: plan.plan_id });
        }
    }
    Ok(())
}

/// The best assignment, off the async threads.
async fn solved(batch: Batch) -> Result<Outcome, Error> {
    let solved = tokio::task::spawn_blocking(move || exact(&batch, SECONDS_MAX)).await;
    Ok(solved.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?)
}

fn in_time(batch: &Batch, outcome: &Outcome, case_id: CaseId) -> bool {
    let served = outcome.served.iter().find(|served| served.case == case_id);
    let request = batch.requests.iter().find(|request| request.case == case_id);
    served.zip(request).is_some_and(|(served, request)| request.choices[served.choice].late_minutes == 0)
}
