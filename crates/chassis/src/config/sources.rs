//! From sources to values: every value is read by itself, so that one that cannot be read hides no other.

use std::collections::BTreeSet;

use config::{Config, ConfigError, Map, Value, ValueKind};
use meridian_types::{Problem, Violations};

use super::RegionConfig;

/// Values by key.
type Table = Map<String, Value>;

/// Values that have no default, each with one that keeps its rule: it stands in while others are looked at.
const REQUIRED: [(&str, &str); 3] =
    [("region", "region"), ("database_url", "postgres://host"), ("nats_url", "nats://host")];
const REQUIRED_OF_PEER: [(&str, &str); 2] = [("nats_url", "nats://host"), ("grpc_url", "http://host")];
/// Where the environment puts what it holds.
const FROM_ENVIRONMENT: &str = "the environment";

/// One value of the sources, or a table without any, under its path.
struct Leaf {
    path: Vec<String>,
    value: Value,
}

impl Leaf {
    /// Its key and, where it has that from the environment, the variable.
    fn name(&self) -> String {
        let key = self.path.join(".");
        if self.value.origin() != Some(FROM_ENVIRONMENT) {
            return key;
        }
        format!("{key} (MERIDIAN_{})", self.path.join("__").to_uppercase())
    }
}

/// The configuration that the sources hold.
///
/// # Errors
/// One problem that names every value that is missing, cannot be read or breaks a rule.
pub(super) fn read(sources: &Config) -> Result<RegionConfig, Problem> {
    let mut leaves = Vec::new();
    collect(&mut Vec::new(), &sources.cache, &mut leaves);
    let mut v = Violations::new();
    let needed = needed(&leaves);
    let mut whole = Map::new();
    for (path, stand_in) in &needed {
        set(&mut whole, path, Value::new(None, *stand_in));
        if !leaves.iter().any(|leaf| leaf.path.starts_with(path)) {
            v.add(path.join("."), "", "must be given");
        }
    }
    let alone = whole.clone();
    for leaf in &leaves {
        let mut tried = alone.clone();
        set(&mut tried, &leaf.path, leaf.value.clone());
        match Value::new(None, tried).try_deserialize::<RegionConfig>() {
            Ok(_) => set(&mut whole, &leaf.path, leaf.value.clone()),
            Err(error) => {
                let (value, rule) = told(leaf, &error);
                v.add(leaf.name(), value, rule);
            }
        }
    }
    let config: RegionConfig = Value::new(None, whole)
        .try_deserialize()
        .map_err(|error| Problem::invalid_field("configuration", "", rule(&error)))?;
    config.check_into(&mut v, |key| {
        let leaf = leaves.iter().find(|leaf| leaf.path.join(".") == key);
        leaf.map_or_else(|| key.to_owned(), Leaf::name)
    });
    v.finish()?;
    Ok(config)
}

fn collect(path: &mut Vec<String>, value: &Value, leaves: &mut Vec<Leaf>) {
    let table = match &value.kind {
        ValueKind::Table(table) if !table.is_empty() || path.is_empty() => table,
        _ => return leaves.push(Leaf { path: path.clone(), value: value.clone() }),
    };
    let mut keys: Vec<&String> = table.keys().collect();
    keys.sort_unstable();
    for key in keys {
        path.push(key.clone());
        collect(path, &table[key], leaves);
        path.pop();
    }
}

/// What must be given: also of every peer that something is said about.
fn needed(leaves: &[Leaf]) -> Vec<(Vec<String>, &'static str)> {
    let own = REQUIRED.iter().map(|(key, stand_in)| (vec![(*key).to_owned()], *stand_in));
    let peers: BTreeSet<&String> = leaves
        .iter()
        .filter_map(|leaf| match leaf.path.as_slice() {
            [first, region, rest @ ..] if first == "peers" && (!rest.is_empty() || is_table(&leaf.value)) => {
                Some(region)
            }
            _ => None,
        })
        .collect();
    let of_peers = peers.into_iter().flat_map(|region| {
        let path = |key: &str| vec!["peers".to_owned(), region.clone(), key.to_owned()];
        REQUIRED_OF_PEER.iter().map(move |(key, stand_in)| (path(key), *stand_in))
    });
    own.chain(of_peers).collect()
}

const fn is_table(value: &Value) -> bool {
    matches!(value.kind, ValueKind::Table(_))
}

/// Puts a value under a path; what stands in the way gives way. A table without values takes none away.
fn set(table: &mut Table, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        if !(is_table(&value) && table.get(first).is_some_and(is_table)) {
            table.insert(first.clone(), value);
        }
        return;
    }
    let below = table.entry(first.clone()).or_insert_with(|| Value::new(None, Table::new()));
    if !is_table(below) {
        *below = Value::new(None, Table::new());
    }
    if let ValueKind::Table(below) = &mut below.kind {
        set(below, rest, value);
    }
}

/// Where anything may stand, a password too: what holds other values, and URLs beside those that have none.
fn may_be_secret(path: &[String], rule: &str) -> bool {
    let is_url = |key: &String| key.ends_with("_url") && key != "grpc_url";
    let holds_others = match path {
        [only] => ["peers", "endpoints", "telemetry", "limits", "notification"].contains(&only.as_str()),
        [first, _] => first == "peers",
        _ => false,
    };
    holds_others || path.iter().any(is_url) || rule.starts_with("unknown field")
}

/// The value and the rule that it breaks, without the value where it may be a secret.
fn told(leaf: &Leaf, error: &ConfigError) -> (String, String) {
    let (value, rule) = (leaf.value.to_string(), rule(error));
    if may_be_secret(&leaf.path, &rule) {
        let rule = if value.is_empty() { rule } else { rule.replace(&value, "***") };
        return ("***".to_owned(), rule);
    }
    (value, rule)
}

fn rule(error: &ConfigError) -> String {
    match error {
        ConfigError::Type { expected, .. } => (*expected).to_owned(),
        ConfigError::At { error, .. } => rule(error),
        other => other.to_string(),
    }
}
