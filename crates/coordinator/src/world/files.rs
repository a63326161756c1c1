//! A company straight from its files, without any service: nothing is held, nobody is booked or absent.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use meridian_planner::Horizon;
use meridian_planner::model::{Certificate, Network, PartyOffer, ReferralParty, RepairTask, World};
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::dispatch::v1 as dispatch;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_types::{InstrumentModel, Interval};

use super::network::{self, Records};
use super::stock::{Asker, Stock};
use super::{party, workforce};
use crate::network::HORIZON;

/// How far ahead engineers are looked at.
const ENGINEERS_AHEAD: SignedDuration = SignedDuration::from_hours(56 * 24);
/// The party that takes everything.
const ANYTHING: &str = "*";

/// What one region owns, as its services take it.
#[derive(Debug, Clone, Copy)]
pub struct RegionFiles<'a> {
    /// Sites, calendars, lanes, rules of customs and export.
    pub network: &'a pb::PutNetworkRequest,
    /// Items, warehouses and their stock.
    pub catalogue: &'a inventory::PutCatalogueRequest,
    /// Engineers, repair profiles and depots.
    pub workforce: &'a dispatch::PutWorkforceRequest,
    /// Instruments and parties.
    pub directory: &'a intake::PutDirectoryRequest,
}

/// What a plan follows from, beside the request.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounds {
    /// The network.
    pub network: Network,
    /// What it is compiled for: from now on, as far as the services plan.
    pub horizon: Horizon,
    /// Stock, engineers, repairs.
    pub world: World,
}

