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

/// A departure that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Last hand-over.
    pub(crate) hand_over: Minute,
    /// Received.
    pub(crate) ready: Minute,
    /// Index of the run.
    pub(crate) run: u32,
}

/// The departures that make sense, or the windows of a lane that starts on demand.
#[derive(Debug, Clone)]
pub(crate) enum LaneTable {
    /// Hand-over and readiness both rise strictly: whoever comes later is never ready earlier, so one label per
    /// arrival suffices.
    Timetable(Vec<Slot>),
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
        let mut slots: Vec<Slot> = Vec::with_capacity(runs.len());
        for (departure, run) in runs.iter().zip(0..) {
            let cut_off = departure.cut_off.saturating_add(later).min(departure.depart);
            let hand_over = ends.origin.map_or(Some(cut_off), |open| open.last_way_out(cut_off));
            if let (Some(hand_over), Some(ready)) =
                (hand_over, ends.ready(departure.arrive).filter(|ready| *ready <= end))
            {
                slots.push(Slot { hand_over, ready, run });
            }
        }
        slots.sort_unstable_by_key(|slot| (slot.hand_over, std::cmp::Reverse((slot.ready, slot.run))));
        let mut earliest = Minute::MAX;
        let mut worth = vec![false; slots.len()];
        for (slot, worth) in slots.iter().zip(&mut worth).rev() {
            *worth = slot.ready < earliest;
            earliest = earliest.min(slot.ready);
        }
        let mut worth = worth.into_iter();
        slots.retain(|_| worth.next().unwrap_or(false));
        Self::Timetable(slots)
    }
}
