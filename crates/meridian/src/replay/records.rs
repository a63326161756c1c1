//! The rows of the file, as far as they can be understood.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::geography::{self, Mode, Place};

/// Offices open cases at this hour (UTC), carriers deliver at that one.
const OPEN_AT: Time = Time::constant(6, 0, 0, 0);
const DELIVER_AT: Time = Time::constant(7, 0, 0, 0);
/// What a package weighs when the row does not say.
const WEIGHT_KG_DEFAULT: f64 = 100.0;

/// What could be understood, and what could not.
pub(super) struct Records {
    /// In the order in which cases are opened.
    pub(super) deliveries: Vec<Delivery>,
    /// Rows that could not be understood.
    pub(super) rejected: Vec<Rejected>,
    /// How often something was assumed, by what.
    pub(super) assumed: BTreeMap<&'static str, usize>,
}

/// A delivery that really happened.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// Line of the file.
    pub(super) line: u64,
    /// Where it went.
    pub(super) destination: &'static Place,
    /// Name of the place it came from.
    pub(super) origin: String,
    /// How it travelled.
    pub(super) mode: Mode,
    /// What it was.
    pub(super) item: String,
    /// How many.
    pub(super) quantity: i64,
    /// Weight of the whole, kilograms.
    pub(super) weight_kg: f64,
    /// Freight of the whole, US dollars, when known.
    pub(super) freight_usd: Option<f64>,
    /// The day it was due.
    pub(super) scheduled: Date,
    /// The day it came.
    pub(super) delivered: Date,
}

/// A row that could not be understood.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rejected {
    /// Line of the file.
    pub(super) line: u64,
    /// Id of the row.
    pub(super) id: String,
    /// Field, value and rule.
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Country")]
    country: String,
    #[serde(rename = "Fulfill Via")]
    via: String,
    #[serde(rename = "Shipment Mode")]
    mode: String,
    #[serde(rename = "Scheduled Delivery Date")]
    scheduled: String,
    #[serde(rename = "Delivered to Client Date")]
    delivered: String,
    #[serde(rename = "Item Description")]
    item: String,
    #[serde(rename = "Line Item Quantity")]
    quantity: String,
    #[serde(rename = "Manufacturing Site")]
    site: String,
    #[serde(rename = "Weight (Kilograms)")]
    weight: String,
    #[serde(rename = "Freight Cost (USD)")]
    freight: String,
}

impl Delivery {
    /// When its case is opened: the usual time on the way before the day it is due, or came, whichever is earlier. An
    /// assumption: most rows do not say when it was ordered.
    pub(super) fn opened_at(&self) -> Timestamp {
        let first = self.scheduled.min(self.delivered);
        at(first.saturating_sub(self.mode.days().days()), OPEN_AT)
    }

    /// By when it is due.
    pub(super) fn deadline(&self) -> Timestamp {
        at(self.scheduled, Time::constant(23, 59, 0, 0))
    }

    /// When it really came.
    pub(super) fn delivered_at(&self) -> Timestamp {
        at(self.delivered, DELIVER_AT)
    }
}

fn at(date: Date, time: Time) -> Timestamp {
    let zoned = date.to_datetime(time).to_zoned(TimeZone::UTC);
    zoned.map_or(Timestamp::MAX, |it| it.timestamp())
}

/// Reads at most `limit` rows.
///
/// # Errors
/// It is not a table with the columns that are needed.
pub(super) fn read(source: impl Read, limit: Option<usize>) -> Result<Records> {
    let mut reader = csv::Reader::from_reader(Latin1::new(source));
    let headers = reader.headers().context("the header cannot be read")?.clone();
    let mut records = Records { deliveries: Vec::new(), rejected: Vec::new(), assumed: BTreeMap::new() };
    for (index, record) in reader.records().take(limit.unwrap_or(usize::MAX)).enumerate() {
        let line = index as u64 + 2;
        let row = record.and_then(|record| record.deserialize::<Row>(Some(&headers)));
        match row {
            Ok(row) => match understand(line, &row, &mut records.assumed) {
                Ok(delivery) => records.deliveries.push(delivery),
                Err(reason) => records.rejected.push(Rejected { line, id: row.id, reason }),
            },
            Err(error) => {
                records.rejected.push(Rejected { line, id: String::new(), reason: error.to_string() });
            }
        }
    }
    records.deliveries.sort_by_key(|it| (it.opened_at(), it.line));
    Ok(records)
}

