//! Engineers whose work takes more than one day, or who cannot solve it.

use super::super::{Chosen, Disruption, Fact, Input, PlanState, Stage, TaskWork, VisitMilestone};
use super::{Story, at, visit_by};
use meridian_types::{Interval, VisitId};

/// E1 comes on two days, from 10 and from 34 o'clock on.
fn two_days() -> Chosen {
    let mut chosen = visit_by("E1", 34);
    let mut first = chosen.engineers[0].clone();
    first.during = Interval::new(at(8), at(14)).unwrap();
    first.work = Interval::new(at(10), at(12)).unwrap();
    chosen.engineers.insert(0, first);
    chosen.engineers.iter_mut().for_each(|claim| claim.bookings = 2);
    chosen
}

fn visits(story: &Story) -> Vec<VisitId> {
    story.ids(|work| if let TaskWork::Visit { visit, .. } = work { Some(*visit) } else { None })
}

/// The first of two days is over.
fn after_one_day() -> (Story, VisitId) {
    let mut story = Story::begin(two_days(), Some(60), false);
    story.commit();
    let visits = visits(&story);
    for visit in &visits {
        story.hear(Input::VisitProgressed(*visit, VisitMilestone::Booked));
    }
    story.hear_at(8, Input::VisitProgressed(visits[0], VisitMilestone::Started));
    story.hear_at(12, Input::VisitProgressed(visits[0], VisitMilestone::Finished));
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    (story, visits[1])
}

#[test]
fn work_of_which_one_day_is_done_is_finished_by_another_engineer() {
    let (mut story, second) = after_one_day();
    story.hear_at(20, Input::VisitDisrupted(second));
    story.options(vec![visit_by("E2", 40)]);
    assert_eq!(story.commands(), [("ask", "visit")], "{:?}", story.plan.stage());
    story.commit();
    story.hear_at(42, Input::VisitProgressed(story.visit(), VisitMilestone::Finished));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn work_of_which_the_last_day_is_done_is_left_alone() {
    let (mut story, second) = after_one_day();
    story.hear_at(36, Input::VisitProgressed(second, VisitMilestone::Finished));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn days_may_be_reported_in_any_order() {
    let mut story = Story::begin(two_days(), Some(60), false);
    story.commit();
    let visits = visits(&story);
    story.hear_at(36, Input::VisitProgressed(visits[1], VisitMilestone::Finished));
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "the other day is not known to be over");
    story.hear(Input::VisitProgressed(visits[0], VisitMilestone::Finished));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn an_engineer_who_could_not_solve_it_does_not_come_again_and_a_person_decides() {
    let mut story = Story::begin(visit_by("E1", 10), None, false);
    story.commit();
    story.hear_at(12, Input::VisitProgressed(story.visit(), VisitMilestone::Unsolved));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::Unsolved)));
    story.options(Vec::new());
    story.due();
    assert_eq!(story.search().exclusions.engineers, [("eu".parse().unwrap(), "E1".parse().unwrap())]);
    let PlanState::Open(_, responsibility) = &story.plan.state else { unreachable!() };
    assert_eq!(responsibility.owner, "OFFICE");
}

#[test]
fn an_engineer_who_could_not_come_may_come_later() {
    let mut story = Story::begin(visit_by("E1", 10), None, false);
    story.commit();
    story.hear_at(5, Input::VisitDisrupted(story.visit()));
    story.options(Vec::new());
    story.due();
    assert_eq!(story.search().exclusions.engineers, []);
}

#[test]
fn a_visit_of_the_plan_that_moves_shifts_what_is_expected_and_the_date_told() {
    let mut story = Story::begin(visit_by("E1", 10), Some(60), false);
    story.commit();
    let visit = story.visit();
    story.hear(Input::VisitProgressed(visit, VisitMilestone::Booked));
    let to = |hours| Input::VisitMoved(visit, Interval::new(at(hours), at(hours + 2)).unwrap());
    story.hear(to(40));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::EngineerUnavailable)));
    story.options(Vec::new());
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    assert_eq!(story.plan.expected_at, at(42));
    assert!(story.plan.promise.unwrap().promised_at >= at(42));
    let known = story.plan.clone();
    story.hear(to(40));
    assert_eq!(story.plan, known, "heard before");
    story.hear_at(41, Input::VisitProgressed(visit, VisitMilestone::Finished));
    story.hear(to(50));
    assert_eq!(story.plan.state, PlanState::Completed, "it is over");
}
