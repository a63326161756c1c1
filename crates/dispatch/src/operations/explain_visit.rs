//! Why an order is done as it is, why not by somebody else, and where else it would fit; next to what is published or
//! drafted.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use meridian_chassis::status;
use meridian_messaging::{Journal, database_problem};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{
    Explanation, Obstacle, Plan, PlannedVisit, Remedy, Slot, WorkloadError, explain, optimise, recommend,
    smallest_change,
};
use meridian_types::{EngineerId, Interval, Money, OptimisationId, Problem, VisitId};

use super::survey::survey;
use crate::domain::scene::{Known, Left, Scene};
use crate::domain::terms::{Terms, Trips};
use crate::error::Error;
use crate::store;
use crate::store::optimisation::Stored;
use crate::wire;
use crate::wire::draft::Draft;

/// What is planned when nobody has said it yet.
const USUAL_DAYS: i64 = 14;

/// What is asked of an order.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) order: VisitId,
    /// Why not by this engineer. None: why not at all.
    pub(crate) engineer: Option<EngineerId>,
    /// In the draft of this one. None: in what is published.
    pub(crate) optimisation: Option<OptimisationId>,
}

/// Why an order is done as it is.
#[derive(Debug)]
pub(crate) enum Answer {
    Planned(PlannedVisit),
    LeftOut {
        /// Why, where somebody looked for a place for it.
        unplanned: Option<pb::UnplannedOrder>,
        remedy: Option<Box<Remedy>>,
    },
    /// In the draft it goes to a party.
    Outsourced(pb::OutsourcedOrder),
    /// It is no matter of this window at all.
    NotThere(Left),
    /// The engineer could.
    Could {
        slot: Box<Slot>,
        more: Money,
    },
    /// The engineer cannot.
    Cannot(Obstacle),
}

/// Terms, and what is planned under them.
struct Setting {
    terms: Terms,
    /// None: what is published.
    draft: Option<Draft>,
}

/// Answers a question about an order; with the trips that there could be.
///
/// # Errors
/// There is no such order, optimisation or draft, or nothing can be planned.
pub(crate) async fn explain_visit(journal: &Journal, question: Question) -> Result<(Answer, Trips), Problem> {
    let setting = setting(journal, question.optimisation).await?;
    let known = survey(journal, setting.terms.window).await?;
    off_the_runtime(move || Ok((answer(&known, &setting, &question)?, setting.terms.trips))).await
}

/// The cheapest slots for an order next to what is published, the cheapest first, at most so many; with the trips that there
/// could be.
///
/// # Errors
/// There is no such order, or nothing can be planned.
pub(crate) async fn recommend_slots(
    journal: &Journal,
    order: VisitId,
    window: Option<Interval>,
    most: usize,
) -> Result<(Vec<Slot>, Trips), Problem> {
    let mut setting = setting(journal, None).await?;
    if let Some(window) = window {
        setting.terms.window = window;
    }
    let known = survey(journal, setting.terms.window).await?;
    off_the_runtime(move || {
        let (scene, plan) = scene_of(&known, &setting)?;
        if scene.left.contains_key(&order) {
            return Ok((Vec::new(), setting.terms.trips));
        }
        is_planned(&scene, order)?;
        Ok((recommend(&scene.workload, &plan, order, most)?, setting.terms.trips))
    })
    .await
}

/// Runs what takes long beside everything else.
async fn off_the_runtime<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, Error> + Send + 'static,
) -> Result<R, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(Problem::from),
        Err(error) => Err(status::internal(&error)),
    }
}

async fn setting(journal: &Journal, optimisation: Option<OptimisationId>) -> Result<Setting, Problem> {
    let mut conn = journal.pool().acquire().await.map_err(|error| database_problem(&error))?;
    let Some(id) = optimisation else {
        let newest = store::optimisation::newest(&mut conn).await.map_err(Error::from)?;
        let terms = match &newest {
            Some(stored) => wire::optimisation::terms(&stored.request)?,
            None => usual_terms(journal)?,
        };
        return Ok(Setting { terms, draft: None });
    };
    let stored = store::optimisation::find(&mut *conn, id).await.map_err(Error::from)?;
    let Stored { state, request, draft, .. } = stored.ok_or(Error::OptimisationNotFound(id))?;
    let draft = draft.ok_or(Error::NoDraft { id, state })?;
    let terms = wire::optimisation::terms(&request)?;
    let draft = wire::draft::decode(draft, &terms.trips)?;
    Ok(Setting { terms, draft: Some(draft) })
}

fn usual_terms(journal: &Journal) -> Result<Terms, Problem> {
    let now = journal.clock().now();
    let window = Interval::new(now, now + SignedDuration::from_hours(24 * USUAL_DAYS));
    window.map(Terms::usual).map_err(|rule| Problem::invalid_field("window", now, rule))
}

/// The scene, and the plan that stands in it. Appointments that cannot be kept are left as they are.
fn scene_of(known: &Known, setting: &Setting) -> Result<(Scene, Plan), Error> {
    let mut aside = BTreeSet::new();
    loop {
        let scene = known.scene(&setting.terms, &aside)?;
        let plan = match &setting.draft {
            Some(draft) => scene.plan(draft.visits.clone(), draft.outsourced.clone()),
            None => known.published(&scene),
        };
        // Whether what stays can stay is found out by planning for no time at all.
        match optimise(&scene.workload, 0, |_| 1.0) {
            Ok(_) => return Ok((scene, plan)),
            Err(WorkloadError::NotKept { order, .. }) if aside.insert(order) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether an order is there to be planned. One that is done, called off, with a party, or stands outside the window is not.
fn is_planned(scene: &Scene, order: VisitId) -> Result<(), Error> {
    let is_there = scene.workload.orders.iter().any(|known| known.id == order);
    if is_there { Ok(()) } else { Err(Error::OrderNotFound(order)) }
}

fn answer(known: &Known, setting: &Setting, question: &Question) -> Result<Answer, Error> {
    let Question { order, engineer, .. } = question;
    let (scene, plan) = scene_of(known, setting)?;
    if let Some(left) = scene.left.get(order) {
        return Ok(Answer::NotThere(*left));
    }
    is_planned(&scene, *order)?;
    if let Some(engineer) = engineer {
        if !scene.workload.engineers.iter().any(|crew| crew.engineer.id == *engineer) {
            return Err(Error::EngineerNotFound(engineer.clone()));
        }
        return match explain(&scene.workload, &plan, *order, engineer)? {
            Explanation::Does => planned(&plan, *order),
            Explanation::Could { slot, more } => Ok(Answer::Could { slot, more }),
            Explanation::Cannot(obstacle) => Ok(Answer::Cannot(obstacle)),
        };
    }
    if plan.visit(*order).is_some() {
        return planned(&plan, *order);
    }
    if plan.outsourced.contains(order) {
        return Ok(Answer::Outsourced(wire::draft::encode_outsourced(&scene.workload, *order)));
    }
    let name = order.to_string();
    let mut unplanned = setting.draft.iter().flat_map(|draft| &draft.unplanned);
    let unplanned = unplanned.find(|unplanned| unplanned.visit_id == name).cloned();
    let remedy = smallest_change(&scene.workload, &plan, *order)?.map(Box::new);
    Ok(Answer::LeftOut { unplanned, remedy })
}

fn planned(plan: &Plan, order: VisitId) -> Result<Answer, Error> {
    plan.visit(order).cloned().map(Answer::Planned).ok_or(Error::OrderNotFound(order))
}
