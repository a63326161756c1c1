//! What each engineer does, one thing after the other.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{EngineerId, Interval, SiteId};

use super::{Facts, PlanFault, length};
use crate::workforce::{Spans, WorkingTime};
use crate::workload::model::{Assignee, Crew};
use crate::workload::plan::{PlannedVisit, Stint};

/// From leaving home, or a lodging, until back there.
struct Tour<'p> {
    assignee: &'p Assignee,
    legs: Vec<(&'p PlannedVisit, &'p Stint)>,
}

impl Tour<'_> {
    fn start(&self) -> Timestamp {
        self.legs[0].1.during.start()
    }

    fn end(&self) -> Timestamp {
        self.legs[self.legs.len() - 1].1.during.end()
    }

    fn fault(&self, rule: &'static str) -> PlanFault {
        PlanFault::Engineer { engineer: self.assignee.engineer.clone(), at: self.start(), rule }
    }
}

pub(super) fn check(facts: &Facts<'_>) -> Result<(), PlanFault> {
    let mut by_engineer: BTreeMap<&EngineerId, Vec<(&PlannedVisit, &Stint)>> = BTreeMap::new();
    for visit in &facts.plan.visits {
        for stint in &visit.stints {
            by_engineer.entry(&stint.assignee.engineer).or_default().push((visit, stint));
        }
    }
    for (engineer, mut legs) in by_engineer {
        legs.sort_by_key(|(_, stint)| stint.during.start());
        let crew = facts.crews[engineer];
        let tours = tours(engineer, legs)?;
        let at_home = crew.engineer.calendar.working_time(facts.workload.horizon);
        for tour in &tours {
            route(facts, crew, tour)?;
            working_time(facts, (crew, &at_home), tour)?;
        }
        apart(crew, &tours)?;
    }
    Ok(())
}

fn tours<'p>(
    engineer: &EngineerId,
    legs: Vec<(&'p PlannedVisit, &'p Stint)>,
) -> Result<Vec<Tour<'p>>, PlanFault> {
    let mut tours: Vec<Tour<'p>> = Vec::new();
    let mut until: Option<Timestamp> = None;
    let mut on_tour = false;
    for (visit, stint) in legs {
        let begin = stint.during.start();
        let fault = |rule| PlanFault::Engineer { engineer: engineer.clone(), at: begin, rule };
        if until.is_some_and(|until| begin < until) {
            return Err(fault("nobody is in two places"));
        }
        match tours.last_mut().filter(|_| on_tour) {
            Some(tour) if until == Some(begin) && *tour.assignee == stint.assignee => {
                tour.legs.push((visit, stint))
            }
            Some(_) => return Err(fault("a tour goes on until home")),
            None => tours.push(Tour { assignee: &stint.assignee, legs: vec![(visit, stint)] }),
        }
        (until, on_tour) = (Some(stint.during.end()), stint.home.is_none());
    }
    match tours.last().filter(|_| on_tour) {
        Some(tour) => Err(tour.fault("a tour goes on until home")),
        None => Ok(tours),
    }
}

