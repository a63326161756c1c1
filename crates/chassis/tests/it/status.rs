use std::collections::BTreeMap;

use meridian_chassis::status::{DETAILS_BYTES_MAX, internal, problem, status};
use meridian_types::{Problem, ProblemKind, Violation, Violations};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::StatusExt;

fn kinds() -> impl Strategy<Value = ProblemKind> {
    prop_oneof![
        Just(ProblemKind::Invalid),
        Just(ProblemKind::NotFound),
        Just(ProblemKind::AlreadyExists),
        Just(ProblemKind::FailedPrecondition),
        Just(ProblemKind::Exhausted),
        Just(ProblemKind::Aborted),
        Just(ProblemKind::PermissionDenied),
        Just(ProblemKind::Unauthenticated),
        Just(ProblemKind::DeadlineExceeded),
        Just(ProblemKind::Unavailable),
    ]
}

fn violations() -> impl Strategy<Value = Vec<Violation>> {
    let violation = ("[a-z_.]{1,20}", any::<String>(), any::<String>())
        .prop_map(|(field, value, rule)| Violation { field, value, rule });
    vec(violation, 0..4)
}

prop_compose! {
    fn problems()(
        kind in kinds(),
        reason in "[A-Z_]{1,30}",
        message in any::<String>(),
        metadata in btree_map("[a-z_]{1,20}", any::<String>(), 0..4),
        violations in violations(),
        retry_after_ms in any::<Option<u64>>(),
        details in vec(("meridian\\.[a-z]{1,9}\\.v1\\.[A-Z][a-z]{1,9}", vec(any::<u8>(), 0..64)), 0..3),
    ) -> Problem {
        Problem { kind, reason: reason.into(), message, metadata, violations, retry_after_ms, details }
    }
}

proptest! {
    #[test]
    fn a_problem_comes_back_from_its_status_as_it_was(original in problems()) {
        let sent = status(original.clone());
        let received = Status::from_header_map(&{
            let mut headers = http::HeaderMap::new();
            sent.add_header(&mut headers).unwrap();
            headers
        }).unwrap();
        prop_assert_eq!(problem(&received), original);
    }
}

#[test]
fn every_violation_is_told_with_value_and_rule() {
    let mut violations = Violations::new();
    violations.add("lines[0].quantity", 0, "at least 1");
    violations.add("site_id", "a b", "no spaces");
    let status = status(violations.finish().unwrap_err());
    assert_eq!(status.code(), Code::InvalidArgument);
    let fields = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(fields.len(), 2);
    assert_eq!(fields[0].field, "lines[0].quantity");
    assert_eq!(fields[1].description, "\"a b\" breaks the rule: no spaces");
    assert_eq!(status.get_details_error_info().unwrap().domain, "meridian");
}

#[test]
fn a_failed_precondition_names_itself_and_its_subject() {
    let problem =
        Problem::new(ProblemKind::FailedPrecondition, "PLAN_DONE", "it is done").with("id", "plan_1");
    let violation = status(problem).get_details_precondition_failure().unwrap().violations.remove(0);
    assert_eq!((violation.r#type.as_str(), violation.subject.as_str()), ("PLAN_DONE", "plan_1"));
}

#[test]
fn a_defect_of_ours_tells_its_reference_and_nothing_else() {
    let cause = std::io::Error::other("password authentication failed for user meridian");
    let opaque = internal(&cause);
    let careless = Problem::new(ProblemKind::Internal, "SQL", "SELECT secret").with("table", "person");
    for problem_sent in [opaque.clone(), careless] {
        let sent = status(problem_sent);
        assert_eq!((sent.code(), sent.message()), (Code::Internal, "internal error"));
        let text = format!("{:?}", problem(&sent));
        assert!(!text.contains("password") && !text.contains("person") && !text.contains("SQL"), "{text}");
    }
    assert_eq!(problem(&status(opaque.clone())), opaque);
}

#[test]
fn more_details_than_headers_carry_are_counted_instead() {
    let mut violations = Violations::new();
    for line in 0..1000 {
        violations.add(
            format!("lines[{line}].quantity"),
            "x".repeat(80),
            "a whole number from 1 to 1000000000",
        );
    }
    let problem_sent = violations.finish().unwrap_err().with_detail("meridian.test.v1.Large", vec![0; 9000]);
    let sent = status(problem_sent);
    assert!(sent.details().len() <= DETAILS_BYTES_MAX, "{} bytes", sent.details().len());
    let received = problem(&sent);
    let told = received.violations.len();
    assert!(told > 20);
    assert_eq!(received.metadata["omitted"], (1000 - told + 1).to_string());
}

#[test]
fn a_status_of_another_server_becomes_the_nearest_problem() {
    let foreign = problem(&Status::unavailable("connection refused"));
    assert_eq!((foreign.kind, &*foreign.reason), (ProblemKind::Unavailable, "UNAVAILABLE"));
    assert_eq!(problem(&Status::cancelled("")).kind, ProblemKind::DeadlineExceeded);
    assert_eq!(problem(&Status::unimplemented("")).kind, ProblemKind::Invalid);
    let broken = Status::with_details(Code::NotFound, "gone", vec![0xff, 0xff].into());
    assert_eq!(problem(&broken).metadata, BTreeMap::new());
}

#[test]
fn a_typed_detail_is_a_standard_any() {
    let detail = meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor: 5 };
    let sent = status(
        Problem::new(ProblemKind::Exhausted, "STOCK_EXHAUSTED", "nothing is left")
            .with_detail("meridian.types.v1.Money", detail.encode_to_vec()),
    );
    let rich = tonic_types::pb::Status::decode(sent.details()).unwrap();
    let any = rich.details.last().unwrap();
    assert_eq!(any.type_url, "type.googleapis.com/meridian.types.v1.Money");
    assert_eq!(meridian_proto::types::v1::Money::decode(&*any.value).unwrap(), detail);
}
