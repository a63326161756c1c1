//! From a request to an answer: try everything, keep what meets the deadline, explain the rest.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::check::{Timetable, check_by};
use crate::compile::{Compiled, instant};
use crate::draft::Draft;
use crate::kinds::{self, Found};
use crate::model::{Answer, Candidate, Defect, Earliest, Reason, Refusal, Request, Solution, World};
use crate::problem::Problem;
use crate::rank::{self, Chosen};
use crate::relax::{self, Relaxing};
use crate::scenario::Scenario;
use crate::{explain, sentence, tell};

/// What became of one candidate.
pub(crate) struct Tried<'a> {
    pub(crate) candidate: Candidate,
    pub(crate) scenario: Scenario<'a>,
    pub(crate) found: Found<'a>,
}

impl<'a> Tried<'a> {
    /// The draft that arrives first.
    pub(crate) fn first(&self) -> Option<&Draft<'a>> {
        self.found.as_ref().ok()?.first()
    }
}

/// Every way to meet a request, ranked, and for what is not an option the reason.
///
/// Same input, same answer. Bad input is a refusal of [`Candidate::Request`], never a panic.
#[must_use]
pub fn solve(net: &Compiled, world: &World, request: &Request) -> Answer {
    let problem = match Problem::new(net, world, request) {
        Ok(problem) => problem,
        Err(reason) => return unplannable(net, world, request, reason),
    };
    let base = Scenario::base(&problem);
    let tried = try_all(&problem, &base);
    let drafts: Vec<&Draft<'_>> =
        tried.iter().filter_map(|tried| tried.found.as_ref().ok()).flatten().collect();
    let late = drafts.iter().all(|draft| problem.late_by(draft.arrival).is_some());
    let (options, defects) = if drafts.is_empty() {
        checked(net, world, request, kinds::referral::solutions(net, world, request))
    } else {
        present(&problem, &base, drafts)
    };
    let mut refused = refusals(&problem, &base, &tried);
    let earliest = late.then(|| earliest(&tried, &refused));
    refused.extend(refused_parties(net, world, request, &options));
    Answer { cut: base.view.is_cut(), ..answer(net, request, options, (refused, earliest, defects)) }
}

fn answer(
    net: &Compiled,
    request: &Request,
    options: Vec<Solution>,
    (refused, earliest, defects): (Vec<Refusal>, Option<Earliest>, Vec<Defect>),
) -> Answer {
    let policy_version = crate::model::Policy::VERSION;
    let holidays_end = net.network().holidays_ending_before(net.horizon().end);
    let (policy, cut) = (request.policy, false);
    Answer { policy, policy_version, options, refused, earliest, cut, holidays_end, defects }
}

/// Each candidate in the world as it is. Parts are looked up once for all of them.
fn try_all<'a>(problem: &Problem<'a>, base: &Scenario<'a>) -> Vec<Tried<'a>> {
    let attempt = |candidate: Candidate| {
        let scenario = base.alike();
        let found = kinds::evaluate(problem, &scenario, &candidate);
        Tried { candidate, scenario, found }
    };
    kinds::candidates(problem, base).into_iter().map(attempt).collect()
}

/// A request that can't be planned: what is not supported is referred.
fn unplannable(net: &Compiled, world: &World, request: &Request, reason: Reason) -> Answer {
    let not_ours = matches!(reason, Reason::ItemNotSupported { .. } | Reason::ModelNotSupported { .. });
    let referrals = if not_ours { kinds::referral::solutions(net, world, request) } else { Vec::new() };
    let (options, defects) = checked(net, world, request, referrals);
    let site = net.index_of(request.need.destination());
    let zone = site.map_or(TimeZone::UTC, |site| net.sites[site as usize].zone.clone());
    let mut refused = vec![refusal(Candidate::Request, reason, &zone)];
    refused.extend(refused_parties(net, world, request, &options));
    let earliest = Earliest { arrival: None, kind: None, relaxation: None };
    answer(net, request, options, (refused, Some(earliest), defects))
}

fn refusal(candidate: Candidate, reason: Reason, zone: &TimeZone) -> Refusal {
    let sentence = sentence::reason(&reason, zone);
    Refusal { candidate, reason, sentence, earliest_possible: None, relaxations: Vec::new() }
}

/// Parties that do not take it, when it is a matter of referral.
fn refused_parties(net: &Compiled, world: &World, request: &Request, options: &[Solution]) -> Vec<Refusal> {
    let Some(site) = net.index_of(request.need.destination()) else { return Vec::new() };
    if options.iter().any(|option| option.arrival.is_some()) {
        return Vec::new();
    }
    let country = &net.site(site).country;
    let others = world.parties.iter().filter(|party| !kinds::referral::serves(party, country, &request.need));
    let zone = &net.sites[site as usize].zone;
    others.map(|party| refusal(Candidate::Party(party.party.clone()), Reason::NotServed, zone)).collect()
}

