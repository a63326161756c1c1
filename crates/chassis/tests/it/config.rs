use std::io::Write;
use std::time::Duration;

use meridian_chassis::config::{ClockSource, ConfigError, RegionConfig};
use meridian_types::ServiceName;
use tempfile::NamedTempFile;

const LEAST: &str = r#"
region = "eu"
database_url = "postgres://meridian:swordfish@localhost/eu"
nats_url = "nats://meridian:swordfish@localhost:4222"
"#;

fn file(more: &str) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".toml").unwrap();
    write!(file, "{LEAST}{more}").unwrap();
    file
}

fn load(more: &str, variables: &[(&str, &str)]) -> Result<RegionConfig, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    RegionConfig::load(Some(file(more).path()), variables)
}

fn refusal(more: &str, variables: &[(&str, &str)]) -> String {
    load(more, variables).unwrap_err().to_string()
}

#[test]
fn three_values_are_enough() {
    let config = load("", &[]).unwrap();
    assert_eq!(config.subject_prefix, "meridian");
    assert!(config.listen.ip().is_loopback());
    assert_eq!(config.clock, ClockSource::System);
    assert_eq!(config.limits.max_message_bytes, 4 * 1024 * 1024);
    assert_eq!(Duration::from_millis(config.limits.deadline_max_ms), Duration::from_secs(60));
}

#[test]
fn the_environment_wins_over_the_file() {
    let more = "[limits]\ndeadline_max_ms = 5000\nconcurrency = 7\n[peers.us]\nnats_url = \"nats://us\"\ngrpc_url = \"http://us\"";
    let config = load(
        more,
        &[
            ("MERIDIAN_LIMITS__DEADLINE_MAX_MS", "6000"),
            ("MERIDIAN_CLOCK", "driven"),
            ("MERIDIAN_TELEMETRY__JSON", "true"),
            ("MERIDIAN_PEERS__AFRICA__NATS_URL", "nats://africa"),
            ("MERIDIAN_PEERS__AFRICA__GRPC_URL", "http://africa"),
            ("OTHER_LIMITS__DEADLINE_MAX_MS", "1"),
        ],
    )
    .unwrap();
    assert_eq!((config.limits.deadline_max_ms, config.limits.concurrency), (6000, 7));
    assert_eq!(config.clock, ClockSource::Driven);
    assert!(config.telemetry.json);
    let peers: Vec<_> = config.peers.iter().map(|peer| peer.region.as_str()).collect();
    assert_eq!(peers, ["africa", "us"]);
}

#[test]
fn a_service_of_a_peer_is_at_its_own_endpoint_or_else_where_the_peer_is() {
    let peer = "[peers.us]\nnats_url = \"nats://us\"\ngrpc_url = \"http://us\"\nendpoints.intake = ";
    let config = load(&format!("{peer}\"http://us-intake\""), &[]).unwrap();
    let service = |name: &str| ServiceName::parse(name).unwrap();
    assert_eq!(config.peers[0].endpoint(&service("intake")), "http://us-intake");
    assert_eq!(config.peers[0].endpoint(&service("inventory")), "http://us");
    let wrong = load(&format!("{peer}\"us-intake\""), &[]).unwrap_err().to_string();
    assert!(wrong.contains("peers.us.endpoints.intake"), "{wrong}");
}

