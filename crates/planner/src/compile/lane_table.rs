//! A lane as one kind of traffic sees it: last hand-over and readiness, first in, first out.

use super::intervals::IntervalSet;
use super::minute::Minute;
use super::timetable::Service;

/// What crosses a border where, and what that takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Customs<'a> {
    pub(crate) open: &'a IntervalSet,
    pub(crate) minutes: Minute,
}

/// The two ends of a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'a> {
    /// When the origin lets goods out; people leave at any time.
    pub(crate) origin: Option<&'a IntervalSet>,
    /// When the destination takes goods in; people arrive at any time.
    pub(crate) destination: Option<&'a IntervalSet>,
    /// Clearance on arrival.
    pub(crate) customs: Option<Customs<'a>>,
}

impl Ends<'_> {
    /// When customs lets pass what arrives at `arrive`.
    pub(crate) fn cleared(&self, arrive: Minute) -> Option<Minute> {
        self.customs.map_or(Some(arrive), |customs| customs.open.add_working(arrive, customs.minutes))
    }

    /// When what arrives at `arrive` is received.
    pub(crate) fn ready(&self, arrive: Minute) -> Option<Minute> {
        let cleared = self.cleared(arrive)?;
        self.destination.map_or(Some(cleared), |open| open.next_open(cleared))
    }

    /// The latest arrival that is received by `ready`.
    pub(crate) fn latest_arrival(&self, ready: Minute) -> Option<Minute> {
        let cleared = self.destination.map_or(Some(ready), |open| open.last_open(ready))?;
        self.customs.map_or(Some(cleared), |customs| customs.open.sub_working(cleared, customs.minutes))
    }
}

/// The departures that make sense, or the windows of a lane that starts on demand.
#[derive(Debug, Clone)]
pub(crate) enum LaneTable {
    /// `hand_over` and `ready` both rise strictly: whoever comes later is never ready earlier, so one label per
    /// arrival suffices. `run` is the index of the departure.
    Timetable { hand_over: Vec<Minute>, ready: Vec<Minute>, run: Vec<u32> },
    /// Hand-over is possible in these windows.
    OnDemand { windows: IntervalSet, duration: Minute },
}

impl LaneTable {
    /// The table of a lane between `ends`, its carrier waiting `later` minutes beyond each cut-off, though never
    /// beyond the departure. Nothing is received after `end`.
    pub(crate) fn new(service: &Service, ends: &Ends<'_>, later: Minute, end: Minute) -> Self {
        let runs = match service {
            Service::Timetable(runs) => runs,
            Service::OnDemand { windows, duration } => {
                let windows = ends.origin.map_or_else(|| windows.clone(), |open| open.intersection(windows));
                return Self::OnDemand { windows, duration: *duration };
            }
        };
        let mut slots: Vec<(Minute, Minute, u32)> = Vec::with_capacity(runs.len());
        for (run, index) in runs.iter().zip(0..) {
            let cut_off = run.cut_off.saturating_add(later).min(run.depart);
            let hand_over = ends.origin.map_or(Some(cut_off), |open| open.last_way_out(cut_off));
            if let (Some(hand_over), Some(ready)) =
                (hand_over, ends.ready(run.arrive).filter(|ready| *ready <= end))
            {
                slots.push((hand_over, ready, index));
            }
        }
        slots.sort_unstable_by_key(|&(hand_over, ready, run)| (hand_over, std::cmp::Reverse((ready, run))));
        let (mut hand_over, mut ready, mut run) = (Vec::new(), Vec::new(), Vec::new());
        for &(slot_hand_over, slot_ready, slot_run) in slots.iter().rev() {
            if ready.last().is_none_or(|&best| slot_ready < best) {
                hand_over.push(slot_hand_over);
                ready.push(slot_ready);
                run.push(slot_run);
            }
        }
        hand_over.reverse();
        ready.reverse();
        run.reverse();
        Self::Timetable { hand_over, ready, run }
    }
}
