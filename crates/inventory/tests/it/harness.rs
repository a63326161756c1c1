//! Regions of the tests, and short ways to call them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_inventory::Inventory;
use meridian_messaging::{Journal, JournalOptions, Origin, SubjectPrefix};
use meridian_proto::inventory::v1 as pb;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_types::{Clock, ManualClock, Problem, RegionId, ServiceName, SystemIds};
use prost::Message;
use tokio::net::TcpListener;
use tonic::{Response, Status};

use crate::requests::{Destination, expecting, hold_id, item, line, placing, reporting, request_id, sending};

/// Friday noon, when the business clocks of the tests start.
pub(crate) const START: Timestamp = Timestamp::constant(1_795_176_000, 0);
/// Longest time any condition may take, on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A region with its inventory behind a real listener, and a business clock that the test drives.
#[derive(Clone)]
pub(crate) struct Region {
    pub(crate) inventory: Inventory,
    pub(crate) client: InventoryServiceClient<Client>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) url: String,
}

impl Region {
    /// Region eu, which knows of region us but hears nothing from it.
    pub(crate) async fn alone(hint: &str) -> Self {
        let tasks = Tasks::new();
        let region = Self::without_timers(hint, &tasks).await;
        region.inventory.spawn_timers(&tasks);
        region
    }

