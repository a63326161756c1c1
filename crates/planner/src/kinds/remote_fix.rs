//! REMOTE_FIX: an engineer guides the customer from afar, in one sitting, while the site is open. Nobody travels, no
//! part is used, no permit is needed; it may fail, which is a risk like any other.

use std::rc::Rc;

use meridian_types::EngineerId;

use super::on_site::labour;
use super::qualification::{Waived, skilled, working_time};
use super::ship_to_depot::send_on;
use crate::compile::{IntervalSet, length};
use crate::draft::{Draft, Spent, Visit};
use crate::duty::Pace;
use crate::model::{Candidate, Engineer, Reason, RemoteFix, RepairTask, SolutionKind};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Everybody, when the repair can be tried from afar.
pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let candidate = |engineer: &Engineer| Candidate::Remote { engineer: engineer.id.clone() };
    let remote = problem.task.and_then(|task| task.remote);
    remote.iter().flat_map(|_| problem.world.engineers.iter().map(candidate)).collect()
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    engineer: &EngineerId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let (Some(repair), Some(task)) = (problem.repair, problem.task) else { return Err(Reason::NotServed) };
    let engineer = problem.engineer(engineer).ok_or(Reason::NotServed)?;
    let fix = task.remote.filter(|fix| fix.success_probability > 0.0).ok_or(Reason::NotServed)?;
    skilled(problem, engineer, task)?;
    let sittings = |waived| sittings(problem, scenario, (engineer, task, fix), (repair.site, waived));
    let found = sittings(Waived::Nothing);
    if found.is_empty() {
        return Err(match engineer.rest {
            Some(rule) if !sittings(Waived::Rest).is_empty() => {
                let (rest_minutes, duty_minutes_max) = (rule.rest_minutes, rule.duty_minutes_max);
                Reason::RestNeeded { rest_minutes, duty_minutes_max }
            }
            _ => Reason::NotFree { work_minutes: fix.work_minutes },
        });
    }
    let draft = |visit| Draft::work(SolutionKind::RemoteFix, Vec::new(), Rc::new(visit));
    send_on(problem, scenario, repair, repair.onward, found.into_iter().map(draft).collect())
}

/// The first sitting in regular time, and the first one with overtime.
fn sittings<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (engineer, task, fix): (&'a Engineer, &'a RepairTask, RemoteFix),
    (site, waived): (u32, Waived),
) -> Vec<Visit<'a>> {
    let minutes = length(fix.work_minutes).max(1);
    let sitting = |overtime: bool| {
        let time = working_time(problem, scenario, engineer, (task, site), overtime, Waived::Visiting);
        let pace = if waived == Waived::Rest { Pace::FREE } else { time.pace };
        let long_enough = time.windows.iter().filter(|window| window.1 - window.0 >= minutes);
        let windows = IntervalSet::union_of(long_enough.collect());
        let start = windows.next_open(problem.now).filter(|_| minutes <= pace.duty_max)?;
        let work = vec![(start, start.checked_add(minutes)?)];
        let cost_minor = labour(engineer, &time, 0, &work);
        Some(Visit {
            engineer,
            task,
            site,
            out: Vec::new(),
            back: Vec::new(),
            there: problem.now,
            stretch: (problem.now, problem.net.end),
            windows: Rc::new(windows),
            admission: time.admission.clone(),
            work,
            pace,
            remote: true,
            spent: Spent { cost_minor, co2_g: 0, risk_micro: risk_micro(fix) },
        })
    };
    let overtime = if scenario.overtime(engineer) { Some(true) } else { None };
    [Some(false), overtime].into_iter().flatten().filter_map(sitting).collect()
}

/// The risk that it fails, in millionths of -ln(1 - p), as for lanes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the least positive probability gives some 10^9 millionths"
)]
fn risk_micro(fix: RemoteFix) -> i64 {
    (-fix.success_probability.min(1.0).ln() * 1e6).round() as i64
}
