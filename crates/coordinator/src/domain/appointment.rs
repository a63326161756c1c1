//! What customers know of a visit for which dispatch has chosen engineer and time: that of a work order.
//!
//! An order may take two engineers at the same time, each with a visit of their own; to the customer it is one. They
//! hear when it begins, and again when that is no longer so. Who comes they do not hear.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{CaseId, EngineerId, Interval, RegionId, SiteId, VisitId};
use serde::{Deserialize, Serialize};

use super::input::{CustomerMilestone, VisitMilestone};
use super::plan::Disruption;

/// A window that was promised is what customers are told, unless it leaves the day open.
const TOLD_WINDOW_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A work order of a case, as far as it has become visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Appointment {
    /// Case it serves.
    pub(crate) case_id: CaseId,
    /// The order.
    pub(crate) order: VisitId,
    /// Its visits, one for each engineer, as they were heard of last.
    visits: Vec<OrderedVisit>,
    /// What the customer believes.
    told: Told,
    /// How often the customer heard of it.
    pub(crate) words: i32,
}

/// A visit of a work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderedVisit {
    /// The visit; the first engineer's has the id of the order.
    pub(crate) visit: VisitId,
    /// Grows with every change of it.
    pub(crate) version: i64,
    /// Where it stands.
    pub(crate) state: VisitMilestone,
    /// Whose dispatch plans it.
    pub(crate) region: RegionId,
    /// Who comes.
    pub(crate) engineer: EngineerId,
    /// Where to.
    pub(crate) site: SiteId,
    /// The work itself.
    pub(crate) work: Interval,
    /// The window, promised to the customer, in which the work begins.
    pub(crate) promised: Option<Interval>,
}

/// Something that a dispatch says of a visit of a work order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Case that the visit serves.
    pub(crate) case_id: CaseId,
    /// The order that it is of.
    pub(crate) order: VisitId,
    /// The visit, as it is now.
    pub(crate) visit: OrderedVisit,
    /// Why it is no longer as before.
    pub(crate) because: Because,
}

/// Why a visit is no longer as it was, and what follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Because {
    /// Why, as far as it is known.
    pub(crate) reason: Option<Disruption>,
    /// Whether the order is planned again when nobody comes.
    pub(crate) planned_again: bool,
}

/// When and where a visit begins, as customers are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VisitTime {
    /// Then, or not before.
    pub(crate) from: Timestamp,
    /// Before then, where such a window was promised.
    pub(crate) until: Option<Timestamp>,
    /// Where.
    pub(crate) site: SiteId,
}

/// What the customer believes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    /// That nobody comes.
    Nothing,
    /// That somebody comes then.
    Expected(VisitTime),
    /// That somebody is on the way, or there.
    UnderWay(VisitTime),
    /// That it is over.
    Over,
}

/// What is worth a line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Somebody comes.
    Booked,
    /// They come at another time, or elsewhere, than this visit said.
    Moved(Box<OrderedVisit>),
    /// Somebody else comes than this engineer.
    Replaced(EngineerId),
    /// It goes on: accepted, begun, done, or done in vain.
    Progressed,
    /// Nobody comes.
    CalledOff,
}

/// What the customer is to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// What.
    pub(crate) milestone: CustomerMilestone,
    /// When and where it begins, unless it does not.
    pub(crate) time: Option<VisitTime>,
    /// What they were told before, when that no longer holds.
    pub(crate) before: Option<VisitTime>,
}