    /// Region eu alone, where no timer ever fires.
    pub(crate) async fn without_timers(hint: &str, tasks: &Tasks) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let options = JournalOptions {
            database_url: testing::database(hint),
            origin: Origin {
                prefix: SubjectPrefix::parse(&testing::prefix()).unwrap(),
                region: region("eu"),
                service: service("inventory"),
            },
            clock: Arc::<ManualClock>::clone(&clock),
            ids: Arc::new(SystemIds),
            max_connections: 8,
        };
        let journal = Journal::open(options, Inventory::migrations()).await.unwrap();
        let inventory = Inventory::from_parts(journal, [region("us")]);
        Self::served(inventory, clock, tasks).await
    }

    /// The inventory of a region behind a listener.
    pub(crate) async fn served(inventory: Inventory, clock: Arc<ManualClock>, tasks: &Tasks) -> Self {
        let config = RegionConfig::new(region("eu"), "postgres://unused", "nats://unused");
        let builder = ServerBuilder::new(&config);
        let limits = builder.limits();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        builder.add_service(limited!(limits, inventory.grpc())).serve(listener, tasks).await.unwrap();
        let client = client(&url);
        Self { inventory, client, clock, url }
    }

    pub(crate) fn advance(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Defines the item and gives the warehouse so many units of it.
    pub(crate) async fn stock(&self, warehouse: &str, item_id: &str, quantity: i64) {
        self.stock_pool(warehouse, item_id, quantity, pb::Pool::Stock).await;
    }

    pub(crate) async fn stock_pool(&self, warehouse: &str, item_id: &str, quantity: i64, pool: pb::Pool) {
        let known = self.items(&[item_id]).await;
        let request = pb::PutCatalogueRequest {
            request_id: request_id(),
            items: if known.is_empty() { vec![item(item_id)] } else { Vec::new() },
            warehouses: vec![pb::Warehouse { site_id: warehouse.to_owned(), region: String::new() }],
            opening_stock: vec![pb::OpeningStock {
                item_id: item_id.to_owned(),
                warehouse_site_id: warehouse.to_owned(),
                pool: pool.into(),
                quantity,
            }],
        };
        self.put(request).await.unwrap();
    }

    pub(crate) async fn put(&self, request: pb::PutCatalogueRequest) -> Result<i32, Problem> {
        answered(self.client.clone().put_catalogue(request)).await.map(|answer| answer.stored)
    }

    pub(crate) async fn items(&self, item_ids: &[&str]) -> Vec<pb::Item> {
        let item_ids = item_ids.iter().map(ToString::to_string).collect();
        answered(self.client.clone().get_items(pb::GetItemsRequest { item_ids })).await.unwrap().items
    }

    pub(crate) async fn place(&self, hold_id: &str, lines: &[pb::HoldLine]) -> Result<pb::Hold, Problem> {
        let request = placing(hold_id, lines);
        answered(self.client.clone().place_hold(request)).await.map(|answer| answer.hold.unwrap())
    }

    /// Places a hold and confirms it.
    pub(crate) async fn reserve(&self, lines: &[pb::HoldLine]) -> String {
        let hold_id = hold_id();
        self.place(&hold_id, lines).await.unwrap();
        self.confirm(&hold_id).await.unwrap();
        hold_id
    }

    pub(crate) async fn extend(&self, hold_id: &str, minutes: i32) -> Result<pb::Hold, Problem> {
        let request = pb::ExtendHoldRequest {
            request_id: request_id(),
            hold_id: hold_id.to_owned(),
            expires_in_minutes: minutes,
        };
        answered(self.client.clone().extend_hold(request)).await.map(|answer| answer.hold.unwrap())
    }

    pub(crate) async fn confirm(&self, hold_id: &str) -> Result<pb::Hold, Problem> {
        let request = pb::ConfirmHoldRequest { request_id: request_id(), hold_id: hold_id.to_owned() };
        answered(self.client.clone().confirm_hold(request)).await.map(|answer| answer.hold.unwrap())
    }

    pub(crate) async fn release(&self, hold_id: &str) -> Result<pb::Hold, Problem> {
        let request = pb::ReleaseHoldRequest { request_id: request_id(), hold_id: hold_id.to_owned() };
        answered(self.client.clone().release_hold(request)).await.map(|answer| answer.hold.unwrap())
    }

    pub(crate) async fn hold(&self, hold_id: &str) -> Result<pb::Hold, Problem> {
        let request = pb::GetHoldRequest { hold_id: hold_id.to_owned() };
        answered(self.client.clone().get_hold(request)).await.map(|answer| answer.hold.unwrap())
    }

    pub(crate) async fn hold_state(&self, hold_id: &str) -> pb::HoldState {
        self.hold(hold_id).await.unwrap().state()
    }

    /// Sends reserved goods from their warehouse to `to`.
    pub(crate) async fn send(
        &self,
        hold_id: &str,
        from: &str,
        to: Destination<'_>,
    ) -> Result<String, Problem> {
        let request = sending(hold_id, from, to);
        let answer = answered(self.client.clone().request_transfer(request)).await?;
        Ok(answer.transfer.unwrap().transfer_id)
    }

    /// Reserves units and orders their transfer.
    pub(crate) async fn reserve_and_send(
        &self,
        from: &str,
        item_id: &str,
        quantity: i64,
        to: Destination<'_>,
    ) -> String {
        let hold_id = self.reserve(&[line(from, item_id, quantity)]).await;
        self.send(&hold_id, from, to).await.unwrap()
    }

    pub(crate) async fn milestone(
        &self,
        transfer_id: &str,
        milestone: pb::Milestone,
    ) -> Result<pb::Transfer, Problem> {
        let request = reporting(transfer_id, milestone);
        answered(self.client.clone().record_milestone(request)).await.map(|answer| answer.transfer.unwrap())
    }

    pub(crate) async fn milestones(&self, transfer_id: &str, milestones: &[pb::Milestone]) {
        for milestone in milestones {
            self.milestone(transfer_id, *milestone).await.unwrap();
        }
    }

    pub(crate) async fn transfer(&self, transfer_id: &str) -> Result<pb::Transfer, Problem> {
        let request = pb::GetTransferRequest { transfer_id: transfer_id.to_owned() };
        answered(self.client.clone().get_transfer(request)).await.map(|answer| answer.transfer.unwrap())
    }

    pub(crate) async fn adjust(&self, request: pb::AdjustStockRequest) -> Result<pb::StockLevel, Problem> {
        answered(self.client.clone().adjust_stock(request)).await.map(|answer| answer.level.unwrap())
    }

    /// Expects units a day from now.
    pub(crate) async fn expect(
        &self,
        receipt_id: &str,
        warehouse: &str,
        item_id: &str,
        quantity: i64,
    ) -> Result<pb::Receipt, Problem> {
        let tomorrow = self.now() + SignedDuration::from_hours(24);
        let request = expecting(receipt_id, warehouse, item_id, quantity, tomorrow);
        answered(self.client.clone().expect_receipt(request)).await.map(|answer| answer.receipt.unwrap())
    }

    pub(crate) async fn cancel_receipt(&self, receipt_id: &str) -> Result<pb::Receipt, Problem> {
        let request =
            pb::CancelReceiptRequest { request_id: request_id(), receipt_id: receipt_id.to_owned() };
        answered(self.client.clone().cancel_receipt(request)).await.map(|answer| answer.receipt.unwrap())
    }

    pub(crate) async fn record_receipt(
        &self,
        receipt_id: &str,
        quantity: i64,
    ) -> Result<pb::RecordReceiptResponse, Problem> {
        let request = pb::RecordReceiptRequest {
            request_id: request_id(),
            receipt_id: receipt_id.to_owned(),
            quantity,
        };
        answered(self.client.clone().record_receipt(request)).await
    }

    /// The receipts of an item that are expected anywhere, those with nothing available too.
    pub(crate) async fn receipts(&self, item_id: &str) -> Vec<pb::Receipt> {
        let request = pb::FindStockRequest {
            item_ids: vec![item_id.to_owned()],
            include_empty: true,
            ..pb::FindStockRequest::default()
        };
        self.find(request).await.receipts
    }

    pub(crate) async fn find(&self, request: pb::FindStockRequest) -> pb::FindStockResponse {
        answered(self.client.clone().find_stock(request)).await.unwrap()
    }

    /// (on hand, held) of a shelf of this region.
    pub(crate) async fn level(&self, warehouse: &str, item_id: &str) -> (i64, i64) {
        let own = self.inventory.journal().origin().region.clone();
        let levels = self.levels(item_id).await;
        let level =
            levels.iter().find(|level| level.warehouse_site_id == warehouse && level.region == own.as_str());
        level.map_or((0, 0), |level| (level.on_hand, level.held))
    }

    /// All levels of an item, the empty ones too.
    pub(crate) async fn levels(&self, item_id: &str) -> Vec<pb::StockLevel> {
        let request = pb::FindStockRequest {
            item_ids: vec![item_id.to_owned()],
            include_empty: true,
            ..pb::FindStockRequest::default()
        };
        self.find(request).await.levels
    }

    pub(crate) async fn audit(&self) -> pb::AuditStockResponse {
        answered(self.client.clone().audit_stock(pb::AuditStockRequest {})).await.unwrap()
    }

    /// The audit, after checking that all counters agree and that units are conserved.
    pub(crate) async fn clean_audit(&self) -> pb::AuditStockResponse {
        let audit = self.audit().await;
        assert_clean(&audit);
        audit
    }

    /// Bodies of the events of this type that were emitted so far, oldest first.
    pub(crate) async fn emitted(&self, message: &str) -> Vec<serde_json::Value> {
        let bodies: Vec<String> = sqlx::query_scalar(
            "SELECT body FROM outbox WHERE type_name = 'meridian.inventory.v1.' || $1 ORDER BY seq",
        )
        .bind(message)
        .fetch_all(self.inventory.journal().pool())
        .await
        .unwrap();
        bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }
}

