//! Turns what options use into rows with a capacity.
//!
//! A pool gives one row. An engineer gives one row for every instant at which the claims under way are not all
//! among those of a later instant: the maximal cliques of overlapping claims, a stronger and smaller set of rows
//! than one for each overlapping pair.
//!
//! Where holds might be taken, each such row becomes several. What a hold gives up may go to strictly more urgent
//! requests only, and a replacement takes only what is free. Those sets of units are nested, so by Hall's theorem
//! the units suffice if and only if, for replacements alone and for every priority p, the replacements and the
//! requests that are no more urgent than p use at most what is free plus what holds less urgent than p give up.

use meridian_types::Interval;

use crate::batch::Priority;
use crate::outcome::Resource;
use crate::packing::{Group, Packing, Row};

/// Use of a resource by a candidate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub group: usize,
    pub candidate: usize,
    pub units: i64,
    pub kind: UseKind,
}

/// By what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseKind {
    /// A request of that priority would take it.
    Takes(Priority),
    /// A hold of that priority has it and stays.
    Stays(Priority),
    /// A hold that moves would take it instead.
    Replaces,
    /// A hold that cannot be taken has it.
    Protected,
}

/// A packing whose rows are being made.
pub(crate) struct Rows {
    pub(crate) packing: Packing,
}

impl Rows {
    pub(crate) fn new(groups: Vec<Group>) -> Self {
        Self { packing: Packing { groups, rows: Vec::new() } }
    }

    /// The rows of a pool: `free` counts what nobody holds.
    pub(crate) fn pool(&mut self, resource: &Resource, free: i64, uses: &[Use]) {
        let open: Vec<Use> = uses.iter().copied().filter(|it| it.kind != UseKind::Protected).collect();
        self.limit(resource, free, open);
    }

    /// The rows of an engineer, who can be in one place at a time.
    pub(crate) fn engineer(&mut self, resource: &Resource, mut claims: Vec<(Interval, Use)>) {
        claims.sort_by_key(|(during, it)| (during.start(), it.group, it.candidate));
        let mut under_way: Vec<(Interval, Use)> = Vec::new();
        for (position, (during, taken)) in claims.iter().enumerate() {
            under_way.retain(|(other, _)| other.end() > during.start());
            under_way.push((*during, *taken));
            let next = claims.get(position + 1).map(|(next, _)| next.start());
            let grows = next.is_some_and(|next| under_way.iter().all(|(it, _)| it.end() > next));
            if grows {
                continue;
            }
            let uses: Vec<Use> = under_way.iter().map(|(_, it)| *it).collect();
            let held = uses.iter().any(|it| matches!(it.kind, UseKind::Protected | UseKind::Stays(_)));
            let open = uses.into_iter().filter(|it| it.kind != UseKind::Protected).collect();
            self.limit(resource, i64::from(!held), open);
        }
    }

    fn limit(&mut self, resource: &Resource, free: i64, uses: Vec<Use>) {
        let mut uses = added_up(uses);
        let stays: Vec<Use> =
            uses.iter().copied().filter(|it| matches!(it.kind, UseKind::Stays(_))).collect();
        if stays.is_empty() {
            return self.row(resource, free, &uses);
        }
        own_units_first(&mut uses, &stays);
        let replacing = uses.iter().copied().filter(|it| it.kind == UseKind::Replaces).collect::<Vec<_>>();
        if !replacing.is_empty() {
            self.row(resource, free, &replacing);
        }
        for priority in [Priority::Critical, Priority::High, Priority::Normal] {
            let takes = |it: &Use| it.kind == UseKind::Takes(priority);
            if !uses.iter().any(takes) {
                continue;
            }
            let counts = |it: &Use| match it.kind {
                UseKind::Takes(by) => by >= priority,
                UseKind::Stays(of) => of > priority,
                UseKind::Replaces => true,
                UseKind::Protected => false,
            };
            let held: i64 = stays.iter().filter(|it| counts(it)).map(|it| it.units).sum();
            let counted: Vec<Use> = uses.iter().copied().filter(counts).collect();
            self.row(resource, free + held, &counted);
        }
    }

    fn row(&mut self, resource: &Resource, capacity: i64, uses: &[Use]) {
        let row = self.packing.rows.len();
        for it in uses {
            let used = &mut self.packing.groups[it.group].candidates[it.candidate].uses;
            match used.last_mut() {
                Some((last, units)) if *last == row => *units += it.units,
                _ => used.push((row, it.units)),
            }
        }
        self.packing.rows.push(Row { capacity, resource: resource.clone() });
    }
}

/// One use for each candidate and kind.
fn added_up(mut uses: Vec<Use>) -> Vec<Use> {
    uses.sort_by_key(|it| (it.group, it.candidate));
    uses.dedup_by(|later, first| {
        let same = (later.group, later.candidate, later.kind) == (first.group, first.candidate, first.kind);
        first.units += if same { later.units } else { 0 };
        same
    });
    uses
}

/// What a hold would use again of what it has, at the same place and time, it takes from nobody: as far as its own
/// units go, its alternatives count as staying.
fn own_units_first(uses: &mut Vec<Use>, stays: &[Use]) {
    let mut kept = Vec::new();
    for it in uses.iter_mut().filter(|it| it.kind == UseKind::Replaces) {
        if let Some(stay) = stays.iter().find(|stay| stay.group == it.group) {
            let units = stay.units.min(it.units);
            it.units -= units;
            kept.push(Use { units, kind: stay.kind, ..*it });
        }
    }
    uses.retain(|it| it.units > 0);
    uses.extend(kept);
}
