//! Dates told to the customer.

use jiff::Timestamp;
use meridian_types::PromiseId;

use super::CustomerMilestone;
use super::decide::{Turn, later};
use super::input::Fact;
use super::plan::{Disruption, Promise};
use super::watchdog::{PARKED_RETRY_MINUTES, give_up_promise_at};

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

    fn next_promise(&mut self) -> Promise {
        self.plan.promises += 1;
        let promise_id = self.plan.plan_id.derive(&format!("promise/{}", self.plan.promises));
        let promised_at = self.date_to_tell(self.plan.expected_at);
        Promise { promise_id: PromiseId::from_uuid(promise_id), promised_at }
    }

    /// Tells when the need will be met, as things stand, and says whether that corrects what was told before. A
    /// date told before stands when it is kept, and early enough for a new deadline. A referral has no date of ours: the party has its own.
    pub(super) fn promise_arrival(&mut self) -> bool {
        if self.plan.chosen.party.is_some() {
            self.take_promise_back();
            return false;
        }
        if self
            .plan
            .promise
            .is_some_and(|told| self.plan.expected_at <= told.promised_at && !self.is_good_news_for(told))
        {
            return false;
        }
        let former = self.plan.promise.or(self.plan.taken_back.take());
        let new = self.next_promise();
        self.plan.promise = Some(new);
        match former {
            None => self.tell(Fact::PromiseMade(new.promise_id, new.promised_at)),
            Some(old) => self.tell(Fact::PromiseChanged {
                old: (old.promise_id, old.promised_at),
                new: (new.promise_id, new.promised_at),
                in_time: self.now <= old.promised_at,
                reason: self.plan.last_disruption.unwrap_or(Disruption::Silence),
            }),
        }
        former.is_some()
    }

    /// Takes the date back: no other is known.
    pub(super) fn take_promise_back(&mut self) {
        if let Some(promise) = self.plan.promise.take() {
            let in_time = self.now <= promise.promised_at;
            self.plan.taken_back = Some(promise);
            self.tell(Fact::PromiseTakenBack { promise: promise.promise_id, in_time });
        }
    }

    /// Takes a date back that would pass before another way is found or held, and says so.
    pub(super) fn take_passing_promise_back(&mut self) {
        let passing = |promise: Promise| give_up_promise_at(promise) <= self.now;
        if self.plan.promise.is_some_and(passing) {
            self.take_promise_back();
            self.still_looking(self.in_minutes(PARKED_RETRY_MINUTES));
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
