//! What the other services of the region know.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_assignment::Priority;
use meridian_chassis::{encode, status};
use meridian_planner::model::{Line, ModelFacts, PartyOffer, World};
use meridian_proto::coordinator::v1 as told;
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_types::{CaseId, CountryCode, EngineerId, Interval, ItemId, PlanId, SiteId, Violations};

use super::Question;
use crate::clients::InRegion;
use crate::domain::{AtHand, Plan, PlanState};
use crate::error::Error;
use crate::offer::{self, Names, Party, Skilled};
use crate::wire::need::{self, Asked, NeedKind, RepairNeed};
use crate::world::party;
use crate::world::question::still_needed;
use crate::world::stock::{Asker, Stock};
use crate::world::workforce::{Tried, Workforce};

/// How far ahead engineers are looked for.
const ENGINEERS_AHEAD: SignedDuration = SignedDuration::from_hours(59 * 24);

/// A unit of measure that was given with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenUnit {
    pub(crate) field: String,
    pub(crate) item: ItemId,
    pub(crate) unit: String,
}

/// The units in a need.
pub(crate) fn given_units(need: &intake::Need) -> Vec<GivenUnit> {
    let Some(intake::need::Kind::Items(items)) = &need.kind else { return Vec::new() };
    let lines = items.lines.iter().enumerate().filter(|(_, line)| !line.unit.is_empty());
    let given = lines.filter_map(|(index, line)| {
        let field = format!("need.items.lines[{index}].unit");
        Some(GivenUnit { field, item: line.item_id.parse().ok()?, unit: line.unit.clone() })
    });
    given.collect()
}

/// What is known of a case.
#[derive(Debug, Clone)]
pub(crate) struct CaseFacts {
    pub(crate) asked: Asked,
    pub(crate) country: Option<CountryCode>,
    pub(crate) units: Vec<GivenUnit>,
    /// Who decides on it, while it is open and nothing is under way: its office.
    pub(crate) office: Option<String>,
    pub(crate) priority: Priority,
    /// What its plans have left where, the newest plan first.
    pub(crate) left: Vec<Left>,
    /// How often less lay at hand than before when that was read.
    pub(crate) offer_epoch: i64,
}

/// What a plan of a case has left where.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    pub(crate) plan_id: PlanId,
    pub(crate) instrument_at: Option<SiteId>,
    /// What was sent; nothing once the need was met with it.
    pub(crate) at_hand: Vec<AtHand>,
    /// Whether a unit that it has lent is still out.
    pub(crate) has_loaner: bool,
}

impl From<Plan> for Left {
    fn from(plan: Plan) -> Self {
        let at_hand = if plan.state == PlanState::Completed { Vec::new() } else { plan.at_hand() };
        let (instrument_at, has_loaner) = (plan.instrument_at(), plan.has_lent(|_| true));
        Self { plan_id: plan.plan_id, instrument_at, at_hand, has_loaner }
    }
}

pub(super) async fn get_case(clients: &InRegion, case_id: CaseId) -> Result<intake::Case, Error> {
    let request = intake::GetCaseRequest { case_id: case_id.to_string() };
    let answer = clients.intake().get_case(request).await.map_err(|status| status::problem(&status))?;
    Ok(answer.into_inner().case.unwrap_or_default())
}

/// What intake says of a case of which `left` is known, read in `offer_epoch`.
pub(super) async fn case(
    clients: &InRegion,
    case_id: CaseId,
    (left, offer_epoch): (Vec<Left>, i64),
) -> Result<CaseFacts, Error> {
    let case = get_case(clients, case_id).await?;
    match case.state() {
        intake::CaseState::Closed => return Err(Error::CaseClosed(case_id)),
        intake::CaseState::Referred => return Err(Error::CaseReferred(case_id)),
        _ => {}
    }
    let priority = priority(case.priority());
    let is_open = case.state() == intake::CaseState::Open;
    let office = case.responsibility.filter(|_| is_open).map(|responsibility| responsibility.owner);
    let need = case.need.unwrap_or_default();
    let missing = need::missing_facts(&need);
    if !missing.is_empty() {
        return Err(Error::FactsMissing(missing.into_iter().map(ToOwned::to_owned).collect()));
    }
    let mut violations = Violations::new();
    let asked = need::decode(&mut violations, "need", &need);
    let asked = meridian_chassis::decode::complete(violations, asked)?;
    let country = country(clients, &case.person_id).await?;
    Ok(CaseFacts { asked, country, units: given_units(&need), office, priority, left, offer_epoch })
}

