//! The planner's answer, told as offers: what callers see, and what a plan carries out.

mod chain;
mod claims;
mod goods;
mod orders;
mod referral;
mod refused;
mod steps;
mod substitutes;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::encode;
use meridian_planner::model::{Claim, Line, PartyOffer, Solution, SolutionKind};
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::types::v1::Money;
use meridian_types::{
    CountryCode, EngineerId, ItemId, LaneId, PartyId, Quantity, RegionId, SiteId, SolutionId,
};

use crate::domain::{Chosen, OrderClaim, StockClaim};
use crate::wire::need::{Asked, NeedKind};
use crate::wire::plan;
use crate::world::stock::Stock;

pub(crate) use claims::Skilled;
pub(crate) use orders::obstacle;
pub(crate) use referral::{Party, referrals};
pub(crate) use refused::{hindered, loaner_out, refused};

/// How long an offer stands, if its steps can wait so long.
const VALID: SignedDuration = SignedDuration::from_hours(4);
/// How long an offer stands at least.
const VALID_LEAST: SignedDuration = SignedDuration::from_mins(5);

/// A way to meet a need, on offer.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// As callers see it.
    pub(crate) solution: pb::Solution,
    /// As a plan carries it out.
    pub(crate) chosen: Chosen,
    /// Until when it can be committed.
    pub(crate) valid_until: Timestamp,
    /// What it takes that others may want; engineers by their own codes.
    pub(crate) claims: Vec<Claim>,
}

/// A site, as far as offers speak of it.
#[derive(Debug, Clone)]
pub(crate) struct SiteFacts {
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) country: CountryCode,
    pub(crate) region: RegionId,
    /// Goods that arrive there come into our stock.
    pub(crate) is_warehouse: bool,
}

/// Names of everything an answer speaks of.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) sites: BTreeMap<SiteId, SiteFacts>,
    /// Carrier and means of each lane.
    pub(crate) lanes: BTreeMap<LaneId, (String, &'static str)>,
    /// ISO 4217 code of all costs.
    pub(crate) currency: String,
}

impl Names {
    pub(crate) fn site<'a>(&'a self, site: &'a SiteId) -> &'a str {
        self.sites.get(site).map_or(site.as_str(), |facts| &facts.name)
    }

    /// The region of a site that is one of our warehouses.
    fn warehouse_region(&self, site: &SiteId) -> Option<RegionId> {
        self.sites.get(site).filter(|facts| facts.is_warehouse).map(|facts| facts.region.clone())
    }
}

/// What a solution is told in terms of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) names: &'a Names,
    pub(crate) stock: &'a Stock,
    /// What goes into the instrument and is not at hand, for a repair.
    pub(crate) parts: &'a [Line],
    /// What the repair asks of an engineer, for a repair.
    pub(crate) skilled: Option<&'a Skilled>,
    /// Engineers who share their code with one of another region: the planner's code, and their own.
    pub(crate) namesakes: &'a BTreeMap<EngineerId, EngineerId>,
    pub(crate) parties: &'a [Party],
    /// What they sell and repair.
    pub(crate) party_offers: &'a [PartyOffer],
    pub(crate) now: Timestamp,
}

