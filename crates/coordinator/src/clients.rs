//! The services of the same region that are asked before anything is decided.

use meridian_chassis::client::Client;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;

/// Largest answer of another service.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Connections to the services of the same region. Clones share them.
#[derive(Debug, Clone)]
pub struct InRegion {
    intake: Client,
    inventory: Client,
    dispatch: Client,
}

impl InRegion {
    /// From connections; they may be the same one.
    #[must_use]
    pub const fn new(intake: Client, inventory: Client, dispatch: Client) -> Self {
        Self { intake, inventory, dispatch }
    }

    pub(crate) fn intake(&self) -> IntakeServiceClient<Client> {
        IntakeServiceClient::new(self.intake.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    pub(crate) fn inventory(&self) -> InventoryServiceClient<Client> {
        InventoryServiceClient::new(self.inventory.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    pub(crate) fn dispatch(&self) -> DispatchServiceClient<Client> {
        DispatchServiceClient::new(self.dispatch.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }
}
