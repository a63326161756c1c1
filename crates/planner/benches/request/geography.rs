//! Real places, zones, weekends and public holidays from 20 April to 15 June 2026.

/// A place: code, country, customs territory, part of the country, zone, minutes east of UTC in winter, degrees
/// north and east.
pub(crate) struct Spot {
    pub(crate) code: &'static str,
    pub(crate) country: &'static str,
    pub(crate) territory: &'static str,
    pub(crate) part: Option<&'static str>,
    pub(crate) zone: &'static str,
    pub(crate) east_minutes: i32,
    pub(crate) north: f64,
    pub(crate) east: f64,
}

const fn spot(
    (code, country, territory): (&'static str, &'static str, &'static str),
    part: Option<&'static str>,
    zone: &'static str,
    east_minutes: i32,
    (north, east): (f64, f64),
) -> Spot {
    Spot { code, country, territory, part, zone, east_minutes, north, east }
}

/// The company's sites. The first 18 have an airport.
pub(crate) const COMPANY: [Spot; 20] = [
    spot(("HEL", "FI", "EU"), None, "Europe/Helsinki", 120, (60.3, 25.0)),
    spot(("FRA", "DE", "EU"), Some("HE"), "Europe/Berlin", 60, (50.0, 8.6)),
    spot(("LEJ", "DE", "EU"), Some("SN"), "Europe/Berlin", 60, (51.4, 12.2)),
    spot(("AMS", "NL", "EU"), None, "Europe/Amsterdam", 60, (52.3, 4.8)),
    spot(("LHR", "GB", "GB"), None, "Europe/London", 0, (51.5, -0.5)),
    spot(("MAD", "ES", "EU"), None, "Europe/Madrid", 60, (40.5, -3.6)),
    spot(("ORD", "US", "US"), None, "America/Chicago", -360, (42.0, -87.9)),
    spot(("MEM", "US", "US"), None, "America/Chicago", -360, (35.0, -90.0)),
    spot(("GRU", "BR", "BR"), None, "America/Sao_Paulo", -180, (-23.4, -46.5)),
    spot(("NBO", "KE", "KE"), None, "Africa/Nairobi", 180, (-1.3, 36.9)),
    spot(("JNB", "ZA", "ZA"), None, "Africa/Johannesburg", 120, (-26.1, 28.2)),
    spot(("LOS", "NG", "NG"), None, "Africa/Lagos", 60, (6.6, 3.3)),
    spot(("DXB", "AE", "AE"), None, "Asia/Dubai", 240, (25.3, 55.4)),
    spot(("TLV", "IL", "IL"), None, "Asia/Jerusalem", 120, (32.0, 34.9)),
    spot(("BOM", "IN", "IN"), None, "Asia/Kolkata", 330, (19.1, 72.9)),
    spot(("SIN", "SG", "SG"), None, "Asia/Singapore", 480, (1.4, 104.0)),
    spot(("NRT", "JP", "JP"), None, "Asia/Tokyo", 540, (35.8, 140.4)),
    spot(("SYD", "AU", "AU"), None, "Australia/Sydney", 600, (-33.9, 151.2)),
    spot(("TMP", "FI", "EU"), None, "Europe/Helsinki", 120, (61.5, 23.8)),
    spot(("STR", "DE", "EU"), Some("BW"), "Europe/Berlin", 60, (48.8, 9.2)),
];

/// Customers' places.
pub(crate) const CUSTOMERS: [Spot; 10] = [
    spot(("Turku", "FI", "EU"), None, "Europe/Helsinki", 120, (60.5, 22.3)),
    spot(("Munich", "DE", "EU"), Some("BY"), "Europe/Berlin", 60, (48.1, 11.6)),
    spot(("Geneva", "CH", "CH"), Some("GE"), "Europe/Zurich", 60, (46.2, 6.1)),
    spot(("Manchester", "GB", "GB"), None, "Europe/London", 0, (53.5, -2.2)),
    spot(("Nashville", "US", "US"), None, "America/Chicago", -360, (36.2, -86.8)),
    spot(("Milwaukee", "US", "US"), None, "America/Chicago", -360, (43.0, -87.9)),
    spot(("Campinas", "BR", "BR"), None, "America/Sao_Paulo", -180, (-22.9, -47.1)),
    spot(("Mombasa", "KE", "KE"), None, "Africa/Nairobi", 180, (-4.0, 39.7)),
    spot(("Pune", "IN", "IN"), None, "Asia/Kolkata", 330, (18.5, 73.9)),
    spot(("Nagoya", "JP", "JP"), None, "Asia/Tokyo", 540, (35.2, 136.9)),
];

/// Weekend (`FS` for Friday and Saturday) and public holidays, with the part of the country that keeps them.
pub(crate) type CountryFacts = (&'static str, &'static str, &'static [(&'static str, Option<&'static str>)]);

pub(crate) const COUNTRIES: [CountryFacts; 17] = [
    ("FI", "SS", &[("2026-05-01", None), ("2026-05-14", None)]),
    (
        "DE",
        "SS",
        &[
            ("2026-05-01", None),
            ("2026-05-14", None),
            ("2026-05-25", None),
            ("2026-06-04", Some("BY")),
            ("2026-06-04", Some("BW")),
            ("2026-06-04", Some("HE")),
        ],
    ),
    ("NL", "SS", &[("2026-04-27", None), ("2026-05-14", None), ("2026-05-25", None)]),
    ("GB", "SS", &[("2026-05-04", None), ("2026-05-25", None)]),
    ("ES", "SS", &[("2026-05-01", None)]),
    ("CH", "SS", &[("2026-05-14", None), ("2026-05-25", None)]),
    ("US", "SS", &[("2026-05-25", None)]),
    ("BR", "SS", &[("2026-04-21", None), ("2026-05-01", None), ("2026-06-04", None)]),
    ("KE", "SS", &[("2026-05-01", None), ("2026-06-01", None)]),
    ("ZA", "SS", &[("2026-04-27", None), ("2026-05-01", None)]),
    ("NG", "SS", &[("2026-05-01", None), ("2026-06-12", None)]),
    ("AE", "SS", &[("2026-05-27", None)]),
    ("IL", "FS", &[("2026-04-22", None), ("2026-05-22", None)]),
    ("IN", "SS", &[("2026-05-01", None)]),
    ("SG", "SS", &[("2026-05-01", None), ("2026-06-01", None)]),
    ("JP", "SS", &[("2026-04-29", None), ("2026-05-04", None), ("2026-05-05", None), ("2026-05-06", None)]),
    ("AU", "SS", &[("2026-04-25", None)]),
];

/// Kilometres between two places as the crow flies.
pub(crate) fn kilometres(a: &Spot, b: &Spot) -> f64 {
    let (north_a, north_b) = (a.north.to_radians(), b.north.to_radians());
    let east = (b.east - a.east).to_radians();
    let haversine = ((north_b - north_a) / 2.0).sin().powi(2)
        + north_a.cos() * north_b.cos() * (east / 2.0).sin().powi(2);
    12_742.0 * haversine.sqrt().asin()
}
