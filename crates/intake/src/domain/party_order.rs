//! An order with a party: it accepts in time, is told to go ahead, and does it. The case stays ours.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{CaseId, ItemId, Money, PartyId, PartyOrderId, Problem, Quantity, SerialNumber, SiteId};
use serde::{Deserialize, Serialize};

use super::responsibility::later;
use crate::error::Error;

/// Farthest ahead that a party may promise something: a year.
const EXPECTED_FARTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// An order with a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartyOrder {
    pub(crate) order_id: PartyOrderId,
    /// Case of the plan that ordered it.
    pub(crate) case_id: CaseId,
    /// As it appears to customers; empty when there is no such party.
    pub(crate) party_name: String,
    pub(crate) terms: OrderTerms,
    pub(crate) state: OrderState,
    /// When it is done, as the party last said, or was done.
    pub(crate) expected_at: Timestamp,
    /// Desk or role that last answered for the party.
    pub(crate) told_by: Option<String>,
    /// Why it is declined; may be empty.
    pub(crate) reason: String,
    pub(crate) changed_at: Timestamp,
    /// 1, and one more with every change.
    pub(crate) version: i64,
}

/// What is ordered of whom, as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderTerms {
    pub(crate) party_id: PartyId,
    pub(crate) subject: OrderSubject,
    pub(crate) site_id: SiteId,
    pub(crate) accept_by: Timestamp,
    pub(crate) expected_at: Timestamp,
    /// Of all of it.
    pub(crate) price: Money,
}

/// What a party is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderSubject {
    /// Bring goods.
    Supply(Vec<(ItemId, Quantity)>),
    /// Repair an instrument where it stands.
    Repair(SerialNumber),
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderState {
    Asked,
    /// It waits for our final word.
    Accepted,
    Declined,
    /// Ordered for good.
    Placed,
    Delivered,
    /// We called it off.
    Cancelled,
}

impl OrderState {
    /// All states, by their words in the database.
    pub(crate) const WORDS: [(&str, Self); 6] = [
        ("asked", Self::Asked),
        ("accepted", Self::Accepted),
        ("declined", Self::Declined),
        ("placed", Self::Placed),
        ("delivered", Self::Delivered),
        ("cancelled", Self::Cancelled),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }
}

impl PartyOrder {
    /// A party is asked.
    pub(crate) fn asked(
        order_id: PartyOrderId,
        case_id: CaseId,
        terms: OrderTerms,
        party_name: String,
        now: Timestamp,
    ) -> Self {
        Self {
            order_id,
            case_id,
            party_name,
            expected_at: terms.expected_at,
            terms,
            state: OrderState::Asked,
            told_by: None,
            reason: String::new(),
            changed_at: now,
            version: 1,
        }
    }

    /// An order that ends before anybody was asked.
    pub(crate) fn ended_at_once(self, state: OrderState, reason: String) -> Self {
        Self { state, reason, ..self }
    }

    /// The party takes it, to be done by the time it says, or as planned.
    pub(crate) fn accept(&mut self, by: String, at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
        self.must_be(&[OrderState::Asked])?;
        if now >= self.terms.accept_by {
            return Err(Error::OrderAnswerLate { order_id: self.order_id, accept_by: self.terms.accept_by });
        }
        if let Some(at) = at {
            self.expected_at = checked(at, now)?;
        }
        self.told_by = Some(by);
        self.change(OrderState::Accepted, now);
        Ok(())
    }

    /// The party does not do it, whatever it said before.
    pub(crate) fn decline(&mut self, by: String, reason: String, now: Timestamp) -> Result<(), Error> {
        self.must_be(&[OrderState::Asked, OrderState::Accepted, OrderState::Placed])?;
        (self.told_by, self.reason) = (Some(by), reason);
        self.change(OrderState::Declined, now);
        Ok(())
    }

    /// The party will be done at another time than it said before.
    pub(crate) fn reschedule(&mut self, by: String, at: Timestamp, now: Timestamp) -> Result<(), Error> {
        self.must_be(&[OrderState::Accepted, OrderState::Placed])?;
        self.expected_at = checked(at, now)?;
        self.told_by = Some(by);
        self.change(self.state, now);
        Ok(())
    }

    /// The goods are there, or the repair is done.
    pub(crate) fn deliver(&mut self, by: String, now: Timestamp) -> Result<(), Error> {
        self.must_be(&[OrderState::Placed])?;
        (self.told_by, self.expected_at) = (Some(by), now);
        self.change(OrderState::Delivered, now);
        Ok(())
    }

    /// All else is held: an accepted order is placed for good. Any other stays as it is.
    pub(crate) fn place(&mut self, now: Timestamp) {
        if self.state == OrderState::Accepted {
            self.change(OrderState::Placed, now);
        }
    }

    /// It is no longer wanted, unless it has come to its end.
    pub(crate) fn cancel(&mut self, now: Timestamp) {
        if matches!(self.state, OrderState::Asked | OrderState::Accepted | OrderState::Placed) {
            self.change(OrderState::Cancelled, now);
        }
    }

