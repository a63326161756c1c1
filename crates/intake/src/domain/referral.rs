//! Handing a case to a party, who must accept it in time.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{CountryCode, PartyId, Problem, ReferralId};

use super::case::{Case, Progress, Stage};
use super::directory::Party;
use super::responsibility::{Responsibility, later};
use crate::error::Error;

/// Longest time an offer may stand: 30 days of 24 hours.
const OFFER_LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A case offered to a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Referral {
    pub(crate) referral_id: ReferralId,
    pub(crate) party_id: PartyId,
    /// As it appears to customers.
    pub(crate) party_name: String,
    /// Why this party, for the party.
    pub(crate) reason: String,
    pub(crate) accept_by: Timestamp,
    pub(crate) state: ReferralState,
}

/// Where a referral stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReferralState {
    Offered,
    Accepted(Signature),
    Declined(Signature, String),
    /// Nobody answered in time.
    Returned(Timestamp),
    /// We took the offer back.
    Withdrawn(Timestamp),
}

/// Desk or role that answered, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// What an offer says.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) referral_id: ReferralId,
    pub(crate) party: Party,
    pub(crate) reason: String,
    /// Absent: by the party's own rule.
    pub(crate) accept_by: Option<Timestamp>,
    pub(crate) offered_by: OfferedBy,
}

/// Who offers a case to a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfferedBy {
    /// An office, unless a plan is being carried out.
    Office,
    /// The plan itself.
    Plan,
}

impl Referral {
    /// Whether the party may still answer at `now`.
    fn check_answerable(&self, now: Timestamp) -> Result<(), Error> {
        let referral_id = self.referral_id;
        match &self.state {
            ReferralState::Offered if now < self.accept_by => Ok(()),
            ReferralState::Offered | ReferralState::Returned(_) | ReferralState::Withdrawn(_) => {
                Err(Error::ReferralReturned { referral_id, accept_by: self.accept_by })
            }
            ReferralState::Accepted(_) => Err(Error::ReferralAccepted(referral_id)),
            ReferralState::Declined(..) => Err(Error::ReferralDeclined(referral_id)),
        }
    }
}

impl Case {
    /// Offers the case to a party of the customer's country. The party has to answer by the due time.
    pub(crate) fn offer(&mut self, offer: Offer, country: &CountryCode, now: Timestamp) -> Result<(), Error> {
        let (stage, _) = self.active()?;
        if stage == Stage::ReferralOffered {
            return Err(Error::ReferralOpen(self.case_id));
        }
        if stage == Stage::InProgress && offer.offered_by == OfferedBy::Office {
            return Err(Error::PlanUnderWay(self.case_id));
        }
        let Offer { referral_id, party, reason, accept_by, .. } = offer;
        if !party.serves(self.need.category(), country) {
            return Err(Error::PartyDoesNotServe {
                party_id: party.party_id,
                category: self.need.category().to_owned(),
                country: country.clone(),
            });
        }
        let own_rule = SignedDuration::from_mins(i64::from(party.accept_within_minutes));
        let accept_by = accept_by.unwrap_or_else(|| later(now, own_rule));
        if accept_by <= now || accept_by > later(now, OFFER_LONGEST) {
            let rule = format!("must lie after now ({now:.0}) and at most 30 days ahead");
            return Err(Problem::invalid_field("accept_by", accept_by, rule).into());
        }
        let next_action = "Accept or decline the referral";
        self.progress = Progress::Active {
            stage: Stage::ReferralOffered,
            responsibility: Responsibility::of_party(&party.party_id, next_action, accept_by),
        };
        let (party_id, party_name) = (party.party_id, party.name);
        let state = ReferralState::Offered;
        self.referral = Some(Referral { referral_id, party_id, party_name, reason, accept_by, state });
        Ok(())
    }

    /// The party takes the case over; the office checks back.
    pub(crate) fn accept(&mut self, accepted_by: String, now: Timestamp) -> Result<(), Error> {
        let referral = self.answerable(now)?;
        referral.state = ReferralState::Accepted(Signature { by: accepted_by, at: now });
        let party_id = referral.party_id.clone();
        let due = self.priority.check_back_due(now);
        let next_action = format!("See to it; {} checks back", self.office);
        let responsibility = Responsibility::of_party(&party_id, next_action, due);
        self.progress = Progress::Active { stage: Stage::Referred, responsibility };
        Ok(())
    }

    /// The party refuses; the case goes back to its office.
    pub(crate) fn decline(&mut self, declined_by: String, why: String, now: Timestamp) -> Result<(), Error> {
        let referral = self.answerable(now)?;
        let next_action = if why.is_empty() {
            format!("Find another way: {} declined", referral.party_id)
        } else {
            format!("Find another way: {} declined ({why})", referral.party_id)
        };
        referral.state = ReferralState::Declined(Signature { by: declined_by, at: now }, why);
        self.back_to_office(next_action, now);
        Ok(())
    }

    /// Nobody answered in time; the case goes back to its office.
    pub(crate) fn offer_timed_out(&mut self, now: Timestamp) {
        if let Some(party_id) = self.end_offer(ReferralState::Returned(now)) {
            self.back_to_office(format!("Find another way: {party_id} did not answer in time"), now);
        }
    }

    /// Takes an open offer back; the caller sees to the progress of the case.
    pub(super) fn withdraw_offer(&mut self, now: Timestamp) {
        self.end_offer(ReferralState::Withdrawn(now));
    }

