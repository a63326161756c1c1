//! Plans, claims and promises as messages.

use meridian_chassis::encode;
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1::{self as inventory, HoldLine, KitLine, Pool};
use meridian_proto::types::v1 as types;
use meridian_types::{ItemId, Quantity};

use crate::domain::{
    Disruption, EngineerClaim, InstrumentMove, KitOrder, OrderClaim, PartyService, Plan, PlanState,
    Responsibility, SolutionKind, Stage, StockClaim, Task, TaskState, TaskWork,
};

/// A plan with the solution of its present revision and its version.
pub(crate) fn plan(plan: &Plan, solution: Option<pb::Solution>, version: i64) -> pb::Plan {
    pb::Plan {
        plan_id: plan.plan_id.to_string(),
        case_id: plan.case_id.to_string(),
        revision: plan.revision,
        state: state(&plan.state).into(),
        solution,
        tasks: plan.tasks.iter().map(|task| self::task(plan, task)).collect(),
        responsibility: match &plan.state {
            PlanState::Open(_, responsibility) => Some(self::responsibility(responsibility)),
            PlanState::Completed | PlanState::Ended => None,
        },
        expected_at: Some(encode::timestamp(plan.expected_at)),
        etag: version.to_string(),
    }
}

pub(crate) const fn state(state: &PlanState) -> pb::PlanState {
    match state {
        PlanState::Open(Stage::Holding, _) => pb::PlanState::Holding,
        PlanState::Open(Stage::Executing, _) => pb::PlanState::Executing,
        PlanState::Open(Stage::Replanning { .. }, _) => pb::PlanState::Replanning,
        PlanState::Open(Stage::Parked { .. }, _) => pb::PlanState::Parked,
        PlanState::Completed => pb::PlanState::Completed,
        PlanState::Ended => pb::PlanState::Ended,
    }
}

pub(crate) fn responsibility(responsibility: &Responsibility) -> types::Responsibility {
    types::Responsibility {
        owner: responsibility.owner.clone(),
        next_action: responsibility.next_action.clone(),
        due: Some(encode::timestamp(responsibility.due)),
    }
}

fn task(plan: &Plan, task: &Task) -> pb::PlanTask {
    let (task_id, region, text) = match &task.work {
        TaskWork::Hold { hold, claim } => (
            hold.to_string(),
            claim.region.as_str(),
            format!("Reserve {} at {}", goods(&claim.lines, |it| claim.replaced_by(it)), claim.warehouse),
        ),
        TaskWork::Send { transfer, claim, .. } => (
            transfer.to_string(),
            claim.region.as_str(),
            format!(
                "Send {} from {} to {}",
                goods(claim.goods(), |it| claim.replaced_by(it)),
                claim.warehouse,
                claim.to_site
            ),
        ),
        TaskWork::MoveInstrument { transfer, movement } => (
            transfer.to_string(),
            plan.region.as_str(),
            format!(
                "Move instrument {} from {} to {}",
                movement.serial, movement.from_site, movement.to_site
            ),
        ),
        TaskWork::Visit { visit, claim } => {
            (visit.to_string(), claim.region.as_str(), format!("{} works at {}", claim.engineer, claim.site))
        }
        TaskWork::Order { order, claim } => (order.to_string(), plan.region.as_str(), ordered(claim)),
        TaskWork::Refer { referral, claim } => {
            (referral.to_string(), plan.region.as_str(), format!("{} takes the case over", claim.party))
        }
    };
    pb::PlanTask {
        task_id,
        revision: task.revision,
        region: region.to_owned(),
        state: task_state(task.state).into(),
        expected_at: Some(encode::timestamp(task.expected_at)),
        text,
    }
}

/// What a party does.
fn ordered(claim: &OrderClaim) -> String {
    match &claim.service {
        PartyService::Supply(lines) => {
            let goods = goods(lines, |it| claim.replaced_by(it));
            format!("{} brings {goods} to {}", claim.party, claim.site)
        }
        PartyService::Repair(serial) => {
            format!("{} repairs instrument {serial} at {}", claim.party, claim.site)
        }
    }
}

/// "2 x PUMP-7, 1 x SEAL-2 for SEAL-1", where the latter is what was asked for.
fn goods<'g>(lines: &'g [(ItemId, Quantity)], replaced_by: impl Fn(&ItemId) -> Option<&'g ItemId>) -> String {
    let line = |(item, quantity): &(ItemId, Quantity)| match replaced_by(item) {
        Some(asked) => format!("{quantity} x {item} for {asked}"),
        None => format!("{quantity} x {item}"),
    };
    lines.iter().map(line).collect::<Vec<_>>().join(", ")
}

const fn task_state(state: TaskState) -> pb::TaskState {
    match state {
        TaskState::Pending => pb::TaskState::Pending,
        TaskState::Requested => pb::TaskState::Requested,
        TaskState::Held | TaskState::Confirming => pb::TaskState::Held,
        TaskState::Confirmed => pb::TaskState::Confirmed,
        TaskState::UnderWay => pb::TaskState::UnderWay,
        TaskState::Done => pb::TaskState::Done,
        TaskState::Failed => pb::TaskState::Failed,
        TaskState::Shelving | TaskState::Undoing => pb::TaskState::Undoing,
        TaskState::Undone => pb::TaskState::Undone,
    }
}

