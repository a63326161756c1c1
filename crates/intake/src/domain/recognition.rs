//! Who is probably calling: ranked, with reasons. Never one silent guess, and nobody is merged with anybody.
//!
//! Each way to match has a confidence. People who share what matched share its confidence; what matches a person in
//! several ways adds up as independent evidence.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use meridian_types::PersonId;

use super::contact::{Email, ExternalId, Phone};

/// Most candidates in an answer.
const CANDIDATES_MAX: usize = 10;

/// What is known about a caller. At least one is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) phone: Option<Phone>,
    pub(crate) email: Option<Email>,
    pub(crate) external_id: Option<ExternalId>,
}

/// A contact on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownContact {
    pub(crate) person_id: PersonId,
    pub(crate) contact: Contact,
}

/// One way to reach or recognise a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contact {
    Phone(Phone),
    Email(Email),
    External(ExternalId),
}

/// A way in which a caller fits a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    ExternalId,
    Email,
    Phone,
    UntaggedEmail,
    Trunk,
}

impl Match {
    const fn confidence(self) -> f64 {
        match self {
            Self::ExternalId => 0.99,
            Self::Email => 0.97,
            Self::Phone => 0.9,
            Self::UntaggedEmail => 0.7,
            Self::Trunk => 0.3,
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::ExternalId => "the id in another system is theirs",
            Self::Email => "the e-mail address is theirs",
            Self::Phone => "the phone number is theirs",
            Self::UntaggedEmail => "the e-mail address is theirs but for its +tag",
            Self::Trunk => "the phone number differs from theirs only in the extension",
        }
    }
}

/// A person who may be calling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recognition {
    pub(crate) person_id: PersonId,
    /// Above 0, at most 1, in hundredths.
    pub(crate) confidence: f64,
    /// In plain English.
    pub(crate) reasons: Vec<String>,
}

/// The people whom the caller may be, the likeliest first, then by id; at most ten.
pub(crate) fn rank(caller: &Caller, known: &[KnownContact]) -> Vec<Recognition> {
    let mut people: BTreeMap<&PersonId, Vec<Match>> = BTreeMap::new();
    for known in known {
        if let Some(found) = caller.fits(&known.contact) {
            people.entry(&known.person_id).or_default().push(found);
        }
    }
    for matches in people.values_mut() {
        keep_the_strongest(matches);
    }
    let mut sharing: BTreeMap<Match, u32> = BTreeMap::new();
    for found in people.values().flatten() {
        *sharing.entry(*found).or_default() += 1;
    }
    let mut ranked: Vec<_> = people.iter().map(|(id, matches)| recognition(id, matches, &sharing)).collect();
    ranked.sort_by(|a, b| b.confidence.partial_cmp(&a.confidence).unwrap_or(Ordering::Equal));
    ranked.truncate(CANDIDATES_MAX);
    ranked
}

/// One phone and one e-mail address count once, in the best way they fit.
fn keep_the_strongest(matches: &mut Vec<Match>) {
    matches.sort_unstable();
    matches.dedup();
    if matches.contains(&Match::Email) {
        matches.retain(|found| *found != Match::UntaggedEmail);
    }
    if matches.contains(&Match::Phone) {
        matches.retain(|found| *found != Match::Trunk);
    }
}

fn recognition(person_id: &PersonId, matches: &[Match], sharing: &BTreeMap<Match, u32>) -> Recognition {
    let mut doubt = 1.0;
    let mut reasons = Vec::new();
    for found in matches {
        let people = sharing.get(found).copied().unwrap_or(1).max(1);
        doubt *= 1.0 - found.confidence() / f64::from(people);
        reasons.push(match people {
            1 => found.reason().to_owned(),
            2 => format!("{} (one other person fits as well)", found.reason()),
            _ => format!("{} ({} other people fit as well)", found.reason(), people - 1),
        });
    }
    let confidence = (((1.0 - doubt) * 100.0).round() / 100.0).clamp(0.01, 1.0);
    Recognition { person_id: person_id.clone(), confidence, reasons }
}

