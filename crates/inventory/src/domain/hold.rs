//! A hold: a claim on stock, all lines or none.
//!
//! held -> confirmed -> consumed; held | confirmed -> released; held -> expired. A consumed hold whose transfer is
//! called off is released, and so is one whose receipt does not bring enough. What never came to be is refused, or a
//! tombstone: released without lines.

use jiff::Timestamp;
use meridian_types::{CaseId, HoldId, Problem, ReceiptId};

use super::stock::Line;
use crate::error::Error;

/// Where a hold stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HoldState {
    /// Claimed until it expires.
    Held {
        /// First instant at which the claim is void.
        expires_at: Timestamp,
    },
    /// Claimed without expiry.
    Confirmed,
    /// Taken from the shelf by its transfer.
    Consumed,
    /// Given back.
    Released,
    /// Void because nobody confirmed in time.
    Expired,
    /// Never was; the same command again gets the same answer.
    Refused(Box<Problem>),
}

impl HoldState {
    /// The word for it in the database.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::Confirmed => "confirmed",
            Self::Consumed => "consumed",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Refused(_) => "refused",
        }
    }
}

/// A claim on stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: HoldId,
    /// `None` only for a tombstone whose case nobody named.
    pub(crate) case_id: Option<CaseId>,
    /// One for each shelf and each receipt, in their order.
    pub(crate) lines: Vec<Line>,
    pub(crate) state: HoldState,
    /// Grows with every change.
    pub(crate) version: i64,
}

impl Hold {
    /// A hold that claims its lines until `expires_at`.
    pub(crate) const fn placed(id: HoldId, case_id: CaseId, lines: Vec<Line>, expires_at: Timestamp) -> Self {
        Self { id, case_id: Some(case_id), lines, state: HoldState::Held { expires_at }, version: 1 }
    }

    /// What a release leaves behind that came before the hold: a late placing of it is refused.
    pub(crate) const fn tombstone(id: HoldId, case_id: Option<CaseId>) -> Self {
        Self { id, case_id, lines: Vec::new(), state: HoldState::Released, version: 1 }
    }

    /// What it claims now, of shelves and of receipts; nothing once its goods have left or it is over.
    pub(crate) fn claims(&self) -> &[Line] {
        match self.state {
            HoldState::Held { .. } | HoldState::Confirmed => &self.lines,
            _ => &[],
        }
    }

    /// A receipt was booked in: the lines that awaited its units claim them on the shelf from now on.
    pub(crate) fn cover(&mut self, receipt_id: &ReceiptId) {
        for line in self.lines.iter_mut().filter(|line| line.receipt_id.as_ref() == Some(receipt_id)) {
            line.awaited = false;
        }
        self.version += 1;
    }

    /// Takes its next state.
    pub(crate) fn enter(&mut self, state: HoldState) {
        self.state = state;
        self.version += 1;
    }

    /// Where it stands at `now`: a hold is void from its expiry on, whether or not that was recorded yet.
    fn standing(&self, now: Timestamp) -> &HoldState {
        match &self.state {
            HoldState::Held { expires_at } if *expires_at <= now => &HoldState::Expired,
            state => state,
        }
    }

    /// What placing it again answers: the hold, as long as it claims what is asked for.
    ///
    /// # Errors
    /// `HoldExists` for other lines; otherwise why the claim does not stand.
    pub(crate) fn place_again(&self, lines: &[Line], now: Timestamp) -> Result<(), Error> {
        let is_tombstone = self.lines.is_empty();
        // What has come meanwhile was asked for before it came.
        let asked = |line: &Line| (line.shelf.clone(), line.receipt_id.clone(), line.quantity);
        if !is_tombstone && !self.lines.iter().map(asked).eq(lines.iter().map(asked)) {
            return Err(Error::HoldExists(self.id));
        }
        match self.standing(now) {
            HoldState::Held { .. } | HoldState::Confirmed | HoldState::Consumed => Ok(()),
            HoldState::Released => Err(Error::HoldReleased(self.id)),
            HoldState::Expired => Err(Error::HoldExpired(self.id)),
            HoldState::Refused(refusal) => Err(Error::Refused(refusal.clone())),
        }
    }

