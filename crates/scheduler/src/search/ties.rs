//! What visits and shifts have to do with each other, by visit and by shift.

use crate::instance::{Instance, Link};

/// What a visit has to do with another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tie {
    /// Both at the same moment.
    With(u32),
    /// Only when this one is planned, and after it.
    After(u32),
    /// This one only after it.
    Before(u32),
}

/// What a shift has to do with another one when that is used.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    /// It ends so many seconds before that begins.
    Before(i32),
    /// It begins so many seconds after that has ended.
    After(i32),
    /// It is not used.
    Instead,
}

/// All ties of an instance.
pub(crate) struct Ties {
    of_visit: Vec<Vec<Tie>>,
    of_shift: Vec<Vec<(u32, Side)>>,
    /// Visits that are not taken out: those that are pinned, and those without which these can't be.
    kept: Vec<bool>,
    /// What it costs to leave a visit out, with all that can only be done after it.
    worth: Vec<i64>,
    none: bool,
}

impl Ties {
    pub(crate) fn of(instance: &Instance) -> Self {
        let (visits, shifts) = (instance.visits.len(), instance.shifts.len());
        let mut of_visit = vec![Vec::new(); visits];
        for link in &instance.links {
            match *link {
                Link::Together { visits: (one, other) } => {
                    of_visit[one as usize].push(Tie::With(other));
                    of_visit[other as usize].push(Tie::With(one));
                }
                Link::After { first, then } => {
                    of_visit[first as usize].push(Tie::Before(then));
                    of_visit[then as usize].push(Tie::After(first));
                }
            }
        }
        let mut of_shift = vec![Vec::new(); shifts];
        for rest in &instance.rests {
            let side = |side: fn(i32) -> Side| rest.least_s.map_or(Side::Instead, side);
            of_shift[rest.before as usize].push((rest.after, side(Side::Before)));
            of_shift[rest.after as usize].push((rest.before, side(Side::After)));
        }
        let none = instance.links.is_empty() && instance.rests.is_empty();
        let mut ties = Self { of_visit, of_shift, kept: Vec::new(), worth: Vec::new(), none };
        ties.worth = (0..visits).map(|visit| ties.worth_of(instance, visit)).collect();
        ties.kept = ties.kept_of(instance);
        ties
    }

    /// The visits without which pinned ones can't be stay too.
    fn kept_of(&self, instance: &Instance) -> Vec<bool> {
        let mut kept = vec![false; instance.visits.len()];
        let mut open: Vec<u32> =
            (0..).zip(&instance.visits).filter(|(_, visit)| visit.pinned).map(|(at, _)| at).collect();
        while let Some(visit) = open.pop() {
            if !std::mem::replace(&mut kept[visit as usize], true) {
                open.extend(self.of_visit(visit).iter().filter_map(|tie| match *tie {
                    Tie::With(other) | Tie::After(other) => Some(other),
                    Tie::Before(_) => None,
                }));
            }
        }
        kept
    }

    fn worth_of(&self, instance: &Instance, visit: usize) -> i64 {
        let mut seen = vec![visit];
        let mut next = 0;
        while let Some(&visit) = seen.get(next) {
            next += 1;
            for tie in &self.of_visit[visit] {
                if let Tie::Before(then) = *tie
                    && !seen.contains(&(then as usize))
                {
                    seen.push(then as usize);
                }
            }
        }
        seen.into_iter().map(|visit| instance.visits[visit].absence_cost).sum()
    }

    /// Whether nothing has to do with anything else.
    pub(crate) const fn are_none(&self) -> bool {
        self.none
    }

    pub(crate) fn of_visit(&self, visit: u32) -> &[Tie] {
        &self.of_visit[visit as usize]
    }

    pub(crate) fn of_shift(&self, shift: u32) -> &[(u32, Side)] {
        &self.of_shift[shift as usize]
    }

    pub(crate) fn is_tied(&self, visit: u32) -> bool {
        !self.of_visit[visit as usize].is_empty()
    }

    /// The visit that begins at the same moment, if any.
    pub(crate) fn partner(&self, visit: u32) -> Option<u32> {
        self.of_visit(visit).iter().find_map(|tie| match *tie {
            Tie::With(partner) => Some(partner),
            Tie::After(_) | Tie::Before(_) => None,
        })
    }

    /// Whether it can only be planned once another one is.
    pub(crate) fn waits(&self, visit: u32) -> bool {
        self.of_visit(visit).iter().any(|tie| matches!(tie, Tie::After(_)))
    }

    /// Visits that can only be planned once it is.
    pub(crate) fn waiting_for(&self, visit: u32) -> impl Iterator<Item = u32> {
        self.of_visit(visit).iter().filter_map(|tie| match *tie {
            Tie::Before(then) => Some(then),
            Tie::With(_) | Tie::After(_) => None,
        })
    }

    pub(crate) fn is_kept(&self, visit: u32) -> bool {
        self.kept[visit as usize]
    }

    pub(crate) fn worth(&self, visit: u32) -> i64 {
        self.worth[visit as usize]
    }
}
