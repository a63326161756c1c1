//! Cases over time: facts, lists, closing, and due times that pass.

use jiff::SignedDuration;
use meridian_chassis::encode;
use meridian_proto::intake::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{FRIDAY, Office, at, fresh, instant, reason, refused};
use crate::requests::{close, fact, items, open, other, repair};

#[tokio::test]
async fn a_fact_that_concerns_the_need_is_told_and_another_is_kept_quietly() {
    let office = Office::open("facts").await;
    let case = office.opened(open(repair("SN-1"))).await;
    let case = office.stated(&case.case_id, "symptom", "no-signal").await.unwrap();
    assert_eq!(
        (case.etag.as_str(), case.responsibility.unwrap().next_action.as_str()),
        ("2", "Ask: 1 question")
    );
    let case = office.stated(&case.case_id, "door_code", "ring twice").await.unwrap();
    let case = office.stated(&case.case_id, "onward_site", "NAIROBI").await.unwrap();
    let case = office.stated(&case.case_id, "deadline", "2026-11-30T09:00:00Z").await.unwrap();
    let access = "2026-11-28T08:00:00Z/2026-11-28T16:00:00Z";
    let case = office.stated(&case.case_id, "site_access", access).await.unwrap();
    let told: Vec<pb::CaseUpdated> = office.told().await;
    assert_eq!(told.len(), 4, "the door code concerns nobody else");
    assert_eq!(told[0].missing_facts, 1);
    let need = told[3].need.clone().unwrap();
    assert_eq!((need.deadline, told[3].need.as_ref()), (instant("2026-11-30T09:00:00Z"), case.need.as_ref()));
    let Some(pb::need::Kind::Repair(repair)) = need.kind else { panic!("not a repair") };
    assert_eq!((repair.onward_site_id.as_str(), repair.site_access.len()), ("NAIROBI", 1));
    let names: Vec<_> = case.facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names, ["deadline", "model", "onward_site", "site", "site_access", "symptom", "door_code"]);
}

#[tokio::test]
async fn answering_what_is_missing_one_by_one_leaves_nothing_to_ask() {
    let office = Office::open("answers").await;
    let mut request = open(repair("SN-99"));
    request.priority = pb::Priority::Critical.into();
    let mut case = office.opened(request).await;
    let mut asked = Vec::new();
    while let Some(missing) = case.missing_facts.first() {
        assert!(!asked.contains(&missing.name), "{} is asked twice", missing.name);
        assert!(case.facts.iter().all(|fact| fact.name != missing.name), "{} is known", missing.name);
        asked.push(missing.name.clone());
        let value = match missing.name.as_str() {
            "deadline" => "2026-11-22T10:00:00Z",
            "decontamination" => "no",
            "site_access" => "none",
            _ => "CODE-1",
        };
        case = office.stated(&case.case_id, &missing.name.clone(), value).await.unwrap();
    }
    assert_eq!(asked, ["symptom", "model", "site", "decontamination", "deadline", "site_access"]);
    assert_eq!(case.responsibility.unwrap().next_action, "Find a solution");
}

#[tokio::test]
async fn a_change_with_an_old_etag_is_refused() {
    let office = Office::open("etag").await;
    let case = office.opened(open(repair("SN-1"))).await;
    office.stated(&case.case_id, "symptom", "leak").await.unwrap();
    let add = pb::AddFactRequest {
        request_id: fresh(),
        case_id: case.case_id.clone(),
        fact: Some(fact("symptom", "no-signal", pb::FactSource::Caller)),
        etag: case.etag.clone(),
    };
    let problem = refused(office.call().add_fact(add).await).unwrap_err();
    assert_eq!((problem.kind, &*problem.reason), (ProblemKind::Aborted, "ETAG_MISMATCH"));
    assert_eq!(problem.metadata["etag"], "2");
    let withdraw =
        pb::CloseCaseRequest { etag: case.etag, ..close(&case.case_id, pb::Resolution::Withdrawn) };
    assert_eq!(reason(refused(office.call().close_case(withdraw).await)), "ETAG_MISMATCH");
}

#[tokio::test]
async fn a_closed_case_has_no_owner_and_takes_nothing_in() {
    let office = Office::open("closed").await;
    let case = office.opened(open(repair("SN-1"))).await;
    office.advance(5);
    let solved = close(&case.case_id, pb::Resolution::Solved);
    let closed = office.call().close_case(solved).await.unwrap().into_inner().case.unwrap();
    assert_eq!((closed.state(), closed.resolution()), (pb::CaseState::Closed, pb::Resolution::Solved));
    assert_eq!((closed.responsibility.as_ref(), closed.missing_facts.len()), (None, 0));
    assert_eq!(closed.closed_at, instant("2026-11-20T10:05:00Z"));
    assert_eq!(office.case(&case.case_id).await, closed);
    assert_eq!(reason(office.stated(&case.case_id, "symptom", "leak").await), "CASE_CLOSED");
    let again = close(&case.case_id, pb::Resolution::Withdrawn);
    assert_eq!(reason(refused(office.call().close_case(again).await)), "CASE_CLOSED");
    assert_eq!(office.told::<pb::CaseClosed>().await.len(), 1);
    assert_eq!(office.count("timer").await, 0, "nobody is reminded of a closed case");
}

