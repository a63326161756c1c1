//! Bad input is refused by name, never as a failure of ours.

use meridian_proto::intake::v1 as pb;
use meridian_proto::types::v1::Interval;
use meridian_types::ProblemKind;

use crate::harness::{Office, fresh, instant, refused};
use crate::requests::{accept, close, decline, fact, items, open, other, refer, repair};

type Spoil = fn(&mut pb::OpenCaseRequest);

fn lines_of(request: &mut pb::OpenCaseRequest) -> &mut Vec<pb::NeedLine> {
    match &mut request.need.as_mut().unwrap().kind {
        Some(pb::need::Kind::Items(items)) => &mut items.lines,
        _ => unreachable!("the request is about items"),
    }
}

fn repair_of(request: &mut pb::OpenCaseRequest) -> &mut pb::RepairNeed {
    request.need = Some(repair("SN-1"));
    match &mut request.need.as_mut().unwrap().kind {
        Some(pb::need::Kind::Repair(repair)) => repair,
        _ => unreachable!("it was just set"),
    }
}

fn interval(start: &str, end: &str) -> Interval {
    Interval { start: instant(start), end: instant(end) }
}

#[tokio::test]
async fn a_bad_call_is_refused_and_names_the_field() {
    let office = Office::open("badcalls").await;
    let spoilt: &[(&str, Spoil)] = &[
        ("request_id", |call| call.request_id = String::new()),
        ("request_id", |call| call.request_id = "x".repeat(65)),
        ("person_id", |call| call.person_id = "no body".to_owned()),
        ("office", |call| call.office = String::new()),
        ("priority", |call| call.priority = 99),
        ("need", |call| call.need = None),
        ("need", |call| call.need = Some(pb::Need::default())),
        ("need.items.lines", |call| lines_of(call).clear()),
        ("need.items.lines", |call| {
            let line = lines_of(call)[0].clone();
            *lines_of(call) = vec![line; 51];
        }),
        ("need.items.lines[0].item_id", |call| lines_of(call)[0].item_id = "PUMP.*".to_owned()),
        ("need.items.lines[0].item_id", |call| lines_of(call)[0].item_id = ">".to_owned()),
        ("need.items.lines[0].quantity", |call| lines_of(call)[0].quantity = 0),
        ("need.items.lines[0].quantity", |call| lines_of(call)[0].quantity = -3),
        ("need.items.lines[0].quantity", |call| lines_of(call)[0].quantity = i64::MAX),
        ("need.items.lines[0].unit", |call| lines_of(call)[0].unit = "kilo gram".to_owned()),
        ("need.items.lines[1].quantity", |call| {
            *lines_of(call) = items(&[("PUMP", 1_000_000_000), ("PUMP", 1)]).lines();
        }),
        ("need.items.deliver_to_site_id", |call| {
            if let Some(pb::need::Kind::Items(items)) = &mut call.need.as_mut().unwrap().kind {
                items.deliver_to_site_id = "de.ber".to_owned();
            }
        }),
        ("need.deadline", |call| call.need.as_mut().unwrap().deadline = instant("2026-11-20T10:00:00Z")),
        ("need.deadline", |call| call.need.as_mut().unwrap().deadline = instant("2029-11-20T10:00:00Z")),
        ("need.deadline", |call| {
            call.need.as_mut().unwrap().deadline =
                Some(prost_types::Timestamp { seconds: i64::MAX, nanos: -1 });
        }),
        ("need.end_use", |call| call.need.as_mut().unwrap().end_use = "x".repeat(65)),
        ("need.repair.serial_number", |call| repair_of(call).serial_number = String::new()),
        ("need.repair.symptom", |call| repair_of(call).symptom = "it makes a noise".to_owned()),
        ("need.repair.site_access[0]", |call| {
            repair_of(call).site_access = vec![interval("2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z")];
        }),
        ("need.other.category", |call| call.need = Some(other("cold & warm"))),
        ("facts[0].name", |call| call.facts = vec![fact("Door Code", "x", pb::FactSource::Caller)]),
        ("facts[0].value", |call| call.facts = vec![fact("deadline", "soon", pb::FactSource::Caller)]),
        ("facts[0].value", |call| {
            call.facts = vec![fact("deadline", "2020-01-01T00:00:00Z", pb::FactSource::Office)]
        }),
        ("facts[0].value", |call| call.facts = vec![fact("door", "\u{0}", pb::FactSource::Caller)]),
        ("facts[0].source", |call| call.facts = vec![fact("door", "x", pb::FactSource::Record)]),
        ("facts[0].source", |call| call.facts = vec![fact("door", "x", pb::FactSource::Unspecified)]),
        ("facts[0].stated_by", |call| {
            call.facts = vec![pb::Fact {
                stated_by: "Ada N.".to_owned(),
                ..fact("door", "x", pb::FactSource::Caller)
            }];
        }),
        ("facts[0].stated_at", |call| {
            let stated_at = instant("2026-11-20T10:00:01Z");
            call.facts = vec![pb::Fact { stated_at, ..fact("door", "x", pb::FactSource::Caller) }];
        }),
        ("facts", |call| call.facts = vec![fact("door", "x", pb::FactSource::Caller); 51]),
    ];
    for (field, spoil) in spoilt {
        let mut call = open(items(&[("PUMP", 1)]));
        spoil(&mut call);
        let problem = refused(office.call().open_case(call.clone()).await).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Invalid, "{call:?}");
        let named: Vec<_> = problem.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(named, [*field], "{call:?}");
    }
    assert_eq!(office.count("support_case").await, 0);
}

