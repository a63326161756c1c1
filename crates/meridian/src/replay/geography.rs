//! What the records leave out and the replay assumes: where countries are, which region looks after them, and how long
//! each mode of transport is usually on the way.

/// A country that receives deliveries, or a distribution centre.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    /// Name in the records.
    pub(super) name: &'static str,
    /// ISO 3166-1 alpha-2.
    pub(super) country: &'static str,
    /// Region that looks after it.
    pub(super) region: &'static str,
    /// Zone of its capital.
    pub(super) zone: &'static str,
    /// Its capital: degrees north, degrees east.
    pub(super) at: (f64, f64),
}

/// How a delivery travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mode {
    /// Air freight.
    Air,
    /// A chartered aircraft.
    AirCharter,
    /// Truck.
    Truck,
    /// Ship.
    Ocean,
    /// The row does not say.
    Unknown,
}

impl Mode {
    /// All modes.
    pub(super) const ALL: [Self; 5] = [Self::Air, Self::AirCharter, Self::Truck, Self::Ocean, Self::Unknown];

    /// The mode by its name in the records.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "Air" => Some(Self::Air),
            "Air Charter" => Some(Self::AirCharter),
            "Truck" => Some(Self::Truck),
            "Ocean" => Some(Self::Ocean),
            _ => None,
        }
    }

    /// Short name, part of lane codes.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Air => "air",
            Self::AirCharter => "charter",
            Self::Truck => "truck",
            Self::Ocean => "ocean",
            Self::Unknown => "other",
        }
    }

    /// Days on the way, door to door. An assumption: the records have no day of departure.
    pub(super) const fn days(self) -> i32 {
        match self {
            Self::Air | Self::Truck => 7,
            Self::AirCharter => 5,
            Self::Ocean => 42,
            Self::Unknown => 10,
        }
    }
}

/// The country by its name in the records.
pub(super) fn place(name: &str) -> Option<&'static Place> {
    let name = name.trim();
    // One name is written with two encodings in the records.
    let name = if name.contains("Ivoire") { "Côte d'Ivoire" } else { name };
    PLACES.iter().find(|it| it.name == name)
}

/// The distribution centre that supplies a country: the nearest of the three.
pub(super) fn distribution_centre(destination: &Place) -> &'static str {
    let distance = |centre: &Place| {
        let (north, east) = (centre.at.0 - destination.at.0, centre.at.1 - destination.at.1);
        north * north + east * east
    };
    let nearest = CENTRES.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.map_or(CENTRES[0].name, |it| it.name)
}

/// Where a delivery came from: a distribution centre, or a manufacturing site, whose country its name hints at.
pub(super) fn origin(name: &str) -> Place {
    if let Some(centre) = CENTRES.iter().find(|it| it.name == name) {
        return Place { ..*centre };
    }
    let lower = name.to_lowercase();
    let hint = HINTS.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    let (country, region, zone, at) = hint.map_or(("IN", "eu", "Asia/Kolkata", (19.1, 72.9)), |(_, it)| *it);
    Place { name: "manufacturing site", country, region, zone, at }
}

