//! Instants in words: weekday, date, time, and the city whose clock shows it.

use jiff::civil::{DateTime, Weekday};
use jiff::{Timestamp, tz::TimeZone};

use super::language::Language;

const EN_DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DE_DAYS: [&str; 7] = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
/// "On Monday": the form that every Finnish text uses.
const FI_DAYS: [&str; 7] =
    ["maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina", "sunnuntaina"];
const FR_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DE_MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const FI_MONTHS: [&str; 12] = [
    "tammikuuta",
    "helmikuuta",
    "maaliskuuta",
    "huhtikuuta",
    "toukokuuta",
    "kesäkuuta",
    "heinäkuuta",
    "elokuuta",
    "syyskuuta",
    "lokakuuta",
    "marraskuuta",
    "joulukuuta",
];
const FR_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Cities that have another name than in their zone, or in one of our languages: zone, en, de, fi, fr.
const CITIES: [[&str; 5]; 22] = [
    ["Athens", "Athens", "Athen", "Ateena", "Athènes"],
    ["Berlin", "Berlin", "Berlin", "Berliini", "Berlin"],
    ["Brussels", "Brussels", "Brüssel", "Bryssel", "Bruxelles"],
    ["Bucharest", "Bucharest", "Bukarest", "Bukarest", "Bucarest"],
    ["Cairo", "Cairo", "Kairo", "Kairo", "Le Caire"],
    ["Copenhagen", "Copenhagen", "Kopenhagen", "Kööpenhamina", "Copenhague"],
    ["Dublin", "Dublin", "Dublin", "Dublin", "Dublin"],
    ["Kolkata", "Kolkata", "Kolkata", "Kolkata", "Calcutta"],
    ["Lisbon", "Lisbon", "Lissabon", "Lissabon", "Lisbonne"],
    ["London", "London", "London", "Lontoo", "Londres"],
    ["Mexico_City", "Mexico City", "Mexiko-Stadt", "México", "Mexico"],
    ["Paris", "Paris", "Paris", "Pariisi", "Paris"],
    ["Prague", "Prague", "Prag", "Praha", "Prague"],
    ["Rome", "Rome", "Rom", "Rooma", "Rome"],
    ["Sao_Paulo", "São Paulo", "São Paulo", "São Paulo", "São Paulo"],
    ["Singapore", "Singapore", "Singapur", "Singapore", "Singapour"],
    ["Stockholm", "Stockholm", "Stockholm", "Tukholma", "Stockholm"],
    ["Tallinn", "Tallinn", "Tallinn", "Tallinna", "Tallinn"],
    ["Tokyo", "Tokyo", "Tokio", "Tokio", "Tokyo"],
    ["Vienna", "Vienna", "Wien", "Wien", "Vienne"],
    ["Warsaw", "Warsaw", "Warschau", "Varsova", "Varsovie"],
    ["Zurich", "Zurich", "Zürich", "Zürich", "Zurich"],
];

/// A zone that dates can be told in.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    zone: TimeZone,
    name: String,
}

impl Place {
    /// The first of these IANA zones that exists, otherwise UTC.
    pub(crate) fn first_known<'a>(zones: impl IntoIterator<Item = &'a str>) -> Self {
        zones
            .into_iter()
            .find_map(|name| {
                let zone = TimeZone::get(name).ok()?;
                Some(Self { zone, name: name.to_owned() })
            })
            .unwrap_or(Self { zone: TimeZone::UTC, name: "UTC".to_owned() })
    }

    /// The city, when the zone is named after one.
    fn city(&self, language: Language) -> Option<String> {
        let (area, _) = self.name.split_once('/')?;
        let (_, city) = self.name.rsplit_once('/')?;
        if area == "Etc" {
            return None;
        }
        let known = CITIES.iter().find(|names| names[0] == city).map(|names| names[1 + language as usize]);
        Some(known.map_or_else(|| city.replace('_', " "), ToOwned::to_owned))
    }

    /// "Monday, 30 November 2026, 10:00 (Berlin time)".
    pub(crate) fn in_words(&self, instant: Timestamp, language: Language) -> String {
        let local = instant.to_zoned(self.zone.clone()).datetime();
        let whose = self.city(language).map_or_else(
            || self.name.clone(),
            |city| match language {
                Language::En => format!("{city} time"),
                Language::De => format!("Ortszeit {city}"),
                Language::Fi => format!("paikallista aikaa, {city}"),
                Language::Fr => format!("heure locale : {city}"),
            },
        );
        format!("{} ({whose})", wall(local, language))
    }
}

