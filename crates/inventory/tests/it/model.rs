//! What stock should do: a model that is too simple to be wrong.

use std::collections::BTreeMap;

use meridian_proto::inventory::v1 as pb;

use crate::requests::Destination;

pub(crate) const SITES: [&str; 2] = ["FRA", "HEL"];
pub(crate) const ITEMS: usize = 2;
pub(crate) const OPENING: i64 = 10;

/// (site, item) as indices.
pub(crate) type Shelf = (usize, usize);

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Place { hold: usize, lines: Vec<(Shelf, i64)>, minutes: i64 },
    Extend { hold: usize, minutes: i64 },
    Confirm { hold: usize },
    Release { hold: usize },
    Advance { minutes: i64 },
    Send { hold: usize, from: usize },
    Report { hold: usize, milestone: pb::Milestone },
    Adjust { shelf: Shelf, delta: i64, reason: pb::AdjustReason },
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Held { until: i64 },
    Confirmed,
    Consumed,
    Released,
    Expired,
}

#[derive(Debug, Clone)]
struct Hold {
    lines: BTreeMap<Shelf, i64>,
    state: State,
    /// What last happened to its transfer.
    transfer: Option<Option<pb::Milestone>>,
}

impl Hold {
    fn units(&self) -> i64 {
        self.lines.values().sum()
    }

    /// The only site of its lines.
    fn site(&self) -> Option<usize> {
        let (first, ..) = *self.lines.first_key_value()?.0;
        self.lines.keys().all(|(site, _)| *site == first).then_some(first)
    }
}

/// What should be.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Minutes since the sequence began.
    now: i64,
    /// (on hand, held).
    pub(crate) levels: BTreeMap<Shelf, (i64, i64)>,
    holds: BTreeMap<usize, Hold>,
    pub(crate) delivered: i64,
    pub(crate) written_off: i64,
    pub(crate) handed_over: i64,
    pub(crate) brought_in: i64,
}

pub(crate) type Expected = Result<(), &'static str>;

impl Model {
    pub(crate) fn new() -> Self {
        let shelves = (0..SITES.len()).flat_map(|site| (0..ITEMS).map(move |item| (site, item)));
        let levels: BTreeMap<Shelf, (i64, i64)> = shelves.map(|shelf| (shelf, (OPENING, 0))).collect();
        Self { brought_in: OPENING * i64::try_from(levels.len()).unwrap(), levels, ..Self::default() }
    }

    fn change(&mut self, lines: &BTreeMap<Shelf, i64>, on_hand: i64, held: i64) {
        for (shelf, units) in lines {
            let level = self.levels.get_mut(shelf).unwrap();
            *level = (level.0 + on_hand * units, level.1 + held * units);
        }
    }

    pub(crate) fn apply(&mut self, op: &Op) -> Expected {
        match op {
            Op::Place { hold, lines, minutes } => self.place(*hold, lines, *minutes),
            Op::Extend { hold, minutes } => {
                self.standing(*hold)?;
                let until = self.now + minutes;
                let hold = self.holds.get_mut(hold).unwrap();
                if !matches!(hold.state, State::Held { .. }) {
                    return Err("HOLD_NOT_HELD");
                }
                hold.state = State::Held { until };
                Ok(())
            }
            Op::Confirm { hold } => {
                self.standing(*hold)?;
                let hold = self.holds.get_mut(hold).unwrap();
                if matches!(hold.state, State::Held { .. }) {
                    hold.state = State::Confirmed;
                }
                Ok(())
            }
            Op::Release { hold } => self.release(*hold),
            Op::Advance { minutes } => {
                self.now += minutes;
                self.expire();
                Ok(())
            }
            Op::Send { hold, from } => self.send(*hold, *from),
            Op::Report { hold, milestone } => self.report(*hold, *milestone),
            Op::Adjust { shelf, delta, reason } => {
                let level = self.levels.get_mut(shelf).unwrap();
                if level.0 + delta < level.1 {
                    return Err("STOCK_BELOW_HELD");
                }
                level.0 += delta;
                match reason {
                    pb::AdjustReason::Damaged => self.written_off -= delta,
                    _ => self.brought_in += delta,
                }
                Ok(())
            }
        }
    }

    fn standing(&self, hold: usize) -> Expected {
        match self.holds.get(&hold).map(|hold| &hold.state) {
            None => Err("HOLD_NOT_FOUND"),
            Some(State::Released) => Err("HOLD_RELEASED"),
            Some(State::Expired) => Err("HOLD_EXPIRED"),
            Some(_) => Ok(()),
        }
    }

