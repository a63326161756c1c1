//! Finding every way to meet a need, and remembering what was decided on what grounds.

mod ask;

use std::sync::Arc;

use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_chassis::status::internal;
use meridian_messaging::Journal;
use meridian_planner::model::{Answer, Policy, Request, World};
use meridian_planner::solve;
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, CountryCode, IdSource, Problem, SolutionId};
use uuid::Uuid;

use crate::clients::InRegion;
use crate::domain::{Chosen, EngineerClaim, StockClaim};
use crate::error::Error;
use crate::network::{CompiledNetwork, Networks};
use crate::offer::{self, Names, Offer, Party, Terms};
use crate::sharing::Supply;
use crate::store::decision::{self, Decision};
use crate::store::{offered_solution, party, plan, served_case};
use crate::wire::need::Asked;
use crate::world::question::{self, Limits, Ranking};

pub(crate) use ask::{CaseFacts, GivenUnit, Left, given_units};
use ask::{Known, ask_inventory_and_dispatch};

/// What is asked, and on whose behalf.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The case that the offers are for; without one nothing can be committed.
    pub(crate) case_id: Option<CaseId>,
    /// Office that owns the case, when intake says so.
    pub(crate) office: Option<String>,
    /// How often less lay at hand for the case than before, when it was read what does.
    pub(crate) offer_epoch: i64,
    pub(crate) asked: Asked,
    /// Country of the customer, by which parties are chosen.
    pub(crate) country: Option<CountryCode>,
    pub(crate) limits: Limits,
    /// What the plan that asks has reserved: available to itself.
    pub(crate) own_stock: Vec<StockClaim>,
    /// Whom the plan that asks has booked: free for itself.
    pub(crate) own_visits: Vec<EngineerClaim>,
    /// Units of measure given with the lines, by field.
    pub(crate) units: Vec<GivenUnit>,
    pub(crate) ranking: Ranking,
    /// Supposes that things were otherwise, or weighs what nobody has asked about: no decision about the case.
    pub(crate) supposes: bool,
}

impl Question {
    /// What to do about a case of which nothing is reserved yet, wherever its plans have left things.
    pub(crate) fn about(case_id: CaseId, case: CaseFacts, mut limits: Limits) -> Self {
        let CaseFacts { asked, country, units, office, priority: _, left, offer_epoch } = case;
        for Left { plan_id: _, instrument_at, at_hand, has_loaner } in left {
            limits.instrument_at = limits.instrument_at.or(instrument_at);
            limits.at_hand.extend(at_hand);
            limits.has_loaner |= has_loaner;
        }
        Self { office, country, offer_epoch, ..Self::new(Some(case_id), asked, units, limits) }
    }

    /// What could be done about a need for which there is no case.
    pub(crate) fn without_case(asked: Asked, units: Vec<GivenUnit>, limits: Limits) -> Self {
        Self::new(None, asked, units, limits)
    }

    fn new(case_id: Option<CaseId>, asked: Asked, units: Vec<GivenUnit>, limits: Limits) -> Self {
        Self {
            case_id,
            office: None,
            offer_epoch: 0,
            asked,
            country: None,
            limits,
            own_stock: Vec::new(),
            own_visits: Vec::new(),
            units,
            ranking: Ranking::default(),
            supposes: false,
        }
    }
}

/// Every way that was found, the best first, and why the others do not work.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) offers: Vec<Offer>,
    pub(crate) refused: Vec<pb::RefusedAlternative>,
    /// Name and version of the rules that ranked them.
    pub(crate) policy_version: String,
    /// What was free when they were found.
    pub(crate) supply: Supply,
}

impl Found {
    pub(crate) fn response(self) -> pb::FindSolutionsResponse {
        // All of them can be committed until then.
        let valid_until = self.offers.iter().map(|offer| offer.valid_until).min();
        pb::FindSolutionsResponse {
            solutions: self.offers.into_iter().map(|offer| offer.solution).collect(),
            refused: self.refused,
            policy_version: self.policy_version,
            valid_until: valid_until.map(encode::timestamp),
        }
    }

    pub(crate) fn chosen(self) -> Vec<Chosen> {
        self.offers.into_iter().map(|offer| offer.chosen).collect()
    }
}

