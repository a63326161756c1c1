//! Codes that nobody knows, in calls that the intake takes while coordinator and inventory can be asked.

use meridian_proto::intake::v1 as intake;
use meridian_types::Problem;

use crate::company::{CUSTOMER, OFFICE};
use crate::harness::{World, answered};
use crate::requests::request_id;

/// Fields, values and rules of a refusal.
fn told(problem: &Problem) -> Vec<(&str, &str, &str)> {
    let violations = problem.violations.iter();
    violations.map(|it| (it.field.as_str(), it.value.as_str(), it.rule.as_str())).collect()
}

fn call(office: &str, item_id: &str, deliver_to_site_id: &str) -> intake::OpenCaseRequest {
    let line = intake::NeedLine { item_id: item_id.to_owned(), quantity: 1, unit: String::new() };
    let items = intake::ItemsNeed { lines: vec![line], deliver_to_site_id: deliver_to_site_id.to_owned() };
    intake::OpenCaseRequest {
        request_id: request_id(),
        person_id: crate::company::PERSON.to_owned(),
        need: Some(intake::Need { kind: Some(intake::need::Kind::Items(items)), ..intake::Need::default() }),
        office: office.to_owned(),
        ..intake::OpenCaseRequest::default()
    }
}

const SITE: &str = "a site of the network";
const ITEM: &str = "an item of the catalogue; what we do not supply is a need of another category";

#[tokio::test]
async fn codes_that_nobody_knows_are_refused_all_at_once_with_what_may_have_been_meant() {
    let world = World::with_network("codes").await;
    world.eu.stock("DE-FRA", "PUMP-7", 1).await;
    let refused = answered(world.eu.intake().open_case(call("DE-OFICE", "PMUP-7", "NOWHERE"))).await;
    assert_eq!(
        told(&refused.unwrap_err()),
        [
            ("office", "DE-OFICE", format!("{SITE}; did you mean {OFFICE}?").as_str()),
            ("need.items.deliver_to_site_id", "NOWHERE", SITE),
            ("need.items.lines[0].item_id", "PMUP-7", format!("{ITEM}; did you mean PUMP-7?").as_str()),
        ]
    );
    let opened = answered(world.eu.intake().open_case(call(OFFICE, "PUMP-7", CUSTOMER))).await.unwrap();
    let fact = intake::Fact {
        name: "onward_site".to_owned(),
        value: "US-CHO".to_owned(),
        source: intake::FactSource::Office.into(),
        stated_by: OFFICE.to_owned(),
        ..intake::Fact::default()
    };
    let request = intake::AddFactRequest {
        request_id: request_id(),
        case_id: opened.case.unwrap().case_id,
        fact: Some(fact),
        etag: String::new(),
    };
    let refused = answered(world.eu.intake().add_fact(request)).await.unwrap_err();
    let near = format!("{SITE}; did you mean US-CHI?");
    assert_eq!(told(&refused), [("fact.value", "US-CHO", near.as_str())]);
}

#[tokio::test]
async fn a_region_that_knows_nothing_yet_takes_every_call_and_answers_its_repetition_alike() {
    let world = World::start("early").await;
    world.eu.open_directory().await;
    let request = call("DE-OFICE", "PMUP-7", "NOWHERE");
    let opened = answered(world.eu.intake().open_case(request.clone())).await.unwrap();
    world.load_network().await;
    world.eu.stock("DE-FRA", "PUMP-7", 1).await;
    let again = answered(world.eu.intake().open_case(request.clone())).await.unwrap();
    assert_eq!(again.case, opened.case);
    let afresh = intake::OpenCaseRequest { request_id: request_id(), ..request };
    let refused = answered(world.eu.intake().open_case(afresh)).await.unwrap_err();
    assert_eq!(told(&refused).len(), 3);
}
