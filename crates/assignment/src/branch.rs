//! Proves small components by enumeration with bounds.

use crate::packing::{Chosen, Packing, Value};
use crate::state::State;

/// Nodes of the search tree after which a component counts as large: well below a millisecond of work, and less
/// than it takes HiGHS to start.
const NODES_MAX: usize = 5_000;

/// The best answer, starting from a good one; none when the component is too large.
pub(crate) fn best(packing: &Packing, start: &[Option<usize>]) -> Option<Chosen> {
    let best_values = packing.groups.iter().map(|group| {
        let values = group.candidates.iter().map(|it| it.value);
        if group.bound {
            values.max().unwrap_or_default()
        } else {
            values.max().unwrap_or_default().max(Value::default())
        }
    });
    let mut rest: Vec<Value> = best_values.collect();
    rest.push(Value::default());
    for group in (0..packing.groups.len()).rev() {
        rest[group] = rest[group].plus(rest[group + 1]);
    }
    let incumbent = State::with(packing, start.to_vec());
    let mut search = Search {
        best_value: incumbent.value(),
        best: incumbent.chosen,
        state: State::with(packing, vec![None; packing.groups.len()]),
        rest,
        nodes: 0,
    };
    search.descend(0, Value::default());
    (search.nodes <= NODES_MAX).then_some(search.best)
}

struct Search<'a> {
    state: State<'a>,
    best: Chosen,
    best_value: Value,
    /// For each group the most that it and those after it can be worth.
    rest: Vec<Value>,
    nodes: usize,
}

impl Search<'_> {
    fn descend(&mut self, group: usize, value: Value) {
        self.nodes += 1;
        if self.nodes > NODES_MAX || value.plus(self.rest[group]) <= self.best_value {
            return;
        }
        let Some(it) = self.state.packing.groups.get(group) else {
            self.best_value = value;
            self.best.clone_from(&self.state.chosen);
            return;
        };
        for (index, candidate) in it.candidates.iter().enumerate() {
            if self.state.fits(group, candidate) {
                self.state.set(group, Some(index));
                self.descend(group + 1, value.plus(candidate.value));
                self.state.set(group, None);
            }
        }
        if !it.bound {
            self.descend(group + 1, value);
        }
    }
}
