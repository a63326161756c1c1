//! What is wanted, in lots that are decided one by one, and the lots that have to be decided together.

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::{ItemId, ReceiptId, SiteId};

use super::drawing::{Drawing, Drawn, Wanted};
use crate::model::{Claim, ScheduledReceipt};
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Lots that are decided together exactly. More are made fewer: see [`Lots::groups`].
pub(super) const LOTS_MAX: usize = 8;

/// Stock of an item at a warehouse, or one receipt of it.
type PoolKey = (ItemId, SiteId, Option<ReceiptId>);

/// Everything that is wanted, with everything that can be drawn for it.
pub(super) struct Lots<'a> {
    pub(super) wanted: Vec<Wanted<'a>>,
    /// Pools that could be promised more often than they have units, with what they have.
    contested: BTreeMap<PoolKey, usize>,
    pub(super) limits: Vec<i64>,
}

/// Wanted units that come from one place together: those of one line or, in large requests, of several.
#[derive(Debug, Clone)]
pub(super) struct Lot {
    /// Indices into what is wanted.
    pub(super) wanted: Vec<usize>,
    /// Units, or 1 when it is several lines.
    pub(super) needs: i64,
    /// Places that can give all of it.
    whole_at: BTreeSet<u32>,
    /// Places that can give some of it.
    some_at: BTreeSet<u32>,
}

fn uses(drawing: &Drawing<'_>) -> BTreeMap<PoolKey, i64> {
    let mut uses = BTreeMap::new();
    for claim in &drawing.claims {
        let (key, quantity) = match claim {
            Claim::Stock { item, quantity, warehouse, .. } => {
                ((item.clone(), warehouse.clone(), None), quantity)
            }
            Claim::Receipt { receipt, item, quantity, warehouse, .. } => {
                ((item.clone(), warehouse.clone(), Some(receipt.clone())), quantity)
            }
            Claim::Loaner { .. } | Claim::Engineer { .. } | Claim::Party { .. } => continue,
        };
        *uses.entry(key).or_default() += quantity.units();
    }
    uses
}

fn limit(problem: &Problem<'_>, scenario: &Scenario<'_>, (item, site, receipt): &PoolKey) -> i64 {
    match receipt {
        None => scenario.available(problem, item, site),
        Some(receipt) => {
            let is_it = |known: &&&ScheduledReceipt| known.receipt == *receipt && known.warehouse == *site;
            let known = problem.receipts(item).iter().find(is_it);
            known.map_or(0, |known| known.available)
        }
    }
}

impl<'a> Lots<'a> {
    pub(super) fn new(problem: &Problem<'_>, scenario: &Scenario<'_>, wanted: Vec<Wanted<'a>>) -> Self {
        // The most that each pool could be asked for, were every line drawn from it alone.
        let mut asked: BTreeMap<PoolKey, i64> = BTreeMap::new();
        for wanted in &wanted {
            let mut most: BTreeMap<PoolKey, i64> = BTreeMap::new();
            for drawing in &wanted.drawings {
                for (key, units) in uses(drawing) {
                    let times = i128::from(units) * i128::from(wanted.units);
                    let given = i128::from(drawing.units.max(1));
                    let all = i64::try_from((times + given - 1) / given).unwrap_or(i64::MAX);
                    let known = most.entry(key).or_default();
                    *known = all.max(*known);
                }
            }
            for (key, units) in most {
                let sum = asked.entry(key).or_default();
                *sum = sum.saturating_add(units);
            }
        }
        let contested: Vec<PoolKey> = asked
            .into_iter()
            .filter(|(key, asked)| *asked > limit(problem, scenario, key))
            .map(|(key, _)| key)
            .collect();
        let limits = contested.iter().map(|key| limit(problem, scenario, key)).collect();
        let contested = contested.into_iter().zip(0..).collect();
        let mut lots = Self { wanted, contested, limits };
        lots.note_takes();
        lots.drop_what_waits_in_vain();
        lots
    }

    /// What `drawings` take from each contested pool together.
    pub(super) fn takes<'d>(&self, drawings: impl Iterator<Item = &'d Drawing<'a>>) -> Vec<i64>
    where
        'a: 'd,
    {
        let mut takes = vec![0; self.limits.len()];
        for drawing in drawings {
            takes.iter_mut().zip(&drawing.takes).for_each(|(sum, units)| *sum += units);
        }
        takes
    }

    fn note_takes(&mut self) {
        let Self { wanted, contested, limits } = self;
        for drawing in wanted.iter_mut().flat_map(|wanted| &mut wanted.drawings) {
            drawing.takes = vec![0; limits.len()];
            if !contested.is_empty() {
                for (key, units) in uses(drawing) {
                    if let Some(&pool) = contested.get(&key) {
                        drawing.takes[pool] += units;
                    }
                }
            }
        }
    }