    /// Ends an open offer that was not answered. Says whose it was.
    fn end_offer(&mut self, end: ReferralState) -> Option<PartyId> {
        let referral = self.referral.as_mut().filter(|referral| referral.state == ReferralState::Offered)?;
        referral.state = end;
        Some(referral.party_id.clone())
    }

    fn answerable(&mut self, now: Timestamp) -> Result<&mut Referral, Error> {
        let case_id = self.case_id;
        let referral = self.referral.as_mut().ok_or(Error::CaseNotReferred(case_id))?;
        referral.check_answerable(now)?;
        Ok(referral)
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::ProblemKind;

    use super::*;
    use crate::domain::sample::{case, friday, germany, offer, party};

    fn minutes(minutes: i64) -> Timestamp {
        friday() + SignedDuration::from_mins(minutes)
    }

    fn offered() -> Case {
        let mut case = case();
        case.offer(offer(1, OfferedBy::Office), &germany(), friday()).unwrap();
        case
    }

    fn owner(case: &Case) -> String {
        case.active().unwrap().1.owner().to_owned()
    }

    #[test]
    fn an_offered_case_waits_for_the_party_by_the_partys_own_rule() {
        let case = offered();
        let (stage, responsibility) = case.active().unwrap();
        assert_eq!((stage, responsibility.due()), (Stage::ReferralOffered, minutes(60)));
        assert_eq!(owner(&case), "COOL-CO");
    }

    #[test]
    fn an_accepted_case_is_the_partys_until_the_office_checks_back() {
        let mut case = offered();
        case.accept("service desk".to_owned(), minutes(59)).unwrap();
        let (stage, responsibility) = case.active().unwrap();
        assert_eq!(stage, Stage::Referred);
        assert_eq!(responsibility.due(), minutes(59 + 3 * 24 * 60));
        assert_eq!(owner(&case), "COOL-CO");
    }

    #[test]
    fn a_declined_case_is_back_with_its_office() {
        let mut case = offered();
        case.decline("service desk".to_owned(), "no capacity".to_owned(), minutes(5)).unwrap();
        let (stage, responsibility) = case.active().unwrap();
        assert_eq!((stage, responsibility.due()), (Stage::Open, minutes(5 + 120)));
        assert_eq!(responsibility.next_action(), "Find another way: COOL-CO declined (no capacity)");
        assert_eq!(owner(&case), "OFFICE-BER");
    }

    #[test]
    fn an_offer_that_nobody_answers_comes_back_and_cannot_be_accepted_later() {
        let mut late = offered();
        assert!(matches!(late.accept("desk".to_owned(), minutes(60)), Err(Error::ReferralReturned { .. })));
        let mut case = offered();
        case.due_passed(minutes(59));
        assert_eq!(case, offered(), "not due yet");
        case.due_passed(minutes(60));
        assert_eq!((case.active().unwrap().0, owner(&case)), (Stage::Open, "OFFICE-BER".to_owned()));
        for outcome in [
            case.accept("desk".to_owned(), minutes(61)),
            case.decline("desk".to_owned(), String::new(), minutes(61)),
        ] {
            assert!(matches!(outcome, Err(Error::ReferralReturned { .. })), "{outcome:?}");
        }
        case.offer(offer(2, OfferedBy::Office), &germany(), minutes(62)).unwrap();
    }

    #[test]
    fn a_referral_is_answered_once() {
        let mut accepted = offered();
        accepted.accept("desk".to_owned(), minutes(1)).unwrap();
        let again = accepted.decline("desk".to_owned(), String::new(), minutes(2));
        assert!(matches!(again, Err(Error::ReferralAccepted(_))));
        let mut declined = offered();
        declined.decline("desk".to_owned(), String::new(), minutes(1)).unwrap();
        assert!(matches!(declined.accept("desk".to_owned(), minutes(2)), Err(Error::ReferralDeclined(_))));
        assert!(matches!(case().accept("desk".to_owned(), minutes(2)), Err(Error::CaseNotReferred(_))));
    }

    #[test]
    fn a_case_is_offered_only_to_a_party_that_serves_it_and_to_one_at_a_time() {
        let mut case = case();
        let plumber = Offer { party: party("plumbing"), ..offer(1, OfferedBy::Office) };
        let refused = case.offer(plumber.clone(), &germany(), friday());
        assert!(matches!(refused, Err(Error::PartyDoesNotServe { .. })));
        let abroad = CountryCode::parse("KE").unwrap();
        let refused = case.offer(offer(1, OfferedBy::Office), &abroad, friday());
        assert!(matches!(refused, Err(Error::PartyDoesNotServe { .. })));
        case.offer(Offer { party: party("*"), ..plumber }, &germany(), friday()).unwrap();
        let second = case.offer(offer(2, OfferedBy::Plan), &germany(), friday());
        assert!(matches!(second, Err(Error::ReferralOpen(_))));
    }

    #[test]
    fn an_offer_must_leave_time_to_answer_but_not_for_ever() {
        for at in [minutes(0), minutes(-1), minutes(30 * 24 * 60 + 1)] {
            let unfit = Offer { accept_by: Some(at), ..offer(1, OfferedBy::Office) };
            let Err(Error::Refused(problem)) = case().offer(unfit, &germany(), friday()) else {
                panic!("{at} was accepted")
            };
            assert_eq!(
                (problem.kind, problem.violations[0].field.as_str()),
                (ProblemKind::Invalid, "accept_by")
            );
        }
    }
}
