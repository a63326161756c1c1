//! Facts, and what is missing.

use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1 as pb;
use meridian_types::{PersonId, Violations};

use crate::domain::case::StatedFact;
use crate::domain::fact::{FactName, Statement};
use crate::domain::fact_book::{Fact, FactSource};
use crate::domain::missing::MissingFact;

/// A fact as a caller or an office states it. Whether it is verified is for us to say.
pub(crate) fn decode(violations: &mut Violations, field: &str, fact: Option<pb::Fact>) -> Option<StatedFact> {
    let fact = decode::required(violations, field, fact)?;
    let name = violations.check(format!("{field}.name"), &fact.name, FactName::parse(&fact.name));
    let value_field = format!("{field}.value");
    let statement = name
        .and_then(|name| violations.check(&value_field, &fact.value, Statement::parse(&name, &fact.value)));
    let source = match fact.source() {
        pb::FactSource::Caller => Some(FactSource::Caller),
        pb::FactSource::Office => Some(FactSource::Office),
        pb::FactSource::Unspecified | pb::FactSource::Record => {
            let rule = "FACT_SOURCE_CALLER or FACT_SOURCE_OFFICE; records are read by the intake itself";
            violations.add(format!("{field}.source"), fact.source, rule);
            None
        }
    };
    // Office codes and person ids have the same form.
    let stated_by: Option<PersonId> =
        decode::parsed_if_set(violations, &format!("{field}.stated_by"), &fact.stated_by);
    let stated_at = decode::timestamp_if_set(violations, &format!("{field}.stated_at"), fact.stated_at);
    Some(StatedFact {
        field: value_field,
        statement: statement?,
        source: source?,
        stated_by: stated_by.map(String::from),
        stated_at,
    })
}

pub(crate) fn encode(fact: &Fact) -> pb::Fact {
    let source = match fact.source {
        FactSource::Caller => pb::FactSource::Caller,
        FactSource::Record => pb::FactSource::Record,
        FactSource::Office => pb::FactSource::Office,
    };
    pb::Fact {
        name: fact.statement.name().to_string(),
        value: fact.statement.value().into_revealed(),
        source: source.into(),
        stated_by: fact.stated_by.clone(),
        stated_at: Some(encode::timestamp(fact.stated_at)),
        verified: fact.verified,
    }
}

pub(crate) fn encode_missing(missing: &MissingFact) -> pb::MissingFact {
    pb::MissingFact {
        name: missing.name.to_string(),
        question: missing.question.to_owned(),
        reason: missing.reason.to_owned(),
    }
}
