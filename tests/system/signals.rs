//! What ends a command that goes on for ever.

use std::process::Stdio;
use std::time::Duration;

use meridian_embedded::testing;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_a_shell_runs_in_the_background_goes_on_after_ctrl_c_and_ends_when_terminated() {
    let url = testing::nats().url();
    let prefix = testing::prefix();
    let client = async_nats::connect(&url).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let subjects = vec![format!("{prefix}.>")];
    let stream =
        async_nats::jetstream::stream::Config { name: prefix.clone(), subjects, ..Default::default() };
    context.create_stream(stream).await.unwrap();
    let publish = async |number: i32| {
        let subject = format!("{prefix}.event");
        context.publish(subject, format!("{{\"number\":{number}}}").into()).await.unwrap().await.unwrap();
    };
    publish(1).await;
    // Shells do this to what they run in the background.
    let mut events = Command::new("sh")
        .args(["-c", "trap '' INT; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_meridian"), "events", "--all"])
        .args(["--nats-url", &url, "--subject", &format!("{prefix}.>")])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(events.stdout.take().unwrap()).lines();
    let mut heard = async |number: i32| {
        let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
        assert!(line.contains(&format!("\"number\":{number}")), "{line}");
    };
    let id = events.id().unwrap().to_string();
    let kill = async |signal: &str| {
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
    };
    heard(1).await;
    kill("-INT").await;
    publish(2).await;
    heard(2).await;
    kill("-TERM").await;
    let ended = timeout(LIMIT, events.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(143));
}
