//! Who is calling.

use meridian_proto::intake::v1 as pb;

use crate::harness::{Office, refused};
use crate::requests::{close, open, other, repair};

/// People with their confidence, in order.
type Expected = &'static [(&'static str, f64)];

fn caller(phone: &str, email: &str, external_id: &str, country: &str) -> pb::RecognizeCallerRequest {
    pb::RecognizeCallerRequest {
        phone: phone.to_owned(),
        email: email.to_owned(),
        external_id: external_id.to_owned(),
        country: country.to_owned(),
    }
}

async fn recognised(office: &Office, request: pb::RecognizeCallerRequest) -> Vec<pb::CallerCandidate> {
    office.call().recognize_caller(request).await.unwrap().into_inner().candidates
}

#[tokio::test]
async fn callers_are_ranked_as_in_this_table() {
    let office = Office::open("ranking").await;
    let table: &[(&str, &str, &str, &str, Expected)] = &[
        ("+49 30 5550123", "", "", "", &[("ADA", 0.9), ("BEA", 0.3)]),
        ("0049/30/5550-123", "", "", "", &[("ADA", 0.9), ("BEA", 0.3)]),
        ("030 5550 123", "", "", "DE", &[("ADA", 0.9), ("BEA", 0.3)]),
        ("030 5550 177", "", "", "DE", &[("ADA", 0.15), ("BEA", 0.15)]),
        ("030 5550 0", "", "", "DE", &[("ADA", 0.15), ("BEA", 0.15)]),
        ("09 5550123", "", "", "FI", &[("CAI", 0.45), ("DAN", 0.45)]),
        ("", "ADA@Clinic.Example", "", "", &[("ADA", 0.97), ("BEA", 0.7)]),
        ("", "ada+lab@clinic.example", "", "", &[("BEA", 0.97), ("ADA", 0.7)]),
        ("", "ada+x@clinic.example", "", "", &[("ADA", 0.35), ("BEA", 0.35)]),
        ("", "", "CRM-1", "", &[("ADA", 0.99)]),
        ("", "", "crm-1", "", &[]),
        ("+1 312 555 0142", "nobody@example.org", "CRM-2", "", &[]),
        ("+1 312 555 0142", "ada@clinic.example", "CRM-1", "", &[("ADA", 1.0), ("BEA", 0.7)]),
    ];
    for (phone, email, external_id, country, expected) in table {
        let found = recognised(&office, caller(phone, email, external_id, country)).await;
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                assert!(!one.reasons.is_empty());
                (one.person.as_ref().unwrap().person_id.as_str(), one.confidence)
            })
            .collect();
        assert_eq!(found, *expected, "{phone} {email} {external_id}");
    }
}

#[tokio::test]
async fn a_candidate_comes_with_everything_that_need_not_be_asked() {
    let office = Office::open("candidate").await;
    let open_case = office.opened(open(repair("SN-1"))).await;
    let closed = office.opened(open(other("gas"))).await;
    office.call().close_case(close(&closed.case_id, pb::Resolution::Withdrawn)).await.unwrap();
    let found = recognised(&office, caller("", "", "CRM-1", "")).await;
    let ada = &found[0];
    let person = ada.person.clone().unwrap();
    assert_eq!(
        (person.phones[0].as_str(), person.emails[0].as_str()),
        ("+49305550123", "ada@clinic.example")
    );
    let customer = ada.customer.clone().unwrap();
    assert_eq!((customer.customer_id.as_str(), customer.region.as_str()), ("CLINIC", "eu"));
    let serials: Vec<_> = ada.instruments.iter().map(|one| one.serial_number.as_str()).collect();
    assert_eq!(serials, ["SN-1"]);
    assert_eq!(ada.open_cases, [open_case], "with the facts that are known and those that are missing");
}

#[tokio::test]
async fn nobody_is_recognised_by_nothing() {
    let office = Office::open("nothing").await;
    for (request, fields) in [
        (caller("", "", "", ""), vec!["phone"]),
        (caller("030 5550123", "", "", ""), vec!["phone"]),
        (caller("call me", "a@b@c", "CRM-1\n", "Germany"), vec!["country", "phone", "email", "external_id"]),
    ] {
        let problem = refused(office.call().recognize_caller(request).await).unwrap_err();
        let named: Vec<_> = problem.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(named, fields);
    }
}

#[tokio::test]
async fn people_with_the_same_address_stay_two_people() {
    let office = Office::open("merge").await;
    let found = recognised(&office, caller("+358 9 5550123", "", "", "")).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].confidence.to_bits(), found[1].confidence.to_bits());
    assert!(found[0].reasons[0].contains("one other person"));
    assert_eq!(office.count("person").await, 4);
}
