//! A case: what a customer came with, what is known about it, and who does what next.

use jiff::Timestamp;
use meridian_types::{CaseId, CustomerId, InstrumentModel, PersonId, PlanId, SiteId, Violations};

use super::directory::{Instrument, Person, Zone};
use super::fact::{Fact, FactBook, FactName, FactSource, Statement};
use super::missing::{Circumstances, MissingFact, missing_facts};
use super::need::{Need, NeedKind, check_deadline};
use super::referral::Referral;
use super::responsibility::{Priority, Responsibility};
use crate::error::Error;

/// Who states what stands in our own records.
const RECORDS: &str = "intake";
const FIND_A_SOLUTION: &str = "Find a solution";

/// A case with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) case_id: CaseId,
    pub(crate) customer_id: CustomerId,
    pub(crate) person_id: PersonId,
    /// Zone of the person who called.
    pub(crate) zone: Zone,
    /// The office that owns the case.
    pub(crate) office: SiteId,
    pub(crate) need: Need,
    pub(crate) priority: Priority,
    pub(crate) progress: Progress,
    pub(crate) facts: FactBook,
    pub(crate) plan: Option<PlanRevision>,
    /// The latest one.
    pub(crate) referral: Option<Referral>,
    pub(crate) opened_at: Timestamp,
    /// Grows by one with every change; 1 at first.
    pub(crate) version: i64,
}

/// How far a case is. While it is active, somebody must do something by some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    Active { stage: Stage, responsibility: Responsibility },
    Closed { resolution: Resolution, at: Timestamp },
}

/// Where an active case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The office must find a solution or ask what is missing.
    Open,
    /// A plan is being carried out.
    InProgress,
    /// A party must accept.
    ReferralOffered,
    /// A party has accepted.
    Referred,
    /// Nothing works at the moment; watched.
    Parked,
}

/// Where any case stands, by which cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaseState {
    Active(Stage),
    Closed,
}

impl Progress {
    pub(crate) const fn state(&self) -> CaseState {
        match self {
            Self::Active { stage, .. } => CaseState::Active(*stage),
            Self::Closed { .. } => CaseState::Closed,
        }
    }
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// The need was met.
    Solved,
    /// A party took it over and finished it.
    Referred,
    /// The customer no longer needs it.
    Withdrawn,
}

/// A plan at one of its revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlanRevision {
    pub(crate) plan_id: PlanId,
    pub(crate) revision: i32,
}

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
}

/// A fact as somebody states it.
#[derive(Debug, Clone)]
pub(crate) struct StatedFact {
    /// Path of its value in the request.
    pub(crate) field: String,
    pub(crate) statement: Statement,
    pub(crate) source: FactSource,
    /// Absent: the person who called, or the office.
    pub(crate) stated_by: Option<String>,
    /// Absent: now.
    pub(crate) stated_at: Option<Timestamp>,
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

    /// Takes in one more fact.
    ///
    /// # Errors
    /// The case is closed, or the fact is a deadline that is past or too far ahead.
    pub(crate) fn add_fact(&mut self, fact: StatedFact, now: Timestamp) -> Result<(), Error> {
        let (stage, responsibility) = self.active()?;
        let responsibility = responsibility.clone();
        check_stated([&fact], now)?;
        let asking = opening_action(self.missing_facts().len());
        self.enter_stated(fact, now);
        // The office goes on with what it was doing, unless that was asking.
        if stage == Stage::Open && responsibility.next_action() == asking {
            self.hand_to_office(stage, opening_action(self.missing_facts().len()), responsibility.due());
        }
        Ok(())
    }

    /// What must still be asked, most important first.
    pub(crate) fn missing_facts(&self) -> Vec<MissingFact> {
        let when =
            Circumstances { priority: self.priority, opened_at: self.opened_at, zone: self.zone.rules() };
        missing_facts(&self.need, &self.facts, when)
    }

    /// Closes the case; an open offer is taken back.
    ///
    /// # Errors
    /// It is closed already, or nobody took over what is said to be referred.
    pub(crate) fn close(&mut self, resolution: Resolution, now: Timestamp) -> Result<(), Error> {
        let (stage, _) = self.active()?;
        if resolution == Resolution::Referred && stage != Stage::Referred {
            return Err(Error::CaseNotReferred(self.case_id));
        }
        self.withdraw_offer(now);
        self.progress = Progress::Closed { resolution, at: now };
        Ok(())
    }

    /// # Errors
    /// `etag` is given and is not that of the case.
    pub(crate) fn check_etag(&self, etag: Option<&str>) -> Result<(), Error> {
        match etag {
            Some(etag) if etag != self.version.to_string() => {
                Err(Error::EtagMismatch { case_id: self.case_id, etag: self.version })
            }
            _ => Ok(()),
        }
    }

    /// Where it stands and who does what next.
    ///
    /// # Errors
    /// It is closed.
    pub(crate) const fn active(&self) -> Result<(Stage, &Responsibility), Error> {
        match &self.progress {
            Progress::Active { stage, responsibility } => Ok((*stage, responsibility)),
            Progress::Closed { .. } => Err(Error::CaseClosed(self.case_id)),
        }
    }

    /// The case is the office's again, which has its full time for the next step.
    pub(super) fn back_to_office(&mut self, next_action: String, now: Timestamp) {
        self.hand_to_office(Stage::Open, next_action, self.priority.step_due(now));
    }

    pub(super) fn hand_to_office(&mut self, stage: Stage, next_action: String, due: Timestamp) {
        let responsibility = Responsibility::of_office(&self.office, next_action, due);
        self.progress = Progress::Active { stage, responsibility };
    }

    fn enter_stated(&mut self, fact: StatedFact, now: Timestamp) {
        let StatedFact { statement, source, stated_by, stated_at, .. } = fact;
        let stated_by = stated_by.unwrap_or_else(|| match source {
            FactSource::Caller => self.person_id.to_string(),
            FactSource::Office => self.office.to_string(),
            FactSource::Record => RECORDS.to_owned(),
        });
        let stated_at = stated_at.unwrap_or(now);
        self.enter(Fact { statement, source, stated_by, stated_at, verified: false });
    }

    fn enter(&mut self, fact: Fact) {
        let name = fact.statement.name();
        self.facts.state(fact);
        // Also after a dispute: the need may have come with what the record contradicts.
        if let Some(current) = self.facts.current(&name) {
            self.need.apply(&current.statement);
        }
    }
}

fn opening_action(missing: usize) -> String {
    match missing {
        0 => FIND_A_SOLUTION.to_owned(),
        1 => "Ask: 1 question".to_owned(),
        count => format!("Ask: {count} questions"),
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

/// Deadlines must lie ahead, and nobody states anything in the future.
fn check_stated<'a>(facts: impl IntoIterator<Item = &'a StatedFact>, now: Timestamp) -> Result<(), Error> {
    let mut violations = Violations::new();
    for fact in facts {
        if let Statement::Deadline(deadline) = fact.statement {
            violations.check(&fact.field, deadline, check_deadline(deadline, now));
        }
        if let Some(stated_at) = fact.stated_at.filter(|stated_at| *stated_at > now) {
            let field = fact.field.replace("value", "stated_at");
            violations.add(field, stated_at, format!("must not lie in the future (it is {now:.0})"));
        }
    }
    Ok(violations.finish()?)
}
