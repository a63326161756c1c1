//! Who may do the work, and when.

use jiff::civil::Date;
use meridian_types::SkillId;

use crate::compile::{IntervalSet, Minute, local_date, local_day};
use crate::model::{Certificate, Engineer, Reason, RepairTask};
use crate::problem::{Problem, minutes};
use crate::scenario::Scenario;

/// Whether an engineer may do a task at a site at all.
pub(super) fn may_work(
    problem: &Problem<'_>,
    engineer: &Engineer,
    task: &RepairTask,
    site: u32,
) -> Result<(), Reason> {
    if problem.request.excluded_engineers.contains(&engineer.id) {
        return Err(Reason::Excluded);
    }
    let levels = engineer.skills.iter().filter(|known| known.skill == task.skill).map(|known| known.level);
    let (skill, needed, held) = (task.skill.clone(), task.level, levels.max());
    if held.is_none_or(|held| held < needed) {
        return Err(Reason::SkillMissing { skill, needed, held: held.unwrap_or(0) });
    }
    let today = local_date(&problem.net.sites[site as usize].zone, problem.now);
    for certificate in &task.certificates {
        match last_day(engineer, certificate) {
            None => return Err(Reason::CertificateMissing { certificate: certificate.clone() }),
            Some(on) if on < today => {
                return Err(Reason::CertificateExpired { certificate: certificate.clone(), on });
            }
            Some(_) => {}
        }
    }
    let country = &problem.net.site(site).country;
    let home = problem.net.index_of(&engineer.home).map(|home| &problem.net.site(home).country);
    if home == Some(country) || engineer.right_to_work.iter().any(|right| right.country == *country) {
        Ok(())
    } else {
        Err(Reason::NoRightToWork { country: country.clone() })
    }
}

fn held<'e>(engineer: &'e Engineer, certificate: &'e SkillId) -> impl Iterator<Item = &'e Certificate> {
    engineer.certificates.iter().filter(move |held| held.certificate == *certificate)
}

fn last_day(engineer: &Engineer, certificate: &SkillId) -> Option<Date> {
    held(engineer, certificate).map(|held| held.valid_until).max()
}

/// When all certificates that a task asks for are valid, by the clocks of the site.
fn certified(problem: &Problem<'_>, engineer: &Engineer, task: &RepairTask, site: u32) -> IntervalSet {
    let zone = &problem.net.sites[site as usize].zone;
    let span = |held: &Certificate| {
        Some((local_day(zone, held.valid_from)?.0, local_day(zone, held.valid_until)?.1))
    };
    let valid = |certificate| IntervalSet::union_of(held(engineer, certificate).filter_map(span).collect());
    let always = IntervalSet::union_of(vec![(problem.net.start, problem.net.end)]);
    task.certificates.iter().fold(always, |all, certificate| all.intersection(&valid(certificate)))
}

/// An engineer's time as far as one task at one site is concerned.
pub(super) struct WorkingTime {
    /// When the site is open, the engineer works and all certificates are valid.
    pub(super) windows: IntervalSet,
    /// The part of it that is not overtime.
    pub(super) regular: IntervalSet,
    /// The stretches that can be booked, from now on.
    pub(super) stretches: Vec<(Minute, Minute)>,
}

/// An engineer's time for a task, with or without overtime, and whether or not certificates count.
pub(super) fn working_time(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    engineer: &Engineer,
    (task, site): (&RepairTask, u32),
    overtime: bool,
    certificates: bool,
) -> WorkingTime {
    let free = minutes(&engineer.free);
    let works = if overtime { free.union(&minutes(&engineer.overtime)) } else { free.clone() };
    let mut open = scenario.view.open(site).clone();
    if certificates {
        open = open.intersection(&certified(problem, engineer, task, site));
    }
    let bookable = works.union(&minutes(&engineer.away)).within(problem.now, problem.net.end);
    WorkingTime {
        windows: open.intersection(&works),
        regular: open.intersection(&free),
        stretches: bookable.iter().collect(),
    }
}

/// What an engineer's time costs, in minor units, each part rounded up.
pub(super) fn labour_cost(engineer: &Engineer, regular: Minute, overtime: Minute) -> i64 {
    let part = |minutes: Minute, per_hour: i64| {
        let cost = i128::from(minutes) * i128::from(per_hour.max(0));
        i64::try_from((cost + 59) / 60).unwrap_or(i64::MAX)
    };
    part(regular, engineer.cost_minor_per_hour)
        .saturating_add(part(overtime, engineer.overtime_cost_minor_per_hour))
}

/// The certificate that ends first.
pub(super) fn first_to_expire(engineer: &Engineer, task: &RepairTask) -> Option<(SkillId, Date)> {
    let last = task.certificates.iter().filter_map(|held| Some((held.clone(), last_day(engineer, held)?)));
    last.min_by_key(|(_, on)| *on)
}