/// Where all visits of an order stand together.
enum Standing<'v> {
    Expected(&'v OrderedVisit),
    UnderWay(&'v OrderedVisit),
    Finished,
    Unsolved,
    CalledOff,
}

impl Appointment {
    /// One of which nothing was heard yet.
    pub(crate) const fn new(case_id: CaseId, order: VisitId) -> Self {
        Self { case_id, order, visits: Vec::new(), told: Told::Nothing, words: 0 }
    }

    /// Whether this, or what came after it, was heard before.
    pub(crate) fn is_old(&self, heard: &Heard) -> bool {
        self.visits
            .iter()
            .any(|known| known.visit == heard.visit.visit && known.version >= heard.visit.version)
    }

    /// Takes in what is news. Returns what is worth a line; that only the ways of the engineer are others is not.
    pub(crate) fn hear(&mut self, heard: &Heard) -> Option<Change> {
        let now = heard.visit.clone();
        let known = self.visits.iter_mut().find(|known| known.visit == now.visit);
        let before = match known {
            Some(known) => Some(std::mem::replace(known, now)),
            None => {
                self.visits.push(now);
                None
            }
        };
        // The first engineer's visit speaks for both.
        self.visits.sort_by_key(|visit| visit.visit != self.order);
        change(before.filter(|before| before.state.is_open()), &heard.visit)
    }

    /// What the customer hears now, if what they believe is no longer so. Whatever it is, they believe it from now on.
    pub(crate) fn word(&mut self) -> Option<Word> {
        let (told, milestone, time, before) = match (&self.told, self.standing()) {
            (Told::Nothing, Standing::Expected(visit)) => {
                let time = visit.told_time();
                (Told::Expected(time.clone()), CustomerMilestone::VisitScheduled, Some(time), None)
            }
            (Told::Expected(old), Standing::Expected(visit)) if !old.holds(visit) => {
                let (old, time) = (old.clone(), visit.told_time());
                (Told::Expected(time.clone()), CustomerMilestone::VisitMoved, Some(time), Some(old))
            }
            (Told::Nothing | Told::Expected(_), Standing::UnderWay(visit)) => {
                let time = visit.told_time();
                (Told::UnderWay(time.clone()), CustomerMilestone::EngineerOnTheWay, Some(time), None)
            }
            (Told::Expected(old) | Told::UnderWay(old), Standing::CalledOff) => {
                (Told::Nothing, CustomerMilestone::VisitCalledOff, None, Some(old.clone()))
            }
            (Told::Nothing | Told::Expected(_) | Told::UnderWay(_), Standing::Finished) => {
                (Told::Over, CustomerMilestone::VisitFinished, None, None)
            }
            (Told::Nothing | Told::Expected(_) | Told::UnderWay(_), Standing::Unsolved) => {
                (Told::Over, CustomerMilestone::VisitUnsolved, None, None)
            }
            _ => return None,
        };
        self.told = told;
        self.words += 1;
        Some(Word { milestone, time, before })
    }

    /// Its visits that are still to take place, or take place.
    pub(crate) fn open(&self) -> impl Iterator<Item = &OrderedVisit> {
        self.visits.iter().filter(|visit| visit.state.is_open())
    }

    /// Whether somebody was there: the order is not planned again.
    pub(crate) fn is_done(&self) -> bool {
        let is_done =
            |visit: &OrderedVisit| matches!(visit.state, VisitMilestone::Finished | VisitMilestone::Unsolved);
        self.visits.iter().any(is_done)
    }

    fn standing(&self) -> Standing<'_> {
        let stands = |state| self.visits.iter().find(|visit| visit.state == state);
        match (stands(VisitMilestone::Started), self.open().next()) {
            (Some(begun), _) => Standing::UnderWay(begun),
            (None, Some(expected)) => Standing::Expected(expected),
            (None, None) if stands(VisitMilestone::Unsolved).is_some() => Standing::Unsolved,
            (None, None) if stands(VisitMilestone::Finished).is_some() => Standing::Finished,
            (None, None) => Standing::CalledOff,
        }
    }
}

/// What has become of a visit, which was open `before` or not at all.
fn change(before: Option<OrderedVisit>, now: &OrderedVisit) -> Option<Change> {
    match (now.state, before) {
        (VisitMilestone::Cancelled | VisitMilestone::Expired, _) => Some(Change::CalledOff),
        (VisitMilestone::Booked, None) => Some(Change::Booked),
        (VisitMilestone::Booked, Some(before)) if (before.work, &before.site) != (now.work, &now.site) => {
            Some(Change::Moved(Box::new(before)))
        }
        (VisitMilestone::Booked, Some(before)) if before.engineer != now.engineer => {
            Some(Change::Replaced(before.engineer))
        }
        (VisitMilestone::Booked, Some(_)) => None,
        _ => Some(Change::Progressed),
    }
}

