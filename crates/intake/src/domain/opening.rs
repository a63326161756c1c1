//! Opening a case: what the caller says, completed by what stands in our records.

use jiff::Timestamp;
use jiff::civil::Weekday;
use meridian_types::{CaseId, InstrumentModel, PersonId, SiteId};

use super::case::{
    Case, FIND_A_SOLUTION, Progress, RECORDS, Stage, StatedFact, check_stated, opening_action,
};
use super::directory::{Instrument, Person};
use super::fact::{FactName, Statement};
use super::fact_book::{Fact, FactBook, FactSource};
use super::need::{Need, NeedKind};
use super::responsibility::{Priority, Responsibility};
use crate::error::Error;

/// A call, as the office takes it.
#[derive(Debug, Clone)]
pub(crate) struct NewCase {
    pub(crate) case_id: CaseId,
    pub(crate) person: Person,
    pub(crate) office: SiteId,
    pub(crate) need: Need,
    /// Field of the request that the deadline of the need came from.
    pub(crate) deadline_field: &'static str,
    pub(crate) priority: Priority,
    pub(crate) facts: Vec<StatedFact>,
    pub(crate) records: Records,
}

/// What our records say about the need.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// The customer's instrument with the serial number of the need. An instrument of another customer does not count.
    pub(crate) instrument: Option<Instrument>,
    /// Sites where the customer has instruments.
    pub(crate) customer_sites: Vec<SiteId>,
    /// Days without work in the country of the customer.
    pub(crate) weekend: Vec<Weekday>,
}

impl Case {
    /// Opens a case. What the records know is filled in; what the caller says of it that differs is kept beside it.
    ///
    /// # Errors
    /// A deadline that is past or too far ahead; a model that is not the instrument's.
    pub(crate) fn open(new: NewCase, now: Timestamp) -> Result<Self, Error> {
        let NewCase { case_id, person, office, need, deadline_field, priority, facts, records } = new;
        let stated_need = stated_need(&need, deadline_field, &person.person_id);
        let on_record = on_record(&need, &records, &facts)?;
        check_stated(stated_need.iter().chain(&facts), now)?;
        let waiting = Responsibility::of_office(&office, FIND_A_SOLUTION, priority.step_due(now));
        let mut case = Self {
            case_id,
            customer_id: person.customer_id,
            person_id: person.person_id,
            zone: person.zone,
            weekend: records.weekend,
            office,
            need,
            priority,
            progress: Progress::Active { stage: Stage::Open, responsibility: waiting },
            facts: FactBook::default(),
            plan: None,
            referral: None,
            opened_at: now,
            version: 1,
        };
        for statement in on_record {
            let (stated_by, stated_at) = (RECORDS.to_owned(), now);
            case.enter(Fact { statement, source: FactSource::Record, stated_by, stated_at, verified: true });
        }
        for fact in stated_need.into_iter().chain(facts) {
            case.enter_stated(fact, now);
        }
        let next_action = opening_action(case.missing_facts().len());
        case.hand_to_office(Stage::Open, next_action, priority.step_due(now));
        Ok(case)
    }
}

/// What the need itself says, as the caller's facts.
fn stated_need(need: &Need, deadline_field: &'static str, person_id: &PersonId) -> Vec<StatedFact> {
    let stated = |statement: Statement| StatedFact {
        field: match statement.name() {
            FactName::Deadline => deadline_field.to_owned(),
            name => format!("need.{name}"),
        },
        statement,
        source: FactSource::Caller,
        stated_by: Some(person_id.to_string()),
        stated_at: None,
    };
    need.statements().into_iter().map(stated).collect()
}

/// What the records know about the need.
fn on_record(need: &Need, records: &Records, facts: &[StatedFact]) -> Result<Vec<Statement>, Error> {
    match &need.kind {
        NeedKind::Repair(repair) => {
            let Some(instrument) = &records.instrument else { return Ok(Vec::new()) };
            if let Some(model) = repair.model.as_ref().filter(|model| **model != instrument.model) {
                return Err(contradicts(model, instrument));
            }
            Ok(vec![Statement::Model(instrument.model.clone()), Statement::Site(instrument.site_id.clone())])
        }
        NeedKind::Items(items) => {
            let stated = items.deliver_to_site.is_some()
                || facts.iter().any(|fact| fact.statement.name() == FactName::DeliverToSite);
            match records.customer_sites.as_slice() {
                [only] if !stated => Ok(vec![Statement::DeliverToSite(only.clone())]),
                _ => Ok(Vec::new()),
            }
        }
        NeedKind::Other(_) => Ok(Vec::new()),
    }
}

