//! Who publishes, and the names on the wire that follow from it: subjects and streams are built here only.

use std::fmt;

use meridian_types::{RegionId, Rule, ServiceName};

const PREFIX_CHARS_MAX: usize = 32;
const TOKEN_CHARS_MAX: usize = 64;

/// First token of every subject: 1 to 32 lower-case letters, digits and '-'. It keeps installations (and tests)
/// apart that share a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubjectPrefix(Box<str>);

impl SubjectPrefix {
    /// The prefix, when it keeps the rule.
    ///
    /// # Errors
    /// The rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=PREFIX_CHARS_MAX).contains(&text.len()) && text.bytes().all(valid) {
            Ok(Self(text.into()))
        } else {
            Err(Rule::new("1 to 32 lower-case letters, digits and '-'"))
        }
    }

    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `token` may be the aggregate or the event in a subject: 1 to 64 lower-case letters, digits, '-', '_'.
#[must_use]
pub const fn is_token(token: &str) -> bool {
    let bytes = token.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty() && bytes.len() <= TOKEN_CHARS_MAX
}

/// The service of a region whose events are meant: the `ce-source` of its events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Region of the service.
    pub region: RegionId,
    /// The service.
    pub service: ServiceName,
}

impl Source {
    /// Reads the form that `Display` writes: `/<region>/<service>`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (region, service) = text.strip_prefix('/')?.split_once('/')?;
        Some(Self { region: RegionId::parse(region).ok()?, service: ServiceName::parse(service).ok()? })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.region, self.service)
    }
}

/// Who writes: one service of one region of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The installation.
    pub prefix: SubjectPrefix,
    /// The region.
    pub region: RegionId,
    /// The service.
    pub service: ServiceName,
}

impl Origin {
    /// Region and service alone.
    #[must_use]
    pub fn source(&self) -> Source {
        Source { region: self.region.clone(), service: self.service.clone() }
    }

    /// The stream that holds the events of this origin: `<PREFIX>_<REGION>_<SERVICE>`.
    #[must_use]
    pub fn stream_name(&self) -> String {
        format!("{}_{}_{}", self.prefix.as_str(), self.region, self.service).to_ascii_uppercase()
    }

    /// The subject of one kind of event: `<prefix>.<region>.<service>.<aggregate>.<event>`.
    ///
    /// # Errors
    /// The rule for tokens, when `aggregate` or `event` breaks it.
    pub fn subject(&self, aggregate: &str, event: &str) -> Result<String, Rule> {
        if is_token(aggregate) && is_token(event) {
            Ok(format!("{}.{aggregate}.{event}", self.root()))
        } else {
            Err(Rule::new("aggregate and event: 1 to 64 lower-case letters, digits, '-' and '_'"))
        }
    }

    /// The pattern that matches every subject of this origin and no other.
    #[must_use]
    pub fn subjects(&self) -> String {
        format!("{}.>", self.root())
    }

    fn root(&self) -> String {
        format!("{}.{}.{}", self.prefix.as_str(), self.region, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            prefix: SubjectPrefix::parse("meridian").unwrap(),
            region: RegionId::parse("eu").unwrap(),
            service: ServiceName::parse("inventory").unwrap(),
        }
    }

    #[test]
    fn names_follow_from_the_origin() {
        assert_eq!(origin().subject("hold", "placed").unwrap(), "meridian.eu.inventory.hold.placed");
        assert_eq!(origin().subjects(), "meridian.eu.inventory.>");
        assert_eq!(origin().stream_name(), "MERIDIAN_EU_INVENTORY");
        assert_eq!(Source::parse(&origin().source().to_string()), Some(origin().source()));
    }

    #[test]
    fn a_token_cannot_change_the_shape_of_a_subject() {
        for token in ["", "a.b", "*", ">", "a b", "a\r\nb", "A", "ä", &"x".repeat(65)] {
            assert!(origin().subject(token, "placed").is_err(), "{token:?}");
            assert!(origin().subject("hold", token).is_err(), "{token:?}");
        }
        for prefix in ["", "a.b", "A", "a_b", ">", &"x".repeat(33)] {
            assert!(SubjectPrefix::parse(prefix).is_err(), "{prefix:?}");
        }
    }
}