/// Finds solutions. Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct Finder {
    journal: Journal,
    clients: InRegion,
    networks: Networks,
}

impl Finder {
    pub(crate) fn new(journal: Journal, clients: InRegion) -> Self {
        let networks = Networks::new(journal.clone());
        Self { journal, clients, networks }
    }

    /// What is known of a case that can still be helped.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND`, `CASE_CLOSED`, `CASE_REFERRED`, `FACTS_MISSING`, or intake or the database does not answer.
    pub(crate) async fn case(&self, case_id: CaseId) -> Result<CaseFacts, Error> {
        let (offer_epoch, plans) = {
            let mut conn = self.journal.pool().acquire().await?;
            let offer_epoch = served_case::offer_epoch(&mut conn, case_id).await?;
            (offer_epoch, plan::all_of_case(&mut conn, case_id).await?)
        };
        let left = plans.into_iter().map(|stored| Left::from(stored.plan)).collect();
        ask::case(&self.clients, case_id, (left, offer_epoch)).await
    }

    /// Whether intake knows a case.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND`, or intake does not answer.
    pub(crate) async fn case_exists(&self, case_id: CaseId) -> Result<(), Error> {
        ask::get_case(&self.clients, case_id).await.map(drop)
    }

    /// Every way to meet a need. Only when nothing works at all, and no party is known that takes such a need, is there
    /// no offer; what is refused then says from when on something would.
    ///
    /// # Errors
    /// `UNKNOWN_REFERENCE` for a site, `UNIT_MISMATCH`, or a service or the database does not answer.
    pub(crate) async fn find(&self, question: &Question) -> Result<Found, Error> {
        let now = self.journal.clock().now();
        let network = self.networks.at(now).await?;
        for (field, site) in question.asked.sites() {
            if !network.names.sites.contains_key(site) {
                return Err(Error::UnknownSite { field: field.to_owned(), site: site.clone() });
            }
        }
        let parties = party::all(&mut *self.journal.pool().acquire().await?).await?;
        let mut known = ask_inventory_and_dispatch(&self.clients, question, &network.names, now).await?;
        known.learn_offers(&parties, &network.names.currency);
        let request =
            question::request(&question.asked, &question.limits, question.ranking, &known.stock, now);
        let (world, answer) = plan(&network, known.world(), request.clone()).await?;
        let ids = &**self.journal.ids();
        let mut found = told(&network.names, question, (&known, &parties), answer.as_ref(), (now, ids));
        if found.offers.is_empty() {
            found.offers = referrals(&parties, question, &network.names, (now, ids));
        }
        self.remember(question, &network, (now, world, request, answer), &found).await?;
        Ok(found)
    }

    /// Keeps the decision with everything it followed from, and the offers.
    async fn remember(
        &self,
        question: &Question,
        network: &Arc<CompiledNetwork>,
        (found_at, world, request, answer): (Timestamp, World, Option<Request>, Option<Answer>),
        found: &Found,
    ) -> Result<(), Error> {
        let decision = Decision {
            decision_id: self.journal.ids().uuid(),
            case_id: question.case_id.filter(|_| !question.supposes),
            found_at,
            policy_version: i32::try_from(Policy::VERSION).unwrap_or(i32::MAX),
            network_version: network.version,
            horizon: network.horizon,
            world,
            request,
            answer,
        };
        let kept = decision::has_network(self.journal.pool(), network.version).await?;
        let remembered = Arc::new(Remembered {
            offers: question.case_id.map(|case_id| (case_id, found.offers.clone())),
            deadline: question.asked.deadline,
            office: question.office.clone(),
            offer_epoch: question.offer_epoch,
            network: (!kept).then(|| Arc::clone(network)),
            decision,
        });
        self.journal
            .write("remember decision", move |work| {
                let remembered = Arc::clone(&remembered);
                Box::pin(async move { remembered.keep(work.conn()).await.map_err(Problem::from) })
            })
            .await?;
        Ok(())
    }
}

