//! Drawings: units taken for one line from one place, in the amounts that make sense.

use std::collections::BTreeSet;
use std::rc::Rc;

use meridian_types::{PartyId, Quantity};

use super::shipping::Consignment;
use super::supply::{Choice, Pool, choices, pools};
use super::{kit, purchase};
use crate::compile::Minute;
use crate::draft::{Assembly, Origin, Spent};
use crate::model::{Claim, ItemFacts, Line, Reason};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Places whose stock is not enough for a line and of which every combination is looked at. A line that needs more
/// of them is filled from one after the other, shelves and larger ones first.
const PIECES_MAX: usize = 4;

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
    let claims = drawings.iter().flat_map(|drawing| drawing.claims.clone()).collect();
    let start = drawings.iter().map(|drawing| drawing.from).fold(problem.now, Minute::max);
    let spent = drawings.iter().map(|drawing| drawing.spent).sum();
    Some((Consignment::goods(&goods, claims, origin), start, spent))
}

/// Units that are wanted together, and everything that can be drawn for them.
pub(super) struct Wanted<'a> {
    pub(super) units: i64,
    pub(super) drawings: Vec<Drawing<'a>>,
}

/// What can be drawn for a line.
///
/// A place gives all that is needed; or all it has; or what is still missing when some others give all they have.
/// Kits and parties give all that is needed or what stock leaves missing.
pub(super) fn of_line<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    line: &Line,
    to: u32,
    kits: bool,
) -> Result<Vec<Wanted<'a>>, Reason> {
    let needed = line.quantity.units();
    let choices = choices(problem, scenario, &line.item)?;
    let of_choice = |choice: &Choice<'a>| {
        let worth = choice.worth_minor;
        pools(problem, scenario, choice.facts).into_iter().map(move |pool| (pool, worth))
    };
    let pools: Vec<(Pool<'a>, i64)> = choices.iter().flat_map(of_choice).collect();
    let mut small: Vec<(Pool<'a>, i64)> =
        pools.iter().copied().filter(|(pool, _)| pool.units < needed).collect();
    small.sort_by_key(|(pool, _)| (pool.receipt.is_some(), std::cmp::Reverse(pool.units)));
    let others = |units: i64| {
        let of_choice = |choice: &Choice<'a>| {
            let put_together =
                if kits { kit::drawings(problem, scenario, units, choice) } else { Vec::new() };
            put_together.into_iter().chain(purchase::drawings(problem, units, choice, to))
        };
        choices.iter().flat_map(of_choice).collect::<Vec<_>>()
    };
    if small.len() == pools.len()
        && let Some(InTurn { pieces, left }) = in_turn(&small, needed)
    {
        let drawing = |(pool, worth, units)| Drawing::of_pool(problem, units, &pool, worth);
        let piece = |piece: (Pool<'a>, i64, i64)| Wanted {
            units: piece.2,
            drawings: drawing(piece).into_iter().collect(),
        };
        let rest = (left > 0).then(|| Wanted { units: left, drawings: others(left) });
        return Ok(pieces.into_iter().map(piece).chain(rest).collect());
    }
    let sums = sums(&small, needed);
    let mut drawings = Vec::new();
    for (pool, worth) in &pools {
        let rest = sums.iter().map(|sum| needed - sum).filter(|rest| *rest <= pool.units);
        let amounts: BTreeSet<i64> = rest.chain([pool.units.min(needed)]).collect();
        drawings
            .extend(amounts.into_iter().filter_map(|units| Drawing::of_pool(problem, units, pool, *worth)));
    }
    let left = needed - sums.last().copied().unwrap_or(0);
    drawings.extend(BTreeSet::from([needed, left]).into_iter().flat_map(others));
    Ok(vec![Wanted { units: needed, drawings }])
}

/// A line that is filled from one place after the other.
struct InTurn<'a> {
    /// The places, what a unit from there is worth more, and how many it gives.
    pieces: Vec<(Pool<'a>, i64, i64)>,
    /// What is left in the end.
    left: i64,
}

/// How a line is filled from one place after the other; nothing when it takes few of them.
fn in_turn<'a>(small: &[(Pool<'a>, i64)], needed: i64) -> Option<InTurn<'a>> {
    let (mut left, mut pieces) = (needed, Vec::new());
    for (pool, worth) in small {
        if left == 0 {
            break;
        }
        let units = pool.units.min(left);
        left -= units;
        pieces.push((*pool, *worth, units));
    }
    (pieces.len() > PIECES_MAX).then_some(InTurn { pieces, left })
}

/// What some of the places that have too little have together, less than is needed; 0 for none of them.
fn sums(small: &[(Pool<'_>, i64)], needed: i64) -> BTreeSet<i64> {
    let mut sums = BTreeSet::from([0]);
    for (pool, _) in small.iter().take(PIECES_MAX) {
        let more: Vec<i64> = sums.iter().map(|sum| sum + pool.units).collect();
        sums.extend(more.into_iter().filter(|sum| *sum < needed));
    }
    sums
}
