//! The guard of order: what is old news is not told.

use meridian_types::PlanId;

use super::milestone::Milestone;
use super::view::{Resolution, SafeView};

/// A milestone as the guard sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What.
    pub(crate) milestone: Milestone,
    /// Plan it belongs to, if any.
    pub(crate) plan_id: Option<PlanId>,
    /// Revision of the plan; for a visit of a work order, which word about it this is; 0 for everything else.
    pub(crate) revision: i32,
    /// What tells it apart from others of its kind and revision.
    pub(crate) occurrence: String,
    /// Its facts.
    pub(crate) view: SafeView,
}

impl Told {
    /// Whether it is about a visit of a work order, which takes place or not whatever becomes of plans; its occurrence is
    /// the order.
    const fn is_of_work_order(&self) -> bool {
        self.plan_id.is_none() && self.revision > 0
    }
}

/// Whether `new` is old news after what was `told` of the same case. Revisions are compared within one plan: another
/// plan of the case is another attempt. A visit of a work order is overtaken by a later word about the same visit only,
/// and overtakes nothing else.
pub(crate) fn is_overtaken(new: &Told, told: &[Told]) -> bool {
    // What a plan solved is told by the plan.
    if new.view.resolution == Some(Resolution::SolvedByPlan) {
        return true;
    }
    told.iter().any(|old| {
        if new.is_of_work_order() || old.is_of_work_order() {
            let is_same =
                new.is_of_work_order() && old.is_of_work_order() && new.occurrence == old.occurrence;
            return is_same && old.revision > new.revision;
        }
        let is_of_both_plans = new.plan_id.is_some() && old.plan_id.is_some();
        if is_of_both_plans && (old.plan_id != new.plan_id || old.revision < new.revision) {
            return false;
        }
        let is_stale = is_of_both_plans && old.revision > new.revision;
        is_stale || new.milestone.is_overtaken_by(old.milestone, is_about_the_same(new, old))
    })
}

/// Milestones of goods are about the same when they name the same goods, those of referrals when they belong to the
/// same one.
fn is_about_the_same(new: &Told, old: &Told) -> bool {
    match new.milestone {
        Milestone::ReferralOffered => new.occurrence == old.occurrence,
        _ => new.view.thing == old.view.thing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::view::CustomerText;
    use Milestone::{
        Arrived, CaseOpened, Closed, DateChanged, Done, ExchangeArrived, InCustoms, InstrumentShipped,
        PlanAgreed, ReferralOffered, Referred, Shipped,
    };
    use meridian_types::SeededIds;

    fn told(milestone: Milestone, revision: i32) -> Told {
        let plan_id = (revision > 0).then(|| PlanId::fresh(&SeededIds::new(1)));
        Told { milestone, plan_id, revision, occurrence: String::new(), view: SafeView::default() }
    }

    fn about(thing: &str, told: Told) -> Told {
        let view = SafeView { thing: CustomerText::new(thing), ..told.view };
        Told { view, ..told }
    }

    #[test]
    fn on_its_way_is_not_told_after_delivered() {
        for later in [Arrived, Done, InCustoms, Closed] {
            assert!(is_overtaken(&told(Shipped, 1), &[told(PlanAgreed, 1), told(later, 1)]), "{later:?}");
        }
        assert!(!is_overtaken(&told(Shipped, 1), &[told(CaseOpened, 0), told(PlanAgreed, 1)]));
        assert!(is_overtaken(&told(PlanAgreed, 2), &[told(Done, 2)]));
    }

    #[test]
    fn a_unit_in_exchange_is_told_until_their_own_has_left() {
        let exchanged = told(ExchangeArrived, 1);
        for earlier in [PlanAgreed, Shipped, InCustoms, DateChanged] {
            assert!(!is_overtaken(&exchanged, &[told(earlier, 1)]), "{earlier:?}");
            let is_old_news = earlier != DateChanged;
            assert_eq!(
                is_overtaken(&told(earlier, 1), std::slice::from_ref(&exchanged)),
                is_old_news,
                "{earlier:?}"
            );
        }
        assert!(!is_overtaken(&about("own", told(Shipped, 1)), &[about("other", exchanged.clone())]));
        for later in [InstrumentShipped, Done, Closed] {
            assert!(is_overtaken(&exchanged, &[told(later, 1)]), "{later:?}");
            assert!(!is_overtaken(&told(later, 1), std::slice::from_ref(&exchanged)), "{later:?}");
        }
    }

    #[test]
    fn another_thing_on_its_way_is_news() {
        let arrived = about("pump", told(Arrived, 1));
        assert!(!is_overtaken(&about("valve", told(Shipped, 1)), std::slice::from_ref(&arrived)));
        assert!(is_overtaken(&about("pump", told(Shipped, 1)), &[arrived]));
    }

    #[test]
    fn a_stale_revision_is_not_told_and_a_new_one_is() {
        assert!(is_overtaken(&told(Arrived, 1), &[told(PlanAgreed, 2)]));
        assert!(is_overtaken(&told(Done, 1), &[told(DateChanged, 2)]));
        assert!(!is_overtaken(&told(Shipped, 2), &[told(Arrived, 1)]));
        assert!(!is_overtaken(&told(CaseOpened, 0), &[told(PlanAgreed, 2)]));
    }

    #[test]
    fn another_plan_of_the_case_starts_afresh() {
        let plan_id = Some(PlanId::fresh(&SeededIds::new(2)));
        let other_plan = Told { plan_id, ..told(PlanAgreed, 1) };
        assert!(!is_overtaken(&other_plan, &[told(Done, 3)]));
        assert!(is_overtaken(&other_plan, &[told(Closed, 0)]));
    }

    #[test]
    fn an_offer_is_overtaken_by_its_own_answer_only() {
        let offer = |id: &str, milestone| Told { occurrence: id.to_owned(), ..told(milestone, 0) };
        assert!(is_overtaken(&offer("a", ReferralOffered), &[offer("a", Referred)]));
        assert!(!is_overtaken(&offer("b", ReferralOffered), &[offer("a", Milestone::ReferralReturned)]));
    }

    #[test]
    fn a_visit_is_overtaken_by_a_later_word_about_it_and_overtakes_nothing_else() {
        let word = |milestone, revision, order: &str| Told {
            plan_id: None,
            occurrence: order.to_owned(),
            ..told(milestone, revision)
        };
        let on_the_way = word(Milestone::EngineerOnTheWay, 2, "a");
        assert!(!is_overtaken(&on_the_way, &[told(Milestone::Repaired, 1), told(Done, 1), told(Closed, 0)]));
        assert!(!is_overtaken(&told(PlanAgreed, 1), std::slice::from_ref(&on_the_way)));
        let scheduled = word(Milestone::VisitScheduled, 1, "a");
        assert!(is_overtaken(&scheduled, std::slice::from_ref(&on_the_way)));
        assert!(!is_overtaken(&word(Milestone::VisitScheduled, 1, "b"), &[on_the_way]));
    }

    #[test]
    fn what_a_plan_solved_is_not_told_twice() {
        let closed = |resolution| {
            let view = SafeView { resolution: Some(resolution), ..SafeView::default() };
            Told { view, ..told(Closed, 0) }
        };
        let plan = [told(CaseOpened, 0), told(PlanAgreed, 1)];
        assert!(is_overtaken(&closed(Resolution::SolvedByPlan), &plan));
        assert!(!is_overtaken(&closed(Resolution::Solved), &plan), "the office did");
        assert!(!is_overtaken(&closed(Resolution::Withdrawn), &plan));
    }
}
