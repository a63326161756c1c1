//! Drawings: units taken for one line from one place, in the amounts that make sense.

use std::collections::BTreeSet;
use std::rc::Rc;

use meridian_types::{PartyId, Quantity};

use super::shipping::Consignment;
use super::sourcing::deliveries;
use super::supply::{Choice, Pool, choices, pools};
use super::{kit, purchase};
use crate::compile::Minute;
use crate::draft::{Assembly, Origin, Spent};
use crate::model::{Claim, ItemFacts, Line, Reason};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Most states of what is missing that are told apart unit by unit: there every amount counts. It depends on what is
/// needed alone, so that no place that has something makes a difference to what others are asked for.
const SPREADS_MAX: usize = 1_500;

/// Most sums of what places have that are looked at where not every amount counts.
const SUMS_MAX: usize = 16;

/// Units for one line from one place.
#[derive(Debug, Clone)]
pub(super) struct Drawing<'a> {
    pub(super) units: i64,
    /// What is sent.
    pub(super) facts: &'a ItemFacts,
    pub(super) site: u32,
    /// From when on it can be picked; for a party, when it has delivered.
    pub(super) from: Minute,
    /// What it takes to have it there, and what a substitute is worth more.
    pub(super) spent: Spent,
    pub(super) claims: Vec<Claim>,
    pub(super) origin: Drawn,
    /// What it takes from each pool that is contested; known once everything that is wanted is.
    pub(super) takes: Vec<i64>,
}

/// What a drawing is taken from.
#[derive(Debug, Clone)]
pub(super) enum Drawn {
    Shelf,
    Receipt,
    Kit(Rc<Assembly>),
    Party { party: PartyId, lead_working_days: i32 },
}

impl<'a> Drawing<'a> {
    /// Units of one pool.
    pub(super) fn of_pool(
        problem: &Problem<'_>,
        units: i64,
        pool: &Pool<'a>,
        worth_minor: i64,
    ) -> Option<Self> {
        let quantity = Quantity::new(units).ok()?;
        let worth = Spent { cost_minor: worth_minor.saturating_mul(units), ..Spent::default() };
        Some(Self {
            units,
            facts: pool.facts,
            site: pool.site,
            from: pool.from,
            spent: pool.spent() + worth,
            claims: vec![pool.claim(problem, quantity)],
            origin: if pool.receipt.is_some() { Drawn::Receipt } else { Drawn::Shelf },
            takes: Vec::new(),
        })
    }
}

/// Several drawings at one site as one consignment: from when on it can be picked, and what was spent until then.
pub(super) fn together<'a>(
    problem: &Problem<'_>,
    drawings: &[&Drawing<'a>],
) -> Option<(Consignment<'a>, Minute, Spent)> {
    let mut goods: Vec<(&ItemFacts, Line)> = Vec::with_capacity(drawings.len());
    let (mut supplied, mut assemblies, mut party) = (None, Vec::new(), None);
    for drawing in drawings {
        let quantity = Quantity::new(drawing.units).ok()?;
        match goods.iter_mut().find(|(facts, _)| facts.item == drawing.facts.item) {
            Some((_, line)) => line.quantity = line.quantity.checked_add(quantity).ok()?,
            None => goods.push((drawing.facts, Line { item: drawing.facts.item.clone(), quantity })),
        }
        match &drawing.origin {
            Drawn::Shelf => {}
            Drawn::Receipt => supplied = supplied.max(Some(drawing.from)),
            Drawn::Kit(assembly) => assemblies.push(Rc::clone(assembly)),
            Drawn::Party { party: who, lead_working_days } => {
                party = Some(Origin::Party { party: who.clone(), lead_working_days: *lead_working_days });
            }
        }
    }
    let prepared = supplied.is_some() || !assemblies.is_empty();
    let origin = match party {
        Some(party) => party,
        None if prepared => Origin::Prepared { supplied, assemblies },
        None => Origin::There,
    };
    let claims = drawings.iter().flat_map(|drawing| drawing.claims.iter().cloned()).collect();
    let start = drawings.iter().map(|drawing| drawing.from).fold(problem.now, Minute::max);
    let spent = drawings.iter().map(|drawing| drawing.spent).sum();
    Some((Consignment::goods(&goods, claims, origin), start, spent))
}