fn wall(local: DateTime, language: Language) -> String {
    let (day, year, hour, minute) = (local.day(), local.year(), local.hour(), local.minute());
    let (days, months) = match language {
        Language::En => (EN_DAYS, EN_MONTHS),
        Language::De => (DE_DAYS, DE_MONTHS),
        Language::Fi => (FI_DAYS, FI_MONTHS),
        Language::Fr => (FR_DAYS, FR_MONTHS),
    };
    let weekday = named(&days, local.weekday().since(Weekday::Monday));
    let month = named(&months, local.month() - 1);
    match language {
        Language::En => format!("{weekday}, {day} {month} {year}, {hour:02}:{minute:02}"),
        Language::De => format!("{weekday}, {day}. {month} {year}, {hour:02}:{minute:02} Uhr"),
        Language::Fi => format!("{weekday} {day}. {month} {year} klo {hour}.{minute:02}"),
        Language::Fr => {
            let first = if day == 1 { "er" } else { "" };
            format!("{weekday} {day}{first} {month} {year} à {hour} h {minute:02}")
        }
    }
}

/// The `index`-th name, from 0. Weekdays and months are never outside their tables.
fn named(names: &[&'static str], index: i8) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(instant: &str, zone: &str) -> [String; 4] {
        let place = Place::first_known([zone]);
        Language::ALL.map(|language| place.in_words(instant.parse().unwrap(), language))
    }

    #[test]
    fn a_date_is_told_as_the_reader_would_say_it() {
        assert_eq!(
            words("2026-11-30T09:00:00Z", "Europe/Berlin"),
            [
                "Monday, 30 November 2026, 10:00 (Berlin time)",
                "Montag, 30. November 2026, 10:00 Uhr (Ortszeit Berlin)",
                "maanantaina 30. marraskuuta 2026 klo 10.00 (paikallista aikaa, Berliini)",
                "lundi 30 novembre 2026 à 10 h 00 (heure locale : Berlin)",
            ]
        );
        assert_eq!(
            words("2027-03-01T02:05:00Z", "America/Sao_Paulo"),
            [
                "Sunday, 28 February 2027, 23:05 (São Paulo time)",
                "Sonntag, 28. Februar 2027, 23:05 Uhr (Ortszeit São Paulo)",
                "sunnuntaina 28. helmikuuta 2027 klo 23.05 (paikallista aikaa, São Paulo)",
                "dimanche 28 février 2027 à 23 h 05 (heure locale : São Paulo)",
            ]
        );
    }

    #[test]
    fn the_first_of_a_month_is_an_ordinal_in_french() {
        let [.., french] = words("2026-08-01T07:00:00Z", "Africa/Lagos");
        assert_eq!(french, "samedi 1er août 2026 à 8 h 00 (heure locale : Lagos)");
    }

    #[test]
    fn clocks_that_change_are_read_as_they_stand_that_day() {
        let [before, ..] = words("2026-10-24T12:00:00Z", "Europe/Helsinki");
        let [after, ..] = words("2026-10-25T12:00:00Z", "Europe/Helsinki");
        assert_eq!(before, "Saturday, 24 October 2026, 15:00 (Helsinki time)");
        assert_eq!(after, "Sunday, 25 October 2026, 14:00 (Helsinki time)");
    }

    #[test]
    fn an_unknown_zone_falls_back_to_the_next_and_then_to_utc() {
        let instant = "2026-11-30T09:00:00Z".parse().unwrap();
        let tell = |zones: [&str; 2]| Place::first_known(zones).in_words(instant, Language::En);
        assert_eq!(
            tell(["Europe/Nowhere", "America/New_York"]),
            "Monday, 30 November 2026, 04:00 (New York time)"
        );
        assert_eq!(tell(["", "Etc/GMT+3"]), "Monday, 30 November 2026, 06:00 (Etc/GMT+3)");
        assert_eq!(tell(["", "../etc/passwd"]), "Monday, 30 November 2026, 09:00 (UTC)");
    }

    #[test]
    fn every_weekday_and_month_has_a_name() {
        for month in 1..=12 {
            for day in 1..=7 {
                let date = jiff::civil::date(2026, month, day).at(0, 0, 0, 0);
                for language in Language::ALL {
                    assert!(
                        !wall(date, language).contains("  ") && !wall(date, language).starts_with([' ', ','])
                    );
                }
            }
        }
    }
}
