//! Assembling the service.

use std::sync::Arc;

use meridian_chassis::client::Client;
use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Cell, Handler, Journal};
use meridian_proto::notification::v1::notification_service_server::NotificationServiceServer;
use meridian_types::{Problem, ServiceName};

use crate::events::Events;
use crate::grpc::NotificationGrpc;
use crate::sending::directory::Directory;
use crate::sending::mail::MailOutlet;
use crate::sending::mailer::Mailer;
use crate::sending::post::Poster;
use crate::sending::sender::{Outlet, spawn_sender};
use crate::sending::webhook::WebhookOutlet;
use crate::settings::{Pace, Settings};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The notification service of one region. Clones share it.
#[derive(Clone)]
pub struct Notification {
    journal: Journal,
    mail: Option<Arc<MailOutlet>>,
    webhooks: Arc<WebhookOutlet>,
    pace: Pace,
}

impl Notification {
    /// The migrations of the service's schema, for [`Journal::open`].
    #[must_use]
    pub fn migrations() -> &'static sqlx::migrate::Migrator {
        &MIGRATIONS
    }

    /// Opens the journal of the service in the region's database.
    ///
    /// # Errors
    /// The database cannot be reached or brought up to date, or there is no way to send as configured.
    pub async fn from_config(cell: &Cell) -> anyhow::Result<Self> {
        let journal = cell.journal(service("notification"), &MIGRATIONS).await?;
        let intake = cell.client(&service("intake"))?;
        Self::from_parts(journal, intake, &Settings::from(&cell.config.notification))
    }

    /// The service on an open journal, with a client of the region's intake.
    ///
    /// # Errors
    /// There is no way to send as the settings say.
    pub fn from_parts(journal: Journal, intake: Client, settings: &Settings) -> anyhow::Result<Self> {
        let mailer = Mailer::new(&settings.mail, &settings.from_address)?;
        let mail = mailer.map(|mailer| {
            let directory = Directory::new(intake);
            Arc::new(MailOutlet { journal: journal.clone(), directory, mailer })
        });
        let poster = Poster::new(settings.allow_private_webhooks)?;
        let webhooks = Arc::new(WebhookOutlet { journal: journal.clone(), poster });
        Ok(Self { journal, mail, webhooks, pace: settings.pace.clone() })
    }

    /// The gRPC service to mount.
    #[must_use]
    pub fn grpc(&self) -> NotificationServiceServer<NotificationGrpc> {
        let allow_private_webhooks = self.webhooks.poster.allow_private;
        NotificationServiceServer::new(NotificationGrpc::new(self.journal.clone(), allow_private_webhooks))
    }

    /// What applies the events of the region's intake and coordinator.
    #[must_use]
    pub fn events(&self) -> Arc<dyn Handler> {
        Arc::new(Events)
    }

    /// Starts publishing, reading and sending, until `tasks` is asked to stop.
    ///
    /// # Errors
    /// The configured address of a service is not one.
    pub fn spawn(&self, tasks: &Tasks, cell: &Cell) -> Result<(), Problem> {
        cell.spawn_relay(tasks, &self.journal);
        for source in ["intake", "coordinator"] {
            let region = &cell.config.region;
            cell.spawn_reader(tasks, &self.journal, region, service(source), self.events())?;
        }
        self.spawn_senders(tasks);
        Ok(())
    }

    /// Starts the senders alone.
    pub fn spawn_senders(&self, tasks: &Tasks) {
        let send = |outlet: Arc<dyn Outlet>| spawn_sender(tasks, &self.journal, outlet, self.pace.clone());
        send(Arc::clone(&self.webhooks) as _);
        match &self.mail {
            Some(mail) => send(Arc::clone(mail) as _),
            None => tracing::error!(
                "NO CUSTOMER IS TOLD ANYTHING BY MAIL: notices wait until notification.smtp_url or \
                 notification.mail_dir is configured"
            ),
        }
    }

    /// The service's journal.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }
}

impl std::fmt::Debug for Notification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notification").field("journal", &self.journal).finish_non_exhaustive()
    }
}

fn service(name: &'static str) -> ServiceName {
    ServiceName::parse(name).expect("the services' names are lower-case words")
}
