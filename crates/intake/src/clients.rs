//! The services of the same region that know the codes a caller may name.

use meridian_chassis::client::Client;
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;

/// Connections to the services of the same region. Clones share them.
#[derive(Debug, Clone)]
pub struct InRegion {
    coordinator: Client,
    inventory: Client,
}

impl InRegion {
    /// From connections; they may be the same one.
    #[must_use]
    pub const fn new(coordinator: Client, inventory: Client) -> Self {
        Self { coordinator, inventory }
    }

    pub(crate) fn coordinator(&self) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.coordinator.clone())
    }

    pub(crate) fn inventory(&self) -> InventoryServiceClient<Client> {
        InventoryServiceClient::new(self.inventory.clone())
    }
}
