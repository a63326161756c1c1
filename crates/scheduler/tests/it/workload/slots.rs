//! What is recommended, explained and said to help was tried, and holds.

use meridian_scheduler::workload::{
    Appointment, Engineers, Explanation, Obstacle, Plan, Remedy, Slot, Workload, check_plan, explain,
    optimise, recommend, smallest_change,
};
use meridian_types::VisitId;
use proptest::prelude::*;

use super::fixture::{
    appointment, at, eur, interval, needed, order, planned, rounds, skill, spans, visit_id, week,
};
use super::random::any_workload;

/// The workload with a plan published and a slot booked: all pinned.
fn booked(workload: &Workload, plan: &Plan, slot: &Slot) -> Workload {
    let mut booked = workload.clone();
    booked.published = plan.appointments();
    booked.published.retain(|appointment| appointment.order != slot.order);
    booked.published.push(slot.appointment());
    booked.published.iter_mut().for_each(|appointment| appointment.pinned = true);
    booked
}

/// Whether a slot can be booked: nothing else moves, it is done then, and it costs what it says.
fn holds(workload: &Workload, plan: &Plan, slot: &Slot) -> Result<(), TestCaseError> {
    let booked = booked(workload, plan, slot);
    let with = optimise(&booked, 1, rounds(0)).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(check_plan(&booked, &with), Ok(()));
    let stays = |before: &Appointment| with.appointments().iter().any(|after| same(before, after));
    prop_assert!(plan.appointments().iter().filter(|before| before.order != slot.order).all(stays));
    prop_assert!(stays(&slot.appointment()));
    Ok(())
}

fn same(one: &Appointment, other: &Appointment) -> bool {
    (one.order, &one.assignees, one.work) == (other.order, &other.assignees, other.work)
}

