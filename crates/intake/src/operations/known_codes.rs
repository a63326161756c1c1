//! Whether the codes that a call names are known to the region: offices and other sites of the network, and items.
//!
//! The coordinator knows the sites of all regions, inventory the items. A slip of the pen is refused while the caller is
//! still there to correct it. Whoever does not answer in time refuses nothing: a call is never lost for a code that
//! could not be looked up.

use std::time::Duration;

use meridian_proto::coordinator::v1::LookUpSitesRequest;
use meridian_proto::inventory::v1::GetItemsRequest;
use meridian_types::{ItemId, Problem, SiteId, Violations};

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

    /// Refuses codes that nobody knows.
    ///
    /// # Errors
    /// One problem that names each with its field and what is spelt much like it.
    pub(crate) async fn check(self, clients: &InRegion) -> Result<(), Problem> {
        let (sites, items) = futures::join!(self.unknown_sites(clients), self.unknown_items(clients));
        let mut v = Violations::new();
        for (field, site) in &self.sites {
            add(&mut v, field, site.as_str(), SITE_RULE, &sites);
        }
        for (field, item) in &self.items {
            add(&mut v, field, item.as_str(), ITEM_RULE, &items);
        }
        v.finish()
    }

    /// Codes that are not those of sites, each with what is spelt much like it.
    async fn unknown_sites(&self, clients: &InRegion) -> Vec<(String, Vec<String>)> {
        if self.sites.is_empty() {
            return Vec::new();
        }
        let site_ids = self.sites.iter().map(|(_, site)| site.to_string()).collect();
        let mut request = tonic::Request::new(LookUpSitesRequest { site_ids });
        request.set_timeout(WAIT);
        match clients.coordinator().look_up_sites(request).await {
            Ok(answer) => {
                let unknown = answer.into_inner().unknown.into_iter();
                unknown.map(|unknown| (unknown.site_id, unknown.similar_site_ids)).collect()
            }
            Err(error) => not_looked_up("sites", &error),
        }
    }

    /// Codes that are not those of items, each with what is spelt much like it.
    async fn unknown_items(&self, clients: &InRegion) -> Vec<(String, Vec<String>)> {
        if self.items.is_empty() {
            return Vec::new();
        }
        let item_ids = self.items.iter().map(|(_, item)| item.to_string()).collect();
        let mut request = tonic::Request::new(GetItemsRequest { item_ids });
        request.set_timeout(WAIT);
        match clients.inventory().get_items(request).await {
            Ok(answer) => {
                let unknown = answer.into_inner().unknown.into_iter();
                unknown.map(|unknown| (unknown.item_id, unknown.similar_item_ids)).collect()
            }
            Err(error) => not_looked_up("items", &error),
        }
    }
}

fn not_looked_up(what: &'static str, error: &dyn std::fmt::Display) -> Vec<(String, Vec<String>)> {
    tracing::warn!(what, %error, "codes could not be looked up; the call is taken as it is");
    Vec::new()
}

fn add(v: &mut Violations, field: &str, code: &str, rule: &str, unknown: &[(String, Vec<String>)]) {
    let Some((_, similar)) = unknown.iter().find(|(known_not, _)| known_not == code) else { return };
    if similar.is_empty() {
        v.add(field, code, rule);
    } else {
        v.add(field, code, format!("{rule}; did you mean {}?", similar.join(" or ")));
    }
}
