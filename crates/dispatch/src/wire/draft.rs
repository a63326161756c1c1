//! Plans as messages.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use meridian_chassis::{decode, encode};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{
    Appointment, Assignee, Change, Costs, Plan, PlannedVisit, Reason, Stint, Unplanned, Why, Workload,
};
use meridian_types::{EngineerId, Problem, Rule, Violations, VisitId};

use super::list;
use super::visit::encode_stay;
use crate::domain::claim::Stay;
use crate::domain::scene::Left;
use crate::domain::terms::Trips;

/// The plan of a workload, with the orders that could not be part of it.
pub(crate) fn encode(
    plan: &Plan,
    (workload, left): (&Workload, &BTreeMap<VisitId, Left>),
    trips: &Trips,
) -> pb::Draft {
    let left = left.iter().map(|(order, left)| encode_left(*order, *left));
    let priced = plan.outsourced.iter().map(|id| encode_outsourced(workload, *id));
    pb::Draft {
        visits: plan.visits.iter().map(|visit| encode_visit(visit, trips)).collect(),
        outsourced: priced.collect(),
        unplanned: plan.unplanned.iter().map(encode_unplanned).chain(left).collect(),
        changes: plan.changes.iter().map(change).collect(),
        costs: Some(encode_costs(&plan.costs)),
    }
}

/// An order that goes to a party.
pub(crate) fn encode_outsourced(workload: &Workload, id: VisitId) -> pb::OutsourcedOrder {
    let order = workload.orders.iter().find(|order| order.id == id);
    let price = order.and_then(|order| order.outsource).map(encode::money);
    pb::OutsourcedOrder { visit_id: id.to_string(), price }
}

pub(crate) fn encode_visit(visit: &PlannedVisit, trips: &Trips) -> pb::PlannedVisit {
    pb::PlannedVisit {
        visit_id: visit.order.to_string(),
        work: Some(encode::interval(visit.work)),
        stints: visit.stints.iter().map(|stint| encode_stint(stint, trips)).collect(),
    }
}

pub(crate) fn encode_stint(stint: &Stint, trips: &Trips) -> pb::Stint {
    let Assignee { engineer, trip } = &stint.assignee;
    let stay = trip.and_then(|trip| trips.stay(engineer, trip));
    let overtime_s = stint.overtime.as_secs();
    pb::Stint {
        engineer_id: engineer.to_string(),
        from_site_id: stint.from.to_string(),
        during: Some(encode::interval(stint.during)),
        home_site_id: stint.home.as_ref().map(ToString::to_string).unwrap_or_default(),
        overtime_minutes: i32::try_from((overtime_s + 59) / 60).unwrap_or(i32::MAX),
        picks_up: stint.picks_up,
        stay: stay.as_ref().map(encode_stay),
    }
}

fn unplanned(order: VisitId, reason: pb::UnplannedReason, witness: String) -> pb::UnplannedOrder {
    pb::UnplannedOrder { visit_id: order.to_string(), reason: reason.into(), witness }
}

/// An order that could not be part of a plan.
pub(crate) fn encode_left(order: VisitId, left: Left) -> pb::UnplannedOrder {
    use pb::UnplannedReason as Reason;
    match left {
        Left::Outside => unplanned(order, Reason::OutsideWindow, String::new()),
        Left::TooFew => unplanned(order, Reason::NobodyMay, String::new()),
        Left::NoPickup => unplanned(order, Reason::NoPickup, String::new()),
        Left::Waits(first) => unplanned(order, Reason::Waits, first.to_string()),
    }
}

fn encode_unplanned(order: &Unplanned) -> pb::UnplannedOrder {
    use pb::UnplannedReason as Reason;
    let (reason, witness) = match &order.why {
        Why::NobodyHas(skill) => (Reason::NobodyHas, skill.to_string()),
        Why::NobodyWorks => (Reason::NobodyWorks, String::new()),
        Why::NobodyMay => (Reason::NobodyMay, String::new()),
        Why::Waits(first) => (Reason::Waits, first.to_string()),
        Why::NoRoom => (Reason::NoRoom, String::new()),
    };
    unplanned(order.order, reason, witness)
}

