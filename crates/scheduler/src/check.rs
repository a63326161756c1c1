//! Walks through a schedule again, from the instance alone: it shares no code with the search.

use crate::instance::{Allowed, Instance};
use crate::schedule::{Purpose, Schedule, Tour};

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A tour of a shift that there is not, or of one that has a tour already, or an empty one.
    #[error("shift {shift} has no tour like this")]
    NoTour {
        /// The shift.
        shift: u32,
    },
    /// A visit is planned and absent, or planned twice, or neither.
    #[error("visit {visit} is planned or absent {times} times")]
    NotOnce {
        /// The visit.
        visit: u32,
        /// How often.
        times: usize,
    },
    /// A call at a time at which it can't be.
    #[error("call {call} of shift {shift}: {what}")]
    Time {
        /// The shift.
        shift: u32,
        /// Which call, from 0; one more than there are for the end of the shift.
        call: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A visit in a shift that can't do it, or without tools or parts.
    #[error("visit {visit} in shift {shift}: {what}")]
    Unfit {
        /// The shift.
        shift: u32,
        /// The visit.
        visit: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// It costs something else.
    #[error("costs {told}, but {found} was found")]
    Cost {
        /// What it says.
        told: i64,
        /// What it comes to.
        found: i64,
    },
}

/// Whether a schedule keeps every rule of its instance and costs what it says.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(instance: &Instance, schedule: &Schedule) -> Result<(), Fault> {
    let mut times = vec![0_usize; instance.visits.len()];
    let mut toured = vec![false; instance.shifts.len()];
    let mut found = 0;
    for tour in &schedule.tours {
        let shift = tour.shift;
        match toured.get_mut(shift as usize) {
            Some(toured) if !*toured && !tour.calls.is_empty() => *toured = true,
            _ => return Err(Fault::NoTour { shift }),
        }
        let cost = tour_cost(instance, tour, &mut times)?;
        if cost != tour.cost {
            return Err(Fault::Cost { told: tour.cost, found: cost });
        }
        found += cost;
    }
    for &visit in &schedule.absent {
        let Some(known) = instance.visits.get(visit as usize) else {
            return Err(Fault::NotOnce { visit, times: 0 });
        };
        times[visit as usize] += 1;
        found += known.absence_cost;
    }
    for (visit, times) in (0..).zip(times) {
        if times != 1 {
            return Err(Fault::NotOnce { visit, times });
        }
    }
    if found == schedule.cost { Ok(()) } else { Err(Fault::Cost { told: schedule.cost, found }) }
}

fn tour_cost(instance: &Instance, tour: &Tour, times: &mut [usize]) -> Result<i64, Fault> {
    let shift = &instance.shifts[tour.shift as usize];
    let fault = |call, what| Fault::Time { shift: tour.shift, call, what };
    let (mut at, mut now) = (shift.from, tour.start_s);
    let mut aboard = Some(shift.aboard.clone());
    let mut cost = shift.fixed_cost;
    if now < shift.window_s.0 {
        return Err(fault(0, "sets out before the shift begins"));
    }
    for (number, call) in tour.calls.iter().enumerate() {
        let (place, duration_s, windows) = match call.purpose {
            Purpose::Pickup => {
                let pickup = instance.pickup.filter(|_| aboard.is_some());
                let pickup = pickup.ok_or(fault(number, "nothing to pick up"))?;
                aboard = None;
                (pickup.place, pickup.duration_s, vec![pickup.window_s])
            }
            Purpose::Visit(visit) => {
                let Some(times) = times.get_mut(visit as usize) else {
                    return Err(Fault::NotOnce { visit, times: 0 });
                };
                *times += 1;
                let (duration_s, charge) = fit(instance, (visit, tour.shift), &mut aboard)?;
                cost += charge;
                let visit = &instance.visits[visit as usize];
                (visit.place, duration_s, visit.windows_s.clone())
            }
        };
        let way = at as usize * instance.places + place as usize;
        if call.arrive_s != now + instance.way_s[way] {
            return Err(fault(number, "does not arrive when the way is over"));
        }
        if call.begin_s < call.arrive_s {
            return Err(fault(number, "begins before it arrives"));
        }
        if !windows.iter().any(|(open_s, close_s)| (*open_s..=*close_s).contains(&call.begin_s)) {
            return Err(fault(number, "begins outside its windows"));
        }
        if call.end_s != call.begin_s + duration_s {
            return Err(fault(number, "takes another time"));
        }
        cost += instance.way_cost[way];
        (at, now) = (place, call.end_s);
    }
    let way = at as usize * instance.places + shift.to as usize;
    if tour.end_s != now + instance.way_s[way] || tour.end_s > shift.window_s.1 {
        return Err(fault(tour.calls.len(), "does not end when the way is over, or after the shift"));
    }
    let paid = (tour.start_s..tour.end_s).len();
    let regular = (tour.start_s.max(shift.regular_s.0)..tour.end_s.min(shift.regular_s.1)).len();
    let seconds = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let time_cost = seconds(paid) * shift.cost_per_s + seconds(paid - regular) * shift.overtime_cost_per_s;
    Ok(cost + instance.way_cost[way] + time_cost)
}

/// How long a visit takes in a shift, and its charge, with what is aboard: everything when nothing is counted.
fn fit(
    instance: &Instance,
    (visit, shift): (u32, u32),
    aboard: &mut Option<Vec<i32>>,
) -> Result<(i32, i64), Fault> {
    let unfit = |what| Err(Fault::Unfit { shift, visit, what });
    let fit = instance.fits[visit as usize * instance.shifts.len() + shift as usize];
    match (fit.allowed, aboard) {
        (Allowed::Never, _) => return unfit("is not allowed"),
        (Allowed::AfterPickup, Some(_)) => return unfit("needs what was not picked up"),
        (Allowed::Aboard, Some(aboard)) => {
            for (left, units) in aboard.iter_mut().zip(&instance.visits[visit as usize].parts) {
                *left -= units;
                if *left < 0 {
                    return unfit("needs more parts than are aboard");
                }
            }
        }
        (Allowed::AfterPickup | Allowed::Aboard, None) => {}
    }
    Ok((fit.duration_s, fit.charge))
}
