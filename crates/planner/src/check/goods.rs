//! Goods and instruments on their way, simulated from step to step.

use jiff::Timestamp;
use meridian_types::{ExportClass, SiteId, TerritoryId};

use super::clock::minutes_within;
use super::returns::is_return;
use super::rules::by_tariff;
use super::{Checker, Delivered, Fault};
use crate::model::{Action, Claim, GateKind, Lane, Line, Need, SolutionKind, Step, Subject, WaitCause};

/// Where a subject is, and what it still owes.
struct Position<'c> {
    site: &'c SiteId,
    at: Timestamp,
    /// Since when it could be handed over: waiting for a departure may be done in the carrier's hands.
    ready: Timestamp,
    /// Customs of the territory it has entered.
    owes: Option<&'c TerritoryId>,
    /// Whether it has arrived and nobody has taken it in yet.
    outside: bool,
    /// Where the present consignment was picked, the step, and licences that came since.
    picked: Option<(usize, &'c SiteId)>,
    /// When the last kit in it was put together.
    assembled: Option<Timestamp>,
}

/// What a consignment is like.
struct Cargo<'c> {
    weight_g: i64,
    dangerous_goods: bool,
    cold_chain: bool,
    classes: Vec<&'c ExportClass>,
}

impl<'c> Checker<'c> {
    /// Simulates all steps of a subject that is carried. Where and when it ends up.
    pub(super) fn goods(&mut self, subject: &'c Subject) -> Option<Delivered<'c>> {
        let steps = self.steps_of(subject);
        if let (Subject::Goods { .. }, [(index, step)]) = (subject, steps.as_slice())
            && let Action::Outsource { party, site } = &step.action
        {
            return self.supplied(subject, (*index, step), (party, site));
        }
        let cargo = self.cargo(subject)?;
        let mut position = self.origin(subject, &steps)?;
        let exchanged = self.solution.kind == SolutionKind::AdvanceExchange;
        self.returning = exchanged && matches!(subject, Subject::Instrument(_));
        let mut delivered = None;
        for (index, step) in &steps {
            if is_return(step) && !self.returning {
                delivered = Some(self.delivered(subject, &mut position, *index, &cargo));
                position.picked = None;
                self.returning = true;
            }
            self.step(&mut position, *index, step, &cargo);
        }
        let last = steps.last().map_or(0, |(index, _)| *index);
        let end = self.delivered(subject, &mut position, last, &cargo);
        self.returning = false;
        Some(delivered.unwrap_or(end))
    }

    /// What it takes for something to count as delivered where it is.
    fn delivered(
        &mut self,
        subject: &'c Subject,
        position: &mut Position<'c>,
        index: usize,
        cargo: &Cargo<'_>,
    ) -> Delivered<'c> {
        self.received(position, index);
        self.exported(position, index, cargo);
        self.expect(position.owes.is_none(), || Fault::NotCleared { step: index });
        Delivered { subject, site: position.site, at: position.at }
    }

