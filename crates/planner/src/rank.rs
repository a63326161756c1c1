//! Which drafts are shown, in which order, and what distinguishes each.
//!
//! Shown are, of those that meet the deadline, surely enough or not, or of all when none does, as far as seven places
//! last: the best by the policy; the fastest, the cheapest, the greenest and the safest; the one that is likely there
//! first, when none meets the deadline surely enough; the best of each kind; the best from each source; then, in the policy's order, whatever nothing
//! beats and no other shown is like.

use std::cell::OnceCell;

use meridian_types::{EngineerId, PartyId};

use crate::compile::Minute;
use crate::draft::{Draft, Spent};
use crate::model::{Claim, Merit, Policy, SolutionKind};
use crate::problem::Problem;
use crate::punctuality::{self, Punctuality, millionths};
use crate::search::View;

/// Most options that are shown.
pub(crate) const OPTIONS_MAX: usize = 7;
/// Two options are alike when time from now, cost and CO2 each differ by no more than one part in so many ...
const ALIKE_PARTS: i64 = 20;
/// ... and risk and probability by no more than so many millionths.
const ALIKE_MICRO: i64 = 10_000;

/// A draft that is shown.
pub(crate) struct Chosen<'d, 'a> {
    pub(crate) draft: &'d Draft<'a>,
    pub(crate) punctuality: Punctuality,
    /// What distinguishes it, most important first.
    pub(crate) merits: Vec<Merit>,
}

/// Those of `drafts` that are shown, best first. None that is late as long as one is not, but for the one that is
/// likely there first.
pub(crate) fn choose<'d, 'a>(
    problem: &Problem<'a>,
    view: &View<'a>,
    drafts: impl Iterator<Item = &'d Draft<'a>>,
) -> Vec<Chosen<'d, 'a>> {
    let contenders = drafts.map(|draft| Contender::new(problem, view, draft));
    let (mut pool, mut late): (Vec<_>, Vec<_>) = contenders.partition(|contender| !contender.late());
    if pool.is_empty() {
        pool = std::mem::take(&mut late);
    }
    let policy = problem.request.policy;
    pool.sort_by_cached_key(|contender| contender.key(policy));
    late.sort_by_key(|contender| contender.draft.arrival);
    let likely = likely_first(problem, &pool, &late);
    let shown = select(&pool, likely);
    let chosen = |contender: &&Contender<'_, 'd, 'a>| {
        let mut merits = merits(contender, &shown);
        if likely.is_some_and(|likely| std::ptr::eq(likely, *contender)) {
            merits.push(Merit::LikelyFirst);
        }
        Chosen { draft: contender.draft, punctuality: *contender.punctuality(), merits }
    };
    shown.iter().map(chosen).collect()
}

/// Where a draft stands before anything else counts: what sorts first is better.
type Key = (u8, [i64; 5]);

/// A draft with what counts in ranking.
struct Contender<'v, 'd, 'a> {
    problem: &'v Problem<'a>,
    view: &'v View<'a>,
    draft: &'d Draft<'a>,
    spent: Spent,
    /// Worked out when it first counts.
    punctuality: OnceCell<Punctuality>,
}

impl<'v, 'd, 'a> Contender<'v, 'd, 'a> {
    fn new(problem: &'v Problem<'a>, view: &'v View<'a>, draft: &'d Draft<'a>) -> Self {
        Self { problem, view, draft, spent: draft.spent(), punctuality: OnceCell::new() }
    }

    fn late(&self) -> bool {
        self.problem.late_by(self.draft.arrival).is_some()
    }

    fn punctuality(&self) -> &Punctuality {
        self.punctuality.get_or_init(|| punctuality::of(self.problem, self.view, self.draft))
    }

    /// Probability of missing the deadline in millionths; 0 when there is none.
    fn misses_micro(&self) -> i64 {
        match self.problem.deadline {
            None => 0,
            Some(_) if self.late() => 1_000_000,
            Some(_) => 1_000_000 - self.punctuality().in_time_micro.unwrap_or(0),
        }
    }

    /// Whether it meets the deadline as surely as was asked for.
    fn sure(&self) -> bool {
        self.misses_micro() <= 1_000_000 - millionths(self.problem.request.in_time_probability_min)
    }

