//! Stock and shipments of a simulated world.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{HoldId, ReceiptId, RegionId, TransferId};

use super::{EXPIRES, Happening, HoldState, Load, Owners, Transfer, happens, say, tell_transfer};
use crate::domain::simulation::{Message, World};
use crate::domain::{Input, StockClaim, TransferMilestone};

impl Owners {
    pub(super) fn place(&mut self, world: &mut World, region: &RegionId, hold: HoldId, claim: &StockClaim) {
        let refused = world.mishap(0.25);
        let now = world.now;
        for awaited in claim.awaited.iter().filter(|_| !self.holds.contains_key(&hold)) {
            self.awaited.insert((hold, awaited.receipt.clone()));
            let comes = claim.departs - SignedDuration::from_mins(60);
            happens(world, comes, Happening::SupplyComes(hold, awaited.receipt.clone()));
        }
        let (_, state) = self.holds.entry(hold).or_insert_with(|| {
            let state = if refused { HoldState::Refused } else { HoldState::Held };
            world.at(now + EXPIRES, Message::Happens(Happening::HoldExpires(hold)));
            (region.clone(), state)
        });
        let answer = match state {
            HoldState::Held | HoldState::Confirmed | HoldState::Consumed => Input::HoldPlaced(hold),
            HoldState::Released | HoldState::Expired | HoldState::Refused => Input::HoldRefused(hold, None),
        };
        say(world, "inventory", region, answer);
    }

    /// What a hold waits for comes, is late, or does not come at all.
    pub(super) fn supply(&mut self, world: &mut World, hold: HoldId, receipt: ReceiptId) {
        let Some((region, state @ (HoldState::Held | HoldState::Confirmed))) = self.holds.get_mut(&hold)
        else {
            self.awaited.remove(&(hold, receipt));
            return;
        };
        let region = region.clone();
        if world.mishap(0.2) {
            let (told_at, late) = (world.now, world.rng.i64(100..6000));
            let expected_at = told_at + SignedDuration::from_mins(late);
            happens(world, expected_at, Happening::SupplyComes(hold, receipt.clone()));
            return say(
                world,
                "inventory",
                &region,
                Input::HoldDelayed { hold, receipt, expected_at, told_at },
            );
        }
        self.awaited.remove(&(hold, receipt.clone()));
        if !world.mishap(0.1) {
            return say(world, "inventory", &region, Input::HoldCovered(hold, receipt));
        }
        *state = HoldState::Released;
        say(world, "inventory", &region, Input::HoldReleased(hold));
        let waiting = self.transfers.iter_mut().find(|(_, transfer)| transfer.load.hold == Some(hold));
        if let Some((id, transfer)) = waiting {
            transfer.state = Some(TransferMilestone::PickFailed);
            transfer.version += 1;
            tell_transfer(world, &region, (*id, transfer.version), TransferMilestone::PickFailed, None);
        }
    }

    pub(super) fn confirm(&mut self, world: &mut World, region: &RegionId, hold: HoldId) {
        let answer = match self.holds.get_mut(&hold) {
            Some((_, state @ (HoldState::Held | HoldState::Confirmed))) => {
                *state = HoldState::Confirmed;
                Input::HoldConfirmed(hold)
            }
            Some((_, HoldState::Consumed)) => Input::HoldConfirmed(hold),
            _ => Input::HoldCommandRefused(hold),
        };
        say(world, "inventory", region, answer);
    }

    pub(super) fn release(&mut self, world: &mut World, region: &RegionId, hold: HoldId) {
        let in_transfer = self.transfers.values().any(|transfer| transfer.load.hold == Some(hold));
        let (_, state) = self.holds.entry(hold).or_insert((region.clone(), HoldState::Released));
        let answer = match state {
            HoldState::Consumed => Input::HoldCommandRefused(hold),
            HoldState::Held | HoldState::Confirmed if in_transfer => Input::HoldCommandRefused(hold),
            HoldState::Held | HoldState::Confirmed => {
                *state = HoldState::Released;
                Input::HoldReleased(hold)
            }
            HoldState::Released | HoldState::Expired | HoldState::Refused => Input::HoldReleased(hold),
        };
        say(world, "inventory", region, answer);
    }

