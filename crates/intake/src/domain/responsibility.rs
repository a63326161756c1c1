//! Who must do what by when, and the plain rules behind the due times.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{PartyId, Rule, SiteId};

/// How urgent a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Stands still without it, people are affected.
    Critical,
    /// Work is hindered.
    High,
    /// Everything else.
    Normal,
}

impl Priority {
    /// When the office must have taken its next step: 30 minutes, 2 hours or 8 hours from `now`. The hours run day
    /// and night, because offices hand over to each other around the world.
    pub(crate) fn step_due(self, now: Timestamp) -> Timestamp {
        let minutes = match self {
            Self::Critical => 30,
            Self::High => 2 * 60,
            Self::Normal => 8 * 60,
        };
        later(now, SignedDuration::from_mins(minutes))
    }

    /// When the office asks a party how far it is: 1, 3 or 7 days (of 24 hours) after it accepted.
    pub(crate) fn check_back_due(self, now: Timestamp) -> Timestamp {
        let days = match self {
            Self::Critical => 1,
            Self::High => 3,
            Self::Normal => 7,
        };
        later(now, SignedDuration::from_hours(24 * days))
    }
}

/// `now + by`, or the last instant there is.
pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Who must do what by when. Neither text is ever empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Responsibility {
    owner: String,
    next_action: String,
    due: Timestamp,
}

const OVERDUE: &str = "Overdue: ";

impl Responsibility {
    /// The responsibility that another service or the database states.
    pub(crate) fn new(
        owner: impl Into<String>,
        next_action: impl Into<String>,
        due: Timestamp,
    ) -> Result<Self, Rule> {
        let stated = Self { owner: owner.into(), next_action: next_action.into(), due };
        if stated.owner.trim().is_empty() || stated.next_action.trim().is_empty() {
            return Err(Rule::new("needs an owner and a next action"));
        }
        Ok(stated)
    }

    /// An office must act.
    pub(crate) fn of_office(office: &SiteId, next_action: impl Into<String>, due: Timestamp) -> Self {
        Self { owner: office.as_str().to_owned(), next_action: next_action.into(), due }
    }

    /// A party must act.
    pub(crate) fn of_party(party: &PartyId, next_action: impl Into<String>, due: Timestamp) -> Self {
        Self { owner: party.as_str().to_owned(), next_action: next_action.into(), due }
    }

    /// What becomes of it when its due time has passed: the office must act, and has a new due time.
    pub(crate) fn escalated(&self, office: &SiteId, due: Timestamp) -> Self {
        let next_action = if self.owner != office.as_str() {
            format!("Chase {}: {}", self.owner, self.next_action)
        } else if self.next_action.starts_with(OVERDUE) {
            self.next_action.clone()
        } else {
            format!("{OVERDUE}{}", self.next_action)
        };
        Self::of_office(office, next_action, due)
    }

    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    pub(crate) fn next_action(&self) -> &str {
        &self.next_action
    }

    pub(crate) const fn due(&self) -> Timestamp {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overdue_twice_is_not_called_overdue_twice() {
        let office = SiteId::parse("BERLIN").unwrap();
        let due = Timestamp::UNIX_EPOCH;
        let stated = Responsibility::new("coordinator", "Watch the shipment", due).unwrap();
        let once = stated.escalated(&office, due);
        let twice = once.escalated(&office, due);
        assert_eq!(once.next_action(), "Chase coordinator: Watch the shipment");
        assert_eq!(twice.next_action(), "Overdue: Chase coordinator: Watch the shipment");
        assert_eq!(twice.escalated(&office, due), twice);
        assert_eq!(twice.owner(), "BERLIN");
    }

    #[test]
    fn a_responsibility_without_owner_or_next_action_does_not_exist() {
        assert!(Responsibility::new("", "Call back", Timestamp::UNIX_EPOCH).is_err());
        assert!(Responsibility::new("BERLIN", " ", Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn the_more_urgent_is_due_earlier() {
        let now = Timestamp::UNIX_EPOCH;
        let due = |priority: Priority| (priority.step_due(now), priority.check_back_due(now));
        assert!(due(Priority::Critical) < due(Priority::High));
        assert!(due(Priority::High).1 < due(Priority::Normal).1);
        assert_eq!(Priority::Normal.step_due(Timestamp::MAX), Timestamp::MAX);
    }
}
