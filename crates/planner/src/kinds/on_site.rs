//! Work by somebody who is there anyway: at home, or at the depot where they are posted. No travel; every span of
//! work is booked by itself, and rests lie between.

use std::rc::Rc;

use super::qualification::{Waived, WorkingTime, labour_cost, obstacle, working_time};
use crate::compile::{Minute, length};
use crate::draft::{Draft, Shipment, Spent, Visit, ready};
use crate::duty::{self, Before};
use crate::model::{Engineer, Reason, RepairTask, SolutionKind};
use crate::problem::{Problem, Repair};
use crate::scenario::Scenario;

/// The first job in regular time, and the first one with overtime, that can start at `from`. A later one is better
/// in nothing; one that mixes both kinds of time otherwise is not looked for.
pub(super) fn jobs<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (engineer, task): (&'a Engineer, &'a RepairTask),
    site: u32,
    from: Minute,
    waived: Waived,
) -> Vec<Visit<'a>> {
    let work_minutes = length(task.work_minutes).max(1);
    let job = |overtime: bool| {
        let time = working_time(problem, scenario, engineer, (task, site), overtime, waived);
        let spans = duty::work(&time.windows, from, work_minutes, time.pace, Before::NOTHING)?;
        let cost_minor = labour(engineer, &time, 0, &spans);
        Some(Visit {
            engineer,
            task,
            site,
            out: Vec::new(),
            back: Vec::new(),
            there: problem.now,
            stretch: (problem.now, problem.net.end),
            spent: Spent { cost_minor, ..Spent::default() },
            pace: time.pace,
            windows: Rc::clone(&time.windows),
            admission: time.admission.clone(),
            work: spans,
            remote: false,
        })
    };
    let overtime = if scenario.overtime(engineer) { Some(true) } else { None };
    [Some(false), overtime].into_iter().flatten().filter_map(job).collect()
}

/// Every repair where the instrument is, by somebody who is there anyway: one job per set of parts, or why none.
pub(super) fn in_place<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (engineer, repair, task): (&'a Engineer, Repair<'a>, &'a RepairTask),
    parts: &[Vec<Rc<Shipment>>],
) -> Result<Vec<Draft<'a>>, Reason> {
    let with = |waived: Waived| {
        let mut drafts = Vec::new();
        for set in parts {
            let from = ready(set).max(problem.now);
            let jobs = jobs(problem, scenario, (engineer, task), repair.site, from, waived);
            drafts.extend(
                jobs.into_iter()
                    .map(|job| Draft::work(SolutionKind::EngineerVisit, set.clone(), Rc::new(job))),
            );
        }
        drafts
    };
    let drafts = with(Waived::Nothing);
    if drafts.is_empty() {
        let tried = |waived| !with(waived).is_empty();
        return Err(obstacle(problem, scenario, (engineer, task), repair.site, tried));
    }
    Ok(drafts)
}

/// What travel and work cost in wages.
pub(super) fn labour(
    engineer: &Engineer,
    time: &WorkingTime,
    travel_minutes: Minute,
    work: &[(Minute, Minute)],
) -> i64 {
    let regular: Minute = work.iter().map(|span| time.regular.open_between(span.0, span.1)).sum();
    let worked: Minute = work.iter().map(|span| span.1 - span.0).sum();
    labour_cost(engineer, travel_minutes + regular, worked - regular)
}