    pub(super) fn order(
        &mut self,
        world: &mut World,
        region: &RegionId,
        (transfer, load): (TransferId, Load),
        (departs, arrives): (Timestamp, Timestamp),
    ) {
        if !self.transfers.contains_key(&transfer) {
            let hold = load.hold;
            let confirmed = hold.is_none_or(|hold| {
                self.holds.get(&hold).is_some_and(|(_, state)| *state == HoldState::Confirmed)
            });
            if !confirmed {
                return say(world, "inventory", region, Input::TransferCommandRefused(transfer));
            }
            let region = region.clone();
            self.transfers.insert(
                transfer,
                Transfer {
                    region,
                    load,
                    state: None,
                    version: 1,
                    arrives,
                    is_troubled: false,
                    is_back: false,
                },
            );
            let silent = world.mishap(0.05);
            let slack = if silent { world.rng.i64(600..6000) } else { world.rng.i64(-30..30) };
            let fails = hold.is_some() && world.mishap(0.08);
            let next = if fails { TransferMilestone::PickFailed } else { TransferMilestone::Picked };
            happens(
                world,
                departs + SignedDuration::from_mins(slack - 30),
                Happening::Transfer(transfer, next),
            );
        }
        say(world, "inventory", region, Input::TransferOrdered(transfer));
    }

    pub(super) fn cancel(&mut self, world: &mut World, region: &RegionId, transfer: TransferId) {
        if let Some(transfer) = self.transfers.get_mut(&transfer) {
            transfer.is_troubled = true;
        }
        match self.transfers.get(&transfer).map(|known| (known.state, known.version)) {
            Some((None | Some(TransferMilestone::Picked), _)) => {
                self.move_on(world, transfer, TransferMilestone::Cancelled);
            }
            Some((Some(off @ (TransferMilestone::Cancelled | TransferMilestone::PickFailed)), version)) => {
                tell_transfer(world, region, (transfer, version), off, None);
            }
            _ => say(world, "inventory", region, Input::TransferCommandRefused(transfer)),
        }
    }

    /// A milestone, if it can happen, and what follows from it.
    pub(super) fn move_on(&mut self, world: &mut World, id: TransferId, milestone: TransferMilestone) {
        use TransferMilestone::{
            Cancelled, CustomsHold, CustomsReleased, InCustoms, Lost, PickFailed, Picked, Received, Shipped,
        };
        let Some(transfer) = self.transfers.get_mut(&id) else { return };
        let possible = match transfer.state {
            None => matches!(milestone, Picked | PickFailed | Cancelled),
            Some(Picked) => matches!(milestone, Shipped | Cancelled),
            Some(Shipped | CustomsReleased) => matches!(milestone, InCustoms | Received | Lost),
            Some(InCustoms) => matches!(milestone, CustomsHold | CustomsReleased),
            Some(CustomsHold) => matches!(milestone, CustomsReleased),
            Some(_) => false,
        };
        if !possible {
            return;
        }
        if milestone == Picked
            && transfer.load.hold.is_some_and(|hold| self.awaited.iter().any(|(id, _)| *id == hold))
        {
            return happens(
                world,
                world.now + SignedDuration::from_mins(60),
                Happening::Transfer(id, Picked),
            );
        }
        transfer.state = Some(milestone);
        transfer.version += 1;
        transfer.is_troubled |= milestone == CustomsHold || world.now > transfer.arrives;
        let version = transfer.version;
        let mut expected_at = None;
        let next = |world: &mut World, minutes: i64, milestone| {
            happens(
                world,
                world.now + SignedDuration::from_mins(minutes),
                Happening::Transfer(id, milestone),
            );
        };
        match milestone {
            Picked => next(world, 30, Shipped),
            Shipped if world.mishap(0.06) => next(world, 600, Lost),
            Shipped if world.rng.f64() < 0.4 => next(world, 60, InCustoms),
            InCustoms if world.mishap(0.3) => next(world, 60, CustomsHold),
            InCustoms => next(world, 60, CustomsReleased),
            CustomsHold => {
                let minutes = world.rng.i64(600..9000);
                expected_at = world.rng.bool().then(|| world.now + SignedDuration::from_mins(minutes + 60));
                next(world, minutes, CustomsReleased);
            }
            Shipped | CustomsReleased => {
                let late = if world.mishap(0.15) { world.rng.i64(100..8000) } else { 0 };
                transfer.is_troubled |= late > 0;
                let left = transfer.arrives.duration_since(world.now).as_mins().max(10);
                next(world, left + late, Received);
            }
            Received | PickFailed | Lost | Cancelled => {}
        }
        let (region, hold) = (transfer.region.clone(), transfer.load.hold);
        let ends = match milestone {
            Picked => Some(HoldState::Consumed),
            PickFailed | Cancelled => Some(HoldState::Released),
            _ => None,
        };
        if let (Some(hold), Some(state)) = (hold, ends) {
            self.holds.insert(hold, (region.clone(), state));
            if state == HoldState::Released {
                say(world, "inventory", &region, Input::HoldReleased(hold));
            }
        }
        tell_transfer(world, &region, (id, version), milestone, expected_at);
    }
}
