//! What deliveries have taught, in place of what the lanes say.

use crate::tiny;

#[test]
fn what_was_learned() {
    let mut files = tiny::files();
    files.insert(
        "learned.csv",
        "lane,late_risk,lateness,tariff\nair,0.2,0.5 60; 1 120,1 12.50; 100 310.00\n".to_owned(),
    );
    let network = tiny::load(&files).unwrap();
    let lanes = network.regions.values().flat_map(|records| &records.network.lanes);
    let air = lanes.clone().find(|lane| lane.lane_id == "air").unwrap();
    assert_eq!((air.risk, air.lateness[1].minutes, air.tariff[1].weight_grams), (0.2, 120, 100_000));

    files.insert("learned.csv", "lane,late_risk,tariff\nair,1.5,2 3; 1 4\nsea,0.1,\nair,0.1,\n".to_owned());
    assert_eq!(
        tiny::load(&files).unwrap_err().to_string(),
        "learned.csv:2: late_risk: \"1.5\": a probability from 0 to less than 1, such as 0.04\n\
         learned.csv:2: tariff: \"2 3; 1 4\": weights above 0 that rise from one to the next, at costs that don't fall\n\
         learned.csv:3: lane: \"sea\": a lane of lanes.csv\n\
         learned.csv:4: lane: \"air\": given once; it stands in line 2 already"
    );
}
