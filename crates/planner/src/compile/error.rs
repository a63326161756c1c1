//! What can be wrong with a network.

use std::fmt;

use meridian_types::Violation;

/// Everything that is wrong with a network or a horizon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CompileErrors(pub Vec<CompileError>);

impl fmt::Display for CompileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; "))
    }
}

/// One field of one record that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{record}, {field}: {value:?} breaks the rule: {rule}")]
pub struct CompileError {
    /// Kind and code of the record (`lane FRA-HEL`).
    pub record: String,
    /// Field of the record (`schedule[1].cut_off_minute`).
    pub field: String,
    /// The value there.
    pub value: String,
    /// The rule.
    pub rule: CompileRule,
}

impl From<CompileError> for Violation {
    fn from(error: CompileError) -> Self {
        let field = format!("{}.{}", error.record.replacen(' ', ":", 1), error.field);
        Self { field, value: error.value, rule: error.rule.to_string() }
    }
}

/// The rules a network keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompileRule {
    /// A code stands for one record.
    #[error("no two records of one kind have the same code")]
    Duplicate,
    /// References lead somewhere.
    #[error("names a record that exists")]
    UnknownReference,
    /// Zones are IANA zones.
    #[error("an IANA time zone such as Europe/Berlin")]
    UnknownZone,
    /// Currencies are ISO 4217.
    #[error("an ISO 4217 currency code in upper case")]
    UnknownCurrency,
    /// Somebody works on some day.
    #[error("leaves at least one working day in the week")]
    NoWorkingDay,
    /// Spans of one day are apart.
    #[error("spans of one day don't overlap")]
    Overlapping,
    /// Spans and validities end after they start.
    #[error("ends after it starts")]
    Reversed,
    /// Amounts and lengths.
    #[error("not negative")]
    Negative,
    /// Numbers within their range.
    #[error("within the range of the field")]
    OutOfRange,
    /// Horizons lie where minutes can be counted.
    #[error("from 0001-01-01T00:00Z to 5000-01-01T00:00Z")]
    Beyond,
    /// Lanes lead somewhere else.
    #[error("leads to another site")]
    SamePlace,
    /// Lanes carry something.
    #[error("carries goods, people or both")]
    CarriesNothing,
    /// Cut-offs come first.
    #[error("not after the departure")]
    CutOffAfterDeparture,
    /// Points of tariffs.
    #[error("within its range, and rises from point to point")]
    NotRising,
    /// Arrivals come last.
    #[error("not before the departure")]
    ArrivalBeforeDeparture,
}