impl Terms<'_> {
    /// A solution as an offer; `None` when something in it is not what the records say.
    pub(crate) fn offer(&self, solution: &Solution, solution_id: SolutionId) -> Option<Offer> {
        let chosen = self.chosen(solution, solution_id)?;
        let decide_by = solution.latest_safe_decision.max(self.now);
        let valid_until = (self.now + VALID).min(decide_by).max(self.now + VALID_LEAST);
        let message = pb::Solution {
            solution_id: solution_id.to_string(),
            kind: plan::kind(chosen.kind).into(),
            steps: steps::steps(solution, self),
            arrival: Some(encode::timestamp(chosen.arrival)),
            arrival_zone: chosen.zone.clone(),
            cost: Some(Money { currency_code: self.names.currency.clone(), minor: solution.cost_minor }),
            co2_grams: solution.co2_g,
            risk: solution.risk,
            slack_minutes: solution.slack_minutes,
            meets_deadline: solution.meets_deadline,
            decide_by: Some(encode::timestamp(decide_by)),
            stock_claims: chosen.stock.iter().flat_map(plan::stock_claims).collect(),
            engineer_claims: chosen.engineers.iter().map(plan::engineer_claim).collect(),
            instrument_moves: chosen.moves.iter().map(plan::instrument_move).collect(),
            party_id: String::new(),
            approval_required: chosen.approval_required,
            reason: solution.reason.sentence.clone(),
            in_time_probability: solution.in_time_probability,
            likely_by: solution.likely_by.map(encode::timestamp),
            party_orders: chosen.orders.iter().map(plan::order_terms).collect(),
        };
        let claims = solution.claims.iter().map(|claim| self.own_claim(claim)).collect();
        Some(Offer { solution: message, chosen, valid_until, claims })
    }

    fn own_claim(&self, claim: &Claim) -> Claim {
        let mut claim = claim.clone();
        if let Claim::Engineer { engineer, .. } = &mut claim {
            *engineer = self.own_code(engineer).clone();
        }
        claim
    }

    fn chosen(&self, solution: &Solution, solution_id: SolutionId) -> Option<Chosen> {
        let place = self.asked.destination()?;
        let site = self.names.sites.get(place)?;
        let (mut stock, mut orders) = (goods::claims(solution, self)?, orders::claims(solution, self)?);
        substitutes::name_what_is_replaced(&mut stock, &mut orders, &self.wanted(), &self.stock.substitutes);
        Some(Chosen {
            solution_id,
            kind: kind(solution.kind),
            arrival: solution.arrival?,
            likely_by: solution.likely_by,
            zone: site.zone.clone(),
            subject_name: self.subject_name(&stock, &orders),
            place_name: site.name.clone(),
            approval_required: self.approval_required(&stock, &orders),
            stock,
            orders,
            engineers: claims::engineers(solution, self)?,
            moves: claims::instrument_moves(solution, self)?,
            party: None,
            need: self.asked.gist(),
        })
    }

    /// What is asked for where the need is, or where the work is.
    fn wanted(&self) -> Vec<(ItemId, Quantity)> {
        match &self.asked.kind {
            NeedKind::Items { lines, .. } => lines.clone(),
            NeedKind::Repair(_) => self.parts.iter().map(|part| (part.item.clone(), part.quantity)).collect(),
            NeedKind::Other { .. } => Vec::new(),
        }
    }

    /// A party as customers know it.
    fn party_name<'p>(&'p self, party: &'p PartyId) -> &'p str {
        let known = self.parties.iter().find(|known| known.party_id == *party);
        known.map_or(party.as_str(), |known| &known.name)
    }

    /// The code that an engineer has in their region.
    fn own_code<'e>(&'e self, engineer: &'e EngineerId) -> &'e EngineerId {
        self.namesakes.get(engineer).unwrap_or(engineer)
    }

    /// The item or model as customers know it.
    fn subject_name(&self, stock: &[StockClaim], orders: &[OrderClaim]) -> String {
        if let NeedKind::Repair(repair) = &self.asked.kind {
            return repair.model.to_string();
        }
        let mut names: Vec<&str> = Vec::new();
        for (item, _) in delivered(stock, orders) {
            let name = self.stock.names.get(item).map_or(item.as_str(), String::as_str);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    fn approval_required(&self, stock: &[StockClaim], orders: &[OrderClaim]) -> bool {
        let NeedKind::Items { lines, .. } = &self.asked.kind else { return false };
        let asked_for = |item| lines.iter().any(|(asked, _)| asked == item);
        let needs_approval = |given: &ItemId| {
            self.stock.approvals.iter().any(|(item, substitute)| substitute == given && asked_for(item))
        };
        let given = delivered(stock, orders).map(|(item, _)| item);
        given.filter(|item| !asked_for(*item)).any(needs_approval)
    }
}

/// What comes to where it is needed, or to where the work is: not what goes into kits elsewhere.
fn delivered<'c>(
    stock: &'c [StockClaim],
    orders: &'c [OrderClaim],
) -> impl Iterator<Item = &'c (ItemId, Quantity)> {
    let brings = |claim: &&StockClaim| !stock.iter().any(|other| claim.feeds(other));
    let bought = orders.iter().flat_map(OrderClaim::goods);
    stock.iter().filter(brings).flat_map(StockClaim::goods).chain(bought)
}

const fn kind(kind: SolutionKind) -> crate::domain::SolutionKind {
    use crate::domain::SolutionKind as Told;
    match kind {
        SolutionKind::LocalStock => Told::LocalStock,
        SolutionKind::Transfer => Told::Transfer,
        SolutionKind::Substitute => Told::Substitute,
        SolutionKind::Loaner => Told::Loaner,
        SolutionKind::EngineerVisit => Told::EngineerVisit,
        SolutionKind::ShipToDepot => Told::ShipToDepot,
        SolutionKind::Referral => Told::Referral,
        SolutionKind::Split => Told::Split,
        SolutionKind::Kit => Told::Kit,
        SolutionKind::WaitForSupply => Told::WaitForSupply,
        SolutionKind::AdvanceExchange => Told::AdvanceExchange,
        SolutionKind::RemoteFix => Told::RemoteFix,
        SolutionKind::ThirdParty => Told::ThirdParty,
    }
}
