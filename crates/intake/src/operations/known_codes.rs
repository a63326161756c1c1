//! Whether the codes that a call names are known to the region: offices and other sites of the network, and items.
//!
//! The coordinator knows the sites of all regions, inventory the items. A slip of the pen is refused while the caller is
//! still there to correct it. Whoever does not answer in time, or may not know all, because nothing was loaded yet or a
//! region is cut off, refuses nothing: a call is never lost for a code that could not be looked up.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use meridian_chassis::deadline::Deadline;
use meridian_chassis::status::internal;
use meridian_proto::coordinator::v1::LookUpSitesRequest;
use meridian_proto::inventory::v1::GetItemsRequest;
use meridian_types::{ItemId, Problem, SiteId, Violations};
use tracing::Instrument as _;

use crate::clients::InRegion;
use crate::domain::case::StatedFact;
use crate::domain::fact::Statement;
use crate::domain::need::{Need, NeedKind};

/// How long a caller waits for codes to be looked up.
const WAIT: Duration = Duration::from_secs(2);
const SITE_RULE: &str = "a site of the network";
const ITEM_RULE: &str = "an item of the catalogue; what we do not supply is a need of another category";

/// Codes of a request, each with the field that names it.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    sites: Vec<(String, SiteId)>,
    items: Vec<(String, ItemId)>,
}

impl Codes {
    pub(crate) fn office(&mut self, office: &SiteId) {
        self.site("office", Some(office));
    }

    pub(crate) fn need(&mut self, need: &Need) {
        match &need.kind {
            NeedKind::Items(items) => {
                self.site("need.items.deliver_to_site_id", items.deliver_to_site.as_ref());
                let lines = items.lines.iter().enumerate();
                let named = lines.map(|(index, line)| {
                    (format!("need.items.lines[{index}].item_id"), line.item_id.clone())
                });
                self.items.extend(named);
            }
            NeedKind::Repair(repair) => {
                self.site("need.repair.site_id", repair.site.as_ref());
                self.site("need.repair.onward_site_id", repair.onward_site.as_ref());
            }
            NeedKind::Other(_) => {}
        }
    }

    pub(crate) fn fact(&mut self, fact: &StatedFact) {
        if let Statement::DeliverToSite(site) | Statement::OnwardSite(site) | Statement::Site(site) =
            &fact.statement
        {
            self.site(&fact.field, Some(site));
        }
    }

    fn site(&mut self, field: &str, site: Option<&SiteId>) {
        self.sites.extend(site.map(|site| (field.to_owned(), site.clone())));
    }
}

/// What is looked up, and what was found: a code that is known stays known.
#[derive(Debug, Clone)]
pub(crate) struct KnownCodes {
    clients: InRegion,
    sites: Arc<Mutex<BTreeSet<String>>>,
    items: Arc<Mutex<BTreeSet<String>>>,
}

/// Codes that nobody knows, each with what is spelt much like it.
type Unknown = Vec<(String, Vec<String>)>;

impl KnownCodes {
    pub(crate) fn new(clients: InRegion) -> Self {
        Self { clients, sites: Arc::default(), items: Arc::default() }
    }

    /// Refuses codes that nobody knows.
    ///
    /// # Errors
    /// One problem that names each with its field and what is spelt much like it.
    pub(crate) async fn check(&self, codes: Codes) -> Result<(), Problem> {
        // In a task of its own: callers who hang up must not tear the queries of others apart.
        let looking = tokio::spawn(self.clone().look_up(codes).in_current_span());
        // To connect counts too; and the caller's time is for the call itself, half of it at least.
        let most = Deadline::current().map_or(WAIT, |deadline| WAIT.min(deadline.remaining() / 2));
        match tokio::time::timeout(most, looking).await {
            Ok(looked_up) => looked_up.map_err(|error| internal(&error))?,
            Err(_) => {
                not_looked_up("codes", &"nobody answered in time");
                Ok(())
            }
        }
    }

    async fn look_up(self, codes: Codes) -> Result<(), Problem> {
        let sites = not_in(&self.sites, codes.sites.iter().map(|(_, site)| site.as_str()));
        let items = not_in(&self.items, codes.items.iter().map(|(_, item)| item.as_str()));
        let (sites, items) = futures::join!(self.unknown_sites(sites), self.unknown_items(items));
        let mut v = Violations::new();
        for (field, site) in &codes.sites {
            add(&mut v, field, site.as_str(), SITE_RULE, &sites);
        }
        for (field, item) in &codes.items {
            add(&mut v, field, item.as_str(), ITEM_RULE, &items);
        }
        v.finish()
    }

    async fn unknown_sites(&self, asked: Vec<String>) -> Unknown {
        if asked.is_empty() {
            return Unknown::new();
        }
        let mut request = tonic::Request::new(LookUpSitesRequest { site_ids: asked.clone() });
        request.set_timeout(WAIT);
        match self.clients.coordinator().look_up_sites(request).await {
            Ok(answer) => {
                let told = answer.into_inner();
                let unknown = told.unknown.into_iter().map(|it| (it.site_id, it.similar_site_ids)).collect();
                learnt(&self.sites, asked, unknown, told.incomplete.then_some("sites"))
            }
            Err(error) => not_looked_up("sites", &error),
        }
    }

    async fn unknown_items(&self, asked: Vec<String>) -> Unknown {
        if asked.is_empty() {
            return Unknown::new();
        }
        let mut request = tonic::Request::new(GetItemsRequest { item_ids: asked.clone() });
        request.set_timeout(WAIT);
        match self.clients.inventory().get_items(request).await {
            Ok(answer) => {
                let told = answer.into_inner();
                let unknown = told.unknown.into_iter().map(|it| (it.item_id, it.similar_item_ids)).collect();
                learnt(&self.items, asked, unknown, told.incomplete.then_some("items"))
            }
            Err(error) => not_looked_up("items", &error),
        }
    }
}

/// Those of the codes that are not known yet.
fn not_in<'c>(known: &Mutex<BTreeSet<String>>, codes: impl Iterator<Item = &'c str>) -> Vec<String> {
    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
    codes.filter(|code| !known.contains(*code)).map(str::to_owned).collect()
}

/// Remembers those of the codes that are known, and returns the others; none where there may be more of them than are
/// known here, whatever they are.
fn learnt(
    known: &Mutex<BTreeSet<String>>,
    asked: Vec<String>,
    unknown: Unknown,
    incomplete: Option<&'static str>,
) -> Unknown {
    let is_known = |code: &String| unknown.iter().all(|(other, _)| other != code);
    known.lock().unwrap_or_else(PoisonError::into_inner).extend(asked.into_iter().filter(is_known));
    match incomplete.filter(|_| !unknown.is_empty()) {
        Some(what) => not_looked_up(what, &"there may be others than are known here"),
        None => unknown,
    }
}

fn not_looked_up(what: &'static str, error: &dyn std::fmt::Display) -> Unknown {
    tracing::warn!(what, %error, "codes could not be looked up; the call is taken as it is");
    Unknown::new()
}

fn add(v: &mut Violations, field: &str, code: &str, rule: &str, unknown: &[(String, Vec<String>)]) {
    let Some((_, similar)) = unknown.iter().find(|(known_not, _)| known_not == code) else { return };
    if similar.is_empty() {
        v.add(field, code, rule);
    } else {
        v.add(field, code, format!("{rule}; did you mean {}?", similar.join(" or ")));
    }
}
