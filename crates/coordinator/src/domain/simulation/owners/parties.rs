//! Parties that sell or repair, and the intake that keeps the orders with them, in a simulated world.

use std::collections::btree_map::Entry;

use jiff::{SignedDuration, Timestamp};
use meridian_types::PartyOrderId;

use super::{Happening, Owners, happens, say};
use crate::domain::simulation::World;
use crate::domain::{Input, OrderClaim, OrderMilestone};

/// An order, as intake knows it.
#[derive(Debug)]
pub(super) struct PartyOrder {
    state: OrderMilestone,
    version: i64,
    expected_at: Timestamp,
    accept_by: Timestamp,
    /// When it should be done, as planned.
    planned: Timestamp,
    /// How much it brings.
    units: i64,
}

impl PartyOrder {
    fn of(claim: &OrderClaim, state: OrderMilestone) -> Self {
        Self {
            state,
            version: 1,
            expected_at: claim.done,
            accept_by: claim.answer_due,
            planned: claim.done,
            units: claim.goods().iter().map(|(_, quantity)| quantity.units()).sum(),
        }
    }

    /// What it has brought.
    pub(super) fn delivered_units(&self) -> i64 {
        if self.state == OrderMilestone::Delivered { self.units } else { 0 }
    }

    /// Whether what it has brought came as planned.
    pub(super) fn came_as_planned(&self) -> bool {
        self.expected_at <= self.planned
    }

    /// Whether the party has nothing more to do.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, OrderMilestone::Declined | OrderMilestone::Delivered | OrderMilestone::Cancelled)
    }
}

impl Owners {
    /// Asked for again, it is the same order.
    pub(super) fn ask_party(&mut self, world: &mut World, order: PartyOrderId, claim: &OrderClaim) {
        if let Entry::Vacant(vacant) = self.orders.entry(order) {
            vacant.insert(PartyOrder::of(claim, OrderMilestone::Asked));
            let minutes = claim.answer_due.duration_since(world.now).as_mins().max(1);
            let at = world.now + SignedDuration::from_mins(world.rng.i64(0..minutes));
            if world.mishap(0.2) {
                happens(world, at, Happening::OrderAnswered(order, OrderMilestone::Declined, claim.done));
            } else if !world.mishap(0.15) {
                let late = if world.mishap(0.2) { world.rng.i64(1..4000) } else { 0 };
                let done = claim.done + SignedDuration::from_mins(late);
                happens(world, at, Happening::OrderAnswered(order, OrderMilestone::Accepted, done));
            }
        }
        self.say_order(world, order);
    }

    pub(super) fn place_order(&mut self, world: &mut World, order: PartyOrderId) {
        let Some(known) = self.orders.get_mut(&order) else { unreachable!("{order} was accepted") };
        if known.state == OrderMilestone::Accepted {
            (known.state, known.version) = (OrderMilestone::Placed, known.version + 1);
            let done = known.expected_at;
            if world.mishap(0.1) {
                // It turns out that the party cannot do it.
                let at = world.now + SignedDuration::from_mins(world.rng.i64(1..2000));
                happens(world, at, Happening::OrderAnswered(order, OrderMilestone::Declined, done));
            }
            let late = if world.mishap(0.2) { world.rng.i64(100..6000) } else { 0 };
            let delivered = done.max(world.now) + SignedDuration::from_mins(late);
            if late > 0 && world.rng.bool() {
                let told = world.now + SignedDuration::from_mins(world.rng.i64(1..2000));
                happens(world, told, Happening::OrderAnswered(order, OrderMilestone::Placed, delivered));
            }
            happens(world, delivered, Happening::OrderAnswered(order, OrderMilestone::Delivered, delivered));
        }
        self.say_order(world, order);
    }

    /// Valid for what was never seen: a late request finds nothing to do.
    pub(super) fn cancel_order(&mut self, world: &mut World, order: PartyOrderId, claim: &OrderClaim) {
        let known =
            self.orders.entry(order).or_insert_with(|| PartyOrder::of(claim, OrderMilestone::Cancelled));
        if !known.is_over() {
            (known.state, known.version) = (OrderMilestone::Cancelled, known.version + 1);
        }
        self.say_order(world, order);
    }

    /// The party says something, if it still has a say.
    pub(super) fn party_says(
        &mut self,
        world: &mut World,
        order: PartyOrderId,
        milestone: OrderMilestone,
        at: Timestamp,
    ) {
        let now = world.now;
        let Some(known) = self.orders.get_mut(&order) else { return };
        let is_possible = match milestone {
            OrderMilestone::Accepted => known.state == OrderMilestone::Asked && now < known.accept_by,
            OrderMilestone::Placed | OrderMilestone::Delivered => known.state == OrderMilestone::Placed,
            _ => !known.is_over(),
        };
        if is_possible {
            *known = PartyOrder {
                state: milestone,
                version: known.version + 1,
                expected_at: if milestone == OrderMilestone::Delivered { now } else { at },
                ..*known
            };
            self.say_order(world, order);
        }
    }

    fn say_order(&self, world: &mut World, order: PartyOrderId) {
        let PartyOrder { state, version, expected_at, .. } = self.orders[&order];
        let input = Input::OrderProgressed { order, version, milestone: state, expected_at };
        say(world, "intake", &"eu".parse().unwrap(), input);
    }
}
