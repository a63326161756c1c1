//! The same request, any number of times at once, gives one answer and has one effect.

use std::fmt::Debug;

use futures::future::join_all;
use meridian_chassis::client::Client;
use meridian_proto::intake::v1 as pb;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_types::Problem;
use tonic::{Response, Status};

use crate::harness::{Office, fresh, reason, refused};
use crate::requests::{accept, close, company, decline, fact, items, open, other, refer, repair};

/// Sends the request `times` times at once; returns the one answer.
async fn repeated<Req, Answer>(
    office: &Office,
    times: usize,
    request: Req,
    call: impl AsyncFn(IntakeServiceClient<Client>, Req) -> Result<Response<Answer>, Status>,
) -> Result<Answer, Problem>
where
    Req: Clone,
    Answer: Clone + PartialEq + Debug,
{
    let calls = (0..times).map(|_| call(office.call(), request.clone()));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(refused).collect();
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    answers.into_iter().next().unwrap()
}

#[tokio::test]
async fn twenty_calls_with_one_request_id_open_one_case() {
    let office = Office::open("twenty").await;
    let request = open(repair("SN-1"));
    let answer = repeated(&office, 20, request, async |mut client, request| client.open_case(request).await);
    assert!(answer.await.is_ok());
    assert_eq!(office.count("support_case").await, 1);
    assert_eq!(office.told::<pb::CaseOpened>().await.len(), 1);
}

#[tokio::test]
async fn every_mutation_has_one_effect_however_often_it_is_sent() {
    let office = Office::open("everymutation").await;
    for times in 1..=5 {
        let put = company();
        let answer =
            repeated(&office, times, put, async |mut client, request| client.put_directory(request).await);
        assert_eq!(answer.await.unwrap().stored, 12);

        let request = open(other("refrigeration"));
        let answer =
            repeated(&office, times, request, async |mut client, request| client.open_case(request).await);
        let case = answer.await.unwrap().case.unwrap();

        let add = pb::AddFactRequest {
            request_id: fresh(),
            case_id: case.case_id.clone(),
            fact: Some(fact("door", "blue", pb::FactSource::Office)),
            etag: String::new(),
        };
        let answer =
            repeated(&office, times, add, async |mut client, request| client.add_fact(request).await);
        assert_eq!(answer.await.unwrap().case.unwrap().etag, "2");

        let to_cool = refer(&case.case_id, "COOL-CO");
        let answer =
            repeated(&office, times, to_cool, async |mut client, request| client.refer_case(request).await);
        let referral = answer.await.unwrap().case.unwrap().referral.unwrap();
        let no = decline(&referral.referral_id);
        let answer =
            repeated(&office, times, no, async |mut client, request| client.decline_referral(request).await);
        assert_eq!(answer.await.unwrap().case.unwrap().etag, "4");

        let to_anybody = refer(&case.case_id, "ANYBODY");
        let answer = repeated(&office, times, to_anybody, async |mut client, request| {
            client.refer_case(request).await
        });
        let referral = answer.await.unwrap().case.unwrap().referral.unwrap();
        let yes = accept(&referral.referral_id);
        let answer =
            repeated(&office, times, yes, async |mut client, request| client.accept_referral(request).await);
        assert_eq!(answer.await.unwrap().case.unwrap().state(), pb::CaseState::Referred);

        let done = close(&case.case_id, pb::Resolution::Referred);
        let answer =
            repeated(&office, times, done, async |mut client, request| client.close_case(request).await);
        assert_eq!(answer.await.unwrap().case.unwrap().etag, "7");
    }
    assert_eq!((office.count("support_case").await, office.count("referral").await), (5, 10));
    assert_eq!(office.told::<pb::CaseClosed>().await.len(), 5);
    assert_eq!(office.told::<pb::ReferralAccepted>().await.len(), 5);
}

#[tokio::test]
async fn a_refusal_is_repeated_too() {
    let office = Office::open("refusals").await;
    let case = office.refrigeration().await;
    let request = refer(&case.case_id, "PLUMBERS");
    let refusal =
        repeated(&office, 5, request.clone(), async |mut client, request| client.refer_case(request).await)
            .await;
    assert_eq!(reason(refusal), "PARTY_DOES_NOT_SERVE");
    // The party learns plumbing's colder side; the old request keeps its old answer.
    let mut put = company();
    put.parties[2].categories = vec!["refrigeration".to_owned()];
    office.call().put_directory(put).await.unwrap();
    assert_eq!(reason(refused(office.call().refer_case(request).await)), "PARTY_DOES_NOT_SERVE");
    office.call().refer_case(refer(&case.case_id, "PLUMBERS")).await.unwrap();
}

#[tokio::test]
async fn a_request_id_stands_for_one_request() {
    let office = Office::open("reused").await;
    let request = open(items(&[("PUMP", 1)]));
    office.opened(request.clone()).await;
    let another = pb::OpenCaseRequest { need: Some(items(&[("PUMP", 2)])), ..request.clone() };
    assert_eq!(reason(refused(office.call().open_case(another).await)), "REQUEST_ID_REUSED");
    // The deadline of the stored answer may pass meanwhile.
    office.advance(60);
    let again = office.opened(request).await;
    assert_eq!(again.etag, "1");
}

#[tokio::test]
async fn facts_that_arrive_at_once_are_all_kept() {
    let office = Office::open("race").await;
    let case = office.opened(open(repair("SN-1"))).await;
    let names = ["symptom", "decontamination", "door", "floor", "contact_hint", "deadline"];
    let values = ["leak", "yes", "blue", "2", "ask at the gate", "2026-12-01T10:00:00Z"];
    let stated = names.iter().zip(values).map(|(name, value)| office.stated(&case.case_id, name, value));
    for outcome in join_all(stated).await {
        outcome.unwrap();
    }
    let case = office.case(&case.case_id).await;
    assert_eq!(case.etag, "7");
    assert!(names.iter().all(|name| case.facts.iter().any(|fact| fact.name == *name)));
}
