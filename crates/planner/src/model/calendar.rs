//! Opening hours as people write them: wall time, weekdays, exceptions.

use jiff::civil::{Date, Weekday};
use meridian_types::{CalendarId, CountryCode};
use serde::{Deserialize, Serialize};

/// When something is open, in the wall time of one zone.
///
/// A date with an exception follows the exception alone; otherwise a public holiday is closed; otherwise the
/// weekly hours hold. An opening time that the clocks jump over counts from the moment they have jumped; of a
/// time shown twice, opening is the first and closing the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Its code.
    pub id: CalendarId,
    /// IANA zone of its wall times.
    pub zone: String,
    /// The week. Spans of one day must not overlap.
    pub hours: Vec<OpenHours>,
    /// The country whose public holidays close it, with the part of that country (`BY`); none when it stays open.
    pub observes: Option<(CountryCode, Option<String>)>,
    /// Dates with hours of their own.
    pub exceptions: Vec<CalendarException>,
}

impl Calendar {
    /// A calendar that never closes.
    #[must_use]
    pub fn always(id: CalendarId, zone: &str) -> Self {
        let hours = vec![OpenHours { days: Weekdays::ALL, span: LocalSpan::WHOLE_DAY }];
        Self { id, zone: zone.to_owned(), hours, observes: None, exceptions: Vec::new() }
    }
}

/// The same opening hours on several days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenHours {
    /// On which days.
    pub days: Weekdays,
    /// From when to when.
    pub span: LocalSpan,
}

/// A part of a local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LocalSpan {
    /// Minutes after midnight, 0 to 1439.
    pub from_minute: i32,
    /// Minutes after midnight, later than `from_minute`, at most 1440 (the end of the day).
    pub to_minute: i32,
}

impl LocalSpan {
    /// From midnight to midnight.
    pub const WHOLE_DAY: Self = Self { from_minute: 0, to_minute: 1440 };

    /// From one wall time (hours, minutes) to another of the same day; `(24, 0)` is its end.
    #[must_use]
    pub const fn new(from: (i32, i32), to: (i32, i32)) -> Self {
        Self { from_minute: from.0 * 60 + from.1, to_minute: to.0 * 60 + to.1 }
    }
}

/// The hours of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarException {
    /// The local date.
    pub date: Date,
    /// When it is open on that date; closed when empty.
    pub spans: Vec<LocalSpan>,
}

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Weekdays(u8);

impl TryFrom<u8> for Weekdays {
    type Error = &'static str;

    fn try_from(bits: u8) -> Result<Self, Self::Error> {
        if bits <= Self::ALL.0 {
            Ok(Self(bits))
        } else {
            Err("days of the week are seven bits, Monday the lowest")
        }
    }
}

impl From<Weekdays> for u8 {
    fn from(days: Weekdays) -> Self {
        days.0
    }
}

impl Weekdays {
    /// No day.
    pub const NONE: Self = Self(0);
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);
    /// Saturday and Sunday.
    pub const SATURDAY_SUNDAY: Self = Self(0b110_0000);

    /// The set of the given days.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |bits, day| bits | Self::bit(day)))
    }

    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::bit(day) != 0
    }

    /// Whether the two sets share a day.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn bit(day: Weekday) -> u8 {
        1 << day.to_monday_zero_offset()
    }
}