/// Ways are as long as they are, and work begins after them.
fn route(facts: &Facts<'_>, crew: &Crew, tour: &Tour<'_>) -> Result<(), PlanFault> {
    let base = match tour.assignee.trip {
        None => &crew.engineer.home_site,
        Some(trip) => &crew.trips.get(trip).ok_or(tour.fault("a trip that there is"))?.lodging,
    };
    let minutes = |from: &SiteId, to: &SiteId| {
        let way = facts.workload.ways.between(facts.sites[from], facts.sites[to]);
        way.map(|(minutes, _)| minutes).ok_or(tour.fault("a way that there is"))
    };
    let (mut place, mut picked_up) = (base, false);
    for (visit, stint) in &tour.legs {
        if stint.from != *place {
            return Err(tour.fault("goes on from where it was"));
        }
        let order = facts.orders[&visit.order];
        let way = match facts.workload.pickup.as_ref().filter(|_| stint.picks_up) {
            Some(pickup) => {
                picked_up = true;
                minutes(place, &pickup.site)? + pickup.minutes + minutes(&pickup.site, &order.site)?
            }
            None => minutes(place, &order.site)?,
        };
        if stint.during.start() + SignedDuration::from_mins(i64::from(way)) > visit.work.start() {
            return Err(tour.fault("begins after the way"));
        }
        let begun =
            facts.kept(visit.order).is_some_and(|kept| kept.work.start() < facts.workload.frozen_until);
        if order.needs_pickup && !picked_up && !begun {
            return Err(tour.fault("tools are picked up before"));
        }
        place = &order.site;
        let way_home = match &stint.home {
            None => 0,
            Some(home) if home == base => minutes(place, home)?,
            Some(_) => return Err(tour.fault("goes home to where it began")),
        };
        if stint.during.end() != visit.work.end() + SignedDuration::from_mins(i64::from(way_home)) {
            return Err(tour.fault("ends with the work, or at home"));
        }
    }
    Ok(())
}

/// All of a tour lies in one stretch of working time, and its overtime is what it says.
fn working_time(
    facts: &Facts<'_>,
    (crew, at_home): (&Crew, &WorkingTime),
    tour: &Tour<'_>,
) -> Result<(), PlanFault> {
    let during = Interval::new(tour.start(), tour.end()).map_err(|_| tour.fault("takes some time"))?;
    let taken = crew.taken.taken();
    let (all, regular) = match tour.assignee.trip {
        None => {
            let all = at_home.all().union(&crew.overtime).within(facts.workload.horizon);
            (all.minus(&taken), at_home.regular.clone())
        }
        Some(trip) => {
            let trip = &crew.trips[trip];
            if taken.iter().any(|taken| taken.overlaps(trip.away)) {
                return Err(tour.fault("no trip while somebody is taken"));
            }
            (trip.work.clone(), trip.work.clone())
        }
    };
    if !all.iter().any(|stretch| stretch.encloses(during)) {
        return Err(tour.fault("lies in one stretch of free working time"));
    }
    let kept = tour.legs.iter().any(|(visit, _)| facts.kept(visit.order).is_some());
    if tour.start() < facts.workload.frozen_until && !kept {
        return Err(tour.fault("nothing sets out in the frozen time but what stays"));
    }
    for (_, stint) in &tour.legs {
        let whole: Spans = [stint.during].into_iter().collect();
        if length(&whole.minus(&regular)) != stint.overtime {
            return Err(tour.fault("tells the overtime that it takes"));
        }
    }
    Ok(())
}

/// Rest lies between stretches of duty, and nobody is at home while on a trip.
fn apart(crew: &Crew, tours: &[Tour<'_>]) -> Result<(), PlanFault> {
    for tour in tours {
        let Some(trip) = tour.assignee.trip else { continue };
        let away = crew.trips[trip].away;
        for other in tours.iter().filter(|other| other.assignee.trip != tour.assignee.trip) {
            let busy = match other.assignee.trip {
                Some(other) => crew.trips[other].away.overlaps(away),
                None => other.start() < away.end() && away.start() < other.end(),
            };
            if busy {
                return Err(other.fault("not at home, nor on another trip, while away"));
            }
        }
    }
    let Some(rule) = crew.engineer.rest else { return Ok(()) };
    let rest = SignedDuration::from_mins(i64::from(rule.rest_minutes));
    let most = SignedDuration::from_mins(i64::from(rule.duty_minutes_max));
    let mut since: Option<(Timestamp, Timestamp)> = None;
    for tour in tours {
        let goes_on = since.filter(|(_, until)| tour.start().duration_since(*until) < rest);
        let begin = goes_on.map_or(tour.start(), |(begin, _)| begin);
        if tour.end().duration_since(begin) > most {
            return Err(tour.fault("rests after so much duty"));
        }
        since = Some((begin, tour.end()));
    }
    Ok(())
}