/// A plan in which one order was not thought of.
fn without(workload: &Workload, order: VisitId) -> Plan {
    let mut rest = workload.clone();
    rest.orders.retain(|other| other.id != order);
    for other in &mut rest.orders {
        other.after.retain(|first| *first != order);
    }
    optimise(&rest, 1, rounds(60)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_recommended_can_be_booked(workload in any_workload(8), number in 0..8_u128) {
        let number = number % (workload.orders.len().max(1) as u128);
        let plan = without(&workload, visit_id(number));
        prop_assume!(!workload.orders.is_empty());
        let slots = recommend(&workload, &plan, visit_id(number), 5).unwrap();
        prop_assert!(slots.len() <= 5);
        prop_assert!(slots.is_sorted_by_key(|slot| slot.extra.total.minor()));
        for slot in &slots {
            holds(&workload, &plan, slot)?;
        }
    }

    #[test]
    fn what_is_said_to_help_does(workload in any_workload(8)) {
        let plan = optimise(&workload, 1, rounds(60)).unwrap();
        for unplanned in &plan.unplanned {
            let Some(remedy) = smallest_change(&workload, &plan, unplanned.order).unwrap() else { continue };
            let changed = workload.with(unplanned.order, &remedy);
            let slots = recommend(&changed, &plan, unplanned.order, 1).unwrap();
            prop_assert_eq!(slots.len(), 1, "{:?}", &remedy);
            holds(&changed, &plan, &slots[0])?;
        }
    }

    #[test]
    fn who_could_do_it_could(workload in any_workload(8), number in 0..8_usize) {
        let plan = optimise(&workload, 1, rounds(60)).unwrap();
        for order in workload.orders.iter().skip(number).take(1) {
            for crew in &workload.engineers {
                let explanation = explain(&workload, &plan, order.id, &crew.engineer.id).unwrap();
                if let Explanation::Could { slot, .. } = explanation {
                    prop_assert!(slot.stints.iter().any(|stint| stint.assignee.engineer == crew.engineer.id));
                    holds(&workload, &plan, &slot)?;
                }
            }
        }
    }
}

fn explained(workload: &Workload, number: u128, engineer: &str) -> Explanation {
    let plan = planned(workload);
    explain(workload, &plan, visit_id(number), &engineer.parse().unwrap()).unwrap()
}

fn obstacle(workload: &Workload, number: u128, engineer: &str) -> Obstacle {
    match explained(workload, number, engineer) {
        Explanation::Cannot(obstacle) => obstacle,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_explanation_names_the_rule_that_is_in_the_way() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ULM"), order(3, "GRY")]);
    workload.orders[0].windows = vec![interval("2026-11-25T08:00Z/2026-11-25T10:00Z")];
    assert_eq!(explained(&workload, 1, "E-1"), Explanation::Does);
    let with = |change: &dyn Fn(&mut Workload)| {
        let mut changed = workload.clone();
        change(&mut changed);
        obstacle(&changed, 1, "E-2")
    };
    let pumps = || "PUMPS".parse().unwrap();
    assert_eq!(with(&|it| it.orders[0].excluded = ["E-2".parse().unwrap()].into()), Obstacle::Excluded);
    let missing = with(&|it| it.engineers[1].engineer.skills.clear());
    assert_eq!(missing, Obstacle::SkillMissing(pumps()));
    let low = with(&|it| it.engineers[1].engineer.skills = vec![skill("PUMPS", 2, "", "")]);
    assert_eq!(low, Obstacle::LevelTooLow { skill: pumps(), level: needed("PUMPS", 2).level });
    let expired = with(&|it| it.engineers[1].engineer.skills = vec![skill("PUMPS", 4, "", "2026-11-24")]);
    let valid_until = Some("2026-11-24".parse().unwrap());
    assert_eq!(expired, Obstacle::NotCertified { skill: pumps(), valid_from: None, valid_until });
    let absent = with(&|it| it.engineers[1].taken.absent = spans(&["2026-11-25T00:00Z/2026-11-26T03:00Z"]));
    assert_eq!(absent, Obstacle::Absent(at("2026-11-26T03:00Z")));
    let busy = with(&|it| it.engineers[1].taken.busy = spans(&["2026-11-25T00:00Z/2026-11-26T03:00Z"]));
    assert_eq!(busy, Obstacle::Busy(at("2026-11-26T03:00Z")));
    let off = with(&|it| it.engineers[1].engineer.calendar.days_off = ["2026-11-25".parse().unwrap()].into());
    assert_eq!(off, Obstacle::NoWorkingTime);
    assert_eq!(obstacle(&workload, 3, "E-2"), Obstacle::NoRightToWork("US".parse().unwrap()));
}

#[test]
fn who_is_some_minutes_short_is_told_how_many() {
    let mut workload = week(vec![order(1, "TMP")]);
    workload.engineers.truncate(1);
    // From 8 to 18, less 2 times 158 minutes: 284 are left.
    workload.orders[0].work_minutes = 298;
    let on = "2026-11-23".parse().unwrap();
    assert_eq!(obstacle(&workload, 1, "E-1"), Obstacle::Short { minutes: 14, on });
    let plan = planned(&workload);
    let Some(Remedy::Overtime { during, .. }) = smallest_change(&workload, &plan, visit_id(1)).unwrap()
    else {
        panic!("overtime helps")
    };
    assert_eq!(during.duration().as_mins(), 14);
    workload.orders[0].work_minutes = 284;
    assert_eq!(explained(&workload, 1, "E-1"), Explanation::Does);
}

#[test]
fn who_could_do_it_is_told_what_that_costs_more() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.published = vec![appointment(1, "E-1", "2026-11-23T07:00Z/2026-11-23T08:00Z")];
    let Explanation::Could { slot, more } = explained(&workload, 1, "E-2") else { panic!("E-2 could") };
    assert_eq!(more, eur(1_000));
    assert_eq!(slot.extra.changes, eur(1_000));
}

#[test]
fn the_smallest_change_is_of_the_kind_that_is_needed() {
    let smallest = |change: &dyn Fn(&mut Workload)| {
        let mut workload = week(vec![order(1, "ESP")]);
        workload.engineers.truncate(1);
        change(&mut workload);
        let plan = planned(&workload);
        smallest_change(&workload, &plan, visit_id(1)).unwrap()
    };
    let engineer = || "E-1".parse().unwrap();
    let window = smallest(&|it| it.orders[0].windows = vec![interval("2026-11-23T01:00Z/2026-11-23T02:00Z")]);
    // The shift begins at 06:00, the way takes 16 minutes; begins have to lie before the end of the window.
    let to = interval("2026-11-23T01:00Z/2026-11-23T06:17Z");
    assert_eq!(window, Some(Remedy::Window { index: 0, to }));
    let release = smallest(&|it| it.orders[0].release = Some(at("2026-11-27T19:00Z")));
    assert_eq!(release, Some(Remedy::Release(at("2026-11-27T14:44Z"))));
    let certificate =
        smallest(&|it| it.engineers[0].engineer.skills = vec![skill("PUMPS", 4, "", "2026-11-01")]);
    let skill = "PUMPS".parse().unwrap();
    assert_eq!(certificate, Some(Remedy::Certificate { engineer: engineer(), skill }));
    let excluded = smallest(&|it| it.orders[0].excluded = ["E-1".parse().unwrap()].into());
    assert_eq!(excluded, Some(Remedy::Accept(engineer())));
    assert_eq!(smallest(&|it| it.engineers[0].engineer.skills.clear()), None);
    let cheap = smallest(&|it| it.charges.absence = eur(1));
    assert!(matches!(cheap, Some(Remedy::Book(_))), "{cheap:?}");
    assert_eq!(smallest(&|_| ()), None);
}

#[test]
fn slots_for_two_are_for_two() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP")]);
    workload.orders[1].engineers = Engineers::Two;
    let plan = without(&workload, visit_id(2));
    let slots = recommend(&workload, &plan, visit_id(2), 4).unwrap();
    assert_eq!(slots.len(), 4);
    for slot in &slots {
        assert_eq!(slot.stints.len(), 2);
        holds(&workload, &plan, slot).unwrap();
    }
}

