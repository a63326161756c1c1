//! Who may do the work, and when.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::civil::Date;
use meridian_types::{EngineerId, SkillId};

use crate::compile::{IntervalSet, Minute, instant, length, local_date, local_day};
use crate::duty::Pace;
use crate::model::{Certificate, Depot, Engineer, Reason, RepairTask, RestRule};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Whether an engineer may do a task at a site at all.
pub(super) fn may_work(
    problem: &Problem<'_>,
    engineer: &Engineer,
    task: &RepairTask,
    site: u32,
) -> Result<(), Reason> {
    skilled(problem, engineer, task)?;
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
    match permit(problem, engineer, site) {
        Permit::Never => Err(Reason::NoRightToWork { country: country.clone() }),
        Permit::From { from, working_days } if from.is_none_or(|from| from >= problem.net.end) => {
            let (country, from) = (country.clone(), from.map(instant));
            Err(Reason::PermitPending { country, working_days, from })
        }
        Permit::From { .. } => Ok(()),
    }
}

/// Whether the request allows an engineer, who has the skill of a task at its level.
pub(super) fn skilled(problem: &Problem<'_>, engineer: &Engineer, task: &RepairTask) -> Result<(), Reason> {
    if problem.request.excluded_engineers.contains(&engineer.id) {
        return Err(Reason::Excluded);
    }
    let levels = engineer.skills.iter().filter(|known| known.skill == task.skill).map(|known| known.level);
    let (skill, needed, held) = (task.skill.clone(), task.level, levels.max());
    if held.is_none_or(|held| held < needed) {
        return Err(Reason::SkillMissing { skill, needed, held: held.unwrap_or(0) });
    }
    Ok(())
}

/// Whether somebody may work in a country.
enum Permit {
    Never,
    /// From some moment on; `None` is years away.
    From {
        from: Option<Minute>,
        working_days: i32,
    },
}

fn permit(problem: &Problem<'_>, engineer: &Engineer, site: u32) -> Permit {
    let country = &problem.net.site(site).country;
    let home = problem.net.index_of(&engineer.home).map(|home| &problem.net.site(home).country);
    if home == Some(country) {
        return Permit::From { from: Some(problem.now), working_days: 0 };
    }
    let rights = engineer.right_to_work.iter().filter(|right| right.country == *country);
    rights.map(|right| right.lead_working_days.max(0)).min().map_or(Permit::Never, |working_days| {
        let from = problem.net.working_days(site).in_hand(problem.now, working_days);
        Permit::From { from, working_days }
    })
}

/// From when on somebody is let in and may work, and what makes them wait until then.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) from: Minute,
    pub(crate) because: Option<Reason>,
    /// Opening minutes of the site from the announcement of the visit on; 0 for who belongs there.
    pub(crate) notice: Minute,
}

/// When an engineer may start to work at a site: with the right to work there and, for a visitor, announced.
fn admission(problem: &Problem<'_>, scenario: &Scenario<'_>, engineer: &Engineer, site: u32) -> Admission {
    let mut admission = Admission { from: problem.now, because: None, notice: 0 };
    let record = problem.net.site(site);
    if let Permit::From { from, working_days } = permit(problem, engineer, site) {
        let from = from.unwrap_or(problem.net.end);
        if from > admission.from {
            let country = record.country.clone();
            let because = Reason::PermitPending { country, working_days, from: Some(instant(from)) };
            admission = Admission { from, because: Some(because), notice: 0 };
        }
    }
    if !belongs(problem, engineer, site) {
        let notice = length(record.visit_notice_minutes);
        admission.notice = notice;
        let from = scenario.view.open(site).add_working(problem.now, notice).unwrap_or(problem.net.end);
        if from > admission.from {
            let because = Reason::NoticeNeeded { site: record.id.clone(), until: instant(from) };
            admission = Admission { from, because: Some(because), notice };
        }
    }
    admission
}

/// Whether an engineer starts from a site or works there anyway.
pub(super) fn belongs(problem: &Problem<'_>, engineer: &Engineer, site: u32) -> bool {
    let site = &problem.net.site(site).id;
    let posted = |depot: &Depot| depot.site == *site && depot.engineers.contains(&engineer.id);
    engineer.home == *site || problem.world.depots.iter().any(posted)
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
    // What is valid without end ends on a date that is no instant any more.
    let (first, last) = (local_date(zone, problem.net.start), local_date(zone, problem.net.end));
    let span = |held: &Certificate| {
        let (from, until) = (held.valid_from.max(first), held.valid_until.min(last));
        Some((local_day(zone, from)?.0, local_day(zone, until)?.1))
    };
    let valid = |certificate| IntervalSet::union_of(held(engineer, certificate).filter_map(span).collect());
    let always = IntervalSet::union_of(vec![(problem.net.start, problem.net.end)]);
    task.certificates.iter().fold(always, |all, certificate| all.intersection(&valid(certificate)))
}