    fn place(&mut self, id: usize, lines: &[(Shelf, i64)], minutes: i64) -> Expected {
        let mut merged = BTreeMap::new();
        for (shelf, units) in lines {
            *merged.entry(*shelf).or_default() += units;
        }
        if let Some(known) = self.holds.get(&id) {
            return if known.lines.is_empty() || known.lines == merged {
                self.standing(id)
            } else {
                Err("HOLD_EXISTS")
            };
        }
        if merged.iter().any(|(shelf, units)| self.levels[shelf].0 - self.levels[shelf].1 < *units) {
            return Err("STOCK_EXHAUSTED");
        }
        self.change(&merged, 0, 1);
        let state = State::Held { until: self.now + minutes };
        self.holds.insert(id, Hold { lines: merged, state, transfer: None });
        Ok(())
    }

    fn release(&mut self, id: usize) -> Expected {
        let tombstone = Hold { lines: BTreeMap::new(), state: State::Released, transfer: None };
        let hold = self.holds.entry(id).or_insert(tombstone);
        match hold.state {
            State::Consumed => Err("HOLD_CONSUMED"),
            State::Confirmed if hold.transfer.is_some() => Err("HOLD_IN_TRANSFER"),
            State::Held { .. } | State::Confirmed => {
                hold.state = State::Released;
                let lines = hold.lines.clone();
                self.change(&lines, 0, -1);
                Ok(())
            }
            State::Released | State::Expired => Ok(()),
        }
    }

    fn expire(&mut self) {
        let now = self.now;
        let due = self
            .holds
            .values_mut()
            .filter(|hold| matches!(hold.state, State::Held { until } if until <= now));
        let freed: Vec<_> = due
            .map(|hold| {
                hold.state = State::Expired;
                hold.lines.clone()
            })
            .collect();
        for lines in freed {
            self.change(&lines, 0, -1);
        }
    }

    fn send(&mut self, id: usize, from: usize) -> Expected {
        let hold = self.holds.get_mut(&id).ok_or("HOLD_NOT_FOUND")?;
        if hold.transfer.is_some() {
            // Its content follows from its hold; only the origin may differ.
            return if hold.site() == Some(from) { Ok(()) } else { Err("TRANSFER_EXISTS") };
        }
        if hold.state != State::Confirmed {
            return Err("HOLD_NOT_CONFIRMED");
        }
        if hold.site() != Some(from) {
            return Err("TRANSFER_SITE_MISMATCH");
        }
        hold.transfer = Some(None);
        Ok(())
    }

    fn report(&mut self, id: usize, milestone: pb::Milestone) -> Expected {
        use pb::Milestone::{
            Cancelled, CustomsReleased, InCustoms, Lost, PickFailed, Picked, Received, Shipped,
        };
        let hold =
            self.holds.get(&id).filter(|hold| hold.transfer.is_some()).ok_or("TRANSFER_NOT_FOUND")?.clone();
        let last = hold.transfer.unwrap();
        if last == Some(milestone) || (last, milestone) == (Some(PickFailed), Cancelled) {
            return Ok(());
        }
        let mut state = hold.state.clone();
        match (last, milestone) {
            (None, Picked) => {
                self.change(&hold.lines, -1, -1);
                state = State::Consumed;
            }
            (None, PickFailed) => {
                self.change(&hold.lines, -1, -1);
                self.written_off += hold.units();
                state = State::Released;
            }
            (None, Cancelled) => {
                self.change(&hold.lines, 0, -1);
                state = State::Released;
            }
            (Some(Picked), Cancelled) => {
                self.change(&hold.lines, 1, 0);
                state = State::Released;
            }
            (Some(Picked | Shipped | InCustoms | CustomsReleased), Lost) => self.written_off += hold.units(),
            (Some(Shipped | CustomsReleased), Received) => match destination(id, hold.site().unwrap()) {
                Destination::Customer => self.delivered += hold.units(),
                Destination::Warehouse { region: "us", .. } => self.handed_over += hold.units(),
                Destination::Warehouse { .. } => {
                    let there = hold.lines.iter().map(|((site, item), units)| ((1 - site, *item), *units));
                    self.change(&there.collect(), 1, 0);
                }
            },
            (Some(Picked), Shipped)
            | (Some(Shipped | CustomsReleased), InCustoms)
            | (Some(InCustoms), CustomsReleased) => {}
            _ => return Err("TRANSFER_STATE"),
        }
        let changed = self.holds.get_mut(&id).unwrap();
        (changed.state, changed.transfer) = (state, Some(Some(milestone)));
        Ok(())
    }
}

/// Where the goods of a hold go: to a customer, to the other site, or to another region.
pub(crate) fn destination(hold: usize, from: usize) -> Destination<'static> {
    match hold % 3 {
        0 => Destination::Customer,
        1 => Destination::Warehouse { region: "eu", site_id: SITES[1 - from] },
        _ => Destination::Warehouse { region: "us", site_id: "CHI" },
    }
}