impl OrderedVisit {
    fn told_time(&self) -> VisitTime {
        let site = self.site.clone();
        match self.promised.filter(|promised| promised.duration() <= TOLD_WINDOW_MAX) {
            Some(promised) => VisitTime { from: promised.start(), until: Some(promised.end()), site },
            None => VisitTime { from: self.work.start(), until: None, site },
        }
    }
}

impl VisitTime {
    /// Whether what was told is still so with the visit as it is now.
    fn holds(&self, visit: &OrderedVisit) -> bool {
        let begins = visit.work.start();
        let in_time = match self.until {
            Some(until) => self.from <= begins && begins < until,
            None => self.from == begins,
        };
        in_time && self.site == visit.site
    }
}

impl VisitMilestone {
    /// Whether the visit is still to take place, or takes place.
    const fn is_open(self) -> bool {
        matches!(self, Self::Booked | Self::Accepted | Self::Started)
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::SeededIds;

    use super::*;
    use CustomerMilestone::{
        EngineerOnTheWay, VisitCalledOff, VisitFinished, VisitMoved, VisitScheduled, VisitUnsolved,
    };
    use VisitMilestone::{Accepted, Booked, Cancelled, Finished, Started, Unsolved};

    const DAY: i64 = 24;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_420_800 + hours * 3600).unwrap()
    }

    fn hours(from: i64, until: i64) -> Interval {
        Interval::new(at(from), at(until)).unwrap()
    }

    /// An order of two visits, of which news comes.
    struct Story {
        appointment: Appointment,
        second: VisitId,
        version: i64,
    }

    impl Story {
        fn new() -> Self {
            let ids = SeededIds::new(1);
            let appointment = Appointment::new(CaseId::fresh(&ids), VisitId::fresh(&ids));
            Self { appointment, second: VisitId::fresh(&ids), version: 0 }
        }

        /// The first visit, two hours of work from then on, in that window.
        fn heard(&mut self, state: VisitMilestone, from: i64, promised: Option<Interval>) -> Heard {
            self.version += 1;
            let visit = OrderedVisit {
                visit: self.appointment.order,
                version: self.version,
                state,
                region: "eu".parse().unwrap(),
                engineer: "E1".parse().unwrap(),
                site: "CUSTOMER".parse().unwrap(),
                work: hours(from, from + 2),
                promised,
            };
            let Appointment { case_id, order, .. } = self.appointment;
            Heard { case_id, order, visit, because: Because::default() }
        }

        fn second(&mut self, state: VisitMilestone, from: i64) -> Heard {
            let heard = self.heard(state, from, None);
            let visit = OrderedVisit { visit: self.second, engineer: "E2".parse().unwrap(), ..heard.visit };
            Heard { visit, ..heard }
        }

        fn hear(&mut self, heard: &Heard) -> (Option<Change>, Option<CustomerMilestone>) {
            if self.appointment.is_old(heard) {
                return (None, None);
            }
            let change = self.appointment.hear(heard);
            (change, self.appointment.word().map(|word| word.milestone))
        }

        fn word(&mut self, state: VisitMilestone, from: i64) -> Option<CustomerMilestone> {
            let heard = self.heard(state, from, None);
            self.hear(&heard).1
        }
    }

    #[test]
    fn each_step_of_a_visit_is_a_word_but_that_the_engineer_agrees() {
        let mut story = Story::new();
        assert_eq!(story.word(Booked, 9), Some(VisitScheduled));
        assert_eq!(story.word(Accepted, 9), None);
        assert_eq!(story.word(Started, 9), Some(EngineerOnTheWay));
        assert_eq!(story.word(Finished, 9), Some(VisitFinished));
        assert_eq!(story.appointment.words, 3);
        let mut story = Story::new();
        story.word(Started, 9);
        assert_eq!(story.word(Unsolved, 9), Some(VisitUnsolved));
    }

    #[test]
    fn a_move_is_told_with_both_times_and_another_engineer_is_not() {
        let mut story = Story::new();
        story.word(Booked, 9);
        let mut other = story.heard(Booked, 9, None);
        other.visit.engineer = "E2".parse().unwrap();
        assert_eq!(story.hear(&other), (Some(Change::Replaced("E1".parse().unwrap())), None));
        let moved = story.heard(Booked, 9 + DAY, None);
        assert!(matches!(story.appointment.hear(&moved), Some(Change::Moved(_))));
        let word = story.appointment.word().unwrap();
        let times = (word.before.unwrap().from, word.time.unwrap().from);
        assert_eq!((word.milestone, times), (VisitMoved, (at(9), at(9 + DAY))));
        let mut elsewhere = story.heard(Booked, 9 + DAY, None);
        elsewhere.visit.site = "DEPOT".parse().unwrap();
        assert_eq!(story.hear(&elsewhere).1, Some(VisitMoved), "they would wait at the wrong place");
    }

    #[test]
    fn a_visit_that_stays_in_the_promised_window_is_no_news_to_the_customer() {
        let mut story = Story::new();
        let morning = Some(hours(8, 12));
        let booked = story.heard(Booked, 9, morning);
        story.appointment.hear(&booked);
        let time = story.appointment.word().unwrap().time.unwrap();
        assert_eq!((time.from, time.until), (at(8), Some(at(12))));
        let later = story.heard(Booked, 11, morning);
        let (change, word) = story.hear(&later);
        assert!(matches!(change, Some(Change::Moved(_))) && word.is_none());
        let wider = story.heard(Booked, 11, Some(hours(8, 16)));
        assert_eq!(story.hear(&wider), (None, None), "what was told holds still");
        let afternoon = story.heard(Booked, 13, Some(hours(8, 16)));
        assert_eq!(story.hear(&afternoon).1, Some(VisitMoved));
    }

    #[test]
    fn a_window_that_leaves_the_day_open_is_not_told() {
        let mut story = Story::new();
        let week = Some(hours(0, 7 * DAY));
        let booked = story.heard(Booked, 9, week);
        story.appointment.hear(&booked);
        let time = story.appointment.word().unwrap().time.unwrap();
        assert_eq!((time.from, time.until), (at(9), None));
        let moved = story.heard(Booked, 9 + DAY, week);
        assert_eq!(story.hear(&moved).1, Some(VisitMoved));
    }

    #[test]
    fn what_is_called_off_can_be_planned_again() {
        let mut story = Story::new();
        story.word(Booked, 9);
        assert_eq!(story.word(Cancelled, 9), Some(VisitCalledOff));
        assert_eq!(story.word(Booked, 9), Some(VisitScheduled));
        story.word(Started, 9);
        assert_eq!(story.word(Cancelled, 9), Some(VisitCalledOff), "the engineer fell ill on the way");
    }

    #[test]
    fn what_was_heard_before_or_comes_late_changes_nothing() {
        let mut story = Story::new();
        let booked = story.heard(Booked, 9, None);
        let moved = story.heard(Booked, 9 + DAY, None);
        assert_eq!(story.hear(&moved).1, Some(VisitScheduled));
        let known = story.appointment.clone();
        for old in [&booked, &moved] {
            assert_eq!(story.hear(old), (None, None));
        }
        assert_eq!(story.appointment, known);
    }

    #[test]
    fn two_engineers_are_one_visit_to_the_customer() {
        let mut story = Story::new();
        let second = story.second(Booked, 9);
        assert_eq!(story.hear(&second).1, Some(VisitScheduled));
        assert_eq!(story.word(Booked, 9), None);
        let second = story.second(Booked, 9 + DAY);
        assert_eq!(story.hear(&second).1, None, "the first one speaks for both");
        assert_eq!(story.word(Booked, 9 + DAY), Some(VisitMoved));
        assert_eq!(story.word(Cancelled, 9 + DAY), None, "the second one comes");
        let second = story.second(Cancelled, 9 + DAY);
        assert_eq!(story.hear(&second).1, Some(VisitCalledOff));
    }

    #[test]
    fn a_visit_of_two_is_finished_once_both_are() {
        let mut story = Story::new();
        for _ in 0..2 {
            story.word(Booked, 9);
            let second = story.second(Booked, 9);
            story.hear(&second);
        }
        assert_eq!(story.word(Started, 9), Some(EngineerOnTheWay));
        let second = story.second(Started, 9);
        assert_eq!(story.hear(&second).1, None);
        assert_eq!(story.word(Finished, 9), None);
        assert!(story.appointment.is_done());
        let second = story.second(Finished, 9);
        assert_eq!(story.hear(&second).1, Some(VisitFinished));
    }
}
