//! What travelling somewhere takes at least, from every site, whenever it is: bounds for the search for journeys.

use std::rc::Rc;

use crate::compile::{Compiled, Minute, Service, Traffic};
use crate::problem::Problem;
use crate::search::Payload;

/// The least minutes, cost (in sixtieths of a minor unit), CO2 and risk of one person's way to one site, each by
/// itself; indexed by site, `None` where no lanes lead there.
pub(crate) type Least = Vec<Option<Bound>>;

/// What a way takes at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bound {
    pub(crate) minutes: Minute,
    pub(crate) cost: i64,
    pub(crate) co2_g: i64,
    pub(crate) risk_micro: i64,
}

/// The bounds to `target` for somebody who costs so much an hour; worked out once per request.
pub(super) fn to(problem: &Problem<'_>, target: u32, cost_minor_per_hour: i64) -> Rc<Least> {
    let key = (target, cost_minor_per_hour);
    if let Some(known) = problem.least.borrow().get(&key) {
        return Rc::clone(known);
    }
    let found = Rc::new(find(problem.net, target, cost_minor_per_hour));
    problem.least.borrow_mut().insert(key, Rc::clone(&found));
    found
}

/// Relaxes every lane until nothing gets less.
fn find(net: &Compiled, target: u32, per_hour: i64) -> Least {
    let lane = |lane: u32| {
        Some((net.lanes[lane as usize].from, net.lanes[lane as usize].to, of(net, lane, per_hour)?))
    };
    let sites = 0..u32::try_from(net.sites.len()).unwrap_or(u32::MAX);
    let lanes: Vec<(u32, u32, Bound)> = sites
        .flat_map(|site| net.graph(Traffic::People).rows.outgoing(site))
        .filter_map(|&index| lane(index))
        .collect();
    let mut least: Least = vec![None; net.sites.len()];
    least[target as usize] = Some(Bound::default());
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for &(from, to, lane) in &lanes {
            let Some(rest) = least[to as usize] else { continue };
            let through = Bound {
                minutes: rest.minutes.saturating_add(lane.minutes),
                cost: rest.cost.saturating_add(lane.cost),
                co2_g: rest.co2_g.saturating_add(lane.co2_g),
                risk_micro: rest.risk_micro.saturating_add(lane.risk_micro),
            };
            let known = least[from as usize];
            let better = known.map_or(through, |known| Bound {
                minutes: known.minutes.min(through.minutes),
                cost: known.cost.min(through.cost),
                co2_g: known.co2_g.min(through.co2_g),
                risk_micro: known.risk_micro.min(through.risk_micro),
            });
            if known != Some(better) {
                least[from as usize] = Some(better);
                changed = true;
            }
        }
    }
    least
}

fn of(net: &Compiled, lane: u32, per_hour: i64) -> Option<Bound> {
    let data = &net.lanes[lane as usize];
    let minutes = match &data.service {
        Service::Timetable(runs) => runs.iter().map(|run| run.arrive - run.depart).min()?,
        Service::OnDemand { duration, .. } => *duration,
    };
    let (fare, co2_g) = Payload::PERSON.terms(net.lane(lane)).unwrap_or_default();
    let wages = i64::from(minutes).saturating_mul(per_hour.max(0));
    let cost = fare.saturating_mul(60).saturating_add(wages);
    Some(Bound { minutes, cost, co2_g, risk_micro: data.risk_micro })
}
