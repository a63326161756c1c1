//! Visits that dispatch plans of work orders: the customer of the case hears of them.

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::{self as pb, CustomerMilestone, DisruptionReason, SolutionKind};
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::intake::v1 as intake;
use meridian_proto::types::v1::Interval;
use meridian_types::{CaseId, SystemIds, VisitId};

use crate::company::{CUSTOMER, OFFICE};
use crate::harness::{Region, START, World, answered, until};
use crate::repairs::{booked, company, engineer};
use crate::requests::request_id;
use CustomerMilestone::{EngineerOnTheWay, VisitCalledOff, VisitFinished, VisitMoved, VisitScheduled};

const TUESDAY: i64 = 24;
const WEDNESDAY: i64 = 48;

/// So many hours after the beginning of the tests, on Monday at nine o'clock in Berlin.
fn at(hours: i64) -> Timestamp {
    START + SignedDuration::from_hours(hours)
}

fn hours(from: i64, until: i64) -> Interval {
    Interval { start: Some(encode::timestamp(at(from))), end: Some(encode::timestamp(at(until))) }
}

/// Work on pumps at the customer's, to begin within the first hours of a day.
fn order(case_id: &str, day: i64) -> dispatch::WorkOrder {
    dispatch::WorkOrder {
        visit_id: VisitId::fresh(&SystemIds).to_string(),
        case_id: case_id.to_owned(),
        site_id: CUSTOMER.to_owned(),
        country: "DE".to_owned(),
        position: Some(dispatch::Position { latitude: 48.8, longitude: 9.2 }),
        skill_id: "PUMPS".to_owned(),
        level: 2,
        work_minutes: 120,
        windows: vec![hours(day, day + 3)],
        ..dispatch::WorkOrder::default()
    }
}

impl World {
    /// Two engineers of a region live near the customer, who has a case in eu.
    async fn with_engineers(hint: &str, of: impl Fn(&Self) -> &Region) -> (Self, String) {
        let world = Self::with_network(hint).await;
        let case_id = world.eu.open_pump_case(1).await;
        let region = of(&world).journal.origin().region.to_string();
        let lives = |id| dispatch::Engineer { region: region.clone(), ..engineer(id) };
        let workforce = dispatch::PutWorkforceRequest {
            request_id: request_id(),
            engineers: vec![lives("FI-E1"), lives("FI-E2")],
            ..dispatch::PutWorkforceRequest::default()
        };
        answered(of(&world).dispatch().put_workforce(workforce)).await.unwrap();
        until("the case", async || (!world.eu.lines(&case_id).await.is_empty()).then_some(())).await;
        (world, case_id)
    }
}

impl Region {
    async fn put_order(&self, order: &dispatch::WorkOrder) {
        let request =
            dispatch::PutWorkOrdersRequest { request_id: request_id(), work_orders: vec![order.clone()] };
        answered(self.dispatch().put_work_orders(request)).await.unwrap();
    }

    /// Plans all orders of the week and publishes that.
    async fn plan_orders(&self) {
        let home = dispatch::Place {
            site_id: "FI-TMP".to_owned(),
            position: Some(dispatch::Position { latitude: 48.7, longitude: 9.1 }),
            ..dispatch::Place::default()
        };
        let terms =
            dispatch::Terms { window: Some(hours(0, 168)), places: vec![home], ..dispatch::Terms::default() };
        let request = dispatch::OptimiseRequest {
            request_id: request_id(),
            terms: Some(terms),
            budget_ms: 100,
            seed: 1,
        };
        let begun = answered(self.dispatch().optimise(request)).await.unwrap();
        let optimisation_id = begun.optimisation.unwrap().optimisation_id;
        until("the end of the optimisation", async || {
            let request = dispatch::GetOptimisationRequest { optimisation_id: optimisation_id.clone() };
            let found = answered(self.dispatch().get_optimisation(request)).await.unwrap();
            (found.optimisation.unwrap().state() == dispatch::OptimisationState::Succeeded).then_some(())
        })
        .await;
        let request = dispatch::PublishOptimisationRequest { request_id: request_id(), optimisation_id };
        answered(self.dispatch().publish_optimisation(request)).await.unwrap();
    }

    async fn visit(&self, visit_id: &str) -> dispatch::Visit {
        let request = dispatch::GetVisitRequest { visit_id: visit_id.to_owned() };
        answered(self.dispatch().get_visit(request)).await.unwrap().visit.unwrap()
    }

    async fn call_off(&self, visit_id: &str) {
        let request =
            dispatch::CancelWorkOrderRequest { request_id: request_id(), visit_id: visit_id.to_owned() };
        answered(self.dispatch().cancel_work_order(request)).await.unwrap();
    }

