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

/// Sends a request so many times at once and returns the one answer. Another request with its key is refused.
macro_rules! effect_of {
    ($office:expr, $times:expr, $method:ident, $request:expr, $other:expr) => {{
        let call = async |mut client: IntakeServiceClient<Client>, request| client.$method(request).await;
        let answer = repeated($office, $times, $request, call).await.unwrap();
        let refusal = refused($office.call().$method($other).await);
        assert_eq!(reason(refusal), "REQUEST_ID_REUSED", "{}", stringify!($method));
        answer
    }};
}

#[tokio::test]
async fn every_mutation_has_one_effect_however_often_it_is_sent() {
    let office = &Office::open("everymutation").await;
    for times in 1..=5 {
        let put = company();
        let other_put = pb::PutDirectoryRequest { parties: Vec::new(), ..put.clone() };
        assert_eq!(effect_of!(office, times, put_directory, put, other_put).stored, 12);

        let wish = open(other("refrigeration"));
        let other_wish = pb::OpenCaseRequest { need: Some(other("plumbing")), ..wish.clone() };
        let case = effect_of!(office, times, open_case, wish, other_wish).case.unwrap();

        let add = pb::AddFactRequest {
            request_id: fresh(),
            case_id: case.case_id.clone(),
            fact: Some(fact("door", "blue", pb::FactSource::Office)),
            etag: String::new(),
        };
        let red = Some(fact("door", "red", pb::FactSource::Office));
        let other_fact = pb::AddFactRequest { fact: red, ..add.clone() };
        assert_eq!(effect_of!(office, times, add_fact, add, other_fact).case.unwrap().etag, "2");

        let to_cool = refer(&case.case_id, "COOL-CO");
        let elsewhere = pb::ReferCaseRequest { party_id: "ANYBODY".to_owned(), ..to_cool.clone() };
        let answer = effect_of!(office, times, refer_case, to_cool, elsewhere);
        let no = decline(&answer.case.unwrap().referral.unwrap().referral_id);
        let other_no = pb::DeclineReferralRequest { reason: "on holiday".to_owned(), ..no.clone() };
        assert_eq!(effect_of!(office, times, decline_referral, no, other_no).case.unwrap().etag, "4");

        let to_anybody = refer(&case.case_id, "ANYBODY");
        let elsewhere = pb::ReferCaseRequest { party_id: "COOL-CO".to_owned(), ..to_anybody.clone() };
        let answer = effect_of!(office, times, refer_case, to_anybody, elsewhere);
        let yes = accept(&answer.case.unwrap().referral.unwrap().referral_id);
        let other_yes = pb::AcceptReferralRequest { accepted_by: "night desk".to_owned(), ..yes.clone() };
        let accepted = effect_of!(office, times, accept_referral, yes, other_yes).case.unwrap();
        assert_eq!(accepted.state(), pb::CaseState::Referred);

        let done = close(&case.case_id, pb::Resolution::Referred);
        let withdrawn = pb::Resolution::Withdrawn.into();
        let other_end = pb::CloseCaseRequest { resolution: withdrawn, ..done.clone() };
        assert_eq!(effect_of!(office, times, close_case, done, other_end).case.unwrap().etag, "7");
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
async fn an_answer_stays_the_same_although_time_has_passed() {
    let office = Office::open("reused").await;
    let request = open(items(&[("PUMP", 1)]));
    office.opened(request.clone()).await;
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
