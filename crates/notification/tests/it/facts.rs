//! Facts become notices: each once, about what was promised, to whom it concerns, in their language.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use meridian_proto::coordinator::v1::{
    self as coordinator, CustomerMilestone, DisruptionReason, SolutionKind,
};
use meridian_proto::intake::v1 as intake;
use meridian_proto::notification::v1 as pb;
use meridian_types::{CaseId, ProblemKind, ReferralId, SystemIds, VisitId};

use crate::story::{self, PART_HELD_UP, PROMISED, PROMISED_LATER, part_held_up, reached};
use crate::world::{World, case_opened, pb_time, until};

async fn bodies(world: &World, case_id: CaseId) -> Vec<String> {
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    let notices = world.notices(case_id).await;
    notices.into_iter().map(|notice| format!("{}\n\n{}", notice.subject, notice.body)).collect()
}

#[tokio::test]
async fn the_whole_stream_three_times_tells_each_thing_once() {
    let world = World::new("replayed").await;
    let case_id = CaseId::fresh(&SystemIds);
    let events = part_held_up(&world, case_id, "P-ADA");
    for event in events.iter().chain(&events).chain(&events) {
        world.apply(event).await.unwrap();
    }
    world.notification.spawn_senders(&world.tasks);
    world.settled().await;
    // Once more after everything was sent.
    for event in &events {
        world.apply(event).await.unwrap();
    }
    world.settled().await;
    let told = world.told(case_id).await;
    let expected = PART_HELD_UP.map(|name| (name.to_owned(), pb::NoticeState::Sent));
    assert_eq!(told, expected);
    assert_eq!(world.duplicates().await, 0);
    assert_eq!(std::fs::read_dir(world.mail_dir.path()).unwrap().count(), PART_HELD_UP.len());
    assert_eq!(world.events_told().await, ["NoticeDelivered"; 7]);
    world.stop().await;
}

#[tokio::test]
async fn a_milestone_that_comes_before_its_case_waits_for_it() {
    let world = World::new("waiting").await;
    let case_id = CaseId::fresh(&SystemIds);
    let mut events = part_held_up(&world, case_id, "P-ADA");
    let opened = events.remove(0);
    for event in &events {
        world.apply(event).await.unwrap();
    }
    assert_eq!(world.told(case_id).await, []);
    world.apply(&opened).await.unwrap();
    let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
    assert_eq!(told, PART_HELD_UP);
    world.stop().await;
}

#[tokio::test]
async fn a_milestone_that_comes_while_its_case_is_being_learnt_is_not_left_waiting() {
    let world = World::new("racing").await;
    let case_id = CaseId::fresh(&SystemIds);
    // The case has a row already; nothing but the lock on it makes the second reader wait.
    world.hear(story::promise_made(case_id)).await;
    let opened = Arc::new(world.event("intake", &case_opened(case_id, "P-ADA")));
    let shipped =
        world.event("coordinator", &reached(case_id, 1, CustomerMilestone::Shipped, "2026-11-23T10:00:00Z"));
    let handler = world.notification.events();
    let (learnt, is_learnt) = tokio::sync::watch::channel(false);
    let (let_go, may_commit) = tokio::sync::watch::channel(false);
    let slow_reader = world.journal.write("slow reader", move |work| {
        let (handler, opened) = (Arc::clone(&handler), Arc::clone(&opened));
        let (learnt, mut may_commit) = (learnt.clone(), may_commit.clone());
        async move {
            handler.handle(work, &opened).await?;
            learnt.send_replace(true);
            may_commit.wait_for(|may_commit| *may_commit).await.unwrap();
            Ok(())
        }
        .boxed()
    });
    let is_over = AtomicBool::new(false);
    let mut learnt_by_then = is_learnt.clone();
    // The slow reader commits only when the other one stands before the lock, or has passed it.
    let holding = async {
        learnt_by_then.wait_for(|is_learnt| *is_learnt).await.unwrap();
        until("the other reader", async || {
            let waits = "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
                          WHERE NOT granted AND datname = current_database())";
            let waits = sqlx::query_scalar(waits).fetch_one(world.journal.pool());
            is_over.load(Ordering::SeqCst) || waits.await.unwrap()
        })
        .await;
        let_go.send_replace(true);
    };
    let other_reader = async {
        let mut is_learnt = is_learnt;
        is_learnt.wait_for(|is_learnt| *is_learnt).await.unwrap();
        let outcome = world.apply(&shipped).await;
        is_over.store(true, Ordering::SeqCst);
        outcome
    };
    let (slow, other, ()) = tokio::join!(slow_reader, other_reader, holding);
    slow.and(other).unwrap();
    let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
    assert_eq!(told, ["CASE_OPENED", "SHIPPED"]);
    world.stop().await;
}