fn contradicts(model: &InstrumentModel, instrument: &Instrument) -> Error {
    Error::ModelContradicted {
        serial_number: instrument.serial_number.clone(),
        stated: model.clone(),
        recorded: instrument.model.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use meridian_types::Problem;

    use super::*;
    use crate::domain::need::{ItemsNeed, RepairNeed};
    use crate::domain::sample::{
        friday, instrument, known_instrument, known_repair, new_case, repair, stated,
    };

    fn missing(case: &Case) -> Vec<String> {
        case.missing_facts().iter().map(|missing| missing.name.to_string()).collect()
    }

    fn next_action(case: &Case) -> &str {
        case.active().unwrap().1.next_action()
    }

    fn repair_of(case: &Case) -> &RepairNeed {
        let NeedKind::Repair(repair) = &case.need.kind else { panic!("not a repair") };
        repair
    }

    #[test]
    fn the_installed_base_fills_in_what_the_caller_need_not_say() {
        let case = known_repair();
        assert_eq!(repair_of(&case).site, Some(instrument().site_id));
        assert_eq!(repair_of(&case).model, Some(instrument().model));
        assert_eq!(missing(&case), ["symptom", "decontamination", "deadline"]);
        assert_eq!(next_action(&case), "Ask: 3 questions");
        let sources: Vec<_> = case.facts.all().map(|fact| (fact.source, fact.verified)).collect();
        assert_eq!(sources, [(FactSource::Record, true), (FactSource::Record, true)]);
    }

    #[test]
    fn an_unknown_instrument_is_asked_about() {
        let case = Case::open(new_case(NeedKind::Repair(repair()), Records::default()), friday()).unwrap();
        assert_eq!(missing(&case), ["symptom", "model", "site", "decontamination", "deadline"]);
    }

    #[test]
    fn another_model_than_the_records_is_refused_but_another_site_is_kept_beside_the_record() {
        let model = InstrumentModel::parse("SPECTRA-7").ok();
        let wrong = NeedKind::Repair(RepairNeed { model, ..repair() });
        let refused = Case::open(new_case(wrong, known_instrument()), friday());
        assert!(matches!(refused, Err(Error::ModelContradicted { .. })));
        let elsewhere = NeedKind::Repair(RepairNeed { site: SiteId::parse("MUNICH").ok(), ..repair() });
        let mut case = Case::open(new_case(elsewhere, known_instrument()), friday()).unwrap();
        assert_eq!(repair_of(&case).site, Some(instrument().site_id));
        assert_eq!(case.facts.all().filter(|fact| fact.statement.name() == FactName::Site).count(), 2);
        case.add_fact(stated("site", "MUNICH", FactSource::Office), friday()).unwrap();
        assert_eq!(repair_of(&case).site, SiteId::parse("MUNICH").ok());
    }

    #[test]
    fn the_only_site_of_a_customer_is_where_items_go_unless_they_say_otherwise() {
        let items = |site: &str| {
            NeedKind::Items(ItemsNeed { lines: Vec::new(), deliver_to_site: SiteId::parse(site).ok() })
        };
        let goes_to = |kind: NeedKind, sites: &[&str]| {
            let customer_sites = sites.iter().map(|site| SiteId::parse(site).unwrap()).collect();
            let records = Records { customer_sites, ..Records::default() };
            let case = Case::open(new_case(kind, records), friday()).unwrap();
            let NeedKind::Items(items) = case.need.kind else { panic!("not items") };
            items.deliver_to_site.map(String::from)
        };
        assert_eq!(goes_to(items(""), &["BERLIN"]).as_deref(), Some("BERLIN"));
        assert_eq!(goes_to(items("MUNICH"), &["BERLIN"]).as_deref(), Some("MUNICH"));
        assert_eq!(goes_to(items(""), &["BERLIN", "MUNICH"]), None);
        assert_eq!(goes_to(items(""), &[]), None);
    }

    #[test]
    fn a_deadline_in_the_past_names_its_field() {
        let past = Some(friday() - SignedDuration::from_mins(1));
        let mut new = new_case(NeedKind::Repair(repair()), Records::default());
        new.need.deadline = past;
        new.deadline_field = "deadline_local";
        new.facts = vec![
            StatedFact {
                field: "facts[0].value".to_owned(),
                ..stated("deadline", "2031-01-01T00:00:00Z", FactSource::Caller)
            },
            StatedFact {
                field: "facts[1].value".to_owned(),
                stated_at: Some(friday() + SignedDuration::from_mins(1)),
                ..stated("symptom", "leak", FactSource::Caller)
            },
        ];
        let problem = Problem::from(Case::open(new, friday()).unwrap_err());
        let fields: Vec<_> = problem.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["deadline_local", "facts[0].value", "facts[1].stated_at"]);
    }
}
