//! `customs.csv` and `gates.csv`: what happens between customs territories.

use meridian_proto::coordinator::v1::{CustomsRule, Gate, GateEffect};
use meridian_types::{CustomsRuleId, EndUse, ExportClass, GateId, RegionId, Rule};

use crate::known::Known;
use crate::reading::Reading;
use crate::settings::Settings;
use crate::table::{Row, Shape};
use crate::values;

pub(crate) const CUSTOMS: Shape = Shape {
    file: "customs.csv",
    needed: &["rule", "region", "into", "clearance_minutes", "calendar"],
    optional: &["from", "documents"],
};

pub(crate) const GATES: Shape = Shape {
    file: "gates.csv",
    needed: &["gate", "region", "export_class", "effect"],
    optional: &["from", "into", "end_use", "licence_working_days"],
};

/// 60 days of 24 hours.
const CLEARANCE_MINUTES_MAX: i32 = 86_400;
const LICENCE_DAYS_MAX: i32 = 365;

pub(crate) fn read(reading: &mut Reading<'_>) {
    read_customs(reading);
    read_gates(reading);
}

fn read_customs(reading: &mut Reading<'_>) {
    let mut rules = Known::new("a rule of customs.csv");
    let mut crossings = Known::new("a crossing of customs.csv");
    let source = reading.files.get(CUSTOMS.file);
    CUSTOMS.read(source, reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        let from = territory(row, "from", &reading.settings);
        row.reference("into", &reading.settings.territories);
        let into = row.text("into");
        if !into.is_empty() && from == into {
            row.refuse("into", "another territory than the one goods come from");
        }
        crossings.add(row, "into", format!("{from} {into}"), ());
        row.reference("calendar", &reading.settings.calendars);
        let code = row.code("rule", CustomsRuleId::parse);
        reading.regions.of(region).network.customs_rules.push(CustomsRule {
            customs_rule_id: code.clone(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            from_territory: from,
            into_territory: into.to_owned(),
            clearance_minutes: row.get("clearance_minutes", values::whole_i32(0, CLEARANCE_MINUTES_MAX)),
            calendar_id: row.text("calendar").to_owned(),
            documents: row.list("documents", values::text),
        });
        rules.add(row, "rule", code, ());
    });
}

fn read_gates(reading: &mut Reading<'_>) {
    let mut gates = Known::new("a gate of gates.csv");
    let source = reading.files.get(GATES.file);
    GATES.read(source, reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        let effect = row.get("effect", effect);
        if (effect == GateEffect::Licence) == row.is_empty("licence_working_days") {
            row.refuse("licence_working_days", "a number when the effect is licence; empty otherwise");
        }
        let code = row.code("gate", GateId::parse);
        reading.regions.of(region).network.gates.push(Gate {
            gate_id: code.clone(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            export_class: row.code("export_class", ExportClass::parse),
            from_territory: territory(row, "from", &reading.settings),
            into_territory: territory(row, "into", &reading.settings),
            end_use: row.optional_code("end_use", EndUse::parse),
            effect: effect.into(),
            licence_working_days: row
                .optional("licence_working_days", values::whole_i32(0, LICENCE_DAYS_MAX)),
        });
        gates.add(row, "gate", code, ());
    });
}

/// A territory, or nothing for any.
fn territory(row: &Row<'_>, column: &str, settings: &Settings) -> String {
    if !row.is_empty(column) {
        row.reference(column, &settings.territories);
    }
    row.text(column).to_owned()
}

fn effect(text: &str) -> Result<GateEffect, Rule> {
    match text {
        "open" => Ok(GateEffect::Open),
        "licence" => Ok(GateEffect::Licence),
        "closed" => Ok(GateEffect::Closed),
        _ => Err(Rule::new("open, licence or closed")),
    }
}
