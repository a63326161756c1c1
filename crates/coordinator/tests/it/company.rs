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
        world.eu.open_directory().await;
        world.load_network().await;
        world
    }

    /// Loads it into both regions, and waits until eu knows all of it.
    pub(crate) async fn load_network(&self) {
        let europe = pb::PutNetworkRequest {
            request_id: request_id(),
            sites: vec![
                site(CUSTOMER, SiteKind::Customer, "DE", "Europe/Berlin"),
                site(OFFICE, SiteKind::Office, "DE", "Europe/Berlin"),
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
        answered(self.eu.coordinator().put_network(europe)).await.unwrap();
        answered(self.us.coordinator().put_network(america)).await.unwrap();
        until("the American lane", async || {
            let count: i64 =
                sqlx::query_scalar("SELECT count(*) FROM network_record WHERE id = 'US-CHI-DE-STR'")
                    .fetch_one(self.eu.journal.pool())
                    .await
                    .unwrap();
            (count == 1).then_some(())
        })
        .await;
    }

    /// Gives a warehouse of us so many units, and waits until eu knows.
    pub(crate) async fn stock_in_chicago(&self, item_id: &str, quantity: i64) {
        self.us.stock("US-CHI", item_id, quantity).await;
        self.eu.knows_stock("US-CHI", item_id, quantity).await;
    }
}

impl Region {
    /// Puts a customer and a person into the directory of this region.
    pub(crate) async fn open_directory(&self) {
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
        let known = inventory::GetItemsRequest { item_ids: vec![item_id.to_owned()] };
        let known = answered(self.inventory().get_items(known)).await.unwrap().items;
        let request = inventory::PutCatalogueRequest {
            request_id: request_id(),
            items: if known.is_empty() { vec![item(item_id)] } else { Vec::new() },
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
        self.open_case_of(need, intake::Priority::Normal).await
    }

    /// Opens a case that is so urgent and returns its id.
    pub(crate) async fn open_case_of(&self, need: intake::Need, priority: intake::Priority) -> String {
        let request = intake::OpenCaseRequest {
            request_id: request_id(),
            person_id: PERSON.to_owned(),
            need: Some(need),
            office: OFFICE.to_owned(),
            priority: priority.into(),
            ..intake::OpenCaseRequest::default()
        };
        answered(self.intake().open_case(request)).await.unwrap().case.unwrap().case_id
    }

    /// Opens a case for pumps at the customer's.
    pub(crate) async fn open_pump_case(&self, quantity: i64) -> String {
        self.open_case(items_need("PUMP", quantity, CUSTOMER)).await
    }

    /// Opens a case for a broken SPECTRO that stands at the customer's.
    pub(crate) async fn open_repair_case(&self) -> String {
        let directory = intake::PutDirectoryRequest {
            request_id: request_id(),
            instruments: vec![intake::Instrument {
                serial_number: "SN-1".to_owned(),
                model: "SPECTRO".to_owned(),
                customer_id: "C-1".to_owned(),
                site_id: CUSTOMER.to_owned(),
                ..intake::Instrument::default()
            }],
            ..intake::PutDirectoryRequest::default()
        };
        answered(self.intake().put_directory(directory)).await.unwrap();
        let repair = intake::RepairNeed {
            serial_number: "SN-1".to_owned(),
            symptom: "no-signal".to_owned(),
            ..intake::RepairNeed::default()
        };
        let need = intake::Need { kind: Some(intake::need::Kind::Repair(repair)), ..intake::Need::default() };
        self.open_case(need).await
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

/// What happens to the transfers of a case, told to the region that owns them.
impl World {
    /// Waits until the transfer of a plan in its present revision is ordered, and returns it.
    pub(crate) async fn ordered(&self, case_id: &str) -> pb::PlanTask {
        let ordered = async || {
            let plan = self.eu.plan(case_id).await;
            let sends =
                |task: &&pb::PlanTask| task.revision == plan.revision && task.task_id.starts_with("trf_");
            plan.tasks.iter().find(sends).filter(|task| task.state() == pb::TaskState::Confirmed).cloned()
        };
        until("the transfer to be ordered", ordered).await
    }

    /// Something happens to a transfer, now.
    pub(crate) async fn happens(&self, task: &pb::PlanTask, milestone: inventory::Milestone) {
        self.happens_until(task, milestone, None).await;
    }

    /// Something happens to a transfer, now, and it is expected at another time.
    pub(crate) async fn happens_until(
        &self,
        task: &pb::PlanTask,
        milestone: inventory::Milestone,
        expected_at: Option<jiff::Timestamp>,
    ) {
        let owner = if task.region == "us" { &self.us } else { &self.eu };
        let request = inventory::RecordMilestoneRequest {
            request_id: request_id(),
            transfer_id: task.task_id.clone(),
            milestone: milestone.into(),
            expected_at: expected_at.map(meridian_chassis::encode::timestamp),
            ..inventory::RecordMilestoneRequest::default()
        };
        answered(owner.inventory().record_milestone(request)).await.unwrap();
    }
}

impl Region {
    /// Promises about a case, oldest first.
    pub(crate) async fn promises(&self, case_id: &str) -> Vec<pb::Promise> {
        let request =
            pb::ListPromisesRequest { case_id: case_id.to_owned(), ..pb::ListPromisesRequest::default() };
        answered(self.coordinator().list_promises(request)).await.unwrap().promises
    }

    /// Defines an item.
    pub(crate) async fn put_item(&self, item: inventory::Item) {
        let request = inventory::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![item],
            ..inventory::PutCatalogueRequest::default()
        };
        answered(self.inventory().put_catalogue(request)).await.unwrap();
    }

    pub(crate) async fn close_case(&self, case_id: &str, resolution: intake::Resolution) {
        let request = intake::CloseCaseRequest {
            request_id: request_id(),
            case_id: case_id.to_owned(),
            resolution: resolution.into(),
            ..intake::CloseCaseRequest::default()
        };
        answered(self.intake().close_case(request)).await.unwrap();
    }
}

impl Region {
    /// What is parked.
    pub(crate) async fn parked(&self) -> Vec<pb::ParkedCase> {
        answered(self.coordinator().list_parked(pb::ListParkedRequest::default())).await.unwrap().parked
    }

    pub(crate) async fn summary(&self) -> pb::SummariseResponse {
        answered(self.coordinator().summarise(pb::SummariseRequest {})).await.unwrap()
    }

    /// Every event of a kind that the coordinator has told, in order.
    pub(crate) async fn told<M: prost::Message + prost::Name + Default>(&self) -> Vec<M> {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body::text FROM outbox WHERE type_name = $1 ORDER BY seq")
                .bind(M::full_name())
                .fetch_all(self.journal.pool())
                .await
                .unwrap();
        bodies.iter().map(|body| meridian_proto::json::from_slice(body.as_bytes()).unwrap()).collect()
    }
}

impl Region {
    /// Defines parties: code, categories, minutes to accept.
    pub(crate) async fn put_parties(&self, parties: &[(&str, &[&str], i32)]) {
        let party = |(party_id, categories, minutes): &(&str, &[&str], i32)| intake::Party {
            party_id: (*party_id).to_owned(),
            name: format!("{party_id} services"),
            categories: categories.iter().map(ToString::to_string).collect(),
            countries: Vec::new(),
            accept_within_minutes: *minutes,
            offers: Vec::new(),
        };
        let request = intake::PutDirectoryRequest {
            request_id: request_id(),
            parties: parties.iter().map(party).collect(),
            ..intake::PutDirectoryRequest::default()
        };
        answered(self.intake().put_directory(request)).await.unwrap();
    }

    /// Waits until a case is offered to a party.
    pub(crate) async fn referral_to(&self, case_id: &str, party_id: &str) -> intake::Referral {
        until("the offer", async || {
            let request = intake::GetCaseRequest { case_id: case_id.to_owned() };
            let case = answered(self.intake().get_case(request)).await.unwrap().case.unwrap();
            case.referral.filter(|referral| {
                referral.party_id == party_id && referral.state() == intake::ReferralState::Offered
            })
        })
        .await
    }
}
