//! The services of one region, as the people in the field call them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::coordinator::v1::{GetPlanRequest, ListPlansRequest, Plan};
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::dispatch::v1::{ListVisitsRequest, Visit};
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_proto::inventory::v1::{ListTransfersRequest, Transfer};
use meridian_proto::messaging::v1::event_log_service_client::EventLogServiceClient;
use meridian_proto::notification::v1::notification_service_client::NotificationServiceClient;
use meridian_proto::region::v1::SetTimeRequest;
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;

use super::patience::patiently;

const DEADLINE: Duration = Duration::from_secs(20);
const PAGE: i32 = 200;

/// Clients of one region; clones share the connection.
#[derive(Debug, Clone)]
pub struct RegionClients {
    client: Client,
}

impl RegionClients {
    /// Clients of the region at `url`.
    ///
    /// # Errors
    /// `url` is not an address.
    pub fn connect(url: &str) -> Result<Self> {
        Ok(Self { client: connect_lazy(url)?.with_deadline(DEADLINE) })
    }

    /// Intake.
    #[must_use]
    pub fn intake(&self) -> IntakeServiceClient<Client> {
        IntakeServiceClient::new(self.client.clone())
    }

    /// Inventory.
    #[must_use]
    pub fn inventory(&self) -> InventoryServiceClient<Client> {
        InventoryServiceClient::new(self.client.clone())
    }

    /// Dispatch.
    #[must_use]
    pub fn dispatch(&self) -> DispatchServiceClient<Client> {
        DispatchServiceClient::new(self.client.clone())
    }

    /// Coordinator.
    #[must_use]
    pub fn coordinator(&self) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.client.clone())
    }

    /// Notification.
    #[must_use]
    pub fn notification(&self) -> NotificationServiceClient<Client> {
        NotificationServiceClient::new(self.client.clone())
    }

    /// Event logs and dead letters.
    #[must_use]
    pub fn event_log(&self) -> EventLogServiceClient<Client> {
        EventLogServiceClient::new(self.client.clone())
    }

    /// Moves the business clock, and lets it stand there.
    ///
    /// # Errors
    /// The clock is not driven, or the instant lies in its past.
    pub async fn set_time(&self, now: Timestamp) -> Result<()> {
        patiently(async || {
            let request = SetTimeRequest { now: Some(encode::timestamp(now)), rate: 0.0 };
            ClockServiceClient::new(self.client.clone()).set_time(request).await
        })
        .await?;
        Ok(())
    }

    /// The plan of a case.
    ///
    /// # Errors
    /// There is none.
    pub async fn plan_of(&self, case_id: &str) -> Result<Plan> {
        let answer = patiently(async || {
            let request = GetPlanRequest { case_id: case_id.to_owned(), ..GetPlanRequest::default() };
            self.coordinator().get_plan(request).await
        });
        answer.await?.plan.context("no plan")
    }

    /// All plans of the region's cases, newest first.
    ///
    /// # Errors
    /// The region refuses to say.
    pub(super) async fn all_plans(&self) -> Result<Vec<Plan>> {
        let mut request = ListPlansRequest { page_size: PAGE, ..ListPlansRequest::default() };
        let mut plans = Vec::new();
        loop {
            let page = patiently(async || self.coordinator().list_plans(request.clone()).await).await?;
            plans.extend(page.plans);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok(plans);
            }
        }
    }

    /// Transfers of a case, or of all cases when it is empty, that this region owns.
    ///
    /// # Errors
    /// The region refuses to say.
    pub async fn transfers_of(&self, case_id: &str) -> Result<Vec<Transfer>> {
        let case_id = case_id.to_owned();
        let mut request =
            ListTransfersRequest { case_id, page_size: PAGE, ..ListTransfersRequest::default() };
        let mut transfers = Vec::new();
        loop {
            let page = patiently(async || self.inventory().list_transfers(request.clone()).await).await?;
            transfers.extend(page.transfers);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok(transfers);
            }
        }
    }

    /// Visits of a case, or of all cases when it is empty, that this region owns.
    ///
    /// # Errors
    /// The region refuses to say.
    pub async fn visits_of(&self, case_id: &str) -> Result<Vec<Visit>> {
        let case_id = case_id.to_owned();
        let mut request = ListVisitsRequest { case_id, page_size: PAGE, ..ListVisitsRequest::default() };
        let mut visits = Vec::new();
        loop {
            let page = patiently(async || self.dispatch().list_visits(request.clone()).await).await?;
            visits.extend(page.visits);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok(visits);
            }
        }
    }
}