#[tokio::test]
async fn the_date_in_a_letter_is_the_promised_one_with_the_likely_one_beside_it() {
    let world = World::new("promised").await;
    let case_id = world.open("P-ADA").await;
    world.hear(story::promise_made(case_id)).await;
    let agreed = reached(case_id, 1, CustomerMilestone::PlanAgreed, "2026-11-23T10:00:00Z");
    let likely_by = pb_time("2026-11-26T14:00:00Z");
    world.hear(coordinator::MilestoneReached { likely_by, ..agreed }).await;
    let likely_by = pb_time("2026-11-28T14:00:00Z");
    let changed = story::promise_changed(case_id, "second", PROMISED, PROMISED_LATER);
    world.hear(coordinator::PromiseChanged { likely_by, ..changed }).await;
    let bodies = bodies(&world, case_id).await;
    for (body, words) in [
        (&bodies[1], "bis Freitag, 27. November 2026, 10:00 Uhr (Ortszeit Berlin)."),
        (&bodies[1], "schon bis Donnerstag, 26. November 2026, 15:00 Uhr (Ortszeit Berlin) so weit."),
        (&bodies[2], "Wahrscheinlich schon: Samstag, 28. November 2026, 15:00 Uhr (Ortszeit Berlin)."),
    ] {
        assert!(body.contains(words), "{words} in {body}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_correction_names_the_old_date_the_new_one_and_the_reason_and_each_correction_is_told() {
    let world = World::new("corrected").await;
    let case_id = world.open("P-AINO").await;
    world.hear(story::promise_changed(case_id, "second", PROMISED, PROMISED_LATER)).await;
    let third = coordinator::PromiseChanged {
        reason: DisruptionReason::ShipmentLate.into(),
        ..story::promise_changed(case_id, "third", PROMISED_LATER, "2026-12-01T07:30:00Z")
    };
    world.hear(third).await;
    let fourth = coordinator::PromiseChanged {
        reason: DisruptionReason::Unsolved.into(),
        ..story::promise_changed(case_id, "fourth", "2026-12-01T07:30:00Z", "2026-12-03T07:30:00Z")
    };
    world.hear(fourth).await;
    let bodies = bodies(&world, case_id).await;
    assert_eq!(bodies.len(), 4);
    for words in [
        "Aiemmin lupasimme: perjantaina 27. marraskuuta 2026 klo 11.00 (paikallista aikaa, Helsinki).",
        "Nyt lupaamme: maanantaina 30. marraskuuta 2026 klo 11.00 (paikallista aikaa, Helsinki).",
        "tulli tarvitsee",
    ] {
        assert!(bodies[1].contains(words), "{words} in {}", bodies[1]);
    }
    for words in ["maanantaina 30. marraskuuta", "tiistaina 1. joulukuuta 2026 klo 9.30", "kauemmin"] {
        assert!(bodies[2].contains(words), "{words} in {}", bodies[2]);
    }
    assert!(bodies[3].contains("Syy: ensimmäinen korjaus ei riittänyt."), "{}", bodies[3]);
    world.stop().await;
}

#[tokio::test]
async fn the_recipients_language_decides_and_their_wish_before_it() {
    let world = World::new("languages").await;
    world.people.put(crate::world::person("P-LEA", "Léa", "lea@x.example", "fr", "Europe/Paris"));
    world.people.put(crate::world::person("P-JUMA", "Juma", "juma@x.example", "sw", "Africa/Nairobi"));
    let wish = pb::PutPreferenceRequest {
        request_id: "wish-1".to_owned(),
        person_id: "P-AINO".to_owned(),
        language: "en".to_owned(),
        essentials_only: false,
    };
    world.calls.clone().put_preference(wish).await.unwrap();
    let mut seen = Vec::new();
    world.notification.spawn_senders(&world.tasks);
    for person in ["P-LEA", "P-JUMA", "P-AINO", "P-ADA"] {
        let case_id = world.open(person).await;
        world.settled().await;
        let notice = world.notices(case_id).await.remove(0);
        seen.push((notice.language, notice.body.lines().next().unwrap().to_owned()));
    }
    let expected = [
        ("fr", "Bonjour Léa,"),
        ("en", "Hello Juma,"),
        ("en", "Hello Aino Aalto,"),
        ("de", "Guten Tag Ada Lovelace,"),
    ];
    assert_eq!(seen, expected.map(|(language, line)| (language.to_owned(), line.to_owned())));
    world.stop().await;
}

#[tokio::test]
async fn who_wants_only_the_essentials_hears_only_of_what_is_promised_changed_and_done() {
    let world = World::new("essentials").await;
    let wish = pb::PutPreferenceRequest {
        request_id: "wish-1".to_owned(),
        person_id: "P-ADA".to_owned(),
        essentials_only: true,
        ..pb::PutPreferenceRequest::default()
    };
    world.calls.clone().put_preference(wish).await.unwrap();
    let case_id = CaseId::fresh(&SystemIds);
    for event in part_held_up(&world, case_id, "P-ADA") {
        world.apply(&event).await.unwrap();
    }
    let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
    assert_eq!(told, ["CASE_OPENED", "PLAN_AGREED", "DATE_CHANGED", "DONE"]);
    world.stop().await;
}

#[tokio::test]
async fn a_referral_is_told_from_offer_to_acceptance_and_so_is_its_return() {
    let world = World::new("referred").await;
    let case_id = world.open("P-ADA").await;
    let offered = |name: &str| intake::ReferralOffered {
        referral_id: ReferralId::from_uuid(case_id.derive(name)).to_string(),
        case_id: case_id.to_string(),
        party_id: "POLAR".to_owned(),
        party_name: "Polar Cooling".to_owned(),
        accept_by: pb_time("2026-11-23T15:00:00Z"),
    };
    world.hear(offered("first")).await;
    let returned = intake::ReferralReturned {
        referral_id: ReferralId::from_uuid(case_id.derive("first")).to_string(),
        case_id: case_id.to_string(),
        party_id: "POLAR".to_owned(),
        cause: intake::ReturnCause::Declined.into(),
        owner: "INTERNAL eu-berlin".to_owned(),
    };
    world.hear(returned).await;
    world.hear(offered("referral")).await;
    world.hear(story::referral_accepted(case_id)).await;
    let bodies = bodies(&world, case_id).await;
    assert_eq!(bodies.len(), 5);
    assert!(bodies[1].contains("Polar Cooling") && bodies[1].contains("16:00 Uhr"), "{}", bodies[1]);
    assert!(bodies[2].starts_with("Ihre Anfrage ist wieder bei uns"), "{}", bodies[2]);
    assert!(bodies[4].contains("Polar Cooling hat Ihre Anfrage übernommen."), "{}", bodies[4]);
    assert!(bodies[4].contains("am Montag, 23. November 2026, 13:00 Uhr"), "{}", bodies[4]);
    world.stop().await;
}

#[tokio::test]
async fn a_party_that_said_nothing_is_not_said_to_have_failed() {
    let world = World::new("silentparty").await;
    let case_id = world.open("P-ADA").await;
    for cause in [
        intake::ReturnCause::Withdrawn,
        intake::ReturnCause::NotOffered,
        intake::ReturnCause::Declined,
        intake::ReturnCause::TimedOut,
    ] {
        let returned = intake::ReferralReturned {
            referral_id: ReferralId::from_uuid(case_id.derive(cause.as_str_name())).to_string(),
            case_id: case_id.to_string(),
            party_id: "POLAR".to_owned(),
            cause: cause.into(),
            owner: "eu-berlin".to_owned(),
        };
        world.hear(returned).await;
    }
    let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
    assert_eq!(told, ["CASE_OPENED", "REFERRAL_RETURNED", "REFERRAL_RETURNED"]);
    world.stop().await;
}

#[tokio::test]
async fn no_letter_names_a_date_that_was_taken_back() {
    let world = World::new("takenback").await;
    let case_id = world.open("P-ADA").await;
    world.hear(story::promise_made(case_id)).await;
    world.hear(reached(case_id, 1, CustomerMilestone::PlanAgreed, "2026-11-23T10:00:00Z")).await;
    world.hear(story::promise_taken_back(case_id)).await;
    // As the coordinator tells it while nothing is promised.
    let undated = |milestone| coordinator::MilestoneReached {
        expected_at: None,
        ..reached(case_id, 1, milestone, "2026-11-24T10:00:00Z")
    };
    world.hear(undated(CustomerMilestone::StillLooking)).await;
    world.hear(undated(CustomerMilestone::InCustoms)).await;
    let bodies = bodies(&world, case_id).await;
    assert!(bodies[1].contains("27. November 2026"), "{}", bodies[1]);
    assert!(bodies[3].contains("Zoll") && !bodies[3].contains("November"), "{}", bodies[3]);
    world.stop().await;
}

#[tokio::test]
async fn a_customer_hears_that_a_date_was_called_off() {
    let world = World::new("calledoff").await;
    let case_id = world.open("P-ADA").await;
    let called_off = coordinator::MilestoneReached {
        next_word_by: None,
        ..reached(case_id, 1, CustomerMilestone::StillLooking, "2026-11-24T10:00:00Z")
    };
    world.hear(called_off).await;
    let bodies = bodies(&world, case_id).await;
    assert!(bodies[1].contains("gilt nicht mehr"), "{}", bodies[1]);
    world.stop().await;
}

#[tokio::test]
async fn a_loaner_that_arrives_is_not_the_end() {
    let world = World::new("loaner").await;
    let case_id = world.open("P-ADA").await;
    world.hear(reached(case_id, 1, CustomerMilestone::LoanerArrived, "2026-11-24T10:00:00Z")).await;
    let bodies = bodies(&world, case_id).await;
    assert!(bodies[1].contains("Ihr eigenes Gerät muss noch repariert werden."), "{}", bodies[1]);
    world.stop().await;
}

#[tokio::test]
async fn a_unit_in_exchange_asks_for_the_old_one_by_a_date_and_the_end_says_that_it_came_back() {
    let world = World::new("exchange").await;
    for (person, words, back) in [
        (
            "P-ADA",
            "Bitte stellen Sie es bis Dienstag, 1. Dezember 2026, 10:00 Uhr (Ortszeit Berlin) zur Abholung bereit.",
            "Ihr eigenes Gerät ist wieder bei uns.",
        ),
        (
            "P-AINO",
            "Laita se noutovalmiiksi viimeistään tiistaina 1. joulukuuta 2026 klo 11.00",
            "Oma laitteesi on palautunut meille.",
        ),
    ] {
        let wish = pb::PutPreferenceRequest {
            request_id: format!("essentials-{person}"),
            person_id: person.to_owned(),
            language: String::new(),
            essentials_only: true,
        };
        world.calls.clone().put_preference(wish).await.unwrap();
        let case_id = world.open(person).await;
        let reached = |milestone| reached(case_id, 1, milestone, "2026-11-24T10:00:00Z");
        world.hear(reached(CustomerMilestone::ExchangeArrived)).await;
        // Their own, on its way back.
        world.hear(reached(CustomerMilestone::InstrumentShipped)).await;
        let kind = SolutionKind::AdvanceExchange.into();
        world.hear(coordinator::MilestoneReached { kind, ..reached(CustomerMilestone::Done) }).await;
        let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
        assert_eq!(told, ["CASE_OPENED", "EXCHANGE_ARRIVED", "DONE"]);
        let bodies = bodies(&world, case_id).await;
        assert!(bodies[1].contains(words), "{}", bodies[1]);
        assert!(bodies[2].contains(back), "{}", bodies[2]);
    }
    let case_id = world.open("P-ADA").await;
    world.hear(reached(case_id, 1, CustomerMilestone::Done, "2026-11-24T10:00:00Z")).await;
    let bodies = bodies(&world, case_id).await;
    assert!(!bodies[1].contains("Ihr eigenes Gerät"), "{}", bodies[1]);
    world.stop().await;
}

#[tokio::test]
async fn nothing_internal_is_ever_told() {
    let world = World::new("internal").await;
    let case_id = world.open("P-ADA").await;
    for event in part_held_up(&world, case_id, "P-ADA") {
        world.apply(&event).await.unwrap();
    }
    world.hear(story::referral_accepted(case_id)).await;
    let returned = intake::ReferralReturned {
        referral_id: ReferralId::from_uuid(case_id.derive("other")).to_string(),
        case_id: case_id.to_string(),
        party_id: "INTERNAL-party".to_owned(),
        cause: intake::ReturnCause::Declined.into(),
        owner: "INTERNAL owner".to_owned(),
    };
    world.hear(returned).await;
    // Events of no concern to customers, full of what is none of theirs.
    let responsibility = Some(meridian_proto::types::v1::Responsibility {
        owner: "INTERNAL owner".to_owned(),
        next_action: "INTERNAL: customer is difficult".to_owned(),
        due: None,
    });
    let parked = coordinator::PlanParked { responsibility, ..coordinator::PlanParked::default() };
    world.hear(parked).await;
    for body in bodies(&world, case_id).await {
        assert!(!body.contains("INTERNAL"), "{body}");
    }
    let stored: Vec<String> =
        sqlx::query_scalar("SELECT view::text FROM milestone UNION ALL SELECT body FROM outbox")
            .fetch_all(world.journal.pool())
            .await
            .unwrap();
    for text in &stored {
        assert!(!text.contains("INTERNAL") && !text.contains("Lovelace") && !text.contains("ada@"), "{text}");
    }
    world.stop().await;
}

#[tokio::test]
async fn an_event_that_lacks_what_it_is_about_is_refused_whole() {
    let world = World::new("malformed").await;
    let case_id = world.open("P-ADA").await;
    let good = reached(case_id, 1, CustomerMilestone::PlanAgreed, "2026-11-23T10:00:00Z");
    let exchanged = reached(case_id, 1, CustomerMilestone::ExchangeArrived, "2026-11-23T10:00:00Z");
    let bad = [
        coordinator::MilestoneReached { case_id: "case_1".to_owned(), ..good.clone() },
        coordinator::MilestoneReached { plan_id: String::new(), ..good.clone() },
        coordinator::MilestoneReached { revision: -1, ..good.clone() },
        coordinator::MilestoneReached { milestone: 0, ..good.clone() },
        coordinator::MilestoneReached { milestone: 4711, ..good.clone() },
        coordinator::MilestoneReached { expected_at: None, ..good.clone() },
        coordinator::MilestoneReached { hand_over_by: None, ..exchanged },
    ];
    for event in bad {
        let problem = world.apply(&world.event("coordinator", &event)).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Invalid, "{problem}");
    }
    assert_eq!(world.told(case_id).await.len(), 1);
    world.stop().await;
}

/// The `word`-th thing that customers hear of a visit, which begins between these two.
fn visit_told(
    case_id: CaseId,
    word: i32,
    what: CustomerMilestone,
    time: &[&str],
) -> coordinator::MilestoneReached {
    let visit_time = |time: &[&str]| coordinator::VisitTime {
        from: pb_time(time[0]),
        until: time.get(1).and_then(|until| pb_time(until)),
    };
    coordinator::MilestoneReached {
        case_id: case_id.to_string(),
        revision: word,
        milestone: what.into(),
        place_name: "Nordhafen Clinic".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        visit: Some(coordinator::CustomerVisit {
            work_order_id: VisitId::from_uuid(case_id.derive("order")).to_string(),
            time: (what != CustomerMilestone::VisitCalledOff).then(|| visit_time(time)),
            time_before: (word > 1).then(|| visit_time(&["2026-11-24T08:00:00Z", "2026-11-24T11:00:00Z"])),
            reason: DisruptionReason::EngineerUnavailable.into(),
            planned_again: true,
        }),
        ..coordinator::MilestoneReached::default()
    }
}

#[tokio::test]
async fn a_visit_is_told_in_the_customers_time_and_each_change_of_it_once() {
    let world = World::new("visits").await;
    let case_id = world.open("P-ADA").await;
    let events = [
        visit_told(
            case_id,
            1,
            CustomerMilestone::VisitScheduled,
            &["2026-11-24T08:00:00Z", "2026-11-24T11:00:00Z"],
        ),
        visit_told(case_id, 2, CustomerMilestone::VisitMoved, &["2026-11-25T09:00:00Z"]),
        visit_told(case_id, 3, CustomerMilestone::VisitCalledOff, &[]),
        visit_told(case_id, 4, CustomerMilestone::VisitScheduled, &["2026-11-26T09:00:00Z"]),
    ];
    for event in events.iter().chain(&events) {
        world.hear(event.clone()).await;
    }
    let bodies = bodies(&world, case_id).await;
    assert_eq!(bodies.len(), 5, "{bodies:#?}");
    let [_, scheduled, moved, off, again] = bodies.try_into().unwrap();
    let tuesday = "zwischen Dienstag, 24. November 2026, 09:00 Uhr (Ortszeit Berlin) und Dienstag, ";
    assert!(scheduled.contains(&format!("Beginn der Arbeit: {tuesday}")), "{scheduled}");
    assert!(scheduled.contains("Ort: Nordhafen Clinic."), "{scheduled}");
    assert!(moved.contains(&format!("Bisher: {tuesday}")), "{moved}");
    assert!(moved.contains("Neu: Mittwoch, 25. November 2026, 10:00 Uhr (Ortszeit Berlin)."), "{moved}");
    assert!(moved.contains("Unser Technik-Team kann nicht wie geplant kommen"), "{moved}");
    assert!(off.contains(tuesday) && off.contains("Wir planen den Besuch neu."), "{off}");
    assert!(again.contains("Beginn der Arbeit: Donnerstag, 26. November 2026, 10:00 Uhr"), "{again}");
    world.stop().await;
}