/// The company of all `regions` at the moment `now`.
#[must_use]
pub fn grounds(regions: &[RegionFiles<'_>], now: Timestamp) -> Grounds {
    let mut records = Records::default();
    for region in regions {
        records.sites.extend(region.network.sites.iter().cloned());
        records.calendars.extend(region.network.calendars.iter().cloned());
        records.public_calendars.extend(region.network.public_calendars.iter().cloned());
        records.lanes.extend(region.network.lanes.iter().cloned());
        records.customs_rules.extend(region.network.customs_rules.iter().cloned());
        records.gates.extend(region.network.gates.iter().cloned());
    }
    let network = network::network(&records);
    let world = world(regions, &network.currency, now);
    Grounds { network, horizon: Horizon { start: now, end: later(now, HORIZON) }, world }
}

/// So much later, or the end of time.
fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn world(regions: &[RegionFiles<'_>], currency: &str, now: Timestamp) -> World {
    let found = everything_in_stock(regions);
    let nobody = Asker { case_id: None, own: &[], destination: None, now };
    let stock = Stock::read(&found, nobody, currency);
    let models = found.items.iter().filter_map(|item| item.model.parse::<InstrumentModel>().ok());
    let models = models.map(|model| stock.model_facts(&model, &found)).collect();
    let engineers = regions.iter().flat_map(|region| &region.workforce.engineers);
    let engineers: Vec<_> = engineers
        .filter_map(|record| engineer(record, Interval::new(now, later(now, ENGINEERS_AHEAD)).ok()?))
        .collect();
    let depots = regions.iter().flat_map(|region| &region.workforce.depots);
    let depots = depots.filter_map(|record| workforce::depot(record, &engineers)).collect();
    let profiles = regions.iter().flat_map(|region| &region.workforce.repair_profiles);
    let parties: Vec<_> = regions.iter().flat_map(|region| &region.directory.parties).collect();
    let offers = |party: &&intake::Party| -> Vec<PartyOffer> {
        let party_id = party.party_id.parse().ok();
        party_id.map(|id| party::offers(&id, &party.offers, currency).collect()).unwrap_or_default()
    };
    World {
        party_offers: parties.iter().flat_map(offers).collect(),
        models,
        repair_tasks: profiles.filter_map(repair_task).collect(),
        depots,
        engineers,
        parties: parties.into_iter().filter_map(referral_party).collect(),
        ..stock.world()
    }
}

/// What inventory would say if it were asked for everything.
fn everything_in_stock(regions: &[RegionFiles<'_>]) -> inventory::FindStockResponse {
    let mut found = inventory::FindStockResponse::default();
    for region in regions {
        found.items.extend(region.catalogue.items.iter().cloned());
        let levels = region.catalogue.opening_stock.iter().map(|opening| inventory::StockLevel {
            item_id: opening.item_id.clone(),
            warehouse_site_id: opening.warehouse_site_id.clone(),
            pool: opening.pool,
            on_hand: opening.quantity,
            available: opening.quantity,
            ..inventory::StockLevel::default()
        });
        found.levels.extend(levels);
    }
    found
}

/// An engineer whom nothing keeps from working, with certificates instead of days that were asked about.
fn engineer(record: &dispatch::Engineer, window: Interval) -> Option<meridian_planner::model::Engineer> {
    let span = |interval: &Interval| meridian_chassis::encode::interval(*interval);
    let candidate = dispatch::EngineerCandidate {
        free: workforce::working_time(record, window, Some(false))?.iter().map(span).collect(),
        free_overtime: workforce::working_time(record, window, Some(true))?.iter().map(span).collect(),
        ..dispatch::EngineerCandidate::default()
    };
    let mut engineer = workforce::engineer(&candidate, record, &[], window)?;
    let certificate = |skill: &dispatch::Skill| {
        Some(Certificate {
            certificate: skill.skill_id.parse().ok()?,
            valid_from: skill.valid_from.parse().unwrap_or(Date::MIN),
            valid_until: skill.valid_until.parse().unwrap_or(Date::MAX),
        })
    };
    engineer.certificates = record.skills.iter().filter_map(certificate).collect();
    Some(engineer)
}

fn repair_task(profile: &dispatch::RepairProfile) -> Option<RepairTask> {
    let task = workforce::repair_task(profile, &profile.model.parse().ok()?)?;
    Some(RepairTask { certificates: vec![task.skill.clone()], ..task })
}

fn referral_party(record: &intake::Party) -> Option<ReferralParty> {
    let takes_all = record.categories.iter().any(|category| category == ANYTHING);
    takes_all.then_some(ReferralParty {
        party: record.party_id.parse().ok()?,
        countries: record.countries.iter().filter_map(|country| country.parse().ok()).collect(),
        items: Vec::new(),
        models: Vec::new(),
        answer_minutes: record.accept_within_minutes.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parties_offer_in_their_files_is_planned_with() {
        let offer = intake::PartyOffer {
            service: Some(intake::party_offer::Service::ItemId("PUMP".to_owned())),
            accept_within_minutes: 60,
            price: Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor: 500 }),
            ..intake::PartyOffer::default()
        };
        let party =
            intake::Party { party_id: "ACME".to_owned(), offers: vec![offer], ..intake::Party::default() };
        let directory = intake::PutDirectoryRequest { parties: vec![party], ..Default::default() };
        let lane = pb::Lane {
            fixed_cost: Some(meridian_proto::types::v1::Money { currency_code: "EUR".to_owned(), minor: 0 }),
            ..pb::Lane::default()
        };
        let files = RegionFiles {
            network: &pb::PutNetworkRequest { lanes: vec![lane], ..Default::default() },
            catalogue: &inventory::PutCatalogueRequest::default(),
            workforce: &dispatch::PutWorkforceRequest::default(),
            directory: &directory,
        };
        let grounds = grounds(&[files], Timestamp::UNIX_EPOCH);
        assert_eq!(grounds.network.currency, "EUR");
        let offers: Vec<_> = grounds.world.party_offers.iter().map(|it| it.party.as_str()).collect();
        assert_eq!(offers, ["ACME"]);
    }

    #[test]
    fn the_end_of_time_is_the_end_of_every_horizon() {
        for (now, end) in [
            (Timestamp::MIN, Timestamp::MIN + HORIZON),
            (Timestamp::MAX - HORIZON, Timestamp::MAX),
            (Timestamp::MAX, Timestamp::MAX),
        ] {
            assert_eq!(grounds(&[], now).horizon, Horizon { start: now, end });
        }
    }
}