pub(crate) const fn kind(kind: SolutionKind) -> pb::SolutionKind {
    match kind {
        SolutionKind::LocalStock => pb::SolutionKind::LocalStock,
        SolutionKind::Transfer => pb::SolutionKind::Transfer,
        SolutionKind::Substitute => pb::SolutionKind::Substitute,
        SolutionKind::Loaner => pb::SolutionKind::Loaner,
        SolutionKind::EngineerVisit => pb::SolutionKind::EngineerVisit,
        SolutionKind::ShipToDepot => pb::SolutionKind::ShipToDepot,
        SolutionKind::Referral => pb::SolutionKind::Referral,
        SolutionKind::Split => pb::SolutionKind::Split,
        SolutionKind::Kit => pb::SolutionKind::Kit,
        SolutionKind::WaitForSupply => pb::SolutionKind::WaitForSupply,
        SolutionKind::AdvanceExchange => pb::SolutionKind::AdvanceExchange,
        SolutionKind::RemoteFix => pb::SolutionKind::RemoteFix,
        SolutionKind::ThirdParty => pb::SolutionKind::ThirdParty,
    }
}

pub(crate) const fn disruption(reason: Disruption) -> pb::DisruptionReason {
    match reason {
        Disruption::HoldRefused => pb::DisruptionReason::HoldRefused,
        Disruption::HoldExpired => pb::DisruptionReason::HoldExpired,
        Disruption::PickFailed => pb::DisruptionReason::PickFailed,
        Disruption::CustomsHold => pb::DisruptionReason::CustomsHold,
        Disruption::ShipmentLost => pb::DisruptionReason::ShipmentLost,
        Disruption::ShipmentLate => pb::DisruptionReason::ShipmentLate,
        Disruption::EngineerUnavailable => pb::DisruptionReason::EngineerUnavailable,
        Disruption::ReferralReturned => pb::DisruptionReason::ReferralReturned,
        Disruption::Silence => pb::DisruptionReason::Silence,
        Disruption::NeededEarlier => pb::DisruptionReason::NeededEarlier,
        Disruption::LoanOverdue => pb::DisruptionReason::LoanOverdue,
        Disruption::Unsolved => pb::DisruptionReason::Unsolved,
        Disruption::SupplyLate => pb::DisruptionReason::SupplyLate,
        Disruption::PartyDeclined => pb::DisruptionReason::PartyDeclined,
        Disruption::PartyLate => pb::DisruptionReason::PartyLate,
        Disruption::NeedChanged => pb::DisruptionReason::NeedChanged,
    }
}

/// What went wrong, in plain English.
pub(crate) const fn disruption_text(reason: Disruption) -> &'static str {
    match reason {
        Disruption::HoldRefused => "what was needed could not be reserved",
        Disruption::HoldExpired => "a reservation was lost",
        Disruption::PickFailed => "the goods were not on the shelf",
        Disruption::CustomsHold => "customs hold the goods back",
        Disruption::ShipmentLost => "a shipment was lost",
        Disruption::ShipmentLate => "a shipment is late",
        Disruption::EngineerUnavailable => "the engineer cannot come",
        Disruption::ReferralReturned => "the party did not take the case over",
        Disruption::Silence => "an expected word did not come",
        Disruption::NeededEarlier => "the customer needs it earlier",
        Disruption::NeedChanged => "the customer needs something else, or elsewhere",
        Disruption::LoanOverdue => {
            "the loaner, or the instrument that was replaced, did not come back in time"
        }
        Disruption::Unsolved => "the instrument still does not work",
        Disruption::SupplyLate => "a supply comes later than expected",
        Disruption::PartyDeclined => "a partner does not do what was ordered",
        Disruption::PartyLate => "a partner is later than expected",
    }
}

/// What a claim holds: on shelves, then of receipts.
pub(crate) fn hold_lines(claim: &StockClaim) -> Vec<HoldLine> {
    let pool = if claim.on_loan { Pool::Loan } else { Pool::Stock };
    let line = |item: &ItemId, units, receipt_id| HoldLine {
        item_id: item.to_string(),
        warehouse_site_id: claim.warehouse.to_string(),
        quantity: units,
        pool: pool.into(),
        receipt_id,
        ..HoldLine::default()
    };
    let shelf = claim.lines.iter().map(|(item, _)| line(item, claim.on_shelf(item), String::new()));
    let awaited = claim.awaited.iter();
    let receipts = awaited.map(|it| line(&it.item, it.quantity.units(), it.receipt.to_string()));
    shelf.filter(|line| line.quantity > 0).chain(receipts).collect()
}

