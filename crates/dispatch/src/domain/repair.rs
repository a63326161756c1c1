//! What repairs need, and where they are done.

use std::collections::BTreeSet;

use meridian_scheduler::workforce::SkillNeeded;
use meridian_types::{InstrumentModel, ItemId, Quantity, RegionId, SiteId, Symptom};

/// What a repair of a model needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RepairProfile {
    /// Region that owns the record.
    pub(crate) region: RegionId,
    pub(crate) model: InstrumentModel,
    /// None: any symptom.
    pub(crate) symptom: Option<Symptom>,
    pub(crate) skill: SkillNeeded,
    pub(crate) work_minutes: i32,
    pub(crate) parts: Vec<(ItemId, Quantity)>,
    /// None: nobody tries it from afar.
    pub(crate) remote: Option<Remote>,
}

/// A repair tried from afar: the engineer guides the customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Remote {
    pub(crate) minutes: i32,
    /// More than 0, at most 1.
    pub(crate) success_probability: f64,
}

/// A place where instruments are repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Depot {
    /// Region that owns the record.
    pub(crate) region: RegionId,
    pub(crate) site: SiteId,
    pub(crate) models: BTreeSet<InstrumentModel>,
}

/// The profile to go by among those of one model: for the symptom before general, of `own` region before
/// another's, then by region.
pub(crate) fn choose_profile(
    profiles: Vec<RepairProfile>,
    symptom: Option<&Symptom>,
    own: Option<&RegionId>,
) -> Option<RepairProfile> {
    let fits = |profile: &RepairProfile| profile.symptom.is_none() || profile.symptom.as_ref() == symptom;
    profiles.into_iter().filter(fits).min_by_key(|profile| {
        (profile.symptom.is_none(), Some(&profile.region) != own, profile.region.clone())
    })
}

#[cfg(test)]
mod tests {
    use meridian_scheduler::workforce::Level;

    use super::*;

    fn profile(region: &str, symptom: &str) -> RepairProfile {
        RepairProfile {
            region: region.parse().unwrap(),
            model: "SPECTRO-9".parse().unwrap(),
            symptom: symptom.parse().ok(),
            skill: SkillNeeded { id: "OPTICS".parse().unwrap(), level: Level::new(3).unwrap() },
            work_minutes: 90,
            parts: Vec::new(),
            remote: None,
        }
    }

    fn chosen(profiles: &[(&str, &str)], symptom: &str) -> Option<(String, String)> {
        let profiles = profiles.iter().map(|(region, symptom)| profile(region, symptom)).collect();
        let symptom = symptom.parse().ok();
        let chosen = choose_profile(profiles, symptom.as_ref(), Some(&"eu".parse().unwrap()))?;
        Some((
            chosen.region.to_string(),
            chosen.symptom.map(|symptom| symptom.to_string()).unwrap_or_default(),
        ))
    }

    #[test]
    fn a_profile_for_the_symptom_comes_before_a_general_one() {
        let known = [("africa", ""), ("eu", ""), ("us", "no-signal"), ("eu", "leak")];
        assert_eq!(chosen(&known, "no-signal"), Some(("us".into(), "no-signal".into())));
        assert_eq!(chosen(&known, "noise"), Some(("eu".into(), String::new())));
        assert_eq!(chosen(&known, ""), Some(("eu".into(), String::new())));
        assert_eq!(chosen(&known[..1], "leak"), Some(("africa".into(), String::new())));
        assert_eq!(chosen(&known[3..], ""), None);
    }
}