    /// The timeline of a case.
    async fn lines(&self, case_id: &str) -> Vec<String> {
        sqlx::query_scalar("SELECT text FROM timeline WHERE case_id = $1 ORDER BY position")
            .bind(case_id.parse::<CaseId>().unwrap().uuid())
            .fetch_all(self.journal.pool())
            .await
            .unwrap()
    }

    /// What the customer has heard of visits of work orders, once the last line of the timeline ends so.
    async fn words_when(&self, case_id: &str, line: &str) -> Vec<pb::MilestoneReached> {
        let ends = async || self.lines(case_id).await.last().is_some_and(|last| last.ends_with(line));
        until(line, async || ends().await.then_some(())).await;
        self.words(case_id).await
    }

    async fn words(&self, case_id: &str) -> Vec<pb::MilestoneReached> {
        let told = self.told::<pb::MilestoneReached>().await.into_iter();
        told.filter(|told| told.case_id == case_id && told.visit.is_some()).collect()
    }

    /// How many work orders are remembered.
    async fn remembered(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM appointment");
        count.fetch_one(self.journal.pool()).await.unwrap()
    }
}

fn milestones(words: &[pb::MilestoneReached]) -> Vec<CustomerMilestone> {
    words.iter().map(pb::MilestoneReached::milestone).collect()
}

fn visit(word: &pb::MilestoneReached) -> &pb::CustomerVisit {
    word.visit.as_ref().unwrap()
}

