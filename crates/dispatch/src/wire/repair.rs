//! Repair profiles and depots as messages.

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::{Level, SkillNeeded};
use meridian_types::{ItemId, Quantity, RegionId, Rule, Violations};

use super::engineer::owner;
use super::list;
use crate::domain::repair::{Depot, Remote, RepairProfile};

const PARTS_MAX: usize = 200;
const MODELS_MAX: usize = 2000;
/// Two weeks.
const WORK_MINUTES_MAX: i32 = 14 * 24 * 60;

/// The profile of `region` that the message describes.
pub(crate) fn decode_profile(
    violations: &mut Violations,
    field: &str,
    message: pb::RepairProfile,
    region: &RegionId,
) -> Option<RepairProfile> {
    let v = violations;
    let model = decode::parsed(v, &format!("{field}.model"), &message.model);
    let symptom = if message.symptom.is_empty() {
        Some(None)
    } else {
        decode::parsed(v, &format!("{field}.symptom"), &message.symptom).map(Some)
    };
    let skill = skill_needed(v, field, &message.skill_id, message.level);
    let work_minutes =
        decode::within(v, &format!("{field}.work_minutes"), message.work_minutes, 1..=WORK_MINUTES_MAX);
    let parts = list(v, &format!("{field}.parts"), message.parts, PARTS_MAX, part);
    let remote = remote(v, field, message.remote_minutes, message.remote_success_probability);
    let region = owner(v, &format!("{field}.region"), &message.region, region);
    Some(RepairProfile {
        region: region?,
        model: model?,
        symptom: symptom?,
        skill: skill?,
        work_minutes: work_minutes?,
        parts: parts?,
        remote: remote?,
    })
}

/// Both figures, or neither.
fn remote(v: &mut Violations, field: &str, minutes: i32, success_probability: f64) -> Option<Option<Remote>> {
    if minutes == 0 && success_probability == 0.0 {
        return Some(None);
    }
    let minutes = decode::within(v, &format!("{field}.remote_minutes"), minutes, 1..=WORK_MINUTES_MAX);
    let is_probability = success_probability > 0.0 && success_probability <= 1.0;
    let success_probability = v.check(
        format!("{field}.remote_success_probability"),
        success_probability,
        is_probability.then_some(success_probability).ok_or(Rule::new("more than 0, at most 1")),
    );
    Some(Some(Remote { minutes: minutes?, success_probability: success_probability? }))
}

/// The fields `skill_id` and `level` of a message.
pub(crate) fn skill_needed(
    v: &mut Violations,
    field: &str,
    skill_id: &str,
    level: i32,
) -> Option<SkillNeeded> {
    let id = decode::parsed(v, &format!("{field}.skill_id"), skill_id);
    let level = v.check(format!("{field}.level"), level, Level::new(level));
    Some(SkillNeeded { id: id?, level: level? })
}

fn part(v: &mut Violations, field: &str, message: pb::RepairPart) -> Option<(ItemId, Quantity)> {
    let item = decode::parsed(v, &format!("{field}.item_id"), &message.item_id);
    let quantity = decode::quantity(v, &format!("{field}.quantity"), message.quantity);
    item.zip(quantity)
}

/// The depot of `region` that the message describes.
pub(crate) fn decode_depot(
    violations: &mut Violations,
    field: &str,
    message: pb::Depot,
    region: &RegionId,
) -> Option<Depot> {
    let v = violations;
    let site = decode::parsed(v, &format!("{field}.site_id"), &message.site_id);
    let region = owner(v, &format!("{field}.region"), &message.region, region);
    let models = list(v, &format!("{field}.models"), message.models, MODELS_MAX, |v, field, text| {
        decode::parsed(v, field, &text)
    });
    Some(Depot { region: region?, site: site?, models: models?.into_iter().collect() })
}

pub(crate) fn encode_profile(profile: &RepairProfile) -> pb::RepairProfile {
    let part = |(item, quantity): &(ItemId, Quantity)| pb::RepairPart {
        item_id: item.to_string(),
        quantity: quantity.units(),
    };
    pb::RepairProfile {
        model: profile.model.to_string(),
        symptom: profile.symptom.as_ref().map(ToString::to_string).unwrap_or_default(),
        skill_id: profile.skill.id.to_string(),
        level: profile.skill.level.number().into(),
        work_minutes: profile.work_minutes,
        parts: profile.parts.iter().map(part).collect(),
        remote_minutes: profile.remote.map_or(0, |remote| remote.minutes),
        remote_success_probability: profile.remote.map_or(0.0, |remote| remote.success_probability),
        region: profile.region.to_string(),
    }
}

pub(crate) fn encode_depot(depot: &Depot) -> pb::Depot {
    pb::Depot {
        site_id: depot.site.to_string(),
        region: depot.region.to_string(),
        models: depot.models.iter().map(ToString::to_string).collect(),
    }
}
