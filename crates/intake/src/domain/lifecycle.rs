//! How a case follows its plan, and what happens when a due time passes.

use jiff::Timestamp;

use super::case::{Case, PlanRevision, Progress, Resolution, Stage};
use super::responsibility::Responsibility;

/// What the coordinator says about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanReport {
    pub(crate) plan: PlanRevision,
    pub(crate) news: PlanNews,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlanNews {
    /// A solution was committed. A referral is carried out by the case itself: see [`Case::offer`].
    Committed { is_referral: bool, responsibility: Responsibility },
    /// The next action changed.
    Progressed(Responsibility),
    /// Nothing works at the moment.
    Parked(Responsibility),
    /// The need is met, or a party has accepted the case.
    Completed,
    /// It ended without being carried out.
    Ended,
}

impl Case {
    /// Takes over what the coordinator says about the plan of the case. Old news, news of a plan that no longer
    /// serves the case, and news of a closed case change nothing.
    pub(crate) fn follow(&mut self, report: PlanReport, now: Timestamp) {
        let Ok((stage, _)) = self.active() else { return };
        if !self.heeds(&report) {
            return;
        }
        self.plan = Some(report.plan);
        match report.news {
            // The party has the case, and the office checks back.
            _ if stage == Stage::Referred => {}
            // The party's word decides what happens next, not the plan that asked for it.
            PlanNews::Committed { is_referral: true, .. } | PlanNews::Progressed(_) | PlanNews::Parked(_)
                if stage == Stage::ReferralOffered => {}
            PlanNews::Committed { responsibility, .. } | PlanNews::Progressed(responsibility) => {
                self.carried_out(Stage::InProgress, responsibility, now);
            }
            PlanNews::Parked(responsibility) => self.carried_out(Stage::Parked, responsibility, now),
            PlanNews::Completed => {
                self.withdraw_offer(now);
                self.progress = Progress::Closed { resolution: Resolution::Solved, at: now };
            }
            PlanNews::Ended => {
                self.withdraw_offer(now);
                self.plan = None;
                self.back_to_office("Find another solution".to_owned(), now);
            }
        }
    }

    /// The due time has passed. An offer goes back; anything else becomes the office's, with a new due time.
    pub(crate) fn due_passed(&mut self, now: Timestamp) {
        let Ok((stage, responsibility)) = self.active() else { return };
        if responsibility.due() > now {
            return;
        }
        if stage == Stage::ReferralOffered {
            self.offer_timed_out(now);
        } else {
            let responsibility = responsibility.escalated(&self.office, self.priority.step_due(now));
            self.progress = Progress::Active { stage, responsibility };
        }
    }

    fn carried_out(&mut self, stage: Stage, responsibility: Responsibility, now: Timestamp) {
        self.withdraw_offer(now);
        self.progress = Progress::Active { stage, responsibility };
    }

