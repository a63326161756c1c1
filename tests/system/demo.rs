//! `meridian demo`: the stories that newcomers see first.

use std::process::Command;

#[test]
fn the_demo_plays_its_stories_and_all_its_checks_hold() {
    let demo = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .arg("demo")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    let (told, logged) = (String::from_utf8_lossy(&demo.stdout), String::from_utf8_lossy(&demo.stderr));
    assert!(demo.status.success(), "{told}\n{logged}");
    assert!(told.trim_end().ends_with("All checks hold."), "{told}");
}
