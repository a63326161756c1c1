//! Walks through a schedule again, from the instance alone: it shares no code with the search.

use crate::instance::{Allowed, Instance, Link, Rest, Window};
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
    /// Visits or shifts are not as they have to be next to each other.
    #[error("{what} {of:?} don't go together")]
    Apart {
        /// `links` or `rests`.
        what: &'static str,
        /// Which two.
        of: (u32, u32),
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
    let used = |trip: usize| {
        let of_trip = |tour: &Tour| instance.shifts[tour.shift as usize].trip == u32::try_from(trip).ok();
        schedule.tours.iter().any(of_trip)
    };
    let trips = instance.trip_costs.iter().enumerate().filter(|(trip, _)| used(*trip));
    found += trips.map(|(_, cost)| cost).sum::<i64>();
    together(instance, schedule)?;
    if found == schedule.cost { Ok(()) } else { Err(Fault::Cost { told: schedule.cost, found }) }
}

/// Whether links and rests are kept.
fn together(instance: &Instance, schedule: &Schedule) -> Result<(), Fault> {
    let work_s = |visit: u32| {
        let of_tour =
            |tour: &Tour| tour.calls.iter().find(|call| call.purpose == Purpose::Visit(visit)).copied();
        schedule.tours.iter().find_map(|tour| Some((tour.shift, of_tour(tour)?)))
    };
    for link in &instance.links {
        let (kept, of) = match *link {
            Link::Together { visits: (one, other) } => {
                let kept = match (work_s(one), work_s(other)) {
                    (None, None) => true,
                    (Some((shift, one)), Some((beside, other))) => {
                        let both = |rest: &Rest| {
                            [rest.before, rest.after].iter().all(|of| [shift, beside].contains(of))
                        };
                        shift != beside && one.begin_s == other.begin_s && !instance.rests.iter().any(both)
                    }
                    _ => false,
                };
                (kept, (one, other))
            }
            Link::After { first, then } => {
                let ended = |begin_s| work_s(first).is_some_and(|(_, call)| call.end_s <= begin_s);
                (work_s(then).is_none_or(|(_, call)| ended(call.begin_s)), (first, then))
            }
        };
        if !kept {
            return Err(Fault::Apart { what: "links", of });
        }
    }
    let tour = |shift: u32| schedule.tours.iter().find(|tour| tour.shift == shift);
    for rest in &instance.rests {
        if let (Some(before), Some(after)) = (tour(rest.before), tour(rest.after))
            && rest.least_s.is_none_or(|least_s| after.start_s - before.end_s < least_s)
        {
            return Err(Fault::Apart { what: "rests", of: (rest.before, rest.after) });
        }
    }
    Ok(())
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
                let (open_s, close_s) = pickup.window_s;
                (pickup.place, pickup.duration_s, vec![Window::within(open_s, close_s)])
            }
            Purpose::Visit(visit) => {
                let Some(times) = times.get_mut(visit as usize) else {
                    return Err(Fault::NotOnce { visit, times: 0 });
                };
                *times += 1;
                let (duration_s, charge) = fit(instance, (visit, tour.shift), &mut aboard)?;
                cost += charge;
                let visit = &instance.visits[visit as usize];
                (visit.place, duration_s, visit.windows.clone())
            }
        };
        let way = at as usize * instance.places + place as usize;
        if call.arrive_s != now + instance.way_s[way] {
            return Err(fault(number, "does not arrive when the way is over"));
        }
        if call.begin_s < call.arrive_s {
            return Err(fault(number, "begins before it arrives"));
        }
        let within = |window: &&Window| {
            window.open_s <= call.begin_s && call.begin_s <= window.close_s && call.end_s <= window.end_s
        };
        let charges = windows.iter().filter(within).map(|window| window.charge);
        cost += charges.min().ok_or(fault(number, "is outside its windows"))?;
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