/// A rule that is left out to see whether it is what stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Waived {
    Nothing,
    Certificates,
    Admission,
    /// Certificates and admission: nobody goes there.
    Visiting,
    Rest,
}

/// Working times that are known: of whom, where, with or without overtime, and without which rule.
pub(crate) type Times<'a> = Rc<RefCell<BTreeMap<(&'a EngineerId, u32, bool, Waived), Rc<WorkingTime>>>>;

/// An engineer's time as far as one task at one site is concerned.
pub(crate) struct WorkingTime {
    /// When the site is open, the engineer works and is admitted, and all certificates are valid.
    pub(super) windows: Rc<IntervalSet>,
    /// The part of it that is not overtime.
    pub(super) regular: IntervalSet,
    /// The stretches that can be booked, from now on.
    pub(super) stretches: Vec<(Minute, Minute)>,
    pub(super) admission: Admission,
    pub(super) pace: Pace,
}

/// An engineer's time for the task of a request, with or without overtime; worked out once for each place.
pub(super) fn working_time<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    engineer: &'a Engineer,
    (task, site): (&RepairTask, u32),
    overtime: bool,
    waived: Waived,
) -> Rc<WorkingTime> {
    let key = (&engineer.id, site, overtime, waived);
    if let Some(known) = scenario.times.borrow().get(&key) {
        return Rc::clone(known);
    }
    let time = Rc::new(work_out(problem, scenario, engineer, (task, site), overtime, waived));
    scenario.times.borrow_mut().insert(key, Rc::clone(&time));
    time
}

fn work_out(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    engineer: &Engineer,
    (task, site): (&RepairTask, u32),
    overtime: bool,
    waived: Waived,
) -> WorkingTime {
    let mut open = scenario.view.open(site).clone();
    if !matches!(waived, Waived::Certificates | Waived::Visiting) {
        open = open.intersection(&certified(problem, engineer, task, site));
    }
    let mut admission = Admission { from: problem.now, because: None, notice: 0 };
    if !matches!(waived, Waived::Admission | Waived::Visiting) {
        admission = self::admission(problem, scenario, engineer, site);
    }
    let open = open.within(admission.from, problem.net.end);
    let free = problem.net.minutes(&engineer.free);
    let works = works(problem, engineer, overtime);
    let bookable = works.union(&problem.net.minutes(&engineer.away)).within(problem.now, problem.net.end);
    WorkingTime {
        windows: Rc::new(open.intersection(&works)),
        regular: open.intersection(&free),
        stretches: bookable.iter().collect(),
        admission,
        pace: if waived == Waived::Rest { Pace::FREE } else { Pace::of(engineer) },
    }
}

/// When an engineer works.
fn works(problem: &Problem<'_>, engineer: &Engineer, overtime: bool) -> IntervalSet {
    let overtime = engineer.overtime.iter().filter(|_| overtime);
    problem.net.minutes(engineer.free.iter().chain(overtime))
}

/// Why there is no way to do the work, if there is one by some rule less; `tried` says whether.
pub(super) fn obstacle(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    (engineer, task): (&Engineer, &RepairTask),
    site: u32,
    tried: impl Fn(Waived) -> bool,
) -> Reason {
    if tried(Waived::Admission)
        && let Some(because) = admission(problem, scenario, engineer, site).because
    {
        return because;
    }
    if tried(Waived::Certificates)
        && let Some((certificate, on)) = first_to_expire(engineer, task)
    {
        return Reason::CertificateExpired { certificate, on };
    }
    if let Some(RestRule { rest_minutes, duty_minutes_max }) = engineer.rest
        && tried(Waived::Rest)
    {
        return Reason::RestNeeded { rest_minutes, duty_minutes_max };
    }
    Reason::NotFree { work_minutes: task.work_minutes }
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
fn first_to_expire(engineer: &Engineer, task: &RepairTask) -> Option<(SkillId, Date)> {
    let last = task.certificates.iter().filter_map(|held| Some((held.clone(), last_day(engineer, held)?)));
    last.min_by_key(|(_, on)| *on)
}
