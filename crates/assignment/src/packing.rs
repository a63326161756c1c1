//! The batch as a set-packing problem: groups of options, of which each group gets one at most, and rows with a
//! capacity that the options use.

use std::collections::BTreeMap;

use meridian_planner::model::{Claim, StockLevel};
use meridian_types::{EngineerId, Interval};

use crate::batch::{Batch, BatchError, Choice, Priority, validate};
use crate::outcome::{Resource, Total};
use crate::rows::{Rows, Use, UseKind};

/// Aims, the most important first: critical, high and normal requests served, minus weighted lateness, minus holds
/// moved, minus cost.
pub(crate) const AIMS: usize = 6;

/// What an option, or a whole answer, is worth; greater is better, and the first difference decides. Sums keep that
/// order, so bounds may be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Value(pub [i64; AIMS]);

impl Value {
    pub(crate) fn plus(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(one, other)| *one += other);
        self
    }

    pub(crate) fn minus(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(one, other)| *one -= other);
        self
    }

    pub(crate) const fn total(self) -> Total {
        let [critical, high, normal, late, moved, cost] = self.0;
        Total {
            served: [critical, high, normal],
            weighted_late_minutes: -late,
            preempted: -moved,
            cost_minor: -cost,
        }
    }
}

/// One way for a group.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Index of the request's choice, or of the hold's alternative; 0 for a hold that stays.
    pub index: usize,
    pub value: Value,
    /// Units used, by row; each row once.
    pub uses: Vec<(usize, i64)>,
}

/// A request, or a hold that might have to move.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub candidates: Vec<Candidate>,
    /// Whether it must have one of its candidates: a hold, whose first candidate is to stay.
    pub bound: bool,
}

/// A limit on what can be used together.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub capacity: i64,
    pub resource: Resource,
}

/// Groups and rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packing {
    /// The requests of the batch, then those of its holds that may be taken, both in the batch's order.
    pub groups: Vec<Group>,
    pub rows: Vec<Row>,
}

/// For each group the index of its candidate.
pub(crate) type Chosen = Vec<Option<usize>>;

/// The newest figure of each pool; of figures of one version the least, as planners read them.
fn newest(stock: &[StockLevel]) -> BTreeMap<Resource, i64> {
    let mut newest: BTreeMap<Resource, (i64, i64)> = BTreeMap::new();
    for level in stock {
        let resource = Resource::Stock { item: level.item.clone(), warehouse: level.warehouse.clone() };
        let (version, available) = newest.entry(resource).or_insert((level.version, level.available));
        if level.version > *version {
            (*version, *available) = (level.version, level.available);
        } else if level.version == *version {
            *available = level.available.min(*available);
        }
    }
    newest.into_iter().map(|(resource, (_, available))| (resource, available)).collect()
}

impl Packing {
    pub(crate) fn of(batch: &Batch) -> Result<Self, BatchError> {
        validate(batch)?;
        let mut pools: BTreeMap<Resource, (i64, Vec<Use>)> = BTreeMap::new();
        for (resource, available) in newest(&batch.stock) {
            pools.entry(resource).or_default().0 = available.max(0);
        }
        for receipt in &batch.receipts {
            let resource = Resource::Receipt(receipt.at());
            let (available, _) = pools.entry(resource).or_default();
            *available = available.saturating_add(receipt.available.max(0));
        }
        for pool in &batch.loaners {
            let resource = Resource::Loaner { model: pool.model.clone(), warehouse: pool.warehouse.clone() };
            let (available, _) = pools.entry(resource).or_default();
            *available = available.saturating_add(pool.available.max(0));
        }
        let mut time: BTreeMap<EngineerId, Vec<(Interval, Use)>> = BTreeMap::new();
        let mut claim = |choice: &Choice, group, candidate, kind| {
            for claim in &choice.claims {
                let of = |units| Use { group, candidate, units, kind };
                match claim {
                    Claim::Engineer { engineer, during, .. } => {
                        time.entry(engineer.clone()).or_default().push((*during, of(1)));
                    }
                    other => {
                        if let Some((resource, units)) = Resource::pool(other) {
                            pools.entry(resource).or_default().1.push(of(units));
                        }
                    }
                }
            }
        };
        let mut groups = Vec::new();
        for request in &batch.requests {
            for (index, choice) in request.choices.iter().enumerate() {
                claim(choice, groups.len(), index, UseKind::Takes(request.priority));
            }
            groups.push(Group { candidates: candidates(request), bound: false });
        }
        for hold in &batch.holds {
            if hold.protection().is_some() {
                claim(&hold.present, usize::MAX, 0, UseKind::Protected);
                continue;
            }
            claim(&hold.present, groups.len(), 0, UseKind::Stays(hold.priority));
            let mut options = vec![moved(0, &hold.present, 0)];
            for (index, choice) in hold.alternatives.iter().enumerate() {
                if choice.late_minutes == 0 {
                    claim(choice, groups.len(), options.len(), UseKind::Replaces);
                    options.push(moved(index, choice, 1));
                }
            }
            groups.push(Group { candidates: options, bound: true });
        }
        let mut rows = Rows::new(groups);
        for (resource, (free, uses)) in pools {
            rows.pool(&resource, free, &uses);
        }
        for (engineer, claims) in time {
            rows.engineer(&Resource::Engineer { engineer }, claims);
        }
        Ok(rows.packing)
    }

    /// Every hold stays, and no request has anything.
    pub(crate) fn nobody_served(&self) -> Chosen {
        self.groups.iter().map(|group| group.bound.then_some(0)).collect()
    }

    pub(crate) fn option_count(&self) -> usize {
        self.groups.iter().map(|group| group.candidates.len()).sum()
    }
}

fn candidates(request: &crate::Request) -> Vec<Candidate> {
    let served = |priority| i64::from(request.priority == priority);
    let value = |choice: &Choice| {
        Value([
            served(Priority::Critical),
            served(Priority::High),
            served(Priority::Normal),
            -request.lateness_weight * choice.late_minutes,
            0,
            -choice.cost_minor,
        ])
    };
    let choices = request.choices.iter().enumerate();
    choices.map(|(index, it)| Candidate { index, value: value(it), uses: Vec::new() }).collect()
}

fn moved(index: usize, choice: &Choice, moves: i64) -> Candidate {
    Candidate { index, value: Value([0, 0, 0, 0, -moves, -choice.cost_minor]), uses: Vec::new() }
}
