//! A plan in words: every visit, what is left out and why, and what it costs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_dispatch::Desk;
use meridian_scheduler::workload::{Crew, Plan, PlannedVisit, Remedy, Unplanned, Why, smallest_change};
use meridian_types::{Money, VisitId};

use super::Names;
use crate::output::{line, table, width, wrapped};

/// Prints all of it.
pub(super) fn show(desk: &Desk, plan: &Plan, names: &Names) {
    let mut visits = table(&["order", "site", "engineer", "work", "until", "away from, to"]);
    for visit in &plan.visits {
        visits.add_row(row(desk, visit, names));
    }
    if !plan.visits.is_empty() {
        visits.to_string().lines().for_each(line);
    }
    let left_out = plan.unplanned.iter().map(|unplanned| left_out(desk, plan, unplanned, names));
    let outside = desk
        .left()
        .map(|order| format!("{}: not planned: it can be done only outside of these days", names[&order]));
    for text in left_out.chain(outside) {
        wrapped(&text, width(), 0, 4).iter().for_each(line);
    }
    wrapped(&costs(plan), width(), 0, 4).iter().for_each(line);
}

fn row(desk: &Desk, visit: &PlannedVisit, names: &Names) -> Vec<String> {
    let order = desk.workload.orders.iter().find(|order| order.id == visit.order);
    let engineers: Vec<String> =
        visit.stints.iter().map(|stint| stint.assignee.engineer.to_string()).collect();
    let zone =
        visit.stints.first().map_or(TimeZone::UTC, |stint| zone_of(desk, stint.assignee.engineer.as_str()));
    let wall = |instant: Timestamp, format| instant.to_zoned(zone.clone()).strftime(format).to_string();
    let away = visit.stints.first().map(|stint| {
        let from = wall(stint.during.start(), "%H:%M");
        format!("{from}, {}", wall(stint.during.end(), "%H:%M"))
    });
    vec![
        names[&visit.order].clone(),
        order.map(|order| order.site.to_string()).unwrap_or_default(),
        engineers.join(" and "),
        wall(visit.work.start(), "%a %-d %b %H:%M"),
        wall(visit.work.end(), "%H:%M %Z"),
        away.unwrap_or_default(),
    ]
}

fn zone_of(desk: &Desk, engineer: &str) -> TimeZone {
    let crew = desk.workload.engineers.iter().find(|crew| crew.engineer.id.as_str() == engineer);
    crew.map_or(TimeZone::UTC, zone_of_crew)
}

/// The zone by whose clocks somebody works.
pub(super) fn zone_of_crew(crew: &Crew) -> TimeZone {
    TimeZone::get(&crew.engineer.calendar.zone.to_string()).unwrap_or(TimeZone::UTC)
}

/// Why an order is left out, and what would help.
fn left_out(desk: &Desk, plan: &Plan, unplanned: &Unplanned, names: &Names) -> String {
    let why = match &unplanned.why {
        Why::NobodyHas(skill) => format!("nobody has {skill}"),
        Why::NobodyWorks => "nobody works when it can be done".to_owned(),
        Why::NobodyMay => "nobody of those who work then may do it".to_owned(),
        Why::Waits(first) => format!("it waits for {}", names[first]),
        Why::NoRoom => "who could has no room, or it would cost more than leaving it out".to_owned(),
    };
    let order = unplanned.order;
    let remedy = smallest_change(&desk.workload, plan, order).ok().flatten();
    let remedy = remedy.map_or_else(String::new, |remedy| format!("; {}", helps(desk, order, &remedy)));
    format!("{}: not planned: {why}{remedy}", names[&order])
}

fn helps(desk: &Desk, order: VisitId, remedy: &Remedy) -> String {
    let site =
        desk.workload.orders.iter().find(|known| known.id == order).map(|known| known.site.to_string());
    let wall = |instant: Timestamp, zone: &TimeZone| {
        instant.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M %Z").to_string()
    };
    match remedy {
        Remedy::Book(slot) => {
            let zone = zone_of(desk, slot.stints[0].assignee.engineer.as_str());
            format!("it can be done from {}", wall(slot.work.start(), &zone))
        }
        Remedy::Overtime { engineer, during } => {
            let zone = zone_of(desk, engineer.as_str());
            let (from, until) = (wall(during.start(), &zone), wall(during.end(), &zone));
            format!("it could be with overtime of {engineer} from {from} until {until}")
        }
        Remedy::Window { to, .. } => {
            format!("it could be in a window from {} until {}", to.start(), to.end())
        }
        Remedy::Release(by) => format!("it could be if what it waits for were there by {by}"),
        Remedy::Certificate { engineer, skill } => {
            format!("it could be if {engineer} were certified for {skill}")
        }
        Remedy::Accept(engineer) => {
            format!("it could be if {} accepted {engineer}", site.unwrap_or_default())
        }
    }
}

/// What is spent; that orders are left out costs nobody anything yet.
fn costs(plan: &Plan) -> String {
    let costs = &plan.costs;
    let spent = costs.total.minor() - costs.absences.minor();
    let spent = Money::new(costs.total.currency_code(), spent).unwrap_or(costs.total);
    format!(
        "Costs {spent}: hours {}, overtime {}, ways {}, lateness {}.",
        costs.hours, costs.overtime, costs.travel, costs.lateness
    )
}
