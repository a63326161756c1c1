//! Engineers: whether they may, can, and are booked for what they do, rest in between, and what it costs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_types::SiteId;

use super::clock::{Span, merged, midnights, minutes_within, shared, spans};
use super::repair::Job;
use super::{Checker, Fault};
use crate::model::{Action, Claim, Engineer, RepairTask, RightToWork, Site, Step, Subject, WaitCause};

impl<'c> Checker<'c> {
    /// The engineer who does a job, with the travel around it.
    pub(super) fn engineer(&mut self, job: &Job<'c>, task: &RepairTask) {
        let first = job.spans[0].0;
        let Some(record) = self.world.engineers.iter().find(|known| known.id == *job.engineer) else {
            return self.faults.push(Fault::NotQualified { step: first });
        };
        let skilled = self.skilled(record, task);
        self.expect(skilled, || Fault::NotQualified { step: first });
        let works = self.works(record);
        let free = merged(spans(&record.free));
        let (mut minutes, mut regular) = (0, 0);
        for &(index, step) in &job.spans {
            let during = (step.start, step.end);
            let certified = self.certified(record, task, job.site, during);
            self.expect(certified, || Fault::NotQualified { step: index });
            let worked = during.1.duration_since(during.0).as_mins();
            let open = self.site_open(job.site, during);
            let attended = minutes_within(&shared(&open, &works), during);
            self.expect(attended == worked, || Fault::TooShort { step: index });
            minutes += worked;
            regular += minutes_within(&shared(&open, &free), during);
        }
        self.expect(minutes >= task.work_minutes.max(1), || Fault::TooShort { step: first });
        let admitted = self.admitted(record, job.site, job.spans[0].1.start);
        self.expect(admitted, || Fault::NotAdmitted { step: first });
        let travel = self.travel(record, job);
        self.labour(record, travel + regular, minutes - regular);
    }

    pub(super) fn skilled(&self, engineer: &Engineer, task: &RepairTask) -> bool {
        !self.request.excluded_engineers.contains(&engineer.id)
            && engineer.skills.iter().any(|skill| skill.skill == task.skill && skill.level >= task.level)
    }