    fn must_be(&self, states: &[OrderState]) -> Result<(), Error> {
        if states.contains(&self.state) {
            Ok(())
        } else {
            Err(Error::OrderStateDiffers { order_id: self.order_id, state: self.state.word() })
        }
    }

    fn change(&mut self, state: OrderState, now: Timestamp) {
        (self.state, self.changed_at) = (state, now);
        self.version += 1;
    }
}

fn checked(at: Timestamp, now: Timestamp) -> Result<Timestamp, Error> {
    if at <= now || at > later(now, EXPECTED_FARTHEST) {
        let rule = format!("must lie after now ({now:.0}) and at most 366 days ahead");
        return Err(Problem::invalid_field("expected_at", at, rule).into());
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use meridian_types::SeededIds;

    use super::*;
    use crate::domain::sample::friday;

    fn minutes(minutes: i64) -> Timestamp {
        friday() + SignedDuration::from_mins(minutes)
    }

    /// Asked on Friday, to accept within an hour and be done after ten.
    fn asked() -> PartyOrder {
        let terms = OrderTerms {
            party_id: "COOL-CO".parse().unwrap(),
            subject: OrderSubject::Supply(vec![("PUMP".parse().unwrap(), Quantity::ONE)]),
            site_id: "LAB".parse().unwrap(),
            accept_by: minutes(60),
            expected_at: minutes(600),
            price: Money::new("EUR", 90_000).unwrap(),
        };
        let ids = SeededIds::new(1);
        let (order_id, case_id) = (PartyOrderId::fresh(&ids), CaseId::fresh(&ids));
        PartyOrder::asked(order_id, case_id, terms, "Cool Co".to_owned(), friday())
    }

    fn accepted() -> PartyOrder {
        let mut order = asked();
        order.accept("desk".to_owned(), None, minutes(59)).unwrap();
        order
    }

    fn placed() -> PartyOrder {
        let mut order = accepted();
        order.place(minutes(59));
        order
    }

    #[test]
    fn an_order_is_accepted_in_time_placed_and_delivered() {
        let mut order = placed();
        assert_eq!((order.state, order.expected_at, order.version), (OrderState::Placed, minutes(600), 3));
        order.deliver("desk".to_owned(), minutes(500)).unwrap();
        assert_eq!((order.state, order.expected_at, order.version), (OrderState::Delivered, minutes(500), 4));
    }

    #[test]
    fn an_order_is_not_accepted_late() {
        let late = asked().accept("desk".to_owned(), None, minutes(60));
        assert!(matches!(late, Err(Error::OrderAnswerLate { .. })), "{late:?}");
    }

    #[test]
    fn nothing_is_placed_that_was_not_accepted_and_nothing_delivered_that_was_not_placed() {
        let mut order = asked();
        order.place(minutes(1));
        assert_eq!(order, asked());
        for mut order in [asked(), accepted()] {
            let early = order.deliver("desk".to_owned(), minutes(61));
            assert!(matches!(early, Err(Error::OrderStateDiffers { .. })), "{early:?}");
        }
    }

    #[test]
    fn a_party_says_no_until_it_has_delivered_and_once() {
        for mut order in [asked(), accepted(), placed()] {
            order.decline("desk".to_owned(), "no stock".to_owned(), minutes(70)).unwrap();
            assert_eq!((order.state, order.reason.as_str()), (OrderState::Declined, "no stock"));
            let again = order.decline("desk".to_owned(), String::new(), minutes(71));
            assert!(matches!(again, Err(Error::OrderStateDiffers { state: "declined", .. })), "{again:?}");
        }
    }

    #[test]
    fn another_time_lies_ahead_and_not_too_far() {
        let mut order = placed();
        order.reschedule("desk".to_owned(), minutes(900), minutes(100)).unwrap();
        assert_eq!((order.state, order.expected_at), (OrderState::Placed, minutes(900)));
        for at in [minutes(100), minutes(99), minutes(100 + 366 * 24 * 60 + 1)] {
            let Err(Error::Refused(problem)) = order.reschedule("desk".to_owned(), at, minutes(100)) else {
                panic!("{at} was taken")
            };
            assert_eq!(problem.violations[0].field, "expected_at");
        }
        let unanswered = asked().reschedule("desk".to_owned(), minutes(900), minutes(1));
        assert!(matches!(unanswered, Err(Error::OrderStateDiffers { .. })));
    }

    #[test]
    fn an_order_is_called_off_until_it_is_delivered() {
        for mut order in [asked(), accepted(), placed()] {
            order.cancel(minutes(80));
            assert_eq!(order.state, OrderState::Cancelled);
            let late = order.accept("desk".to_owned(), None, minutes(59));
            assert!(matches!(late, Err(Error::OrderStateDiffers { state: "cancelled", .. })));
        }
        let mut delivered = placed();
        delivered.deliver("desk".to_owned(), minutes(80)).unwrap();
        let before = delivered.clone();
        delivered.cancel(minutes(81));
        assert_eq!(delivered, before);
    }
}
