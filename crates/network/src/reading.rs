//! What the readers of the single files share.

use std::collections::BTreeMap;

use meridian_proto::coordinator::v1::Lane;
use meridian_proto::types::v1::Money;
use meridian_types::RegionId;

use crate::folder::Files;
use crate::holidays::{HOLIDAYS, Holidays};
use crate::report::Report;
use crate::settings::{self, Settings};
use crate::table::Row;
use crate::{Network, RegionRecords};

/// A network while it is being read.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) files: &'a Files<'a>,
    pub(crate) report: &'a Report,
    pub(crate) holidays: Holidays,
    pub(crate) settings: Settings,
    pub(crate) regions: Regions,
}

impl<'a> Reading<'a> {
    /// Reads what everything else refers to.
    pub(crate) fn begin(files: &'a Files<'a>, report: &'a Report) -> Self {
        let holidays = Holidays::read(files.get(HOLIDAYS.file), report);
        let mut settings = Settings::read(files.get(settings::FILE), &holidays, report);
        let mut regions = Regions::default();
        for calendar in std::mem::take(&mut settings.calendar_records) {
            let owner = settings.regions.get(&calendar.region);
            regions.of(owner).network.calendars.push(calendar);
        }
        Self { files, report, holidays, settings, regions }
    }

    pub(crate) fn finish(self) -> Network {
        let currency = self.settings.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
        let mut regions = self.regions.by_id;
        for region in self.settings.regions.into_values() {
            regions.entry(region).or_default();
        }
        Network {
            name: self.settings.name,
            fictitious: self.settings.fictitious,
            currency,
            regions,
            work_orders: Vec::new(),
        }
    }
}

/// Records by the region that owns them.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    by_id: BTreeMap<RegionId, RegionRecords>,
    /// Records whose region is wrong, which was reported.
    nowhere: RegionRecords,
}

impl Regions {
    pub(crate) fn lanes_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.by_id.values_mut().flat_map(|records| &mut records.network.lanes)
    }

    pub(crate) fn of(&mut self, owner: Option<&RegionId>) -> &mut RegionRecords {
        match owner {
            Some(region) => self.by_id.entry(region.clone()).or_default(),
            None => &mut self.nowhere,
        }
    }
}

/// An amount in the network's currency; an empty field is nothing.
pub(crate) fn amount(row: &Row<'_>, column: &str, settings: &Settings) -> Option<Money> {
    let currency = settings.currency.as_ref()?;
    if row.is_empty(column) {
        return currency.amount("0").ok();
    }
    Some(row.get(column, |text| currency.amount(text)))
}

/// `yes` or `no`; an empty field is no.
pub(crate) fn flag(row: &Row<'_>, column: &str) -> bool {
    row.optional(column, crate::values::yes_no)
}
