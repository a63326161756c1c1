//! What plans that looked at the same moment hear, once what is scarce is shared out among them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_assignment::Priority;
use meridian_chassis::status::internal;
use meridian_messaging::{Journal, database_problem};
use meridian_types::{CaseId, Problem};

use crate::domain::{self, Chosen, Input, Plan, Search};
use crate::offer::Offer;
use crate::operations::find_solutions::Found;
use crate::sharing::{Share, Way, Wish, less_own, share};
use crate::store::plan;
use crate::store::search_job::SearchJob;

/// What a search came to.
pub(super) enum Looked {
    /// What the plan hears, whatever the others found.
    Settled(Input),
    /// The ways there are.
    Found {
        found: Found,
        /// How urgent the case is.
        priority: Priority,
    },
}

/// What each plan hears, those first to whom something was assigned. Who looked alone hears what was found.
pub(super) async fn outcomes(
    journal: &Journal,
    looked: Vec<(SearchJob, Looked)>,
) -> Result<Vec<(SearchJob, Input)>, Problem> {
    let now = journal.clock().now();
    let mut wanted = BTreeMap::new();
    if looked.len() > 1 {
        let mut conn = journal.pool().acquire().await.map_err(|error| database_problem(&error))?;
        for (job, looked) in &looked {
            let Looked::Found { found, priority } = looked else { continue };
            let stored =
                plan::find(&mut conn, job.plan_id).await.map_err(|error| database_problem(&error))?;
            let want = stored.and_then(|it| Want::of(&it.plan, &job.search, found, (*priority, now)));
            wanted.extend(want.map(|want| (job.case_id, want)));
        }
    }
    let shares = shared(&wanted).await?;
    let mut outcomes: Vec<(bool, (SearchJob, Input))> = looked
        .into_iter()
        .map(|(job, looked)| {
            let shared = wanted.get(&job.case_id).zip(shares.get(&job.case_id));
            let last = shared.is_some_and(|(_, share)| share.open == 0);
            let search = job.search.search;
            let outcome = match looked {
                Looked::Settled(input) => input,
                Looked::Found { found, .. } => {
                    let options = found.chosen();
                    let options = match shared {
                        Some((want, share)) => want.sorted(options, share),
                        None => options,
                    };
                    Input::OptionsFound { search, options }
                }
            };
            (last, (job, outcome))
        })
        .collect();
    outcomes.sort_by_key(|(last, _)| *last);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

async fn shared(wanted: &BTreeMap<CaseId, Want>) -> Result<BTreeMap<CaseId, Share>, Problem> {
    let wishes: Vec<Wish> = wanted.values().map(|want| want.wish.clone()).collect();
    if wishes.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let shares =
        tokio::task::spawn_blocking(move || share(&wishes)).await.map_err(|error| internal(&error))?;
    let shares = shares.unwrap_or_else(|error| {
        tracing::error!(%error, "what is scarce could not be shared out; every plan tries its best way");
        Vec::new()
    });
    Ok(wanted.keys().copied().zip(shares).collect())
}

/// A plan that would take some of the ways that were found for it.
#[derive(Debug, Clone, PartialEq)]
struct Want {
    wish: Wish,
    /// Indices among what was found of the first ways of the wish; a way after them is to carry on.
    options: Vec<usize>,
}

impl Want {
    fn of(
        plan: &Plan,
        search: &Search,
        found: &Found,
        (priority, now): (Priority, Timestamp),
    ) -> Option<Self> {
        let chosen: Vec<Chosen> = found.offers.iter().map(|offer| offer.chosen.clone()).collect();
        let wants = domain::wants(plan, search.search, &chosen, now);
        if wants.options.is_empty() {
            return None;
        }
        let own = found.supply.held(&search.own_stock);
        let way = |offer: &Offer| Way { claims: less_own(&offer.claims, &own), ..Way::of(offer) };
        let mut ways: Vec<Way> = wants.options.iter().map(|&index| way(&found.offers[index])).collect();
        let carry_on = wants.carry_on.map(|arrival| Way { arrival, cost_minor: 0, claims: Vec::new() });
        ways.extend(carry_on);
        let told = plan.promise.map(|promise| promise.promised_at);
        let wish = Wish {
            case: plan.case_id,
            priority,
            due: plan.deadline.into_iter().chain(told).min(),
            ways,
            supply: found.supply.clone().without(&own),
        };
        Some(Self { wish, options: wants.options })
    }

    /// What was found, in the order in which the plan should try it. A plan that may carry on does not try what others
    /// were assigned. What it would not take comes last: the present way is among it, with the times by which it goes now.
    fn sorted(&self, found: Vec<Chosen>, share: &Share) -> Vec<Chosen> {
        let carries_on = share.ways.first().is_some_and(|first| *first >= self.options.len());
        let tried = if carries_on { &share.ways[..share.open] } else { &share.ways[..] };
        let wanted = tried.iter().filter_map(|way| self.options.get(*way)).copied();
        let unwanted = (0..found.len()).filter(|index| !self.options.contains(index));
        let order: Vec<usize> = wanted.chain(unwanted).collect();
        let mut found: Vec<Option<Chosen>> = found.into_iter().map(Some).collect();
        order.into_iter().filter_map(|index| found[index].take()).collect()
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::{SeededIds, SolutionId};

    use super::*;
    use crate::domain::SolutionKind;
    use crate::sharing::Supply;

    fn found(number: u64) -> Chosen {
        let solution_id = SolutionId::fresh(&SeededIds::new(number));
        Chosen::blank(solution_id, SolutionKind::Transfer, Timestamp::UNIX_EPOCH)
    }

    /// A plan that would take the first two of three ways, or carry on; the third is the present one.
    fn want() -> Want {
        let way = || Way { arrival: Timestamp::UNIX_EPOCH, cost_minor: 0, claims: Vec::new() };
        let wish = Wish {
            case: CaseId::fresh(&SeededIds::new(1)),
            priority: Priority::Normal,
            due: None,
            ways: vec![way(), way(), way()],
            supply: Supply::default(),
        };
        Want { wish, options: vec![0, 1] }
    }

    fn heard(ways: &[usize], open: usize) -> Vec<Chosen> {
        want().sorted(vec![found(10), found(11), found(12)], &Share { ways: ways.to_vec(), open })
    }

    #[test]
    fn a_plan_hears_of_the_present_way_whatever_it_was_assigned() {
        assert_eq!(heard(&[2, 0, 1], 1), [found(12)], "it carries on: the others have the rest");
        assert_eq!(heard(&[2, 1, 0], 2), [found(11), found(12)]);
        assert_eq!(heard(&[1, 2, 0], 2), [found(11), found(10), found(12)]);
    }
}
