//! Commands of plans, as events that name the region which must obey.

use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_messaging::Work;
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::inventory::v1::{HoldLine, Pool};
use meridian_types::{ItemId, Quantity, RegionId};

use super::plan::{engineer_claim, hold_lines, kit_orders, order_terms};
use crate::domain::{Command, InstrumentMove, Plan, StockClaim, TaskWork};

/// How long a claim stands without being confirmed: longer than a plan waits for the other owners.
const EXPIRES_IN_MINUTES: i64 = 240;

/// Sends a command of a plan.
pub(crate) fn send(work: &mut Work, plan: &Plan, version: i64, command: Command) {
    let sender = Sender { plan, version };
    match command {
        Command::Ask(region, task) => sender.ask(work, &region, task),
        Command::Confirm(region, task) => sender.confirm(work, &region, &task),
        Command::Undo(region, task) => sender.undo(work, &region, &task),
        Command::Shelve(region, task) => sender.shelve(work, &region, &task),
    }
}

struct Sender<'a> {
    plan: &'a Plan,
    version: i64,
}

impl Sender<'_> {
    fn case_id(&self) -> String {
        self.plan.case_id.to_string()
    }

    fn emit<M: meridian_messaging::Announced>(&self, work: &mut Work, command: &M) {
        work.emit(self.plan.plan_id, self.version, command);
    }

    /// How long a claim stands without being confirmed: parties may take longer than owners.
    fn expires_in_minutes(&self, now: Timestamp) -> i32 {
        let answers =
            self.plan.chosen.orders.iter().map(|order| order.answer_due.duration_since(now).as_mins());
        let minutes = answers.max().unwrap_or(0).max(0) + EXPIRES_IN_MINUTES;
        i32::try_from(minutes).unwrap_or(i32::MAX)
    }

    fn ask(&self, work: &mut Work, region: &RegionId, task: TaskWork) {
        let (target_region, case_id) = (region.to_string(), self.case_id());
        match task {
            TaskWork::Hold { hold, claim } => {
                let (hold_id, plan_id) = (hold.to_string(), self.plan.plan_id.to_string());
                let (lines, expires_in_minutes) = (hold_lines(&claim), self.expires_in_minutes(work.now()));
                let command = pb::HoldStockRequested {
                    target_region,
                    hold_id,
                    case_id,
                    plan_id,
                    lines,
                    expires_in_minutes,
                };
                self.emit(work, &command);
            }
            TaskWork::Send { transfer, hold, claim, for_case } => {
                let hold_id = if claim.lines.is_empty() { String::new() } else { hold.to_string() };
                let transfer_id = transfer.to_string();
                let command = pb::MoveRequested {
                    target_region,
                    transfer_id,
                    case_id,
                    hold_id,
                    for_case: for_case.unwrap_or_default(),
                    ..goods(&claim)
                };
                self.emit(work, &command);
            }
            TaskWork::MoveInstrument { transfer, movement } => {
                let transfer_id = transfer.to_string();
                let command =
                    pb::MoveRequested { target_region, transfer_id, case_id, ..instrument(&movement) };
                self.emit(work, &command);
            }
            TaskWork::Visit { visit, claim } => {
                let (visit_id, claim) = (visit.to_string(), Some(engineer_claim(&claim)));
                let expires_in_minutes = self.expires_in_minutes(work.now());
                let command =
                    pb::HoldVisitRequested { target_region, visit_id, case_id, claim, expires_in_minutes };
                self.emit(work, &command);
            }
            TaskWork::Order { order, claim } => {
                let (order_id, terms) = (order.to_string(), Some(order_terms(&claim)));
                self.emit(work, &pb::PartyOrderRequested { order_id, case_id, terms });
            }
            TaskWork::Refer { referral, claim } => {
                let (referral_id, party_id) = (referral.to_string(), claim.party.to_string());
                self.emit(work, &pb::ReferralRequested { referral_id, case_id, party_id });
            }
        }
    }

    fn confirm(&self, work: &mut Work, region: &RegionId, task: &TaskWork) {
        let (target_region, case_id) = (region.to_string(), self.case_id());
        match task {
            TaskWork::Hold { hold, .. } => {
                let hold_id = hold.to_string();
                self.emit(work, &pb::ConfirmStockRequested { target_region, hold_id, case_id });
            }
            TaskWork::Visit { visit, .. } => {
                let visit_id = visit.to_string();
                self.emit(work, &pb::BookVisitRequested { target_region, visit_id, case_id });
            }
            TaskWork::Order { order, .. } => {
                let order_id = order.to_string();
                self.emit(work, &pb::PlacePartyOrderRequested { order_id, case_id });
            }
            // Ordered is confirmed.
            TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } | TaskWork::Refer { .. } => {}
        }
    }

    fn undo(&self, work: &mut Work, region: &RegionId, task: &TaskWork) {
        let (target_region, case_id) = (region.to_string(), self.case_id());
        match task {
            TaskWork::Hold { hold, .. } => {
                let hold_id = hold.to_string();
                self.emit(work, &pb::ReleaseStockRequested { target_region, hold_id, case_id });
            }
            TaskWork::Send { transfer, .. } | TaskWork::MoveInstrument { transfer, .. } => {
                let transfer_id = transfer.to_string();
                self.emit(work, &pb::CancelMoveRequested { target_region, transfer_id, case_id });
            }
            TaskWork::Visit { visit, .. } => {
                let visit_id = visit.to_string();
                self.emit(work, &pb::CancelVisitRequested { target_region, visit_id, case_id });
            }
            TaskWork::Order { order, claim } => {
                let (order_id, terms) = (order.to_string(), Some(order_terms(claim)));
                self.emit(work, &pb::CancelPartyOrderRequested { order_id, case_id, terms });
            }
            // Cannot be called back.
            TaskWork::Refer { .. } => {}
        }
    }

    fn shelve(&self, work: &mut Work, region: &RegionId, task: &TaskWork) {
        let TaskWork::Send { transfer, claim, .. } = task else { return };
        let line = |(item, quantity): &(ItemId, Quantity)| HoldLine {
            item_id: item.to_string(),
            warehouse_site_id: claim.to_site.to_string(),
            quantity: quantity.units(),
            pool: Pool::Stock.into(),
            ..HoldLine::default()
        };
        let (target_region, case_id) = (region.to_string(), self.case_id());
        let (transfer_id, lines) = (transfer.to_string(), claim.goods().iter().map(line).collect());
        self.emit(work, &pb::ShelveGoodsRequested { target_region, transfer_id, case_id, lines });
    }
}

fn goods(claim: &StockClaim) -> pb::MoveRequested {
    pb::MoveRequested {
        from_site_id: claim.warehouse.to_string(),
        to_site_id: claim.to_site.to_string(),
        to_region: claim.to_region.as_ref().map(ToString::to_string).unwrap_or_default(),
        expected_at: Some(encode::timestamp(claim.arrives)),
        due_back: claim.due_back.map(encode::timestamp),
        kits: kit_orders(claim),
        ..pb::MoveRequested::default()
    }
}

fn instrument(movement: &InstrumentMove) -> pb::MoveRequested {
    pb::MoveRequested {
        serial_number: movement.serial.to_string(),
        from_site_id: movement.from_site.to_string(),
        to_site_id: movement.to_site.to_string(),
        to_region: movement.to_region.as_ref().map(ToString::to_string).unwrap_or_default(),
        expected_at: Some(encode::timestamp(movement.arrives)),
        ..pb::MoveRequested::default()
    }
}
