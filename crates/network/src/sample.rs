//! The sample company, embedded in the binary.

macro_rules! sample {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../sample/", $file)))),+]
    };
}

/// The files of the sample company by name, for [`crate::from_files`]. Everything about it is made up, except
/// coordinates, time zones and public holidays.
pub const SAMPLE: &[(&str, &str)] = sample![
    "network.toml",
    "holidays.csv",
    "public_calendars.csv",
    "sites.csv",
    "lanes.csv",
    "customs.csv",
    "gates.csv",
    "items.csv",
    "substitutes.csv",
    "kits.csv",
    "stock.csv",
    "customers.csv",
    "people.csv",
    "instruments.csv",
    "parties.csv",
    "offers.csv",
    "engineers.csv",
    "certificates.csv",
    "repairs.csv",
    "depots.csv",
    "work_orders.csv",
];
