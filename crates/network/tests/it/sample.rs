//! The sample company.

use std::collections::BTreeSet;
use std::path::Path;

use meridian_network::{Network, SAMPLE, from_files, load_folder};
use meridian_proto::coordinator::v1::{Lane, Site, SiteKind};
use meridian_proto::dispatch::v1::Engineer;
use meridian_types::RegionId;

fn sample() -> Network {
    from_files(SAMPLE.iter().copied()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn sites(network: &Network) -> impl Iterator<Item = &Site> {
    network.regions.values().flat_map(|records| &records.network.sites)
}

#[test]
fn it_is_the_same_embedded_and_as_a_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample");
    assert_eq!(load_folder(&folder).unwrap_or_else(|errors| panic!("{errors}")), sample());
}

#[test]
fn it_is_marked_as_made_up() {
    let network = sample();
    assert_eq!(network.name, "Polaris Instruments");
    assert!(network.fictitious);
    let people = network.regions.values().flat_map(|records| &records.directory.people);
    for person in people {
        assert!(person.emails.iter().all(|email| email.ends_with(".example")), "{}", person.person_id);
    }
}

#[test]
fn it_has_three_regions_and_sites_of_its_own_in_ten_countries() {
    let network = sample();
    let regions: Vec<&str> = network.regions.keys().map(RegionId::as_str).collect();
    assert_eq!(regions, ["africa", "eu", "us"]);
    let own = |site: &&Site| matches!(site.kind(), SiteKind::Office | SiteKind::Warehouse | SiteKind::Depot);
    assert_eq!(sites(&network).filter(own).count(), 16);
    let countries: BTreeSet<&str> = sites(&network).filter(own).map(|site| &*site.country).collect();
    assert_eq!(countries.into_iter().collect::<Vec<_>>().join(" "), "BR DE FI FR KE NG NL SG US ZA");
}

#[test]
fn the_weekends_and_holidays_of_every_country_and_part_with_a_site_of_its_own_are_known() {
    let network = sample();
    let calendars = network.regions.values().flat_map(|records| &records.network.public_calendars);
    let known: BTreeSet<&str> = calendars.map(|calendar| &*calendar.area).collect();
    for site in sites(&network) {
        assert!(known.contains(&*site.country), "{}", site.country);
        // Of the parts, those of Germany have holidays of their own.
        let part = format!("{}-{}", site.country, site.subdivision);
        assert!(site.country != "DE" || known.contains(&*part), "{part}");
    }
}

#[test]
fn every_region_has_a_desk_that_takes_whatever_nobody_else_does() {
    for (region, records) in sample().regions {
        let takes_all = records.directory.parties.iter().any(|party| party.categories == ["*"]);
        assert!(takes_all, "{region}");
    }
}

#[test]
fn every_territory_with_a_site_can_be_entered() {
    let network = sample();
    let territories: BTreeSet<&str> = sites(&network).map(|site| &*site.customs_territory).collect();
    let rules = network.regions.values().flat_map(|records| &records.network.customs_rules);
    let entered: BTreeSet<&str> =
        rules.filter(|rule| rule.from_territory.is_empty()).map(|rule| &*rule.into_territory).collect();
    assert_eq!(territories, entered);
}

#[test]
fn every_customer_can_be_supplied_from_every_warehouse() {
    let network = sample();
    let lanes: Vec<(&str, &str)> = network
        .regions
        .values()
        .flat_map(|records| &records.network.lanes)
        .filter(|lane| !lane.people)
        .map(|lane| (&*lane.from_site_id, &*lane.to_site_id))
        .collect();
    let of_kind = |kind| sites(&network).filter(move |site| site.kind() == kind);
    for warehouse in of_kind(SiteKind::Warehouse) {
        let reached = reached_from(&warehouse.site_id, &lanes);
        for customer in of_kind(SiteKind::Customer) {
            assert!(reached.contains(&*customer.site_id), "{} to {}", warehouse.site_id, customer.site_id);
        }
    }
}

#[test]
fn every_engineer_can_reach_a_customer_at_home_and_come_back() {
    let network = sample();
    let people = |lane: &&Lane| lane.people;
    let lanes: Vec<&Lane> =
        network.regions.values().flat_map(|records| &records.network.lanes).filter(people).collect();
    let out: Vec<(&str, &str)> = lanes.iter().map(|lane| (&*lane.from_site_id, &*lane.to_site_id)).collect();
    for engineer in network.regions.values().flat_map(|records| &records.workforce.engineers) {
        let reached = reached_from(&engineer.home_site_id, &out);
        let at_home = |site: &&Site| site.kind() == SiteKind::Customer && site.country == engineer.country;
        let customer = sites(&network).filter(at_home).find(|site| reached.contains(&*site.site_id));
        let back = customer.map(|site| reached_from(&site.site_id, &out));
        assert!(back.is_some_and(|back| back.contains(&*engineer.home_site_id)), "{}", engineer.engineer_id);
    }
}

#[test]
fn the_only_deuterium_lamp_is_in_boston_and_a_substitute_in_helsinki() {
    let network = sample();
    let stock = |item: &str| {
        let levels = network.regions.values().flat_map(|records| &records.catalogue.opening_stock);
        let there = levels.filter(|level| level.item_id == item && level.quantity > 0);
        there.map(|level| (level.warehouse_site_id.clone(), level.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(stock("UV2-D2-LAMP"), [("wh-boston".to_owned(), 1)]);
    assert_eq!(stock("UV2-D2-LAMP-LL"), [("wh-helsinki".to_owned(), 2)]);
    let items = network.regions.values().flat_map(|records| &records.catalogue.items);
    let lamp = items.into_iter().find(|item| item.item_id == "UV2-D2-LAMP").unwrap();
    let approvals: Vec<(&str, bool)> =
        lamp.substitutes.iter().map(|other| (&*other.item_id, other.approval_required)).collect();
    assert_eq!(approvals, [("UV2-D2-LAMP-LL", false), ("UV2-XE-LAMP", true)]);
}

#[test]
fn on_the_weekend_of_the_repair_only_two_finnish_engineers_will_do() {
    let network = sample();
    let (sunday, vacuum) = ("2026-11-29", ("ms7-vacuum", 3));
    let will_do = |engineer: &&Engineer| {
        let certified = engineer.skills.iter().any(|skill| {
            (&*skill.skill_id, skill.level) >= vacuum
                && skill.skill_id == vacuum.0
                && (skill.valid_until.is_empty() || *skill.valid_until >= *sunday)
        });
        let works = engineer.working_hours.iter().any(|hours| hours.weekday == 7);
        certified && works && engineer.work_countries.iter().any(|country| country == "DE")
    };
    let engineers = network.regions.values().flat_map(|records| &records.workforce.engineers);
    let codes: Vec<&str> = engineers.filter(will_do).map(|engineer| &*engineer.engineer_id).collect();
    assert_eq!(codes, ["eng-fi-01", "eng-fi-02"]);
    let depot = sites(&network).find(|site| site.site_id == "depot-tampere").unwrap();
    let calendars = network.regions.values().flat_map(|records| &records.network.calendars);
    let calendar = calendars.into_iter().find(|calendar| calendar.calendar_id == depot.calendar_id).unwrap();
    assert!(calendar.hours.iter().all(|hours| hours.weekday != 7), "the depot is closed on Sundays");
}

fn reached_from<'a>(origin: &'a str, lanes: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([origin]);
    loop {
        let further: Vec<&str> = lanes
            .iter()
            .filter(|(from, to)| reached.contains(from) && !reached.contains(to))
            .map(|lane| lane.1)
            .collect();
        if further.is_empty() {
            return reached;
        }
        reached.extend(further);
    }
}