/// A decision to be kept.
struct Remembered {
    decision: Decision,
    /// The network, unless this version of it is kept already.
    network: Option<Arc<CompiledNetwork>>,
    /// With the case that they are for.
    offers: Option<(CaseId, Vec<Offer>)>,
    deadline: Option<Timestamp>,
    office: Option<String>,
    /// How often less lay at hand for the case than before, when it was read what does.
    offer_epoch: i64,
}

impl Remembered {
    async fn keep(&self, conn: &mut sqlx::PgConnection) -> Result<(), Error> {
        if let Some(network) = &self.network {
            decision::keep_network(conn, network.version, network.network()).await?;
        }
        decision::insert(conn, &self.decision).await?;
        let Some((case_id, offers)) = &self.offers else { return Ok(()) };
        let case_id = *case_id;
        if let Some(office) = &self.office {
            // The event that says so may still be on its way when a plan needs to know.
            served_case::set_office_if_unknown(conn, case_id, office).await?;
        }
        let id: Uuid = self.decision.decision_id;
        // What was given up in the meantime expired what was offered by then; the offers that come now may count on it too.
        let is_void = served_case::lock(conn, case_id).await?.offer_epoch != self.offer_epoch;
        let void_since = is_void.then(|| offered_solution::before(self.decision.found_at));
        for offer in offers {
            let valid_until = void_since.unwrap_or(offer.valid_until);
            let offer = Offer { valid_until, ..offer.clone() };
            offered_solution::insert(conn, case_id, id, self.deadline, &offer).await?;
        }
        Ok(())
    }
}

/// Asks the planner, off the async threads.
async fn plan(
    network: &Arc<CompiledNetwork>,
    world: World,
    request: Option<Request>,
) -> Result<(World, Option<Answer>), Error> {
    let Some(request) = request else { return Ok((world, None)) };
    let network = Arc::clone(network);
    let solved = tokio::task::spawn_blocking(move || {
        let answer = solve(&network.compiled, &world, &request);
        (world, Some(answer))
    });
    let (world, answer) = solved.await.map_err(|error| internal(&error))?;
    for defect in answer.iter().flat_map(|answer| &answer.defects) {
        tracing::error!(faults = ?defect.faults, kind = ?defect.solution.kind, "the planner's checker refused a solution");
    }
    Ok((world, answer))
}

/// Who can take over what nothing of ours meets.
fn referrals(
    parties: &[Party],
    question: &Question,
    names: &Names,
    (now, ids): (Timestamp, &dyn IdSource),
) -> Vec<Offer> {
    let excluded = &question.limits.exclusions.parties;
    let here = question.asked.destination().and_then(|site| names.sites.get(site));
    let country = question.country.as_ref().or(here.map(|facts| &facts.country));
    offer::referrals(parties, excluded, &question.asked, country, (names, ids, now))
}

fn told(
    names: &Names,
    question: &Question,
    (known, parties): (&Known, &[Party]),
    answer: Option<&Answer>,
    (now, ids): (Timestamp, &dyn IdSource),
) -> Found {
    let policy_version = question.ranking.policy_version();
    let Some(answer) = answer else {
        return Found { policy_version, ..Found::default() };
    };
    let terms = Terms {
        asked: &question.asked,
        names,
        stock: &known.stock,
        parts: known.parts(),
        skilled: known.skilled.as_ref(),
        namesakes: known.namesakes(),
        parties,
        party_offers: &known.party_offers,
        now,
    };
    let (mut offers, mut hindered) = (Vec::new(), Vec::new());
    for solution in &answer.options {
        if let Some(obstacle) = offer::obstacle(solution) {
            hindered.push(offer::hindered(solution, obstacle));
        } else if let Some(offer) = terms.offer(solution, SolutionId::fresh(ids)) {
            offers.push(offer);
        } else {
            tracing::error!(?solution, "a solution does not match the records it was made from");
        }
    }
    let destination = question.asked.destination().and_then(|site| names.sites.get(site));
    let country = destination.map(|facts| facts.country.as_str());
    let refused = answer.refused.iter().map(|refusal| offer::refused(refusal, names, country));
    let refused = refused.chain(known.refused.iter().cloned()).chain(hindered).collect();
    Found { offers, refused, policy_version, supply: Supply::of(&known.stock) }
}
