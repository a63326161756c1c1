//! From a request to an answer: try everything, keep what meets the deadline, explain the rest.

use crate::check::check;
use crate::compile::{Compiled, Minute, instant};
use crate::draft::Draft;
use crate::model::{
    Answer, Candidate, Defect, Earliest, Reason, Refusal, Relaxation, Request, Solution, World,
};
use crate::problem::{Problem, Scenario};
use crate::{explain, kinds, rank, sentence, tell};

/// Candidates whose relaxations are tried out; the others are refused with their reason only.
const RELAXED_CANDIDATES_MAX: usize = 24;

/// What became of one candidate.
struct Tried<'a> {
    candidate: Candidate,
    scenario: Scenario<'a>,
    found: Result<Vec<Draft<'a>>, Reason>,
}

impl Tried<'_> {
    fn first_arrival(&self) -> Option<Minute> {
        self.found.as_ref().ok()?.first().map(|draft| draft.arrival)
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
    let tried = try_all(&problem);
    let view = Scenario::base(&problem).view;
    let tell = |draft: &Draft<'_>| tell::solution(&problem, &view, draft);
    let drafts = || tried.iter().filter_map(|tried| tried.found.as_ref().ok()).flatten();
    let in_time = drafts().filter(|draft| problem.late_by(draft.arrival).is_none());
    let mut solutions: Vec<Solution> = in_time.map(tell).collect();
    let late = solutions.is_empty();
    if late {
        solutions = drafts().map(tell).collect();
    }
    if solutions.is_empty() {
        solutions = kinds::referral::solutions(net, world, request);
    }
    let mut refused = refusals(&problem, &tried);
    let earliest = late.then(|| earliest(&tried, &refused));
    let (options, defects) = present(net, world, request, solutions);
    refused.extend(refused_parties(net, world, request, &options));
    answer(request, options, refused, earliest, defects)
}

fn answer(
    request: &Request,
    options: Vec<Solution>,
    refused: Vec<Refusal>,
    earliest: Option<Earliest>,
    defects: Vec<Defect>,
) -> Answer {
    let policy_version = crate::model::Policy::VERSION;
    Answer { policy: request.policy, policy_version, options, refused, earliest, defects }
}

/// Each candidate in the world as it is. Parts are looked up once for all of them.
fn try_all<'a>(problem: &Problem<'a>) -> Vec<Tried<'a>> {
    let base = Scenario::base(problem);
    let attempt = |candidate: Candidate| {
        let scenario = Scenario::over(base.view.clone());
        scenario.brought.replace(base.brought.borrow().clone());
        let found = kinds::evaluate(problem, &scenario, &candidate);
        base.brought.replace(scenario.brought.take());
        Tried { candidate, scenario, found }
    };
    kinds::candidates(problem, &base).into_iter().map(attempt).collect()
}

/// A request that can't be planned: what is not supported is referred.
fn unplannable(net: &Compiled, world: &World, request: &Request, reason: Reason) -> Answer {
    let not_ours = matches!(reason, Reason::ItemNotSupported { .. } | Reason::ModelNotSupported { .. });
    let referrals = if not_ours { kinds::referral::solutions(net, world, request) } else { Vec::new() };
    let (options, defects) = present(net, world, request, referrals);
    let mut refused = vec![refusal(Candidate::Request, reason)];
    refused.extend(refused_parties(net, world, request, &options));
    let earliest = Earliest { arrival: None, kind: None, relaxation: None };
    answer(request, options, refused, Some(earliest), defects)
}

fn refusal(candidate: Candidate, reason: Reason) -> Refusal {
    let sentence = sentence::reason(&reason);
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
    others.map(|party| refusal(Candidate::Party(party.party.clone()), Reason::NotServed)).collect()
}

/// Ranks, checks and words the options. What the checker refuses is a defect.
fn present(
    net: &Compiled,
    world: &World,
    request: &Request,
    mut solutions: Vec<Solution>,
) -> (Vec<Solution>, Vec<Defect>) {
    rank::sort(request.policy, &mut solutions);
    let mut defects = Vec::new();
    let mut options = rank::select(solutions.clone());
    loop {
        let faulty = options
            .iter()
            .find_map(|option| Some((option.clone(), check(net, world, request, option).err()?)));
        let Some((solution, faults)) = faulty else { break };
        solutions.retain(|other| *other != solution);
        let faults = faults.into_iter().map(|fault| fault.to_string()).collect();
        defects.push(Defect { solution, faults });
        options = rank::select(solutions.clone());
    }
    let merits = rank::merits(&options, request.need.deadline().is_some());
    for (option, merits) in options.iter_mut().zip(merits) {
        option.reason.sentence = sentence::option(option, &merits);
        option.reason.merits = merits;
    }
    (options, defects)
}

/// Why each candidate that does not meet the deadline does not, and what would change that.
fn refusals(problem: &Problem<'_>, tried: &[Tried<'_>]) -> Vec<Refusal> {
    let mut refused: Vec<&Tried<'_>> = tried
        .iter()
        .filter(|tried| match &tried.found {
            Err(_) => true,
            Ok(_) => tried.first_arrival().is_some_and(|arrival| problem.late_by(arrival).is_some()),
        })
        .collect();
    refused.sort_by_key(|tried| tried.first_arrival().unwrap_or(Minute::MAX));
    let explain = |(tried, index): (&&Tried<'_>, usize)| {
        let mut refusal = match &tried.found {
            Err(reason) => refusal(tried.candidate.clone(), reason.clone()),
            Ok(drafts) => late(problem, tried, drafts.first()?)?,
        };
        if index < RELAXED_CANDIDATES_MAX {
            refusal.relaxations =
                explain::relaxation(problem, &tried.scenario, &tried.candidate, &tried.found)
                    .into_iter()
                    .collect();
        }
        Some(refusal)
    };
    refused.iter().zip(0..).filter_map(explain).collect()
}

fn late(problem: &Problem<'_>, tried: &Tried<'_>, first: &Draft<'_>) -> Option<Refusal> {
    let arrives = instant(first.arrival);
    let late_by_minutes = problem.late_by(first.arrival)?;
    let because = explain::decisive(problem, &tried.scenario.view, first).map(Box::new);
    let reason = Reason::AfterDeadline { arrives, late_by_minutes, because };
    Some(Refusal { earliest_possible: Some(arrives), ..refusal(tried.candidate.clone(), reason) })
}

/// The earliest date of all, and the smallest change of all.
fn earliest(tried: &[Tried<'_>], refused: &[Refusal]) -> Earliest {
    let first = tried
        .iter()
        .filter_map(|tried| tried.found.as_ref().ok()?.first())
        .min_by_key(|draft| (draft.arrival, draft.spent().cost_minor));
    let relaxation: Option<&Relaxation> = refused
        .iter()
        .flat_map(|refusal| &refusal.relaxations)
        .min_by_key(|relaxation| explain::usefulness(relaxation));
    Earliest {
        arrival: first.map(|draft| instant(draft.arrival)),
        kind: first.map(|draft| draft.kind),
        relaxation: relaxation.cloned(),
    }
}