fn change(change: &Change) -> pb::PlanChange {
    use pb::ChangeReason as Because;
    let (reason, witness) = match &change.reason {
        Reason::New => (Because::New, String::new()),
        Reason::Absent(engineer) => (Because::Absent, engineer.to_string()),
        Reason::PartComes(at) => (Because::PartComes, at.to_string()),
        Reason::NotPossible => (Because::NotPossible, String::new()),
        Reason::Better => (Because::Better, String::new()),
    };
    pb::PlanChange {
        visit_id: change.order.to_string(),
        before: change.before.as_ref().map(agreed),
        after: change.after.as_ref().map(agreed),
        reason: reason.into(),
        witness,
        charge: Some(encode::money(change.charge)),
    }
}

fn agreed(appointment: &Appointment) -> pb::Agreed {
    pb::Agreed {
        engineer_ids: appointment.assignees.iter().map(|one| one.engineer.to_string()).collect(),
        work: Some(encode::interval(appointment.work)),
    }
}

pub(crate) fn encode_costs(costs: &Costs) -> pb::PlanCosts {
    let money = |amount| Some(encode::money(amount));
    pb::PlanCosts {
        travel: money(costs.travel),
        hours: money(costs.hours),
        overtime: money(costs.overtime),
        changes: money(costs.changes),
        lateness: money(costs.lateness),
        absences: money(costs.absences),
        total: money(costs.total),
        trips: money(costs.trips),
        outsourcing: money(costs.outsourcing),
    }
}

/// What matters of a draft when it is published or explained.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) visits: Vec<PlannedVisit>,
    pub(crate) outsourced: Vec<VisitId>,
    pub(crate) unplanned: Vec<pb::UnplannedOrder>,
}

/// A draft that this service wrote, under terms with these trips.
///
/// # Errors
/// It is not one that this service writes.
pub(crate) fn decode(draft: pb::Draft, trips: &Trips) -> Result<Draft, Problem> {
    let mut v = Violations::new();
    let visits = list(&mut v, "draft.visits", draft.visits, usize::MAX, |v, field, visit| {
        let order = decode::parsed(v, &format!("{field}.visit_id"), &visit.visit_id);
        let work = decode::interval(v, &format!("{field}.work"), visit.work);
        let stints = list(v, &format!("{field}.stints"), visit.stints, usize::MAX, |v, field, stint| {
            decode_stint(v, field, stint, trips)
        });
        Some(PlannedVisit { order: order?, work: work?, stints: stints? })
    });
    let outsourced = draft.outsourced;
    let outsourced = list(&mut v, "draft.outsourced", outsourced, usize::MAX, |v, field, order| {
        decode::parsed(v, &format!("{field}.visit_id"), &order.visit_id)
    });
    let (visits, outsourced) = decode::complete(v, visits.zip(outsourced))?;
    Ok(Draft { visits, outsourced, unplanned: draft.unplanned })
}

fn decode_stint(v: &mut Violations, field: &str, stint: pb::Stint, trips: &Trips) -> Option<Stint> {
    let engineer: Option<EngineerId> = decode::parsed(v, &format!("{field}.engineer_id"), &stint.engineer_id);
    let from = decode::parsed(v, &format!("{field}.from_site_id"), &stint.from_site_id);
    let during = decode::interval(v, &format!("{field}.during"), stint.during);
    let home = decode::parsed_if_set(v, &format!("{field}.home_site_id"), &stint.home_site_id);
    let engineer = engineer?;
    let trip = match stint.stay {
        None => None,
        Some(stay) => Some(trip(v, &format!("{field}.stay"), stay, (&engineer, trips))?),
    };
    Some(Stint {
        assignee: Assignee { engineer, trip },
        from: from?,
        picks_up: stint.picks_up,
        during: during?,
        home,
        overtime: SignedDuration::from_mins(stint.overtime_minutes.into()),
    })
}

fn trip(
    v: &mut Violations,
    field: &str,
    stay: pb::Stay,
    (engineer, trips): (&EngineerId, &Trips),
) -> Option<usize> {
    let lodging = decode::parsed(v, &format!("{field}.lodging_site_id"), &stay.lodging_site_id);
    let away = decode::interval(v, &format!("{field}.away"), stay.away);
    let stay = Stay { lodging: lodging?, away: away? };
    let known = trips.find(engineer, &stay).ok_or(Rule::new("a trip of the terms"));
    v.check(field, &stay.lodging, known)
}
