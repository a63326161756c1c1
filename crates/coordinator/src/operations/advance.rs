//! Moving a plan on by one input: the plan, its commands, facts, promises, timer and search commit together.

use meridian_messaging::{Timer, Work};
use meridian_types::{CaseId, PlanId};

use crate::domain::{self, Decision, Effect, Fact, Input};
use crate::error::Error;
use crate::store::plan::Stored;
use crate::store::promise::Promise;
use crate::store::timeline::Entry;
use crate::store::{offered_solution, plan, promise, search_job, served_case, timeline};
use crate::wire::{command, fact};

/// Timers of plans; the key is the plan id.
pub(crate) const PLAN_TIMER: &str = "plan";

/// Lets a plan hear something. `None` when there is no such plan.
pub(crate) async fn advance(
    work: &mut Work,
    (plan_id, case_id): (PlanId, CaseId),
    input: Input,
) -> Result<Option<Stored>, Error> {
    served_case::lock(work.conn(), case_id).await?;
    let Some(stored) = plan::find(work.conn(), plan_id).await? else { return Ok(None) };
    let before = stored.plan.clone();
    let Decision { plan, effects } = domain::decide(stored.plan, input, work.now());
    if plan == before && effects.is_empty() {
        return Ok(Some(Stored { plan, ..stored }));
    }
    let committed = effects.contains(&Effect::Tell(Fact::Committed));
    let stored = Stored {
        plan,
        version: stored.version + 1,
        committed_at: stored.committed_at.or_else(|| committed.then(|| work.now())),
        ..stored
    };
    plan::update(work.conn(), &stored).await?;
    if stored.plan.has_less_at_hand_than(&before) {
        // What was offered before, or is worked out now, may count on it.
        let now = work.now();
        offered_solution::expire(work.conn(), case_id, None, now).await?;
        served_case::begin_offer_epoch(work.conn(), case_id).await?;
    }
    carry_out(work, &stored, effects).await?;
    Ok(Some(stored))
}

/// Says and does what came of a decision about a plan that was just stored.
pub(crate) async fn carry_out(work: &mut Work, stored: &Stored, effects: Vec<Effect>) -> Result<(), Error> {
    let Stored { plan, version, .. } = stored;
    for effect in effects {
        match effect {
            Effect::Send(order) => command::send(work, plan, *version, order),
            Effect::Search(search) => search_job::put(work.conn(), plan.plan_id, &search).await?,
            Effect::Tell(told) => {
                record_promise(work, stored, &told).await?;
                if let Some((event, text)) = fact::tell(work, plan, *version, &told) {
                    let time = work.now();
                    let (region, service) = (plan.region.to_string(), "coordinator".to_owned());
                    let entry = Entry { position: 0, time, region, service, event, text };
                    timeline::append(work.conn(), plan.case_id, &entry).await?;
                }
            }
        }
    }
    let (kind, key) = (PLAN_TIMER, plan.plan_id.to_string());
    match plan.due_at() {
        Some(due) => work.schedule(Timer { kind, key, due, payload: serde_json::Value::Null }),
        None => work.cancel_timer(kind, key),
    }
    Ok(())
}

/// Keeps the ledger of promises.
async fn record_promise(work: &mut Work, stored: &Stored, told: &Fact) -> Result<(), Error> {
    let plan = &stored.plan;
    let made = |promise_id, promised_at, replaces, made_at| Promise {
        promise_id,
        case_id: plan.case_id,
        plan_id: plan.plan_id,
        revision: plan.revision,
        promised_at,
        zone: plan.chosen.zone.clone(),
        state: "open".to_owned(),
        replaces,
        made_at,
    };
    let in_time_or_broken = |in_time| if in_time { "corrected" } else { "broken" };
    let now = work.now();
    let conn = work.conn();
    match told {
        Fact::PromiseMade(promise_id, promised_at) => {
            promise::insert(conn, &made(*promise_id, *promised_at, None, now)).await?;
        }
        Fact::PromiseChanged { old, new, in_time, .. } => {
            promise::settle(conn, old.0, in_time_or_broken(*in_time)).await?;
            promise::insert(conn, &made(new.0, new.1, Some(old.0), now)).await?;
        }
        Fact::PromiseTakenBack { promise, in_time } => {
            promise::settle(conn, *promise, in_time_or_broken(*in_time)).await?;
        }
        Fact::PromiseSettled { promise, kept } => {
            promise::settle(conn, *promise, if *kept { "kept" } else { "broken" }).await?;
        }
        Fact::PromiseWithdrawn(promise) => promise::settle(conn, *promise, "withdrawn").await?,
        Fact::Committed
        | Fact::Progressed(_)
        | Fact::Disrupted(_)
        | Fact::Parked(..)
        | Fact::Completed
        | Fact::Ended
        | Fact::Milestone { .. } => {}
    }
    Ok(())
}