type Hint = (&'static [&'static str], (&'static str, &'static str, &'static str, (f64, f64)));

/// Words in the names of manufacturing sites and where they point; a name without any is taken to be in India, where
/// most of them are.
const HINTS: &[Hint] = &[
    (
        &[
            "usa",
            ", us",
            " us",
            "inc",
            "puerto rico",
            "chembio",
            "bio-rad",
            "access bio",
            "suffern",
            "elkton",
        ],
        ("US", "us", "America/New_York", (40.7, -74.0)),
    ),
    (&["canada", "biolytical", "medmira", "mississauga"], ("CA", "us", "America/Toronto", (43.6, -79.6))),
    (&["germany", " de", "wiesbaden", "oranienburg"], ("DE", "eu", "Europe/Berlin", (50.1, 8.7))),
    (&["(uk)", " uk", "ware", "crawley", "omega"], ("GB", "eu", "Europe/London", (51.5, -0.1))),
    (&["france"], ("FR", "eu", "Europe/Paris", (48.9, 2.4))),
    (&["basel", "switzerland"], ("CH", "eu", "Europe/Zurich", (47.6, 7.6))),
    (&["trinity", "alere", "abbsp"], ("IE", "eu", "Europe/Dublin", (53.3, -6.3))),
    (&[" nl", "haarlem"], ("NL", "eu", "Europe/Amsterdam", (52.4, 4.6))),
    (&["japan"], ("JP", "eu", "Asia/Tokyo", (35.7, 139.7))),
    (&["korea"], ("KR", "eu", "Asia/Seoul", (37.6, 127.0))),
    (&["china"], ("CN", "eu", "Asia/Shanghai", (31.2, 121.5))),
    (
        &["cape town", "port elizabeth", "midrand", ", sa"],
        ("ZA", "africa", "Africa/Johannesburg", (-33.9, 18.4)),
    ),
];

/// The regional distribution centres.
pub(super) const CENTRES: [Place; 3] = [
    Place { name: "RDC Ghana", country: "GH", region: "africa", zone: "Africa/Accra", at: (5.6, -0.0) },
    Place { name: "RDC Kenya", country: "KE", region: "africa", zone: "Africa/Nairobi", at: (-1.3, 36.9) },
    Place {
        name: "RDC South Africa",
        country: "ZA",
        region: "africa",
        zone: "Africa/Johannesburg",
        at: (-26.1, 28.2),
    },
];

macro_rules! places {
    ($($name:literal $country:literal $region:literal $zone:literal $north:literal $east:literal;)+) => {
        /// The countries of the records.
        pub(super) const PLACES: &[Place] =
            &[$(Place { name: $name, country: $country, region: $region, zone: $zone, at: ($north, $east) }),+];
    };
}

places! {
    "Angola" "AO" "africa" "Africa/Luanda" -8.8 13.2;
    "Belize" "BZ" "us" "America/Belize" 17.3 -88.8;
    "Benin" "BJ" "africa" "Africa/Porto-Novo" 6.5 2.6;
    "Botswana" "BW" "africa" "Africa/Gaborone" -24.7 25.9;
    "Burkina Faso" "BF" "africa" "Africa/Ouagadougou" 12.4 -1.5;
    "Burundi" "BI" "africa" "Africa/Bujumbura" -3.4 29.4;
    "Cameroon" "CM" "africa" "Africa/Douala" 3.9 11.5;
    "Congo, DRC" "CD" "africa" "Africa/Kinshasa" -4.3 15.3;
    "Côte d'Ivoire" "CI" "africa" "Africa/Abidjan" 5.3 -4.0;
    "Dominican Republic" "DO" "us" "America/Santo_Domingo" 18.5 -69.9;
    "Ethiopia" "ET" "africa" "Africa/Addis_Ababa" 9.0 38.8;
    "Ghana" "GH" "africa" "Africa/Accra" 5.6 -0.2;
    "Guatemala" "GT" "us" "America/Guatemala" 14.6 -90.5;
    "Guinea" "GN" "africa" "Africa/Conakry" 9.6 -13.6;
    "Guyana" "GY" "us" "America/Guyana" 6.8 -58.2;
    "Haiti" "HT" "us" "America/Port-au-Prince" 18.5 -72.3;
    "Kazakhstan" "KZ" "eu" "Asia/Almaty" 51.2 71.4;
    "Kenya" "KE" "africa" "Africa/Nairobi" -1.3 36.8;
    "Kyrgyzstan" "KG" "eu" "Asia/Bishkek" 42.9 74.6;
    "Lebanon" "LB" "eu" "Asia/Beirut" 33.9 35.5;
    "Lesotho" "LS" "africa" "Africa/Maseru" -29.3 27.5;
    "Liberia" "LR" "africa" "Africa/Monrovia" 6.3 -10.8;
    "Libya" "LY" "africa" "Africa/Tripoli" 32.9 13.2;
    "Malawi" "MW" "africa" "Africa/Blantyre" -14.0 33.8;
    "Mali" "ML" "africa" "Africa/Bamako" 12.6 -8.0;
    "Mozambique" "MZ" "africa" "Africa/Maputo" -26.0 32.6;
    "Namibia" "NA" "africa" "Africa/Windhoek" -22.6 17.1;
    "Nigeria" "NG" "africa" "Africa/Lagos" 9.1 7.4;
    "Pakistan" "PK" "eu" "Asia/Karachi" 33.7 73.1;
    "Rwanda" "RW" "africa" "Africa/Kigali" -1.9 30.1;
    "Senegal" "SN" "africa" "Africa/Dakar" 14.7 -17.5;
    "Sierra Leone" "SL" "africa" "Africa/Freetown" 8.5 -13.2;
    "South Africa" "ZA" "africa" "Africa/Johannesburg" -25.7 28.2;
    "South Sudan" "SS" "africa" "Africa/Juba" 4.9 31.6;
    "Sudan" "SD" "africa" "Africa/Khartoum" 15.6 32.5;
    "Swaziland" "SZ" "africa" "Africa/Mbabane" -26.3 31.1;
    "Tanzania" "TZ" "africa" "Africa/Dar_es_Salaam" -6.2 35.7;
    "Togo" "TG" "africa" "Africa/Lome" 6.1 1.2;
    "Uganda" "UG" "africa" "Africa/Kampala" 0.3 32.6;
    "Vietnam" "VN" "eu" "Asia/Ho_Chi_Minh" 21.0 105.8;
    "Zambia" "ZM" "africa" "Africa/Lusaka" -15.4 28.3;
    "Zimbabwe" "ZW" "africa" "Africa/Harare" -17.8 31.0;
    "Afghanistan" "AF" "eu" "Asia/Kabul" 34.5 69.2;
}