fn understand(line: u64, row: &Row, assumed: &mut BTreeMap<&'static str, usize>) -> Result<Delivery, String> {
    let destination = geography::place(&row.country)
        .ok_or_else(|| format!("Country: {:?} is not a country of the table of places", row.country))?;
    let scheduled = date("Scheduled Delivery Date", &row.scheduled)?;
    let delivered = date("Delivered to Client Date", &row.delivered)?;
    let quantity = row.quantity.trim().parse::<i64>().ok().filter(|it| (1..=1_000_000_000).contains(it));
    let quantity = quantity.ok_or_else(|| {
        format!("Line Item Quantity: {:?} is not a whole number from 1 to 1000000000", row.quantity)
    })?;
    let origin = match row.via.trim() {
        "From RDC" => geography::distribution_centre(destination).to_owned(),
        "Direct Drop" if row.site.trim().is_empty() || row.site.trim() == "Not Applicable" => {
            return Err(format!(
                "Manufacturing Site: {:?} does not say where a direct drop came from",
                row.site
            ));
        }
        "Direct Drop" => row.site.trim().to_owned(),
        other => return Err(format!("Fulfill Via: {other:?} is neither From RDC nor Direct Drop")),
    };
    let mode = Mode::parse(row.mode.trim()).unwrap_or_else(|| {
        *assumed.entry("the mode of transport").or_default() += 1;
        Mode::Unknown
    });
    let weight_kg = number(&row.weight).unwrap_or_else(|| {
        *assumed.entry("the weight").or_default() += 1;
        WEIGHT_KG_DEFAULT
    });
    let item = row.item.trim().to_owned();
    if item.is_empty() {
        return Err("Item Description: empty".to_owned());
    }
    let freight_usd = number(&row.freight);
    Ok(Delivery {
        line,
        destination,
        origin,
        mode,
        item,
        quantity,
        weight_kg,
        freight_usd,
        scheduled,
        delivered,
    })
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|it| it.is_finite() && *it > 0.0 && *it < 1e9)
}

fn date(field: &str, text: &str) -> Result<Date, String> {
    Date::strptime("%d-%b-%y", text.trim())
        .map_err(|_| format!("{field}: {text:?} is not a date like 02-Jun-06"))
}

/// The file mixes encodings: bytes that are not UTF-8 are read as Latin-1, so that no row is lost for a name.
struct Latin1 {
    text: std::io::Cursor<Vec<u8>>,
}

impl Latin1 {
    fn new(mut source: impl Read) -> Self {
        let mut bytes = Vec::new();
        // A file that ends early is read as far as it goes; the rows that are there are reported as they are.
        let _ = source.read_to_end(&mut bytes);
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        };
        Self { text: std::io::Cursor::new(text.trim_start_matches('\u{feff}').as_bytes().to_vec()) }
    }
}

impl Read for Latin1 {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.text.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "ID,Country,Fulfill Via,Shipment Mode,Scheduled Delivery Date,Delivered to Client Date,Item Description,Line Item Quantity,Manufacturing Site,Weight (Kilograms),Freight Cost (USD)\n";

    fn rows(rows: &str) -> Records {
        read(format!("{HEADER}{rows}").as_bytes(), None).unwrap()
    }

    #[test]
    fn a_dirty_row_is_understood_as_far_as_it_goes() {
        let records =
            rows("7,Haiti,From RDC,N/A,02-Jun-06,05-Jun-06,Kit,3,x,Weight Captured Separately,See ASN-1\n");
        let delivery = &records.deliveries[0];
        assert_eq!((delivery.mode, delivery.weight_kg), (Mode::Unknown, WEIGHT_KG_DEFAULT));
        assert_eq!(delivery.freight_usd, None);
        assert_eq!(records.assumed.values().sum::<usize>(), 2);
    }

    #[test]
    fn a_row_that_cannot_be_understood_is_reported_with_the_reason() {
        let records = rows(
            "1,Atlantis,From RDC,Air,02-Jun-06,02-Jun-06,Kit,3,x,1,1\n\
                            2,Kenya,From RDC,Air,Date Not Captured,02-Jun-06,Kit,3,x,1,1\n\
                            3,Kenya,From RDC,Air,02-Jun-06,02-Jun-06,Kit,-3,x,1,1\n\
                            4,Kenya,Direct Drop,Air,02-Jun-06,02-Jun-06,Kit,3,Not Applicable,1,1\n\
                            5,Kenya\n",
        );
        assert!(records.deliveries.is_empty());
        let reasons: Vec<_> = records.rejected.iter().map(|it| it.reason.as_str()).collect();
        for (reason, names) in reasons.iter().zip([
            "Country",
            "Scheduled Delivery Date",
            "Line Item Quantity",
            "Manufacturing Site",
        ]) {
            assert!(reason.starts_with(names), "{reason}");
        }
        assert_eq!(records.rejected.len(), 5);
        assert_eq!(records.rejected[4].line, 6);
    }
}
