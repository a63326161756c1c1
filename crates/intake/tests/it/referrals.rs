//! Handing cases to parties who must accept them.

use meridian_proto::coordinator::v1::ReferralRequested;
use meridian_proto::intake::v1 as pb;
use meridian_types::{ReferralId, SystemIds};

use crate::harness::{Office, instant, reason, refused};
use crate::requests::{accept, close, decline, items, open, other, refer};

async fn offered(office: &Office) -> (pb::Case, String) {
    let case = office.refrigeration().await;
    let answer = office.call().refer_case(refer(&case.case_id, "COOL-CO")).await.unwrap();
    let case = answer.into_inner().case.unwrap();
    let referral_id = case.referral.clone().unwrap().referral_id;
    (case, referral_id)
}

#[tokio::test]
async fn a_referral_is_accepted_and_the_party_is_responsible_until_the_office_checks_back() {
    let office = Office::open("accepted").await;
    let (case, referral_id) = offered(&office).await;
    assert_eq!(case.state(), pb::CaseState::ReferralOffered);
    assert_eq!(case.responsibility.as_ref().unwrap().owner, "COOL-CO");
    assert_eq!(case.responsibility.as_ref().unwrap().due, instant("2026-11-20T11:00:00Z"));
    office.advance(10);
    let case = office.call().accept_referral(accept(&referral_id)).await.unwrap().into_inner().case.unwrap();
    assert_eq!(
        (case.state(), case.referral.as_ref().unwrap().state()),
        (pb::CaseState::Referred, pb::ReferralState::Accepted)
    );
    assert_eq!(case.responsibility.as_ref().unwrap().due, instant("2026-11-27T10:10:00Z"));
    assert_eq!(office.case(&case.case_id).await, case);
    let accepted: Vec<pb::ReferralAccepted> = office.told().await;
    assert_eq!(
        (accepted[0].party_name.as_str(), accepted[0].accepted_by.as_str()),
        ("COOL-CO Inc", "service desk")
    );

    office.advance(7 * 24 * 60);
    let checked = |case: &pb::Case| case.responsibility.as_ref().unwrap().owner == "OFFICE-BER";
    let case = office.case_when(&case.case_id, checked).await;
    assert_eq!(case.state(), pb::CaseState::Referred);
    assert!(case.responsibility.unwrap().next_action.starts_with("Chase COOL-CO"));
    let done = close(&case.case_id, pb::Resolution::Referred);
    let done = office.call().close_case(done).await.unwrap().into_inner().case.unwrap();
    assert_eq!(done.resolution(), pb::Resolution::Referred);
}

#[tokio::test]
async fn a_referral_that_nobody_answers_comes_back_and_late_acceptance_is_refused() {
    let office = Office::open("silence").await;
    let (case, referral_id) = offered(&office).await;
    office.advance(60);
    let back = office.case_when(&case.case_id, |case| case.state() == pb::CaseState::Open).await;
    let responsibility = back.responsibility.clone().unwrap();
    assert_eq!(
        (responsibility.owner.as_str(), responsibility.due),
        ("OFFICE-BER", instant("2026-11-20T19:00:00Z"))
    );
    assert_eq!(back.referral.unwrap().state(), pb::ReferralState::Returned);
    let returned: Vec<pb::ReferralReturned> = office.told().await;
    assert_eq!((returned[0].cause(), returned[0].owner.as_str()), (pb::ReturnCause::TimedOut, "OFFICE-BER"));
    assert_eq!(
        reason(refused(office.call().accept_referral(accept(&referral_id)).await)),
        "REFERRAL_RETURNED"
    );
    assert_eq!(
        reason(refused(office.call().decline_referral(decline(&referral_id)).await)),
        "REFERRAL_RETURNED"
    );

    // Offered to somebody else, the first one still comes too late, and the second one does not.
    let second =
        office.call().refer_case(refer(&case.case_id, "ANYBODY")).await.unwrap().into_inner().case.unwrap();
    assert_eq!(
        reason(refused(office.call().accept_referral(accept(&referral_id)).await)),
        "REFERRAL_RETURNED"
    );
    let second = second.referral.unwrap().referral_id;
    let case = office.call().accept_referral(accept(&second)).await.unwrap().into_inner().case.unwrap();
    assert_eq!(case.responsibility.unwrap().owner, "ANYBODY");
    assert_eq!(office.count("referral").await, 2);
}