    /// Arrival, cost, CO2, risk, probability of missing the deadline: of each, less is better.
    fn measures(&self) -> [i64; 5] {
        let Spent { cost_minor, co2_g, risk_micro } = self.spent;
        [i64::from(self.draft.arrival), cost_minor, co2_g, risk_micro, self.misses_micro()]
    }

    /// The measures in the order given first, the rest as they are.
    fn by(&self, first: &[usize]) -> [i64; 5] {
        let measures = self.measures();
        let rest = (0..measures.len()).filter(|index| !first.contains(index));
        let mut order = first.iter().copied().chain(rest);
        std::array::from_fn(|_| order.next().map_or(0, |index| measures[index]))
    }

    fn key(&self, policy: Policy) -> Key {
        match policy {
            Policy::Fastest => (0, self.by(&FASTEST)),
            _ if self.late() => (2, self.by(&FASTEST)),
            Policy::DeadlineThenCost if self.sure() => (0, self.by(&CHEAPEST)),
            Policy::DeadlineThenCost => (1, self.by(&[MISSES, COST])),
            Policy::Greenest => (0, self.by(&GREENEST)),
            Policy::Safest => (0, self.by(&SAFEST)),
        }
    }

    fn beats(&self, other: &Self) -> bool {
        let (mine, others) = (self.measures(), other.measures());
        mine != others && mine.iter().zip(&others).all(|(mine, other)| mine <= other)
    }

    /// Whether the difference is not worth a place of its own.
    fn is_like(&self, other: &Self) -> bool {
        let (mut mine, mut others) = (self.measures(), other.measures());
        for measures in [&mut mine, &mut others] {
            measures[ARRIVAL] -= i64::from(self.problem.now);
        }
        let close = |index: usize| {
            let apart = mine[index].abs_diff(others[index]);
            if index == RISK || index == MISSES {
                apart <= ALIKE_MICRO.unsigned_abs()
            } else {
                let least = mine[index].min(others[index]).unsigned_abs();
                apart.saturating_mul(ALIKE_PARTS.unsigned_abs()) <= least
            }
        };
        (0..mine.len()).all(close)
    }

    fn source(&self) -> Source<'d> {
        let inbound = self.draft.inbound.iter().flat_map(|shipment| shipment.claims.iter());
        let visit = self.draft.visit.as_ref();
        Source {
            kind: self.draft.kind,
            claims: inbound.collect(),
            engineer: visit.map(|visit| (&visit.engineer.id, visit.site)),
            party: self.draft.outsourced.as_ref().map(|outsourced| &outsourced.offer.party),
        }
    }
}

const ARRIVAL: usize = 0;
const COST: usize = 1;
const CO2: usize = 2;
const RISK: usize = 3;
const MISSES: usize = 4;
const FASTEST: [usize; 1] = [ARRIVAL];
const CHEAPEST: [usize; 1] = [COST];
const GREENEST: [usize; 1] = [CO2];
const SAFEST: [usize; 2] = [MISSES, RISK];

/// What a draft needs from whom, whenever that is.
#[derive(PartialEq, Eq)]
struct Source<'d> {
    kind: SolutionKind,
    claims: Vec<&'d Claim>,
    engineer: Option<(&'d EngineerId, u32)>,
    party: Option<&'d PartyId>,
}

