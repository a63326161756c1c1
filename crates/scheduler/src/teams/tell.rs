//! Teams with their times, as others know them.

use super::compile::Compiled;
use super::model::{Plan, Team, Work};
use super::score::Scorer;
use super::state::{Kept, Place, State};

pub(super) fn tell(compiled: &Compiled, kept: &Kept, rounds: u64) -> Plan {
    let mut state = State::new(compiled);
    state.restore(kept);
    let mut teams = Vec::new();
    for (index, day) in (0..).zip(&state.days) {
        let of_day = teams.len();
        for team in day.teams.iter().filter(|team| !team.jobs.is_empty()) {
            let mut technicians: Vec<u32> = team.technicians.iter().map(|one| u32::from(*one)).collect();
            technicians.sort_unstable();
            let work = |job: &u32| match state.places[*job as usize] {
                Place::Planned { begin_min, .. } => {
                    Some(Work { job: *job, begin_min, end_min: state.end_min(*job) })
                }
                Place::Open | Place::Outsourced => None,
            };
            teams.push(Team { day: index, technicians, works: team.jobs.iter().filter_map(work).collect() });
        }
        teams[of_day..].sort_by(|one: &Team, other| one.technicians.cmp(&other.technicians));
    }
    let outsourced = (0..).zip(&state.places).filter(|(_, place)| **place == Place::Outsourced);
    let outsourced = outsourced.map(|(job, _)| job).collect();
    Plan { teams, outsourced, cost: Scorer::of(compiled).score(&state).cost, rounds }
}
