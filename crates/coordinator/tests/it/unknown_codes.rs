//! Codes that nobody knows, in calls that the intake takes while coordinator and inventory can be asked.

use meridian_embedded::testing;
use meridian_messaging::{Nats, NatsOptions};
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_types::Problem;

use crate::company::{CUSTOMER, OFFICE};
use crate::harness::{Region, World, answered, until};
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

/// Waits until this region has heard all that others have told: from then on it knows what is unknown.
async fn has_heard_all(region: &Region) {
    until("all regions to be heard", async || {
        let sites = pb::LookUpSitesRequest { site_ids: vec!["NOWHERE".to_owned()] };
        let items = inventory::GetItemsRequest { item_ids: vec!["NOTHING".to_owned()] };
        let sites = answered(region.coordinator().look_up_sites(sites)).await.unwrap();
        let items = answered(region.inventory().get_items(items)).await.unwrap();
        (!sites.incomplete && !items.incomplete).then_some(())
    })
    .await;
}

#[tokio::test]
async fn codes_that_nobody_knows_are_refused_all_at_once_with_what_may_have_been_meant() {
    let world = World::with_network("codes").await;
    world.eu.stock("DE-FRA", "PUMP-7", 1).await;
    has_heard_all(&world.eu).await;
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
    has_heard_all(&world.eu).await;
    let again = answered(world.eu.intake().open_case(request.clone())).await.unwrap();
    assert_eq!(again.case, opened.case);
    let afresh = intake::OpenCaseRequest { request_id: request_id(), ..request };
    let refused = answered(world.eu.intake().open_case(afresh)).await.unwrap_err();
    assert_eq!(told(&refused).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_may_be_that_of_a_region_which_is_cut_off_is_taken_as_it_is() {
    let world = World::with_network("cutcodes").await;
    world.eu.stock("DE-FRA", "PUMP-7", 1).await;
    has_heard_all(&world.eu).await;
    let to_new_site = call(OFFICE, "PMUP-7", "US-NEW");
    let refused = answered(world.eu.intake().open_case(to_new_site.clone())).await.unwrap_err();
    assert_eq!(told(&refused).len(), 2);
    // What the coordinator of us may have defined since, nobody hears.
    world.us.stop().await;
    let nats = Nats::connect(&testing::nats().url(), NatsOptions::default()).await.unwrap();
    let subject = format!("$JS.API.STREAM.DELETE.{}", world.us.journal.origin().stream_name());
    nats.client().request(subject, "".into()).await.unwrap();
    until("eu to notice", async || {
        let sites = pb::LookUpSitesRequest { site_ids: vec!["US-NEW".to_owned()] };
        let sites = answered(world.eu.coordinator().look_up_sites(sites)).await.unwrap();
        sites.incomplete.then_some(())
    })
    .await;
    let request = intake::OpenCaseRequest { request_id: request_id(), ..to_new_site };
    let refused = answered(world.eu.intake().open_case(request)).await.unwrap_err();
    assert_eq!(told(&refused).len(), 1, "items are inventory's, which is still heard");
    assert_eq!(told(&refused)[0].0, "need.items.lines[0].item_id");
    answered(world.eu.intake().open_case(call(OFFICE, "PUMP-7", "US-NEW"))).await.unwrap();
}
