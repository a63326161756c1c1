//! What stock should do: a model that is too simple to be wrong.

use std::collections::BTreeMap;

use meridian_proto::inventory::v1 as pb;

use crate::requests::Destination;

pub(crate) const SITES: [&str; 2] = ["FRA", "HEL"];
pub(crate) const ITEMS: usize = 2;
pub(crate) const OPENING: i64 = 10;

/// Receipts that may be expected, each for one shelf.
pub(crate) const RECEIPTS: [Shelf; 3] = [(0, 0), (0, 0), (1, 1)];

/// The transfer of kits without a hold, beyond the holds: no unit of any shelf moves with it.
pub(crate) const KITS: usize = 11;

/// (site, item) as indices.
pub(crate) type Shelf = (usize, usize);

/// What a line claims units of: a shelf, or a receipt that is still to come (its index).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Shelf(Shelf),
    Receipt(usize),
}

impl Source {
    /// Where the units stand, or will stand.
    pub(crate) fn shelf(self) -> Shelf {
        match self {
            Self::Shelf(shelf) => shelf,
            Self::Receipt(receipt) => RECEIPTS[receipt],
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Place { hold: usize, lines: Vec<(Source, i64)>, minutes: i64 },
    Extend { hold: usize, minutes: i64 },
    Confirm { hold: usize },
    Release { hold: usize },
    Advance { minutes: i64 },
    Send { hold: usize, from: usize },
    SendKits,
    Report { hold: usize, milestone: pb::Milestone },
    Adjust { shelf: Shelf, delta: i64, reason: pb::AdjustReason },
    Expect { receipt: usize, quantity: i64 },
    Book { receipt: usize, came: i64 },
    CancelReceipt { receipt: usize },
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
    /// As it was placed.
    lines: BTreeMap<Source, i64>,
    /// Order of placing.
    placed: usize,
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
        let (first, _) = self.lines.first_key_value()?.0.shelf();
        self.lines.keys().all(|source| source.shelf().0 == first).then_some(first)
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Held { .. } | State::Confirmed)
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Receipt {
    pub(crate) quantity: i64,
    pub(crate) held: i64,
    /// Whether it was booked in, once it is over.
    over: Option<bool>,
}

/// What should be.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Minutes since the sequence began.
    now: i64,
    /// (on hand, held).
    pub(crate) levels: BTreeMap<Shelf, (i64, i64)>,
    holds: BTreeMap<usize, Hold>,
    placed: usize,
    receipts: BTreeMap<usize, Receipt>,
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

    /// Changes shelves by the units of the lines so many times; units that are still to come change their receipt.
    fn change(&mut self, lines: &BTreeMap<Source, i64>, on_hand: i64, held: i64) {
        for (source, units) in lines {
            match source {
                Source::Receipt(receipt) if self.receipts[receipt].over.is_none() => {
                    self.receipts.get_mut(receipt).unwrap().held += held * units;
                }
                _ => {
                    let level = self.levels.get_mut(&source.shelf()).unwrap();
                    *level = (level.0 + on_hand * units, level.1 + held * units);
                }
            }
        }
    }

    fn available(&self, source: Source) -> i64 {
        match source {
            Source::Shelf(shelf) => self.levels[&shelf].0 - self.levels[&shelf].1,
            Source::Receipt(receipt) => self
                .receipts
                .get(&receipt)
                .filter(|receipt| receipt.over.is_none())
                .map_or(0, |receipt| receipt.quantity - receipt.held),
        }
    }

    fn awaits(&self, lines: &BTreeMap<Source, i64>) -> bool {
        lines.keys().any(|source| matches!(source, Source::Receipt(it) if self.receipts[it].over.is_none()))
    }

    /// Receipts that are expected, by index.
    pub(crate) fn expected(&self) -> impl Iterator<Item = (&usize, &Receipt)> {
        self.receipts.iter().filter(|(_, receipt)| receipt.over.is_none())
    }

    fn expect(&mut self, receipt: usize, quantity: i64) -> Expected {
        let known = self.receipts.entry(receipt).or_default();
        match known.over {
            Some(_) => Err("RECEIPT_OVER"),
            None if quantity < known.held => Err("RECEIPT_BELOW_HELD"),
            None => {
                known.quantity = quantity;
                Ok(())
            }
        }
    }

    /// Ends a receipt of which so many units came; `None`: it was cancelled.
    fn end(&mut self, receipt: usize, came: Option<i64>) -> Expected {
        let known = self.receipts.get(&receipt).ok_or("RECEIPT_NOT_FOUND")?;
        match known.over {
            Some(false) if came.is_none() => return Ok(()),
            Some(_) => return Err("RECEIPT_OVER"),
            None => {}
        }
        let source = Source::Receipt(receipt);
        let waits = |hold: &&mut Hold| hold.is_open() && hold.lines.contains_key(&source);
        let mut waiting: Vec<&mut Hold> = self.holds.values_mut().filter(waits).collect();
        waiting.sort_by_key(|hold| hold.placed);
        let (mut left, mut covered, mut failed) = (came.unwrap_or(0), 0, Vec::new());
        for hold in waiting {
            let units = hold.lines[&source];
            if units <= left {
                left -= units;
                covered += units;
            } else {
                hold.state = State::Released;
                hold.transfer = hold.transfer.map(|_| Some(pb::Milestone::PickFailed));
                failed.push(hold.lines.clone());
            }
        }
        for mut lines in failed {
            lines.remove(&source);
            self.change(&lines, 0, -1);
        }
        let level = self.levels.get_mut(&RECEIPTS[receipt]).unwrap();
        *level = (level.0 + came.unwrap_or(0), level.1 + covered);
        self.brought_in += came.unwrap_or(0);
        self.receipts.get_mut(&receipt).unwrap().over = Some(came.is_some());
        Ok(())
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
            Op::SendKits => {
                let lines = BTreeMap::new();
                let ordered = Hold { lines, placed: 0, state: State::Confirmed, transfer: Some(None) };
                self.holds.entry(KITS).or_insert(ordered);
                Ok(())
            }
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
            Op::Expect { receipt, quantity } => self.expect(*receipt, *quantity),
            Op::Book { receipt, came } => self.end(*receipt, Some(*came)),
            Op::CancelReceipt { receipt } => self.end(*receipt, None),
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

    fn place(&mut self, id: usize, lines: &[(Source, i64)], minutes: i64) -> Expected {
        let mut merged = BTreeMap::new();
        for (source, units) in lines {
            *merged.entry(*source).or_default() += units;
        }
        if let Some(known) = self.holds.get(&id) {
            return if known.lines.is_empty() || known.lines == merged {
                self.standing(id)
            } else {
                Err("HOLD_EXISTS")
            };
        }
        let is_unknown =
            |source: &Source| matches!(source, Source::Receipt(it) if !self.receipts.contains_key(it));
        if merged.keys().any(is_unknown) {
            return Err("UNKNOWN_REFERENCE");
        }
        if merged.iter().any(|(source, units)| self.available(*source) < *units) {
            return Err("STOCK_EXHAUSTED");
        }
        self.change(&merged, 0, 1);
        let state = State::Held { until: self.now + minutes };
        self.placed += 1;
        self.holds.insert(id, Hold { lines: merged, placed: self.placed, state, transfer: None });
        Ok(())
    }

    fn release(&mut self, id: usize) -> Expected {
        let tombstone = Hold { lines: BTreeMap::new(), placed: 0, state: State::Released, transfer: None };
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
        let to = destination(id, hold.site().unwrap_or(0));
        let mut state = hold.state.clone();
        match (last, milestone) {
            (None, Picked | PickFailed) if self.awaits(&hold.lines) => return Err("GOODS_AWAITED"),
            (Some(Picked), Shipped) if to.in_place => return Err("TRANSFER_IN_PLACE"),
            (Some(Picked), Received) if to.in_place => self.delivered += hold.units(),
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
            (Some(Shipped | CustomsReleased), Received) => match to.at {
                _ if to.for_case => self.delivered += hold.units(),
                Destination::Customer => self.delivered += hold.units(),
                Destination::Warehouse { region: "us", .. } => self.handed_over += hold.units(),
                Destination::Warehouse { .. } => {
                    for (source, units) in &hold.lines {
                        let (site, item) = source.shelf();
                        self.levels.get_mut(&(1 - site, item)).unwrap().0 += units;
                    }
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

/// Where goods go, and what for.
pub(crate) struct Delivery {
    pub(crate) at: Destination<'static>,
    in_place: bool,
    pub(crate) for_case: bool,
    /// Put together first.
    pub(crate) as_kits: bool,
}

/// Where the goods of a hold go: to a customer, as they are or as kits; onto a shelf of the other site, or for work
/// there; to another region; or to somebody who comes for them.
pub(crate) fn destination(hold: usize, from: usize) -> Delivery {
    let warehouse = |site_id| Destination::Warehouse { region: "eu", site_id };
    let (at, in_place, for_case) = match hold % 6 {
        0 => (Destination::Customer, false, false),
        1 => (warehouse(SITES[1 - from]), false, false),
        2 => (Destination::Warehouse { region: "us", site_id: "CHI" }, false, false),
        3 => (warehouse(SITES[1 - from]), false, true),
        4 => (warehouse(SITES[from]), true, false),
        _ => (Destination::Customer, false, true),
    };
    Delivery { at, in_place, for_case, as_kits: hold % 6 == 5 }
}
