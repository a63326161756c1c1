//! Others who help: those who take over what is not ours, and those who sell or repair for us.

use meridian_types::{CountryCode, InstrumentModel, ItemId, PartyId};
use serde::{Deserialize, Serialize};

/// A party that takes what is outside the company's support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralParty {
    /// Who.
    pub party: PartyId,
    /// Countries it serves; every country when empty.
    pub countries: Vec<CountryCode>,
    /// Items it takes on; every item when empty.
    pub items: Vec<ItemId>,
    /// Models it takes on; every model when empty.
    pub models: Vec<InstrumentModel>,
    /// Minutes within which it must accept; 1 or more.
    pub answer_minutes: i64,
}

/// Something a party does for us at a price, where the customer is: it brings an item, or repairs an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartyOffer {
    /// Who.
    pub party: PartyId,
    /// What.
    pub service: PartyService,
    /// Countries it serves; every country when empty.
    pub countries: Vec<CountryCode>,
    /// Minutes within which it must accept; 1 or more.
    pub answer_minutes: i64,
    /// Working days of the customer's country from the order to the delivery or the end of the repair, the first
    /// being the next working day; 0 or more. It is done at the end of the last of these days; a repair not before the
    /// party has had to accept.
    pub lead_working_days: i32,
    /// Price of one unit or one repair in minor units of the network's currency; 0 or more.
    pub price_minor: i64,
    /// Probability that it is late, 0 or more and less than 1.
    pub late_probability: f64,
}

/// What a party does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyService {
    /// Brings units of an item, as many as are needed.
    Supply(ItemId),
    /// Repairs an instrument of a model where it stands.
    Repair(InstrumentModel),
}
