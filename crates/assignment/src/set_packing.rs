//! Large components, by HiGHS.
//!
//! Aims are lexicographic. Those whose ranges multiply to less than 2^31 are merged into one objective, the more
//! important one multiplied by the range of the less important; what does not fit becomes a stage of its own, and
//! each later stage may not undo what an earlier one reached. So every number stays far within what floating point
//! holds exactly, and below what HiGHS's tolerances blur. What it returns is rounded, checked and valued in integers.

use highs::{ColProblem, HighsModelStatus, Model, Row, Sense, SolvedModel};

use crate::greedy;
use crate::outcome::Proof;
use crate::packing::{AIMS, Candidate, Chosen, Packing, Value};
use crate::state::State;

/// The greatest range of one objective.
const RANGE_MAX: i64 = 1 << 31;

/// The best answer within `seconds`, never worse than `start`.
pub(crate) fn best(packing: &Packing, start: Chosen, seconds: f64) -> (Chosen, Proof) {
    let objectives = Objective::all(packing);
    let share = seconds / objectives.len() as f64;
    let mut state = State::with(packing, start);
    for stage in 0..objectives.len() {
        let Some(solved) = solve(packing, &objectives[..=stage], &state, share) else {
            return (state.chosen, Proof::Feasible { gap: None });
        };
        let found = State::with(packing, rounded(packing, &solved));
        let reached = objectives[stage].of_state(&state).max(objectives[stage].of_state(&found));
        let proven = solved.status() == HighsModelStatus::Optimal
            && found.is_feasible()
            && objectives[stage].of_state(&found) == reached;
        // Of two answers that are equally good so far, the one that is better in what follows.
        if found.is_feasible() && found.value() > state.value() {
            state = found;
        }
        if !proven {
            greedy::improve(&mut state);
            let reached = objectives[stage].of_state(&state) as f64;
            let gap = bound(&solved).map(|bound| (bound - reached).max(0.0) / reached.abs().max(1.0));
            return (state.chosen, Proof::Feasible { gap });
        }
    }
    (state.chosen, Proof::Optimal)
}

/// What HiGHS chose. It may break a rule: its tolerances are not ours.
fn rounded(packing: &Packing, solved: &SolvedModel) -> Chosen {
    let solution = solved.get_solution();
    let mut columns = solution.columns();
    let mut chosen = Vec::with_capacity(packing.groups.len());
    for group in &packing.groups {
        let (own, rest) = columns.split_at(group.candidates.len());
        chosen.push(own.iter().position(|&x| x > 0.5));
        columns = rest;
    }
    chosen
}

fn bound(solved: &SolvedModel) -> Option<f64> {
    solved.double_info_value(c"mip_dual_bound").ok().filter(|bound| bound.is_finite())
}

/// Maximises the last objective, with those before it kept at what `state` reached.
fn solve(
    packing: &Packing,
    objectives: &[Objective],
    state: &State<'_>,
    seconds: f64,
) -> Option<SolvedModel> {
    let (aim, kept) = objectives.split_last()?;
    let mut problem = ColProblem::new();
    let rows: Vec<Row> = packing.rows.iter().map(|row| problem.add_row(..=row.capacity as f64)).collect();
    let floors: Vec<Row> = kept.iter().map(|it| problem.add_row(it.of_state(state) as f64..)).collect();
    let mut start = Vec::new();
    for (id, group) in packing.groups.iter().enumerate() {
        let least = if group.bound { 1.0 } else { 0.0 };
        let one = problem.add_row(least..=1.0);
        for (index, candidate) in group.candidates.iter().enumerate() {
            let used = candidate.uses.iter().map(|&(row, units)| (rows[row], units as f64));
            let kept = kept.iter().zip(&floors).map(|(it, &row)| (row, it.of(candidate.value) as f64));
            let factors: Vec<(Row, f64)> = used.chain(kept).chain([(one, 1.0)]).collect();
            problem.add_integer_column(aim.of(candidate.value) as f64, 0.0..=1.0, factors);
            start.push(if state.chosen[id] == Some(index) { 1.0 } else { 0.0 });
        }
    }
    let mut model: Model = problem.try_optimise(Sense::Maximise).ok()?;
    model.make_quiet();
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("time_limit", seconds).ok()?;
    model.try_set_option("mip_rel_gap", 0.0).ok()?;
    // Objectives are whole numbers: a gap below one is none.
    model.try_set_option("mip_abs_gap", 0.9).ok()?;
    model.try_set_solution(Some(&start), None, None, None).ok()?;
    model.try_solve().ok()
}

