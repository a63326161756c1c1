//! What went wrong, in a form that a service can return, store and replay.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The rule that a value broke, in words a caller understands ("at most 64 characters").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rule(pub Cow<'static, str>);

impl Rule {
    /// A rule from a fixed text.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Rule {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// One field of a request that broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Path of the field, as in the proto file (`lines[0].quantity`).
    pub field: String,
    /// The value as received, cut to 80 characters.
    pub value: String,
    /// The rule it broke.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} breaks the rule: {}", self.field, self.value, self.rule)
    }
}

/// Collects every violation of a request, so that a caller learns all of them at once.
///
/// `check` returns the value when it is valid and remembers the violation otherwise; `finish` turns what was
/// remembered into one [`Problem`].
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

const VALUE_SHOWN_CHARS: usize = 80;

impl Violations {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers that `field` holds `value` although `rule` forbids it.
    pub fn add(&mut self, field: impl Into<String>, value: impl fmt::Display, rule: impl fmt::Display) {
        let value = value.to_string().chars().take(VALUE_SHOWN_CHARS).collect();
        self.0.push(Violation { field: field.into(), value, rule: rule.to_string() });
    }

    /// The valid value, or `None` after remembering why not.
    pub fn check<T>(
        &mut self,
        field: impl Into<String>,
        value: impl fmt::Display,
        outcome: Result<T, Rule>,
    ) -> Option<T> {
        match outcome {
            Ok(valid) => Some(valid),
            Err(rule) => {
                self.add(field, value, rule);
                None
            }
        }
    }

    /// Whether nothing was violated so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing was violated, otherwise one `INVALID_REQUEST` problem naming every field.
    ///
    /// # Errors
    /// The problem with all violations.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// The class of a problem; each maps to exactly one gRPC status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProblemKind {
    /// The request itself is wrong, whatever the state of the system.
    Invalid,
    /// The thing named does not exist.
    NotFound,
    /// The thing exists already, with other content.
    AlreadyExists,
    /// The state of the system forbids it now.
    FailedPrecondition,
    /// Nothing is left of what was asked for (stock, an engineer's time).
    Exhausted,
    /// Somebody else changed it meanwhile; read again and retry.
    Aborted,
    /// The caller may not do this.
    PermissionDenied,
    /// The caller is not known.
    Unauthenticated,
    /// The answer did not come within the caller's deadline; the outcome is unknown.
    DeadlineExceeded,
    /// Cannot be served right now; the same request may succeed later.
    Unavailable,
    /// A defect of ours. Logged once; the caller gets no detail.
    Internal,
}

/// A failure as callers see it: class, machine-readable reason, words, and structured detail.
///
/// Serialisable because a refusal is stored with its idempotency key and replayed to the same caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}: {message}")]
pub struct Problem {
    /// Class of the problem.
    pub kind: ProblemKind,
    /// UPPER_SNAKE reason, unique within the domain (AIP-193).
    pub reason: Cow<'static, str>,
    /// One sentence for people.
    pub message: String,
    /// Further facts by name (`item_id`, `available`).
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Every violated field, for `Invalid`.
    #[serde(default)]
    pub violations: Vec<Violation>,
    /// When to try again, milliseconds from now.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// Extra typed details: (full protobuf message name, encoded message), such as the next best options.
    #[serde(default)]
    pub details: Vec<(String, Vec<u8>)>,
}

impl Problem {
    /// A problem of `kind` with a reason and a sentence.
    pub fn new(kind: ProblemKind, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason: Cow::Borrowed(reason),
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Vec::new(),
            retry_after_ms: None,
            details: Vec::new(),
        }
    }

    /// `INVALID_REQUEST` with all violated fields.
    #[must_use]
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let message = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Self { violations, ..Self::new(ProblemKind::Invalid, "INVALID_REQUEST", message) }
    }

    /// `INVALID_REQUEST` for one field.
    pub fn invalid_field(
        field: impl Into<String>,
        value: impl fmt::Display,
        rule: impl fmt::Display,
    ) -> Self {
        let mut violations = Violations::new();
        violations.add(field, value, rule);
        Self::invalid(violations.0)
    }

    /// `<WHAT>_NOT_FOUND`, naming the id that was asked for.
    pub fn not_found(reason: &'static str, what: &str, id: impl fmt::Display) -> Self {
        Self::new(ProblemKind::NotFound, reason, format!("there is no {what} {id}")).with("id", id)
    }

    /// Adds one fact to the metadata.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.metadata.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds a typed detail (full protobuf message name, encoded message).
    #[must_use]
    pub fn with_detail(mut self, type_name: impl Into<String>, encoded: Vec<u8>) -> Self {
        self.details.push((type_name.into(), encoded));
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after_ms(mut self, after_ms: u64) -> Self {
        self.retry_after_ms = Some(after_ms);
        self
    }

    /// Whether this is a decision about the request that must be the same for every retry with the same key,
    /// as opposed to a passing fault of the system.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        !matches!(
            self.kind,
            ProblemKind::Aborted
                | ProblemKind::DeadlineExceeded
                | ProblemKind::Unavailable
                | ProblemKind::Internal
                | ProblemKind::Unauthenticated
        )
    }
}
