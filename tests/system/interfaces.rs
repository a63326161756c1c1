//! Clients that are not ours: Python with grpcio and nothing but reflection, and a subscriber of ten lines.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use meridian::field::Field;
use meridian::load;
use meridian_proto::inventory::v1::FindStockRequest;

use crate::cluster::Cluster;
use crate::{network, wait, workload};

const START: &str = "2026-06-01T08:00:00Z";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A Python that has the client libraries, pinned; installed once.
fn python(script: &Path, arguments: &[&str]) -> Command {
    let packages = root().join(".local/python-clients");
    let requirements = root().join("tests/system/clients/requirements.txt");
    let stamp = packages.join("installed");
    let wanted = std::fs::read(&requirements).unwrap();
    if std::fs::read(&stamp).ok() != Some(wanted.clone()) {
        let installed = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"])
            .arg(&packages)
            .arg("-r")
            .arg(&requirements)
            .output()
            .unwrap();
        assert!(installed.status.success(), "{}", text(&installed));
        std::fs::write(&stamp, wanted).unwrap();
    }
    let mut command = Command::new("python3");
    command.arg(script).args(arguments).env("PYTHONPATH", packages).stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_other_makers_call_by_reflection_and_read_events() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(10), &load::grpc_addresses(&addresses)).await.unwrap();
    let field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let eu = field.region("eu");
    wait::until("the stock is there", Duration::from_secs(10), async || {
        let request =
            FindStockRequest { item_ids: vec![network::item_of("eu")], ..FindStockRequest::default() };
        eu.inventory().find_stock(request).await.is_ok_and(|found| !found.get_ref().levels.is_empty())
    })
    .await;

    let eu_addresses = addresses.iter().find(|(region, _)| region.as_str() == "eu").unwrap().1.clone();
    let address = eu_addresses.grpc.trim_start_matches("http://").to_owned();
    let called = tokio::task::spawn_blocking(move || {
        python(&root().join("tests/system/clients/grpc_client.py"), &[&address]).output().unwrap()
    });
    let called = called.await.unwrap();
    assert!(called.status.success(), "{}", text(&called));

    let script = root().join("examples/subscribe.py");
    let lines = std::fs::read_to_string(&script).unwrap().lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 12, "the subscriber is no longer short: {lines} lines");
    let mut subscriber = python(&script, &[&eu_addresses.nats]).stdout(Stdio::piped()).spawn().unwrap();
    let cases = workload::open_from(&field, "eu", "eu", 1, "python").await.unwrap();
    let heard = tokio::task::spawn_blocking(move || {
        use std::io::BufRead as _;
        let lines = std::io::BufReader::new(subscriber.stdout.take().unwrap()).lines().map(Result::unwrap);
        let heard = lines.into_iter().find(|line| line.contains("meridian.intake.v1.CaseOpened"));
        subscriber.kill().unwrap();
        subscriber.wait().unwrap();
        heard
    });
    let heard = tokio::time::timeout(Duration::from_secs(60), heard).await.unwrap().unwrap().unwrap();
    assert!(heard.contains(&cases[0].case_id), "{heard}");
}
