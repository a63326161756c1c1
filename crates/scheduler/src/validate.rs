//! What an instance has to keep so that nothing overflows and nothing leads nowhere.

mod ties;

use crate::instance::{Instance, Shift, Start, Visit, Window};

/// The latest time, about 17 years.
const TIME_MAX_S: i32 = 1 << 29;
/// The longest way or visit.
const DURATION_MAX_S: i32 = 1 << 28;
/// The highest cost.
const COST_MAX: i64 = 1_000_000_000_000;
/// The highest cost of a second.
const COST_PER_S_MAX: i64 = 1_000_000;
/// Most places, shifts and visits.
const COUNT_MAX: usize = 100_000;
/// Most pairs of a visit and a shift.
const PAIRS_MAX: usize = 50_000_000;

/// A value of an instance that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {value} breaks the rule: {rule}")]
pub struct InstanceError {
    /// Path of the field (`visits[3].windows[0]`).
    pub field: String,
    /// The value there.
    pub value: String,
    /// The rule.
    pub rule: &'static str,
}

pub(crate) fn rule(
    holds: bool,
    field: &dyn Fn() -> String,
    value: &dyn ToString,
    rule: &'static str,
) -> Result<(), InstanceError> {
    if holds { Ok(()) } else { Err(InstanceError { field: field(), value: value.to_string(), rule }) }
}

/// Whether all rules are kept.
///
/// # Errors
/// The first value that breaks one.
pub(crate) fn validate(instance: &Instance, start: &[Start]) -> Result<(), InstanceError> {
    tables(instance)?;
    ties::validate(instance)?;
    ties::validate_start(instance, start)
}

fn tables(instance: &Instance) -> Result<(), InstanceError> {
    let (places, shifts, visits) = (instance.places, instance.shifts.len(), instance.visits.len());
    for (count, name) in [(places, "places"), (shifts, "shifts"), (visits, "visits")] {
        rule(count <= COUNT_MAX, &|| name.into(), &count, "at most 100000")?;
    }
    let pairs = visits * shifts;
    rule(pairs <= PAIRS_MAX, &|| "visits times shifts".into(), &pairs, "at most 50000000")?;
    for (count, name) in [(instance.way_s.len(), "way_s"), (instance.way_cost.len(), "way_cost")] {
        rule(
            count == places * places,
            &|| name.into(),
            &count,
            "has a way from each place to each other one",
        )?;
    }
    for (index, &seconds) in instance.way_s.iter().enumerate() {
        duration(&|| format!("way_s[{index}]"), seconds)?;
    }
    for (index, &amount) in instance.way_cost.iter().enumerate() {
        cost(&|| format!("way_cost[{index}]"), amount, COST_MAX)?;
    }
    let trips = instance.trip_costs.len();
    for (index, &amount) in instance.trip_costs.iter().enumerate() {
        cost(&|| format!("trip_costs[{index}]"), amount, COST_MAX)?;
    }
    let parts = instance.shifts.first().map(|shift| &shift.aboard);
    let kinds = parts.or(instance.visits.first().map(|visit| &visit.parts)).map_or(0, Vec::len);
    for (index, one) in instance.shifts.iter().enumerate() {
        shift(&format!("shifts[{index}]"), one, (places, shifts, trips, kinds))?;
    }
    for (index, one) in instance.visits.iter().enumerate() {
        visit(&format!("visits[{index}]"), one, (places, kinds))?;
    }
    let fits = instance.fits.len();
    rule(fits == visits * shifts, &|| "fits".into(), &fits, "has one for each visit and shift")?;
    for (index, fit) in instance.fits.iter().enumerate() {
        duration(&|| format!("fits[{index}].duration_s"), fit.duration_s)?;
        cost(&|| format!("fits[{index}].charge"), fit.charge, COST_MAX)?;
    }
    if let Some(pickup) = &instance.pickup {
        place(&|| "pickup.place".into(), pickup.place, places)?;
        window(&|| "pickup.window_s".into(), pickup.window_s)?;
        duration(&|| "pickup.duration_s".into(), pickup.duration_s)?;
    }
    Ok(())
}

