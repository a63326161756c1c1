//! Commands of coordinators, sent and answered through JetStream.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use meridian_messaging::{Announced, Event, Handler, Journal, Work};
use meridian_proto::coordinator::v1::{
    BookVisitRequested, CancelVisitRequested, EngineerClaim, HoldVisitRequested,
};
use meridian_proto::dispatch::v1 as pb;
use meridian_types::Problem;
use sqlx::migrate::Migrator;

use crate::harness::{Region, region, service, until, visit_id};
use crate::sample::monday;

static NO_TABLES: Migrator = Migrator::DEFAULT;

/// A coordinator that sends commands to the dispatch of its region and listens to the answers.
struct Coordinator {
    region: Region,
    journal: Journal,
    heard: Arc<Heard>,
}

/// The answers of dispatch.
#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

#[async_trait]
impl Handler for Heard {
    async fn handle(&self, _: &mut Work, event: &Event) -> Result<(), Problem> {
        if event.aggregate == "visit" {
            self.0.lock().unwrap().push(event.clone());
        }
        Ok(())
    }
}

impl Coordinator {
    async fn new(hint: &str) -> Self {
        let region_eu = Region::running(hint).await;
        let journal = region_eu.cell.journal(service("coordinator"), &NO_TABLES).await.unwrap();
        region_eu.cell.spawn_relay(&region_eu.tasks, &journal);
        let heard = Arc::new(Heard::default());
        let handler = Arc::<Heard>::clone(&heard);
        region_eu
            .cell
            .spawn_reader(&region_eu.tasks, &journal, &region("eu"), service("dispatch"), handler)
            .unwrap();
        Self { region: region_eu, journal, heard }
    }

    async fn send<M: Announced + Clone + Send + Sync + 'static>(&self, command: M) {
        let sent = self.journal.write("send", move |work| {
            let command = command.clone();
            Box::pin(async move {
                work.emit("plan_1", 1, &command);
                Ok(())
            })
        });
        sent.await.unwrap();
    }

    /// Sends a command and waits for the event that answers it; nothing else may have been said about visits.
    async fn answer<M, A>(&self, command: M) -> (i64, A)
    where
        M: Announced + Clone + Send + Sync + 'static,
        A: Announced + Default,
    {
        let before = self.count();
        self.send(command).await;
        until("an answer", || async { self.count() > before }).await;
        let heard = self.heard.0.lock().unwrap();
        assert_eq!(heard.len(), before + 1);
        let event = heard.last().unwrap();
        (event.aggregate_version, event.decode().unwrap_or_else(|problem| panic!("{problem}: {event:?}")))
    }

    fn count(&self) -> usize {
        self.heard.0.lock().unwrap().len()
    }

    async fn refusal<M: Announced + Clone + Send + Sync + 'static>(&self, command: M) -> pb::VisitRefused {
        self.answer::<_, pb::VisitRefused>(command).await.1
    }
}

fn hold(visit: &pb::Visit) -> HoldVisitRequested {
    let visit = visit.clone();
    HoldVisitRequested {
        target_region: "eu".to_owned(),
        visit_id: visit.visit_id,
        case_id: visit.case_id,
        claim: Some(EngineerClaim {
            region: "eu".to_owned(),
            engineer_id: visit.engineer_id,
            site_id: visit.site_id,
            during: visit.during,
            work: visit.work,
            skill_id: visit.skill_id,
            level: visit.level,
            remote: false,
        }),
        expires_in_minutes: 60,
    }
}

fn book(visit: &pb::Visit) -> BookVisitRequested {
    let (visit_id, case_id) = (visit.visit_id.clone(), visit.case_id.clone());
    BookVisitRequested { target_region: "eu".to_owned(), visit_id, case_id }
}

