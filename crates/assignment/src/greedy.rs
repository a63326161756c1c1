//! The fast answer: insertion by regret, then local improvement.
//!
//! By priority, the request chooses first that would lose most if it got its second best way instead (or nothing):
//! its *regret* (Potvin and Rousseau 1993). Then whoever did not get its best way tries to move aside who is in
//! the way, each to the next best way that is open to it; the move stands if the whole is better for it. Holds are
//! moved in no other manner.

use crate::packing::{Chosen, Group, Packing, Value};
use crate::state::State;

/// Rounds of improvement. Two or three are enough as a rule; the limit keeps odd cases fast.
const ROUNDS_MAX: usize = 8;

/// A good answer from nothing.
pub(crate) fn fill(packing: &Packing) -> Chosen {
    let mut state = State::with(packing, packing.nobody_served());
    insert_by_regret(&mut state);
    improve(&mut state);
    state.chosen
}

/// Makes an answer better where that is cheap, and leaves no request without a way that fits.
pub(crate) fn improve(state: &mut State<'_>) {
    for _ in 0..ROUNDS_MAX {
        let mut better = false;
        for group in 0..state.chosen.len() {
            better |= make_room_for(state, group);
        }
        if !better {
            return;
        }
    }
    insert_by_regret(state);
}

fn insert_by_regret(state: &mut State<'_>) {
    let groups = &state.packing.groups;
    let mut waiting: Vec<usize> = (0..groups.len()).filter(|&it| state.chosen[it].is_none()).collect();
    let mut wishes: Vec<Option<Wish>> = groups.iter().map(|_| None).collect();
    let mut known = vec![false; groups.len()];
    loop {
        for &group in waiting.iter().filter(|&&it| !known[it]) {
            wishes[group] = wish(state, group);
        }
        waiting.iter().for_each(|&it| known[it] = true);
        waiting.retain(|&it| wishes[it].is_some());
        // The first among equals: who stands first in the batch.
        let urgent = waiting.iter().rev().max_by_key(|&&it| wishes[it].as_ref().map(Wish::urgency));
        let Some(&group) = urgent else { return };
        let Some(wish) = wishes[group].take() else { return };
        state.set(group, Some(wish.best));
        waiting.retain(|&it| it != group);
        for &(row, _) in &groups[group].candidates[wish.best].uses {
            state.interested(row).iter().for_each(|&it| known[it] = false);
        }
    }
}

/// What a request would choose now.
struct Wish {
    best: usize,
    priority: [i64; 3],
    regret: Value,
}

impl Wish {
    const fn urgency(&self) -> ([i64; 3], Value) {
        (self.priority, self.regret)
    }
}

fn wish(state: &State<'_>, group: usize) -> Option<Wish> {
    let candidates = state.packing.groups[group].candidates.iter().enumerate();
    let mut open: Vec<(Value, usize)> =
        candidates.filter(|(_, it)| state.fits(group, it)).map(|(index, it)| (it.value, index)).collect();
    open.sort_by_key(|&(value, index)| (std::cmp::Reverse(value), index));
    let &(value, best) = open.first()?;
    let second = open.get(1).map_or(Value::default(), |&(value, _)| value);
    let [critical, high, normal, ..] = value.0;
    Some(Wish { best, priority: [critical, high, normal], regret: value.minus(second) })
}

/// Gives the group something better than it has, if moving others aside makes the whole better.
fn make_room_for(state: &mut State<'_>, group: usize) -> bool {
    let present = state.value_of(group);
    let Group { candidates, .. } = &state.packing.groups[group];
    let mut wanted: Vec<usize> =
        (0..candidates.len()).filter(|&index| candidates[index].value > present).collect();
    wanted.sort_by_key(|&index| std::cmp::Reverse(candidates[index].value));
    for index in wanted {
        let gain = candidates[index].value.minus(present);
        let mut undo = vec![(group, state.chosen[group])];
        state.set(group, Some(index));
        if let Some(loss) = move_aside(state, group, &mut undo)
            && gain > loss
        {
            return true;
        }
        for (group, before) in undo.into_iter().rev() {
            state.set(group, before);
        }
    }
    false
}

/// Moves others aside until nothing is used twice; gives what that costs, or nothing if it cannot be done.
fn move_aside(
    state: &mut State<'_>,
    newcomer: usize,
    undo: &mut Vec<(usize, Option<usize>)>,
) -> Option<Value> {
    let mut loss = Value::default();
    let uses = &state.candidate(newcomer)?.uses;
    for &(row, _) in uses {
        while state.overuse(row) > 0 {
            let others =
                state.users(row).filter(|&it| it != newcomer && undo.iter().all(|(gone, _)| *gone != it));
            let moves = others.filter_map(|it| next_best(state, it, row).map(|(cost, to)| (cost, it, to)));
            let (cost, other, to) = moves.min()?;
            undo.push((other, state.chosen[other]));
            state.set(other, to);
            loss = loss.plus(cost);
        }
    }
    Some(loss)
}

/// The best that a group can have without the row, and what it loses by that.
fn next_best(state: &State<'_>, group: usize, row: usize) -> Option<(Value, Option<usize>)> {
    let Group { candidates, bound } = &state.packing.groups[group];
    let spares = |index: &usize| {
        let it = &candidates[*index];
        it.uses.iter().all(|&(used, _)| used != row) && state.fits(group, it)
    };
    let nothing = (!bound).then_some((Value::default(), None));
    let others = (0..candidates.len()).filter(spares).map(|index| (candidates[index].value, Some(index)));
    let (value, to) = others.chain(nothing).max()?;
    Some((state.value_of(group).minus(value), to))
}