    /// Where all of an item that is wanted lies on a shelf that nobody else wants, none of it is waited for.
    fn drop_what_waits_in_vain(&mut self) {
        for wanted in &mut self.wanted {
            let units = wanted.units;
            let free = |drawing: &&Drawing<'_>| {
                let uncontested = drawing.takes.iter().all(|units| *units == 0);
                matches!(drawing.origin, Drawn::Shelf) && drawing.units == units && uncontested
            };
            let lies: BTreeSet<(u32, &ItemId)> = wanted
                .drawings
                .iter()
                .filter(free)
                .map(|drawing| (drawing.site, &drawing.facts.item))
                .collect();
            wanted.drawings.retain(|drawing| {
                let waits = matches!(drawing.origin, Drawn::Receipt | Drawn::Kit(_));
                !(waits && lies.contains(&(drawing.site, &drawing.facts.item)))
            });
        }
    }

    /// Lots that share a place or a contested pool are decided together, at most 8 at once; others have nothing to
    /// do with each other.
    ///
    /// When there are more, lines that the most alike places can give whole become one lot, again and again; what
    /// is still too much is cut.
    pub(super) fn groups(&self) -> Vec<Vec<Lot>> {
        let lots = (0..self.wanted.len()).map(|index| self.lot(index)).collect();
        let mut done = Vec::new();
        let mut open = self.apart(lots);
        while let Some(mut group) = open.pop() {
            if group.len() <= LOTS_MAX {
                done.push(group);
            } else if let Some((a, b)) = most_alike(&group) {
                let joined = group.remove(b);
                let lot = &mut group[a];
                lot.wanted.extend(joined.wanted);
                lot.whole_at = &lot.whole_at & &joined.whole_at;
                lot.some_at = lot.whole_at.clone();
                lot.needs = 1;
                open.extend(self.apart(group));
            } else {
                done.extend(group.chunks(LOTS_MAX).map(<[Lot]>::to_vec));
            }
        }
        done
    }

    /// Each line by itself.
    pub(super) fn singly(&self) -> Vec<Vec<Lot>> {
        (0..self.wanted.len()).map(|index| vec![self.lot(index)]).collect()
    }

    fn lot(&self, index: usize) -> Lot {
        let wanted = &self.wanted[index];
        let shipped = || wanted.drawings.iter().filter(|one| !matches!(one.origin, Drawn::Party { .. }));
        Lot {
            wanted: vec![index],
            needs: wanted.units,
            whole_at: shipped().filter(|one| one.units == wanted.units).map(|one| one.site).collect(),
            some_at: shipped().map(|one| one.site).collect(),
        }
    }

    /// Groups of lots that have nothing to do with those of other groups.
    fn apart(&self, lots: Vec<Lot>) -> Vec<Vec<Lot>> {
        let touches = |lot: &Lot| -> BTreeSet<(bool, usize)> {
            let drawings = || lot.wanted.iter().flat_map(|index| &self.wanted[*index].drawings);
            let takes = drawings().map(|one| self.takes(std::iter::once(one)));
            let pools = takes.flat_map(|takes| {
                takes.into_iter().zip(0..).filter(|(units, _)| *units > 0).map(|(_, pool)| (true, pool))
            });
            pools.chain(lot.some_at.iter().map(|site| (false, *site as usize))).collect()
        };
        let mut groups: Vec<Vec<Lot>> = Vec::new();
        let mut touched: Vec<BTreeSet<(bool, usize)>> = Vec::new();
        for lot in lots {
            let (mut all, mut members) = (touches(&lot), vec![lot]);
            let mut index = 0;
            while index < groups.len() {
                if touched[index].is_disjoint(&all) {
                    index += 1;
                } else {
                    all.extend(touched.remove(index));
                    members.extend(groups.remove(index));
                    index = 0;
                }
            }
            members.sort_by_key(|lot| lot.wanted[0]);
            groups.push(members);
            touched.push(all);
        }
        groups
    }
}

/// The two lots of which the fewest places give one but not the other whole, and some give both.
fn most_alike(lots: &[Lot]) -> Option<(usize, usize)> {
    let pairs = (0..lots.len()).flat_map(|a| (a + 1..lots.len()).map(move |b| (a, b)));
    let both = pairs.filter(|(a, b)| !lots[*a].whole_at.is_disjoint(&lots[*b].whole_at));
    both.min_by_key(|(a, b)| (&lots[*a].whole_at ^ &lots[*b].whole_at).len())
}
