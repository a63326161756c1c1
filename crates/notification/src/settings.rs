//! How notices are sent.

use std::path::PathBuf;
use std::time::Duration;

use meridian_chassis::config::{NotificationConfig, Secret};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Pauses of three days in all, after which a notice has failed.
const RETRY_PAUSES_S: [u64; 10] =
    [5, 30, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 18 * HOUR, 24 * HOUR];
const LEASE: Duration = Duration::from_secs(60);

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailRoute {
    /// To a mail server: `smtps://user:password@host`, `smtp://host:25?tls=required`, or `smtp://localhost:25` without
    /// encryption.
    Smtp(Secret),
    /// Into a folder, one `.eml` file for each notice.
    Folder(PathBuf),
    /// Nowhere: notices wait until there is a way.
    Absent,
}

/// How fast senders go. Real time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Pauses between the attempts of one notice; after the last one it has failed.
    pub retry_pauses: Vec<Duration>,
    /// How long a sender has for an attempt before another one may try. An attempt is given up after half of it.
    pub lease: Duration,
}

/// How notices are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where mail goes.
    pub mail: MailRoute,
    /// Sender of every mail.
    pub from_address: String,
    /// Whether webhooks may use plain HTTP, any port, and the own network.
    pub allow_private_webhooks: bool,
    /// How fast senders go.
    pub pace: Pace,
}

impl From<&NotificationConfig> for Settings {
    fn from(config: &NotificationConfig) -> Self {
        let mail = match (&config.smtp_url, &config.mail_dir) {
            (Some(url), _) => MailRoute::Smtp(url.clone()),
            (None, Some(folder)) => MailRoute::Folder(folder.clone()),
            (None, None) => MailRoute::Absent,
        };
        let retry_pauses = RETRY_PAUSES_S.map(Duration::from_secs).to_vec();
        Self {
            mail,
            from_address: config.from_address.clone(),
            allow_private_webhooks: config.allow_private_webhooks,
            pace: Pace { retry_pauses, lease: LEASE },
        }
    }
}
