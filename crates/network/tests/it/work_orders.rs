//! What is to be done, and what is wrong with it.

use crate::broken::check;
use crate::tiny;

#[test]
fn a_work_order_says_where_what_and_when_by_the_clocks_of_its_site() {
    let network = tiny::load(&tiny::files()).unwrap();
    let [first, second] = network.work_orders.as_slice() else { panic!("{:?}", network.work_orders) };
    assert_eq!((first.visit_id.as_str(), first.model.as_str(), first.priority), ("A", "UV", 1));
    assert_eq!(first.after_visit_ids, ["B"]);
    let instant = |at: &Option<prost_types::Timestamp>| at.as_ref().map(ToString::to_string).unwrap();
    // The laboratory is in Germany, an hour ahead of UTC in winter.
    assert_eq!(instant(&first.windows[0].start), "2026-12-01T07:00:00Z");
    assert_eq!(instant(&first.due), "2026-12-02T16:00:00Z");
    assert_eq!((second.skill_id.as_str(), second.level, second.work_minutes), ("uv-service", 2, 90));
    assert_eq!(
        (second.engineers, second.excluded_engineer_ids.as_slice()),
        (2, ["e-1".to_owned()].as_slice())
    );
    assert_eq!(instant(&second.release), "2026-12-01T06:00:00Z");
    assert!(first.position.is_some() && first.country == "DE", "{first:?}");
}

#[test]
fn what_is_wrong_with_work_orders_is_told_with_line_field_and_rule() {
    const FILE: &str = "work_orders.csv";
    check(&[
        (FILE, "\nA,lab", "\nA,lob", "work_orders.csv:2: site: \"lob\": a site of the network"),
        (FILE, "lab,UV,", "lab,UX,", "work_orders.csv:2: model: \"UX\": a model of a repair of the network"),
        (FILE, "1,B,", "1,C,", "work_orders.csv:2: after: \"C\": an order of this file"),
        (FILE, ",,e-1", ",,e-2", "work_orders.csv:3: excluded: \"e-2\": an engineer of the network"),
        (
            FILE,
            "\nB,",
            "\nA,",
            "work_orders.csv:2: after: \"B\": an order of this file\n\
                                work_orders.csv:3: order: \"A\": given once; it stands in line 2 already",
        ),
        (
            FILE,
            "uv-service,2,90",
            ",,90",
            "work_orders.csv:3: skill: \"\": a skill and its level, or a model whose repair says what it takes",
        ),
        (
            FILE,
            "2,90,2",
            "2,,2",
            "work_orders.csv:3: work_minutes: \"\": minutes of work, unless the repair of a model says how long it takes",
        ),
        (FILE, "90,2,", "90,3,", "work_orders.csv:3: engineers: \"3\": a whole number from 1 to 2"),
        (
            FILE,
            "T08:00/",
            "T13:00/",
            "work_orders.csv:2: windows: \"2026-12-01T13:00/2026-12-01T12:00\": must end after it starts",
        ),
        (
            FILE,
            "2026-12-02T17:00",
            "tomorrow",
            "work_orders.csv:2: due: \"tomorrow\": a wall time of the site such as 2026-12-01T08:00, or an instant such as 2026-12-01T06:00Z",
        ),
        (FILE, ",1,B", ",9,B", "work_orders.csv:2: priority: \"9\": a whole number from 1 to 5"),
    ]);
}
