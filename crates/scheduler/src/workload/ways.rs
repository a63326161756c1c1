//! How one gets from site to site.

use std::collections::BTreeMap;

use meridian_types::{Money, Rule, SiteId};

use super::model::Site;

/// A place on earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    latitude_deg: f64,
    longitude_deg: f64,
}

impl Position {
    /// The position.
    ///
    /// # Errors
    /// The rule that latitude or longitude break.
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Result<Self, Rule> {
        if (-90.0..=90.0).contains(&latitude_deg) && (-180.0..=180.0).contains(&longitude_deg) {
            Ok(Self { latitude_deg, longitude_deg })
        } else {
            Err(Rule::new("a latitude from -90 to 90 and a longitude from -180 to 180 degrees"))
        }
    }

    /// Degrees north.
    #[must_use]
    pub const fn latitude_deg(self) -> f64 {
        self.latitude_deg
    }

    /// Degrees east.
    #[must_use]
    pub const fn longitude_deg(self) -> f64 {
        self.longitude_deg
    }

    /// Along a great circle, by the haversine formula on a sphere of 6,371 km.
    fn km_to(self, other: Self) -> f64 {
        let (south, north) = (self.latitude_deg.to_radians(), other.latitude_deg.to_radians());
        let longitudes = (other.longitude_deg - self.longitude_deg).to_radians();
        let haversine = |angle: f64| (angle / 2.0).sin().powi(2);
        let chord = haversine(north - south) + south.cos() * north.cos() * haversine(longitudes);
        2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
    }
}

const EARTH_RADIUS_KM: f64 = 6371.0;

/// How one gets from one site to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// How long it takes; 0 or more.
    pub minutes: i32,
    /// What it costs beside the time of who goes.
    pub cost: Money,
}

/// Ways from site to site: as given, and otherwise over roads. No way should be longer than a detour over other sites:
/// where one is, plans keep every rule but may be worse, and what stays as it is may be refused
/// ([`NotKept`](super::WorkloadError::NotKept)) when only the detour makes it possible.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ways {
    /// From the one to the other; back is another entry. No way at all between a site and itself.
    pub known: BTreeMap<(SiteId, SiteId), Way>,
    /// How what is not among them is worked out. None: not at all.
    pub roads: Option<Roads>,
}

/// Roads between positions: the distance along the great circle, longer by a detour, at one speed. Minutes are rounded
/// up, cost to the nearest minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roads {
    /// How long roads are, in percent of the distance; 100 to 1000. About 130 where there are many.
    pub detour_percent: i32,
    /// How quickly one drives; 1 to 300.
    pub speed_km_per_h: i32,
    /// What a kilometre of road costs.
    pub cost_per_km: Money,
}

impl Ways {
    /// The way from one site to another, in minutes and minor units; none when nothing tells.
    #[must_use]
    pub fn between(&self, from: &Site, to: &Site) -> Option<(i32, i64)> {
        if from.id == to.id {
            return Some((0, 0));
        }
        if let Some(way) = self.known.get(&(from.id.clone(), to.id.clone())) {
            return Some((way.minutes, way.cost.minor()));
        }
        let roads = self.roads?;
        let km = from.position?.km_to(to.position?) * f64::from(roads.detour_percent) / 100.0;
        let minutes = (km / f64::from(roads.speed_km_per_h) * 60.0).ceil();
        #[expect(clippy::cast_precision_loss, reason = "a cost of a kilometre, far below 2^52")]
        let cost = (km * roads.cost_per_km.minor() as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most half around the earth, ten times as long"
        )]
        let (minutes, cost) = (minutes as i32, cost as i64);
        Some((minutes, cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(id: &str, latitude_deg: f64, longitude_deg: f64) -> Site {
        Site {
            id: id.parse().unwrap(),
            country: "FI".parse().unwrap(),
            position: Position::new(latitude_deg, longitude_deg).ok(),
            opening: None,
        }
    }

    fn roads() -> Ways {
        let cost_per_km = Money::new("EUR", 50).unwrap();
        Ways {
            roads: Some(Roads { detour_percent: 130, speed_km_per_h: 80, cost_per_km }),
            ..Ways::default()
        }
    }

    #[test]
    fn roads_are_longer_than_the_great_circle() {
        // 160.84 km as the crow flies, 209.10 km by road.
        let (helsinki, tampere) = (site("HEL", 60.1699, 24.9384), site("TMP", 61.4978, 23.7610));
        assert_eq!(roads().between(&helsinki, &tampere), Some((157, 10_455)));
    }

    #[test]
    fn what_is_known_comes_before_what_is_worked_out() {
        let (helsinki, tampere) = (site("HEL", 60.1699, 24.9384), site("TMP", 61.4978, 23.7610));
        let train = Way { minutes: 95, cost: Money::new("EUR", 2500).unwrap() };
        let mut ways = roads();
        ways.known.insert((helsinki.id.clone(), tampere.id.clone()), train);
        assert_eq!(ways.between(&helsinki, &tampere), Some((95, 2500)));
        assert_ne!(ways.between(&tampere, &helsinki), Some((95, 2500)));
        assert_eq!(ways.between(&helsinki, &helsinki), Some((0, 0)));
    }

    #[test]
    fn without_a_position_there_is_no_road() {
        let nowhere = Site { position: None, ..site("TMP", 0.0, 0.0) };
        assert_eq!(roads().between(&site("HEL", 60.0, 25.0), &nowhere), None);
        assert!(Position::new(f64::NAN, 0.0).is_err());
    }
}
