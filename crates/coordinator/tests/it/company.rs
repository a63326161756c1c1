//! A small company: a customer and two warehouses in the region eu, one warehouse in us.

use meridian_proto::coordinator::v1 as pb;
use meridian_proto::coordinator::v1::SiteKind;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_types::Problem;

use crate::harness::{Region, World, answered, until};
use crate::requests::{item, items_need, lane, opening, request_id, site};

/// The customer's site.
pub(crate) const CUSTOMER: &str = "DE-STR";
pub(crate) const PERSON: &str = "P-1";
pub(crate) const OFFICE: &str = "DE-OFFICE";

impl World {
    /// The network of both regions, and who calls; no stock yet.
    pub(crate) async fn with_network(hint: &str) -> Self {
        let world = Self::start(hint).await;
        let europe = pb::PutNetworkRequest {
            request_id: request_id(),
            sites: vec![
                site(CUSTOMER, SiteKind::Customer, "DE", "Europe/Berlin"),
                site("DE-FRA", SiteKind::Warehouse, "DE", "Europe/Berlin"),
                site("FI-HEL", SiteKind::Warehouse, "FI", "Europe/Helsinki"),
            ],
            lanes: vec![lane("DE-FRA", CUSTOMER, 180, 2_000), lane("FI-HEL", CUSTOMER, 900, 8_000)],
            customs_rules: vec![pb::CustomsRule {
                customs_rule_id: "INTO-EU".to_owned(),
                into_territory: "EU".to_owned(),
                clearance_minutes: 240,
                ..pb::CustomsRule::default()
            }],
            ..pb::PutNetworkRequest::default()
        };
        let america = pb::PutNetworkRequest {
            request_id: request_id(),
            sites: vec![site("US-CHI", SiteKind::Warehouse, "US", "America/Chicago")],
            lanes: vec![lane("US-CHI", CUSTOMER, 1_440, 30_000)],
            ..pb::PutNetworkRequest::default()
        };
        answered(world.eu.coordinator().put_network(europe)).await.unwrap();
        answered(world.us.coordinator().put_network(america)).await.unwrap();
        world.eu.open_directory().await;
        until("the American lane", async || {
            let count: i64 =
                sqlx::query_scalar("SELECT count(*) FROM network_record WHERE id = 'US-CHI-DE-STR'")
                    .fetch_one(world.eu.journal.pool())
                    .await
                    .unwrap();
            (count == 1).then_some(())
        })
        .await;
        world
    }

    /// Gives a warehouse of us so many units, and waits until eu knows.
    pub(crate) async fn stock_in_chicago(&self, item_id: &str, quantity: i64) {
        self.us.stock("US-CHI", item_id, quantity).await;
        self.eu.knows_stock("US-CHI", item_id, quantity).await;
    }
}

impl Region {
    async fn open_directory(&self) {
        let request = intake::PutDirectoryRequest {
            request_id: request_id(),
            customers: vec![intake::Customer {
                customer_id: "C-1".to_owned(),
                name: "Sample Customer".to_owned(),
                country: "DE".to_owned(),
                ..intake::Customer::default()
            }],
            people: vec![intake::Person {
                person_id: PERSON.to_owned(),
                customer_id: "C-1".to_owned(),
                name: "Sample Person".to_owned(),
                phones: vec!["+49 711 5550100".to_owned()],
                language: "en".to_owned(),
                zone: "Europe/Berlin".to_owned(),
                ..intake::Person::default()
            }],
            ..intake::PutDirectoryRequest::default()
        };
        answered(self.intake().put_directory(request)).await.unwrap();
    }

    /// Gives a warehouse of this region so many units.
    pub(crate) async fn stock(&self, warehouse: &str, item_id: &str, quantity: i64) {
        let request = inventory::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![item(item_id)],
            warehouses: vec![inventory::Warehouse { site_id: warehouse.to_owned(), region: String::new() }],
            opening_stock: vec![opening(warehouse, item_id, quantity)],
        };
        answered(self.inventory().put_catalogue(request)).await.unwrap();
    }

    /// Waits until this region knows of so many units.
    pub(crate) async fn knows_stock(&self, warehouse: &str, item_id: &str, available: i64) {
        until("a stock level", async || {
            let found = self.available(item_id).await;
            found.iter().any(|(site, units)| site == warehouse && *units == available).then_some(())
        })
        .await;
    }

    /// What is available of an item, by warehouse, as this region knows it.
    pub(crate) async fn available(&self, item_id: &str) -> Vec<(String, i64)> {
        let request = inventory::FindStockRequest {
            item_ids: vec![item_id.to_owned()],
            include_empty: true,
            ..inventory::FindStockRequest::default()
        };
        let found = answered(self.inventory().find_stock(request)).await.unwrap();
        found.levels.into_iter().map(|level| (level.warehouse_site_id, level.available)).collect()
    }

    /// Opens a case and returns its id.
    pub(crate) async fn open_case(&self, need: intake::Need) -> String {
        let request = intake::OpenCaseRequest {
            request_id: request_id(),
            person_id: PERSON.to_owned(),
            need: Some(need),
            office: OFFICE.to_owned(),
            ..intake::OpenCaseRequest::default()
        };
        answered(self.intake().open_case(request)).await.unwrap().case.unwrap().case_id
    }

    /// Opens a case for pumps at the customer's.
    pub(crate) async fn open_pump_case(&self, quantity: i64) -> String {
        self.open_case(items_need("PUMP", quantity, CUSTOMER)).await
    }

    pub(crate) async fn find(&self, case_id: &str) -> Result<pb::FindSolutionsResponse, Problem> {
        let request =
            pb::FindSolutionsRequest { case_id: case_id.to_owned(), ..pb::FindSolutionsRequest::default() };
        answered(self.coordinator().find_solutions(request)).await
    }

    /// Finds solutions for a case and returns the best one of a kind.
    pub(crate) async fn best(&self, case_id: &str, kind: pb::SolutionKind) -> pb::Solution {
        let found = self.find(case_id).await.unwrap();
        let best = found.solutions.iter().find(|solution| solution.kind() == kind);
        best.unwrap_or_else(|| panic!("no {kind:?} in {found:#?}")).clone()
    }

    pub(crate) async fn commit(
        &self,
        case_id: &str,
        solution: &pb::Solution,
    ) -> Result<pb::CommitSolutionResponse, Problem> {
        answered(self.coordinator().commit_solution(committing(case_id, solution))).await
    }

    pub(crate) async fn plan(&self, case_id: &str) -> pb::Plan {
        let request = pb::GetPlanRequest { case_id: case_id.to_owned(), ..pb::GetPlanRequest::default() };
        answered(self.coordinator().get_plan(request)).await.unwrap().plan.unwrap()
    }

    /// Waits until the plan of a case is as wanted.
    pub(crate) async fn plan_when(
        &self,
        case_id: &str,
        what: &str,
        wanted: impl Fn(&pb::Plan) -> bool,
    ) -> pb::Plan {
        until(what, async || Some(self.plan(case_id).await).filter(|plan| wanted(plan))).await
    }
}

pub(crate) fn committing(case_id: &str, solution: &pb::Solution) -> pb::CommitSolutionRequest {
    pb::CommitSolutionRequest {
        request_id: request_id(),
        case_id: case_id.to_owned(),
        solution_id: solution.solution_id.clone(),
        approved: false,
    }
}
