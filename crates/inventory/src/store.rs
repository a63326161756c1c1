//! SQL, one file for each table. Nothing else touches the tables, and no rule stands here beyond the guards that
//! only the database can keep.

pub(crate) mod audit;
pub(crate) mod hold;
pub(crate) mod inbound_transfer;
pub(crate) mod item;
pub(crate) mod receipt;
pub(crate) mod shelved_transfer;
pub(crate) mod stock;
pub(crate) mod transfer;
pub(crate) mod warehouse;
pub(crate) mod world_hold;
pub(crate) mod world_receipt;
pub(crate) mod world_stock;

use std::str::FromStr;

use meridian_types::Rule;

use crate::domain::stock::{Level, Line, Shelf};

/// A code or word of a column. What was stored was valid; anything else is a damaged row.
fn parsed<T: FromStr<Err = Rule>>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|rule: Rule| sqlx::Error::Decode(Box::new(rule)))
}

/// The columns that name a shelf.
#[derive(sqlx::FromRow)]
struct ShelfRow {
    item_id: String,
    warehouse_site_id: String,
    pool: String,
}

impl TryFrom<ShelfRow> for Shelf {
    type Error = sqlx::Error;
    fn try_from(row: ShelfRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            item_id: parsed(&row.item_id)?,
            warehouse_site_id: parsed(&row.warehouse_site_id)?,
            pool: parsed(&row.pool)?,
        })
    }
}

/// The columns of a level.
#[derive(sqlx::FromRow)]
struct LevelRow {
    #[sqlx(flatten)]
    shelf: ShelfRow,
    on_hand: i64,
    held: i64,
    version: i64,
    as_of: jiff_sqlx::Timestamp,
}

impl TryFrom<LevelRow> for Level {
    type Error = sqlx::Error;
    fn try_from(row: LevelRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            shelf: row.shelf.try_into()?,
            on_hand: row.on_hand,
            held: row.held,
            version: row.version,
            as_of: row.as_of.to_jiff(),
        })
    }
}

/// Shelves as three arrays, for `unnest`.
struct ShelfColumns<'a> {
    item_ids: Vec<&'a str>,
    warehouse_site_ids: Vec<&'a str>,
    pools: Vec<&'a str>,
}

impl<'a> FromIterator<&'a Shelf> for ShelfColumns<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Shelf>>(shelves: I) -> Self {
        let mut columns = Self { item_ids: Vec::new(), warehouse_site_ids: Vec::new(), pools: Vec::new() };
        for shelf in shelves {
            columns.item_ids.push(shelf.item_id.as_str());
            columns.warehouse_site_ids.push(shelf.warehouse_site_id.as_str());
            columns.pools.push(shelf.pool.as_str());
        }
        columns
    }
}

/// Quantities of lines, for `unnest` beside [`ShelfColumns`].
fn quantities(lines: &[Line]) -> Vec<i64> {
    lines.iter().map(|line| line.quantity.units()).collect()
}