    fn cargo(&mut self, subject: &'c Subject) -> Option<Cargo<'c>> {
        let world = self.world;
        match subject {
            Subject::Goods { lines, .. } => {
                let facts = |line: &Line| world.items.iter().find(|facts| facts.item == line.item);
                let facts: Option<Vec<_>> = lines.iter().map(facts).collect();
                let facts = facts?;
                let weight = lines
                    .iter()
                    .zip(&facts)
                    .map(|(line, facts)| facts.weight_g.max(0).saturating_mul(line.quantity.units()));
                Some(Cargo {
                    weight_g: weight.fold(0, i64::saturating_add),
                    dangerous_goods: facts.iter().any(|facts| facts.dangerous_goods),
                    cold_chain: facts.iter().any(|facts| facts.cold_chain),
                    classes: facts.iter().filter_map(|facts| facts.export_class.as_ref()).collect(),
                })
            }
            Subject::Loaner(_) | Subject::Instrument(_) => {
                let Need::Repair { model, .. } = &self.request.need else { return None };
                let facts = world.models.iter().find(|facts| facts.model == *model)?;
                let moves =
                    self.steps_of(subject).iter().any(|(_, step)| matches!(step.action, Action::Move { .. }));
                self.expect(facts.shippable || !moves, || Fault::NeedNotMet);
                Some(Cargo {
                    weight_g: facts.weight_g.max(0),
                    dangerous_goods: facts.dangerous_goods,
                    cold_chain: false,
                    classes: facts.export_class.iter().collect(),
                })
            }
            Subject::Engineer(_) | Subject::Case => None,
        }
    }

    /// Where a subject starts: the instrument where it stands, everything else where it is held.
    fn origin(&mut self, subject: &Subject, steps: &[(usize, &'c Step)]) -> Option<Position<'c>> {
        let request = self.request;
        let at = request.now;
        let start = |site| Position {
            site,
            at,
            ready: at,
            owes: None,
            outside: false,
            picked: None,
            assembled: None,
        };
        if let (Subject::Instrument(serial), Need::Repair { serial: asked, site, .. }) =
            (subject, &request.need)
        {
            self.expect(serial == asked, || Fault::NeedNotMet);
            return Some(start(site));
        }
        let picked = steps.iter().find_map(|(_, step)| match &step.action {
            Action::Pick { site } => Some(site),
            _ => None,
        });
        // Goods are seen to shelf by shelf.
        let held = |site: &SiteId| {
            let lends = |claim: &Claim| matches!(claim, Claim::Loaner { warehouse, .. } if warehouse == site);
            matches!(subject, Subject::Goods { .. }) || self.solution.claims.iter().any(lends)
        };
        let holds = picked.is_some_and(held);
        self.expect(holds, || Fault::NotAvailable);
        picked.map(start)
    }

    fn step(&mut self, position: &mut Position<'c>, index: usize, step: &'c Step, cargo: &Cargo<'c>) {
        if matches!(&step.action, Action::Gate { gate: GateKind::Licence { .. }, .. }) {
            // Paper travels beside the goods; `exported` sees whether it is there in time.
            return;
        }
        if let Action::Assemble { site, .. } = &step.action {
            // The kit comes to the rest of its consignment, which is picked afterwards.
            self.at(position, index, site);
            self.assembled(index, step);
            position.assembled = position.assembled.max(Some(step.end));
            return;
        }
        let waits_to_enter = matches!(
            &step.action,
            Action::Gate { gate: GateKind::Customs { .. }, .. }
                | Action::Wait { cause: WaitCause::SiteOpens, .. }
        );
        if !waits_to_enter {
            self.received(position, index);
        }
        self.expect(position.at <= step.start, || Fault::BrokenChain { step: index });
        match &step.action {
            Action::Pick { site } => {
                self.at(position, index, site);
                let needed = self.site(site).map_or(0, |site| site.pick_minutes);
                let open = self.site_open(site, (step.start, step.end));
                let enough = minutes_within(&open, (step.start, step.end)) >= needed;
                self.expect(enough, || Fault::TooShort { step: index });
                let complete = position.assembled.is_none_or(|end| end <= step.start);
                self.expect(complete, || Fault::BrokenChain { step: index });
                position.picked = Some((index, site));
            }
            Action::Wait { site, .. } => self.at(position, index, site),
            Action::Gate { site, gate, .. } => {
                self.at(position, index, site);
                if let GateKind::Customs { territory } = gate {
                    self.customs(position, index, step, territory);
                }
            }
            Action::Move { lane, from, to, hand_over_by } => {
                self.at(position, index, from);
                self.expect(position.picked.is_some(), || Fault::BrokenChain { step: index });
                let in_time = position.ready <= *hand_over_by && self.lets_out(from, *hand_over_by);
                self.expect(in_time, || Fault::SiteClosed { step: index });
                self.carried(index, step, (lane, *hand_over_by), cargo);
                let territory = |site| self.site(site).map(|site| &site.territory);
                position.owes = territory(to).filter(|entered| territory(from) != Some(entered));
                position.site = to;
                position.outside = true;
            }
            Action::Work { site, .. } => {
                self.at(position, index, site);
                self.exported(position, index, cargo);
                position.picked = None;
            }
            Action::Outsource { site, .. } if matches!(step.subject, Subject::Instrument(_)) => {
                self.at(position, index, site);
            }
            Action::Assemble { .. } | Action::Outsource { .. } | Action::Refer { .. } => {
                self.faults.push(Fault::BrokenChain { step: index });
            }
        }
        position.at = position.at.max(step.end);
        if !matches!(&step.action, Action::Wait { cause: WaitCause::Departure, .. }) {
            position.ready = position.at;
        }
    }

    fn at(&mut self, position: &Position<'_>, index: usize, site: &SiteId) {
        self.expect(position.site == site, || Fault::BrokenChain { step: index });
    }

    /// Somebody has to take in what has arrived, and customs to let it pass before.
    fn received(&mut self, position: &mut Position<'_>, index: usize) {
        if std::mem::take(&mut position.outside) {
            let taken_in = self.takes_in(position.site, position.at);
            self.expect(taken_in, || Fault::SiteClosed { step: index });
            self.expect(position.owes.is_none(), || Fault::NotCleared { step: index });
        }
    }

    fn customs(&mut self, position: &mut Position<'c>, index: usize, step: &Step, territory: &TerritoryId) {
        let network = self.network;
        self.expect(position.owes == Some(territory), || Fault::BrokenChain { step: index });
        position.owes = None;
        let Some(record) = network.territories.iter().find(|known| known.id == *territory) else { return };
        // The move before this step says where the goods came from.
        let before = self.solution.steps[..index].iter().rev().find_map(|before| match &before.action {
            Action::Move { from, .. } if before.subject == step.subject => Some(from),
            _ => None,
        });
        let from = before.and_then(|from| self.site(from)).map(|from| &from.territory);
        let special =
            network.clearances.iter().find(|pair| Some(&pair.from) == from && pair.to == *territory);
        let needed = special.map_or(record.clearance_minutes, |pair| pair.minutes);
        let open = self.open(&record.calendar, (step.start, step.end));
        let enough = minutes_within(&open, (step.start, step.end)) >= needed;
        self.expect(enough, || Fault::TooShort { step: index });
    }

    /// The lane runs then, takes this cargo, and what it costs.
    fn carried(
        &mut self,
        index: usize,
        step: &Step,
        (lane, hand_over_by): (&meridian_types::LaneId, Timestamp),
        cargo: &Cargo<'_>,
    ) {
        let network = self.network;
        let Some(lane) = network.lanes.iter().find(|known| known.id == *lane) else {
            return self.faults.push(Fault::NoSuchDeparture { step: index });
        };
        let right =
            matches!(&step.action, Action::Move { from, to, .. } if *from == lane.from && *to == lane.to);
        let runs = right && self.runs(lane, (step.start, step.end), hand_over_by);
        self.expect(runs, || Fault::NoSuchDeparture { step: index });
        let Some(terms) = &lane.goods else { return self.faults.push(Fault::LaneRefuses { step: index }) };
        let takes = (terms.dangerous_goods || !cargo.dangerous_goods)
            && (terms.cold_chain || !cargo.cold_chain)
            && terms.max_weight_g.is_none_or(|most| cargo.weight_g <= most);
        self.expect(takes, || Fault::LaneRefuses { step: index });
        let kilograms = cargo.weight_g / 1000 + i64::from(cargo.weight_g % 1000 != 0);
        let by_terms =
            || terms.cost_minor_per_kg.saturating_mul(kilograms).saturating_add(terms.fixed_cost_minor);
        let freight = by_tariff(&lane.tariff, cargo.weight_g).unwrap_or_else(by_terms);
        let co2_mg = i128::from(cargo.weight_g) * i128::from(terms.co2_g_per_kg);
        self.spend(lane, freight, i64::try_from((co2_mg + 999) / 1000).unwrap_or(i64::MAX));
    }

    pub(super) fn spend(&mut self, lane: &Lane, cost_minor: i64, co2_g: i64) {
        self.cost_minor = self.cost_minor.saturating_add(cost_minor);
        self.co2_g = self.co2_g.saturating_add(co2_g);
        if !self.returning {
            self.in_time *= 1.0 - lane.late_probability;
        }
    }

    /// The consignment that ends here was allowed to leave where it was picked.
    fn exported(&mut self, position: &Position<'_>, index: usize, cargo: &Cargo<'_>) {
        let Some((picked, origin)) = position.picked else { return };
        let (Some(from), Some(to)) = (self.site(origin), self.site(position.site)) else {
            return self.faults.push(Fault::BrokenChain { step: index });
        };
        let leaves = self.solution.steps[picked..].iter().find_map(|step| match &step.action {
            Action::Move { hand_over_by, .. } if step.subject == self.solution.steps[picked].subject => {
                Some(*hand_over_by)
            }
            _ => None,
        });
        for class in &cargo.classes {
            let allowed = match self.export(class, from, to) {
                Err(()) => false,
                Ok(None) => true,
                Ok(Some(days)) => leaves.is_some_and(|leaves| self.licensed(from, days, leaves)),
            };
            self.expect(allowed, || Fault::ExportNotAllowed { step: picked });
        }
    }
}
