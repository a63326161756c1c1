//! The sample company.

use std::collections::BTreeSet;
use std::path::Path;

use meridian_network::{Network, SAMPLE, from_files, load_folder};
use meridian_proto::coordinator::v1::{Site, SiteKind};
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
