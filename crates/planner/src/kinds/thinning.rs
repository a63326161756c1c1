//! Which choices are kept where there are too many: those that nothing beats, and of these at least the best by each
//! criterion.

use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

/// How many choices one state keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of those that take the same from contested pools, beside the best: see [`thinned`].
    pub(super) choices: usize,
    /// Ways of taking from contested pools, those that take least before others.
    pub(super) takings: usize,
}

/// For what lies there, is expected or is bought.
pub(super) const THERE: Room = Room { choices: 512, takings: 256 };
/// For what is put together from what others need too: which kits go together is looked at as far as this goes.
pub(super) const PREPARED: Room = Room { choices: 16, takings: 8 };

/// What nothing beats that takes no more, as far as there is `room`. Of the groups, which go by what is taken, those
/// that take less come first.
pub(super) fn unbeaten_groups<'t, T>(
    groups: impl Iterator<Item = (&'t [i64], Vec<T>)>,
    score: impl Fn(&T) -> (Minute, Spent) + Copy,
    room: Room,
) -> Vec<T> {
    let mut kept: Vec<(&[i64], Vec<T>)> = Vec::new();
    for (takes, group) in groups {
        let modest = |other: &&(&[i64], Vec<T>)| other.0.iter().zip(takes).all(|(a, b)| a <= b);
        let modest: Vec<_> = kept.iter().filter(modest).collect();
        let beaten = |one: &T| {
            let (ready, spent) = score(one);
            let mut others = modest.iter().flat_map(|(_, group)| group).map(score);
            others.any(|(known, by)| known <= ready && by.is_no_more_than(&spent))
        };
        let mut group = unbeaten(group, score);
        group.retain(|one| !beaten(one));
        if !group.is_empty() {
            kept.push((takes, thinned(group, room.choices, score)));
        }
        if kept.len() == room.takings {
            break;
        }
    }
    kept.into_iter().flat_map(|(_, group)| group).collect()
}

/// Not many more than `room` of `choices`, none of which beats another, the earliest first: whatever is the cheapest,
/// the greenest or the safest of all that are there as early, and as many others as there is room for.
pub(super) fn thinned<T>(choices: Vec<T>, room: usize, score: impl Fn(&T) -> (Minute, Spent)) -> Vec<T> {
    if choices.len() <= room {
        return choices;
    }
    let step = choices.len().div_ceil(room);
    let mut least = Spent { cost_minor: i64::MAX, co2_g: i64::MAX, risk_micro: i64::MAX };
    let kept = choices.into_iter().enumerate().filter(|(index, one)| {
        let spent = score(one).1;
        let best = spent.cost_minor < least.cost_minor
            || spent.co2_g < least.co2_g
            || spent.risk_micro < least.risk_micro;
        least = least.each(&spent, i64::min);
        best || index % step == 0
    });
    kept.map(|(_, one)| one).collect()
}
