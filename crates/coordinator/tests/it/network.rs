//! Records of the network.

use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{self as pb, SiteKind};
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_proto::types::v1::Money;
use meridian_types::{Problem, ProblemKind};

use crate::company::CUSTOMER;
use crate::harness::{Region, World, answered, until};
use crate::requests::{item, items_need, lane, request_id, site};

impl Region {
    async fn put_network(&self, request: pb::PutNetworkRequest) -> Result<i32, Problem> {
        let request = pb::PutNetworkRequest { request_id: request_id(), ..request };
        answered(self.coordinator().put_network(request)).await.map(|answer| answer.stored)
    }

    async fn network_version(&self) -> i64 {
        let version =
            sqlx::query_scalar("SELECT version FROM network_version").fetch_one(self.journal.pool());
        version.await.unwrap()
    }
}

/// A rule about no class and no use that anybody could declare.
fn endless() -> pb::Gate {
    pb::Gate {
        gate_id: "G".to_owned(),
        licence_working_days: 400,
        end_use: "for patients".to_owned(),
        ..pb::Gate::default()
    }
}

/// A lane to where it comes from, late for certain, whose lateness and tariff fall.
fn curved() -> pb::Lane {
    pb::Lane {
        on_demand_minutes: 0,
        risk: 1.0,
        lateness: [(0.5, 60), (0.5, 30)]
            .map(|(share, minutes)| pb::LatenessQuantile { share, minutes })
            .to_vec(),
        tariff: [(1000, 900), (1000, 800)]
            .map(|(weight_grams, minor)| {
                let cost = Some(Money { currency_code: "EUR".to_owned(), minor });
                pb::TariffPoint { weight_grams, cost }
            })
            .to_vec(),
        ..lane("A", "A", 60, -1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_rule_of_every_record_is_named_and_nothing_is_stored() {
    let world = World::start("rules").await;
    let hours =
        |from: &str, until: &str| pb::OpenHours { weekday: 1, from: from.into(), until: until.into() };
    let request = pb::PutNetworkRequest {
        sites: vec![pb::Site {
            latitude: 91.0,
            visit_notice_minutes: -1,
            customs_territory: "E.U".to_owned(),
            ..site("", SiteKind::Unspecified, "de", "Europe/Nowhere")
        }],
        calendars: vec![pb::Calendar {
            calendar_id: "DAY".to_owned(),
            hours: vec![hours("08:00", "17:00"), hours("16:00", "18:00"), hours("9:00", "08:00")],
            exceptions: vec![pb::CalendarException { date: "2026-02-30".to_owned(), ..Default::default() }],
            ..pb::Calendar::default()
        }],
        lanes: vec![
            curved(),
            pb::Lane {
                departures: vec![pb::Departure {
                    weekdays: vec![8],
                    cut_off: "x".to_owned(),
                    ..Default::default()
                }],
                fixed_cost: Some(Money { currency_code: "eur".to_owned(), minor: 1 }),
                region: "us".to_owned(),
                ..lane("A", "B", 0, 1)
            },
        ],
        customs_rules: vec![pb::CustomsRule { customs_rule_id: "C".to_owned(), ..Default::default() }],
        gates: vec![endless()],
        ..pb::PutNetworkRequest::default()
    };
    let refused = world.eu.put_network(request).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Invalid);
    let fields: Vec<_> = refused.violations.iter().map(|violation| violation.field.as_str()).collect();
    let expected = [
        "sites[0].site_id",
        "sites[0].kind",
        "sites[0].country",
        "sites[0].customs_territory",
        "sites[0].zone",
        "sites[0].latitude",
        "sites[0].visit_notice_minutes",
        "calendars[0].hours[1]",
        "calendars[0].hours[2].from",
        "calendars[0].exceptions[0].date",
        "lanes[0].to_site_id",
        "lanes[0].on_demand_minutes",
        "lanes[0].fixed_cost.minor",
        "lanes[0].risk",
        "lanes[0].lateness[1].share",
        "lanes[0].lateness[1].minutes",
        "lanes[0].tariff[1].weight_grams",
        "lanes[0].tariff[1].cost.minor",
        "lanes[1].region",
        "lanes[1].departures[0].weekdays",
        "lanes[1].departures[0].cut_off",
        "lanes[1].departures[0].departs",
        "lanes[1].departures[0].arrives",
        "lanes[1].fixed_cost.currency_code",
        "customs_rules[0].into_territory",
        "customs_rules[0].into_territory",
        "gates[0].export_class",
        "gates[0].effect",
        "gates[0].end_use",
        "gates[0].licence_working_days",
    ];
    assert_eq!(fields, expected, "{refused:#?}");
    assert_eq!(world.eu.network_version().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_rule_of_a_public_calendar_is_named() {
    let world = World::start("holidays").await;
    let holiday = |date: &str| pb::PublicHoliday { date: date.to_owned(), ..pb::PublicHoliday::default() };
    let area = |area: &str| pb::PublicCalendar { area: area.to_owned(), ..pb::PublicCalendar::default() };
    let broken = pb::PublicCalendar {
        weekend: vec![6, 8, 6],
        holidays: ["2026-12-25", "2026-12-32", "2026-12-25"].map(holiday).to_vec(),
        ..area("Bavaria")
    };
    let request = pb::PutNetworkRequest {
        sites: vec![pb::Site {
            subdivision: "DE-BY".to_owned(),
            ..site("DE-MUC", SiteKind::Office, "DE", "Europe/Berlin")
        }],
        public_calendars: vec![
            broken,
            pb::PublicCalendar { weekend: (1..=7).collect(), ..area("DE") },
            area("DE"),
        ],
        ..pb::PutNetworkRequest::default()
    };
    let refused = world.eu.put_network(request).await.unwrap_err();
    let fields: Vec<_> = refused.violations.iter().map(|violation| violation.field.as_str()).collect();
    let expected = [
        "sites[0].subdivision",
        "public_calendars[0].area",
        "public_calendars[0].weekend[1]",
        "public_calendars[0].weekend[2]",
        "public_calendars[0].holidays[1].date",
        "public_calendars[0].holidays[2].date",
        "public_calendars[1].weekend",
        "public_calendars[2].area",
    ];
    assert_eq!(fields, expected, "{refused:#?}");
}

/// The laser, and a licence of so many working days for it from the United States to the EU.
impl World {
    async fn laser_with_licence(&self, licence_working_days: i32) {
        let laser = inventory::Item { export_class: "6A005".to_owned(), ..item("LASER") };
        let catalogue = inventory::PutCatalogueRequest {
            request_id: request_id(),
            items: vec![laser],
            ..inventory::PutCatalogueRequest::default()
        };
        answered(self.us.inventory().put_catalogue(catalogue)).await.unwrap();
        self.us.stock("US-CHI", "LASER", 1).await;
        self.eu.knows_stock("US-CHI", "LASER", 1).await;
        let gate = pb::Gate {
            gate_id: "US-EU".to_owned(),
            export_class: "6A005".to_owned(),
            from_territory: "US".to_owned(),
            into_territory: "EU".to_owned(),
            effect: pb::GateEffect::Licence.into(),
            licence_working_days,
            ..pb::Gate::default()
        };
        let daily = (1..=7).map(|weekday| pb::OpenHours {
            weekday,
            from: "00:00".to_owned(),
            until: "24:00".to_owned(),
        });
        let never_closed = pb::Calendar {
            calendar_id: "US-DAILY".to_owned(),
            hours: daily.collect(),
            ..pb::Calendar::default()
        };
        let chicago = pb::Site {
            calendar_id: "US-DAILY".to_owned(),
            subdivision: "IL".to_owned(),
            ..site("US-CHI", SiteKind::Warehouse, "US", "America/Chicago")
        };
        let request = pb::PutNetworkRequest {
            sites: vec![chicago],
            calendars: vec![never_closed],
            gates: vec![gate],
            ..pb::PutNetworkRequest::default()
        };
        self.us.put_network(request).await.unwrap();
    }

    /// Waits until the region eu knows that a laser asked for now leaves Chicago at this wall time there.
    async fn laser_leaves(&self, wall: &str) {
        let leaves: jiff::Zoned = format!("{wall}[America/Chicago]").parse().unwrap();
        // A day on its way, four hours at the customs office.
        let arrival =
            meridian_chassis::encode::timestamp(leaves.timestamp() + SignedDuration::from_hours(28));
        until(wall, async || {
            let need = items_need("LASER", 1, CUSTOMER);
            let request = pb::FindSolutionsRequest { need: Some(need), ..Default::default() };
            let found = answered(self.eu.coordinator().find_solutions(request)).await.ok()?;
            (found.solutions.first()?.arrival == Some(arrival)).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_licence_takes_working_days_of_where_the_goods_leave_whatever_the_hours_of_the_warehouse() {
    let world = World::with_network("working-days").await;
    world.laser_with_licence(5).await;
    // It is asked for on Monday 23 November. Four days, the usual weekend, and a Monday.
    world.laser_leaves("2026-12-01T00:00").await;
    let area = |area: &str, weekend: &[i32], holiday: &str| pb::PublicCalendar {
        area: area.to_owned(),
        weekend: weekend.to_vec(),
        holidays: vec![pb::PublicHoliday { date: holiday.to_owned(), name: "a holiday".to_owned() }],
        ..pb::PublicCalendar::default()
    };
    let put = async |public_calendars| {
        let request = pb::PutNetworkRequest { public_calendars, ..pb::PutNetworkRequest::default() };
        world.us.put_network(request).await.unwrap();
    };
    put(vec![area("US", &[], "2026-11-26"), area("US-NY", &[6, 7], "2026-11-25")]).await;
    world.laser_leaves("2026-12-02T00:00").await;
    // The record of the part counts alone: Saturdays are working days there, and so is Thanksgiving Day.
    put(vec![area("US-IL", &[7], "2026-12-25")]).await;
    world.laser_leaves("2026-11-29T00:00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declared_use_opens_a_lane_that_an_undeclared_one_does_not() {
    let world = World::with_network("end-use").await;
    world.laser_with_licence(0).await;
    world.laser_leaves("2026-11-23T02:00").await;
    let need = items_need("LASER", 1, CUSTOMER);
    let undeclared = world.eu.open_case(need.clone()).await;
    let medical = world.eu.open_case(intake::Need { end_use: "medical".to_owned(), ..need.clone() }).await;
    let military = world.eu.open_case(intake::Need { end_use: "military".to_owned(), ..need }).await;
    let found = async |case_id: &str| {
        let found = world.eu.find(case_id).await.unwrap();
        found.solutions.first().map(|it| it.kind()).ok_or(found.refused)
    };
    assert!(found(&undeclared).await.is_ok(), "no rule asks for what it is used");
    let gate = pb::Gate {
        gate_id: "US-MIL".to_owned(),
        export_class: "6A005".to_owned(),
        effect: pb::GateEffect::Closed.into(),
        end_use: "military".to_owned(),
        ..pb::Gate::default()
    };
    let request = pb::PutNetworkRequest { gates: vec![gate], ..pb::PutNetworkRequest::default() };
    world.us.put_network(request).await.unwrap();
    let refused = until("the rule for a use", async || found(&undeclared).await.err()).await;
    assert_eq!(refused[0].reason, "END_USE_UNDECLARED");
    assert!(refused[0].witness.contains("end use is not declared"), "{refused:#?}");
    assert_eq!(found(&medical).await, Ok(pb::SolutionKind::Transfer));
    assert_eq!(found(&military).await.unwrap_err()[0].reason, "EXPORT_CLOSED");
    world.eu.state_fact(&undeclared, "end_use", "medical").await;
    assert_eq!(found(&undeclared).await, Ok(pb::SolutionKind::Transfer));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_is_changed_by_its_owner_alone_and_all_prices_are_of_one_currency() {
    let world = World::with_network("owners").await;
    let theirs = pb::PutNetworkRequest {
        sites: vec![site("US-CHI", SiteKind::Warehouse, "US", "America/Chicago")],
        ..pb::PutNetworkRequest::default()
    };
    let refused = world.eu.put_network(theirs).await.unwrap_err();
    assert_eq!(
        (refused.kind, &*refused.reason),
        (ProblemKind::FailedPrecondition, "OWNED_BY_ANOTHER_REGION")
    );
    let dollars = pb::Lane {
        fixed_cost: Some(Money { currency_code: "USD".to_owned(), minor: 1 }),
        ..lane("DE-FRA", "FI-HEL", 60, 1)
    };
    let mixed = pb::PutNetworkRequest { lanes: vec![dollars], ..pb::PutNetworkRequest::default() };
    let refused = world.eu.put_network(mixed).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::Invalid, "MIXED_CURRENCIES"));
    assert_eq!(refused.violations[0].field, "lanes[0].fixed_cost.currency_code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_that_becomes_faster_is_planned_with_at_once_in_every_region() {
    let world = World::with_network("faster").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let slow = world.eu.find(&case_id).await.unwrap().solutions[0].arrival;
    let faster = pb::PutNetworkRequest {
        lanes: vec![lane("US-CHI", CUSTOMER, 600, 30_000)],
        ..pb::PutNetworkRequest::default()
    };
    world.us.put_network(faster).await.unwrap();
    until("the faster lane", async || {
        let arrival = world.eu.find(&case_id).await.unwrap().solutions[0].arrival;
        (arrival.unwrap().seconds < slow.unwrap().seconds).then_some(())
    })
    .await;
}