pub(crate) fn assert_clean(audit: &pb::AuditStockResponse) {
    assert_eq!(audit.mismatches, []);
    assert_eq!(audit.receipt_mismatches, []);
    let accounted =
        audit.on_hand + audit.in_transit + audit.delivered + audit.written_off + audit.handed_over;
    assert_eq!(audit.brought_in, accounted, "{audit:?}");
}

/// A client on a connection of its own.
pub(crate) fn client(url: &str) -> InventoryServiceClient<Client> {
    InventoryServiceClient::new(connect_lazy(url).unwrap().with_deadline(Duration::from_secs(30)))
}

/// The answer of a call, or the problem behind its status.
pub(crate) async fn answered<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Problem> {
    call.await.map(Response::into_inner).map_err(|status| problem(&status))
}

/// Waits for a condition; panics when it does not come true within the deadline.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    testing::until(what, DEADLINE, async || condition().await.then_some(())).await;
}

/// What the refusal offers instead.
pub(crate) fn next_best(refusal: &Problem) -> Vec<pb::StockLevel> {
    let detail = refusal.details.iter().find(|(name, _)| name == "meridian.inventory.v1.NextBestStock");
    detail.map(|(_, bytes)| pb::NextBestStock::decode(bytes.as_slice()).unwrap().levels).unwrap_or_default()
}

/// The fields that a refusal names.
pub(crate) fn fields(refusal: &Problem) -> Vec<&str> {
    refusal.violations.iter().map(|violation| violation.field.as_str()).collect()
}

pub(crate) fn region(code: &str) -> RegionId {
    RegionId::parse(code).unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}
