//! Storing records of the network: this region's own, which are announced, and what other regions announce.

use meridian_messaging::{Announced, Work};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::RegionId;
use prost::{Message, Name};

use crate::error::Error;
use crate::store::network_record::{self, Put};

/// Valid records of this region.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkRecords {
    pub(crate) sites: Vec<pb::Site>,
    pub(crate) calendars: Vec<pb::Calendar>,
    pub(crate) public_calendars: Vec<pb::PublicCalendar>,
    pub(crate) lanes: Vec<pb::Lane>,
    pub(crate) customs_rules: Vec<pb::CustomsRule>,
    pub(crate) gates: Vec<pb::Gate>,
}

/// A kind of record, and the event that announces one.
pub(crate) trait NetworkRecord: Message + Name + Clone + Default {
    /// The word for it in the database.
    const KIND: &'static str;
    /// What announces it.
    type Defined: Announced;

    fn id(&self) -> &str;
    fn defined(self) -> Self::Defined;
}

macro_rules! network_records {
    ($($record:ident, $kind:literal, $id:ident, $defined:ident { $field:ident };)+) => {$(
        impl NetworkRecord for pb::$record {
            const KIND: &'static str = $kind;
            type Defined = pb::$defined;

            fn id(&self) -> &str {
                &self.$id
            }

            fn defined(self) -> Self::Defined {
                pb::$defined { $field: Some(self) }
            }
        }
    )+};
}

network_records! {
    Site, "site", site_id, SiteDefined { site };
    Calendar, "calendar", calendar_id, CalendarDefined { calendar };
    PublicCalendar, "public_calendar", area, PublicCalendarDefined { public_calendar };
    Lane, "lane", lane_id, LaneDefined { lane };
    CustomsRule, "customs_rule", customs_rule_id, CustomsRuleDefined { customs_rule };
    Gate, "gate", gate_id, GateDefined { gate };
}

/// Stores and announces records of this region, and returns how many there were.
///
/// # Errors
/// `OWNED_BY_ANOTHER_REGION` for a code that another region has taken; `MIXED_CURRENCIES`.
pub(crate) async fn put_network(
    work: &mut Work,
    own: &RegionId,
    records: &NetworkRecords,
) -> Result<i32, Error> {
    check_currency(work, &records.lanes).await?;
    let NetworkRecords { sites, calendars, public_calendars, lanes, customs_rules, gates } = records;
    put_all(work, own, sites).await?;
    put_all(work, own, calendars).await?;
    put_all(work, own, public_calendars).await?;
    put_all(work, own, lanes).await?;
    put_all(work, own, customs_rules).await?;
    put_all(work, own, gates).await?;
    network_record::bump_version(work.conn()).await?;
    let places = sites.len() + calendars.len() + public_calendars.len();
    let stored = places + lanes.len() + customs_rules.len() + gates.len();
    Ok(i32::try_from(stored).unwrap_or(i32::MAX))
}

async fn put_all<R: NetworkRecord>(work: &mut Work, own: &RegionId, records: &[R]) -> Result<(), Error> {
    for record in records {
        let put = Put { kind: R::KIND, id: record.id(), region: own, record };
        let Some(version) = network_record::put(work.conn(), &put).await? else {
            let (kind, id) = (R::KIND, record.id().to_owned());
            let region = network_record::owner(work.conn(), kind, &id).await?;
            return Err(Error::NotOurs { kind, id, region });
        };
        work.emit(record.id(), version, &record.clone().defined());
    }
    Ok(())
}

/// All prices of the network are in one currency.
async fn check_currency(work: &mut Work, lanes: &[pb::Lane]) -> Result<(), Error> {
    let mut known = network_record::currency(work.conn()).await?;
    for (index, lane) in lanes.iter().enumerate() {
        let prices =
            [("fixed_cost".to_owned(), &lane.fixed_cost), ("cost_per_kg".to_owned(), &lane.cost_per_kg)];
        let points = lane.tariff.iter().enumerate();
        let tariff = points.map(|(point, it)| (format!("tariff[{point}].cost"), &it.cost));
        for (field, price) in prices.into_iter().chain(tariff) {
            let Some(price) = price else { continue };
            let wanted = known.get_or_insert_with(|| price.currency_code.clone());
            if *wanted != price.currency_code {
                let field = format!("lanes[{index}].{field}.currency_code");
                return Err(Error::MixedCurrencies {
                    field,
                    given: price.currency_code.clone(),
                    wanted: wanted.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Stores a record that another region announces, unless it is not that region's to announce.
pub(crate) async fn learn_record<R: NetworkRecord>(
    work: &mut Work,
    region: &RegionId,
    record: &R,
) -> Result<(), Error> {
    let put = Put { kind: R::KIND, id: record.id(), region, record };
    match network_record::put(work.conn(), &put).await? {
        Some(_) => network_record::bump_version(work.conn()).await?,
        None => {
            tracing::warn!(kind = R::KIND, id = record.id(), %region, "a record of another region is not believed")
        }
    }
    Ok(())
}
