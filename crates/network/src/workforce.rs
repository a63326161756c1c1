//! `engineers.csv`, `certificates.csv`, `repairs.csv`, `depots.csv`: who repairs what, and where.

use std::collections::BTreeMap;

use meridian_proto::coordinator::v1::SiteKind;
use meridian_proto::dispatch::v1::{
    Depot, Engineer, RepairPart, RepairProfile, Skill, WorkPermit, WorkingHours,
};
use meridian_types::{CountryCode, EngineerId, ItemId, Quantity, RegionId, Rule, SkillId, Symptom};

use crate::catalogue::Catalogue;
use crate::known::Known;
use crate::notation;
use crate::reading::{Reading, amount};
use crate::sites::SiteFacts;
use crate::table::{Row, Shape, split_list};
use crate::values;

pub(crate) const ENGINEERS: Shape = Shape {
    file: "engineers.csv",
    needed: &["engineer", "home", "hours", "work_countries", "hourly_cost", "overtime_cost"],
    optional: &["days_off", "work_permits", "rest_minutes", "duty_minutes_max", "night_cost"],
};

pub(crate) const CERTIFICATES: Shape = Shape {
    file: "certificates.csv",
    needed: &["engineer", "skill", "level"],
    optional: &["valid_from", "valid_until"],
};

pub(crate) const REPAIRS: Shape = Shape {
    file: "repairs.csv",
    needed: &["model", "region", "skill", "level", "work_minutes"],
    optional: &["symptom", "parts", "remote_minutes", "remote_success"],
};

pub(crate) const DEPOTS: Shape = Shape { file: "depots.csv", needed: &["site", "models"], optional: &[] };

/// Two weeks of 24 hours.
const WORK_MINUTES_MAX: i32 = 20_160;
const LEVEL_MAX: i32 = 5;
/// Two days.
const REST_MINUTES_MAX: i32 = 2_880;
const LEAD_WORKING_DAYS_MAX: i32 = 250;

pub(crate) fn read(reading: &mut Reading<'_>, sites: &Known<SiteFacts>, catalogue: &Catalogue) {
    let mut engineers = BTreeMap::new();
    let known = read_engineers(reading, sites, &mut engineers);
    read_certificates(reading, &known, &mut engineers);
    for engineer in engineers.into_values() {
        let owner = reading.settings.regions.get(&engineer.region);
        reading.regions.of(owner).workforce.engineers.push(engineer);
    }
    read_repairs(reading, catalogue);
    read_depots(reading, sites, catalogue);
}

fn read_engineers(
    reading: &Reading<'_>,
    sites: &Known<SiteFacts>,
    engineers: &mut BTreeMap<String, Engineer>,
) -> Known<()> {
    let mut known = Known::new("an engineer of engineers.csv");
    known.complete = ENGINEERS.read(reading.files.get(ENGINEERS.file), reading.report, |row| {
        let home = row.reference("home", sites);
        let hours = row.get("hours", notation::working_hours);
        let days_off = row.get("days_off", |text| reading.holidays.dates(split_list(text)));
        let engineer = Engineer {
            engineer_id: row.code("engineer", EngineerId::parse),
            region: home.and_then(|site| site.region.as_ref()).map(RegionId::to_string).unwrap_or_default(),
            home_site_id: row.text("home").to_owned(),
            zone: home.and_then(|site| site.zone.as_ref()?.iana_name()).unwrap_or_default().to_owned(),
            country: home.map(|site| site.country.clone()).unwrap_or_default(),
            skills: Vec::new(),
            working_hours: hours.iter().map(working_hours).collect(),
            days_off: days_off.into_keys().collect(),
            work_countries: row.codes("work_countries", CountryCode::parse),
            hourly_cost: amount(row, "hourly_cost", &reading.settings),
            overtime_cost: amount(row, "overtime_cost", &reading.settings),
            rest_minutes: row.optional("rest_minutes", values::whole_i32(1, REST_MINUTES_MAX)),
            duty_minutes_max: row.optional("duty_minutes_max", values::whole_i32(1, REST_MINUTES_MAX)),
            night_cost: amount(row, "night_cost", &reading.settings),
            work_permits: row.list("work_permits", work_permit),
            efficiency_percent: 0,
            home_position: home.map(|site| site.position),
        };
        if row.is_empty("rest_minutes") != row.is_empty("duty_minutes_max") {
            row.refuse("duty_minutes_max", "given together with rest_minutes, or not at all");
        }
        known.add(row, "engineer", engineer.engineer_id.clone(), ());
        engineers.insert(engineer.engineer_id.clone(), engineer);
    });
    known
}

