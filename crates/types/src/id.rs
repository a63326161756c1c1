//! Ids that Meridian itself gives out: time-ordered UUIDs with a prefix that says what they name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{IdSource, Rule};

macro_rules! ids {
    ($( $(#[$doc:meta])* $name:ident = $prefix:literal; )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form starts with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id.
            pub fn fresh(source: &dyn IdSource) -> Self {
                Self(source.uuid())
            }

            /// The id behind a UUID, as read from the database.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, as stored in the database.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// An id that follows from this one and `name`, the same every time (UUID version 5).
            #[must_use]
            pub fn derive(self, name: &str) -> Uuid {
                Uuid::new_v5(&self.0, name.as_bytes())
            }

            /// Reads the text form.
            ///
            /// # Errors
            /// The rule that `text` breaks.
            pub fn parse(text: &str) -> Result<Self, Rule> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(Rule::new(concat!("must be '", $prefix, "_' and 32 lower-case hex digits")))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = Rule;
            fn from_str(text: &str) -> Result<Self, Rule> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Rule;
            fn try_from(text: String) -> Result<Self, Rule> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )+};
}

ids! {
    /// A case: what a customer came with.
    CaseId = "case";
    /// A referral of a case to a party.
    ReferralId = "ref";
    /// An order with a party.
    PartyOrderId = "order";
    /// One way to meet a need, as found at one moment.
    SolutionId = "sol";
    /// A committed solution being carried out.
    PlanId = "plan";
    /// A claim on stock with an expiry.
    HoldId = "hold";
    /// Goods moving between two sites.
    TransferId = "trf";
    /// An engineer's work at a site, travel included.
    VisitId = "visit";
    /// A search for the best plan for many visits.
    OptimisationId = "opt";
    /// A date told to a customer.
    PromiseId = "prom";
    /// One message to one recipient through one channel.
    NoticeId = "note";
    /// An endpoint that wants signed events.
    WebhookId = "hook";
    /// An event on a stream.
    EventId = "evt";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededIds;

    #[test]
    fn the_text_form_reads_back_and_other_forms_are_refused() {
        let id = CaseId::fresh(&SeededIds::new(7));
        assert_eq!(CaseId::parse(&id.to_string()), Ok(id));
        for text in ["", "case_", "plan_0190aaaaaaaaaaaaaaaaaaaaaaaaaaaa", &id.to_string().to_uppercase()] {
            assert!(CaseId::parse(text).is_err(), "{text:?}");
        }
    }
}
