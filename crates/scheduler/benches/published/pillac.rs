//! Technicians who start at home, with skills, tools and spare parts, and a depot for what is not aboard; after
//! Pillac, Guéret and Medaglia (2013). What counts is working time: ways, waits and service.

use std::path::Path;

use meridian_scheduler::{Allowed, Fit, Instance, Pickup, Shift, Visit, Window};

use crate::{Published, best_known, straight, units};

/// More than any schedule costs.
pub(crate) const ABSENCE_COST: i64 = 100_000_000;

/// A depot, a technician or a request.
struct Row {
    point: (f64, f64),
    window_s: (i32, i32),
    duration_s: i32,
    skills: Vec<i32>,
    tools: Vec<i32>,
    parts: Vec<i32>,
}

pub(crate) fn read(data: &Path) -> Vec<Published> {
    let folder = data.join("pillac_trsp");
    let known = best_known(&folder.join("best_known.csv"), "best_known");
    let published = |(name, best): (String, f64)| {
        let text = std::fs::read_to_string(folder.join(format!("instances/{name}.txt"))).unwrap();
        let name = name.split('.').next().unwrap().to_owned();
        Published { name, instance: instance(&text), best }
    };
    known.into_iter().map(published).collect()
}

/// The instance of a file.
pub(crate) fn instance(text: &str) -> Instance {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("CREW COUNT")).skip(1);
    let crew: usize = lines.next().unwrap().split_whitespace().next().unwrap().parse().unwrap();
    let rows: Vec<Row> = lines.skip_while(|line| !line.starts_with("ID ")).skip(1).filter_map(row).collect();
    let (depot, people, requests) = (&rows[0], &rows[1..=crew], &rows[crew + 1..]);
    let way_s = straight(&rows.iter().map(|row| row.point).collect::<Vec<_>>());
    let shift = |(place, row): (u32, &Row)| Shift {
        from: place,
        to: place,
        window_s: row.window_s,
        cost_per_s: 1,
        regular_s: row.window_s,
        overtime_cost_per_s: 0,
        fixed_cost: 0,
        aboard: row.parts.clone(),
        class: place - 1,
        trip: None,
    };
    let visit = |(place, row): (u32, &Row)| Visit {
        place,
        windows: vec![Window::within(row.window_s.0, row.window_s.1)],
        absence_cost: ABSENCE_COST,
        parts: row.parts.clone(),
        pinned: false,
    };
    let first_request = u32::try_from(crew + 1).unwrap();
    Instance {
        places: rows.len(),
        way_cost: vec![0; way_s.len()],
        way_s,
        shifts: (1..).zip(people).map(shift).collect(),
        visits: (first_request..).zip(requests).map(visit).collect(),
        fits: requests.iter().flat_map(|request| people.iter().map(|person| fit(request, person))).collect(),
        pickup: Some(Pickup { place: 0, window_s: depot.window_s, duration_s: 0 }),
        links: vec![],
        rests: vec![],
        trip_costs: vec![],
    }
}

fn fit(request: &Row, person: &Row) -> Fit {
    let has = |has: &[i32], needs: &[i32]| needs.iter().all(|need| has.contains(need));
    let allowed = if !has(&person.skills, &request.skills) {
        Allowed::Never
    } else if has(&person.tools, &request.tools) {
        Allowed::Aboard
    } else {
        Allowed::AfterPickup
    };
    Fit { allowed, duration_s: request.duration_s, charge: 0 }
}

fn row(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, x, y, open, close, service, skills, tools, parts] = words.as_slice() else { return None };
    let number = |word: &str| -> f64 { word.parse().unwrap() };
    Some(Row {
        point: (number(x), number(y)),
        window_s: (units(number(open)), units(number(close))),
        duration_s: units(number(service)),
        skills: list(skills),
        tools: list(tools),
        parts: list(parts),
    })
}

/// `[1,2]`
fn list(word: &str) -> Vec<i32> {
    let inside = word.trim_matches(['[', ']']);
    inside.split(',').filter(|number| !number.is_empty()).map(|number| number.parse().unwrap()).collect()
}
