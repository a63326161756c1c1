//! The rules that configuration values keep.

use std::collections::BTreeMap;
use std::fmt::Display;

use meridian_types::{Problem, ServiceName, Violations};

use super::{LimitsConfig, RegionConfig, Secret};

impl RegionConfig {
    /// Checks the values against each other and their rules.
    ///
    /// # Errors
    /// One problem that names every key, value and rule.
    pub fn check(&self) -> Result<(), Problem> {
        let mut v = Violations::new();
        self.check_into(&mut v, str::to_owned);
        v.finish()
    }

    /// The same; `name` says how a key is called.
    pub(super) fn check_into(&self, violations: &mut Violations, name: impl Fn(&str) -> String) {
        let mut v = Named { violations, name: &name };
        let prefix = &self.subject_prefix;
        let token = (1..=32).contains(&prefix.len())
            && prefix.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        rule(&mut v, "subject_prefix", prefix, token, PREFIX_RULE);
        let open = self.listen.ip().is_loopback() || self.allow_insecure_listen;
        rule(&mut v, "listen", self.listen, open, LISTEN_RULE);
        url(&mut v, "database_url", &self.database_url, POSTGRES);
        url(&mut v, "nats_url", &self.nats_url, NATS);
        if let Some(monitor) = &self.nats_monitor {
            rule(&mut v, "nats_monitor", monitor, is_host_and_port(monitor), "host:port");
        }
        range(&mut v, "stream_replicas", self.stream_replicas as u64, 1, 5);
        for peer in &self.peers {
            let key = format!("peers.{}", peer.region);
            rule(&mut v, &key, &peer.region, peer.region != self.region, "another region than this one");
            url(&mut v, &format!("{key}.nats_url"), &peer.nats_url, NATS);
            address(&mut v, &format!("{key}.grpc_url"), &peer.grpc_url);
            addresses(&mut v, &format!("{key}.endpoints"), &peer.endpoints);
        }
        addresses(&mut v, "endpoints", &self.endpoints);
        if let Some(endpoint) = &self.telemetry.otlp_endpoint {
            address(&mut v, "telemetry.otlp_endpoint", endpoint);
        }
        let log = &self.telemetry.log;
        let readable = tracing_subscriber::EnvFilter::try_new(log);
        rule(&mut v, "telemetry.log", log, readable.is_ok(), "a level or target=level pairs");
        self.limits.check(&mut v);
        range(&mut v, "shutdown_grace_ms", self.shutdown_grace_ms, 1, HOUR_MS);
        let mail = &self.notification;
        if let Some(smtp_url) = &mail.smtp_url {
            url(&mut v, "notification.smtp_url", smtp_url, SMTP);
            let one = mail.mail_dir.is_none();
            rule(&mut v, "notification.mail_dir", "(set)", one, "smtp_url or mail_dir, not both");
        }
        let mailbox = mail.from_address.contains('@') && !mail.from_address.contains(char::is_control);
        rule(&mut v, "notification.from_address", &mail.from_address, mailbox, "a mail address");
    }
}

impl LimitsConfig {
    fn check(&self, v: &mut Named<'_>) {
        range(v, "limits.max_message_bytes", self.max_message_bytes as u64, 1024, 64 * 1024 * 1024);
        range(v, "limits.concurrency_per_connection", self.concurrency_per_connection.into(), 1, 100_000);
        range(v, "limits.concurrency", self.concurrency as u64, 1, 1_000_000);
        range(v, "limits.watches", self.watches as u64, 1, 1_000_000);
        range(v, "limits.deadline_max_ms", self.deadline_max_ms, 1, HOUR_MS);
        if let Some(age) = self.connection_age_max_ms {
            range(v, "limits.connection_age_max_ms", age, 1000, 24 * HOUR_MS);
        }
    }
}

/// Violations of keys, each called by the name that people gave it.
struct Named<'v> {
    violations: &'v mut Violations,
    name: &'v dyn Fn(&str) -> String,
}

const HOUR_MS: u64 = 3_600_000;
const PREFIX_RULE: &str = "1 to 32 lower-case letters, digits and '-'";
const LISTEN_RULE: &str = "a loopback address, because calls are neither encrypted nor authenticated; \
                           allow_insecure_listen = true opens it to a network that you trust";
const POSTGRES: &[&str] = &["postgres://", "postgresql://"];
const NATS: &[&str] = &["nats://", "tls://"];
const SMTP: &[&str] = &["smtp://", "smtps://"];

fn rule(v: &mut Named<'_>, key: &str, value: impl Display, kept: bool, rule: &str) {
    if !kept {
        v.violations.add((v.name)(key), value, rule);
    }
}

fn range(v: &mut Named<'_>, key: &str, value: u64, least: u64, most: u64) {
    if !(least..=most).contains(&value) {
        v.violations.add((v.name)(key), value, format!("{least} to {most}"));
    }
}

/// A URL that may hold a password: the value is not shown, mistyped scheme or not.
fn url(v: &mut Named<'_>, key: &str, value: &Secret, schemes: &[&str]) {
    let kept = schemes.iter().any(|scheme| is_url(value.reveal(), scheme));
    rule(v, key, value, kept, &format!("a URL that starts with {}", schemes.join(" or ")));
}

/// Where a gRPC server is.
fn address(v: &mut Named<'_>, key: &str, value: &str) {
    rule(v, key, value, is_url(value, "http://"), "a URL such as http://host:port");
}

fn addresses(v: &mut Named<'_>, key: &str, endpoints: &BTreeMap<ServiceName, String>) {
    for (service, endpoint) in endpoints {
        address(v, &format!("{key}.{service}"), endpoint);
    }
}

fn is_host_and_port(value: &str) -> bool {
    value.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn is_url(value: &str, scheme: &str) -> bool {
    value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.contains(' '))
}
