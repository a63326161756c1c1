//! Dates told to the customer.

use jiff::Timestamp;
use meridian_types::PromiseId;

use super::CustomerMilestone;
use super::decide::{Turn, later};
use super::input::Fact;
use super::plan::{Disruption, Promise, Stage};

/// A promise leaves this much room after the planned arrival, where the deadline allows it: enough for the
/// watchdog to notice a delay, and for us to say so before the date passes.
const ROOM_MINUTES: i64 = 240;

impl Turn {
    /// The date to tell for the present solution.
    fn date_to_tell(&self, arrival: Timestamp) -> Timestamp {
        let roomy = later(arrival, ROOM_MINUTES);
        match self.plan.deadline {
            Some(deadline) if deadline >= arrival => roomy.min(deadline),
            _ => roomy,
        }
    }

    fn next_promise(&self, arrival: Timestamp) -> Promise {
        let name = format!("{}/{}/promise", self.plan.revision, arrival.as_second());
        let promise_id = PromiseId::from_uuid(self.plan.plan_id.derive(&name));
        Promise { promise_id, promised_at: self.date_to_tell(arrival) }
    }

    /// Tells the date of a solution that has just been committed, and says whether that corrects an earlier one.
    /// A date told before stands when the new arrival keeps it.
    pub(super) fn promise_arrival(&mut self) -> bool {
        if self.plan.chosen.party.is_some() {
            return false;
        }
        if self.plan.promise.is_some() {
            return self.correct_promise(Disruption::Silence);
        }
        let promise = self.next_promise(self.plan.expected_at);
        self.tell(Fact::PromiseMade(promise.promise_id, promise.promised_at));
        self.plan.promise = Some(promise);
        false
    }

    /// Replaces the date told when the need will be met only after it, and says whether it did.
    pub(super) fn correct_promise(&mut self, reason: Disruption) -> bool {
        let Some(old) = self.plan.promise else { return false };
        if self.plan.expected_at <= old.promised_at {
            return false;
        }
        let new = self.next_promise(self.plan.expected_at);
        self.tell(Fact::PromiseChanged {
            old: (old.promise_id, old.promised_at),
            new: (new.promise_id, new.promised_at),
            in_time: self.now <= old.promised_at,
            reason: self.reason().unwrap_or(reason),
        });
        self.plan.promise = Some(new);
        true
    }

    fn reason(&self) -> Option<Disruption> {
        match self.stage() {
            Some(Stage::Replanning { reason, .. } | Stage::Parked { reason, .. }) => Some(reason),
            _ => self.plan.last_disruption,
        }
    }

    /// Takes the date back: no other is known.
    pub(super) fn take_promise_back(&mut self) {
        if let Some(promise) = self.plan.promise.take() {
            let in_time = self.now <= promise.promised_at;
            self.tell(Fact::PromiseTakenBack { promise: promise.promise_id, in_time });
        }
    }

    /// Tells the customer that we are still looking, and when they hear from us next.
    pub(super) fn still_looking(&mut self, next_word_by: Timestamp) {
        self.tell(Fact::Milestone {
            milestone: CustomerMilestone::StillLooking,
            happened_at: self.now,
            next_word_by: Some(next_word_by),
        });
    }

    pub(super) fn keep_or_break_promise(&mut self, at: Timestamp) {
        if let Some(promise) = self.plan.promise.take() {
            let kept = at <= promise.promised_at;
            self.tell(Fact::PromiseSettled { promise: promise.promise_id, kept });
        }
    }
}
