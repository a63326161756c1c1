//! What a good network becomes.

use meridian_proto::coordinator::v1::{GateEffect, LaneMode, SiteKind};
use meridian_proto::inventory::v1::Pool;
use meridian_types::RegionId;

use crate::tiny;

#[test]
fn records_go_to_the_region_that_owns_them() {
    let network = tiny::load(&tiny::files()).unwrap();
    assert_eq!((network.name.as_str(), network.fictitious, network.currency.as_str()), ("Tiny", true, "EUR"));
    let region = |id| &network.regions[&RegionId::parse(id).unwrap()];
    let (eu, us) = (region("eu"), region("us"));
    assert_eq!(network.regions.len(), 2);
    assert_eq!((eu.network.sites.len(), us.network.sites.len()), (4, 1));
    assert_eq!(us.network.lanes.len(), 1, "a lane belongs to the region of its origin");
    assert_eq!(us.catalogue.opening_stock.len(), 1, "stock belongs to the region of its warehouse");
    assert_eq!(us.catalogue.items.len(), 0);
    assert_eq!(eu.catalogue.warehouses.len(), 2, "a depot can hold stock too");
    assert_eq!(us.network.customs_rules.len(), 1);
    assert_eq!(eu.directory.people[0].phones.len(), 2);
    assert_eq!(eu.workforce.engineers[0].region, "eu");
    assert_eq!(eu.network.sites[3].kind(), SiteKind::Home);
    assert_eq!(eu.catalogue.opening_stock[0].pool(), Pool::Loan);
}

#[test]
fn what_can_be_derived_need_not_be_written() {
    let network = tiny::load(&tiny::files()).unwrap();
    let eu = &network.regions[&RegionId::parse("eu").unwrap()];
    let us = &network.regions[&RegionId::parse("us").unwrap()];
    assert_eq!(eu.network.sites[2].customs_territory, "EU", "by its country");
    assert_eq!(us.network.sites[0].customs_territory, "US", "a country outside all territories is its own");
    let engineer = &eu.workforce.engineers[0];
    assert_eq!((engineer.zone.as_str(), engineer.country.as_str()), ("Europe/Berlin", "DE"), "by the home");
    assert_eq!(engineer.days_off, ["2026-12-25", "2026-12-26", "2026-12-31"]);
    assert!(engineer.working_hours[5].overtime);
    let warranty = eu.directory.instruments[0].warranty_until.unwrap();
    assert_eq!(warranty.seconds, "2027-07-01T00:00+02:00".parse::<jiff::Timestamp>().unwrap().as_second());
}

#[test]
fn a_lane_both_ways_becomes_two() {
    let network = tiny::load(&tiny::files()).unwrap();
    let lanes = &network.regions[&RegionId::parse("eu").unwrap()].network.lanes;
    let ways: Vec<_> =
        lanes.iter().map(|lane| (&*lane.lane_id, &*lane.from_site_id, lane.people, lane.mode())).collect();
    assert_eq!(
        ways,
        [
            ("road-back", "lab", false, LaneMode::Road),
            ("road", "wh-frankfurt", false, LaneMode::Road),
            ("drive", "home", true, LaneMode::Drive),
        ]
    );
    assert_eq!(lanes[1].weight_max_grams, 31_500);
    assert_eq!(lanes[1].fixed_cost.as_ref().map(|cost| cost.minor), Some(6_000));
    assert_eq!(lanes[1].cost_per_kg.as_ref().map(|cost| cost.minor), Some(0), "nothing, rather than unknown");
}

#[test]
fn a_calendar_has_its_holidays_and_special_hours_as_exceptions() {
    let network = tiny::load(&tiny::files()).unwrap();
    let eu = &network.regions[&RegionId::parse("eu").unwrap()];
    let calendar = eu.network.calendars.iter().find(|calendar| calendar.calendar_id == "work").unwrap();
    assert_eq!(calendar.hours.len(), 10);
    let exceptions: Vec<_> = calendar
        .exceptions
        .iter()
        .map(|exception| (&*exception.date, exception.hours.len(), &*exception.name))
        .collect();
    assert_eq!(
        exceptions,
        [
            ("2026-12-24", 1, ""),
            ("2026-12-25", 0, "Christmas Day"),
            ("2026-12-26", 0, "Boxing Day"),
            ("2026-12-31", 0, ""),
        ]
    );
    assert_eq!(eu.network.gates[0].effect(), GateEffect::Licence);
    assert_eq!(eu.network.gates[0].end_use, "medical");
}

#[test]
fn a_public_calendar_has_its_weekend_and_the_dates_of_its_sets() {
    let network = tiny::load(&tiny::files()).unwrap();
    let calendars = &network.regions[&RegionId::parse("eu").unwrap()].network.public_calendars;
    let shown: Vec<_> = calendars
        .iter()
        .map(|calendar| {
            let dates = calendar.holidays.iter().map(|holiday| (&*holiday.date, &*holiday.name));
            (&*calendar.area, calendar.weekend.as_slice(), dates.collect::<Vec<_>>())
        })
        .collect();
    let christmas = [("2026-12-25", "Christmas Day"), ("2026-12-26", "Boxing Day")];
    let epiphany = [christmas[0], christmas[1], ("2027-01-06", "")];
    assert_eq!(shown, [("DE", &[][..], christmas.to_vec()), ("DE-BY", &[6, 7], epiphany.to_vec())]);
}

#[test]
fn an_item_says_what_it_fits_and_how_it_is_lent_exchanged_or_put_together() {
    let network = tiny::load(&tiny::files()).unwrap();
    let items = &network.regions[&RegionId::parse("eu").unwrap()].catalogue.items;
    let item = |id: &str| items.iter().find(|item| item.item_id == id).unwrap();
    let fits = |id: &str| -> Vec<(String, Vec<String>)> {
        item(id).fits.iter().map(|fit| (fit.model.clone(), fit.revisions.clone())).collect()
    };
    assert_eq!(fits("LAMP"), [("UV".to_owned(), vec![])]);
    assert_eq!(fits("LAMP-LL"), [("UV".to_owned(), vec!["B".to_owned(), "C".to_owned()])]);
    let (kit, unit) = (item("KIT"), item("UV-UNIT"));
    assert_eq!((kit.assembly_minutes, kit.assembly_cost.as_ref().unwrap().minor), (45, 2_500));
    assert_eq!((unit.loan_days, unit.exchange_return_days), (21, 7));
    assert_eq!(unit.exchange_return_site_id, "wh-frankfurt");
    assert_eq!(unit.exchange_cost.as_ref().unwrap().minor, 35_000);
    assert_eq!((kit.exchange_cost.as_ref(), unit.assembly_cost.as_ref()), (None, None), "nobody has said");
}

#[test]
fn columns_may_stand_in_any_order_and_optional_ones_may_be_left_out() {
    let mut files = tiny::files();
    files.insert("stock.csv", "quantity,item,warehouse\r\n1,LAMP,wh-boston\r\n".to_owned());
    files.insert("depots.csv", "\u{feff}models,site\nUV,depot\n".to_owned());
    files.remove("substitutes.csv");
    files.remove("parties.csv");
    files.remove("offers.csv");
    tiny::load(&files).unwrap();
}
