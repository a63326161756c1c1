//! The only facts that a text to a customer can be made of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest name that is shown whole, in characters.
const CHARS_MAX: usize = 120;

/// A name that customers may read: of an item, a place or a party, from a field of an event that is meant for them.
/// One line, without control characters or marks that turn the direction of writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CustomerText(String);

impl CustomerText {
    /// The name, or nothing when there is none.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let plain: String = text.chars().map(|char| if char.is_whitespace() { ' ' } else { char }).collect();
        let plain: String = plain.chars().filter(|char| !is_invisible(*char)).take(CHARS_MAX).collect();
        let plain = plain.trim();
        (!plain.is_empty()).then(|| Self(plain.to_owned()))
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, bidirectional and zero-width marks, line and paragraph separators, the byte order mark.
fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Why a date changed, as customers understand it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// A part was not where it should have been.
    Unavailable,
    /// Customs take their time.
    Customs,
    /// A delivery was lost.
    Lost,
    /// A delivery takes longer.
    Late,
    /// The engineer cannot come.
    Engineer,
    /// The engineer came, and the instrument still does not work.
    Unsolved,
    /// A party did not take over.
    Partner,
    /// They need it earlier themselves.
    Earlier,
    /// They need something else, or elsewhere.
    Changed,
    /// Anything else.
    Other,
}

impl Reason {
    /// As templates compare it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Customs => "customs",
            Self::Lost => "lost",
            Self::Late => "late",
            Self::Engineer => "engineer",
            Self::Unsolved => "unsolved",
            Self::Partner => "partner",
            Self::Earlier => "earlier",
            Self::Changed => "changed",
            Self::Other => "other",
        }
    }
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Resolution {
    /// The need was met.
    Solved,
    /// A plan met the need, and has said so.
    SolvedByPlan,
    /// A party took it over and finished it.
    Referred,
    /// It is no longer needed.
    Withdrawn,
}

impl Resolution {
    /// As templates compare it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Solved | Self::SolvedByPlan => "solved",
            Self::Referred => "referred",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// When a visit begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VisitTime {
    /// Then, or not before.
    pub(crate) from: Timestamp,
    /// Not later than that, where so much was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
}

/// What customers may know of a milestone. Nothing else reaches a template or a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SafeView {
    /// Item or model it is about.
    pub(crate) thing: Option<CustomerText>,
    /// Place it is about.
    pub(crate) place: Option<CustomerText>,
    /// Who was asked to take over, or did.
    pub(crate) party: Option<CustomerText>,
    /// When it happened.
    pub(crate) happened_at: Option<Timestamp>,
    /// The promised date.
    pub(crate) promised_at: Option<Timestamp>,
    /// When it is likely done.
    pub(crate) likely_by: Option<Timestamp>,
    /// The date promised before.
    pub(crate) old_promised_at: Option<Timestamp>,
    /// When they hear from us next.
    pub(crate) next_word_by: Option<Timestamp>,
    /// When the party answers.
    pub(crate) answer_by: Option<Timestamp>,
    /// When their own instrument is handed over to go back.
    pub(crate) hand_over_by: Option<Timestamp>,
    /// Whether their own instrument has come back to us, in exchange for another.
    pub(crate) own_is_back: bool,
    /// When a visit begins.
    pub(crate) visit: Option<VisitTime>,
    /// When it would have begun.
    pub(crate) old_visit: Option<VisitTime>,
    /// Whether a visit that does not take place is planned again.
    pub(crate) is_planned_again: bool,
    /// Zone to read dates in, where the recipient's own is not known.
    pub(crate) zone: Option<String>,
    /// How many details are still missing.
    pub(crate) missing: Option<u32>,
    /// Why the date or the visit changed.
    pub(crate) reason: Option<Reason>,
    /// How the case ended.
    pub(crate) resolution: Option<Resolution>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line_and_reads_in_one_direction() {
        let text = |name: &str| CustomerText::new(name).map(|text| text.0);
        assert_eq!(text("Pump\r\nBcc: x@y.example").as_deref(), Some("Pump  Bcc: x@y.example"));
        assert_eq!(text("\u{202E}pmup\u{0}\u{7f}").as_deref(), Some("pmup"));
        assert_eq!(text("Zürich – Łódź 東京").as_deref(), Some("Zürich – Łódź 東京"));
        assert_eq!(text(" \u{200B} "), None);
        assert_eq!(text(&"x".repeat(10_000)).unwrap().len(), CHARS_MAX);
    }
}