#[tokio::test]
async fn a_declined_referral_comes_back_at_once() {
    let office = Office::open("declined").await;
    let (case, referral_id) = offered(&office).await;
    let case_id = case.case_id;
    let case =
        office.call().decline_referral(decline(&referral_id)).await.unwrap().into_inner().case.unwrap();
    assert_eq!(case.state(), pb::CaseState::Open);
    assert_eq!(case.responsibility.unwrap().next_action, "Find another way: COOL-CO declined (no capacity)");
    let returned: Vec<pb::ReferralReturned> = office.told().await;
    assert_eq!(returned[0].cause(), pb::ReturnCause::Declined);
    assert_eq!(
        reason(refused(office.call().accept_referral(accept(&referral_id)).await)),
        "REFERRAL_DECLINED"
    );
    assert_eq!(office.case(&case_id).await.referral.unwrap().answered_by, "service desk");
}

#[tokio::test]
async fn a_party_gets_only_cases_that_it_serves() {
    let office = Office::open("serves").await;
    let refer_to = async |case: &pb::Case, party: &str| {
        refused(office.call().refer_case(refer(&case.case_id, party)).await).map(drop)
    };
    let cold = office.refrigeration().await;
    assert_eq!(reason(refer_to(&cold, "PLUMBERS").await), "PARTY_DOES_NOT_SERVE");
    refer_to(&cold, "COOL-CO").await.unwrap();
    assert_eq!(reason(refer_to(&cold, "ANYBODY").await), "REFERRAL_OPEN");
    let parts = office.opened(open(items(&[("PUMP", 1)]))).await;
    assert_eq!(reason(refer_to(&parts, "COOL-CO").await), "PARTY_DOES_NOT_SERVE");
    refer_to(&parts, "ANYBODY").await.unwrap();
    let closed = office.opened(open(other("refrigeration"))).await;
    office.call().close_case(close(&closed.case_id, pb::Resolution::Withdrawn)).await.unwrap();
    assert_eq!(reason(refer_to(&closed, "COOL-CO").await), "CASE_CLOSED");
}

#[tokio::test]
async fn closing_a_case_takes_its_open_offer_back() {
    let office = Office::open("withdrawn").await;
    let (case, referral_id) = offered(&office).await;
    let closed = close(&case.case_id, pb::Resolution::Withdrawn);
    let closed = office.call().close_case(closed).await.unwrap().into_inner().case.unwrap();
    assert_eq!(closed.referral.unwrap().state(), pb::ReferralState::Returned);
    assert_eq!(
        reason(refused(office.call().accept_referral(accept(&referral_id)).await)),
        "REFERRAL_RETURNED"
    );
    let returned: Vec<pb::ReferralReturned> = office.told().await;
    assert_eq!((returned.len(), returned[0].cause()), (1, pb::ReturnCause::Withdrawn));
    assert!(!office.told::<pb::CaseClosed>().await[0].by_plan);
}

fn requested(case_id: &str, party: &str) -> ReferralRequested {
    ReferralRequested {
        referral_id: ReferralId::fresh(&SystemIds).to_string(),
        case_id: case_id.to_owned(),
        party_id: party.to_owned(),
    }
}

#[tokio::test]
async fn a_plans_referral_is_offered_under_its_own_id_once() {
    let office = Office::open("requested").await;
    let case = office.refrigeration().await;
    let command = requested(&case.case_id, "COOL-CO");
    for _ in 0..3 {
        office.hears(&command).await.unwrap();
    }
    let case = office.case(&case.case_id).await;
    assert_eq!(case.referral.as_ref().unwrap().referral_id, command.referral_id);
    let told: Vec<pb::ReferralOffered> = office.told().await;
    assert_eq!((told.len(), told[0].accept_by), (1, instant("2026-11-20T11:00:00Z")));
    office.call().accept_referral(accept(&command.referral_id)).await.unwrap();
}

#[tokio::test]
async fn a_plans_referral_that_cannot_be_offered_is_answered_and_changes_nothing() {
    let office = Office::open("refused").await;
    let case = office.refrigeration().await;
    let unknown_case = format!("case_{}", "0".repeat(32));
    let refused = [
        requested(&case.case_id, "PLUMBERS"),
        requested(&case.case_id, "NOBODY"),
        requested(&unknown_case, "COOL-CO"),
    ];
    for command in &refused {
        office.hears(command).await.unwrap();
    }
    assert_eq!(office.case(&case.case_id).await, case);
    let told: Vec<pb::ReferralReturned> = office.told().await;
    let answered: Vec<_> = told.iter().map(|told| told.referral_id.clone()).collect();
    assert_eq!(answered, refused.map(|command| command.referral_id));
    let never_asked = |told: &pb::ReferralReturned| told.cause() == pb::ReturnCause::NotOffered;
    assert!(told.iter().all(|told| never_asked(told) && !told.owner.is_empty()));
    let nonsense =
        ReferralRequested { referral_id: "ref_1".to_owned(), ..requested(&case.case_id, "COOL-CO") };
    assert_eq!(reason(office.hears(&nonsense).await), "INVALID_REQUEST");
}
