//! Items that are used: by the need, by a repair, by kits. Each unit that was delivered is used once.

use jiff::Timestamp;
use meridian_types::{InstrumentModel, ItemId, PartyId, Revision, SiteId};

use super::clock::minutes_within;
use super::rules::sums;
use super::{Checker, Delivered, Fault};
use crate::model::{
    Action, Approval, Claim, Line, Need, PartyOffer, PartyService, Step, Subject, Substitute,
};

/// Units of an item that somebody needs at a site, and by when.
struct Demand<'c> {
    line: Line,
    site: &'c SiteId,
    /// The step that uses them, and its start; none for the need itself.
    by: Option<(usize, Timestamp)>,
}

/// Units that were delivered and are not used yet.
struct Unused<'c> {
    subject: &'c Subject,
    item: &'c ItemId,
    site: &'c SiteId,
    at: Timestamp,
    units: i64,
}

impl<'c> Checker<'c> {
    /// Gives what was delivered to who needs it. When everything that was asked for is there.
    pub(super) fn used(&mut self, delivered: &[Delivered<'c>]) -> Option<Timestamp> {
        let mut unused: Vec<Unused<'c>> = Vec::new();
        for end in delivered {
            let Subject::Goods { lines, .. } = end.subject else { continue };
            unused.extend(lines.iter().map(|line| Unused {
                subject: end.subject,
                item: &line.item,
                site: end.site,
                at: end.at,
                units: line.quantity.units(),
            }));
        }
        unused.sort_by_key(|unused| unused.at);
        let mut demands = self.demands();
        demands.sort_by_key(|demand| demand.by.map_or(Timestamp::MAX, |(_, by)| by));
        let serves = |demand: &Demand<'c>, unused: &Unused<'c>| {
            let there = unused.site == demand.site && demand.by.is_none_or(|(_, by)| unused.at <= by);
            let same = *unused.item == demand.line.item;
            let serves = there && (same || self.stands_in(&demand.line.item, unused.item));
            serves.then_some(!same)
        };
        let serving: Vec<Vec<Option<bool>>> = demands
            .iter()
            .map(|demand| unused.iter().map(|unused| serves(demand, unused)).collect())
            .collect();
        let needed = demands.iter().map(|demand| demand.line.quantity.units()).collect();
        let given = given(&serving, needed, unused.iter().map(|unused| unused.units).collect());
        let mut arrival = None;
        for (demand, given) in demands.iter().zip(&given) {
            self.expect(given.iter().sum::<i64>() == demand.line.quantity.units(), || match demand.by {
                Some((step, _)) => Fault::PartsMissing { step },
                None => Fault::NeedNotMet,
            });
            for (unused, units) in unused.iter().zip(given).filter(|(_, units)| **units > 0) {
                match demand.by {
                    Some((step, _)) => self.parts.push((step, unused.subject)),
                    None => arrival = arrival.max(Some(unused.at)),
                }
                let each = self.value(unused.item).saturating_sub(self.value(&demand.line.item)).max(0);
                self.cost_minor = self.cost_minor.saturating_add(each.saturating_mul(*units));
            }
        }
        arrival
    }

    fn demands(&self) -> Vec<Demand<'c>> {
        let mut demands = Vec::new();
        if let Need::Items { lines, destination, .. } = &self.request.need {
            demands.extend(sums(lines).into_iter().map(|line| Demand { line, site: destination, by: None }));
        }
        // A repair uses its parts when it begins, in however many spans it is done.
        let mut task = self.task();
        for (index, step) in self.solution.steps.iter().enumerate() {
            let (site, parts) = match &step.action {
                Action::Assemble { site, parts, .. } => (site, parts.as_slice()),
                Action::Work { site, remote: false, .. } => {
                    (site, task.take().map_or(&[] as &[Line], |task| task.parts.as_slice()))
                }
                _ => continue,
            };
            let by = Some((index, step.start));
            demands.extend(sums(parts).into_iter().map(|line| Demand { line, site, by }));
        }
        demands
    }

    fn value(&self, item: &ItemId) -> i64 {
        self.world.items.iter().find(|facts| facts.item == *item).map_or(0, |facts| facts.unit_value_minor)
    }

