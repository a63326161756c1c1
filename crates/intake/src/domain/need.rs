//! What would make a customer whole.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{
    Category, EndUse, InstrumentModel, Interval, ItemId, Quantity, Rule, SerialNumber, SiteId, Symptom,
    UnitOfMeasure,
};
use serde::{Deserialize, Serialize};

use super::fact::{FactName, Statement};

/// Furthest deadline: two years of 365 days.
const DEADLINE_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 365 * 2);

/// What would make a customer whole. Stored as JSON; codes and numbers only, no free text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Need {
    pub(crate) kind: NeedKind,
    /// By when. Absent means as early as sensible.
    pub(crate) deadline: Option<Timestamp>,
    /// What it is for, as export rules see it, once that is declared.
    pub(crate) end_use: Option<EndUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NeedKind {
    Items(ItemsNeed),
    Repair(RepairNeed),
    Other(OtherNeed),
}

/// Items delivered to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ItemsNeed {
    /// 1 to 50; the quantities of one item add up to a quantity.
    pub(crate) lines: Vec<NeedLine>,
    pub(crate) deliver_to_site: Option<SiteId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NeedLine {
    pub(crate) item_id: ItemId,
    pub(crate) quantity: Quantity,
    /// Whoever owns the item checks that it is the item's unit.
    pub(crate) unit: Option<UnitOfMeasure>,
}

/// An instrument that must work again, and perhaps move on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RepairNeed {
    pub(crate) serial_number: SerialNumber,
    pub(crate) model: Option<InstrumentModel>,
    /// Where it stands.
    pub(crate) site: Option<SiteId>,
    pub(crate) symptom: Option<Symptom>,
    /// Where it must go; the deadline is then the arrival there.
    pub(crate) onward_site: Option<SiteId>,
    /// Access beyond the opening hours of the site.
    pub(crate) site_access: Vec<Interval>,
}

/// Something outside what the company supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OtherNeed {
    pub(crate) category: Category,
}

impl Need {
    /// What the need itself says, as facts.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        let mut said: Vec<Statement> = self.deadline.map(Statement::Deadline).into_iter().collect();
        said.extend(self.end_use.clone().map(Statement::EndUse));
        match &self.kind {
            NeedKind::Items(items) => {
                said.extend(items.deliver_to_site.clone().map(Statement::DeliverToSite))
            }
            NeedKind::Repair(repair) => {
                said.extend(repair.symptom.clone().map(Statement::Symptom));
                said.extend(repair.model.clone().map(Statement::Model));
                said.extend(repair.site.clone().map(Statement::Site));
                said.extend(repair.onward_site.clone().map(Statement::OnwardSite));
                if !repair.site_access.is_empty() {
                    said.push(Statement::SiteAccess(repair.site_access.clone()));
                }
            }
            NeedKind::Other(_) => {}
        }
        said
    }

    /// Whether the need itself says it.
    pub(crate) fn says(&self, name: &FactName) -> bool {
        self.statements().iter().any(|statement| statement.name() == *name)
    }

    /// Takes a fact over where it concerns this kind of need.
    pub(crate) fn apply(&mut self, statement: &Statement) {
        match (&mut self.kind, statement) {
            (_, Statement::Deadline(deadline)) => self.deadline = Some(*deadline),
            (_, Statement::EndUse(end_use)) => self.end_use = Some(end_use.clone()),
            (NeedKind::Items(items), Statement::DeliverToSite(site)) => {
                items.deliver_to_site = Some(site.clone());
            }
            (NeedKind::Repair(repair), Statement::Symptom(symptom)) => repair.symptom = Some(symptom.clone()),
            (NeedKind::Repair(repair), Statement::Model(model)) => repair.model = Some(model.clone()),
            (NeedKind::Repair(repair), Statement::Site(site)) => repair.site = Some(site.clone()),
            (NeedKind::Repair(repair), Statement::OnwardSite(site)) => {
                repair.onward_site = Some(site.clone())
            }
            (NeedKind::Repair(repair), Statement::SiteAccess(access)) => {
                repair.site_access.clone_from(access);
            }
            _ => {}
        }
    }

    /// The category by which a party is chosen: the need's own, or "items" or "repair".
    pub(crate) fn category(&self) -> &str {
        match &self.kind {
            NeedKind::Items(_) => "items",
            NeedKind::Repair(_) => "repair",
            NeedKind::Other(other) => other.category.as_str(),
        }
    }
}

/// The deadline, when it lies after `now` and at most two years ahead.
pub(crate) fn check_deadline(deadline: Timestamp, now: Timestamp) -> Result<(), Rule> {
    if deadline <= now {
        return Err(Rule::from(format!("must lie in the future (it is {now:.0})")));
    }
    if deadline.duration_since(now) > DEADLINE_AHEAD_MAX {
        return Err(Rule::new("at most two years ahead"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_lies_ahead_but_not_beyond_two_years() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let at = |text: &str| check_deadline(text.parse().unwrap(), now);
        assert!(at("2026-11-20T10:00:00Z").is_err());
        assert!(at("2026-11-20T10:00:01Z").is_ok());
        assert!(at("2028-11-19T10:00:00Z").is_ok());
        assert!(at("2028-11-20T10:00:00Z").is_err());
        assert!(at("9999-12-30T00:00:00Z").is_err());
    }
}
