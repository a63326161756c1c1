//! Items: what can be stocked.

use meridian_types::{
    ExportClass, InstrumentModel, ItemId, Money, Quantity, RegionId, Revision, SiteId, UnitOfMeasure,
};
use serde::{Deserialize, Serialize};

/// Something that can be stocked. Its JSON is what the database keeps: a field that records of earlier versions lack
/// has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) item_id: ItemId,
    /// As customers read it.
    pub(crate) name: String,
    pub(crate) unit: UnitOfMeasure,
    /// Gross weight of one unit.
    pub(crate) weight_grams: i64,
    /// `None`: uncontrolled.
    pub(crate) export_class: Option<ExportClass>,
    pub(crate) dangerous_goods: bool,
    pub(crate) cold_chain: bool,
    /// Value of one unit.
    pub(crate) unit_value: Option<Money>,
    /// Instruments it fits; empty: any.
    pub(crate) fits: Vec<Fit>,
    /// Instrument model that a unit of it is.
    pub(crate) model: Option<InstrumentModel>,
    pub(crate) substitutes: Vec<Substitute>,
    /// What a kit consists of.
    pub(crate) kit_lines: Vec<KitLine>,
    /// What putting a kit together takes; `None` for anything else, or when nobody has said.
    #[serde(default)]
    pub(crate) assembly: Option<Assembly>,
    /// Days after its arrival on which a unit that was lent starts its way back; 0: nobody has said.
    #[serde(default)]
    pub(crate) loan_days: i32,
    /// How a unit replaces the customer's own.
    #[serde(default)]
    pub(crate) exchange: Option<Exchange>,
    /// Region that owns the record.
    pub(crate) region: RegionId,
}

/// An item that may be given instead, in this direction only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Substitute {
    pub(crate) item_id: ItemId,
    /// Whether the customer must agree first.
    pub(crate) approval_required: bool,
}

/// A part of a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KitLine {
    pub(crate) item_id: ItemId,
    pub(crate) quantity: Quantity,
}

/// What putting one unit of a kit together takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assembly {
    /// Open minutes of the site.
    pub(crate) minutes: i32,
    /// Parts not counted.
    pub(crate) cost: Option<Money>,
}

/// How a unit from stock replaces the instrument of a customer in advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// Where the customer's own goes.
    pub(crate) return_site_id: SiteId,
    /// Days after the arrival of the unit on which it starts its way.
    pub(crate) return_days: i32,
    /// Beside the transport.
    pub(crate) cost: Option<Money>,
}

/// Instruments that something fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fit {
    pub(crate) model: InstrumentModel,
    /// Empty: every one.
    pub(crate) revisions: Vec<Revision>,
}
