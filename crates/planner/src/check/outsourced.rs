//! A repair by another party: who, by when, at which price.

use jiff::SignedDuration;
use meridian_types::InstrumentModel;

use super::{Checker, Fault};
use crate::model::{Action, Claim, Need, PartyOffer, PartyService};

impl Checker<'_> {
    /// One party repairs the instrument where it stands, as it offers to.
    pub(super) fn outsourced(&mut self, model: &InstrumentModel) {
        let Need::Repair { site: stands, .. } = &self.request.need else { return };
        let mut orders =
            self.solution.steps.iter().enumerate().filter_map(|(index, step)| match &step.action {
                Action::Outsource { party, site } => Some((index, step, party, site)),
                _ => None,
            });
        let (Some((index, step, party, site)), None) = (orders.next(), orders.next()) else {
            return self.faults.push(Fault::NeedNotMet);
        };
        let now = self.request.now;
        let due = |offer: &PartyOffer| {
            now.saturating_add(SignedDuration::from_mins(offer.answer_minutes.max(1))).unwrap_or(step.end)
        };
        let asked = |offer: &PartyOffer| {
            self.solution.claims.iter().any(|claim| {
                matches!(claim, Claim::Party { party: asked, answer_due }
                    if asked == party && answer_due.as_second() / 60 == due(offer).as_second().div_euclid(60))
            })
        };
        let Some(place) = self.site(site) else {
            return self.faults.push(Fault::WrongOffer { step: index });
        };
        let fits = |offer: &&PartyOffer| {
            offer.party == *party
                && offer.service == PartyService::Repair(model.clone())
                && (offer.countries.is_empty() || offer.countries.contains(&place.country))
                && self.licensed(place, offer.lead_working_days, step.end)
                && due(offer) <= step.end
                && (0.0..1.0).contains(&offer.late_probability)
                && asked(offer)
        };
        // Of several offers of one party, the one that this price is about.
        let owed = self.solution.cost_minor.saturating_sub(self.cost_minor);
        let best = |offer: &&PartyOffer| (offer.price_minor != owed, offer.price_minor);
        let offer = self
            .world
            .party_offers
            .iter()
            .filter(fits)
            .min_by(|a, b| best(a).cmp(&best(b)).then(a.late_probability.total_cmp(&b.late_probability)));
        let works = self.solution.steps.iter().any(|step| matches!(step.action, Action::Work { .. }));
        let Some(offer) = offer.filter(|_| site == stands && !works && step.start == now) else {
            return self.faults.push(Fault::WrongOffer { step: index });
        };
        self.cost_minor = self.cost_minor.saturating_add(offer.price_minor.max(0));
        self.in_time *= 1.0 - offer.late_probability;
        self.repair_late = offer.late_probability;
    }
}
