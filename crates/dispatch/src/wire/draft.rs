//! Plans as messages.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use meridian_chassis::{decode, encode};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{
    Appointment, Assignee, Change, Costs, Plan, PlannedVisit, Reason, Stint, Unplanned, Why,
};
use meridian_types::{Violations, VisitId};

use super::list;
use crate::domain::scene::Left;

/// The plan, with the orders that could not be part of it.
pub(crate) fn encode(plan: &Plan, left: &BTreeMap<VisitId, Left>) -> pb::Draft {
    let left = left.iter().map(|(order, left)| unplanned(*order, left_reason(*left), String::new()));
    pb::Draft {
        visits: plan.visits.iter().map(encode_visit).collect(),
        unplanned: plan.unplanned.iter().map(encode_unplanned).chain(left).collect(),
        changes: plan.changes.iter().map(change).collect(),
        costs: Some(encode_costs(&plan.costs)),
    }
}

pub(crate) fn encode_visit(visit: &PlannedVisit) -> pb::PlannedVisit {
    pb::PlannedVisit {
        visit_id: visit.order.to_string(),
        work: Some(encode::interval(visit.work)),
        stints: visit.stints.iter().map(encode_stint).collect(),
    }
}

pub(crate) fn encode_stint(stint: &Stint) -> pb::Stint {
    let overtime_s = stint.overtime.as_secs();
    pb::Stint {
        engineer_id: stint.assignee.engineer.to_string(),
        from_site_id: stint.from.to_string(),
        during: Some(encode::interval(stint.during)),
        home_site_id: stint.home.as_ref().map(ToString::to_string).unwrap_or_default(),
        overtime_minutes: i32::try_from((overtime_s + 59) / 60).unwrap_or(i32::MAX),
    }
}

fn unplanned(order: VisitId, reason: pb::UnplannedReason, witness: String) -> pb::UnplannedOrder {
    pb::UnplannedOrder { visit_id: order.to_string(), reason: reason.into(), witness }
}

pub(crate) const fn left_reason(left: Left) -> pb::UnplannedReason {
    match left {
        Left::Outside => pb::UnplannedReason::OutsideWindow,
        Left::TooFew => pb::UnplannedReason::NobodyMay,
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
    }
}

/// The visits of a draft that this service wrote.
pub(crate) fn decode_visits(
    v: &mut Violations,
    field: &str,
    visits: Vec<pb::PlannedVisit>,
) -> Option<Vec<PlannedVisit>> {
    list(v, field, visits, usize::MAX, |v, field, visit| {
        let order = decode::parsed(v, &format!("{field}.visit_id"), &visit.visit_id);
        let work = decode::interval(v, &format!("{field}.work"), visit.work);
        let stints = list(v, &format!("{field}.stints"), visit.stints, usize::MAX, stint);
        Some(PlannedVisit { order: order?, work: work?, stints: stints? })
    })
}

fn stint(v: &mut Violations, field: &str, stint: pb::Stint) -> Option<Stint> {
    let engineer = decode::parsed(v, &format!("{field}.engineer_id"), &stint.engineer_id);
    let from = decode::parsed(v, &format!("{field}.from_site_id"), &stint.from_site_id);
    let during = decode::interval(v, &format!("{field}.during"), stint.during);
    let home = decode::parsed_if_set(v, &format!("{field}.home_site_id"), &stint.home_site_id);
    Some(Stint {
        assignee: Assignee { engineer: engineer?, trip: None },
        from: from?,
        picks_up: false,
        during: during?,
        home,
        overtime: SignedDuration::from_mins(stint.overtime_minutes.into()),
    })
}