    /// The state after confirming; `None` when it is confirmed already.
    ///
    /// # Errors
    /// Why the claim does not stand.
    pub(crate) fn confirm(&self, now: Timestamp) -> Result<Option<HoldState>, Error> {
        match self.standing(now) {
            HoldState::Held { .. } => Ok(Some(HoldState::Confirmed)),
            HoldState::Confirmed | HoldState::Consumed => Ok(None),
            HoldState::Released => Err(Error::HoldReleased(self.id)),
            HoldState::Expired => Err(Error::HoldExpired(self.id)),
            HoldState::Refused(_) => Err(Error::HoldNotFound(self.id)),
        }
    }

    /// The state after moving its expiry.
    ///
    /// # Errors
    /// `HoldNotHeld` for a reservation, which has no expiry; otherwise why the claim does not stand.
    pub(crate) fn extend(&self, now: Timestamp, expires_at: Timestamp) -> Result<HoldState, Error> {
        match self.confirm(now)? {
            Some(_) => Ok(HoldState::Held { expires_at }),
            None => Err(Error::HoldNotHeld { hold_id: self.id, state: self.state.as_str() }),
        }
    }

    /// The state after giving it back; `None` when it claims nothing any more.
    ///
    /// # Errors
    /// `HoldConsumed` when its goods have left the shelf: the transfer must be called off instead.
    pub(crate) fn release(&self) -> Result<Option<HoldState>, Error> {
        match self.state {
            HoldState::Held { .. } | HoldState::Confirmed => Ok(Some(HoldState::Released)),
            HoldState::Released | HoldState::Expired | HoldState::Refused(_) => Ok(None),
            HoldState::Consumed => Err(Error::HoldConsumed(self.id)),
        }
    }

    /// The state after its time has run out; `None` when it has not, or no longer matters.
    pub(crate) fn expire(&self, now: Timestamp) -> Option<HoldState> {
        match self.state {
            HoldState::Held { expires_at } if expires_at <= now => Some(HoldState::Expired),
            _ => None,
        }
    }

    /// Whether a transfer may be made of it.
    ///
    /// # Errors
    /// `HoldNotConfirmed`, naming where it stands.
    pub(crate) fn ensure_confirmed(&self, now: Timestamp) -> Result<(), Error> {
        match self.standing(now) {
            HoldState::Confirmed => Ok(()),
            state => Err(Error::HoldNotConfirmed { hold_id: self.id, state: state.as_str() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::SeededIds;

    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_795_000_000, 0);
    const ONE: Timestamp = Timestamp::constant(1_795_003_600, 0);

    fn hold(state: HoldState) -> Hold {
        let ids = SeededIds::new(1);
        Hold { state, ..Hold::placed(HoldId::fresh(&ids), CaseId::fresh(&ids), Vec::new(), ONE) }
    }

    #[test]
    fn a_hold_that_expired_cannot_be_confirmed_or_extended_even_when_nobody_recorded_it() {
        let held = hold(HoldState::Held { expires_at: ONE });
        assert_eq!(held.confirm(NOON).unwrap(), Some(HoldState::Confirmed));
        for late in [held, hold(HoldState::Expired)] {
            assert!(matches!(late.confirm(ONE), Err(Error::HoldExpired(_))));
            assert!(matches!(late.extend(ONE, ONE), Err(Error::HoldExpired(_))));
            assert!(matches!(late.place_again(&[], ONE), Err(Error::HoldExpired(_))));
            assert!(late.release().is_ok());
        }
    }

    #[test]
    fn a_reservation_has_no_expiry() {
        let confirmed = hold(HoldState::Confirmed);
        assert_eq!(confirmed.expire(ONE), None);
        assert!(matches!(confirmed.extend(NOON, ONE), Err(Error::HoldNotHeld { .. })));
        assert_eq!(confirmed.confirm(NOON).unwrap(), None);
    }

    #[test]
    fn goods_that_left_the_shelf_are_not_released() {
        assert!(matches!(hold(HoldState::Consumed).release(), Err(Error::HoldConsumed(_))));
    }

    #[test]
    fn a_hold_expires_at_its_expiry_and_not_before() {
        let held = hold(HoldState::Held { expires_at: ONE });
        assert_eq!(held.expire(NOON), None);
        assert_eq!(held.expire(ONE), Some(HoldState::Expired));
    }
}
