//! An answer in the making: who has what, and what is used.

use crate::packing::{Candidate, Chosen, Packing, Value};

/// An answer in the making. It never uses more of a row than there is, unless `set` is told to.
pub(crate) struct State<'a> {
    pub packing: &'a Packing,
    pub chosen: Chosen,
    used: Vec<i64>,
    /// Groups that could use each row.
    interested: Vec<Vec<usize>>,
}

impl<'a> State<'a> {
    pub(crate) fn with(packing: &'a Packing, chosen: Chosen) -> Self {
        let mut interested = vec![Vec::new(); packing.rows.len()];
        for (id, group) in packing.groups.iter().enumerate() {
            for &(row, _) in group.candidates.iter().flat_map(|it| &it.uses) {
                let groups: &mut Vec<usize> = &mut interested[row];
                if groups.last() != Some(&id) {
                    groups.push(id);
                }
            }
        }
        let nothing = vec![None; packing.groups.len()];
        let mut state = Self { packing, chosen: nothing, used: vec![0; packing.rows.len()], interested };
        for (group, candidate) in chosen.into_iter().enumerate() {
            state.set(group, candidate);
        }
        state
    }

    pub(crate) fn candidate(&self, group: usize) -> Option<&'a Candidate> {
        self.chosen[group].map(|index| &self.packing.groups[group].candidates[index])
    }

    /// What the group has now is worth.
    pub(crate) fn value_of(&self, group: usize) -> Value {
        self.candidate(group).map_or(Value::default(), |it| it.value)
    }

    pub(crate) fn value(&self) -> Value {
        (0..self.chosen.len()).fold(Value::default(), |sum, group| sum.plus(self.value_of(group)))
    }

    /// Groups that could use the row, in ascending order.
    pub(crate) fn interested(&self, row: usize) -> &[usize] {
        &self.interested[row]
    }

    /// Groups that use the row now, in ascending order.
    pub(crate) fn users(&self, row: usize) -> impl Iterator<Item = usize> {
        let uses = move |group: &usize| self.units(*group, row) > 0;
        self.interested[row].iter().copied().filter(uses)
    }

    /// Units of the row that the group uses now.
    pub(crate) fn units(&self, group: usize, row: usize) -> i64 {
        self.candidate(group).map_or(0, |it| units(it, row))
    }

    /// Units of the row that the candidate would use beyond what there is, if the group had it instead of what it
    /// has now; 0 when it fits.
    pub(crate) fn excess(&self, group: usize, candidate: &Candidate, row: usize) -> i64 {
        let others = self.used[row] - self.units(group, row);
        (others + units(candidate, row) - self.packing.rows[row].capacity).max(0)
    }

    /// Whether the candidate fits, if the group had it instead of what it has now.
    pub(crate) fn fits(&self, group: usize, candidate: &Candidate) -> bool {
        candidate.uses.iter().all(|&(row, _)| self.excess(group, candidate, row) == 0)
    }

    /// Units used of the row beyond what there is.
    pub(crate) fn overuse(&self, row: usize) -> i64 {
        self.used[row] - self.packing.rows[row].capacity
    }

    /// Whether every row has enough and every bound group something.
    #[cfg(feature = "highs")]
    pub(crate) fn is_feasible(&self) -> bool {
        let bound = self.packing.groups.iter().zip(&self.chosen);
        (0..self.used.len()).all(|row| self.overuse(row) <= 0)
            && bound.into_iter().all(|(group, chosen)| !group.bound || chosen.is_some())
    }

    /// Gives the group the candidate, or nothing, instead of what it has.
    pub(crate) fn set(&mut self, group: usize, candidate: Option<usize>) {
        let packing = self.packing;
        if let Some(before) = self.candidate(group) {
            before.uses.iter().for_each(|&(row, units)| self.used[row] -= units);
        }
        self.chosen[group] = candidate;
        if let Some(index) = candidate {
            let uses = &packing.groups[group].candidates[index].uses;
            uses.iter().for_each(|&(row, units)| self.used[row] += units);
        }
    }
}

fn units(candidate: &Candidate, row: usize) -> i64 {
    candidate.uses.iter().find(|(used, _)| *used == row).map_or(0, |(_, units)| *units)
}
