//! Engineers: whether they may, can, and are booked for what they do.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_types::{EngineerId, SiteId};

use super::clock::{Span, merged, minutes_within, shared, spans};
use super::{Checker, Fault};
use crate::model::{Action, Claim, Engineer, RepairTask, Step, Subject, WaitCause};

impl<'c> Checker<'c> {
    /// The engineer who does the work in `step`, with the travel around it.
    pub(super) fn engineer(
        &mut self,
        index: usize,
        work: &'c Step,
        (engineer, site): (&EngineerId, &'c SiteId),
        task: &RepairTask,
    ) {
        let Some(record) = self.world.engineers.iter().find(|known| known.id == *engineer) else {
            return self.faults.push(Fault::NotQualified { step: index });
        };
        let qualified = self.may(record, work, site, task);
        self.expect(qualified, || Fault::NotQualified { step: index });
        let claim = self.solution.claims.iter().find_map(|claim| match claim {
            Claim::Engineer { engineer: booked, during, site: at, region }
                if booked == engineer && at == site && *region == record.region =>
            {
                Some((during.start(), during.end()))
            }
            _ => None,
        });
        let Some(booked) = claim else { return self.faults.push(Fault::NotFree { step: index }) };
        let mut works = spans(&record.free);
        if record.overtime_allowed {
            works.extend(spans(&record.overtime));
        }
        let works = merged(works);
        let stretches = merged(works.iter().copied().chain(spans(&record.away)).collect());
        let free = stretches.iter().any(|stretch| stretch.0 <= booked.0 && booked.1 <= stretch.1);
        self.expect(free && self.request.now <= booked.0, || Fault::NotFree { step: index });

        let during = (work.start, work.end);
        let open = self.site_open(site, during);
        let needed = task.work_minutes.max(1);
        let enough = minutes_within(&shared(&open, &works), during) >= needed;
        self.expect(enough, || Fault::TooShort { step: index });
        let regular = minutes_within(&shared(&open, &merged(spans(&record.free))), during).min(needed);
        let travel = self.travel(record, (index, work), site, booked);
        self.labour(record, travel + regular, needed - regular);
    }

    fn may(&self, engineer: &Engineer, work: &Step, site: &SiteId, task: &RepairTask) -> bool {
        let Some(site) = self.site(site) else { return false };
        let Ok(zone) = TimeZone::get(&site.zone) else { return false };
        let first = zone.to_datetime(work.start).date();
        let last = zone.to_datetime(work.end - jiff::SignedDuration::from_secs(1)).date();
        let skilled =
            engineer.skills.iter().any(|skill| skill.skill == task.skill && skill.level >= task.level);
        let certified = task.certificates.iter().all(|needed| {
            engineer.certificates.iter().any(|held| {
                held.certificate == *needed && held.valid_from <= first && last <= held.valid_until
            })
        });
        let at_home = self.site(&engineer.home).is_some_and(|home| home.country == site.country);
        let excluded = self.request.excluded_engineers.contains(&engineer.id);
        skilled
            && certified
            && !excluded
            && (at_home || engineer.right_to_work.iter().any(|right| right.country == site.country))
    }

    /// Simulates the journeys of an engineer. Minutes on the way.
    fn travel(
        &mut self,
        engineer: &Engineer,
        (index, work): (usize, &'c Step),
        site: &SiteId,
        booked: Span,
    ) -> i64 {
        let subject = Subject::Engineer(engineer.id.clone());
        let mut steps = self.steps_of(&subject);
        if !steps.iter().any(|(_, step)| matches!(step.action, Action::Move { .. })) {
            let depots = &self.world.depots;
            let posted =
                depots.iter().any(|depot| depot.site == *site && depot.engineers.contains(&engineer.id));
            let there = engineer.home == *site || posted;
            let whole = booked.0 <= work.start && work.end <= booked.1;
            self.expect(there && whole, || Fault::NotFree { step: index });
            return 0;
        }
        steps.push((index, work));
        steps.sort_by_key(|(_, step)| step.start);
        let (mut place, mut at, mut minutes, mut out) = (engineer.home.clone(), booked.0, 0, true);
        let mut ready = at;
        for (index, step) in steps {
            self.expect(at <= step.start && step.end <= booked.1, || Fault::BrokenChain { step: index });
            match &step.action {
                Action::Wait { site, .. } => {
                    self.expect(*site == place, || Fault::BrokenChain { step: index });
                }
                Action::Work { site, .. } => {
                    self.expect(*site == place, || Fault::BrokenChain { step: index });
                    out = false;
                }
                Action::Move { from, to, hand_over_by, .. } => {
                    let there = *from == place && ready <= *hand_over_by;
                    self.expect(there, || Fault::BrokenChain { step: index });
                    minutes += step.end.duration_since(step.start).as_mins();
                    self.ride(index, step, *hand_over_by, out);
                    place = to.clone();
                }
                _ => self.faults.push(Fault::BrokenChain { step: index }),
            }
            at = step.end;
            if !matches!(&step.action, Action::Wait { cause: WaitCause::Departure, .. }) {
                ready = at;
            }
        }
        self.expect(place == engineer.home, || Fault::BrokenChain { step: index });
        minutes
    }

    fn ride(&mut self, index: usize, step: &Step, hand_over_by: Timestamp, out: bool) {
        let Action::Move { lane, from, to, .. } = &step.action else { return };
        let network = self.network;
        let known =
            network.lanes.iter().find(|known| known.id == *lane && known.from == *from && known.to == *to);
        let Some(lane) = known else { return self.faults.push(Fault::NoSuchDeparture { step: index }) };
        let runs = self.runs(lane, (step.start, step.end), hand_over_by);
        self.expect(runs, || Fault::NoSuchDeparture { step: index });
        let Some(terms) = lane.people else { return self.faults.push(Fault::LaneRefuses { step: index }) };
        let in_time = self.in_time;
        self.spend(lane, terms.cost_minor, terms.co2_g);
        if !out {
            // Who is late on the way home is not late for the customer.
            self.in_time = in_time;
        }
    }

    fn labour(&mut self, engineer: &Engineer, regular: i64, overtime: i64) {
        let hours = |minutes: i64, rate: i64| {
            let sixtieths = i128::from(minutes) * i128::from(rate.max(0));
            i64::try_from(sixtieths / 60 + i128::from(sixtieths % 60 != 0)).unwrap_or(i64::MAX)
        };
        let pay = hours(regular, engineer.cost_minor_per_hour)
            .saturating_add(hours(overtime, engineer.overtime_cost_minor_per_hour));
        self.cost_minor = self.cost_minor.saturating_add(pay);
    }
}
