//! What is known about a case, from whom, and which of two contradicting statements counts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::fact::{FactName, Statement};

/// Where a fact is from, by rising authority over what the installed base records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactSource {
    Caller,
    Record,
    Office,
}

/// A statement with its provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) statement: Statement,
    pub(crate) source: FactSource,
    /// A person id, an office code, or "intake" for our own records.
    pub(crate) stated_by: String,
    pub(crate) stated_at: Timestamp,
    /// Whether it agrees with a record.
    pub(crate) verified: bool,
}

/// What a statement amounts to beside the others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactStanding {
    /// It is planned with.
    Current,
    /// It contradicts a statement of more authority; somebody should clear that up.
    Disputed,
    /// It was said, and nothing depends on it any more.
    History,
}

/// Everything known about one case: one current fact of each name, and at most one that disputes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FactBook {
    current: BTreeMap<FactName, Fact>,
    disputed: BTreeMap<FactName, Fact>,
    unsaved: Vec<(Fact, FactStanding)>,
}

impl FactBook {
    /// The book as stored; history is left out.
    pub(crate) fn stored(facts: impl IntoIterator<Item = (Fact, FactStanding)>) -> Self {
        let mut book = Self::default();
        for (fact, standing) in facts {
            let name = fact.statement.name();
            match standing {
                FactStanding::Current => drop(book.current.insert(name, fact)),
                FactStanding::Disputed => drop(book.disputed.insert(name, fact)),
                FactStanding::History => {}
            }
        }
        book
    }

    /// Enters a statement. The newest counts, except that a caller's word about what the installed base records
    /// does not replace a record or an office's correction of it: both are kept, and the record is planned with.
    pub(crate) fn state(&mut self, mut fact: Fact) -> FactStanding {
        let name = fact.statement.name();
        let before = self.current.get(&name);
        let agrees = before.is_some_and(|known| known.statement == fact.statement);
        let outranked = name.is_recorded() && before.is_some_and(|known| known.source > fact.source);
        fact.verified =
            fact.source == FactSource::Record || (agrees && before.is_some_and(|known| known.verified));
        let standing = match (outranked, agrees) {
            (false, _) => FactStanding::Current,
            (true, true) => FactStanding::History,
            (true, false) => FactStanding::Disputed,
        };
        self.disputed.remove(&name);
        match standing {
            FactStanding::Current => drop(self.current.insert(name, fact.clone())),
            FactStanding::Disputed => drop(self.disputed.insert(name, fact.clone())),
            FactStanding::History => {}
        }
        self.unsaved.push((fact, standing));
        standing
    }

    /// Whether the fact is known, and must not be asked for again.
    pub(crate) fn knows(&self, name: &FactName) -> bool {
        self.current.contains_key(name)
    }

    /// The fact that is planned with.
    pub(crate) fn current(&self, name: &FactName) -> Option<&Fact> {
        self.current.get(name)
    }

    /// What is planned with and what disputes it, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Fact> {
        self.current.iter().flat_map(|(name, fact)| [Some(fact), self.disputed.get(name)]).flatten()
    }

    /// Hands out, once, what was stated since the book was read.
    pub(crate) fn take_unsaved(&mut self) -> Vec<(Fact, FactStanding)> {
        std::mem::take(&mut self.unsaved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(name: &str, value: &str, source: FactSource) -> Fact {
        let statement = Statement::parse(&FactName::parse(name).unwrap(), value).unwrap();
        let stated_at = Timestamp::UNIX_EPOCH;
        Fact { statement, source, stated_by: "someone".to_owned(), stated_at, verified: false }
    }

    fn current(book: &FactBook, name: &str) -> String {
        book.current(&FactName::parse(name).unwrap()).unwrap().statement.value().into_revealed()
    }

    #[test]
    fn a_callers_contradiction_of_a_record_is_kept_but_not_planned_with() {
        let mut book = FactBook::default();
        book.state(fact("site", "BERLIN", FactSource::Record));
        assert_eq!(book.state(fact("site", "MUNICH", FactSource::Caller)), FactStanding::Disputed);
        assert_eq!(current(&book, "site"), "BERLIN");
        let all: Vec<_> = book.all().map(|fact| (fact.source, fact.verified)).collect();
        assert_eq!(all, [(FactSource::Record, true), (FactSource::Caller, false)]);
    }

    #[test]
    fn an_office_corrects_a_record() {
        let mut book = FactBook::default();
        book.state(fact("site", "BERLIN", FactSource::Record));
        book.state(fact("site", "MUNICH", FactSource::Caller));
        assert_eq!(book.state(fact("site", "MUNICH", FactSource::Office)), FactStanding::Current);
        assert_eq!(current(&book, "site"), "MUNICH");
        assert_eq!(book.all().count(), 1);
        assert_eq!(book.state(fact("site", "BERLIN", FactSource::Caller)), FactStanding::Disputed);
    }

    #[test]
    fn a_caller_who_confirms_a_record_leaves_it_standing_and_is_verified() {
        let mut book = FactBook::default();
        book.state(fact("model", "SPECTRA-9", FactSource::Record));
        book.state(fact("model", "SPECTRA-7", FactSource::Caller));
        assert_eq!(book.state(fact("model", "SPECTRA-9", FactSource::Caller)), FactStanding::History);
        let unsaved = book.take_unsaved();
        assert!(unsaved[2].0.verified);
        assert_eq!(book.all().count(), 1);
        assert!(book.take_unsaved().is_empty());
    }

    #[test]
    fn the_customers_newest_wish_counts_whoever_writes_it_down() {
        let mut book = FactBook::default();
        book.state(fact("deliver_to_site", "BERLIN", FactSource::Record));
        assert_eq!(book.state(fact("deliver_to_site", "MUNICH", FactSource::Caller)), FactStanding::Current);
        book.state(fact("symptom", "no-signal", FactSource::Office));
        assert_eq!(book.state(fact("symptom", "no-power", FactSource::Caller)), FactStanding::Current);
        assert_eq!(current(&book, "deliver_to_site"), "MUNICH");
    }
}
