//! The owners of a simulated world: inventories, dispatches and intake with the semantics of the real services.

mod dispatch;
mod inventory;
mod parties;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use meridian_types::{HoldId, PartyOrderId, ReceiptId, ReferralId, RegionId, TransferId, VisitId};

use super::super::{
    Command, EngineerClaim, Input, OrderMilestone, TaskWork, TransferMilestone, VisitMilestone,
};
use super::{Message, World, options};
use parties::PartyOrder;

/// A claim that nobody confirms is void after so long.
const EXPIRES: SignedDuration = SignedDuration::from_mins(240);

/// One direction between the plan and one service of a region: messages on it keep their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Channel {
    service: &'static str,
    region: RegionId,
    to_owner: bool,
}

impl Channel {
    pub(super) fn to(command: &Command) -> Self {
        let (Command::Ask(region, work)
        | Command::Confirm(region, work)
        | Command::Undo(region, work)
        | Command::Shelve(region, work)) = command;
        let service = match work {
            TaskWork::Hold { .. } | TaskWork::Send { .. } | TaskWork::MoveInstrument { .. } => "inventory",
            TaskWork::Visit { .. } => "dispatch",
            TaskWork::Order { .. } | TaskWork::Refer { .. } => "intake",
        };
        Self { service, region: region.clone(), to_owner: true }
    }

    pub(super) const fn region(&self) -> &RegionId {
        &self.region
    }

    fn back(service: &'static str, region: &RegionId) -> Self {
        Self { service, region: region.clone(), to_owner: false }
    }
}

