//! Broken files, each with exactly the lines that say so.

use crate::tiny;

/// Replaces one text in one file and returns what is wrong then.
fn errors_after(file: &'static str, old: &str, new: &str) -> String {
    let mut files = tiny::files();
    let text = files[file].clone();
    assert!(text.contains(old), "{file} has no {old:?}");
    files.insert(file, text.replacen(old, new, 1));
    tiny::load(&files).err().map(|errors| errors.to_string()).unwrap_or_default()
}

pub(crate) fn check(table: &[(&'static str, &str, &str, &str)]) {
    for (file, old, new, expected) in table {
        assert_eq!(&errors_after(file, old, new), expected, "{file}: {old:?} -> {new:?}");
    }
}

#[test]
fn settings() {
    check(&[
        ("network.toml", "name = \"Tiny\"", "", "network.toml:1: name: this key is needed"),
        (
            "network.toml",
            "currency = \"EUR\"",
            "currency = \"EURO\"",
            "network.toml:3: currency: \"EURO\": an ISO 4217 currency code in upper case",
        ),
        (
            "network.toml",
            "fictitious = true",
            "fictitious = 1\ncolour = \"red\"",
            "network.toml:2: fictitious: \"1\": true or false\n\
             network.toml:3: colour: no such key; there are name, fictitious, currency, regions, territories, calendars",
        ),
        (
            "network.toml",
            "EU = [\"DE\", \"FR\"]",
            "EU = [\"DE\", \"fr\"]",
            "network.toml:7: territories.EU: \"fr\": two upper-case letters (ISO 3166-1 alpha-2)",
        ),
        (
            "network.toml",
            "closed = [\"de\"]",
            "closed = [\"dk\"]",
            "network.toml:16: calendars.work.closed: \"dk\": sets of holidays.csv or dates, unlike dk",
        ),
        (
            "network.toml",
            "Mon-Fri 08:00-12:00 13:00-17:00",
            "Mon-Fri 08:00-12:00 11:00-17:00",
            "network.toml:15: calendars.work.hours: \"Mon-Fri 08:00-12:00 11:00-17:00\": \
             hours that do not overlap; 08:00-12:00 and 11:00-17:00 do",
        ),
        (
            "network.toml",
            "2026-12-31 = \"closed\"",
            "2026-12-32 = \"08:00-25:00\"",
            "network.toml:20: calendars.work.special.2026-12-32: a date from 2000-01-01 to 2199-12-31, such as 2026-11-30\n\
             network.toml:20: calendars.work.special.2026-12-32: \"08:00-25:00\": times from 00:00 to 23:59, unlike 25:00",
        ),
        (
            "network.toml",
            "[calendars.work]\nregion = \"eu\"",
            "[calendars.work]\nregion = \"asia\"",
            "network.toml:14: calendars.work.region: \"asia\": a region of network.toml",
        ),
        (
            "holidays.csv",
            "2026-12-26,Boxing",
            "2026-12-25,Boxing",
            "holidays.csv:3: date: \"2026-12-25\": given once; it stands in line 2 already",
        ),
    ]);
}

#[test]
fn sites() {
    check(&[
        (
            "sites.csv",
            "EU,Europe/Berlin,50.03,8.57,work,60",
            "ASIA,Europe/Berlyn,95,-180.5,sometimes,-1",
            "sites.csv:5: zone: \"Europe/Berlyn\": an IANA time zone such as Europe/Berlin\n\
             sites.csv:5: territory: \"ASIA\": a territory of network.toml or a country outside all of them\n\
             sites.csv:5: calendar: \"sometimes\": a calendar of network.toml\n\
             sites.csv:5: latitude: \"95\": degrees from -90 to 90, such as 48.7758\n\
             sites.csv:5: longitude: \"-180.5\": degrees from -180 to 180, such as 48.7758\n\
             sites.csv:5: handling_minutes: \"-1\": a whole number from 0 to 10080",
        ),
        (
            "sites.csv",
            ",work,,institute",
            ",work,,",
            "sites.csv:7: customer: \"\": the customer for a site of kind customer; empty for every other",
        ),
        (
            "sites.csv",
            ",work,,institute",
            ",work,,nobody",
            "sites.csv:7: customer: \"nobody\": a customer of customers.csv",
        ),
        (
            "sites.csv",
            "home,Stuttgart,eu,home,DE",
            "home,Stuttgart,asia,flat,Germany",
            "sites.csv:8: region: \"asia\": a region of network.toml\n\
             sites.csv:8: kind: \"flat\": office, warehouse, depot, hub, customer or home\n\
             sites.csv:8: country: \"Germany\": two upper-case letters (ISO 3166-1 alpha-2)",
        ),
        (
            "sites.csv",
            "depot,Depot,eu",
            "wh-boston,Depot,eu",
            "depots.csv:2: site: \"depot\": a site of sites.csv\n\
             sites.csv:6: site: \"wh-boston\": given once; it stands in line 3 already",
        ),
    ]);
}

#[test]
fn lanes() {
    check(&[
        (
            "lanes.csv",
            "drive,home,lab,drive",
            "drive,home,home,walk",
            "lanes.csv:4: mode: \"walk\": air, road, sea, rail, courier, flight, train or drive\n\
             lanes.csv:4: to: \"home\": another site than the one it comes from",
        ),
        (
            "lanes.csv",
            "road,wh-frankfurt,lab",
            "air,wh-frankfort,lab",
            "lanes.csv:3: from: \"wh-frankfort\": a site of sites.csv\n\
             lanes.csv:3: lane: \"air\": given once; it stands in line 2 already",
        ),
        (
            "lanes.csv",
            "06:15+1",
            "06:15",
            "lanes.csv:2: timetable: \"Mon-Fri 15:30/17:00>06:15\": an arrival after the departure, unlike 17:00>06:15+0",
        ),
        (
            "lanes.csv",
            "15:30/17:00",
            "17:30/17:00",
            "lanes.csv:2: timetable: \"Mon-Fri 17:30/17:00>06:15+1\": \
             a cut-off that is not after the departure, unlike 17:30/17:00",
        ),
        (
            "lanes.csv",
            ",150,yes,work",
            ",,yes,work",
            "lanes.csv:3: timetable: \"\": a timetable, or the minutes it takes on demand, and not both",
        ),
        (
            "lanes.csv",
            ",,,,de; 2026-11-26,90.00",
            ",,yes,,dk,90.00 USD",
            "lanes.csv:2: not_on: \"dk\": sets of holidays.csv or dates, unlike dk\n\
             lanes.csv:2: cost: \"90.00 USD\": an amount in EUR, the currency of the network\n\
             lanes.csv:2: both_ways: \"yes\": empty for a lane with a timetable",
        ),
        (
            "lanes.csv",
            "10.00,,1500,0.01,,",
            "10.005,1.00,1.5,1,5,",
            "lanes.csv:4: cost_per_kg: \"1.00\": empty for people, who go by flight, train or drive\n\
             lanes.csv:4: weight_max_kg: \"5\": empty for people, who go by flight, train or drive\n\
             lanes.csv:4: cost: \"10.005\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             lanes.csv:4: co2_g: \"1.5\": a whole number from 0 to 1000000000\n\
             lanes.csv:4: late_risk: \"1\": a probability from 0 to less than 1, such as 0.04",
        ),
    ]);
}

#[test]
fn the_catalogue() {
    check(&[
        (
            "stock.csv",
            "stock,1",
            "stock,-3",
            "stock.csv:2: quantity: \"-3\": a whole number from 0 to 1000000000",
        ),
        (
            "stock.csv",
            "LAMP,wh-boston,stock,1",
            "LAMB,lab,shelf,1000000001",
            "stock.csv:2: item: \"LAMB\": an item of items.csv\n\
             stock.csv:2: warehouse: \"lab\": a site of kind warehouse or depot\n\
             stock.csv:2: pool: \"shelf\": stock or loan\n\
             stock.csv:2: quantity: \"1000000001\": a whole number from 0 to 1000000000",
        ),
        (
            "stock.csv",
            "UV-UNIT,wh-frankfurt",
            "LAMP,wh-frankfurt",
            "stock.csv:3: pool: \"loan\": stock; only an item with a model can be lent",
        ),
        (
            "items.csv",
            "each,0.350,620.00,,no,no,,UV",
            "each one,0.3505,-620,C 1,never,no,,UW",
            "items.csv:2: unit: \"each one\": only letters, digits, '-' and '_'\n\
             items.csv:2: weight_kg: \"0.3505\": kilograms from 0 to 1000000, such as 0.350\n\
             items.csv:2: export_class: \"C 1\": only letters, digits, '-' and '_'\n\
             items.csv:2: dangerous_goods: \"never\": yes or no\n\
             items.csv:2: value: \"-620\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             items.csv:2: fits_models: \"UW\": a model of items.csv",
        ),
        (
            "substitutes.csv",
            "LAMP,LAMP-LL",
            "LAMP,LAMP",
            "substitutes.csv:2: substitute: \"LAMP\": another item than the one it stands in for",
        ),
        (
            "kits.csv",
            "KIT,LAMP,2\n",
            "KIT,LAMP,2\nLAMP,LAMP-LL,1\nLAMP-LL,KIT,1\n",
            "kits.csv:4: item: a kit that does not contain itself: KIT > LAMP > LAMP-LL > KIT",
        ),
        (
            "kits.csv",
            "KIT,LAMP,2\n",
            "KIT,LAMP,0\nKIT,LAMP,1\n",
            "kits.csv:2: quantity: \"0\": a whole number from 1 to 1000000000\n\
             kits.csv:3: item: \"LAMP\": given once; it stands in line 2 already",
        ),
    ]);
}

#[test]
fn what_is_said_of_items_of_other_kinds() {
    check(&[
        (
            "items.csv",
            "UV:B|C",
            "UV:B|; UW:B; UV:",
            "items.csv:3: fits_models: \"UV:B|\": a model, or some of its revisions, such as UV200:B|C\n\
             items.csv:3: fits_models: \"UW:B\": a model of items.csv\n\
             items.csv:3: fits_models: \"UV:\": a model, or some of its revisions, such as UV200:B|C",
        ),
        (
            "items.csv",
            "UV,,,,,,\n",
            "UV,21,depot,7,350.00,45,\n",
            "items.csv:2: loan_days: \"21\": empty for an item without a model\n\
             items.csv:2: exchange_return_to: \"depot\": empty for an item without a model\n\
             items.csv:2: assembly_minutes: \"45\": empty for what is no kit of kits.csv",
        ),
        (
            "items.csv",
            "UV,,21,wh-frankfurt,7,350.00,,",
            "UV,,3651,,366,free,,-1",
            "items.csv:5: loan_days: \"3651\": a whole number from 0 to 3650\n\
             items.csv:5: exchange_return_days: \"366\": a whole number from 0 to 365\n\
             items.csv:5: exchange_cost: \"free\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             items.csv:5: assembly_cost: \"-1\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             items.csv:5: exchange_return_days: \"366\": empty without exchange_return_to\n\
             items.csv:5: exchange_cost: \"free\": empty without exchange_return_to\n\
             items.csv:5: assembly_cost: \"-1\": empty for what is no kit of kits.csv",
        ),
        (
            "items.csv",
            "21,wh-frankfurt,7",
            "21,attic,7",
            "items.csv:5: exchange_return_to: \"attic\": a site of sites.csv",
        ),
    ]);
}

#[test]
fn the_directory() {
    check(&[
        (
            "people.csv",
            "+49 30 23125 002,ada@example.org,de,Europe/Berlin",
            "call me,ada at example.org,es,Berlin",
            "people.csv:2: zone: \"Berlin\": an IANA time zone such as Europe/Berlin\n\
             people.csv:2: phones: \"call me\": a phone number of 5 to 15 digits, such as +49 30 23125 012\n\
             people.csv:2: emails: \"ada at example.org\": an e-mail address such as lab@example.org\n\
             people.csv:2: language: \"es\": en, de, fi or fr",
        ),
        (
            "people.csv",
            "+49 30 23125 001; +49 30 23125 002,ada@example.org",
            ",",
            "people.csv:2: phones: \"\": a phone number or an e-mail address, or nobody can recognise them",
        ),
        (
            "instruments.csv",
            "UV,institute,lab,2027-06-30",
            "UW,nobody,attic,30.06.2027",
            "instruments.csv:2: customer: \"nobody\": a customer of customers.csv\n\
             instruments.csv:2: site: \"attic\": a site of sites.csv\n\
             instruments.csv:2: model: \"UW\": a model of items.csv\n\
             instruments.csv:2: warranty_until: \"30.06.2027\": a date from 2000-01-01 to 2199-12-31, such as 2026-11-30",
        ),
        (
            "parties.csv",
            "refrigeration; *,DE; FR,120",
            ",de,0",
            "parties.csv:2: categories: \"\": at least one category, or * for what nobody else takes\n\
             parties.csv:2: countries: \"de\": two upper-case letters (ISO 3166-1 alpha-2)\n\
             parties.csv:2: accept_within_minutes: \"0\": a whole number from 1 to 43200",
        ),
    ]);
}

#[test]
fn the_workforce() {
    check(&[
        (
            "certificates.csv",
            "e-1,uv-service,3,2025-01-01,2027-12-31",
            "e-2,uv-service,6,2027-01-01,2026-12-31",
            "certificates.csv:2: engineer: \"e-2\": an engineer of engineers.csv\n\
             certificates.csv:2: valid_until: \"2026-12-31\": a day that is not before valid_from\n\
             certificates.csv:2: level: \"6\": a whole number from 1 to 5",
        ),
        (
            "engineers.csv",
            "e-1,home,Mon-Fri",
            "e-1,house,Mo-Fr",
            "engineers.csv:2: home: \"house\": a site of sites.csv\n\
             engineers.csv:2: hours: \"Mo-Fr 08:00-16:30; Sat 08:00-12:00 overtime\": \
             days named Mon Tue Wed Thu Fri Sat Sun or Daily, unlike Mo-Fr",
        ),
        (
            "lanes.csv",
            "0.5 120; 1 1440",
            "0.5 120; 0.4 60; late",
            "lanes.csv:2: lateness: \"late\": a share and minutes, such as 0.5 120\n\
             lanes.csv:2: lateness: \"0.5 120; 0.4 60; late\": shares that rise from one to the next, with minutes that don't fall",
        ),
        (
            "engineers.csv",
            "CH 3; NO 5,660,780,120.00",
            "CH; NO five,660,,free",
            "engineers.csv:2: night_cost: \"free\": an amount of EUR from 0 to 1000000000, such as 12.50\n\
             engineers.csv:2: work_permits: \"CH\": a country and working days, such as CH 3\n\
             engineers.csv:2: work_permits: \"NO five\": a whole number from 0 to 250\n\
             engineers.csv:2: duty_minutes_max: \"\": given together with rest_minutes, or not at all",
        ),
        (
            "repairs.csv",
            "30,0.4",
            "30,1.4",
            "repairs.csv:2: remote_success: \"1.4\": more than 0, at most 1, such as 0.4",
        ),
        (
            "repairs.csv",
            "LAMP x2; KIT",
            "LAMP x0; KITT",
            "repairs.csv:2: parts: \"LAMP x0\": a whole number from 1 to 1000000000\n\
             repairs.csv:2: parts: \"KITT\": an item of items.csv",
        ),
        (
            "depots.csv",
            "depot,UV",
            "lab,",
            "depots.csv:2: site: \"lab\": a site of kind depot\n\
             depots.csv:2: models: \"\": at least one model that is repaired there",
        ),
    ]);
}

#[test]
fn the_shape_of_a_table() {
    check(&[
        (
            "kits.csv",
            "kit,item,quantity",
            "kit,item,number",
            "kits.csv:1: \"number\": no such column; there are kit, item, quantity\n\
             kits.csv:1: quantity: this column is needed",
        ),
        (
            "kits.csv",
            "kit,item,quantity",
            "kit,kit,quantity",
            "kits.csv:1: kit: each column once\nkits.csv:1: item: this column is needed",
        ),
        ("kits.csv", "KIT,LAMP,2", "KIT,LAMP", "kits.csv:2: 3 fields like the first line, not 2"),
        (
            "kits.csv",
            "kit,item,quantity\nKIT,LAMP,2\n",
            "# nothing\n\n",
            "kits.csv: a first line with the names of the columns",
        ),
    ]);
    let long = "X".repeat(5_000);
    let shown = "X".repeat(80);
    assert_eq!(
        errors_after("kits.csv", "KIT,LAMP", &format!("KIT,{long}")),
        format!("kits.csv:2: item: {shown:?}: at most 4096 bytes")
    );
}

#[test]
fn lines_are_counted_through_comments_empty_lines_and_quoted_line_breaks() {
    check(&[(
        "kits.csv",
        "KIT,LAMP,2\n",
        "\n# one, two\n\nKIT,\"LAMP\n\",2\r\n#\r\n\r\nKIT,UV-UNIT,none\n",
        "kits.csv:9: quantity: \"none\": a whole number from 1 to 1000000000",
    )]);
}

#[test]
fn a_table_that_cannot_be_read_causes_no_errors_in_others() {
    assert_eq!(
        errors_after("sites.csv", "zone,latitude", "zone,height"),
        "sites.csv:2: \"height\": no such column; there are site, name, region, kind, country, zone, latitude, \
         longitude, calendar, subdivision, territory, handling_minutes, customer, visit_notice_minutes\n\
         sites.csv:2: latitude: this column is needed"
    );
    assert_eq!(
        errors_after("network.toml", "regions = [", "regions = ")
            .lines()
            .map(|line| line.split(':').next())
            .max(),
        Some(Some("network.toml"))
    );
}

#[test]
fn all_errors_of_all_files_come_at_once() {
    let mut files = tiny::files();
    for (file, old, new) in [
        ("stock.csv", "stock,1", "stock,x"),
        ("stock.csv", "loan,1", "loan,y"),
        ("people.csv", "de,Europe/Berlin", "xx,Europe/Berlin"),
        ("network.toml", "currency = \"EUR\"", "currency = \"\""),
        ("lanes.csv", "0.02,31.5", "2,31.5"),
    ] {
        let text = files[file].replacen(old, new, 1);
        files.insert(file, text);
    }
    let errors = tiny::load(&files).unwrap_err();
    let places: Vec<String> =
        errors.errors.iter().map(|error| format!("{}:{}", error.file, error.line.unwrap())).collect();
    assert_eq!(places, ["lanes.csv:3", "network.toml:3", "people.csv:2", "stock.csv:2", "stock.csv:3"]);
    assert_eq!(errors.to_string().lines().count(), 5);
}
