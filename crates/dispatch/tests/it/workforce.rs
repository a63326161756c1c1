//! Putting engineers, repair profiles and depots.

use meridian_proto::dispatch::v1 as pb;
use meridian_proto::types::v1::Money;
use meridian_types::ProblemKind;

use crate::harness::{Region, fields, request_id};
use crate::sample::{depot, engineer, hours, profile, skill, workforce};

#[tokio::test]
async fn what_is_new_or_different_is_told_once() {
    let region = Region::alone("workforce").await;
    assert_eq!(
        region.emitted_since(0).await,
        ["EngineerDefined", "EngineerDefined", "RepairProfileDefined", "DepotDefined"]
    );
    assert_eq!(region.put(workforce("eu")).await.unwrap(), 4);
    assert_eq!(region.emitted().await.len(), 4, "nothing was different");
    let mut promoted = engineer("BO", "eu");
    promoted.skills = vec![skill("OPTICS", 5, "2030-01-01")];
    region.put(pb::PutWorkforceRequest { engineers: vec![promoted], ..workforce("eu") }).await.unwrap();
    let emitted = region.emitted().await;
    let (name, body) = &emitted[4];
    assert_eq!((emitted.len(), &**name), (5, "EngineerDefined"));
    assert_eq!((&body["version"], &body["engineer"]["skills"][0]["level"]), (&"2".into(), &5.into()));
}

fn broken_engineer() -> pb::Engineer {
    pb::Engineer {
        engineer_id: "A.B".to_owned(),
        region: "us".to_owned(),
        home_site_id: String::new(),
        zone: "Europe/Nowhere".to_owned(),
        country: "fi".to_owned(),
        skills: vec![
            pb::Skill { valid_from: "2026-13-01".to_owned(), ..skill("OPTICS", 6, "2026-02-30") },
            pb::Skill { valid_from: "2026-11-02".to_owned(), ..skill("", 0, "2026-11-01") },
        ],
        working_hours: vec![
            hours(8, "25:00", "08:60", false),
            hours(0, "8:00", "", false),
            hours(1, "09:00", "09:00", false),
            hours(2, "24:00", "06:00", false),
        ],
        days_off: vec!["2026-12-25T00:00".to_owned(), "20261225".to_owned()],
        work_countries: vec!["Germany".to_owned()],
        hourly_cost: Some(Money { currency_code: "EURO".to_owned(), minor: 1 }),
        overtime_cost: Some(Money { currency_code: "EUR".to_owned(), minor: -1 }),
        rest_minutes: 660,
        duty_minutes_max: 5_000,
        night_cost: Some(Money { currency_code: "EUR".to_owned(), minor: -2 }),
        work_permits: vec![pb::WorkPermit { country: "Norway".to_owned(), lead_working_days: -1 }],
        efficiency_percent: 9,
        home_position: Some(pb::Position { latitude: 0.0, longitude: 181.0 }),
    }
}

fn broken_workforce() -> pb::PutWorkforceRequest {
    pb::PutWorkforceRequest {
        request_id: "a b".to_owned(),
        engineers: vec![engineer("BO", "eu"), broken_engineer()],
        repair_profiles: vec![pb::RepairProfile {
            model: String::new(),
            symptom: "no signal".to_owned(),
            skill_id: "*".to_owned(),
            level: -1,
            work_minutes: 0,
            parts: vec![pb::RepairPart { item_id: ">".to_owned(), quantity: 0 }],
            region: String::new(),
            remote_minutes: -1,
            remote_success_probability: f64::NAN,
        }],
        depots: vec![pb::Depot {
            site_id: "ä".to_owned(),
            region: "eu".to_owned(),
            models: vec![String::new()],
        }],
    }
}

#[tokio::test]
async fn every_violated_field_is_named_at_once() {
    let region = Region::alone("violations").await;
    let refusal = region.put(broken_workforce()).await.unwrap_err();
    assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Invalid, "INVALID_REQUEST"));
    assert_eq!(
        fields(&refusal),
        [
            "request_id",
            "engineers[1].engineer_id",
            "engineers[1].region",
            "engineers[1].home_site_id",
            "engineers[1].country",
            "engineers[1].skills[0].level",
            "engineers[1].skills[0].valid_from",
            "engineers[1].skills[0].valid_until",
            "engineers[1].skills[1].skill_id",
            "engineers[1].skills[1].level",
            "engineers[1].skills[1].valid_until",
            "engineers[1].work_countries[0]",
            "engineers[1].hourly_cost.currency_code",
            "engineers[1].overtime_cost.minor",
            "engineers[1].night_cost.minor",
            "engineers[1].work_permits[0].country",
            "engineers[1].work_permits[0].lead_working_days",
            "engineers[1].duty_minutes_max",
            "engineers[1].zone",
            "engineers[1].working_hours[0].weekday",
            "engineers[1].working_hours[0].from",
            "engineers[1].working_hours[0].until",
            "engineers[1].working_hours[1].weekday",
            "engineers[1].working_hours[1].from",
            "engineers[1].working_hours[1].until",
            "engineers[1].working_hours[2].until",
            "engineers[1].working_hours[3].from",
            "engineers[1].days_off[0]",
            "engineers[1].days_off[1]",
            "engineers[1].home_position",
            "engineers[1].efficiency_percent",
            "repair_profiles[0].model",
            "repair_profiles[0].symptom",
            "repair_profiles[0].skill_id",
            "repair_profiles[0].level",
            "repair_profiles[0].work_minutes",
            "repair_profiles[0].parts[0].item_id",
            "repair_profiles[0].parts[0].quantity",
            "repair_profiles[0].remote_minutes",
            "repair_profiles[0].remote_success_probability",
            "repair_profiles[0].region",
            "depots[0].site_id",
            "depots[0].models[0]",
        ]
    );
    assert_eq!(region.emitted().await.len(), 4, "nothing was stored");
}

#[tokio::test]
async fn a_record_that_stands_twice_and_costs_of_two_currencies_are_refused() {
    let region = Region::alone("twice").await;
    let dollars = Some(Money { currency_code: "USD".to_owned(), minor: 1 });
    let request = pb::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![
            engineer("BO", "eu"),
            engineer("BO", "eu"),
            pb::Engineer { overtime_cost: dollars, ..engineer("CY", "eu") },
        ],
        repair_profiles: vec![profile("eu", "", 3), profile("eu", "drift", 3), profile("eu", "", 4)],
        depots: vec![depot("FI-TMP", "eu"), depot("FI-TMP", "eu")],
    };
    let refusal = region.put(request).await.unwrap_err();
    assert_eq!(
        fields(&refusal),
        ["engineers[2].overtime_cost.currency_code", "engineers[1]", "repair_profiles[2]", "depots[1]"]
    );
}
