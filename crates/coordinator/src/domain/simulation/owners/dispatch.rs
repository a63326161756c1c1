//! Engineers of a simulated world.

use jiff::SignedDuration;
use meridian_types::{RegionId, VisitId};

use super::{EXPIRES, Happening, Owners, VisitState, happens, say};
use crate::domain::simulation::World;
use crate::domain::{EngineerClaim, Input, VisitMilestone};

impl Owners {
    pub(super) fn claim(
        &mut self,
        world: &mut World,
        region: &RegionId,
        visit: VisitId,
        claim: EngineerClaim,
    ) {
        let in_past = claim.work.end() <= world.now;
        let known = self.visits.get(&visit).map(|(_, state)| *state);
        let answer = match known {
            Some(VisitState::Cancelled | VisitState::Expired) => Input::VisitRefused(visit),
            Some(_) => Input::VisitHeld(visit),
            None if self.never_held.contains(&visit) || in_past || world.mishap(0.2) => {
                Input::VisitRefused(visit)
            }
            None => {
                happens(world, world.now + EXPIRES, Happening::Visit(visit, VisitMilestone::Expired));
                self.visits.insert(visit, (claim, VisitState::Held));
                Input::VisitHeld(visit)
            }
        };
        say(world, "dispatch", region, answer);
    }

    pub(super) fn book(&mut self, world: &mut World, region: &RegionId, visit: VisitId) {
        let answer = match self.visits.get_mut(&visit) {
            Some((claim, state @ VisitState::Held)) => {
                *state = VisitState::Booked;
                let (starts, ends) = (claim.during.start(), claim.work.end());
                if world.mishap(0.12) {
                    let ill = world.now + SignedDuration::from_mins(world.rng.i64(1..2000));
                    happens(world, ill, Happening::EngineerIll(visit));
                }
                if !world.mishap(0.05) {
                    happens(world, starts, Happening::Visit(visit, VisitMilestone::Started));
                    let solved = !world.mishap(0.1);
                    let end = if solved { VisitMilestone::Finished } else { VisitMilestone::Unsolved };
                    happens(world, ends.max(starts), Happening::Visit(visit, end));
                }
                happens(world, world.now, Happening::Visit(visit, VisitMilestone::Accepted));
                Input::VisitProgressed(visit, VisitMilestone::Booked)
            }
            Some((_, VisitState::Booked | VisitState::Started)) => {
                Input::VisitProgressed(visit, VisitMilestone::Booked)
            }
            _ => Input::VisitRefused(visit),
        };
        say(world, "dispatch", region, answer);
    }

    pub(super) fn call_off(&mut self, world: &mut World, region: &RegionId, visit: VisitId) {
        let cancelled = Input::VisitProgressed(visit, VisitMilestone::Cancelled);
        let answer = match self.visits.get_mut(&visit) {
            None => {
                self.never_held.push(visit);
                cancelled
            }
            Some((_, VisitState::Started | VisitState::Finished)) => Input::VisitRefused(visit),
            Some((_, state)) => {
                *state = VisitState::Cancelled;
                cancelled
            }
        };
        say(world, "dispatch", region, answer);
    }

    pub(super) fn visit_moves_on(&mut self, world: &mut World, visit: VisitId, milestone: VisitMilestone) {
        let Some((claim, state)) = self.visits.get_mut(&visit) else { return };
        let next = match (milestone, *state) {
            (VisitMilestone::Expired, VisitState::Held) => VisitState::Expired,
            (VisitMilestone::Accepted, VisitState::Booked) => VisitState::Booked,
            (VisitMilestone::Started, VisitState::Booked) => VisitState::Started,
            (VisitMilestone::Finished | VisitMilestone::Unsolved, VisitState::Started) => {
                VisitState::Finished
            }
            _ => return,
        };
        *state = next;
        say(world, "dispatch", &claim.region, Input::VisitProgressed(visit, milestone));
    }
}
