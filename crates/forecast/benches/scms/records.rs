//! The rows of the SCMS delivery history, as far as they can be understood.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use csv::ByteRecord;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_forecast::{Delivery, Factors};

/// Column of each factor.
const FACTORS: [(&str, &str); 4] =
    [("vendor", "Vendor"), ("mode", "Shipment Mode"), ("country", "Country"), ("programme", "Project Code")];

/// The rows of a file.
pub(crate) struct Records {
    /// In the order of the days on which they were due.
    pub(crate) deliveries: Vec<Delivery>,
    /// How often something could not be used, by what and why.
    pub(crate) unusable: BTreeMap<String, usize>,
}

/// Reads a file. A row without its two dates is left out; a weight or a freight that is not a number above 0 is
/// not known. Each is counted by what stands there instead.
///
/// Of the lines of one shipment a single one has numbers, and they are those of the whole shipment; the others say
/// "See ASN-93 (ID#:1281)". So the rows with numbers are the shipments.
pub(crate) fn read(path: &Path) -> Result<Records> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let headers = reader.byte_headers()?.clone();
    let column = |name: &str| {
        headers.iter().position(|it| it == name.as_bytes()).with_context(|| format!("no column {name:?}"))
    };
    let factors = FACTORS.map(|(factor, name)| column(name).map(|index| (factor, index)));
    let factors: Vec<(&str, usize)> = factors.into_iter().collect::<Result<_>>()?;
    let due = column("Scheduled Delivery Date")?;
    let arrived = column("Delivered to Client Date")?;
    let weight = column("Weight (Kilograms)")?;
    let freight = column("Freight Cost (USD)")?;
    let mut records = Records { deliveries: Vec::new(), unusable: BTreeMap::new() };
    for row in reader.byte_records() {
        let row = row?;
        let (Some(due), Some(arrived)) = (day(&text(&row, due)), day(&text(&row, arrived))) else {
            *records.unusable.entry("dates: not two days".to_owned()).or_default() += 1;
            continue;
        };
        let values: Vec<_> = factors.iter().map(|(factor, index)| (*factor, text(&row, *index))).collect();
        let mut number = |what: &str, column: usize| {
            let number = hundredfold(&text(&row, column));
            if number.is_none() {
                let instead = text(&row, column);
                // "See ASN-93 (ID#:1281)" and "See DN-304 (ID#:10589)" are the same reason.
                let instead = instead.split('-').next().unwrap_or_default();
                *records.unusable.entry(format!("{what}: {instead}")).or_default() += 1;
            }
            number
        };
        records.deliveries.push(Delivery {
            due,
            arrived: Some(arrived),
            factors: Factors::of(values.iter().map(|(factor, value)| (*factor, value.as_str()))),
            // Hundredths of a kilogram are ten grams, of a dollar a cent.
            weight_g: number("weight", weight).map(|it| it * 10),
            freight_minor: number("freight", freight),
        });
    }
    records.deliveries.sort();
    Ok(records)
}

/// The file mixes encodings: bytes that are not UTF-8 are read as Latin-1.
fn text(row: &ByteRecord, column: usize) -> String {
    let bytes = row.get(column).unwrap_or_default();
    let text = str::from_utf8(bytes).map(str::to_owned);
    text.unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect()).trim().to_owned()
}

/// A day like 02-Jun-06, as its first instant.
fn day(text: &str) -> Option<Timestamp> {
    let date = Date::strptime("%d-%b-%y", text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn hundredfold(text: &str) -> Option<i64> {
    let number = text.parse::<f64>().ok().filter(|it| *it > 0.0 && *it < 1e12)?;
    Some((number * 100.0).round() as i64).filter(|it| *it > 0)
}