/// Units that are wanted together, and everything that can be drawn for them.
pub(super) struct Wanted<'a> {
    pub(super) units: i64,
    pub(super) drawings: Vec<Drawing<'a>>,
}

/// Whether every amount counts in which `lines` could be cut.
pub(super) fn every_amount(lines: &[Line]) -> bool {
    let states = lines.iter().try_fold(1_usize, |states, line| {
        states.checked_mul(usize::try_from(line.quantity.units()).ok()?.checked_add(1)?)
    });
    states.is_some_and(|states| states <= SPREADS_MAX)
}

/// What can be drawn for a line: from each pool, as kits and from parties every amount, if `every` is set. If not, a
/// place gives all that is needed, or all it has, or what is still missing when some others give all they have; kits
/// and parties give all that is needed or what stock leaves missing.
pub(super) fn of_line<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    line: &Line,
    to: u32,
    (kits, every): (bool, bool),
) -> Result<Wanted<'a>, Reason> {
    let needed = line.quantity.units();
    let choices = choices(problem, scenario, &line.item)?;
    let of_choice = |choice: &Choice<'a>| {
        let worth = choice.worth_minor;
        pools(problem, scenario, choice.facts).into_iter().map(move |pool| (pool, worth))
    };
    let pools: Vec<(Pool<'a>, i64)> = choices.iter().flat_map(of_choice).collect();
    let (mut drawings, mut rests) = (Vec::new(), BTreeSet::from([needed]));
    if every {
        for (pool, worth) in &pools {
            let amounts = 1..=pool.units.min(needed);
            drawings.extend(amounts.filter_map(|units| Drawing::of_pool(problem, units, pool, *worth)));
        }
        rests.extend(1..needed);
    } else {
        let goes = |pool: &Pool<'a>, units: i64| {
            let drawing = Drawing::of_pool(problem, units, pool, 0);
            drawing.is_some_and(|one| {
                deliveries(problem, scenario, &[&one], to).is_ok_and(|ways| !ways.is_empty())
            })
        };
        let mut going: Vec<(Pool<'a>, i64)> = pools.into_iter().filter(|(pool, _)| goes(pool, 1)).collect();
        going.sort_by_key(|(pool, _)| (pool.receipt.is_some(), std::cmp::Reverse(pool.units)));
        let sums = sums(&going, needed);
        for (pool, worth) in &going {
            let most = pool.units.min(needed);
            let mut amounts: BTreeSet<i64> =
                sums.iter().map(|sum| needed - sum).filter(|rest| *rest <= most).chain([most]).collect();
            if !goes(pool, most) {
                // Of the powers of two every amount is made up.
                amounts.extend((0..62).map(|power| 1_i64 << power).take_while(|units| *units <= most));
            }
            drawings.extend(
                amounts.into_iter().filter_map(|units| Drawing::of_pool(problem, units, pool, *worth)),
            );
        }
        rests.extend(sums.last().map(|sum| needed - sum));
    }
    let others = |units: i64| {
        let of_choice = |choice: &Choice<'a>| {
            let put_together =
                if kits { kit::drawings(problem, scenario, units, choice) } else { Vec::new() };
            put_together.into_iter().chain(purchase::drawings(problem, units, choice, to))
        };
        choices.iter().flat_map(of_choice).collect::<Vec<_>>()
    };
    drawings.extend(rests.into_iter().rev().flat_map(others));
    Ok(Wanted { units: needed, drawings })
}

/// What some of the places have together, less than is needed; 0 for none of them. All sums of the first places; of
/// the others only what they add when everybody before them gives all.
fn sums(pools: &[(Pool<'_>, i64)], needed: i64) -> BTreeSet<i64> {
    let (mut sums, mut in_turn) = (BTreeSet::from([0]), 0_i64);
    for (pool, _) in pools {
        in_turn = in_turn.saturating_add(pool.units);
        if sums.len() <= SUMS_MAX {
            let more: Vec<i64> = sums.iter().map(|sum| sum + pool.units.min(needed)).collect();
            sums.extend(more.into_iter().filter(|sum| *sum < needed));
        }
        if in_turn < needed {
            sums.insert(in_turn);
        }
    }
    sums
}
