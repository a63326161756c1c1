//! The visits of an engineer as an iCalendar (RFC 5545). It names nobody: everything in it is a code.

use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use jiff::Timestamp;
use meridian_types::{EngineerId, RegionId};
use sqlx::PgConnection;

use crate::domain::claim::Stay;
use crate::domain::visit::{Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::store::visit::Listing;

/// Visits that began longer ago are left out.
const PAST_DAYS: i64 = 90;
/// Most visits in a calendar.
const VISITS_MAX: i64 = 2000;

/// The visits of an engineer of this region, from a while ago on.
pub(crate) async fn engineer_calendar(
    conn: &mut PgConnection,
    region: &RegionId,
    engineer: &EngineerId,
    now: Timestamp,
) -> Result<String, Error> {
    if store::engineer::find(conn, engineer, region).await?.is_none() {
        return Err(Error::EngineerNotFound(engineer.clone()));
    }
    let since = now.checked_sub(jiff::SignedDuration::from_hours(24 * PAST_DAYS)).unwrap_or(now);
    let after = Some((since, meridian_types::VisitId::from_uuid(uuid::Uuid::nil())));
    let listing = Listing { engineer: Some(engineer.clone()), case: None, after, most: VISITS_MAX };
    let visits = store::visit::list(conn, &listing).await?;
    Ok(calendar(engineer, &visits, now))
}

fn calendar(engineer: &EngineerId, visits: &[Visit], now: Timestamp) -> String {
    let mut calendar = Calendar::new();
    calendar.name(engineer.as_str());
    for visit in visits {
        calendar.push(event(visit, now));
    }
    calendar.to_string()
}

fn event(visit: &Visit, now: Timestamp) -> Event {
    let claim = &visit.claim;
    let status = match visit.state {
        VisitState::Held | VisitState::Booked => EventStatus::Tentative,
        VisitState::Accepted | VisitState::Started | VisitState::Finished | VisitState::Unsolved => {
            EventStatus::Confirmed
        }
        VisitState::Cancelled | VisitState::Expired => EventStatus::Cancelled,
    };
    let mut told = format!("Work from {} to {}; {}", claim.work.start(), claim.work.end(), claim.case);
    if let Some(Stay { lodging, away }) = &claim.stay {
        told.push_str(&format!("; away from {} to {}, at {lodging}", away.start(), away.end()));
    }
    Event::new()
        .uid(&claim.visit.to_string())
        .add_property("DTSTAMP", utc(now))
        .append_property(Property::new("DTSTART", utc(claim.during.start())))
        .append_property(Property::new("DTEND", utc(claim.during.end())))
        .sequence(u32::try_from(visit.version).unwrap_or(u32::MAX))
        .status(status)
        .summary(&format!("{} {} ({})", claim.site, claim.skill.id, visit.state))
        .location(claim.site.as_str())
        .description(&told)
        .done()
}

/// The form of RFC 5545 for instants.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}