/// A country and the working days until work is allowed there, as `CH 3`.
fn work_permit(text: &str) -> Result<WorkPermit, Rule> {
    let (country, days) =
        text.rsplit_once(' ').ok_or(Rule::new("a country and working days, such as CH 3"))?;
    let lead_working_days = values::whole_i32(0, LEAD_WORKING_DAYS_MAX)(days)?;
    Ok(WorkPermit { country: CountryCode::parse(country)?.into(), lead_working_days })
}

fn working_hours(span: &notation::Span) -> WorkingHours {
    WorkingHours { weekday: span.weekday, from: span.from(), until: span.until(), overtime: span.overtime }
}

fn read_certificates(reading: &Reading<'_>, known: &Known<()>, engineers: &mut BTreeMap<String, Engineer>) {
    let mut certificates = Known::new("a certificate of certificates.csv");
    CERTIFICATES.read(reading.files.get(CERTIFICATES.file), reading.report, |row| {
        row.reference("engineer", known);
        let day = |column: &str| row.optional(column, |text| values::date(text).map(Some));
        let (from, until) = (day("valid_from"), day("valid_until"));
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            row.refuse("valid_until", "a day that is not before valid_from");
        }
        let shown = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let skill = Skill {
            skill_id: row.code("skill", SkillId::parse),
            level: row.get("level", values::whole_i32(1, LEVEL_MAX)),
            valid_from: shown(from),
            valid_until: shown(until),
        };
        let key = format!("{} {} {}", row.text("engineer"), skill.skill_id, skill.valid_from);
        certificates.add(row, "skill", key, ());
        if let Some(engineer) = engineers.get_mut(row.text("engineer")) {
            engineer.skills.push(skill);
        }
    });
}

fn read_repairs(reading: &mut Reading<'_>, catalogue: &Catalogue) {
    let mut known = Known::new("a repair of repairs.csv");
    REPAIRS.read(reading.files.get(REPAIRS.file), reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        row.reference("model", &catalogue.models);
        let profile = RepairProfile {
            model: row.text("model").to_owned(),
            symptom: row.optional_code("symptom", Symptom::parse),
            skill_id: row.code("skill", SkillId::parse),
            level: row.get("level", values::whole_i32(1, LEVEL_MAX)),
            work_minutes: row.get("work_minutes", values::whole_i32(1, WORK_MINUTES_MAX)),
            parts: parts(row, catalogue),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            remote_minutes: row.optional("remote_minutes", values::whole_i32(1, WORK_MINUTES_MAX)),
            remote_success_probability: row.optional("remote_success", values::share),
        };
        if row.is_empty("remote_minutes") != row.is_empty("remote_success") {
            row.refuse("remote_success", "given together with remote_minutes, or not at all");
        }
        known.add(row, "symptom", format!("{} {}", profile.model, profile.symptom), ());
        reading.regions.of(region).workforce.repair_profiles.push(profile);
    });
}

/// Parts as `PUMP-7 x2; SEAL-1`.
fn parts(row: &Row<'_>, catalogue: &Catalogue) -> Vec<RepairPart> {
    row.list("parts", |text| {
        let (item, quantity) = text.rsplit_once(" x").unwrap_or((text, "1"));
        let quantity = values::whole(1, Quantity::MAX)(quantity)?;
        ItemId::parse(item)?;
        if catalogue.items.get(item).is_none() && catalogue.items.complete {
            return Err(catalogue.items.rule());
        }
        Ok(RepairPart { item_id: item.to_owned(), quantity })
    })
}

fn read_depots(reading: &mut Reading<'_>, sites: &Known<SiteFacts>, catalogue: &Catalogue) {
    let mut known = Known::new("a depot of depots.csv");
    DEPOTS.read(reading.files.get(DEPOTS.file), reading.report, |row| {
        let site = row.reference("site", sites);
        if site.is_some_and(|site| !matches!(site.kind, SiteKind::Depot | SiteKind::Unspecified)) {
            row.refuse("site", "a site of kind depot");
        }
        if row.is_empty("models") {
            row.refuse("models", "at least one model that is repaired there");
        }
        let region = site.and_then(|site| site.region.as_ref());
        reading.regions.of(region).workforce.depots.push(Depot {
            site_id: row.text("site").to_owned(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            models: row.references("models", &catalogue.models),
        });
        known.add(row, "site", row.text("site").to_owned(), ());
    });
}
