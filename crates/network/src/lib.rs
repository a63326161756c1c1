//! A company's network as readable files: sites, lanes, rules, stock, customers and engineers, grouped by the
//! region that owns them, ready to be sent to the services. Holds the sample company too.
//!
//! The format is described in `README.md` beside this crate.
//!
//! *Invariants.* Nothing but the folder is read, and nothing is sent. A network is returned only when no file
//! has an error; otherwise every error of every file is, with file, line, field, value and rule. No input,
//! whatever it is, makes reading panic, hang, or take more memory than a small multiple of the files.
//!
//! *The commonest change: a new column.* Add it to the `Shape` of its file (`sites.csv`: `sites.rs`), read it
//! where the row becomes a message, add a row to the table in `README.md` (a test compares the two) and a
//! broken value to `tests/it/broken.rs`.

mod borders;
mod catalogue;
mod directory;
mod document;
mod folder;
mod holidays;
mod kits;
mod known;
mod lanes;
mod learned;
mod notation;
mod offers;
mod public_calendars;
mod reading;
mod report;
mod sample;
mod settings;
mod sites;
mod table;
mod values;
mod work_orders;
mod workforce;

use std::collections::BTreeMap;
use std::path::Path;

use meridian_proto::coordinator::v1::PutNetworkRequest;
use meridian_proto::dispatch::v1::{PutWorkforceRequest, WorkOrder};
use meridian_proto::intake::v1::PutDirectoryRequest;
use meridian_proto::inventory::v1::PutCatalogueRequest;
use meridian_types::RegionId;

use crate::folder::Files;
use crate::reading::Reading;
use crate::report::Report;
pub use crate::report::{LoadError, LoadErrors};
pub use crate::sample::SAMPLE;

/// The tables of a network.
const TABLES: [&table::Shape; 21] = [
    &holidays::HOLIDAYS,
    &public_calendars::PUBLIC_CALENDARS,
    &sites::SITES,
    &lanes::LANES,
    &learned::LEARNED,
    &borders::CUSTOMS,
    &borders::GATES,
    &catalogue::ITEMS,
    &catalogue::SUBSTITUTES,
    &catalogue::KITS,
    &catalogue::STOCK,
    &directory::CUSTOMERS,
    &directory::PEOPLE,
    &directory::INSTRUMENTS,
    &directory::PARTIES,
    &offers::OFFERS,
    &workforce::ENGINEERS,
    &workforce::CERTIFICATES,
    &workforce::REPAIRS,
    &workforce::DEPOTS,
    &work_orders::WORK_ORDERS,
];

/// A company's network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Name of the company.
    pub name: String,
    /// Whether the company is made up.
    pub fictitious: bool,
    /// ISO 4217 code of the one currency of all amounts.
    pub currency: String,
    /// Every region of the company with the records it owns.
    pub regions: BTreeMap<RegionId, RegionRecords>,
    /// What is to be done and nobody does yet. Each order's `visit_id`, and those it waits for, are the names of the file;
    /// it has no case.
    pub work_orders: Vec<WorkOrder>,
}

/// What one region owns, as its services take it. The `request_id` of each request is empty. Records refer to
/// those of other regions: a lane to its far end, stock to an item of another region.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionRecords {
    /// For the coordinator: sites, calendars, public calendars, the lanes that begin in the region, rules of customs and export.
    pub network: PutNetworkRequest,
    /// For inventory: items, and the region's warehouses and depots with their stock.
    pub catalogue: PutCatalogueRequest,
    /// For dispatch: engineers who live in the region, repair profiles, depots.
    pub workforce: PutWorkforceRequest,
    /// For intake: the customers at home in the region, their people and instruments, and parties.
    pub directory: PutDirectoryRequest,
}

/// Reads a network from the files of a folder.
///
/// # Errors
/// Everything that is wrong with any of the files.
pub fn load_folder(folder: &Path) -> Result<Network, LoadErrors> {
    load(folder, |_| true)
}

/// Reads a network from the files of a folder as if nothing had been learned of its lanes: without `learned.csv`, which
/// may be empty while it is being written anew.
///
/// # Errors
/// Everything that is wrong with any of the other files.
pub fn load_unlearned(folder: &Path) -> Result<Network, LoadErrors> {
    load(folder, |file| file != learned::LEARNED.file)
}

fn load(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Network, LoadErrors> {
    let report = Report::default();
    let known: Vec<&'static str> = file_names().collect();
    let mut texts = folder::read(folder, &known, &report);
    texts.retain(|name, _| is_wanted(name));
    let files = Files::new(texts.iter().map(|(name, text)| (name.as_str(), text.as_deref())), &report);
    read(&files, report)
}

/// Reads a network from texts by file name, such as [`SAMPLE`].
///
/// # Errors
/// Everything that is wrong with any of the texts.
pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Network, LoadErrors> {
    let report = Report::default();
    let known: Vec<&'static str> = file_names().collect();
    let texts = files.into_iter().inspect(|(name, _)| {
        if !known.contains(name) {
            folder::refuse_unknown(name, &known, &report);
        }
    });
    let files = Files::new(texts.map(|(name, text)| (name, Some(text))), &report);
    read(&files, report)
}

fn file_names() -> impl Iterator<Item = &'static str> {
    std::iter::once(settings::FILE).chain(TABLES.iter().map(|table| table.file))
}

fn read(files: &Files<'_>, report: Report) -> Result<Network, LoadErrors> {
    let mut reading = Reading::begin(files, &report);
    public_calendars::read(&mut reading);
    let customers = directory::read_customers(&mut reading);
    let sites = sites::read(&mut reading, &customers);
    let lanes = lanes::read(&mut reading, &sites);
    learned::read(&mut reading, &lanes);
    borders::read(&mut reading);
    let catalogue = catalogue::read(&mut reading, &sites);
    directory::read(&mut reading, &customers, &sites, &catalogue);
    workforce::read(&mut reading, &sites, &catalogue);
    let mut network = reading.finish();
    network.work_orders = work_orders::read(files.get(work_orders::WORK_ORDERS.file), &network, &report);
    report.finish(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_of_the_format_names_every_column_of_every_file() {
        let description = include_str!("../README.md");
        for table in TABLES {
            let heading = format!("### `{}`", table.file);
            let section = description.split(&heading).nth(1).and_then(|rest| rest.split("\n### ").next());
            let section = section.unwrap_or_else(|| panic!("no section {heading}"));
            let described: Vec<&str> =
                section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
            let mut columns: Vec<&str> = table.columns().collect();
            for column in &described {
                assert!(columns.contains(column), "{heading} describes {column}, which it has not");
            }
            columns.retain(|column| !described.contains(column));
            assert!(columns.is_empty(), "{heading} does not describe {columns:?}");
        }
    }
}