const fn priority(told: intake::Priority) -> Priority {
    match told {
        intake::Priority::Critical => Priority::Critical,
        intake::Priority::High => Priority::High,
        intake::Priority::Normal | intake::Priority::Unspecified => Priority::Normal,
    }
}

/// Country of the organisation a person belongs to: parties are chosen by it.
async fn country(clients: &InRegion, person_id: &str) -> Result<Option<CountryCode>, Error> {
    let request = intake::GetPersonRequest { person_id: person_id.to_owned() };
    let answer = clients.intake().get_person(request).await.map_err(|status| status::problem(&status))?;
    Ok(answer.into_inner().customer.and_then(|customer| customer.country.parse().ok()))
}

/// Everything that is known as far as a need is concerned.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) stock: Stock,
    workforce: Workforce,
    model: Option<ModelFacts>,
    pub(super) skilled: Option<Skilled>,
    /// Who could not, and why.
    pub(super) refused: Vec<told::RefusedAlternative>,
    /// What parties sell and repair.
    pub(super) party_offers: Vec<PartyOffer>,
}

impl Known {
    /// Engineers who share their code with another: the planner's code, and their own.
    pub(super) const fn namesakes(&self) -> &BTreeMap<EngineerId, EngineerId> {
        &self.workforce.namesakes
    }

    /// What the repair needs and is not at hand.
    pub(super) fn parts(&self) -> &[Line] {
        self.workforce.task.as_ref().map_or(&[], |task| &task.parts)
    }

    /// Takes in what parties offer in the network's currency.
    pub(super) fn learn_offers(&mut self, parties: &[Party], currency: &str) {
        let offers = |known: &Party| -> Vec<PartyOffer> {
            party::offers(&known.party_id, &known.offers, currency).collect()
        };
        self.party_offers = parties.iter().flat_map(offers).collect();
    }

    pub(super) fn world(&self) -> World {
        World {
            models: self.model.iter().cloned().collect(),
            repair_tasks: self.workforce.task.iter().cloned().collect(),
            engineers: self.workforce.engineers.clone(),
            depots: self.workforce.depots.clone(),
            // Referrals are chosen here, by category and country of the customer.
            parties: Vec::new(),
            party_offers: self.party_offers.clone(),
            ..self.stock.world()
        }
    }
}

/// Asks for the stock of what is needed and, for a repair, for who could do it.
pub(super) async fn ask_inventory_and_dispatch(
    clients: &InRegion,
    question: &Question,
    names: &Names,
    now: Timestamp,
) -> Result<Known, Error> {
    match &question.asked.kind {
        NeedKind::Items { lines, deliver_to } => {
            let item_ids = lines.iter().map(|(item, _)| item.to_string()).collect();
            let found = find_stock(clients, item_ids, Vec::new()).await?;
            check_units(&question.units, &found)?;
            let stock = Stock::read(&found, asker(question, Some(deliver_to), now), &names.currency);
            Ok(Known { stock, ..Known::default() })
        }
        NeedKind::Repair(repair) => repair_known(clients, question, repair, names, now).await,
        NeedKind::Other { .. } => Ok(Known::default()),
    }
}

fn asker<'a>(question: &'a Question, destination: Option<&'a SiteId>, now: Timestamp) -> Asker<'a> {
    Asker { case_id: question.case_id, own: &question.own_stock, destination, now }
}