#[test]
fn a_slot_lies_between_what_comes_before_and_what_waits() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP"), order(3, "VAN")]);
    workload.orders[1].after = vec![visit_id(1)];
    workload.orders[2].after = vec![visit_id(2)];
    workload.orders[0].windows = vec![interval("2026-11-24T08:00Z/2026-11-24T08:01Z")];
    workload.orders[2].windows = vec![interval("2026-11-25T08:00Z/2026-11-25T08:01Z")];
    let plan = without(&workload, visit_id(2));
    let slots = recommend(&workload, &plan, visit_id(2), 20).unwrap();
    assert!(slots.len() > 2);
    for slot in &slots {
        assert!(at("2026-11-24T09:00Z") <= slot.work.start() && slot.work.end() <= at("2026-11-25T08:00Z"));
    }
    // What waits for it is planned for Monday already.
    let monday = without(&workload, visit_id(1));
    assert_eq!(recommend(&workload, &monday, visit_id(1), 20).unwrap(), []);
}

#[test]
fn a_slot_next_to_other_work_costs_less_than_a_way_of_its_own() {
    let workload = week(vec![order(1, "TMP"), order(2, "TMP")]);
    let plan = without(&workload, visit_id(2));
    let slots = recommend(&workload, &plan, visit_id(2), 10).unwrap();
    let with_it = &plan.visits[0].stints[0].assignee;
    assert_eq!(&slots[0].stints[0].assignee, with_it);
    assert_eq!(slots[0].extra.travel, eur(0));
    assert!(slots.last().unwrap().extra.travel.minor() > 0);
}