fn shift(
    name: &str,
    shift: &Shift,
    (places, shifts, trips, kinds): (usize, usize, usize, usize),
) -> Result<(), InstanceError> {
    place(&|| format!("{name}.from"), shift.from, places)?;
    place(&|| format!("{name}.to"), shift.to, places)?;
    window(&|| format!("{name}.window_s"), shift.window_s)?;
    cost(&|| format!("{name}.cost_per_s"), shift.cost_per_s, COST_PER_S_MAX)?;
    window(&|| format!("{name}.regular_s"), shift.regular_s)?;
    let overtime = &|| format!("{name}.overtime_cost_per_s");
    cost(overtime, shift.overtime_cost_per_s, COST_PER_S_MAX)?;
    cost(&|| format!("{name}.fixed_cost"), shift.fixed_cost, COST_MAX)?;
    rule(
        (shift.class as usize) < shifts,
        &|| format!("{name}.class"),
        &shift.class,
        "less than there are shifts",
    )?;
    if let Some(trip) = shift.trip {
        rule((trip as usize) < trips, &|| format!("{name}.trip"), &trip, "one of the trips")?;
    }
    parts(&|| format!("{name}.aboard"), &shift.aboard, kinds)
}

fn visit(name: &str, visit: &Visit, (places, kinds): (usize, usize)) -> Result<(), InstanceError> {
    place(&|| format!("{name}.place"), visit.place, places)?;
    cost(&|| format!("{name}.absence_cost"), visit.absence_cost, COST_MAX)?;
    for (index, one) in visit.windows.iter().enumerate() {
        let Window { open_s, close_s, end_s, charge } = *one;
        window(&|| format!("{name}.windows[{index}]"), (open_s, close_s))?;
        let end = &|| format!("{name}.windows[{index}].end_s");
        rule(end_s >= open_s, end, &end_s, "no earlier than it opens")?;
        cost(&|| format!("{name}.windows[{index}].charge"), charge, COST_MAX)?;
    }
    let mut sorted: Vec<(i32, i32)> = visit.windows.iter().map(|one| (one.open_s, one.close_s)).collect();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        let [(_, close_s), (open_s, _)] = pair else { continue };
        let field = &|| format!("{name}.windows");
        rule(close_s < open_s, field, open_s, "no window opens before another one has closed")?;
    }
    parts(&|| format!("{name}.parts"), &visit.parts, kinds)
}

fn place(field: &dyn Fn() -> String, place: u32, places: usize) -> Result<(), InstanceError> {
    rule((place as usize) < places, field, &place, "one of the places")
}

fn window(field: &dyn Fn() -> String, (open_s, close_s): (i32, i32)) -> Result<(), InstanceError> {
    let holds = 0 <= open_s && open_s <= close_s && close_s <= TIME_MAX_S;
    rule(holds, field, &format!("{open_s} to {close_s}"), "begins at 0 or later and ends no earlier, by 2^29")
}

fn duration(field: &dyn Fn() -> String, seconds: i32) -> Result<(), InstanceError> {
    rule((0..=DURATION_MAX_S).contains(&seconds), field, &seconds, "from 0 to 2^28")
}

fn cost(field: &dyn Fn() -> String, cost: i64, most: i64) -> Result<(), InstanceError> {
    rule((0..=most).contains(&cost), field, &cost, "from 0 to 10^12, of a second to 10^6")
}

fn parts(field: &dyn Fn() -> String, parts: &[i32], kinds: usize) -> Result<(), InstanceError> {
    rule(parts.len() == kinds, field, &parts.len(), "as many kinds of parts as in the first shift or visit")?;
    let least = parts.iter().min().copied().unwrap_or(0);
    rule(least >= 0, field, &least, "0 or more of each part")
}