/// The contender that is likely there before any other, when there is a deadline and none of the `pool` meets it
/// surely enough. `late` ones, the earliest first, are worth showing then.
fn likely_first<'c, 'v, 'd, 'a>(
    problem: &Problem<'_>,
    pool: &'c [Contender<'v, 'd, 'a>],
    late: &'c [Contender<'v, 'd, 'a>],
) -> Option<&'c Contender<'v, 'd, 'a>> {
    if problem.deadline.is_none() || pool.iter().any(Contender::sure) {
        return None;
    }
    let mut first: Option<(Minute, &Contender<'_, '_, '_>)> = None;
    for contender in pool.iter().chain(late) {
        // Nothing is likely there before it arrives.
        if first.is_none_or(|(by, _)| contender.draft.arrival < by)
            && let Some(by) = contender.punctuality().likely_by
            && first.is_none_or(|(known, _)| by < known)
        {
            first = Some((by, contender));
        }
    }
    first.map(|(_, contender)| contender)
}

/// The contenders that are shown, in the order of the sorted `pool`; `likely` is among them, last if late.
fn select<'c, 'v, 'd, 'a>(
    pool: &'c [Contender<'v, 'd, 'a>],
    likely: Option<&'c Contender<'v, 'd, 'a>>,
) -> Vec<&'c Contender<'v, 'd, 'a>> {
    let in_pool = likely.and_then(|likely| pool.iter().position(|contender| std::ptr::eq(contender, likely)));
    let late = likely.filter(|_| in_pool.is_none());
    let mut places =
        Places { left: OPTIONS_MAX - usize::from(late.is_some()), taken: vec![false; pool.len()] };
    places.take(0);
    for order in [&FASTEST[..], &CHEAPEST, &GREENEST, &SAFEST] {
        let best = (0..pool.len()).min_by_key(|&index| pool[index].by(order));
        best.into_iter().for_each(|index| places.take(index));
    }
    in_pool.into_iter().for_each(|index| places.take(index));
    let (mut kinds, mut sources) = (Vec::new(), Vec::new());
    for (index, contender) in pool.iter().enumerate() {
        if !kinds.contains(&contender.draft.kind) {
            kinds.push(contender.draft.kind);
            places.take(index);
        }
    }
    for (index, contender) in pool.iter().enumerate() {
        if places.left == 0 {
            break;
        }
        let source = contender.source();
        if !sources.contains(&source) {
            sources.push(source);
            places.take(index);
        }
    }
    for (index, contender) in pool.iter().enumerate() {
        if places.left == 0 {
            break;
        }
        let superfluous = |(other, taken): (&Contender<'_, '_, '_>, &bool)| {
            other.beats(contender) || (*taken && other.is_like(contender))
        };
        if !pool.iter().zip(&places.taken).any(superfluous) {
            places.take(index);
        }
    }
    let shown = pool.iter().zip(places.taken).filter_map(|(contender, taken)| taken.then_some(contender));
    shown.chain(late).collect()
}

/// Which contenders have a place, and how many places are left.
struct Places {
    left: usize,
    taken: Vec<bool>,
}

impl Places {
    fn take(&mut self, index: usize) {
        if self.left > 0 && self.taken.get(index) == Some(&false) {
            self.taken[index] = true;
            self.left -= 1;
        }
    }
}

/// What distinguishes one of the options that are `shown`.
fn merits(option: &Contender<'_, '_, '_>, shown: &[&Contender<'_, '_, '_>]) -> Vec<Merit> {
    let mut merits = Vec::new();
    if let Some(deadline) = option.problem.deadline {
        let slack_minutes = i64::from(deadline) - i64::from(option.draft.arrival);
        if option.late() {
            merits.push(Merit::Late { by_minutes: -slack_minutes });
        } else {
            let percent = (1_000_000 - option.misses_micro()) / 10_000;
            merits.push(Merit::MeetsDeadline { slack_minutes });
            merits.push(Merit::InTime { percent: u8::try_from(percent).unwrap_or(0) });
        }
    }
    if let [_] = shown {
        merits.push(Merit::OnlyWay);
        return merits;
    }
    let least = |order: &[usize]| {
        let measured = |contender: &Contender<'_, '_, '_>| {
            let measures = contender.measures();
            order.iter().map(|&index| measures[index]).collect::<Vec<_>>()
        };
        shown.iter().map(|contender| measured(contender)).min() == Some(measured(option))
    };
    let distinctions = [
        (&FASTEST[..], Merit::Fastest),
        (&CHEAPEST, Merit::Cheapest),
        (&GREENEST, Merit::Greenest),
        (&SAFEST, Merit::Safest),
    ];
    merits.extend(distinctions.into_iter().filter(|(order, _)| least(order)).map(|(_, merit)| merit));
    if shown.iter().any(|other| other.beats(option)) {
        let kind = option.draft.kind;
        let before = shown.iter().take_while(|other| !std::ptr::eq(**other, option));
        let known = before.filter(|other| other.draft.kind == kind).count() > 0;
        merits.push(if known { Merit::OtherSource } else { Merit::OtherKind });
    }
    merits
}
