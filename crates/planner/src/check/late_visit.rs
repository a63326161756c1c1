//! When a visit is done if the engineer or the parts are late.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::SiteId;

use super::chances::Chances;
use super::clock::{merged, shared, spans, wall};
use super::late_work::earliest_end;
use super::punctual::Follower;
use super::timetable::{Minute, minute, minute_up};
use crate::model::{Action, Engineer, Step, Subject};

/// Windows of work are looked for so far ahead before all of them are.
const AHEAD_MINUTES: Minute = 4 * 1440;

type Span = (Minute, Minute);

impl<'c> Follower<'_, 'c, '_> {
    /// When the work of an engineer is done who has what it takes from `ready` on; nothing when the plan does not go
    /// without overtime.
    pub(super) fn worked(&mut self, job: &[&'c Step], ready: &Chances, overtime: bool) -> Option<Chances> {
        let Action::Work { site, engineer, .. } = &job.first()?.action else { return None };
        let engineer = self.checker.world.engineers.iter().find(|known| known.id == *engineer)?;
        let subject = Subject::Engineer(engineer.id.clone());
        let travels = self.checker.solution.steps.iter().filter(|step| step.subject == subject);
        let moves: Vec<&Step> = travels.filter(|step| matches!(step.action, Action::Move { .. })).collect();
        let (out, back) = moves.split_at(moves.iter().take_while(|step| step.end <= job[0].start).count());
        let works = if overtime { self.checker.works(engineer) } else { merged(spans(&engineer.free)) };
        let works = in_minutes(&works);
        let planned: Vec<Span> = job.iter().map(|step| (minute(step.start), minute(step.end))).collect();
        let stretch = match moves.is_empty() {
            true => (self.timetable.now, self.timetable.end),
            false => self.stretch(engineer, &works, planned[0])?,
        };
        let goes = |span: &Span| works.iter().any(|works| works.0 <= span.0 && span.1 <= works.1);
        if !planned.iter().all(goes) {
            return None;
        }
        let duties: Vec<Span> = out.iter().filter_map(|step| duty(step)).collect();
        let mut ready = ready.clone();
        if let Some(first) = duties.first() {
            let mut travel = Chances::at(first.0);
            for step in out {
                let line = self.line(step)?;
                travel = self.ride(line, &travel);
            }
            ready = ready.and(&travel);
        }
        let since = since(&duties, engineer);
        let minutes = planned.iter().map(|span| span.1 - span.0).sum();
        let earliest = ready.iter().next()?.0;
        let from = self.admitted_from(engineer, site, planned[0].0).max(stretch.0).max(earliest);
        let ends =
            |windows: &[Span]| ready.then(|at| earliest_end(windows, at, minutes, engineer.rest, since));
        let until = ready.iter().last()?.0.saturating_add(AHEAD_MINUTES).min(stretch.1);
        let mut done = ends(&self.windows(engineer, site, &works, (from, until)));
        if done.by(Minute::MAX) < ready.by(Minute::MAX) && until < stretch.1 {
            done = ends(&self.windows(engineer, site, &works, (from, stretch.1)));
        }
        let back: Vec<usize> = back.iter().map(|step| self.line(step)).collect::<Option<_>>()?;
        Some(done.then(|end| {
            let mut at = end;
            for line in &back {
                at = self.timetable.catch(*line, at)?.arrive;
            }
            (at <= stretch.1).then_some(end)
        }))
    }

    fn line(&mut self, step: &Step) -> Option<usize> {
        let Action::Move { lane, .. } = &step.action else { return None };
        self.timetable.line(lane, false)
    }

    /// What can be booked of an engineer's time around some work.
    fn stretch(&self, engineer: &Engineer, works: &[Span], work: Span) -> Option<Span> {
        let bookable = merged(works.iter().copied().chain(in_minutes(&spans(&engineer.away))).collect());
        let around = bookable.into_iter().find(|span| span.0 <= work.0 && work.1 <= span.1)?;
        Some((around.0.max(self.timetable.now), around.1.min(self.timetable.end)))
    }

    /// When the site is open, the engineer works, and every certificate that it takes is valid.
    fn windows(
        &mut self,
        engineer: &Engineer,
        site: &SiteId,
        works: &[Span],
        (from, until): Span,
    ) -> Vec<Span> {
        let mut windows = Vec::new();
        for works in works.iter().filter(|works| from < works.1 && works.0 < until) {
            windows.extend(self.timetable.open_within(site, works.0.max(from), works.1.min(until)));
        }
        let zone = self.checker.site(site).and_then(|site| TimeZone::get(&site.zone).ok());
        let (Some(zone), Some(task)) = (zone, self.checker.task()) else { return Vec::new() };
        let midnight = |date: Date| Some(minute_up(wall(&zone, date, 0, false)?));
        // What is valid without end ends on a date that is no instant any more.
        let date = |at: Minute| Timestamp::from_second(at * 60).map(|at| zone.to_datetime(at).date());
        let (Ok(first), Ok(last)) = (date(self.timetable.now), date(self.timetable.end)) else {
            return Vec::new();
        };
        for certificate in &task.certificates {
            let held = engineer.certificates.iter().filter(|held| held.certificate == *certificate);
            let valid = held.filter_map(|held| {
                let (from, until) = (held.valid_from.max(first), held.valid_until.min(last));
                Some((midnight(from)?, midnight(until.tomorrow().ok()?)?)).filter(|span| span.0 < span.1)
            });
            windows = shared(&windows, &merged(valid.collect()));
        }
        windows
    }

    /// From when on an engineer may work at a site, at the latest when the work is planned.
    fn admitted_from(&mut self, engineer: &Engineer, site: &SiteId, planned: Minute) -> Minute {
        let Some(place) = self.checker.site(site) else { return planned };
        let now = self.timetable.now;
        let notice = if self.checker.posted(engineer, site) { 0 } else { place.visit_notice_minutes };
        let let_in = self.timetable.open_for(site, now, notice);
        let (mut early, mut late) = (let_in.unwrap_or(planned).min(planned), planned);
        // Who may work there once may work there ever after.
        let may_work = |at: Minute| {
            Timestamp::from_second(at * 60).is_ok_and(|at| self.checker.may_work(engineer, place, at))
        };
        while early < late && !may_work(early) {
            let middle = early + (late - early) / 2;
            if may_work(middle) { late = middle } else { early = middle + 1 }
        }
        early
    }
}

fn in_minutes(spans: &[super::clock::Span]) -> Vec<Span> {
    spans.iter().map(|span| (minute(span.0), minute(span.1))).collect()
}

/// Hand-over to arrival.
fn duty(step: &Step) -> Option<Span> {
    let Action::Move { hand_over_by, .. } = &step.action else { return None };
    Some((minute(*hand_over_by), minute(step.end)))
}

/// Since when somebody who has travelled is on duty.
fn since(duties: &[Span], engineer: &Engineer) -> Option<Minute> {
    let rests =
        |from: Minute, to: Minute| engineer.rest.is_some_and(|rule| to - from >= rule.rest_minutes.max(1));
    let mut since = duties.first()?.0;
    for pair in duties.windows(2) {
        if rests(pair[0].1, pair[1].0) {
            since = pair[1].0;
        }
    }
    Some(since)
}