    /// Whether one item may be used instead of another: approved, and fit for the instrument.
    fn stands_in(&self, asked: &ItemId, sent: &ItemId) -> bool {
        let instrument = match &self.request.need {
            Need::Items { model, revision, .. } => model.as_ref().map(|model| (model, revision)),
            Need::Repair { model, revision, .. } => Some((model, revision)),
        };
        let allows = |record: &Substitute| {
            let fits = |(model, revision): (&InstrumentModel, &Option<Revision>)| {
                record.fits.iter().any(|fit| {
                    let known = revision.as_ref().is_some_and(|revision| fit.revisions.contains(revision));
                    fit.model == *model && (fit.revisions.is_empty() || known)
                })
            };
            record.item == *asked
                && record.substitute == *sent
                && (record.fits.is_empty() || instrument.map_or(record.approval == Approval::Granted, fits))
                && record.approval != Approval::Required
        };
        self.world.substitutes.iter().any(allows)
    }

    /// The site can put the kit together, has the time for it, and it is part of the consignment. The parts are
    /// seen to elsewhere.
    pub(super) fn assembled(&mut self, index: usize, step: &'c Step) {
        let Action::Assemble { site, kit, parts, consignments, work_minutes } = &step.action else { return };
        let (units, given) = (kit.quantity.units(), sums(parts));
        let made_of = |known: &Vec<Line>| {
            let known = sums(known);
            known.len() == given.len()
                && known.iter().zip(&given).all(|(known, given)| {
                    known.item == given.item
                        && known.quantity.units().checked_mul(units) == Some(given.quantity.units())
                })
        };
        let record = self
            .world
            .kits
            .iter()
            .filter(|record| record.kit == kit.item && record.sites.contains(site))
            .filter(|record| !record.parts.is_empty() && made_of(&record.parts))
            .find(|record| record.work_minutes.max(0).saturating_mul(units) == *work_minutes);
        let Some(record) = record else { return self.faults.push(Fault::WrongWork { step: index }) };
        let sent = matches!(&step.subject, Subject::Goods { lines, .. }
            if lines.iter().any(|line| line.item == kit.item && line.quantity >= kit.quantity));
        let allowed =
            !self.request.excluded_items.contains(&kit.item) && !self.request.excluded_sites.contains(site);
        self.expect(sent && allowed, || Fault::WrongWork { step: index });
        let asked = given.iter().map(|line| line.quantity.units()).sum();
        let come = self.come_in(consignments, (site, step.start), asked);
        self.expect(come, || Fault::PartsMissing { step: index });
        let open = self.site_open(site, (step.start, step.end));
        let enough = minutes_within(&open, (step.start, step.end)) >= *work_minutes;
        self.expect(enough, || Fault::TooShort { step: index });
        let cost = record.cost_minor.max(0).saturating_mul(units);
        self.cost_minor = self.cost_minor.saturating_add(cost);
    }

    /// Whether the consignments named are at the site by then, bring as many units as are asked for, and go into
    /// nothing else. Which of them stands in for what is seen to elsewhere.
    fn come_in(&self, consignments: &[u32], (site, by): (&SiteId, Timestamp), asked: i64) -> bool {
        let mut units = 0i64;
        let there = consignments.iter().all(|number| {
            let mut last = None;
            for step in &self.solution.steps {
                let Subject::Goods { consignment, lines } = &step.subject else { continue };
                if consignment != number {
                    continue;
                }
                match &step.action {
                    Action::Pick { site } | Action::Outsource { site, .. } => {
                        units += lines.iter().map(|line| line.quantity.units()).sum::<i64>();
                        last = Some((site, step.end));
                    }
                    Action::Move { to, .. } => last = Some((to, step.end)),
                    _ => last = last.map(|(at, _)| (at, step.end)),
                }
            }
            last.is_some_and(|(at, end)| at == site && end <= by)
        });
        let uses = self.solution.steps.iter().filter(|step| match &step.action {
            Action::Assemble { consignments: named, .. } => named.iter().any(|it| consignments.contains(it)),
            _ => false,
        });
        there && units == asked && uses.count() == 1
    }

