//! What searches leave behind for those that follow: buffers, terms and lower bounds.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bounds::{self, Terms, Weightless};
use super::labels::{Counts, Payload, Sums};
use super::view::View;
use super::workspace::Workspace;
use crate::compile::Traffic;

/// Least spending from each site to a target.
type Spending = Rc<Vec<Sums>>;
/// What travels and what counts, as compiled or under any changes, which arcs refuse it, and where to.
type Refused = (bool, Traffic, Counts, Vec<u32>, u32);
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
    weightless: Known<Refused, Rc<Weightless>>,
}

/// Lower bounds for one payload and one target.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) terms: Rc<Terms>,
    pub(super) spending: Spending,
    pub(super) weightless: Rc<Weightless>,
}

impl View<'_> {
    /// Lower bounds of what counts, computed once per payload and target.
    pub(super) fn bounds(&self, payload: &Payload, target: u32, counts: Counts) -> Bounds {
        let rows = &self.net.graph(payload.traffic).rows;
        let mut known = self.memory.terms.borrow_mut();
        let terms = known
            .entry((payload.clone(), counts))
            .or_insert_with(|| Rc::new(Terms::new(self.net, payload, counts)));
        let compiled = self.is_as_compiled(payload.traffic);
        let key = (compiled, payload.traffic, counts, terms.refusing.clone(), target);
        let mut known = self.memory.weightless.borrow_mut();
        let weightless = known.entry(key).or_insert_with(|| {
            let minutes = if compiled {
                bounds::minutes(rows, terms, &self.net.graph(payload.traffic).boards, target)
            } else {
                bounds::minutes_under_changes(self.net, terms, target)
            };
            Rc::new(Weightless::new(rows, terms, minutes, target))
        });
        let mut known = self.memory.spending.borrow_mut();
        let spending = known
            .entry((payload.clone(), counts, target))
            .or_insert_with(|| Rc::new(bounds::spending(rows, terms, weightless, target)));
        Bounds { terms: Rc::clone(terms), spending: Rc::clone(spending), weightless: Rc::clone(weightless) }
    }
}
