//! Regions eu and us, which hear of each other over a real nats-server.

use std::sync::Arc;
use std::time::Duration;

use meridian_chassis::config::{Peer, RegionConfig};
use meridian_chassis::tasks::Tasks;
use meridian_embedded::testing;
use meridian_inventory::Inventory;
use meridian_messaging::{Announced, Cell, Journal};
use meridian_types::{ManualClock, SystemIds};
use serde_json::Value;
use sqlx::migrate::Migrator;

use crate::harness::{Region, START, region, service, until};

static NO_MIGRATIONS: Migrator = Migrator::DEFAULT;

/// Regions eu and us, each with its inventory, and a coordinator that says what the test wants said.
pub(crate) struct World {
    pub(crate) eu: Member,
    pub(crate) us: Member,
}

/// One region of a world.
pub(crate) struct Member {
    pub(crate) region: Region,
    coordinator: Journal,
    tasks: Tasks,
}

impl World {
    pub(crate) async fn start(hint: &str) -> Self {
        let prefix = testing::prefix();
        let nats_url = testing::nats().url();
        let member = async |own: &str, peer: &str| {
            let mut config = RegionConfig::new(region(own), &testing::database(hint), &nats_url);
            config.subject_prefix.clone_from(&prefix);
            config.peers = vec![Peer::new(region(peer), &nats_url, "http://127.0.0.1:1")];
            Member::start(config).await
        };
        let (eu, us) = tokio::join!(member("eu", "us"), member("us", "eu"));
        Self { eu, us }
    }

    pub(crate) async fn stop(self) {
        for member in [self.eu, self.us] {
            member.tasks.stop(Duration::from_secs(20)).await.unwrap();
        }
    }
}

impl Member {
    async fn start(config: RegionConfig) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let cell =
            Cell::connect(config, Arc::<ManualClock>::clone(&clock), Arc::new(SystemIds)).await.unwrap();
        let tasks = Tasks::new();
        let inventory = Inventory::from_config(&cell).await.unwrap();
        inventory.spawn(&tasks, &cell).unwrap();
        let coordinator = cell.journal(service("coordinator"), &NO_MIGRATIONS).await.unwrap();
        cell.spawn_relay(&tasks, &coordinator);
        let region = Region::served(inventory, clock, &tasks).await;
        Self { region, coordinator, tasks }
    }

    /// The coordinator of this region sends a command.
    pub(crate) async fn command<M: Announced + Clone + 'static>(&self, command: M) {
        self.coordinator
            .write("command", move |work| {
                let command = command.clone();
                Box::pin(async move {
                    work.emit("plan", 1, &command);
                    Ok(())
                })
            })
            .await
            .unwrap();
    }

    /// Waits for so many events of a type and returns the last.
    pub(crate) async fn hears(&self, message: &str, count: usize) -> Value {
        let heard = || async { self.region.emitted(message).await.len() >= count };
        until(&format!("{count} of {message}"), heard).await;
        let mut events = self.region.emitted(message).await;
        assert_eq!(events.len(), count, "{message}: {events:?}");
        events.remove(count - 1)
    }
}
