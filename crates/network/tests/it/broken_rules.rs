//! Broken files about what countries ask for, each with exactly the lines that say so.

use crate::broken::check;

#[test]
fn public_calendars() {
    check(&[
        (
            "public_calendars.csv",
            "DE-BY,eu,Sat-Sun,de; 2027-01-06",
            "DE-bay,asia,Sat-San,dk",
            "public_calendars.csv:3: region: \"asia\": a region of network.toml\n\
             public_calendars.csv:3: area: \"DE-bay\": a country such as DE (ISO 3166-1) or a part of one such as DE-BY (ISO 3166-2)\n\
             public_calendars.csv:3: holidays: \"dk\": sets of holidays.csv or dates, unlike dk\n\
             public_calendars.csv:3: weekend: \"Sat-San\": days named Mon Tue Wed Thu Fri Sat Sun or Daily, unlike Sat-San",
        ),
        (
            "public_calendars.csv",
            "Sat-Sun",
            "Daily",
            "public_calendars.csv:3: weekend: \"Daily\": days such as Sat-Sun, not all seven",
        ),
        (
            "public_calendars.csv",
            "Sat-Sun",
            "Sat 08:00-12:00",
            "public_calendars.csv:3: weekend: \"Sat 08:00-12:00\": days such as Sat-Sun, not all seven",
        ),
        (
            "public_calendars.csv",
            "DE-BY",
            "DE",
            "public_calendars.csv:3: area: \"DE\": given once; it stands in line 2 already",
        ),
    ]);
}

#[test]
fn borders() {
    check(&[
        (
            "customs.csv",
            "EU,US,120,always",
            "US,US,-5,never",
            "customs.csv:2: into: \"US\": another territory than the one goods come from\n\
             customs.csv:2: calendar: \"never\": a calendar of network.toml\n\
             customs.csv:2: clearance_minutes: \"-5\": a whole number from 0 to 86400",
        ),
        (
            "customs.csv",
            "EU,US",
            "EU,DE",
            "customs.csv:2: into: \"DE\": a territory of network.toml or a country outside all of them",
        ),
        (
            "gates.csv",
            "licence,10",
            "licence,",
            "gates.csv:2: licence_working_days: \"\": a number when the effect is licence; empty otherwise",
        ),
        (
            "gates.csv",
            "EU,,medical,licence,10",
            "XX,YY,for patients,ajar,",
            "gates.csv:2: effect: \"ajar\": open, licence or closed\n\
             gates.csv:2: from: \"XX\": a territory of network.toml or a country outside all of them\n\
             gates.csv:2: into: \"YY\": a territory of network.toml or a country outside all of them\n\
             gates.csv:2: end_use: \"for patients\": only letters, digits, '-' and '_'",
        ),
    ]);
}
