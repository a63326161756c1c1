//! What searches leave behind for those that follow: buffers, terms and lower bounds.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bounds::{self, Terms};
use super::labels::{Counts, Payload, Sums};
use super::view::View;
use super::workspace::Workspace;
use crate::compile::Minute;

/// Least spending from each site to a target.
type Spending = Rc<Vec<Sums>>;
/// Least minutes from each site to a target.
type Minutes = Rc<Vec<Minute>>;
/// What was worked out, by what it was worked out for.
type Known<K, V> = Rc<RefCell<BTreeMap<K, V>>>;

/// Shared by all views of one network.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) workspace: Rc<RefCell<Workspace>>,
    /// Whether a search was cut short.
    pub(super) cut: Rc<Cell<bool>>,
    terms: Known<(Payload, Counts), Rc<Terms>>,
    spending: Known<(Payload, Counts, u32), Spending>,
    /// As compiled, and under any changes.
    minutes: Known<(bool, Payload, u32), Minutes>,
}

/// Lower bounds for one payload and one target.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) terms: Rc<Terms>,
    pub(super) spending: Spending,
    pub(super) minutes: Minutes,
}

impl View<'_> {
    /// Lower bounds of what counts, computed once per payload and target.
    pub(super) fn bounds(&self, payload: &Payload, target: u32, counts: Counts) -> Bounds {
        let rows = &self.net.graph(payload.traffic).rows;
        let mut known = self.memory.terms.borrow_mut();
        let terms = known
            .entry((payload.clone(), counts))
            .or_insert_with(|| Rc::new(Terms::new(self.net, payload, counts)));
        let mut known = self.memory.spending.borrow_mut();
        let spending = known
            .entry((payload.clone(), counts, target))
            .or_insert_with(|| Rc::new(bounds::spending(rows, terms, target)));
        let mut known = self.memory.minutes.borrow_mut();
        let compiled = self.is_as_compiled(payload.traffic);
        let minutes = known.entry((compiled, payload.clone(), target)).or_insert_with(|| {
            Rc::new(if compiled {
                bounds::minutes(rows, terms, &self.net.graph(payload.traffic).boards, target)
            } else {
                bounds::minutes_under_changes(self.net, terms, target)
            })
        });
        Bounds { terms: Rc::clone(terms), spending: Rc::clone(spending), minutes: Rc::clone(minutes) }
    }
}
