//! A small network without an error, for tests that break one thing.

use std::collections::BTreeMap;

use meridian_network::{LoadErrors, Network, from_files};

/// Files by name.
pub(crate) type Files = BTreeMap<&'static str, String>;

/// The whole network.
const WORK_ORDERS: &str = "\
order,site,model,symptom,skill,level,work_minutes,engineers,windows,release,due,priority,after,excluded
A,lab,UV,no-signal,,,,,2026-12-01T08:00/2026-12-01T12:00,,2026-12-02T17:00,1,B,
B,lab,,,uv-service,2,90,2,,2026-12-01T06:00Z,,,,e-1
";

pub(crate) fn files() -> Files {
    let files = [
        ("network.toml", NETWORK),
        ("holidays.csv", "set,date,name\nde,2026-12-25,Christmas Day\nde,2026-12-26,Boxing Day\n"),
        (
            "public_calendars.csv",
            "area,region,weekend,holidays\nDE,eu,,de\nDE-BY,eu,Sat-Sun,de; 2027-01-06\n",
        ),
        ("sites.csv", SITES),
        ("lanes.csv", LANES),
        (
            "customs.csv",
            "rule,region,from,into,clearance_minutes,calendar,documents\nto-us,us,EU,US,120,always,Invoice; Packing list\n",
        ),
        (
            "gates.csv",
            "gate,region,export_class,from,into,end_use,effect,licence_working_days\neu-c1,eu,C1,EU,,medical,licence,10\n",
        ),
        ("items.csv", ITEMS),
        ("substitutes.csv", "item,substitute,approval_required\nLAMP,LAMP-LL,no\n"),
        ("kits.csv", "kit,item,quantity\nKIT,LAMP,2\n"),
        ("stock.csv", "item,warehouse,pool,quantity\nLAMP,wh-boston,stock,1\nUV-UNIT,wh-frankfurt,loan,1\n"),
        ("customers.csv", "customer,name,region,country\ninstitute,Institute,eu,DE\n"),
        (
            "people.csv",
            "person,customer,name,phones,emails,language,zone,external_ids\np-1,institute,Ada Beispiel,+49 30 23125 001; +49 30 23125 002,ada@example.org,de,Europe/Berlin,CRM 17\n",
        ),
        (
            "instruments.csv",
            "serial,model,customer,site,warranty_until,revision\nUV-001,UV,institute,lab,2027-06-30,B\n",
        ),
        (
            "parties.csv",
            "party,region,name,categories,countries,accept_within_minutes\ncold,eu,Cold Company,refrigeration; *,DE; FR,120\n",
        ),
        (
            "offers.csv",
            "party,item,model,countries,accept_within_minutes,lead_working_days,price,late_risk\ncold,LAMP,,DE,240,3,780.00,0.1\ncold,LAMP,,FR,240,4,790.00,\ncold,,UV,,120,0,950.00,0.2\n",
        ),
        (
            "engineers.csv",
            "engineer,home,hours,days_off,work_countries,hourly_cost,overtime_cost,work_permits,rest_minutes,duty_minutes_max,night_cost\ne-1,home,Mon-Fri 08:00-16:30; Sat 08:00-12:00 overtime,de; 2026-12-31,DE; FR,70.00,110.00,CH 3; NO 5,660,780,120.00\n",
        ),
        (
            "certificates.csv",
            "engineer,skill,level,valid_from,valid_until\ne-1,uv-service,3,2025-01-01,2027-12-31\n",
        ),
        (
            "repairs.csv",
            "model,region,symptom,skill,level,work_minutes,parts,remote_minutes,remote_success\nUV,eu,no-signal,uv-service,2,90,LAMP x2; KIT,30,0.4\n",
        ),
        ("depots.csv", "site,models\ndepot,UV\n"),
        ("work_orders.csv", WORK_ORDERS),
    ];
    files.into_iter().map(|(name, text)| (name, text.to_owned())).collect()
}

/// Loads files.
pub(crate) fn load(files: &Files) -> Result<Network, LoadErrors> {
    from_files(files.iter().map(|(name, text)| (*name, text.as_str())))
}

const NETWORK: &str = r#"name = "Tiny"
fictitious = true
currency = "EUR"
regions = ["eu", "us"]

[territories]
EU = ["DE", "FR"]

[calendars.always]
region = "eu"
hours = "Daily 00:00-24:00"

[calendars.work]
region = "eu"
hours = "Mon-Fri 08:00-12:00 13:00-17:00"
closed = ["de"]

[calendars.work.special]
2026-12-24 = "08:00-12:00"
2026-12-31 = "closed"
"#;

const SITES: &str = "\
# Places of the tiny company.
site,name,region,kind,country,subdivision,territory,zone,latitude,longitude,calendar,handling_minutes,customer,visit_notice_minutes
wh-boston,Boston Warehouse,us,warehouse,US,MA,,America/New_York,42.36,-71.06,work,60,,

wh-frankfurt,Frankfurt Warehouse,eu,warehouse,DE,HE,EU,Europe/Berlin,50.03,8.57,work,60,,
depot,Depot,eu,depot,DE,,,Europe/Berlin,50.03,8.57,work,,,
lab,Lab of the Institute,eu,customer,DE,BW,,Europe/Berlin,48.78,9.18,work,,institute,120
home,Stuttgart,eu,home,DE,BW,,Europe/Berlin,48.78,9.18,always,,,
";

const LANES: &str = "\
lane,from,to,mode,carrier,timetable,minutes,both_ways,calendar,not_on,cost,cost_per_kg,co2_g,late_risk,weight_max_kg,dangerous_goods,cold_chain,lateness
air,wh-boston,wh-frankfurt,air,Cargo,Mon-Fri 15:30/17:00>06:15+1,,,,de; 2026-11-26,90.00,4.50,3500,0.05,500,no,yes,0.5 120; 1 1440
road,wh-frankfurt,lab,road,Courier,,150,yes,work,,60.00,,50,0.02,31.5,yes,,
drive,home,lab,drive,Car,,20,,,,10.00,,1500,0.01,,,,
";

const ITEMS: &str = "\
item,name,region,unit,weight_kg,value,export_class,dangerous_goods,cold_chain,model,fits_models,loan_days,exchange_return_to,exchange_return_days,exchange_cost,assembly_minutes,assembly_cost
LAMP,Deuterium lamp,eu,each,0.350,620.00,,no,no,,UV,,,,,,
LAMP-LL,Long-life lamp,eu,each,0.380,1900.00,,,,,UV:B|C,,,,,,
KIT,Lamp kit,eu,kit,0.8,1300.00,C1,yes,yes,,,,,,,45,25.00
UV-UNIT,Spectrophotometer,eu,each,38,24500.00,,,,UV,,21,wh-frankfurt,7,350.00,,
";