#[test]
fn the_environment_alone_is_enough() {
    let variables = [
        ("MERIDIAN_REGION", "us"),
        ("MERIDIAN_DATABASE_URL", "postgres://db/us"),
        ("MERIDIAN_NATS_URL", "nats://nats"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(RegionConfig::load(None, variables).unwrap().region.as_str(), "us");
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let unknown = refusal("[limits]\ndeadline_min_ms = 5", &[]);
    assert!(unknown.contains("deadline_min_ms") && unknown.contains("limits"), "{unknown}");
    let unknown = refusal("", &[("MERIDIAN_SECURITY__TOKEN", "x")]);
    assert!(unknown.contains("security"), "{unknown}");
}

#[test]
fn a_value_of_another_type_is_refused_with_key_and_value() {
    let wrong = refusal("", &[("MERIDIAN_LIMITS__DEADLINE_MAX_MS", "soon")]);
    assert!(wrong.contains("limits.deadline_max_ms") && wrong.contains("soon"), "{wrong}");
    let wrong = refusal("", &[("MERIDIAN_REGION", "EU")]);
    assert!(wrong.contains("region") && wrong.contains("EU") && wrong.contains("lower-case"), "{wrong}");
    let wrong = refusal("", &[("MERIDIAN_CLOCK", "sundial")]);
    assert!(wrong.contains("sundial") && wrong.contains("driven"), "{wrong}");
}

#[test]
fn every_value_that_breaks_a_rule_is_named() {
    let more = r#"
subject_prefix = "a.b"
[limits]
deadline_max_ms = 0
[telemetry]
log = "no=such=level"
otlp_endpoint = "collector:4317"
[peers.eu]
nats_url = "us"
grpc_url = "us"
"#;
    let all = refusal(more, &[]);
    let keys =
        ["subject_prefix", "limits.deadline_max_ms", "telemetry.log", "telemetry.otlp_endpoint", "peers.eu"];
    for key in [&keys[..], &["peers.eu.nats_url", "peers.eu.grpc_url", "a.b"]].concat() {
        assert!(all.contains(key), "{key} is missing in: {all}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_each_with_key_variable_value_and_rule() {
    let more = "subject_prefix = \"a.b\"\nlisten = \"here\"\n[limits]\nconcurrency = \"many\"\nfew = 1\n[peers.us]\ngrpc_url = \"http://us\"";
    let variables = [
        ("MERIDIAN_LIMITS__DEADLINE_MAX_MS", "soon"),
        ("MERIDIAN_LIMITS__WATCHES", "0"),
        ("MERIDIAN_CLOCK", "sundial"),
        ("MERIDIAN_DATABSE_URL", "postgres://meridian:swordfish@db"),
    ];
    let all = refusal(more, &variables);
    for told in [
        "subject_prefix: \"a.b\" breaks the rule: 1 to 32 lower-case letters, digits and '-'",
        "listen: \"here\" breaks the rule: invalid socket address syntax",
        "limits.concurrency: \"many\" breaks the rule: an integer",
        "limits.few: \"***\" breaks the rule: unknown field `few`",
        "limits.deadline_max_ms (MERIDIAN_LIMITS__DEADLINE_MAX_MS): \"soon\" breaks the rule: an integer",
        "limits.watches (MERIDIAN_LIMITS__WATCHES): \"0\" breaks the rule: 1 to 1000000",
        "clock (MERIDIAN_CLOCK): \"sundial\" breaks the rule: system or driven",
        "databse_url (MERIDIAN_DATABSE_URL): \"***\" breaks the rule: unknown field `databse_url`",
        "peers.us.nats_url: \"\" breaks the rule: must be given",
    ] {
        assert!(all.contains(told), "{told} is missing in: {all}");
    }
    assert_eq!(all.lines().count(), 10, "{all}");
    assert!(!all.contains("swordfish"), "{all}");
}

#[test]
fn whatever_is_needed_and_not_given_is_named() {
    let all = RegionConfig::load(None, none_of_them()).unwrap_err().to_string();
    for key in ["region", "database_url", "nats_url"] {
        assert!(all.contains(&format!("{key}: \"\" breaks the rule: must be given")), "{all}");
    }
    let odd =
        RegionConfig::load(Some(file("[telemetry.log]\nlevel = 1").path()), none_of_them()).unwrap_err();
    assert!(odd.to_string().contains("telemetry.log.level"), "{odd}");
}

#[test]
fn a_table_without_values_is_not_passed_over() {
    let all = refusal("[peers.us]\n[security]", &[]);
    for told in [
        "peers.us.nats_url: \"\" breaks the rule: must be given",
        "peers.us.grpc_url: \"\" breaks the rule: must be given",
        "breaks the rule: unknown field `security`",
    ] {
        assert!(all.contains(told), "{told} is missing in: {all}");
    }
    assert_eq!(all.lines().count(), 4, "{all}");
    let config = load("[limits]\n[peers]", &[]).unwrap();
    assert_eq!(config.peers, []);
    let odd = refusal("[listen]", &[]);
    assert!(odd.contains("listen"), "{odd}");
}

fn none_of_them() -> [(String, String); 0] {
    []
}

/// The rule is that of the subjects and streams that begin with it.
#[test]
fn a_subject_prefix_is_plain() {
    for prefix in ["Meridian", "a_b", "a.b", "", &"x".repeat(33)] {
        assert!(refusal(&format!("subject_prefix = {prefix:?}"), &[]).contains("subject_prefix"), "{prefix}");
    }
    assert_eq!(load("subject_prefix = \"region-7\"", &[]).unwrap().subject_prefix, "region-7");
}

#[test]
fn a_listener_beyond_loopback_must_be_permitted() {
    let refused = refusal("", &[("MERIDIAN_LISTEN", "0.0.0.0:7400")]);
    assert!(refused.contains("listen") && refused.contains("allow_insecure_listen"), "{refused}");
    let permitted = [("MERIDIAN_LISTEN", "0.0.0.0:7400"), ("MERIDIAN_ALLOW_INSECURE_LISTEN", "true")];
    load("", &permitted).unwrap();
}

#[test]
fn a_secret_is_never_printed() {
    let more = "[notification]\nsmtp_url = \"smtp://meridian:swordfish@mail\"\n[peers.us]\nnats_url = \"nats://m:swordfish@us\"\ngrpc_url = \"http://us\"";
    let config = load(more, &[]).unwrap();
    assert!(config.database_url.reveal().contains("swordfish"));
    for printed in [format!("{config:?}"), serde_json::to_string(&config).unwrap()] {
        assert!(!printed.contains("swordfish") && printed.contains("***"), "{printed}");
    }
    let url = "nats://m:swordfish@us";
    let misplaced =
        ["MERIDIAN_PEERS__US", "MERIDIAN_PEERS", "MERIDIAN_NOTIFICATION", "MERIDIAN_DATABASE_URL__PASSWORD"];
    for variable in misplaced {
        let wrong = refusal("", &[(variable, url)]);
        assert!(wrong.contains("***") && !wrong.contains("swordfish"), "{variable}: {wrong}");
    }
    let wrong = refusal("", &[("MERIDIAN_DATABASE_URL", "mysql://meridian:swordfish@db")]);
    assert!(wrong.contains("database_url") && !wrong.contains("swordfish"), "{wrong}");
    let no_toml = file("[notification]\nsmtp_url = \"smtp://m:swordfish@mail\n");
    let wrong = RegionConfig::load(Some(no_toml.path()), none_of_them()).unwrap_err().to_string();
    assert!(wrong.contains("TOML parse error at line") && !wrong.contains("swordfish"), "{wrong}");
}

#[test]
fn a_service_is_here_unless_an_endpoint_says_otherwise() {
    let config = load("[endpoints]\ninventory = \"http://inventory:7400\"", &[]).unwrap();
    let service = |name| ServiceName::parse(name).unwrap();
    assert_eq!(config.endpoint(&service("inventory")), "http://inventory:7400");
    assert_eq!(config.endpoint(&service("dispatch")), format!("http://{}", config.listen));
}
