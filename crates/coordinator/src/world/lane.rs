//! Ways between two sites.

use jiff::civil::Date;
use meridian_planner::model::{
    Departure, GoodsTerms, Lane, LatenessQuantile, Mode, PeopleTerms, Schedule, Weekdays,
};
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::types::v1::Money;

use super::calendar::{Calendars, minute_of_day, weekday};

/// The planner's lane; `None` when the record leads to something that is not known. `zone` is that of its origin.
pub(super) fn lane(record: &pb::Lane, zone: &str, calendars: &mut Calendars<'_>) -> Option<Lane> {
    let fixed_cost_minor = minor(record.fixed_cost.as_ref());
    let goods = GoodsTerms {
        fixed_cost_minor,
        cost_minor_per_kg: minor(record.cost_per_kg.as_ref()),
        co2_g_per_kg: record.co2_grams,
        max_weight_g: (record.weight_max_grams > 0).then_some(record.weight_max_grams),
        dangerous_goods: record.dangerous_goods,
        cold_chain: record.cold_chain,
    };
    let people = PeopleTerms { cost_minor: fixed_cost_minor, co2_g: record.co2_grams };
    Some(Lane {
        id: record.lane_id.parse().ok()?,
        from: record.from_site_id.parse().ok()?,
        to: record.to_site_id.parse().ok()?,
        mode: mode(record.mode()),
        schedule: schedule(record, zone, calendars)?,
        valid_from: None,
        valid_until: None,
        not_on: record.not_on.iter().map(|date| date.parse::<Date>().ok()).collect::<Option<_>>()?,
        // Dates without departures are named one by one.
        runs_on_holidays: true,
        goods: (!record.people).then_some(goods),
        people: record.people.then_some(people),
        late_probability: record.risk,
        lateness: record.lateness.iter().map(lateness).collect(),
    })
}

const fn lateness(record: &pb::LatenessQuantile) -> LatenessQuantile {
    LatenessQuantile { share: record.share, minutes: record.minutes }
}

fn schedule(record: &pb::Lane, zone: &str, calendars: &mut Calendars<'_>) -> Option<Schedule> {
    if record.departures.is_empty() {
        let calendar = match record.calendar_id.as_str() {
            "" => None,
            calendar_id => Some(calendars.of(calendar_id, zone)?),
        };
        return Some(Schedule::OnDemand { duration_minutes: record.on_demand_minutes.into(), calendar });
    }
    record.departures.iter().map(departure).collect::<Option<_>>().map(Schedule::Timetable)
}

fn departure(record: &pb::Departure) -> Option<Departure> {
    let days: Option<Vec<_>> = record.weekdays.iter().map(|number| weekday(*number)).collect();
    let (cut_off_minute, depart_minute) = (minute_of_day(&record.cut_off)?, minute_of_day(&record.departs)?);
    Some(Departure {
        days: Weekdays::of(days?),
        cut_off_minute,
        // A cut-off that is later on the clock than the departure is the day before.
        cut_off_days_before: i32::from(cut_off_minute > depart_minute),
        depart_minute,
        arrive_minute: minute_of_day(&record.arrives)?,
        arrive_days_after: record.arrives_days_later,
    })
}

fn mode(mode: pb::LaneMode) -> Mode {
    match mode {
        pb::LaneMode::Air | pb::LaneMode::Flight => Mode::Air,
        pb::LaneMode::Sea => Mode::Sea,
        pb::LaneMode::Rail | pb::LaneMode::Train => Mode::Rail,
        pb::LaneMode::Courier => Mode::Courier,
        pb::LaneMode::Drive => Mode::Drive,
        pb::LaneMode::Road | pb::LaneMode::Unspecified => Mode::Road,
    }
}

fn minor(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor)
}