async fn repair_known(
    clients: &InRegion,
    question: &Question,
    repair: &RepairNeed,
    names: &Names,
    now: Timestamp,
) -> Result<Known, Error> {
    let limits = &question.limits;
    let window = Interval::new(now, now + ENGINEERS_AHEAD)
        .map_err(|rule| meridian_types::Problem::invalid_field("now", now, rule))?;
    let site = limits.instrument_at.as_ref().unwrap_or(&repair.site);
    let country = names.sites.get(site).map(|facts| facts.country.to_string()).unwrap_or_default();
    let request = |country: String| dispatch::FindEngineersRequest {
        model: repair.model.to_string(),
        symptom: repair.symptom.as_ref().map(ToString::to_string).unwrap_or_default(),
        country,
        window: Some(encode::interval(window)),
        exclude_engineer_ids: limits.engineers.iter().map(ToString::to_string).collect(),
    };
    let mut found = vec![find_engineers(clients, request(country.clone())).await?];
    for country in depot_countries(&found[0], &country, names) {
        found.push(find_engineers(clients, request(country)).await?);
    }
    let currency = &names.currency;
    let tried = Tried { booked: &question.own_visits, excluded: &limits.exclusions.engineers };
    let mut workforce = Workforce::read(&found, &repair.model, tried, window, currency);
    if let Some(task) = &mut workforce.task {
        let parts = std::mem::take(&mut task.parts).into_iter().map(|part| (part.item, part.quantity));
        if limits.exclusions.remote {
            task.remote = None;
        }
        // The work can wait for what is on its way.
        task.parts = still_needed(parts, &limits.at_hand, site, Some(Timestamp::MAX));
    }
    let parts = workforce.task.iter().flat_map(|task| &task.parts);
    let item_ids = parts.map(|part| part.item.to_string()).collect();
    let stocked = find_stock(clients, item_ids, vec![repair.model.to_string()]).await?;
    let mut stock = Stock::read(&stocked, asker(question, None, now), currency);
    let model = stock.model_facts(&repair.model, &stocked);
    let skilled =
        workforce.task.as_ref().map(|task| Skilled { skill: task.skill.clone(), level: task.level.into() });
    let mut refused = std::mem::take(&mut workforce.refused);
    if limits.has_loaner && !std::mem::take(&mut stock.loaners).is_empty() {
        refused.push(offer::loaner_out(&repair.model));
    }
    Ok(Known { stock, workforce, model: Some(model), skilled, refused, party_offers: Vec::new() })
}

/// Countries of the depots other than `country`: who works there need not be allowed to work here.
fn depot_countries(found: &dispatch::FindEngineersResponse, country: &str, names: &Names) -> Vec<String> {
    let sites = found.depots.iter().filter_map(|depot| depot.site_id.parse().ok());
    let mut countries: Vec<String> = sites
        .filter_map(|site: meridian_types::SiteId| Some(names.sites.get(&site)?.country.to_string()))
        .collect();
    countries.sort();
    countries.dedup();
    countries.retain(|other| other != country);
    countries
}

async fn find_stock(
    clients: &InRegion,
    item_ids: Vec<String>,
    loan_models: Vec<String>,
) -> Result<inventory::FindStockResponse, Error> {
    let request =
        inventory::FindStockRequest { item_ids, include_substitutes: true, loan_models, include_empty: true };
    let answer = clients.inventory().find_stock(request).await.map_err(|status| status::problem(&status))?;
    Ok(answer.into_inner())
}

async fn find_engineers(
    clients: &InRegion,
    request: dispatch::FindEngineersRequest,
) -> Result<dispatch::FindEngineersResponse, Error> {
    let answer =
        clients.dispatch().find_engineers(request).await.map_err(|status| status::problem(&status))?;
    Ok(answer.into_inner())
}

fn check_units(units: &[GivenUnit], found: &inventory::FindStockResponse) -> Result<(), Error> {
    for GivenUnit { field, item, unit } in units {
        let record = found.items.iter().find(|record| record.item_id == item.as_str());
        if let Some(record) = record.filter(|record| record.unit != *unit) {
            let (field, given, wanted) = (field.clone(), unit.clone(), record.unit.clone());
            return Err(Error::UnitMismatch { field, given, wanted });
        }
    }
    Ok(())
}
