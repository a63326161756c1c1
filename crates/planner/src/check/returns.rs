//! What goes back after the need is met: loaners and exchanged instruments.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use meridian_types::{InstrumentModel, SiteId};

use super::{Checker, Delivered, Fault};
use crate::model::{Action, Claim, GateKind, Need, Step, Subject, WaitCause};

impl<'c> Checker<'c> {
    /// A loaner goes back to its warehouse when its time is over, if somebody has said when that is.
    pub(super) fn loan(&mut self, model: &'c InstrumentModel, arrival: Option<Timestamp>) {
        let warehouse = self.solution.claims.iter().find_map(|claim| match claim {
            Claim::Loaner { model: held, warehouse, .. } if held == model => Some(warehouse),
            _ => None,
        });
        let (Some(warehouse), Some(arrival)) = (warehouse, arrival) else {
            return self.faults.push(Fault::NotAvailable);
        };
        let pools = self.world.loaners.iter();
        let pools = pools.filter(|pool| pool.model == *model && pool.warehouse == *warehouse);
        let days = pools.map(|pool| pool.loan_days).max().unwrap_or(0);
        let subject = Subject::Loaner(model.clone());
        let steps = self.steps_of(&subject);
        let begins = steps.iter().position(|(_, step)| is_return(step)).unwrap_or(steps.len());
        let stays = days < 1 || warehouse == self.request.need.destination();
        if stays {
            self.expect(begins == steps.len(), || Fault::NotReturned);
        } else {
            let from = self.request.need.destination();
            self.way_back(&steps[begins..], (from, warehouse), arrival, days);
        }
    }

    /// A unit from stock is there, and the customer's own instrument goes where exchanged ones go.
    pub(super) fn exchange(
        &mut self,
        model: &InstrumentModel,
        delivered: &[Delivered<'c>],
    ) -> Option<Timestamp> {
        let Need::Repair { serial, site, .. } = &self.request.need else { return None };
        let destination = self.request.need.destination();
        let mut exchanges = self.world.exchanges.iter().filter(|exchange| exchange.model == *model);
        let (exchange, arrival) = exchanges.find_map(|exchange| {
            let is_unit = |end: &&Delivered<'_>| {
                let Subject::Goods { lines, .. } = end.subject else { return false };
                end.site == destination && lines.iter().any(|line| line.item == exchange.item)
            };
            Some((exchange, delivered.iter().find(is_unit)?.at))
        })?;
        self.cost_minor = self.cost_minor.saturating_add(exchange.cost_minor.max(0));
        if exchange.return_to != *site {
            let steps = self.steps_of(&Subject::Instrument(serial.clone()));
            self.way_back(&steps, (site, &exchange.return_to), arrival, exchange.return_days);
        }
        Some(arrival)
    }

    /// The way back starts on the day agreed and ends where it should; or it waits until the end of what is planned.
    fn way_back(
        &mut self,
        steps: &[(usize, &'c Step)],
        (from, to): (&SiteId, &SiteId),
        arrival: Timestamp,
        days: i32,
    ) {
        let zone = self.site(from).and_then(|site| TimeZone::get(&site.zone).ok());
        let day = zone.as_ref().and_then(|zone| {
            let date = zone.to_datetime(arrival).date();
            let date = date.checked_add(Span::new().try_days(days.max(0)).ok()?).ok()?;
            date.to_zoned(zone.clone()).ok().map(|midnight| midnight.timestamp())
        });
        let begins = day.unwrap_or(Timestamp::MAX).max(arrival).min(self.horizon_end);
        // An export licence may be applied for long before; whether it is there in time is seen to elsewhere.
        let moves = |(_, step): &&(usize, &'c Step)| {
            !matches!(&step.action, Action::Gate { gate: GateKind::Licence { .. }, .. })
        };
        let steps: Vec<(usize, &'c Step)> = steps.iter().filter(moves).copied().collect();
        let waits = steps.iter().take_while(|(_, step)| is_return(step)).count();
        let waited = match &steps[..waits] {
            [] => arrival,
            [(_, wait)] if wait.start == arrival => wait.end,
            _ => return self.faults.push(Fault::NotReturned),
        };
        let last = steps.iter().rev().find_map(|(_, step)| match &step.action {
            Action::Move { to, .. } => Some(to),
            _ => None,
        });
        let on_its_way = last == Some(to) && waited == begins && steps[waits].1.start == begins;
        let beyond = steps.len() == waits && waited == self.horizon_end;
        self.expect(on_its_way || beyond, || Fault::NotReturned);
    }
}

/// Whether a step is the wait until something goes back.
pub(super) fn is_return(step: &Step) -> bool {
    matches!(step.action, Action::Wait { cause: WaitCause::Return, .. })
}
