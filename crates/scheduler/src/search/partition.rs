//! Which routes are together cheapest, by HiGHS: every visit is in one of them or absent, and of a class of shifts no
//! more are used than there are.
//!
//! First with parts of routes, which is quick for thousands. Then as a whole with those few hundred that could pay most
//! by what the first answer says, and few nodes: no clock is read here, and more time is better spent on the search.

use std::collections::BTreeMap;

use highs::{ColProblem, HighsModelStatus, Model, Row, Sense};

use super::pool::Kept;
use crate::instance::Instance;

/// Most routes of which some are chosen as a whole.
const WHOLE_MAX: usize = 800;
/// Most nodes of the tree in which HiGHS looks.
const NODES_MAX: i32 = 20;
/// Most steps of one linear programme.
const STEPS_MAX: i32 = 100_000;

/// The routes of the best answer that was found.
pub(super) fn cheapest(instance: &Instance, routes: &[Kept]) -> Option<Vec<usize>> {
    let mut likely: Vec<usize> = (0..routes.len()).collect();
    let parts = model(instance, routes, &likely, false)?.try_solve().ok()?;
    if parts.status() != HighsModelStatus::Optimal {
        return None;
    }
    let solution = parts.get_solution();
    let more = solution.dual_columns();
    likely.sort_by(|one, other| more[*one].total_cmp(&more[*other]).then(one.cmp(other)));
    likely.truncate(WHOLE_MAX);
    let mut model = model(instance, routes, &likely, true)?;
    model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
    let whole = model.try_solve().ok()?;
    if !whole.objective_value().is_finite() {
        return None;
    }
    let solution = whole.get_solution();
    let chosen = likely.iter().zip(solution.columns()).filter(|(_, part)| **part > 0.5);
    Some(chosen.map(|(at, _)| *at).collect())
}

fn model(instance: &Instance, routes: &[Kept], some: &[usize], whole: bool) -> Option<Model> {
    let mut problem = ColProblem::new();
    let visits: Vec<Row> = instance.visits.iter().map(|_| problem.add_row(1.0..=1.0)).collect();
    let mut shifts: BTreeMap<u32, f64> = BTreeMap::new();
    instance.shifts.iter().for_each(|shift| *shifts.entry(shift.class).or_default() += 1.0);
    let shifts: BTreeMap<u32, Row> =
        shifts.into_iter().map(|(class, count)| (class, problem.add_row(..=count))).collect();
    for route in some.iter().map(|at| &routes[*at]) {
        let done = route.stops.iter().map(|(visit, _)| (visits[*visit as usize], 1.0));
        let rows = done.chain([(shifts[&route.class], 1.0)]);
        problem.add_column_with_integrality(number(route.cost), 0.0..=1.0, rows, whole);
    }
    for (visit, row) in instance.visits.iter().zip(&visits) {
        problem.add_column_with_integrality(number(visit.absence_cost), 0.0..=1.0, [(*row, 1.0)], whole);
    }
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.make_quiet();
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("simplex_iteration_limit", STEPS_MAX).ok()?;
    Some(model)
}

#[expect(clippy::cast_precision_loss, reason = "it is looked at for what is likely")]
fn number(cost: i64) -> f64 {
    cost as f64
}