    /// Goods that a party brings: it serves the country, has the time it asks for, and must be asked.
    pub(super) fn supplied(
        &mut self,
        subject: &'c Subject,
        (index, step): (usize, &'c Step),
        (party, site): (&PartyId, &'c SiteId),
    ) -> Option<Delivered<'c>> {
        let Subject::Goods { lines, .. } = subject else { return None };
        for line in lines {
            let offers: Vec<&PartyOffer> = self
                .world
                .party_offers
                .iter()
                .filter(|offer| self.offers(offer, party, &line.item, site))
                .collect();
            let done = |offer: &&&PartyOffer| self.delivers(offer, site, step.end);
            let claimed = |offer: &&&PartyOffer| {
                self.solution.claims.iter().any(|claim| {
                    matches!(claim, Claim::Party { party: asked, answer_due }
                    if asked == party && *answer_due <= step.end
                        && answer_due.duration_since(self.request.now).as_mins() >= offer.answer_minutes.max(1))
                })
            };
            let Some(offer) = offers.iter().filter(done).find(claimed) else {
                self.faults.push(Fault::NotAvailable);
                self.faults.push(Fault::TooShort { step: index });
                continue;
            };
            let price = offer.price_minor.saturating_mul(line.quantity.units());
            self.cost_minor = self.cost_minor.saturating_add(price);
            self.in_time *= 1.0 - offer.late_probability;
        }
        Some(Delivered { subject, site, at: step.end })
    }

    /// The probability that goods which a party brings are late.
    pub(super) fn supply_late(&self, step: &Step) -> f64 {
        let (Action::Outsource { party, site }, Subject::Goods { lines, .. }) = (&step.action, &step.subject)
        else {
            return 0.0;
        };
        let ours = |offer: &&PartyOffer| lines.iter().any(|line| self.offers(offer, party, &line.item, site));
        let late = self.world.party_offers.iter().filter(ours).map(|offer| offer.late_probability);
        late.fold(0.0, f64::max)
    }

    fn offers(&self, offer: &PartyOffer, party: &PartyId, item: &ItemId, site: &SiteId) -> bool {
        let country = self.site(site).map(|site| &site.country);
        offer.party == *party
            && offer.price_minor >= 0
            && (0.0..1.0).contains(&offer.late_probability)
            && matches!(&offer.service, PartyService::Supply(supplied) if supplied == item)
            && (offer.countries.is_empty() || country.is_some_and(|code| offer.countries.contains(code)))
            && !self.request.excluded_items.contains(item)
    }

    fn delivers(&self, offer: &PartyOffer, site: &SiteId, by: Timestamp) -> bool {
        self.site(site).is_some_and(|site| self.licensed(site, offer.lead_working_days, by))
    }
}

/// How many of `units` each demand gets. `serving` says for each of both whether it serves, and whether it only
/// stands in. As many demands as possible are met: whoever lacks something takes it from who can do with another.
fn given(serving: &[Vec<Option<bool>>], mut needed: Vec<i64>, mut units: Vec<i64>) -> Vec<Vec<i64>> {
    let mut given = vec![vec![0i64; units.len()]; needed.len()];
    for instead in [false, true] {
        for (demand, serving) in serving.iter().enumerate() {
            for (lot, _) in serving.iter().enumerate().filter(|(_, serves)| **serves == Some(instead)) {
                let moved = needed[demand].min(units[lot]);
                given[demand][lot] += moved;
                needed[demand] -= moved;
                units[lot] -= moved;
            }
        }
    }
    for (demand, lacks) in needed.into_iter().enumerate() {
        let mut lacks = lacks;
        while lacks > 0 {
            let got =
                more_for(demand, lacks, serving, &mut given, &mut units, &mut vec![false; serving.len()]);
            if got == 0 {
                break;
            }
            lacks -= got;
        }
    }
    given
}

/// Gets up to so many more units for a demand, if need be from another one that gets as many elsewhere. How many it
/// got.
fn more_for(
    demand: usize,
    lacks: i64,
    serving: &[Vec<Option<bool>>],
    given: &mut [Vec<i64>],
    units: &mut [i64],
    asked: &mut [bool],
) -> i64 {
    asked[demand] = true;
    for lot in (0..units.len()).filter(|lot| serving[demand][*lot].is_some()) {
        let mut got = units[lot].min(lacks);
        units[lot] -= got;
        for other in 0..given.len() {
            let wanted = given[other][lot].min(lacks);
            if got == 0 && !asked[other] && wanted > 0 {
                given[other][lot] -= wanted;
                got = more_for(other, wanted, serving, given, units, asked);
                given[other][lot] += wanted - got;
            }
        }
        if got > 0 {
            given[demand][lot] += got;
            return got;
        }
    }
    0
}