/// Some aims that follow each other, as one number.
struct Objective {
    factors: [i64; AIMS],
}

impl Objective {
    /// As few objectives as possible, the most important first.
    fn all(packing: &Packing) -> Vec<Self> {
        let ranges = ranges(packing);
        let mut objectives = Vec::new();
        let mut end = AIMS;
        while end > 0 {
            let mut factors = [0; AIMS];
            let mut factor: i64 = 1;
            let mut first = end;
            while first > 0 && (first == end || factor.saturating_mul(ranges[first - 1] + 1) <= RANGE_MAX) {
                first -= 1;
                factors[first] = factor;
                factor = factor.saturating_mul(ranges[first] + 1);
            }
            if ranges[first..end].iter().any(|&range| range > 0) {
                objectives.push(Self { factors });
            }
            end = first;
        }
        objectives.reverse();
        objectives
    }

    fn of(&self, value: Value) -> i64 {
        self.factors.iter().zip(value.0).map(|(factor, aim)| factor * aim).sum()
    }

    fn of_state(&self, state: &State<'_>) -> i64 {
        (0..state.chosen.len()).map(|group| self.of(state.value_of(group))).sum()
    }
}

/// How far apart two answers can be in each aim.
fn ranges(packing: &Packing) -> [i64; AIMS] {
    let mut ranges = [0; AIMS];
    for group in &packing.groups {
        for (aim, range) in ranges.iter_mut().enumerate() {
            let values = || group.candidates.iter().map(|it: &Candidate| it.value.0[aim]);
            let nothing = (!group.bound).then_some(0);
            let (most, least) = (values().chain(nothing).max(), values().chain(nothing).min());
            *range += most.unwrap_or(0) - least.unwrap_or(0);
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use meridian_types::EngineerId;
    use proptest::prelude::*;
    use proptest::test_runner::Config;

    use super::*;
    use crate::branch;
    use crate::outcome::Resource;
    use crate::packing::{Group, Row};

    /// Packings of a size that enumeration still proves, with requests and holds of which the first way is free.
    fn any_packing() -> impl Strategy<Value = Packing> {
        let value = (0..3_usize, -50..=0_i64, -1..=0_i64, -500..500_i64);
        let uses = prop::collection::btree_map(0..5_usize, 1..3_i64, 0..3);
        let candidate = (value, uses).prop_map(|((served, late, moved, cost), uses)| {
            let mut value = [0, 0, 0, late, moved, cost];
            value[served] = 1;
            Candidate { index: 0, value: Value(value), uses: uses.into_iter().collect() }
        });
        let group = (prop::collection::vec(candidate, 1..4), prop::bool::weighted(0.2)).prop_map(
            |(mut candidates, bound)| {
                if bound {
                    candidates[0].uses.clear();
                }
                Group { candidates, bound }
            },
        );
        let capacities = prop::collection::vec(0..4_i64, 5);
        (prop::collection::vec(group, 1..9), capacities).prop_map(|(groups, capacities)| {
            let resource = Resource::Engineer { engineer: EngineerId::parse("eng-1").unwrap() };
            let row = |capacity| Row { capacity, resource: resource.clone() };
            Packing { groups, rows: capacities.into_iter().map(row).collect() }
        })
    }

    proptest! {
        #![proptest_config(Config { cases: 300, failure_persistence: None, ..Config::default() })]

        #[test]
        fn highs_and_enumeration_agree(packing in any_packing()) {
            let start = packing.nobody_served();
            let proven = branch::best(&packing, &start);
            let (found, proof) = best(&packing, start, 60.0);
            prop_assert_eq!(proof, Proof::Optimal);
            if let Some(proven) = proven {
                let value = |chosen| State::with(&packing, chosen).value();
                prop_assert_eq!(value(found), value(proven));
            }
        }

        #[test]
        fn without_time_the_answer_is_no_worse_than_the_start(packing in any_packing()) {
            let start = greedy::fill(&packing);
            let before = State::with(&packing, start.clone()).value();
            let (found, _) = best(&packing, start, 0.0);
            let found = State::with(&packing, found);
            prop_assert!(found.is_feasible());
            prop_assert!(found.value() >= before);
        }
    }
}