#[tokio::test]
async fn a_due_time_that_passes_makes_the_case_the_offices_again_with_a_new_one() {
    let office = Office::open("overdue").await;
    let mut request = open(other("gas"));
    request.priority = pb::Priority::High.into();
    request.need.as_mut().unwrap().deadline = instant("2026-12-20T10:00:00Z");
    let case = office.opened(request).await;
    for (minutes, expected_due) in [(120, "2026-11-20T14:00:00Z"), (180, "2026-11-20T17:00:00Z")] {
        office.advance(minutes);
        let case = office
            .case_when(&case.case_id, |case| {
                case.responsibility.as_ref().unwrap().due == instant(expected_due)
            })
            .await;
        let responsibility = case.responsibility.clone().unwrap();
        assert_eq!(responsibility.next_action, "Overdue: Find a solution");
        assert_eq!((case.state(), responsibility.owner.as_str()), (pb::CaseState::Open, "OFFICE-BER"));
    }
    assert_eq!(office.count("timer").await, 1, "it is watched again");
}

async fn pages(office: &Office, request: pb::ListCasesRequest) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut request = request;
    loop {
        let answer = office.call().list_cases(request.clone()).await.unwrap().into_inner();
        pages.push(answer.cases.into_iter().map(|case| case.case_id).collect());
        if answer.next_page_token.is_empty() {
            return pages;
        }
        request.page_token = answer.next_page_token;
    }
}

#[tokio::test]
async fn cases_are_listed_newest_first_in_stable_pages() {
    let office = Office::open("list").await;
    let mut ids = Vec::new();
    for number in 0..7 {
        // Two of them at the same instant.
        office.advance(if number == 3 { 0 } else { 1 });
        ids.push(office.opened(open(items(&[("PUMP", 1)]))).await.case_id);
    }
    let by_three = pb::ListCasesRequest { page_size: 3, ..pb::ListCasesRequest::default() };
    let listed = pages(&office, by_three.clone()).await;
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let mut listed = listed.concat();
    assert_eq!((listed[0].clone(), listed[6].clone()), (ids[6].clone(), ids[0].clone()));
    listed.sort();
    ids.sort();
    assert_eq!(listed, ids, "each once");

    let first = office.call().list_cases(by_three.clone()).await.unwrap().into_inner();
    let newer = office.opened(open(items(&[("SEAL", 1)]))).await.case_id;
    let after = pb::ListCasesRequest { page_token: first.next_page_token.clone(), ..by_three.clone() };
    let second = office.call().list_cases(after).await.unwrap().into_inner();
    let seen: Vec<_> = first.cases.iter().chain(&second.cases).map(|case| case.case_id.clone()).collect();
    assert!(!seen.contains(&newer) && seen.len() == 6, "new cases move no page");

    let other_filter =
        pb::ListCasesRequest { page_token: first.next_page_token, customer_id: "LAB".to_owned(), ..by_three };
    let problem = refused(office.call().list_cases(other_filter).await).unwrap_err();
    assert_eq!(problem.violations[0].field, "page_token");
}

#[tokio::test]
async fn cases_are_listed_by_state_customer_and_due_time() {
    let office = Office::open("filters").await;
    let clinic = office.opened(open(items(&[("PUMP", 1)]))).await.case_id;
    let critical = pb::OpenCaseRequest {
        person_id: "CAI".to_owned(),
        priority: pb::Priority::Critical.into(),
        ..open(items(&[("PUMP", 1)]))
    };
    let lab = office.opened(critical).await.case_id;
    let closed = office.opened(open(other("gas"))).await.case_id;
    office.call().close_case(close(&closed, pb::Resolution::Withdrawn)).await.unwrap();
    let listed = async |request: pb::ListCasesRequest| pages(&office, request).await.concat();
    let all = pb::ListCasesRequest::default();
    assert_eq!(listed(all.clone()).await.len(), 3);
    let of_lab = pb::ListCasesRequest { customer_id: "LAB".to_owned(), ..all.clone() };
    assert_eq!(listed(of_lab).await, std::slice::from_ref(&lab));
    let open_ones = pb::ListCasesRequest { state: pb::CaseState::Open.into(), ..all.clone() };
    assert_eq!(listed(open_ones).await.len(), 2);
    let closed_ones = pb::ListCasesRequest { state: pb::CaseState::Closed.into(), ..all.clone() };
    assert_eq!(listed(closed_ones).await, [closed]);
    let in_an_hour = Some(encode::timestamp(at(FRIDAY) + SignedDuration::from_hours(1)));
    assert_eq!(listed(pb::ListCasesRequest { due_before: in_an_hour, ..all.clone() }).await, [lab]);
    let parked = pb::ListCasesRequest { state: pb::CaseState::Parked.into(), ..all };
    assert!(listed(parked).await.is_empty());
    assert_eq!(office.case(&clinic).await.state(), pb::CaseState::Open);
}
