//! `public_calendars.csv`: weekends and public holidays of countries and of their parts, by which working days are counted.

use meridian_proto::coordinator::v1::{PublicCalendar, PublicHoliday};
use meridian_types::{AreaCode, RegionId};

use crate::known::Known;
use crate::notation;
use crate::reading::Reading;
use crate::table::{Shape, split_list};

pub(crate) const PUBLIC_CALENDARS: Shape =
    Shape { file: "public_calendars.csv", needed: &["area", "region", "holidays"], optional: &["weekend"] };

pub(crate) fn read(reading: &mut Reading<'_>) {
    let mut areas = Known::new("an area of public_calendars.csv");
    let source = reading.files.get(PUBLIC_CALENDARS.file);
    PUBLIC_CALENDARS.read(source, reading.report, |row| {
        let region = row.reference("region", &reading.settings.regions);
        let area = row.code("area", AreaCode::parse);
        let dates = row.get("holidays", |text| reading.holidays.dates(split_list(text)));
        reading.regions.of(region).network.public_calendars.push(PublicCalendar {
            area: area.clone(),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            weekend: row.optional("weekend", notation::weekend),
            holidays: dates.into_iter().map(|(date, name)| PublicHoliday { date, name }).collect(),
        });
        areas.add(row, "area", area, ());
    });
}
