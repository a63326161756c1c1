//! Splits a packing where its parts share nothing scarce. Most requests do not meet; those that do can be solved
//! apart from the rest without losing anything.

use std::collections::BTreeMap;

use crate::packing::{Candidate, Chosen, Group, Packing};

/// A part of a packing that shares nothing scarce with the rest.
pub(crate) struct Part {
    pub packing: Packing,
    /// For each group of the part its index in the whole.
    groups: Vec<usize>,
    /// For each group of the part, and each of its candidates, the index in the whole.
    candidates: Vec<Vec<usize>>,
}

impl Part {
    /// Writes an answer to the part into an answer to the whole.
    pub(crate) fn write_back(&self, chosen: &[Option<usize>], whole: &mut Chosen) {
        for ((&group, candidates), chosen) in self.groups.iter().zip(&self.candidates).zip(chosen) {
            whole[group] = chosen.map(|index| candidates[index]);
        }
    }
}

/// The parts, in the order of their first groups, without candidates that need more than there is and without rows
/// of which there is enough for everybody.
pub(crate) fn split(whole: &Packing) -> Vec<Part> {
    let possible =
        |candidate: &Candidate| candidate.uses.iter().all(|&(row, units)| units <= whole.rows[row].capacity);
    let mut demand = vec![0_i64; whole.rows.len()];
    for group in &whole.groups {
        let mut most: BTreeMap<usize, i64> = BTreeMap::new();
        for &(row, units) in group.candidates.iter().filter(|it| possible(it)).flat_map(|it| &it.uses) {
            let most = most.entry(row).or_default();
            *most = units.max(*most);
        }
        most.into_iter().for_each(|(row, units)| demand[row] += units);
    }
    let scarce: Vec<bool> =
        demand.iter().zip(&whole.rows).map(|(&demand, row)| demand > row.capacity).collect();

    let mut forest = Forest((0..whole.groups.len()).collect());
    let mut first_user: Vec<Option<usize>> = vec![None; whole.rows.len()];
    for (id, group) in whole.groups.iter().enumerate() {
        for &(row, _) in group.candidates.iter().filter(|it| possible(it)).flat_map(|it| &it.uses) {
            if scarce[row] {
                forest.join(*first_user[row].get_or_insert(id), id);
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for id in 0..whole.groups.len() {
        members.entry(forest.root(id)).or_default().push(id);
    }
    members.into_values().map(|groups| part(whole, groups, &scarce, possible)).collect()
}

fn part(whole: &Packing, groups: Vec<usize>, scarce: &[bool], possible: impl Fn(&Candidate) -> bool) -> Part {
    let mut packing = Packing::default();
    let mut row_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for &id in &groups {
        let group = &whole.groups[id];
        let indices: Vec<usize> =
            (0..group.candidates.len()).filter(|&index| possible(&group.candidates[index])).collect();
        let mut candidates = Vec::new();
        for &index in &indices {
            let Candidate { index, value, ref uses } = group.candidates[index];
            let uses = uses.iter().filter(|(row, _)| scarce[*row]).map(|&(row, units)| {
                let row = *row_of.entry(row).or_insert_with(|| {
                    packing.rows.push(whole.rows[row].clone());
                    packing.rows.len() - 1
                });
                (row, units)
            });
            candidates.push(Candidate { index, value, uses: uses.collect() });
        }
        kept.push(indices);
        packing.groups.push(Group { candidates, bound: group.bound });
    }
    Part { packing, groups, candidates: kept }
}

/// Disjoint sets. The root of a set is its smallest member.
struct Forest(Vec<usize>);

impl Forest {
    fn root(&mut self, mut id: usize) -> usize {
        while self.0[id] != id {
            self.0[id] = self.0[self.0[id]];
            id = self.0[id];
        }
        id
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}
