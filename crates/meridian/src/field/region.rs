//! The services of one region, as the people in the field call them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::coordinator::v1::{GetPlanRequest, Plan};
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::dispatch::v1::{ListVisitsRequest, Visit};
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_proto::inventory::v1::{ListTransfersRequest, Transfer};
use meridian_proto::messaging::v1::event_log_service_client::EventLogServiceClient;
use meridian_proto::notification::v1::notification_service_client::NotificationServiceClient;

const DEADLINE: Duration = Duration::from_secs(20);
const PAGE: i32 = 200;

/// Clients of one region; clones share the connection.
#[derive(Debug, Clone)]
pub(crate) struct RegionClients {
    client: Client,
}

impl RegionClients {
    /// Clients of the region at `url`.
    ///
    /// # Errors
    /// `url` is not an address.
    pub(crate) fn connect(url: &str) -> Result<Self> {
        Ok(Self { client: connect_lazy(url)?.with_deadline(DEADLINE) })
    }

    pub(crate) fn intake(&self) -> IntakeServiceClient<Client> {
        IntakeServiceClient::new(self.client.clone())
    }

    pub(crate) fn inventory(&self) -> InventoryServiceClient<Client> {
        InventoryServiceClient::new(self.client.clone())
    }

    pub(crate) fn dispatch(&self) -> DispatchServiceClient<Client> {
        DispatchServiceClient::new(self.client.clone())
    }

    pub(crate) fn coordinator(&self) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.client.clone())
    }

    pub(crate) fn notification(&self) -> NotificationServiceClient<Client> {
        NotificationServiceClient::new(self.client.clone())
    }

    pub(crate) fn event_log(&self) -> EventLogServiceClient<Client> {
        EventLogServiceClient::new(self.client.clone())
    }

    /// The plan of a case.
    pub(crate) async fn plan_of(&self, case_id: &str) -> Result<Plan> {
        let request = GetPlanRequest { case_id: case_id.to_owned(), ..GetPlanRequest::default() };
        self.coordinator().get_plan(request).await?.into_inner().plan.context("no plan")
    }

    /// Transfers of a case that this region owns.
    pub(crate) async fn transfers_of(&self, case_id: &str) -> Result<Vec<Transfer>> {
        let request = ListTransfersRequest {
            case_id: case_id.to_owned(),
            page_size: PAGE,
            ..ListTransfersRequest::default()
        };
        Ok(self.inventory().list_transfers(request).await?.into_inner().transfers)
    }

    /// Visits of a case that this region owns.
    pub(crate) async fn visits_of(&self, case_id: &str) -> Result<Vec<Visit>> {
        let request =
            ListVisitsRequest { case_id: case_id.to_owned(), page_size: PAGE, ..ListVisitsRequest::default() };
        Ok(self.dispatch().list_visits(request).await?.into_inner().visits)
    }
}
