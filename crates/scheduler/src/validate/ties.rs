//! What visits and shifts may have to do with each other.

use super::{COUNT_MAX, InstanceError, duration, rule};
use crate::instance::{Instance, Link, Start};

/// Whether links and rests lead somewhere, and not in a circle.
///
/// # Errors
/// The first value that breaks a rule.
pub(super) fn validate(instance: &Instance) -> Result<(), InstanceError> {
    let (visits, shifts) = (instance.visits.len(), instance.shifts.len());
    for (count, name) in [(instance.links.len(), "links"), (instance.rests.len(), "rests")] {
        rule(count <= COUNT_MAX, &|| name.into(), &count, "at most 100000")?;
    }
    let mut paired = vec![false; visits];
    for (index, link) in instance.links.iter().enumerate() {
        let (Link::Together { visits: (one, other) } | Link::After { first: one, then: other }) = *link;
        let field = &|| format!("links[{index}]");
        for visit in [one, other] {
            rule((visit as usize) < visits, field, &visit, "one of the visits")?;
        }
        rule(one != other, field, &one, "two visits")?;
        if matches!(link, Link::Together { .. }) {
            for visit in [one, other] {
                let paired = std::mem::replace(&mut paired[visit as usize], true);
                rule(!paired, field, &visit, "together with one other visit at most")?;
            }
        }
    }
    for (index, rest) in instance.rests.iter().enumerate() {
        let field = &|| format!("rests[{index}]");
        for shift in [rest.before, rest.after] {
            rule((shift as usize) < shifts, field, &shift, "one of the shifts")?;
        }
        rule(rest.before != rest.after, field, &rest.before, "two shifts")?;
        duration(&|| format!("rests[{index}].least_s"), rest.least_s.unwrap_or(0))?;
    }
    match circle(instance) {
        None => Ok(()),
        Some(index) => rule(false, &|| format!("links[{index}]"), &"a circle", "no visit comes after itself"),
    }
}

/// A link that closes a circle: of two that begin together, neither comes after what comes after the other.
fn circle(instance: &Instance) -> Option<usize> {
    let mut group: Vec<usize> = (0..instance.visits.len()).collect();
    for link in &instance.links {
        if let Link::Together { visits: (one, other) } = *link {
            group[other as usize] = group[one as usize];
        }
    }
    let ends = |link: &Link| match *link {
        Link::After { first, then } => Some((group[first as usize], group[then as usize])),
        Link::Together { .. } => None,
    };
    let mut waits = vec![0_usize; instance.visits.len()];
    let mut follows: Vec<Vec<usize>> = vec![Vec::new(); instance.visits.len()];
    for (first, then) in instance.links.iter().filter_map(ends) {
        waits[then] += 1;
        follows[first].push(then);
    }
    let mut free: Vec<usize> = (0..waits.len()).filter(|group| waits[*group] == 0).collect();
    while let Some(first) = free.pop() {
        for &then in &follows[first] {
            waits[then] -= 1;
            if waits[then] == 0 {
                free.push(then);
            }
        }
    }
    instance.links.iter().position(|link| ends(link).is_some_and(|(_, then)| waits[then] > 0))
}

/// Whether what was published names what there is, and nothing twice.
///
/// # Errors
/// The first value that breaks a rule.
pub(super) fn validate_start(instance: &Instance, start: &[Start]) -> Result<(), InstanceError> {
    let mut toured = vec![false; instance.shifts.len()];
    let mut planned = vec![false; instance.visits.len()];
    for (index, tour) in start.iter().enumerate() {
        let field = &|| format!("start[{index}].shift");
        rule((tour.shift as usize) < toured.len(), field, &tour.shift, "one of the shifts")?;
        let twice = std::mem::replace(&mut toured[tour.shift as usize], true);
        rule(!twice, field, &tour.shift, "each shift once at most")?;
        for (at, &(visit, _)) in tour.visits.iter().enumerate() {
            let field = &|| format!("start[{index}].visits[{at}]");
            rule((visit as usize) < planned.len(), field, &visit, "one of the visits")?;
            let twice = std::mem::replace(&mut planned[visit as usize], true);
            rule(!twice, field, &visit, "each visit once at most")?;
        }
    }
    Ok(())
}
