//! Work orders as messages.

use jiff::Timestamp;
use meridian_chassis::{decode, encode};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::SkillNeeded;
use meridian_scheduler::workload::{Engineers, Position, WorkOrder};
use meridian_types::{InstrumentModel, RegionId, Symptom, Violations, VisitId};

use super::repair::skill_needed;
use super::{amount, list, span};
use crate::domain::order::Order;
use crate::domain::repair::{RepairProfile, choose_profile};

/// A week.
const WORK_MINUTES_MAX: i32 = 7 * 24 * 60;
const WINDOWS_MAX: usize = 20;
const WINDOW_DAYS_MAX: i64 = 366;
const AFTER_MAX: usize = 20;
const EXCLUDED_MAX: usize = 1000;
const PRIORITY_DEFAULT: i32 = 3;
/// In minor units; as much as the scheduler reckons with.
const PRICE_MAX: i64 = 250_000_000;

/// An order as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// Without skill when the repair profile is to say it, and then without minutes where those are not given.
    pub(crate) order: Order,
    /// Which repair profile is to say what it needs.
    pub(crate) profile: Option<(InstrumentModel, Option<Symptom>)>,
}

/// The order that the message describes.
pub(crate) fn decode(v: &mut Violations, field: &str, message: pb::WorkOrder) -> Option<Asked> {
    let visit: Option<VisitId> = decode::parsed(v, &format!("{field}.visit_id"), &message.visit_id);
    let case = decode::parsed(v, &format!("{field}.case_id"), &message.case_id);
    let site = decode::parsed(v, &format!("{field}.site_id"), &message.site_id);
    let country = decode::parsed(v, &format!("{field}.country"), &message.country);
    let position = position_if_set(v, &format!("{field}.position"), message.position);
    let needs = needs(v, field, &message);
    let engineers = decode::within(v, &format!("{field}.engineers"), message.engineers, 0..=2);
    let engineers = engineers.map(|number| if number == 2 { Engineers::Two } else { Engineers::One });
    let windows = list(v, &format!("{field}.windows"), message.windows, WINDOWS_MAX, |v, field, window| {
        span::decode(v, field, Some(window), WINDOW_DAYS_MAX)
    });
    let release = decode::timestamp_if_set(v, &format!("{field}.release"), message.release);
    let due = decode::timestamp_if_set(v, &format!("{field}.due"), message.due);
    let priority = decode::within(v, &format!("{field}.priority"), message.priority, 0..=5);
    let priority = priority.map(|priority| if priority == 0 { PRIORITY_DEFAULT } else { priority });
    let after = list(v, &format!("{field}.after_visit_ids"), message.after_visit_ids, AFTER_MAX, parsed);
    let excluded = message.excluded_engineer_ids;
    let excluded = list(v, &format!("{field}.excluded_engineer_ids"), excluded, EXCLUDED_MAX, parsed);
    if let (Some(visit), Some(after)) = (visit, &after)
        && after.contains(&visit)
    {
        v.add(format!("{field}.after_visit_ids"), visit, "another order");
    }
    let outsource = match message.outsource_price {
        None => Some(None),
        price => amount(v, &format!("{field}.outsource_price"), price, PRICE_MAX).map(Some),
    };
    let (skill, work_minutes, profile) = needs?;
    let demand = WorkOrder {
        id: visit?,
        site: site?,
        skills: skill.into_iter().collect(),
        work_minutes,
        engineers: engineers?,
        windows: windows?,
        release,
        due: None,
        priority: u8::try_from(priority?).ok()?,
        after: after?,
        excluded: excluded?.into_iter().collect(),
        needs_pickup: message.needs_pickup,
        outsource: outsource?,
    };
    let order =
        Order { demand, due, case: case?, country: country?, position: position?, pinned: message.pinned };
    Some(Asked { order, profile })
}

fn parsed<T: std::str::FromStr<Err = meridian_types::Rule>>(
    v: &mut Violations,
    field: &str,
    text: String,
) -> Option<T> {
    decode::parsed(v, field, &text)
}