    fn certified(&self, engineer: &Engineer, task: &RepairTask, site: &SiteId, during: Span) -> bool {
        let zone = self.site(site).and_then(|site| TimeZone::get(&site.zone).ok());
        let Some(zone) = zone else { return false };
        let first = zone.to_datetime(during.0).date();
        let last = zone.to_datetime(during.1 - jiff::SignedDuration::from_secs(1)).date();
        task.certificates.iter().all(|needed| {
            first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).all(|date| {
                engineer.certificates.iter().any(|held| {
                    held.certificate == *needed && held.valid_from <= date && date <= held.valid_until
                })
            })
        })
    }

    /// Whether an engineer may work in the country of a site, and is let in there, at `at`.
    fn admitted(&self, engineer: &Engineer, site: &SiteId, at: Timestamp) -> bool {
        let Some(place) = self.site(site) else { return false };
        let now = self.request.now;
        let announced = minutes_within(&self.site_open(site, (now, at)), (now, at));
        self.may_work(engineer, place, at)
            && (self.posted(engineer, site) || announced >= place.visit_notice_minutes)
    }

    /// Whether an engineer may work in the country of a site at `at`.
    pub(super) fn may_work(&self, engineer: &Engineer, place: &Site, at: Timestamp) -> bool {
        let at_home = self.site(&engineer.home).is_some_and(|home| home.country == place.country);
        let permitted = |right: &RightToWork| {
            right.country == place.country && self.licensed(place, right.lead_working_days, at)
        };
        at_home || engineer.right_to_work.iter().any(permitted)
    }

    /// Whether an engineer starts from a site or works there anyway.
    pub(super) fn posted(&self, engineer: &Engineer, site: &SiteId) -> bool {
        let depots = &self.world.depots;
        engineer.home == *site
            || depots.iter().any(|depot| depot.site == *site && depot.engineers.contains(&engineer.id))
    }

    /// When an engineer works.
    pub(super) fn works(&self, engineer: &Engineer) -> Vec<Span> {
        let mut works = spans(&engineer.free);
        if engineer.overtime_allowed {
            works.extend(spans(&engineer.overtime));
        }
        merged(works)
    }

    /// What is booked of an engineer's time for work at a site; each within time that nobody else has booked.
    pub(super) fn booked(&self, engineer: &Engineer, site: &SiteId) -> Vec<Span> {
        let bookable = self.works(engineer).into_iter().chain(spans(&engineer.away)).collect();
        let bookable = merged(bookable);
        let free = |claim: &Span| {
            self.request.now <= claim.0
                && bookable.iter().any(|stretch| stretch.0 <= claim.0 && claim.1 <= stretch.1)
        };
        let claims = self.solution.claims.iter().filter_map(|claim| match claim {
            Claim::Engineer { engineer: who, during, site: at, region }
                if *who == engineer.id && at == site && *region == engineer.region =>
            {
                Some((during.start(), during.end()))
            }
            _ => None,
        });
        claims.filter(free).collect()
    }

    /// Simulates the journeys of an engineer around the work. Minutes on the way; nights are paid here.
    fn travel(&mut self, engineer: &Engineer, job: &Job<'c>) -> i64 {
        let booked = self.booked(engineer, job.site);
        let mut steps = self.steps_of(&Subject::Engineer(engineer.id.clone()));
        let first = job.spans[0].0;
        let moves = steps.iter().any(|(_, step)| matches!(step.action, Action::Move { .. }));
        let others = self
            .solution
            .steps
            .iter()
            .any(|step| matches!(&step.subject, Subject::Engineer(other) if *other != engineer.id));
        self.expect(!others && (moves || self.posted(engineer, job.site)), || Fault::NotFree { step: first });
        steps.extend(&job.spans);
        steps.sort_by_key(|(_, step)| (step.start, step.end));
        let duties: Vec<Span> = steps.iter().filter_map(|(_, step)| duty(step)).collect();
        self.rests(engineer, &duties, first);
        let all = (duties.first().map(|duty| duty.0), duties.last().map(|duty| duty.1));
        let whole = |claim: &Span| all.0.is_some_and(|from| claim.0 <= from) && all.1 <= Some(claim.1);
        let within = |duty: &Span| booked.iter().any(|claim| claim.0 <= duty.0 && duty.1 <= claim.1);
        let covered = if moves { booked.iter().any(whole) } else { duties.iter().all(within) };
        self.expect(covered, || Fault::NotFree { step: first });
        if moves { self.journeys(engineer, &steps) } else { 0 }
    }

    /// Everything from leaving home to being back, place by place.
    fn journeys(&mut self, engineer: &Engineer, steps: &[(usize, &'c Step)]) -> i64 {
        let (mut place, mut minutes, mut nights) = (&engineer.home, 0, 0);
        let (mut at, mut ready, mut arrived, mut out) = (self.request.now, self.request.now, None, true);
        for &(index, step) in steps {
            self.expect(at <= step.start, || Fault::BrokenChain { step: index });
            match &step.action {
                Action::Wait { site, .. } => {
                    self.expect(site == place, || Fault::BrokenChain { step: index });
                }
                Action::Work { site, .. } => {
                    self.expect(site == place, || Fault::BrokenChain { step: index });
                    out = false;
                }
                Action::Move { from, to, hand_over_by, .. } => {
                    let there = from == place && ready <= *hand_over_by;
                    self.expect(there, || Fault::BrokenChain { step: index });
                    minutes += step.end.duration_since(step.start).as_mins();
                    if let Some(since) = arrived.filter(|_| *place != engineer.home) {
                        nights += self.nights(place, (since, step.start));
                    }
                    self.ride(index, step, *hand_over_by, out);
                    (place, arrived) = (to, Some(step.end));
                }
                _ => self.faults.push(Fault::BrokenChain { step: index }),
            }
            at = step.end;
            if !matches!(&step.action, Action::Wait { cause: WaitCause::Departure, .. }) {
                ready = at;
            }
        }
        let last = steps.last().map_or(0, |(index, _)| *index);
        self.expect(*place == engineer.home, || Fault::BrokenChain { step: last });
        let hotels = engineer.night_cost_minor.max(0).saturating_mul(nights);
        self.cost_minor = self.cost_minor.saturating_add(hotels);
        minutes
    }

    /// Midnights of a stay.
    fn nights(&self, site: &SiteId, stay: Span) -> i64 {
        let zone = self.site(site).and_then(|site| TimeZone::get(&site.zone).ok());
        zone.map_or(0, |zone| midnights(&zone, stay).map(|_| 1).sum())
    }

    /// No stretch of duty is longer than the rule of the engineer allows.
    pub(super) fn rests(&mut self, engineer: &Engineer, duties: &[Span], step: usize) {
        let Some(rule) = engineer.rest else { return };
        let mut since: Option<Span> = None;
        for duty in duties {
            let goes_on =
                since.filter(|stretch| duty.0.duration_since(stretch.1).as_mins() < rule.rest_minutes.max(1));
            let stretch = (goes_on.map_or(duty.0, |stretch| stretch.0), duty.1);
            let short = stretch.1.duration_since(stretch.0).as_mins() <= rule.duty_minutes_max.max(1);
            self.expect(short, || Fault::NoRest { step });
            since = Some(stretch);
        }
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

    pub(super) fn labour(&mut self, engineer: &Engineer, regular: i64, overtime: i64) {
        let hours = |minutes: i64, rate: i64| {
            let sixtieths = i128::from(minutes) * i128::from(rate.max(0));
            i64::try_from(sixtieths / 60 + i128::from(sixtieths % 60 != 0)).unwrap_or(i64::MAX)
        };
        let pay = hours(regular, engineer.cost_minor_per_hour)
            .saturating_add(hours(overtime, engineer.overtime_cost_minor_per_hour));
        self.cost_minor = self.cost_minor.saturating_add(pay);
    }
}

/// The part of a step that is duty: travel from the hand-over on, and work.
fn duty(step: &Step) -> Option<Span> {
    match &step.action {
        Action::Move { hand_over_by, .. } => Some((*hand_over_by, step.end)),
        Action::Work { .. } => Some((step.start, step.end)),
        _ => None,
    }
}