/// What a warehouse puts together.
pub(crate) fn kit_orders(claim: &StockClaim) -> Vec<inventory::KitOrder> {
    let part = |(item, quantity): &(ItemId, Quantity)| KitLine {
        item_id: item.to_string(),
        quantity: quantity.units(),
    };
    let order = |order: &KitOrder| inventory::KitOrder {
        item_id: order.kit.to_string(),
        quantity: order.quantity.units(),
        parts: order.parts.iter().map(part).collect(),
    };
    claim.kits.iter().map(order).collect()
}

/// One for each line that is held; kits are told with the first.
pub(crate) fn stock_claims(claim: &StockClaim) -> Vec<pb::StockClaim> {
    let replaced_by =
        |line: &HoldLine| claim.replaced_by(&line.item_id.parse().ok()?).map(ToString::to_string);
    let message = |line: Option<HoldLine>| pb::StockClaim {
        region: claim.region.to_string(),
        stands_in_for: line.as_ref().and_then(replaced_by).unwrap_or_default(),
        line,
        to_site_id: claim.to_site.to_string(),
        arrives: Some(encode::timestamp(claim.arrives)),
        due_back: claim.due_back.map(encode::timestamp),
        departs: Some(encode::timestamp(claim.departs)),
        kits: Vec::new(),
    };
    let mut claims: Vec<_> = hold_lines(claim).into_iter().map(Some).map(message).collect();
    if claims.is_empty() {
        claims.push(message(None));
    }
    claims[0].kits = kit_orders(claim);
    claims
}

pub(crate) fn engineer_claim(claim: &EngineerClaim) -> pb::EngineerClaim {
    pb::EngineerClaim {
        region: claim.region.to_string(),
        engineer_id: claim.engineer.to_string(),
        site_id: claim.site.to_string(),
        during: Some(encode::interval(claim.during)),
        work: Some(encode::interval(claim.work)),
        skill_id: claim.skill.to_string(),
        level: claim.level,
        remote: claim.remote,
    }
}

/// What is ordered of a party.
pub(crate) fn order_terms(claim: &OrderClaim) -> intake::PartyOrderTerms {
    let line = |(item, quantity): &(ItemId, Quantity)| intake::NeedLine {
        item_id: item.to_string(),
        quantity: quantity.units(),
        unit: String::new(),
    };
    intake::PartyOrderTerms {
        party_id: claim.party.to_string(),
        lines: claim.goods().iter().map(line).collect(),
        serial_number: match &claim.service {
            PartyService::Supply(_) => String::new(),
            PartyService::Repair(serial) => serial.to_string(),
        },
        site_id: claim.site.to_string(),
        accept_by: Some(encode::timestamp(claim.answer_due)),
        expected_at: Some(encode::timestamp(claim.done)),
        price: Some(encode::money(claim.price)),
    }
}

pub(crate) fn instrument_move(movement: &InstrumentMove) -> pb::InstrumentMove {
    pb::InstrumentMove {
        serial_number: movement.serial.to_string(),
        from_site_id: movement.from_site.to_string(),
        to_site_id: movement.to_site.to_string(),
        departs: Some(encode::timestamp(movement.departs)),
        arrives: Some(encode::timestamp(movement.arrives)),
        after_work: movement.after_work,
        after_arrival: movement.after_arrival,
    }
}

/// States of plans, by their words in the database.
const PLAN_STATES: [(&str, pb::PlanState); 6] = [
    ("holding", pb::PlanState::Holding),
    ("executing", pb::PlanState::Executing),
    ("replanning", pb::PlanState::Replanning),
    ("parked", pb::PlanState::Parked),
    ("completed", pb::PlanState::Completed),
    ("ended", pb::PlanState::Ended),
];

/// States of promises, by their words in the database.
const PROMISE_STATES: [(&str, pb::PromiseState); 5] = [
    ("open", pb::PromiseState::Open),
    ("kept", pb::PromiseState::Kept),
    ("corrected", pb::PromiseState::Corrected),
    ("broken", pb::PromiseState::Broken),
    ("withdrawn", pb::PromiseState::Withdrawn),
];

/// The state that a word of the database stands for.
pub(crate) fn plan_state(word: &str) -> pb::PlanState {
    PLAN_STATES
        .iter()
        .find(|(known, _)| *known == word)
        .map_or(pb::PlanState::Unspecified, |(_, state)| *state)
}

/// The word of the database for a state; `None` for any.
pub(crate) fn plan_word(state: pb::PlanState) -> Option<&'static str> {
    PLAN_STATES.iter().find(|(_, known)| *known == state).map(|(word, _)| *word)
}

/// The state that a word of the database stands for.
pub(crate) fn promise_state(word: &str) -> pb::PromiseState {
    let known = PROMISE_STATES.iter().find(|(known, _)| *known == word);
    known.map_or(pb::PromiseState::Unspecified, |(_, state)| *state)
}

/// The word of the database for a state; `None` for any.
pub(crate) fn promise_word(state: pb::PromiseState) -> Option<&'static str> {
    PROMISE_STATES.iter().find(|(_, known)| *known == state).map(|(word, _)| *word)
}