impl Caller {
    fn fits(&self, contact: &Contact) -> Option<Match> {
        match contact {
            Contact::External(id) => (self.external_id.as_ref()? == id).then_some(Match::ExternalId),
            Contact::Email(email) => {
                let given = self.email.as_ref()?;
                if given == email {
                    Some(Match::Email)
                } else {
                    (given.untagged() == email.untagged()).then_some(Match::UntaggedEmail)
                }
            }
            Contact::Phone(phone) => {
                let given = self.phone.as_ref()?;
                if given == phone {
                    Some(Match::Phone)
                } else {
                    given.shares_trunk_with(phone).then_some(Match::Trunk)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People with their confidence, in order.
    type Expected = &'static [(&'static str, f64)];

    fn known() -> Vec<KnownContact> {
        let phone = |text: &str| Contact::Phone(Phone::parse(text, None).unwrap());
        let email = |text: &str| Contact::Email(Email::parse(text).unwrap());
        let external = |text: &str| Contact::External(ExternalId::parse(text).unwrap());
        [
            ("P1", phone("+49 30 5550-123")),
            ("P1", email("ada@example.org")),
            ("P1", external("CRM-1")),
            ("P2", phone("+49 30 5550-145")),
            ("P2", email("ada+lab@example.org")),
            ("P3", phone("+1 312 555 0142")),
            ("P4", phone("+1 312 555 0142")),
            ("P5", phone("+49 151 23456789")),
            ("P6", email("team@example.org")),
            ("P7", email("team@example.org")),
            ("P8", email("team@example.org")),
        ]
        .map(|(id, contact)| KnownContact { person_id: PersonId::parse(id).unwrap(), contact })
        .to_vec()
    }

    fn ranked(phone: &str, email: &str, external: &str) -> Vec<(String, f64)> {
        let caller = Caller {
            phone: Phone::parse(phone, None).ok(),
            email: Email::parse(email).ok(),
            external_id: ExternalId::parse(external).ok(),
        };
        let found = rank(&caller, &known());
        assert!(found.iter().all(|one| !one.reasons.is_empty() && one.confidence <= 1.0));
        found.into_iter().map(|one| (one.person_id.to_string(), one.confidence)).collect()
    }

    #[test]
    fn callers_are_ranked_as_in_this_table() {
        let table: &[(&str, &str, &str, Expected)] = &[
            // exact, and a colleague's extension
            ("+49 30 5550123", "", "", &[("P1", 0.9), ("P2", 0.3)]),
            // an unknown extension of a known trunk: both colleagues share the doubt
            ("+49 30 5550-177", "", "", &[("P1", 0.15), ("P2", 0.15)]),
            // one number of two people
            ("+13125550142", "", "", &[("P3", 0.45), ("P4", 0.45)]),
            // a mobile phone has no extensions
            ("+49 151 23456780", "", "", &[]),
            // exact beats untagged
            ("", "ADA@example.org", "", &[("P1", 0.97), ("P2", 0.7)]),
            ("", "ada+lab@example.org", "", &[("P2", 0.97), ("P1", 0.7)]),
            ("", "ada+else@example.org", "", &[("P1", 0.35), ("P2", 0.35)]),
            ("", "team@example.org", "", &[("P6", 0.32), ("P7", 0.32), ("P8", 0.32)]),
            ("", "", "CRM-1", &[("P1", 0.99)]),
            ("", "", "crm-1", &[]),
            // evidence adds up
            ("+49 30 5550-145", "ada+lab@example.org", "", &[("P2", 1.0), ("P1", 0.79)]),
            // a stranger
            ("+254 20 5550199", "nobody@example.com", "X", &[]),
        ];
        for (phone, email, external, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(id, sure)| ((*id).to_owned(), *sure)).collect();
            assert_eq!(ranked(phone, email, external), expected, "{phone} {email} {external}");
        }
    }

    #[test]
    fn the_order_of_the_records_does_not_matter() {
        let caller =
            Caller { phone: Phone::parse("+49 30 5550-177", None).ok(), email: None, external_id: None };
        let mut reversed = known();
        reversed.reverse();
        assert_eq!(rank(&caller, &known()), rank(&caller, &reversed));
    }
}