fn cancel(visit: &pb::Visit) -> CancelVisitRequested {
    let (visit_id, case_id) = (visit.visit_id.clone(), visit.case_id.clone());
    CancelVisitRequested { target_region: "eu".to_owned(), visit_id, case_id }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_command_is_answered_and_a_repeated_one_again() {
    let coordinator = Coordinator::new("commands").await;
    let visit = monday("ANNA");
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(coordinator.answer::<_, pb::VisitHeld>(hold(&visit)).await);
    }
    assert_eq!((answers[0].0, &answers[0].1.case_id), (1, &visit.case_id));
    assert_eq!(answers[0], answers[1]);

    for (state, version) in [(pb::VisitState::Booked, 2), (pb::VisitState::Cancelled, 3)] {
        for _ in 0..2 {
            let (told, progressed): (i64, pb::VisitProgressed) = match state {
                pb::VisitState::Booked => coordinator.answer(book(&visit)).await,
                _ => coordinator.answer(cancel(&visit)).await,
            };
            assert_eq!((told, progressed.state()), (version, state));
            assert_eq!((&*progressed.engineer_id, &progressed.case_id), ("ANNA", &visit.case_id));
        }
    }
    assert_eq!(coordinator.region.state(&visit.visit_id).await, pb::VisitState::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_command_is_answered_with_the_reason() {
    let coordinator = Coordinator::new("refused").await;
    let (first, second) = (monday("ANNA"), monday("ANNA"));
    coordinator.answer::<_, pb::VisitHeld>(hold(&first)).await;

    let refused = coordinator.refusal(hold(&second)).await;
    assert_eq!((&*refused.reason, &*refused.engineer_id), ("ENGINEER_NOT_FREE", "ANNA"));
    assert_eq!((&refused.visit_id, &refused.case_id), (&second.visit_id, &second.case_id));
    assert_eq!(coordinator.refusal(hold(&second)).await, refused, "again");

    assert_eq!(coordinator.refusal(hold(&monday("NOBODY"))).await.reason, "ENGINEER_NOT_FOUND");
    assert_eq!(coordinator.refusal(book(&second)).await.reason, "VISIT_NOT_FOUND");
    let malformed = HoldVisitRequested { expires_in_minutes: 0, ..hold(&second) };
    assert_eq!(coordinator.refusal(malformed).await.reason, "INVALID_REQUEST");
    let without_claim = HoldVisitRequested { claim: None, ..hold(&second) };
    assert_eq!(coordinator.refusal(without_claim).await.reason, "INVALID_REQUEST");

    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter")
        .fetch_one(coordinator.region.dispatch.journal().pool())
        .await
        .unwrap();
    assert_eq!(dead, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visit_that_has_begun_is_not_called_off_and_the_answer_says_where_it_stands() {
    let coordinator = Coordinator::new("begun").await;
    let region = &coordinator.region;
    let mut heard = 0;
    for end in [pb::VisitState::Finished, pb::VisitState::Unsolved] {
        let visit = monday("ANNA");
        coordinator.answer::<_, pb::VisitHeld>(hold(&visit)).await;
        coordinator.answer::<_, pb::VisitProgressed>(book(&visit)).await;
        heard += 2;
        for state in [pb::VisitState::Started, end] {
            match state {
                pb::VisitState::Started => region.begin(&visit.visit_id).await.unwrap(),
                pb::VisitState::Finished => region.finish(&visit.visit_id).await.unwrap(),
                _ => region.give_up(&visit.visit_id).await.unwrap(),
            };
            heard += 1;
            until("the step is heard", || async { coordinator.count() == heard }).await;
            for _ in 0..2 {
                let (_, told) = coordinator.answer::<_, pb::VisitProgressed>(cancel(&visit)).await;
                assert_eq!(told.state(), state);
                heard += 1;
            }
            assert_eq!(region.state(&visit.visit_id).await, state);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_booking_that_comes_too_late_is_refused() {
    let coordinator = Coordinator::new("too late").await;
    let visit = monday("ANNA");
    coordinator.answer::<_, pb::VisitHeld>(hold(&visit)).await;
    coordinator.region.advance_minutes(60);
    until("the claim expires", || async { coordinator.count() == 2 }).await;
    assert_eq!(coordinator.refusal(book(&visit)).await.reason, "VISIT_EXPIRED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancellation_that_overtakes_its_hold_wins() {
    let coordinator = Coordinator::new("overtaken").await;
    let visit = monday("ANNA");
    for _ in 0..2 {
        let (version, progressed) = coordinator.answer::<_, pb::VisitProgressed>(cancel(&visit)).await;
        assert_eq!((version, progressed.state()), (1, pb::VisitState::Cancelled));
        assert_eq!(progressed.case_id, visit.case_id);
    }
    assert_eq!(coordinator.refusal(hold(&visit)).await.reason, "VISIT_CANCELLED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_for_another_region_is_left_to_that_region() {
    let coordinator = Coordinator::new("elsewhere").await;
    let visit = monday("ANNA");
    coordinator.send(HoldVisitRequested { target_region: "us".to_owned(), ..hold(&visit) }).await;
    coordinator.send(BookVisitRequested { target_region: "us".to_owned(), ..book(&visit) }).await;
    coordinator.send(CancelVisitRequested { target_region: "us".to_owned(), ..cancel(&visit) }).await;
    // Answered after the others were read.
    coordinator.answer::<_, pb::VisitHeld>(hold(&visit)).await;
    assert_eq!(coordinator.region.audit().await.open_visits, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_that_names_no_visit_is_set_aside_and_the_next_is_obeyed() {
    let coordinator = Coordinator::new("nameless").await;
    let nameless = pb::Visit { visit_id: "visit_1".to_owned(), ..monday("ANNA") };
    coordinator.send(hold(&nameless)).await;
    let dead_letters = || async {
        let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter")
            .fetch_one(coordinator.region.dispatch.journal().pool())
            .await
            .unwrap();
        dead == 1
    };
    until("it is a dead letter", dead_letters).await;
    // Commands of one plan wait behind it; those of another do not.
    let visit = monday("ANNA");
    let command = hold(&visit);
    let sent = coordinator.journal.write("send", move |work| {
        let command = command.clone();
        Box::pin(async move {
            work.emit("plan_2", 1, &command);
            Ok(())
        })
    });
    sent.await.unwrap();
    until("the other is held", || async { coordinator.region.get(&visit.visit_id).await.is_ok() }).await;
    assert!(coordinator.region.get(&visit_id()).await.is_err());
}
