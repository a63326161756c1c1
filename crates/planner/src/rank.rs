//! Which options are shown, in which order, and what distinguishes each.

use jiff::Timestamp;

use crate::model::{Claim, Merit, Policy, Solution};

/// Most options that are shown.
pub(crate) const OPTIONS_MAX: usize = 7;

/// The order of `policy`: what sorts first is better.
fn key(policy: Policy, solution: &Solution) -> (bool, i64, Timestamp, i64, i64) {
    let arrival = solution.arrival.unwrap_or(Timestamp::MAX);
    let first = match policy {
        Policy::DeadlineThenCost if solution.meets_deadline => solution.cost_minor,
        Policy::Greenest if solution.meets_deadline => solution.co2_g,
        Policy::Safest if solution.meets_deadline => risk_key(solution),
        _ => arrival.as_second(),
    };
    (!solution.meets_deadline, first, arrival, solution.cost_minor, risk_key(solution))
}

/// Risk as a whole number that sorts.
#[expect(clippy::cast_possible_truncation, reason = "a probability in millionths")]
fn risk_key(solution: &Solution) -> i64 {
    (solution.risk * 1e6).round() as i64
}

/// Sorts by the policy. Equals keep the order in which they were found.
pub(crate) fn sort(policy: Policy, solutions: &mut [Solution]) {
    solutions.sort_by_key(|solution| key(policy, solution));
}

/// At most 7 of the sorted `solutions`, in their order: the best, the fastest and the cheapest always, then the
/// best of each kind, then the best from each source, then whatever is next.
pub(crate) fn select(solutions: Vec<Solution>) -> Vec<Solution> {
    let mut chosen: Vec<usize> = Vec::new();
    let mut choose = |index: usize| {
        if chosen.len() < OPTIONS_MAX && !chosen.contains(&index) {
            chosen.push(index);
        }
    };
    let all = 0..solutions.len();
    let best_by = |measure: &dyn Fn(&Solution) -> i64| all.clone().min_by_key(|&i| measure(&solutions[i]));
    all.clone().take(1).for_each(&mut choose);
    best_by(&|solution| solution.arrival.unwrap_or(Timestamp::MAX).as_second())
        .into_iter()
        .for_each(&mut choose);
    best_by(&|solution| solution.cost_minor).into_iter().for_each(&mut choose);
    let first_of_kind = |&i: &usize| solutions[..i].iter().all(|earlier| earlier.kind != solutions[i].kind);
    all.clone().filter(first_of_kind).for_each(&mut choose);
    let first_of_source =
        |&i: &usize| solutions[..i].iter().all(|earlier| !same_source(earlier, &solutions[i]));
    all.clone().filter(first_of_source).for_each(&mut choose);
    all.for_each(&mut choose);
    chosen.sort_unstable();
    let indexed = solutions.into_iter().enumerate();
    indexed.filter(|(index, _)| chosen.binary_search(index).is_ok()).map(|(_, solution)| solution).collect()
}

/// Whether two solutions need the same things from the same owners, whenever that is.
fn same_source(a: &Solution, b: &Solution) -> bool {
    let same = |(a, b): (&Claim, &Claim)| match (a, b) {
        (Claim::Engineer { engineer: a, site: x, .. }, Claim::Engineer { engineer: b, site: y, .. }) => {
            a == b && x == y
        }
        _ => a == b,
    };
    a.claims.len() == b.claims.len() && a.claims.iter().zip(&b.claims).all(same)
}

/// What distinguishes each of the options that are shown.
pub(crate) fn merits(options: &[Solution], has_deadline: bool) -> Vec<Vec<Merit>> {
    let least = |measure: &dyn Fn(&Solution) -> i64| options.iter().map(measure).min();
    let arrival = |solution: &Solution| solution.arrival.unwrap_or(Timestamp::MAX).as_second();
    let fastest = least(&arrival);
    let cheapest = least(&|solution| solution.cost_minor);
    let greenest = least(&|solution| solution.co2_g);
    let safest = least(&risk_key);
    let of = |solution: &Solution| {
        let mut merits = Vec::new();
        if let Some(slack_minutes) = solution.slack_minutes.filter(|_| has_deadline) {
            merits.push(if solution.meets_deadline {
                Merit::MeetsDeadline { slack_minutes }
            } else {
                Merit::Late { by_minutes: -slack_minutes }
            });
        }
        if options.len() == 1 {
            merits.push(Merit::OnlyWay);
            return merits;
        }
        let distinctions = [
            (fastest == Some(arrival(solution)) && solution.arrival.is_some(), Merit::Fastest),
            (cheapest == Some(solution.cost_minor), Merit::Cheapest),
            (greenest == Some(solution.co2_g), Merit::Greenest),
            (safest == Some(risk_key(solution)), Merit::Safest),
        ];
        merits.extend(distinctions.into_iter().filter(|(holds, _)| *holds).map(|(_, merit)| merit));
        merits
    };
    options.iter().map(of).collect()
}
