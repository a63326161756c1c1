//! Planning without any service, and what past deliveries teach.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use jiff::{SignedDuration, Timestamp};

const LAMP: [&str; 8] = [
    "--item",
    "UV2-D2-LAMP=1",
    "--deliver-to",
    "lab-stuttgart",
    "--now",
    "2026-11-27T15:40[Europe/Berlin]",
    "--deadline",
    "2026-12-01T12:00[Europe/Berlin]",
];

fn meridian(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meridian")).args(arguments).output().unwrap()
}

fn solve(arguments: &[&str]) -> Output {
    meridian(&[&["solve"], arguments].concat())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_plan_from_files_is_compared_drawn_saved_and_decided_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("decision.json");
    let path = file.to_str().unwrap();
    let planned = solve(&[&["--network", "sample", "--save", path], &LAMP[..]].concat());
    let shown = text(&planned.stdout);
    assert!(planned.status.success(), "{shown}{}", text(&planned.stderr));
    for part in [
        "transfer",
        "substitute",
        "Too late, or not possible:",
        "pick at wh-boston",
        "█",
        "┊ deadline Tue 1 Dec",
    ] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }

    let again = solve(&["--decision", path]);
    assert!(again.status.success());
    assert!(text(&again.stdout).contains("The same answer as stored, to the last byte."));

    let mut decision: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    decision["answer"]["options"].as_array_mut().unwrap().reverse();
    std::fs::write(&file, decision.to_string()).unwrap();
    let differs = solve(&["--decision", path]);
    assert_eq!(differs.status.code(), Some(1));
    assert!(text(&differs.stdout).contains("Another ranking than stored:"), "{}", text(&differs.stdout));
}

#[test]
fn what_is_asked_wrongly_is_refused_by_option() {
    let refused = |arguments: &[&str]| {
        let output = solve(&[&["--network", "sample"], arguments].concat());
        assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{}", text(&output.stdout));
        text(&output.stderr).to_owned()
    };
    let symptom = refused(&["--repair", "UV200-3141", "--symptom", "lamp-failur"]);
    assert!(symptom.contains("(lamp-failure, no-signal)") && symptom.contains("did you mean lamp-failure?"));
    let item = refused(&["--item", "UV2-D2-LMAP=1", "--deliver-to", "lab-stuttgart"]);
    assert!(item.contains("did you mean UV2-D2-LAMP?"), "{item}");
    let past = [&LAMP[..6], &["--deadline", "2026-11-27T15:40[Europe/Berlin]"]].concat();
    assert!(refused(&past).contains("--deadline 2026-11-27T14:40:00Z: after the moment of planning"));
    refused(&["--repair", "UV200-3141", "--deliver-to", "lab-stuttgart"]);
    refused(&[&LAMP[..], &["--onward-to", "lab-stuttgart"]].concat());
    assert!(refused(&["--repair", "GONE"]).contains("--repair \"GONE\": an instrument of instruments.csv"));
    assert!(refused(&["--item", "A=1"]).contains("--deliver-to"));
    assert!(refused(&["--deliver-to", "lab-stuttgart"]).contains("--item SKU=QUANTITY"));
    let skipped = ["--now", "2027-03-28T02:30[Europe/Berlin]"];
    assert!(refused(&[&LAMP[..4], &skipped].concat()).contains("does not exist in Europe/Berlin"));
    assert!(
        refused(&[&LAMP[..], &["--policy", "nicest"]].concat())
            .contains("one of deadline-then-cost, fastest")
    );
}

#[test]
fn what_is_shown_fits_the_columns_that_there_are_and_says_what_each_option_is() {
    for columns in ["80", "120"] {
        let shown = Command::new(env!("CARGO_BIN_EXE_meridian"))
            .args(["solve", "--network", "sample"])
            .args(LAMP)
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        let shown = text(&shown.stdout);
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns.parse().unwrap(), "{widest} of {columns}:\n{shown}");
        for what in [
            "    1 x UV2-D2-LAMP from wh-boston\n",
            "    1 x UV2-XE-LAMP from wh-frankfurt\n",
            "wait at hub-fra ",
        ] {
            assert!(shown.contains(what), "{what} is missing:\n{shown}");
        }
    }
}

#[test]
fn a_repair_without_a_symptom_is_that_of_any_other_symptom_and_a_deadline_far_off_leaves_room_for_the_plan() {
    let planned = solve(&[
        "--network",
        "sample",
        "--now",
        "2026-11-22T19:40[Europe/Berlin]",
        "--repair",
        "UV200-3141",
        "--deadline",
        "2027-03-05T12:00[Europe/Berlin]",
    ]);
    let shown = text(&planned.stdout);
    let first = shown.lines().nth(1).unwrap();
    assert!(first.contains("engineer visit") && first.contains("Mon 23 Nov 10:00 CET"), "{shown}");
    assert!(first.contains("226.00 EUR"), "{shown}");
    assert!(shown.contains("works 35 times out of 100"), "{shown}");
    assert!(shown.contains("→ deadline Fri 5 Mar 12:00"), "{shown}");
    let works = shown.lines().find(|line| line.contains("eng-de-01 at lab-stuttgart ")).unwrap();
    assert!(works.matches('▓').count() > 20, "{shown}");
}

#[test]
fn engineers_are_let_in_when_access_was_agreed() {
    let repair =
        ["--network", "sample", "--now", "2026-11-27T15:40[Europe/Berlin]", "--repair", "UV200-3141"];
    let first = |more: &[&str]| {
        let planned = meridian(&[&["--json", "solve", "--policy", "safest"], &repair[..], more].concat());
        let answer: serde_json::Value = serde_json::from_slice(&planned.stdout).unwrap();
        let options = answer["options"].as_array().unwrap().iter();
        let visits = options.filter(|option| option["kind"] == "engineer_visit");
        visits.map(|option| option["arrival"].as_str().unwrap().to_owned()).min().unwrap()
    };
    let access = "2026-11-28T06:00[Europe/Berlin]/2026-11-28T22:00[Europe/Berlin]";
    let with_access = first(&["--site-access", access]);
    assert!(with_access.starts_with("2026-11-28") && with_access < first(&[]), "{with_access}");
}