trait Lines {
    fn lines(self) -> Vec<pb::NeedLine>;
}

impl Lines for pb::Need {
    fn lines(self) -> Vec<pb::NeedLine> {
        match self.kind {
            Some(pb::need::Kind::Items(items)) => items.lines,
            _ => Vec::new(),
        }
    }
}

#[tokio::test]
async fn all_mistakes_of_a_call_are_named_at_once() {
    let office = Office::open("allmistakes").await;
    let mut call = open(items(&[("A B", 0), ("PUMP", 1)]));
    call.person_id = String::new();
    call.priority = 7;
    let problem = refused(office.call().open_case(call).await).unwrap_err();
    let named: Vec<_> = problem.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        named,
        ["person_id", "need.items.lines[0].item_id", "need.items.lines[0].quantity", "priority"]
    );
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let office = Office::open("notfound").await;
    let no_case = format!("case_{}", "0".repeat(32));
    let no_referral = format!("ref_{}", "0".repeat(32));
    let case = office.refrigeration().await.case_id;
    let mut outcomes = Vec::new();
    let nobody = pb::OpenCaseRequest { person_id: "NOBODY".to_owned(), ..open(other("gas")) };
    outcomes.push(refused(office.call().open_case(nobody).await).map(drop));
    outcomes.push(office.stated(&no_case, "symptom", "leak").await.map(drop));
    outcomes.push(refused(office.call().close_case(close(&no_case, pb::Resolution::Solved)).await).map(drop));
    outcomes.push(refused(office.call().refer_case(refer(&no_case, "COOL-CO")).await).map(drop));
    outcomes.push(refused(office.call().refer_case(refer(&case, "NOBODY")).await).map(drop));
    outcomes.push(refused(office.call().accept_referral(accept(&no_referral)).await).map(drop));
    outcomes.push(refused(office.call().decline_referral(decline(&no_referral)).await).map(drop));
    let reasons: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| {
            let problem = outcome.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::NotFound);
            problem.reason.into_owned()
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "PERSON_NOT_FOUND",
            "CASE_NOT_FOUND",
            "CASE_NOT_FOUND",
            "CASE_NOT_FOUND",
            "PARTY_NOT_FOUND",
            "REFERRAL_NOT_FOUND",
            "REFERRAL_NOT_FOUND",
        ]
    );
}

#[tokio::test]
async fn the_other_calls_name_their_fields_too() {
    let office = Office::open("othercalls").await;
    let case = office.refrigeration().await.case_id;
    let no_id = || "ref_x".to_owned();
    let mut refusals = Vec::new();
    let add =
        pb::AddFactRequest { request_id: fresh(), case_id: case.clone(), fact: None, etag: String::new() };
    refusals.push(refused(office.call().add_fact(add).await).map(drop));
    let refer_badly =
        pb::ReferCaseRequest { reason: String::new(), party_id: "?".to_owned(), ..refer(&case, "") };
    refusals.push(refused(office.call().refer_case(refer_badly).await).map(drop));
    let past = pb::ReferCaseRequest { accept_by: instant("2026-11-20T09:00:00Z"), ..refer(&case, "COOL-CO") };
    refusals.push(refused(office.call().refer_case(past).await).map(drop));
    let unsigned =
        pb::AcceptReferralRequest { accepted_by: "a@b".to_owned(), referral_id: no_id(), ..accept("") };
    refusals.push(refused(office.call().accept_referral(unsigned).await).map(drop));
    let rambling =
        pb::DeclineReferralRequest { reason: "x".repeat(501), referral_id: no_id(), ..decline("") };
    refusals.push(refused(office.call().decline_referral(rambling).await).map(drop));
    refusals
        .push(refused(office.call().close_case(close(&case, pb::Resolution::Unspecified)).await).map(drop));
    let list =
        pb::ListCasesRequest { state: 42, page_size: 201, customer_id: "?".to_owned(), ..Default::default() };
    refusals.push(refused(office.call().list_cases(list).await).map(drop));
    let assess = pb::AssessIssueRequest::default();
    refusals.push(refused(office.call().assess_issue(assess).await).map(drop));
    let fields: Vec<_> = refusals
        .into_iter()
        .map(|refusal| {
            let problem = refusal.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Invalid, "{problem}");
            let named = problem.violations.into_iter().map(|violation| violation.field);
            named.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(
        fields,
        [
            "fact",
            "party_id reason",
            "accept_by",
            "referral_id accepted_by",
            "referral_id reason",
            "resolution",
            "state customer_id page_size",
            "customer_id need",
        ]
    );
}
