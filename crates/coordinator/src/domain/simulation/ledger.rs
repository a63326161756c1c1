//! What customers were promised in a simulated world.

use jiff::Timestamp;
use meridian_types::PromiseId;

use super::super::{Fact, Plan, PlanState, Stage};
use super::is_end;

/// Promises, as the customer hears of them.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    open: Option<(PromiseId, Timestamp)>,
    /// Taken back; the next date corrects it.
    former: Option<(PromiseId, Timestamp)>,
    told: Vec<PromiseId>,
    ended: bool,
    pub(super) parked: bool,
    pub(super) corrected: bool,
    pub(super) taken_back: bool,
    pub(super) kept: bool,
}

impl Ledger {
    pub(super) fn hear(&mut self, fact: &Fact, seed: u64) {
        assert!(!self.ended, "seed {seed}: {fact:?} after the end");
        self.ended |= is_end(fact) && !matches!(fact, Fact::Completed);
        match fact {
            Fact::PromiseMade(id, at) => {
                assert!(self.open.is_none() && self.former.is_none(), "seed {seed}: {fact:?} corrects one");
                self.make(*id, *at, seed);
            }
            Fact::PromiseChanged { old, new, in_time, .. } => {
                self.check_in_time(*in_time || self.open.is_none(), seed);
                let former = self.open.take().or(self.former.take());
                assert_eq!(former, Some(*old), "seed {seed}: a correction names the former date");
                self.corrected = true;
                self.make(new.0, new.1, seed);
            }
            Fact::PromiseTakenBack { promise, in_time } => {
                let open = self.open.take();
                assert_eq!(open.map(|(id, _)| id), Some(*promise), "seed {seed}");
                self.check_in_time(*in_time, seed);
                self.former = open;
                self.taken_back = true;
            }
            Fact::PromiseSettled { promise, kept } => {
                assert_eq!(self.open.take().map(|(id, _)| id), Some(*promise), "seed {seed}");
                self.kept |= *kept;
            }
            Fact::PromiseWithdrawn(promise) => {
                assert_eq!(self.open.take().map(|(id, _)| id), Some(*promise), "seed {seed}");
            }
            Fact::Parked(..) => self.parked = true,
            Fact::Committed
            | Fact::Progressed(_)
            | Fact::Disrupted(_)
            | Fact::Completed
            | Fact::Ended
            | Fact::Milestone { .. } => {}
        }
    }

    /// Whoever is told a date is told of a delay before it has passed.
    fn check_in_time(&self, in_time: bool, seed: u64) {
        assert!(in_time, "seed {seed}: too late by {:?}", self.open);
    }

    fn make(&mut self, id: PromiseId, at: Timestamp, seed: u64) {
        assert!(!self.told.contains(&id), "seed {seed}: every promise has an id of its own");
        self.told.push(id);
        self.open = Some((id, at));
    }

    /// No date passes while nobody says a word.
    pub(super) fn check_nothing_passed(&self, stage: Option<Stage>, now: Timestamp, seed: u64) {
        if let (Some(stage), Some((_, at))) = (stage, self.open) {
            assert!(now <= at, "seed {seed}: promised {at}, it is {now}, and still {stage:?}");
        }
    }

    /// A promise ends kept, corrected, broken, withdrawn or taken back.
    pub(super) fn check_end(&self, plan: &Plan, seed: u64) {
        assert_eq!(self.open, None, "seed {seed}");
        if plan.state == PlanState::Completed && plan.chosen.party.is_none() {
            assert!(!self.told.is_empty(), "seed {seed}: completed without a promise");
        }
    }
}
