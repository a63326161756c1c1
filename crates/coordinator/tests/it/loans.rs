//! Instruments that are lent.

use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, CustomerMilestone, PlanState, SiteKind, SolutionKind,
};
use meridian_proto::inventory::v1::{self as inventory, Milestone, Pool};

use crate::company::CUSTOMER;
use crate::harness::{World, answered};
use crate::requests::{item, lane, opening, request_id, site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaner_is_sent_and_stays_on_loan_until_it_is_back() {
    let world = World::with_network("loan").await;
    // The customer takes an hour to hand it to the carrier when it goes back.
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![pb::Site {
            handling_minutes: 60,
            ..site(CUSTOMER, SiteKind::Customer, "DE", "Europe/Berlin")
        }],
        lanes: vec![lane(CUSTOMER, "DE-FRA", 180, 2_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    let unit = inventory::Item { model: "SPECTRO".to_owned(), loan_days: 14, ..item("SPECTRO-UNIT") };
    world.eu.put_item(unit).await;
    let stock = inventory::PutCatalogueRequest {
        request_id: request_id(),
        warehouses: vec![inventory::Warehouse { site_id: "DE-FRA".to_owned(), region: String::new() }],
        opening_stock: vec![inventory::OpeningStock {
            pool: Pool::Loan.into(),
            ..opening("DE-FRA", "SPECTRO-UNIT", 1)
        }],
        ..inventory::PutCatalogueRequest::default()
    };
    answered(world.eu.inventory().put_catalogue(stock)).await.unwrap();
    let case_id = world.eu.open_repair_case().await;
    let solution = world.eu.best(&case_id, SolutionKind::Loaner).await;
    assert_eq!(solution.stock_claims.len(), 1, "{solution:#?}");
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let shipment = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&shipment, milestone).await;
    }
    let lent = |plan: &pb::Plan| {
        let responsibility = plan.responsibility.clone().unwrap_or_default();
        plan.state() == PlanState::Executing && responsibility.next_action.contains("get the loaner back")
    };
    world.eu.plan_when(&case_id, "the loan", lent).await;
    let told = world.eu.told::<pb::MilestoneReached>().await;
    assert!(told.iter().any(|told| told.milestone() == CustomerMilestone::LoanerArrived), "{told:#?}");
}
