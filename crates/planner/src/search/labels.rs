//! What the search carries along a way, and when one way beats another.

use crate::compile::{Minute, Traffic};
use crate::model::{Lane, TariffPoint};

/// What travels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Payload {
    pub(crate) traffic: Traffic,
    pub(crate) weight_g: i64,
    pub(crate) dangerous_goods: bool,
    pub(crate) cold_chain: bool,
}

/// Why a lane does not take a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unfit {
    DangerousGoods,
    ColdChain,
    TooHeavy,
}

impl Payload {
    /// Somebody who travels.
    pub(crate) const PERSON: Self =
        Self { traffic: Traffic::People, weight_g: 0, dangerous_goods: false, cold_chain: false };

    /// Cost by a tariff that is not empty.
    fn freight(&self, tariff: &[TariffPoint]) -> i64 {
        let heavier = tariff.partition_point(|point| point.weight_g < self.weight_g);
        let before = heavier.checked_sub(1).and_then(|lighter| tariff.get(lighter));
        let cost = match (before, tariff.get(heavier)) {
            (None, None) => 0,
            (None, Some(first)) => return first.cost_minor,
            (Some(last), None) => {
                divided_up(i128::from(last.cost_minor) * i128::from(self.weight_g), i128::from(last.weight_g))
            }
            (Some(lighter), Some(heavier)) => {
                let more = i128::from(heavier.cost_minor) - i128::from(lighter.cost_minor);
                let part = i128::from(self.weight_g) - i128::from(lighter.weight_g);
                let whole = i128::from(heavier.weight_g) - i128::from(lighter.weight_g);
                i128::from(lighter.cost_minor) + divided_up(more * part, whole)
            }
        };
        i64::try_from(cost).unwrap_or(i64::MAX)
    }

    /// Cost and CO2 of this payload on `lane`, or why the lane does not take it.
    pub(crate) fn terms(&self, lane: &Lane) -> Result<(i64, i64), Unfit> {
        if self.traffic == Traffic::People {
            return Ok(lane.people.map_or((0, 0), |terms| (terms.cost_minor, terms.co2_g)));
        }
        let Some(terms) = lane.goods else { return Ok((0, 0)) };
        if self.dangerous_goods && !terms.dangerous_goods {
            return Err(Unfit::DangerousGoods);
        }
        if self.cold_chain && !terms.cold_chain {
            return Err(Unfit::ColdChain);
        }
        if terms.max_weight_g.is_some_and(|max| self.weight_g > max) {
            return Err(Unfit::TooHeavy);
        }
        let cost = if lane.tariff.is_empty() {
            let kilograms = self.weight_g / 1000 + i64::from(self.weight_g % 1000 > 0);
            terms.fixed_cost_minor.saturating_add(terms.cost_minor_per_kg.saturating_mul(kilograms))
        } else {
            self.freight(&lane.tariff)
        };
        // Rounded up, so that nothing is saved by sending it in parts.
        let co2 = divided_up(i128::from(terms.co2_g_per_kg) * i128::from(self.weight_g), 1000);
        Ok((cost, i64::try_from(co2).unwrap_or(i64::MAX)))
    }
}

/// A quotient of numbers that are not negative, rounded up.
const fn divided_up(dividend: i128, divisor: i128) -> i128 {
    let divisor = if divisor < 1 { 1 } else { divisor };
    (dividend + divisor - 1) / divisor
}

/// Where a way may begin, with what was spent before. `tag` tells the caller which seed a way grew from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seed {
    pub(crate) site: u32,
    pub(crate) at: Minute,
    pub(crate) cost: i64,
    pub(crate) co2_g: i64,
    pub(crate) risk_micro: i64,
    pub(crate) tag: u32,
}

/// A way to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) at: Minute,
    /// The seed it grew from.
    pub(crate) tag: u32,
    pub(crate) cost: i64,
    pub(crate) co2_g: i64,
    pub(crate) risk_micro: i64,
    /// Where its lanes stand in the front.
    pub(super) lanes: (u32, u32),
}

/// What adds up along a way: all criteria but the time, which the lanes decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) cost: i64,
    pub(super) co2_g: i64,
    pub(super) risk_micro: i64,
    /// Lanes, where their number is limited: of two ways that may not take many more, the one that took fewer can
    /// get further. Otherwise 0.
    pub(super) legs: i64,
}

/// What counts when ways are compared, beside their arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counts {
    Everything,
    Cost,
    Co2,
    Risk,
}

impl Counts {
    /// Each criterion by itself.
    pub(super) const SINGLY: [Self; 3] = [Self::Cost, Self::Co2, Self::Risk];

    /// What of `sums` counts; nothing else is spent, as far as a search can see.
    pub(super) fn of(self, sums: Sums) -> Sums {
        let counted = |criterion: Self, sum: i64| {
            if self == Self::Everything || self == criterion { sum } else { 0 }
        };
        Sums {
            cost: counted(Self::Cost, sums.cost),
            co2_g: counted(Self::Co2, sums.co2_g),
            risk_micro: counted(Self::Risk, sums.risk_micro),
            legs: sums.legs,
        }
    }
}

impl Sums {
    /// Whatever a lane spends more is taken for this in comparisons, so that no sum has to be watched for overflow
    /// as long as no way is longer than 2^22 lanes.
    pub(super) const MOST: Self = Self {
        cost: i64::MAX >> 24,
        co2_g: i64::MAX >> 24,
        risk_micro: i64::MAX >> 24,
        legs: i64::MAX >> 24,
    };

    pub(super) const fn plus(&self, other: &Self) -> Self {
        Self {
            cost: self.cost + other.cost,
            co2_g: self.co2_g + other.co2_g,
            risk_micro: self.risk_micro + other.risk_micro,
            legs: self.legs + other.legs,
        }
    }

    pub(super) const fn minus(&self, other: &Self) -> Self {
        Self {
            cost: self.cost - other.cost,
            co2_g: self.co2_g - other.co2_g,
            risk_micro: self.risk_micro - other.risk_micro,
            legs: self.legs - other.legs,
        }
    }

    /// The lesser of both, criterion by criterion.
    pub(super) fn least(self, other: &Self) -> Self {
        Self {
            cost: self.cost.min(other.cost),
            co2_g: self.co2_g.min(other.co2_g),
            risk_micro: self.risk_micro.min(other.risk_micro),
            legs: self.legs.min(other.legs),
        }
    }

    /// Whether `other` is no better in any of them. Here, and only here, stands what the criteria are.
    pub(super) const fn dominates(&self, other: &Self) -> bool {
        // Negative as soon as one of the differences is: one branch instead of four.
        (other.cost - self.cost)
            | (other.co2_g - self.co2_g)
            | (other.risk_micro - self.risk_micro)
            | (other.legs - self.legs)
            >= 0
    }
}
