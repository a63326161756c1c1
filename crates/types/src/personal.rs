//! Personal data: names, phone numbers, addresses.

use std::fmt;

/// A value about a person. It prints as `***`; only [`Personal::reveal`] gives it out, so every place that
/// does is found by its name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for storing, sending, matching. Never for a log or an event.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, by move.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_prints_as_stars() {
        let name = Personal::new("Ada");
        assert_eq!(format!("{name} {name:?}"), "*** ***");
        assert_eq!(*name.reveal(), "Ada");
    }
}
