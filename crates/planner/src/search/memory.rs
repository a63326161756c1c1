//! What searches leave behind for those that follow: buffers, terms and lower bounds.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bounds::{self, Terms};
use super::labels::{Payload, Sums};
use super::view::View;
use super::workspace::Workspace;
use crate::compile::Minute;

/// Least spending from each site to a target.
type Spending = Rc<Vec<Sums>>;
/// Least minutes from each site to a target.
type Minutes = Rc<Vec<Minute>>;
/// What was computed, by what it was computed for.
type Known<K, V> = Rc<RefCell<BTreeMap<K, V>>>;

/// Shared by all views of one network.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) workspace: Rc<RefCell<Workspace>>,
    terms: Known<Payload, Rc<Terms>>,
    spending: Known<(Payload, u32), Spending>,
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
    /// Lower bounds, computed once per payload and target.
    pub(super) fn bounds(&self, payload: &Payload, target: u32) -> Bounds {
        let rows = &self.net.graph(payload.traffic).rows;
        let key = (payload.clone(), target);
        let mut known = self.memory.terms.borrow_mut();
        let terms = known.entry(payload.clone()).or_insert_with(|| Rc::new(Terms::new(self.net, payload)));
        let mut known = self.memory.spending.borrow_mut();
        let spending =
            known.entry(key.clone()).or_insert_with(|| Rc::new(bounds::spending(rows, terms, target)));
        let mut known = self.memory.minutes.borrow_mut();
        let compiled = self.is_as_compiled(payload.traffic);
        let minutes = known.entry((compiled, key.0, key.1)).or_insert_with(|| {
            Rc::new(if compiled {
                bounds::minutes(rows, terms, &self.net.graph(payload.traffic).boards, target)
            } else {
                bounds::minutes_under_changes(self.net, terms, target)
            })
        });
        Bounds { terms: Rc::clone(terms), spending: Rc::clone(spending), minutes: Rc::clone(minutes) }
    }
}