/// Ranks, words and checks the options. What the checker refuses is a defect, and the next best takes its place.
fn present<'a>(
    problem: &Problem<'a>,
    base: &Scenario<'a>,
    mut drafts: Vec<&Draft<'a>>,
) -> (Vec<Solution>, Vec<Defect>) {
    let mut defects = Vec::new();
    loop {
        let chosen = rank::choose(problem, &base.view, drafts.iter().copied());
        let tell = |chosen: &Chosen<'_, '_>| tell::solution(problem, &base.view, chosen);
        let told = chosen.iter().map(tell).collect();
        let (options, faulty) = checked(problem.net, problem.world, problem.request, told);
        if faulty.is_empty() {
            return (options, defects);
        }
        let passed = |chosen: &&Chosen<'_, '_>| {
            let told = tell(chosen);
            faulty.iter().all(|defect| defect.solution != told)
        };
        let refused: Vec<_> =
            chosen.iter().filter(|chosen| !passed(chosen)).map(|chosen| chosen.draft).collect();
        drafts.retain(|draft| !refused.iter().any(|refused| std::ptr::eq(*refused, *draft)));
        defects.extend(faulty);
    }
}

/// Those that pass the checker, and those that don't.
fn checked(
    net: &Compiled,
    world: &World,
    request: &Request,
    solutions: Vec<Solution>,
) -> (Vec<Solution>, Vec<Defect>) {
    let (mut options, mut defects) = (Vec::new(), Vec::new());
    let mut timetable = Timetable::new(net, request);
    for solution in solutions {
        match check_by(&mut timetable, net, world, request, &solution) {
            Ok(()) => options.push(solution),
            Err(faults) => {
                let faults = faults.into_iter().map(|fault| fault.to_string()).collect();
                defects.push(Defect { solution, faults });
            }
        }
    }
    (options, defects)
}

/// Why each candidate that does not meet the deadline does not, and what would change that; the earliest first.
fn refusals<'a>(problem: &Problem<'a>, base: &Scenario<'a>, tried: &[Tried<'a>]) -> Vec<Refusal> {
    let in_time =
        |tried: &&Tried<'_>| tried.first().is_some_and(|draft| problem.late_by(draft.arrival).is_none());
    let refused: Vec<&Tried<'_>> = tried.iter().filter(|tried| !in_time(tried)).collect();
    let explain = |tried: &&Tried<'a>| match &tried.found {
        Err(reason) => Some(refusal(tried.candidate.clone(), reason.clone(), problem.zone())),
        Ok(drafts) => late(problem, tried, drafts.first()?),
    };
    let explained = refused.iter().filter_map(|tried| Some((*tried, explain(tried)?)));
    let mut explained: Vec<(&Tried<'_>, Refusal)> = explained.collect();
    explained.sort_by_cached_key(|(_, refusal)| relax::promise(refusal));
    let mut relaxing = Relaxing::new(problem, base);
    for (tried, refusal) in &mut explained {
        refusal.relaxations = relaxing.relaxations(tried);
    }
    explained.sort_by_key(|(_, refusal)| refusal.earliest_possible.unwrap_or(Timestamp::MAX));
    explained.into_iter().map(|(_, refusal)| refusal).collect()
}

fn late(problem: &Problem<'_>, tried: &Tried<'_>, first: &Draft<'_>) -> Option<Refusal> {
    let arrives = instant(first.arrival);
    let late_by_minutes = problem.late_by(first.arrival)?;
    let because = explain::decisive(problem, &tried.scenario.view, first).map(Box::new);
    let reason = Reason::AfterDeadline { arrives, late_by_minutes, because };
    Some(Refusal {
        earliest_possible: Some(arrives),
        ..refusal(tried.candidate.clone(), reason, problem.zone())
    })
}

/// The earliest date of all, and the smallest change of all.
fn earliest(tried: &[Tried<'_>], refused: &[Refusal]) -> Earliest {
    let drafts = tried.iter().filter_map(Tried::first);
    let first = drafts.min_by_key(|draft| (draft.arrival, draft.spent().cost_minor));
    let relaxations = refused.iter().flat_map(|refusal| &refusal.relaxations);
    let relaxation = relaxations.min_by_key(|relaxation| relax::usefulness(relaxation));
    Earliest {
        arrival: first.map(|draft| instant(draft.arrival)),
        kind: first.map(|draft| draft.kind),
        relaxation: relaxation.cloned(),
    }
}