/// The window of an order on a day, as customers hear of it.
fn morning(day: i64) -> Option<pb::VisitTime> {
    let Interval { start, end } = hours(day, day + 3);
    Some(pb::VisitTime { from: start, until: end })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_dispatch_plans_reaches_the_timeline_and_the_customer_of_its_case() {
    let (world, case_id) = World::with_engineers("planned", |world| &world.eu).await;
    let order = order(&case_id, TUESDAY);
    world.eu.put_order(&order).await;
    world.eu.plan_orders().await;
    let engineer = world.eu.visit(&order.visit_id).await.engineer_id;
    let words = world.eu.words_when(&case_id, "CET").await;
    let line = world.eu.lines(&case_id).await.pop().unwrap();
    assert!(line.starts_with(&format!("{engineer} comes to DE-STR on Tue 24 Nov 2026 ")), "{line}");
    assert_eq!(milestones(&words), [VisitScheduled]);
    assert_eq!((visit(&words[0]).time, visit(&words[0]).time_before), (morning(TUESDAY), None));
    assert_eq!(visit(&words[0]).work_order_id, order.visit_id);
    let said = [&words[0].zone, &words[0].place_name, &words[0].plan_id];
    assert_eq!(said, ["Europe/Berlin", "DE-STR site", ""]);

    let visit_id = order.visit_id.clone();
    let accept = dispatch::AcceptVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
    answered(world.eu.dispatch().accept_visit(accept)).await.unwrap();
    let words = world.eu.words_when(&case_id, "has said yes").await;
    assert_eq!(words.len(), 1, "the customer expected no less");
    let start = dispatch::StartVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
    answered(world.eu.dispatch().start_visit(start)).await.unwrap();
    let finish = dispatch::FinishVisitRequest { request_id: request_id(), visit_id, unsolved: false };
    answered(world.eu.dispatch().finish_visit(finish)).await.unwrap();
    let words = world.eu.words_when(&case_id, "has finished the work").await;
    assert_eq!(milestones(&words), [VisitScheduled, EngineerOnTheWay, VisitFinished]);
    let revisions: Vec<i32> = words.iter().map(|word| word.revision).collect();
    assert_eq!(revisions, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_moves_is_told_with_both_times_and_why_and_another_engineer_is_not() {
    let (world, case_id) = World::with_engineers("moved", |world| &world.eu).await;
    let tuesday = order(&case_id, TUESDAY);
    world.eu.put_order(&tuesday).await;
    world.eu.plan_orders().await;
    let wednesday = dispatch::WorkOrder { windows: vec![hours(WEDNESDAY, WEDNESDAY + 3)], ..tuesday };
    world.eu.put_order(&wednesday).await;
    world.eu.plan_orders().await;
    let words = world.eu.words_when(&case_id, "because the work order was changed").await;
    let line = world.eu.lines(&case_id).await.pop().unwrap();
    assert!(
        line.starts_with("The visit on Tue 24 Nov 2026 ") && line.contains("on Wed 25 Nov 2026 "),
        "{line}"
    );
    assert_eq!(milestones(&words), [VisitScheduled, VisitMoved]);
    let moved = visit(&words[1]);
    assert_eq!((moved.time_before, moved.time), (morning(TUESDAY), morning(WEDNESDAY)));
    assert_eq!(moved.reason(), DisruptionReason::NeedChanged);

    let first = world.eu.visit(&wednesday.visit_id).await.engineer_id;
    let other = dispatch::WorkOrder { excluded_engineer_ids: vec![first.clone()], ..wednesday };
    world.eu.put_order(&other).await;
    world.eu.plan_orders().await;
    let instead = world.eu.visit(&other.visit_id).await.engineer_id;
    assert_ne!(instead, first);
    let heard = async || world.eu.lines(&case_id).await.last().is_some_and(|line| line.contains(&instead));
    until("the other engineer", async || heard().await.then_some(())).await;
    assert_eq!(world.eu.words(&case_id).await.len(), 2, "who comes is not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_does_not_take_place_is_told_and_so_is_that_it_is_planned_again() {
    let (world, case_id) = World::with_engineers("withdrawn", |world| &world.eu).await;
    let order = order(&case_id, TUESDAY);
    world.eu.put_order(&order).await;
    world.eu.plan_orders().await;
    let engineer_id = world.eu.visit(&order.visit_id).await.engineer_id;
    let absence = dispatch::RecordAbsenceRequest {
        request_id: request_id(),
        engineer_id,
        during: Some(hours(0, 96)),
        reason: dispatch::AbsenceReason::Ill.into(),
    };
    answered(world.eu.dispatch().record_absence(absence)).await.unwrap();
    let again = "because the engineer cannot come; it is being planned again";
    let words = world.eu.words_when(&case_id, again).await;
    assert_eq!(milestones(&words), [VisitScheduled, VisitCalledOff]);
    let off = visit(&words[1]);
    assert_eq!((off.time_before, off.time, off.planned_again), (morning(TUESDAY), None, true));
    assert_eq!(off.reason(), DisruptionReason::EngineerUnavailable);
    // The other one comes.
    world.eu.plan_orders().await;
    let words = world.eu.words_when(&case_id, "CET").await;
    assert_eq!(milestones(&words[2..]), [VisitScheduled]);
    // Nobody can do that.
    world.eu.put_order(&dispatch::WorkOrder { level: 4, ..order.clone() }).await;
    world.eu.plan_orders().await;
    let words = world.eu.words_when(&case_id, "does not take place; it is being planned again").await;
    assert_eq!(milestones(&words[3..]), [VisitCalledOff]);
    assert!(visit(&words[3]).planned_again);
    world.eu.put_order(&order).await;
    world.eu.plan_orders().await;
    world.eu.words_when(&case_id, "CET").await;
    world.eu.call_off(&order.visit_id).await;
    let words = world.eu.words_when(&case_id, "is called off").await;
    assert_eq!(milestones(&words[4..]), [VisitScheduled, VisitCalledOff]);
    assert!(!visit(&words[5]).planned_again, "nobody plans what the office has called off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_another_region_plans_is_told_by_the_region_of_the_case_alone() {
    let (world, case_id) = World::with_engineers("abroad", |world| &world.us).await;
    let order = order(&case_id, TUESDAY);
    world.us.put_order(&order).await;
    world.us.plan_orders().await;
    let words = world.eu.words_when(&case_id, "CET").await;
    assert_eq!(milestones(&words), [VisitScheduled]);
    until("the visit in us", async || (world.us.remembered().await == 1).then_some(())).await;
    world.us.call_off(&order.visit_id).await;
    let words = world.eu.words_when(&case_id, "is called off").await;
    assert_eq!(milestones(&words), [VisitScheduled, VisitCalledOff]);
    until("us to forget it", async || (world.us.remembered().await == 0).then_some(())).await;
    assert!(world.us.words(&case_id).await.is_empty() && world.us.lines(&case_id).await.is_empty());
}

/// A visit of an order of its own, as dispatch tells of it.
fn ordered(visit_id: &str, day: i64) -> dispatch::OrderedVisit {
    dispatch::OrderedVisit {
        work_order_id: visit_id.to_owned(),
        site_id: CUSTOMER.to_owned(),
        work: Some(hours(day, day + 2)),
        promised: None,
        stays_open: true,
    }
}

fn progressed(
    case_id: &str,
    visit_id: &str,
    day: i64,
    state: dispatch::VisitState,
) -> dispatch::VisitProgressed {
    dispatch::VisitProgressed {
        visit_id: visit_id.to_owned(),
        case_id: case_id.to_owned(),
        engineer_id: "FI-E1".to_owned(),
        state: state.into(),
        happened_at: Some(encode::timestamp(START)),
        ordered: Some(ordered(visit_id, day)),
    }
}

fn moved(case_id: &str, visit_id: &str, day: i64) -> dispatch::VisitMoved {
    dispatch::VisitMoved {
        visit_id: visit_id.to_owned(),
        case_id: case_id.to_owned(),
        engineer_id: "FI-E1".to_owned(),
        work: Some(hours(day, day + 2)),
        ordered: Some(ordered(visit_id, day)),
        ..dispatch::VisitMoved::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_a_visit_that_is_repeated_or_comes_late_changes_nothing() {
    let world = World::with_network("repeated").await;
    let case_id = world.eu.open_pump_case(1).await;
    until("the case", async || (!world.eu.lines(&case_id).await.is_empty()).then_some(())).await;
    let visit_id = VisitId::fresh(&SystemIds).to_string();
    let booked = progressed(&case_id, &visit_id, TUESDAY, dispatch::VisitState::Booked);
    let moved = moved(&case_id, &visit_id, WEDNESDAY);
    let off = progressed(&case_id, &visit_id, WEDNESDAY, dispatch::VisitState::Cancelled);
    world.eu.say("dispatch", (&visit_id, 2), moved.clone()).await;
    world.eu.say("dispatch", (&visit_id, 1), booked.clone()).await;
    world.eu.say("dispatch", (&visit_id, 2), moved.clone()).await;
    world.eu.say("dispatch", (&visit_id, 3), off.clone()).await;
    world.eu.words_when(&case_id, "planned again").await;
    world.eu.say("dispatch", (&visit_id, 2), moved).await;
    world.eu.say("dispatch", (&visit_id, 3), off).await;
    // What comes after it in the stream was read after it.
    let last = VisitId::fresh(&SystemIds).to_string();
    let marker = progressed(&case_id, &last, TUESDAY, dispatch::VisitState::Finished);
    world.eu.say("dispatch", (&last, 1), marker).await;
    let words = world.eu.words_when(&case_id, "has finished the work").await;
    assert_eq!(milestones(&words), [VisitScheduled, VisitCalledOff, VisitFinished]);
    assert_eq!(visit(&words[0]).time.unwrap().from, hours(WEDNESDAY, WEDNESDAY + 1).start);
    let lines = world.eu.lines(&case_id).await;
    assert_eq!(lines.iter().filter(|line| line.contains("FI-E1")).count(), 3, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_is_heard_of_before_its_case_is_told_once_the_case_is_known() {
    let world = World::start("early").await;
    let case_id = CaseId::fresh(&SystemIds).to_string();
    let [kept, over] = [0, 1].map(|_| VisitId::fresh(&SystemIds).to_string());
    let booked = |visit_id: &str| progressed(&case_id, visit_id, TUESDAY, dispatch::VisitState::Booked);
    world.eu.say("dispatch", (&over, 1), booked(&over)).await;
    world.eu.say("dispatch", (&kept, 1), booked(&kept)).await;
    until("two visits", async || (world.eu.remembered().await == 2).then_some(())).await;
    let off = progressed(&case_id, &over, TUESDAY, dispatch::VisitState::Cancelled);
    world.eu.say("dispatch", (&over, 2), off).await;
    until("one visit", async || (world.eu.remembered().await == 1).then_some(())).await;
    assert!(world.eu.words(&case_id).await.is_empty() && world.eu.lines(&case_id).await.is_empty());
    let opened = intake::CaseOpened {
        case_id: case_id.clone(),
        customer_id: "C-1".to_owned(),
        person_id: "P-1".to_owned(),
        office: OFFICE.to_owned(),
        ..intake::CaseOpened::default()
    };
    world.eu.say("intake", (&case_id, 1), opened).await;
    let words = world.eu.words_when(&case_id, "FI-E1 comes to DE-STR on Tue 24 Nov 2026 08:00 UTC").await;
    assert_eq!(milestones(&words), [VisitScheduled]);
    assert_eq!(visit(&words[0]).work_order_id, kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_of_a_plan_that_moves_shifts_what_the_plan_expects() {
    let (world, case_id) = company("shifted").await;
    let solution = world.eu.best(&case_id, SolutionKind::EngineerVisit).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let (visit_id, _) = booked(&world, &case_id, 1).await;
    let mut later = moved(&case_id, &visit_id, 7 * 24);
    later.ordered = None;
    world.eu.say("dispatch", (&visit_id, 9), later).await;
    let disrupted = until("the plan to be disrupted", async || {
        world.eu.told::<pb::PlanDisrupted>().await.into_iter().find(|told| told.case_id == case_id)
    });
    assert_eq!(disrupted.await.reason(), DisruptionReason::EngineerUnavailable);
    let settled = |plan: &pb::Plan| plan.state() == pb::PlanState::Executing;
    world.eu.plan_when(&case_id, "another way, or a later date", settled).await;
    assert!(world.eu.words(&case_id).await.is_empty(), "the plan tells of it");
}
