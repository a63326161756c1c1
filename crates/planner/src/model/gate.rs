//! Export rules.

use meridian_types::{CountryCode, EndUse, ExportClass, GateId, TerritoryId};
use serde::{Deserialize, Serialize};

/// A rule for goods of one export class on their way out of a customs territory.
///
/// Goods without a class pass freely, and so do goods that stay in their territory. Of the rules that match,
/// a closed one always decides; otherwise the most specific one does, the stricter of two equals. Where no rule
/// matches, the way is closed. While no use is declared, it could be any: what is strictest for some use counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Its code.
    pub id: GateId,
    /// The class it is about.
    pub export_class: ExportClass,
    /// Where the goods leave.
    pub origin: Place,
    /// Where they go.
    pub destination: Place,
    /// The declared use it is about; every use when absent.
    pub end_use: Option<EndUse>,
    /// What it says.
    pub verdict: Verdict,
}

/// Where goods leave or go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// One country.
    Country(CountryCode),
    /// One customs territory.
    Territory(TerritoryId),
    /// Anywhere.
    Anywhere,
}

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Goods pass.
    Open,
    /// Goods pass once a licence is there, which takes working days of the origin's country. Applied for at
    /// the time of the decision, it is in hand at the end of the last of these days, the first being the next
    /// working day.
    Licence {
        /// Working days, 0 or more.
        working_days: i32,
    },
    /// Goods don't pass.
    Closed,
}
