//! A case: what a customer came with, what is known about it, and who does what next.

use jiff::Timestamp;
use jiff::civil::Weekday;
use meridian_types::{CaseId, CustomerId, PersonId, PlanId, SiteId, Violations};

use super::directory::Zone;
use super::fact::Statement;
use super::fact_book::{Fact, FactBook, FactSource};
use super::missing::{Circumstances, MissingFact, missing_facts};
use super::need::{Need, check_deadline};
use super::referral::Referral;
use super::responsibility::{Priority, Responsibility};
use crate::error::Error;

/// Who states what stands in our own records.
pub(super) const RECORDS: &str = "intake";
pub(super) const FIND_A_SOLUTION: &str = "Find a solution";

/// A case with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) case_id: CaseId,
    pub(crate) customer_id: CustomerId,
    pub(crate) person_id: PersonId,
    /// Zone of the person who called.
    pub(crate) zone: Zone,
    /// Days without work in the country of the customer.
    pub(crate) weekend: Vec<Weekday>,
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
        let (priority, opened_at) = (self.priority, self.opened_at);
        let when = Circumstances { priority, opened_at, zone: self.zone.rules(), weekend: &self.weekend };
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

    pub(super) fn enter_stated(&mut self, fact: StatedFact, now: Timestamp) {
        let StatedFact { statement, source, stated_by, stated_at, .. } = fact;
        let stated_by = stated_by.unwrap_or_else(|| match source {
            FactSource::Caller => self.person_id.to_string(),
            FactSource::Office => self.office.to_string(),
            FactSource::Record => RECORDS.to_owned(),
        });
        let stated_at = stated_at.unwrap_or(now);
        self.enter(Fact { statement, source, stated_by, stated_at, verified: false });
    }

    pub(super) fn enter(&mut self, fact: Fact) {
        let name = fact.statement.name();
        self.facts.state(fact);
        // Also after a dispute: the need may have come with what the record contradicts.
        if let Some(current) = self.facts.current(&name) {
            self.need.apply(&current.statement);
        }
    }
}

pub(super) fn opening_action(missing: usize) -> String {
    match missing {
        0 => FIND_A_SOLUTION.to_owned(),
        1 => "Ask: 1 question".to_owned(),
        count => format!("Ask: {count} questions"),
    }
}

/// Deadlines must lie ahead, and nobody states anything in the future.
pub(super) fn check_stated<'a>(
    facts: impl IntoIterator<Item = &'a StatedFact>,
    now: Timestamp,
) -> Result<(), Error> {
    let mut violations = Violations::new();
    for fact in facts {
        if let Statement::Deadline(deadline) = fact.statement {
            violations.check(&fact.field, deadline, check_deadline(deadline, now));
        }
        if let Some(stated_at) = fact.stated_at.filter(|stated_at| *stated_at > now) {
            let fact = fact.field.strip_suffix("value").unwrap_or(&fact.field);
            violations.add(
                format!("{fact}stated_at"),
                stated_at,
                format!("must not lie in the future (it is {now:.0})"),
            );
        }
    }
    Ok(violations.finish()?)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::need::NeedKind;
    use crate::domain::sample::{case, friday, known_repair, stated};

    fn next_action(case: &Case) -> &str {
        case.active().unwrap().1.next_action()
    }

    #[test]
    fn a_fact_changes_the_need_and_when_nothing_is_missing_a_solution_is_to_be_found() {
        let mut case = known_repair();
        let due = case.active().unwrap().1.due();
        let later = friday() + SignedDuration::from_mins(10);
        case.add_fact(stated("symptom", "no-signal", FactSource::Caller), later).unwrap();
        assert_eq!(next_action(&case), "Ask: 2 questions");
        case.add_fact(stated("decontamination", "yes", FactSource::Caller), later).unwrap();
        assert_eq!(next_action(&case), "Ask: 1 question");
        case.add_fact(stated("deadline", "2026-11-27T10:00:00Z", FactSource::Caller), later).unwrap();
        assert_eq!(next_action(&case), "Find a solution");
        assert_eq!(case.active().unwrap().1.due(), due, "facts buy no time");
        let NeedKind::Repair(repair) = &case.need.kind else { panic!("not a repair") };
        assert!(case.need.deadline.is_some() && repair.symptom.is_some());
        case.add_fact(stated("deadline", "2026-11-23T10:00:00Z", FactSource::Caller), later).unwrap();
        assert_eq!(next_action(&case), "Ask: 1 question", "the weekend counts now");
    }

    #[test]
    fn a_case_closes_once_and_is_then_left_alone() {
        let mut case = case();
        assert!(matches!(case.close(Resolution::Referred, friday()), Err(Error::CaseNotReferred(_))));
        case.close(Resolution::Withdrawn, friday()).unwrap();
        assert!(matches!(case.close(Resolution::Solved, friday()), Err(Error::CaseClosed(_))));
        let late = case.add_fact(stated("door", "blue", FactSource::Caller), friday());
        assert!(matches!(late, Err(Error::CaseClosed(_))));
    }

    #[test]
    fn an_etag_is_compared_only_when_it_is_given() {
        let case = case();
        assert!(case.check_etag(None).is_ok() && case.check_etag(Some("1")).is_ok());
        assert!(matches!(case.check_etag(Some("2")), Err(Error::EtagMismatch { .. })));
        assert!(case.check_etag(Some("x")).is_err());
    }
}