#[test]
fn a_lane_that_is_often_late_is_planned_with_as_such() {
    let folder = tempfile::tempdir().unwrap();
    meridian_network::SAMPLE.iter().for_each(|(name, text)| {
        std::fs::write(folder.path().join(name), text).unwrap();
    });
    let history = folder.path().join("history.txt");
    std::fs::write(&history, deliveries("air-bos-fra")).unwrap();
    let (network, history) = (folder.path().to_str().unwrap(), history.to_str().unwrap());
    let learned = meridian(&["learn", history, "--network", network, "--as-of", "2026-11-27T00:00:00Z"]);
    assert!(learned.status.success(), "{}", text(&learned.stderr));
    assert!(text(&learned.stderr).contains("1 row is left out"), "{}", text(&learned.stderr));
    // A shell empties the file before the command that writes it begins.
    let file = Path::new(network).join("learned.csv");
    std::fs::write(&file, "").unwrap();
    let again = meridian(&["learn", history, "--network", network, "--as-of", "2026-11-27T00:00:00Z"]);
    assert_eq!(again.stdout, learned.stdout, "{}", text(&again.stderr));
    std::fs::remove_file(&file).unwrap();
    let before = in_time(network);
    std::fs::write(Path::new(network).join("learned.csv"), &learned.stdout).unwrap();
    let after = in_time(network);
    assert!(after < before, "{after} against {before}:\n{}", text(&learned.stdout));
}

#[test]
fn one_late_delivery_moves_what_the_network_says_of_a_lane_a_little_and_bad_rows_are_told_by_field() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history.csv");
    let learn = |rows: &str| {
        std::fs::write(&history, rows).unwrap();
        let path = history.to_str().unwrap();
        meridian(&["--json", "learn", path, "--network", "sample", "--as-of", "2026-11-27T00:00:00Z"])
    };
    let learned = learn(
        "lane,due,arrived\nair-bos-fra,2026-11-05T12:00:00Z,2026-11-06T11:00:00Z\n\
                         air-bos-fra,yesterday,\n",
    );
    let lane: serde_json::Value = serde_json::from_slice(&learned.stdout).unwrap();
    assert!((0.06..0.25).contains(&lane["late_risk"].as_f64().unwrap()), "{lane}");
    let told = text(&learned.stderr);
    assert!(told.contains("history.csv:3: due \"yesterday\": an instant such as"), "{told}");
    assert!(told.contains("1 delivery, 1 lane"), "{told}");
    let no_column = learn("lane,arrived\nair-bos-fra,2026-11-06T11:00:00Z\n");
    assert!(text(&no_column.stderr).contains("no column \"due\""), "{}", text(&no_column.stderr));
    let empty = learn("lane,due\n");
    assert!(text(&empty.stderr).contains("no delivery can be learned from"), "{}", text(&empty.stderr));
}

#[test]
fn a_history_without_a_late_delivery_says_nothing_of_how_late_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history.csv");
    let rows = "lane,due,arrived\n\
                air-bos-fra,2026-01-05T12:00:00Z,2026-01-05T11:00:00Z\n\
                air-bos-fra,2026-01-12T12:00:00Z,2026-01-12T11:30:00Z\n\
                air-bos-fra,2026-01-19T12:00:00Z,9999-01-19T11:30:00Z\n";
    std::fs::write(&history, rows).unwrap();
    let history = history.to_str().unwrap();
    let learned =
        meridian(&["--json", "learn", history, "--network", "sample", "--as-of", "2026-11-27T00:00:00Z"]);
    assert!(
        text(&learned.stderr).contains("at most 1095 days before or after due"),
        "{}",
        text(&learned.stderr)
    );
    let lane: serde_json::Value = serde_json::from_slice(&learned.stdout).unwrap();
    assert_eq!(lane["lateness"], serde_json::json!([]));
    assert!(lane["late_risk"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_stored_decision_is_decided_again_as_it_was_and_not_for_another_need() {
    let output = solve(&["--decision", "-", "--item", "UV2-D2-LAMP=1"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("--decision <FILE>' cannot be used with '--item"),
        "{}",
        text(&output.stderr)
    );
}

/// Two deliveries in three are two days late; one row is nonsense.
fn deliveries(lane: &str) -> String {
    let first: Timestamp = "2026-01-05T12:00:00Z".parse().unwrap();
    let mut rows = String::from("lane,due,arrived,weight_kg,freight\nnowhere,2026-01-05T12:00:00Z,,,\n");
    for week in 0..40 {
        let due = first + SignedDuration::from_hours(7 * 24 * week);
        let arrived = due + SignedDuration::from_hours(if week % 3 == 0 { -1 } else { 48 });
        writeln!(rows, "{lane},{due},{arrived},{},{}.50", week + 1, 90 + week * 4).unwrap();
    }
    rows
}

/// How sure the transfer by air is to be in time.
fn in_time(network: &str) -> f64 {
    let planned = meridian(&[&["--json", "solve", "--network", network], &LAMP[..]].concat());
    let answer: serde_json::Value = serde_json::from_slice(&planned.stdout).unwrap();
    let options = answer["options"].as_array().unwrap();
    let transfer = options.iter().find(|option| option["kind"] == "transfer").unwrap();
    transfer["in_time_probability"].as_f64().unwrap()
}