type Needs = (Option<SkillNeeded>, i32, Option<(InstrumentModel, Option<Symptom>)>);

/// Skill and minutes, or the profile that says them.
fn needs(v: &mut Violations, field: &str, message: &pb::WorkOrder) -> Option<Needs> {
    let minutes = format!("{field}.work_minutes");
    if message.model.is_empty() {
        let skill = skill_needed(v, field, &message.skill_id, message.level);
        let minutes = decode::within(v, &minutes, message.work_minutes, 1..=WORK_MINUTES_MAX);
        if !message.symptom.is_empty() {
            v.add(format!("{field}.symptom"), &message.symptom, "empty without a model");
        }
        return Some((Some(skill?), minutes?, None));
    }
    let model = decode::parsed(v, &format!("{field}.model"), &message.model);
    let symptom = decode::parsed_if_set(v, &format!("{field}.symptom"), &message.symptom);
    let minutes = decode::within(v, &minutes, message.work_minutes, 0..=WORK_MINUTES_MAX);
    if !message.skill_id.is_empty() {
        v.add(format!("{field}.skill_id"), &message.skill_id, "empty beside a model, whose profile says it");
    }
    Some((None, minutes?, Some((model?, symptom))))
}

impl Asked {
    /// The order with what its repair profile says, of these of its model: one of the `own` region before others.
    ///
    /// # Errors
    /// The field of the order, its value, and the rule that it breaks.
    pub(crate) fn with_profile(
        &self,
        profiles: Vec<RepairProfile>,
        own: Option<&RegionId>,
    ) -> Result<Order, (&'static str, String, &'static str)> {
        let mut order = self.order.clone();
        let Some((model, symptom)) = &self.profile else { return Ok(order) };
        let profile = choose_profile(profiles, symptom.as_ref(), own);
        let profile = profile.ok_or_else(|| ("model", model.to_string(), "a model with a repair profile"))?;
        order.demand.skills = vec![profile.skill];
        if order.demand.work_minutes == 0 {
            order.demand.work_minutes = profile.work_minutes;
        }
        if order.demand.work_minutes > WORK_MINUTES_MAX {
            let rule = "given where the repair profile says more than 10080";
            return Err(("work_minutes", profile.work_minutes.to_string(), rule));
        }
        Ok(order)
    }
}

/// A position that may be left out; none inside when it is.
pub(crate) fn position_if_set(
    v: &mut Violations,
    field: &str,
    message: Option<pb::Position>,
) -> Option<Option<Position>> {
    let Some(pb::Position { latitude, longitude }) = message else { return Some(None) };
    let shown = format!("{latitude}, {longitude}");
    v.check(field, shown, Position::new(latitude, longitude)).map(Some)
}

pub(crate) const fn encode_position(position: Position) -> pb::Position {
    pb::Position { latitude: position.latitude_deg(), longitude: position.longitude_deg() }
}

pub(crate) fn encode(order: &Order) -> pb::WorkOrder {
    let demand = &order.demand;
    let skill = demand.skills.first();
    let at = |instant: Option<Timestamp>| instant.map(encode::timestamp);
    pb::WorkOrder {
        visit_id: demand.id.to_string(),
        case_id: order.case.to_string(),
        site_id: demand.site.to_string(),
        country: order.country.to_string(),
        position: order.position.map(encode_position),
        skill_id: skill.map(|skill| skill.id.to_string()).unwrap_or_default(),
        level: skill.map_or(0, |skill| skill.level.number().into()),
        model: String::new(),
        symptom: String::new(),
        work_minutes: demand.work_minutes,
        engineers: i32::try_from(order.visits()).unwrap_or(1),
        windows: demand.windows.iter().copied().map(encode::interval).collect(),
        release: at(demand.release),
        due: at(order.due),
        priority: demand.priority.into(),
        after_visit_ids: demand.after.iter().map(ToString::to_string).collect(),
        excluded_engineer_ids: demand.excluded.iter().map(ToString::to_string).collect(),
        pinned: order.pinned,
        needs_pickup: demand.needs_pickup,
        outsource_price: demand.outsource.map(encode::money),
    }
}
