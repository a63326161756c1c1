//! What parties sell and repair.

use meridian_proto::intake::v1::party_offer::Service;
use meridian_types::RegionId;

use crate::broken::check;
use crate::tiny;

#[test]
fn a_party_has_what_it_offers() {
    let mut files = tiny::files();
    let network = tiny::load(&files).unwrap();
    let parties = &network.regions[&RegionId::parse("eu").unwrap()].directory.parties;
    let offers = &parties[0].offers;
    let prices: Vec<_> = offers.iter().map(|offer| offer.price.as_ref().unwrap().minor).collect();
    assert_eq!(prices, [78_000, 79_000, 95_000]);
    assert_eq!(offers[0].service, Some(Service::ItemId("LAMP".to_owned())));
    assert_eq!(offers[2].service, Some(Service::Model("UV".to_owned())));
    assert_eq!((&offers[0].countries[..], offers[0].late_probability), (&["DE".to_owned()][..], 0.1));
    assert_eq!((offers[1].accept_within_minutes, offers[1].lead_working_days), (240, 4));
    assert!(offers[1].late_probability.abs() < f64::EPSILON, "nobody has said");

    files.remove("offers.csv");
    let network = tiny::load(&files).unwrap();
    let without = &network.regions[&RegionId::parse("eu").unwrap()].directory.parties[0];
    assert!(without.offers.is_empty(), "a folder without the file is one as before");
}

#[test]
fn the_offers_of_parties() {
    check(&[
        (
            "offers.csv",
            "cold,LAMP,,DE,240,3,780.00,0.1",
            "warm,LAMB,,de,7201,251,-1,1",
            "offers.csv:2: party: \"warm\": a party of parties.csv\n\
             offers.csv:2: item: \"LAMB\": an item of items.csv\n\
             offers.csv:2: countries: \"de\": two upper-case letters (ISO 3166-1 alpha-2)\n\
             offers.csv:2: accept_within_minutes: \"7201\": a whole number from 1 to 7200\n\
             offers.csv:2: lead_working_days: \"251\": a whole number from 0 to 250\n\
             offers.csv:2: price: \"-1\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             offers.csv:2: late_risk: \"1\": a probability from 0 to less than 1, such as 0.04",
        ),
        (
            "offers.csv",
            "cold,,UV,,120",
            "cold,,,,120",
            "offers.csv:4: item: \"\": an item to bring, or a model to repair, and not both",
        ),
        ("offers.csv", "cold,,UV,,120", "cold,,UW,,120", "offers.csv:4: model: \"UW\": a model of items.csv"),
        (
            "offers.csv",
            "cold,LAMP,,FR,",
            "cold,LAMP,,FI; DE,",
            "offers.csv:3: countries: \"FI; DE\": countries in which the party does not offer the same already",
        ),
    ]);
}
