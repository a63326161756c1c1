//! What parties do for us at a price, while the case stays ours.

use std::fmt;

use meridian_types::{CountryCode, InstrumentModel, ItemId, Money};
use serde::{Deserialize, Serialize};

/// Something a party does at a price, where the customer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartyOffer {
    pub(crate) service: Service,
    /// Empty: all countries.
    pub(crate) countries: Vec<CountryCode>,
    /// Time the party has to accept an order.
    pub(crate) accept_within_minutes: i32,
    /// From the order to the delivery, or to the end of the repair.
    pub(crate) lead_working_days: i32,
    /// Of one unit, or of one repair.
    pub(crate) price: Money,
    /// 0 or more, and less than 1.
    pub(crate) late_probability: f64,
}

/// What a party does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    /// Brings units of an item.
    Supply(ItemId),
    /// Repairs an instrument of a model where it stands.
    Repair(InstrumentModel),
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Supply(item) => write!(f, "{item}"),
            Self::Repair(model) => write!(f, "repair of {model}"),
        }
    }
}

impl PartyOffer {
    /// Whether both say something about the same service in the same country.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let everywhere = self.countries.is_empty() || other.countries.is_empty();
        self.service == other.service
            && (everywhere || self.countries.iter().any(|country| other.countries.contains(country)))
    }
}
