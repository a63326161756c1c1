//! Items: what can be stocked.

use meridian_types::{ExportClass, InstrumentModel, ItemId, Money, Quantity, RegionId, UnitOfMeasure};
use serde::{Deserialize, Serialize};

/// Something that can be stocked. Its JSON is what the database keeps.
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
    /// Instrument models it fits; empty: any.
    pub(crate) fits_models: Vec<InstrumentModel>,
    /// Instrument model that a unit of it is.
    pub(crate) model: Option<InstrumentModel>,
    pub(crate) substitutes: Vec<Substitute>,
    /// What a kit consists of.
    pub(crate) kit_lines: Vec<KitLine>,
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
