//! Work orders of the sample company, planned from files.

use std::process::{Command, Output};

use serde_json::Value;

fn schedule(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(["schedule", "--network", "sample", "--from", "2026-12-01T00:00Z", "--seconds", "1"])
        .args(arguments)
        .env("COLUMNS", "110")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_order_is_planned_by_somebody_who_may_do_it_when_it_can_be_done() {
    let planned = schedule(&["--json", "--days", "4"]);
    assert!(planned.status.success(), "{}", text(&planned.stderr));
    let draft: Value = serde_json::from_slice(&planned.stdout).unwrap();
    let visits = draft["visits"].as_array().unwrap();
    assert_eq!(visits.len(), 11, "{draft:#}");
    let visit = |name: &str| visits.iter().find(|visit| visit["visitId"] == name).unwrap();
    let begins = |name: &str| visit(name)["work"]["start"].as_str().unwrap().to_owned();
    let engineer = |name: &str| visit(name)["stints"][0]["engineerId"].as_str().unwrap().to_owned();
    // The only one in Nairobi, and the only one of a level for lamps who lives near Stuttgart.
    assert_eq!((engineer("WO-110"), engineer("WO-101")), ("eng-ke-01".to_owned(), "eng-de-01".to_owned()));
    assert!(begins("WO-107") > begins("WO-106") && begins("WO-109") > begins("WO-101"), "{draft:#}");
    // The part comes at 11 by the clocks of Munich, and at 15 by those of Rotterdam.
    assert!(
        begins("WO-102").as_str() >= "2026-12-01T10:00" && begins("WO-105").as_str() >= "2026-12-01T14:00"
    );
}

#[test]
fn the_plan_is_drawn_and_what_is_left_out_is_told_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("plan.svg");
    let drawn = schedule(&["--days", "1", "--zone", "Europe/Berlin", "--svg", picture.to_str().unwrap()]);
    // Windows of some orders lie beyond the first day.
    assert_eq!(drawn.status.code(), Some(1), "{}", text(&drawn.stderr));
    let shown = text(&drawn.stdout);
    for what in
        ["Tue 2026-12-01, Europe/Berlin\n", "eng-ke-01 ", "[WO-110", "WO-111: not planned: ", "Costs "]
    {
        assert!(shown.contains(what), "{what} is missing:\n{shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 110), "{shown}");
    let picture = std::fs::read_to_string(picture).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("<title>WO-110: "), "{picture}");
}

#[test]
fn what_is_asked_wrongly_is_refused_by_option_and_nothing_to_plan_is_said() {
    let refused = |arguments: &[&str], code: i32| {
        let output = schedule(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        text(&output.stderr).to_owned()
    };
    assert!(refused(&["--zone", "Berlin"], 2).contains("--zone \"Berlin\": an IANA time zone"));
    refused(&["--days", "0"], 2);
    refused(&["--seconds", "0"], 2);
}
