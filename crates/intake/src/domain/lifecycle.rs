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
        let with_a_party = matches!(stage, Stage::ReferralOffered | Stage::Referred);
        self.plan = Some(report.plan);
        match report.news {
            // A party's word decides what happens next, not the plan that asked for it.
            PlanNews::Committed { is_referral: true, .. } | PlanNews::Progressed(_) | PlanNews::Parked(_)
                if with_a_party => {}
            PlanNews::Committed { responsibility, .. } | PlanNews::Progressed(responsibility) => {
                self.carried_out(Stage::InProgress, responsibility, now);
            }
            PlanNews::Parked(responsibility) => self.carried_out(Stage::Parked, responsibility, now),
            // The party has the case, and the office checks back.
            PlanNews::Completed | PlanNews::Ended if stage == Stage::Referred => {}
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