    fn heeds(&self, report: &PlanReport) -> bool {
        match self.plan {
            Some(plan) if plan.plan_id == report.plan.plan_id => report.plan.revision >= plan.revision,
            // Another plan replaces the present one only by being committed.
            Some(_) => matches!(report.news, PlanNews::Committed { .. }),
            None => report.news != PlanNews::Ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use meridian_types::{PlanId, SeededIds};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::case::CaseState;
    use crate::domain::fact_book::FactSource;
    use crate::domain::referral::{OfferedBy, ReferralState};
    use crate::domain::sample::{case, friday, germany, offer, stated};

    fn plan(number: u64, revision: i32) -> PlanRevision {
        PlanRevision { plan_id: PlanId::fresh(&SeededIds::new(number)), revision }
    }

    fn coordinator(next_action: &str) -> Responsibility {
        let due = friday() + SignedDuration::from_hours(4);
        Responsibility::new("coordinator", next_action, due).unwrap()
    }

    fn committed() -> PlanNews {
        PlanNews::Committed { is_referral: false, responsibility: coordinator("Pick the pump") }
    }

    fn told(case: &mut Case, plan: PlanRevision, news: PlanNews) {
        case.follow(PlanReport { plan, news }, friday());
    }

    fn stage(case: &Case) -> Option<Stage> {
        case.active().ok().map(|(stage, _)| stage)
    }

    #[test]
    fn a_case_follows_its_plan_to_the_end() {
        let mut case = case();
        told(&mut case, plan(1, 1), committed());
        assert_eq!(case.active().unwrap(), (Stage::InProgress, &coordinator("Pick the pump")));
        told(&mut case, plan(1, 1), PlanNews::Parked(coordinator("Look again")));
        assert_eq!(case.active().unwrap(), (Stage::Parked, &coordinator("Look again")));
        told(&mut case, plan(1, 2), PlanNews::Progressed(coordinator("Ship the pump")));
        assert_eq!(stage(&case), Some(Stage::InProgress));
        told(&mut case, plan(1, 2), PlanNews::Completed);
        assert_eq!(case.progress, Progress::Closed { resolution: Resolution::Solved, at: friday() });
        let closed = case.clone();
        told(&mut case, plan(1, 3), committed());
        assert_eq!(case, closed, "a closed case stays closed");
    }

    #[test]
    fn a_case_whose_plan_ends_is_back_with_its_office() {
        let mut case = case();
        told(&mut case, plan(1, 1), committed());
        told(&mut case, plan(1, 1), PlanNews::Ended);
        let (stage, responsibility) = case.active().unwrap();
        assert_eq!((stage, responsibility.owner()), (Stage::Open, "OFFICE-BER"));
        assert_eq!(case.plan, None);
    }

    #[test]
    fn old_news_and_news_of_another_plan_change_nothing() {
        let mut case = case();
        told(&mut case, plan(1, 2), committed());
        let before = case.clone();
        told(&mut case, plan(1, 1), PlanNews::Parked(coordinator("Look again")));
        told(&mut case, plan(2, 1), PlanNews::Ended);
        told(&mut case, plan(2, 1), PlanNews::Completed);
        told(&mut case, plan(2, 1), PlanNews::Progressed(coordinator("Fly")));
        assert_eq!(case, before);
        told(&mut case, plan(2, 1), committed());
        assert_eq!(case.plan, Some(plan(2, 1)), "another plan takes over by being committed");
    }

    #[test]
    fn while_a_party_has_the_case_its_referral_plan_decides_nothing() {
        let mut case = case();
        let referral = PlanNews::Committed { is_referral: true, responsibility: coordinator("Refer it") };
        told(&mut case, plan(1, 1), referral.clone());
        assert_eq!(stage(&case), Some(Stage::InProgress), "the command comes next");
        case.offer(offer(1, OfferedBy::Plan), &germany(), friday()).unwrap();
        told(&mut case, plan(1, 1), referral);
        told(&mut case, plan(1, 1), PlanNews::Progressed(coordinator("Wait")));
        assert_eq!(stage(&case), Some(Stage::ReferralOffered));
        case.accept("desk".to_owned(), friday()).unwrap();
        told(&mut case, plan(1, 1), PlanNews::Completed);
        assert_eq!(stage(&case), Some(Stage::Referred), "the office still checks back");
        case.close(Resolution::Referred, friday()).unwrap();
    }

    #[test]
    fn another_solution_takes_an_open_offer_back() {
        for news in [committed(), PlanNews::Completed, PlanNews::Ended] {
            let mut case = case();
            told(&mut case, plan(1, 1), committed());
            case.offer(offer(1, OfferedBy::Plan), &germany(), friday()).unwrap();
            told(&mut case, plan(1, 1), news);
            assert_eq!(case.referral.unwrap().state, ReferralState::Withdrawn(friday()));
        }
    }

    #[test]
    fn no_plan_takes_a_case_back_that_a_party_has_accepted() {
        let mut case = case();
        told(&mut case, plan(1, 1), committed());
        told(&mut case, plan(1, 1), PlanNews::Parked(coordinator("Look again")));
        case.offer(offer(1, OfferedBy::Office), &germany(), friday()).unwrap();
        case.accept("desk".to_owned(), friday()).unwrap();
        let referred = case.progress.clone();
        for news in [committed(), PlanNews::Progressed(coordinator("Ship it")), PlanNews::Ended] {
            told(&mut case, plan(1, 2), news);
        }
        told(&mut case, plan(2, 1), committed());
        assert_eq!(case.progress, referred);
    }

    #[test]
    fn an_office_refers_no_case_that_a_plan_is_serving() {
        let mut case = case();
        told(&mut case, plan(1, 1), committed());
        assert!(case.offer(offer(1, OfferedBy::Office), &germany(), friday()).is_err());
        told(&mut case, plan(1, 1), PlanNews::Parked(coordinator("Look again")));
        case.offer(offer(1, OfferedBy::Office), &germany(), friday()).unwrap();
    }

    #[derive(Debug, Clone)]
    enum Input {
        Plan(u64, i32, PlanNews),
        Fact(&'static str, &'static str),
        Offer(OfferedBy),
        Accept,
        Decline,
        Close(Resolution),
        Wait(i64),
    }

    fn inputs() -> impl Strategy<Value = Input> {
        let news = prop_oneof![
            Just(committed()),
            Just(PlanNews::Committed { is_referral: true, responsibility: coordinator("Refer it") }),
            Just(PlanNews::Progressed(coordinator("Ship it"))),
            Just(PlanNews::Parked(coordinator("Look again"))),
            Just(PlanNews::Completed),
            Just(PlanNews::Ended),
        ];
        let close =
            prop_oneof![Just(Resolution::Solved), Just(Resolution::Referred), Just(Resolution::Withdrawn)];
        prop_oneof![
            6 => (1..3_u64, 1..4_i32, news).prop_map(|(plan, revision, news)| Input::Plan(plan, revision, news)),
            1 => Just(Input::Fact("deadline", "2026-11-27T10:00:00Z")),
            1 => Just(Input::Fact("door", "blue")),
            2 => Just(Input::Offer(OfferedBy::Office)),
            2 => Just(Input::Offer(OfferedBy::Plan)),
            2 => Just(Input::Accept),
            1 => Just(Input::Decline),
            1 => close.prop_map(Input::Close),
            4 => (1..200_i64).prop_map(Input::Wait),
        ]
    }

    proptest! {
        /// Refusals are part of the game; what must hold afterwards is the same.
        #[test]
        fn no_sequence_of_calls_events_and_hours_leads_to_a_dead_end(
            inputs in proptest::collection::vec(inputs(), 0..40)
        ) {
            let (mut case, mut now) = (case(), friday());
            for (number, input) in (100..).zip(inputs) {
                let was = case.clone();
                match input {
                    Input::Plan(number, revision, news) => {
                        case.follow(PlanReport { plan: plan(number, revision), news }, now);
                    }
                    Input::Fact(name, value) => {
                        drop(case.add_fact(stated(name, value, FactSource::Caller), now));
                    }
                    Input::Offer(by) => drop(case.offer(offer(number, by), &germany(), now)),
                    Input::Accept => drop(case.accept("desk".to_owned(), now)),
                    Input::Decline => drop(case.decline("desk".to_owned(), String::new(), now)),
                    Input::Close(resolution) => drop(case.close(resolution, now)),
                    Input::Wait(hours) => {
                        now += SignedDuration::from_hours(hours);
                        case.due_passed(now);
                        if let Ok((_, responsibility)) = case.active() {
                            prop_assert!(responsibility.due() > now, "left overdue");
                        }
                    }
                }
                let state = case.progress.state();
                let is_offered =
                    case.referral.as_ref().is_some_and(|referral| referral.state == ReferralState::Offered);
                prop_assert_eq!(is_offered, state == CaseState::Active(Stage::ReferralOffered));
                if let Ok((_, responsibility)) = case.active() {
                    prop_assert!(!responsibility.owner().is_empty() && !responsibility.next_action().is_empty());
                }
                if was.progress.state() == CaseState::Closed {
                    prop_assert_eq!(&case, &was, "a closed case changed");
                }
            }
        }
    }
}