/// Something that happens at an owner, of itself.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    HoldExpires(HoldId),
    SupplyComes(HoldId, ReceiptId),
    Transfer(TransferId, TransferMilestone),
    Visit(VisitId, VisitMilestone),
    EngineerIll(VisitId),
    OrderAnswered(PartyOrderId, OrderMilestone, Timestamp),
    ReferralAnswered(ReferralId, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HoldState {
    Held,
    Confirmed,
    Consumed,
    Released,
    Expired,
    Refused,
}

/// What moves.
#[derive(Debug, Clone, Copy)]
struct Load {
    hold: Option<HoldId>,
    /// How many units come to the customer.
    units: i64,
    on_loan: bool,
}

#[derive(Debug)]
struct Transfer {
    region: RegionId,
    load: Load,
    /// What happened last; `None` while it is only ordered.
    state: Option<TransferMilestone>,
    /// Grows with everything that happens.
    version: i64,
    arrives: Timestamp,
    /// Whether it came, or was to come, otherwise than planned, or was called off.
    is_troubled: bool,
    /// Whether the office has got back what it brought.
    is_back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VisitState {
    Held,
    Booked,
    Started,
    Finished,
    Cancelled,
    Expired,
}

#[derive(Debug, Default)]
pub(super) struct Owners {
    holds: BTreeMap<HoldId, (RegionId, HoldState)>,
    /// What holds wait for.
    awaited: BTreeSet<(HoldId, ReceiptId)>,
    transfers: BTreeMap<TransferId, Transfer>,
    /// Those whose goods were put onto the shelf where they came.
    shelved: BTreeSet<TransferId>,
    visits: BTreeMap<VisitId, (EngineerClaim, VisitState)>,
    /// Called off before they were ever held.
    never_held: Vec<VisitId>,
    orders: BTreeMap<PartyOrderId, PartyOrder>,
    referrals: BTreeMap<ReferralId, bool>,
}

impl Owners {
    pub(super) fn obey(&mut self, world: &mut World, command: Command) {
        match command {
            Command::Ask(region, TaskWork::Hold { hold, claim }) => {
                self.place(world, &region, hold, &claim);
            }
            Command::Ask(region, TaskWork::Send { transfer, hold, claim, .. }) => {
                let hold = Some(hold).filter(|_| !claim.lines.is_empty());
                let is_delivery = claim.to_site == options::customer();
                let units = if is_delivery { options::units(&claim) } else { 0 };
                let load = Load { hold, units, on_loan: claim.on_loan };
                self.order(world, &region, (transfer, load), (claim.departs, claim.arrives));
            }
            Command::Ask(region, TaskWork::MoveInstrument { transfer, movement }) => {
                let load = Load { hold: None, units: 0, on_loan: false };
                self.order(world, &region, (transfer, load), (movement.departs, movement.arrives));
            }
            Command::Ask(region, TaskWork::Visit { visit, claim }) => {
                self.claim(world, &region, visit, claim)
            }
            Command::Ask(_, TaskWork::Order { order, claim }) => self.ask_party(world, order, &claim),
            Command::Confirm(_, TaskWork::Order { order, .. }) => self.place_order(world, order),
            Command::Undo(_, TaskWork::Order { order, claim }) => self.cancel_order(world, order, &claim),
            Command::Ask(region, TaskWork::Refer { referral, .. }) => self.offer(world, &region, referral),
            Command::Confirm(region, TaskWork::Hold { hold, .. }) => self.confirm(world, &region, hold),
            Command::Confirm(region, TaskWork::Visit { visit, .. }) => self.book(world, &region, visit),
            Command::Undo(region, TaskWork::Hold { hold, .. }) => self.release(world, &region, hold),
            Command::Undo(
                region,
                TaskWork::Send { transfer, .. } | TaskWork::MoveInstrument { transfer, .. },
            ) => self.cancel(world, &region, transfer),
            Command::Undo(region, TaskWork::Visit { visit, .. }) => self.call_off(world, &region, visit),
            Command::Shelve(region, TaskWork::Send { transfer, .. }) => {
                assert_eq!(self.transfers[&transfer].state, Some(TransferMilestone::Received));
                self.shelved.insert(transfer);
                say(world, "inventory", &region, Input::GoodsShelved(transfer));
            }
            Command::Confirm(..) | Command::Undo(..) | Command::Shelve(..) => {
                unreachable!("{command:?}")
            }
        }
    }

    pub(super) fn happen(&mut self, world: &mut World, happening: Happening) {
        match happening {
            Happening::HoldExpires(hold) => {
                let Some((region, state @ HoldState::Held)) = self.holds.get_mut(&hold) else { return };
                *state = HoldState::Expired;
                say(world, "inventory", region, Input::HoldExpired(hold));
            }
            Happening::SupplyComes(hold, receipt) => self.supply(world, hold, receipt),
            Happening::Transfer(transfer, milestone) => self.move_on(world, transfer, milestone),
            Happening::Visit(visit, milestone) => self.visit_moves_on(world, visit, milestone),
            Happening::EngineerIll(visit) => {
                let Some((claim, state @ (VisitState::Held | VisitState::Booked))) =
                    self.visits.get_mut(&visit)
                else {
                    return;
                };
                *state = VisitState::Cancelled;
                say(world, "dispatch", &claim.region, Input::VisitDisrupted(visit));
            }
            Happening::OrderAnswered(order, milestone, at) => self.party_says(world, order, milestone, at),
            Happening::ReferralAnswered(referral, accepted) => {
                let home = "eu".parse().unwrap();
                self.referrals.insert(referral, true);
                let input = if accepted {
                    Input::ReferralAccepted(referral)
                } else {
                    Input::ReferralReturned(referral)
                };
                say(world, "intake", &home, input);
            }
        }
    }

    fn offer(&mut self, world: &mut World, region: &RegionId, referral: ReferralId) {
        if self.referrals.contains_key(&referral) {
            return;
        }
        self.referrals.insert(referral, false);
        let until = world.now + SignedDuration::from_mins(240);
        say(world, "intake", region, Input::ReferralOffered(referral, until));
        let accepted = !world.mishap(0.5);
        let at = if accepted { world.now + SignedDuration::from_mins(world.rng.i64(1..239)) } else { until };
        happens(world, at, Happening::ReferralAnswered(referral, accepted));
    }

    /// How many units have come to the customer, and how many of them as planned, from regions that were heard of.
    pub(super) fn delivered(&self, cut_off: &[RegionId]) -> (i64, i64) {
        let received = |transfer: &&Transfer| {
            transfer.state == Some(TransferMilestone::Received) && !transfer.load.on_loan && !transfer.is_back
        };
        let as_planned = |transfer: &&Transfer| !transfer.is_troubled && !cut_off.contains(&transfer.region);
        let came = || self.transfers.values().filter(received);
        let home_was_heard_of = !cut_off.iter().any(|region| region.as_str() == "eu");
        let bought = |as_planned: bool| -> i64 {
            let counts = |order: &&PartyOrder| !as_planned || (order.came_as_planned() && home_was_heard_of);
            self.orders.values().filter(counts).map(PartyOrder::delivered_units).sum()
        };
        (
            came().map(|transfer| transfer.load.units).sum::<i64>() + bought(false),
            came().filter(as_planned).map(|transfer| transfer.load.units).sum::<i64>() + bought(true),
        )
    }

    /// How many transfers have brought what was put onto the shelf where it came.
    pub(super) fn shelved(&self) -> usize {
        self.shelved.len()
    }

    /// How many units on loan the customer has.
    pub(super) fn lent(&self) -> usize {
        let received = |transfer: &&Transfer| transfer.state == Some(TransferMilestone::Received);
        let lent = self.transfers.values().filter(received);
        lent.filter(|transfer| transfer.load.on_loan && !transfer.is_back).count()
    }

    /// The office gets back what has left on loan, and of units that stay, if it `replaces` something with one, the others.
    pub(super) fn take_back(&mut self, replaces: bool) {
        let has_left = |transfer: &&mut Transfer| {
            transfer.state.is_some_and(|state| state > TransferMilestone::Picked) && transfer.load.units > 0
        };
        let (lent, given): (Vec<_>, Vec<_>) =
            self.transfers.values_mut().filter(has_left).partition(|transfer| transfer.load.on_loan);
        // The customer keeps one that is there.
        let is_there = |transfer: &&mut Transfer| transfer.state == Some(TransferMilestone::Received);
        let (there, coming): (Vec<_>, Vec<_>) = given.into_iter().partition(is_there);
        let others = there.into_iter().skip(1).chain(coming).filter(|_| replaces);
        for transfer in lent.into_iter().chain(others) {
            transfer.is_back = true;
        }
    }

    /// Nobody keeps anything for a plan that is over.
    pub(super) fn check_no_orphans(&self, seed: u64) {
        for (id, (_, state)) in &self.holds {
            assert!(
                !matches!(state, HoldState::Held | HoldState::Confirmed),
                "seed {seed}: {id} is {state:?}"
            );
        }
        for (id, transfer) in &self.transfers {
            let over = transfer.state.is_some_and(|last| last >= TransferMilestone::Received);
            assert!(over, "seed {seed}: {id} is {:?}", transfer.state);
        }
        for (id, order) in &self.orders {
            assert!(order.is_over(), "seed {seed}: {id} is {order:?}");
        }
        for (id, (_, state)) in &self.visits {
            let open = matches!(state, VisitState::Held | VisitState::Booked | VisitState::Started);
            assert!(!open, "seed {seed}: {id} is {state:?}");
        }
    }
}

fn say(world: &mut World, service: &'static str, region: &RegionId, input: Input) {
    world.send(Channel::back(service, region), Message::News(input));
}

fn happens(world: &mut World, at: Timestamp, happening: Happening) {
    world.at(at, Message::Happens(happening));
}

fn tell_transfer(
    world: &mut World,
    region: &RegionId,
    (transfer, version): (TransferId, i64),
    milestone: TransferMilestone,
    expected_at: Option<Timestamp>,
) {
    // What is scanned is often recorded later, and in another order than it happened in.
    let recorded_late = if world.rng.bool() { world.rng.i64(0..90) } else { 0 };
    let happened_at = world.now - SignedDuration::from_mins(recorded_late);
    say(
        world,
        "inventory",
        region,
        Input::TransferProgressed { transfer, version, milestone, happened_at, expected_at },
    );
}
