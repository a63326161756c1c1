//! What the forecasts are measured against: simple rates, simple power laws, simple quantiles.

use std::collections::BTreeMap;

use meridian_forecast::Delivery;

/// How many deliveries at the base rate each vendor and mode is taken to have had.
const SMOOTHING: f64 = 10.0;

/// Days late.
pub(crate) fn days_late(delivery: &Delivery) -> f64 {
    let arrived = delivery.arrived.unwrap_or(delivery.due);
    arrived.duration_since(delivery.due).as_secs_f64() / 86_400.0
}

/// Whether it came after it was due.
pub(crate) fn is_late(delivery: &Delivery) -> bool {
    days_late(delivery) > 0.0
}

/// Weight in kilograms and freight in dollars, where both are known.
pub(crate) fn weight_and_freight(delivery: &Delivery) -> Option<(f64, f64)> {
    Some((delivery.weight_g? as f64 / 1000.0, delivery.freight_minor? as f64 / 100.0))
}

/// Share of late deliveries, of all and by vendor and mode.
pub(crate) struct SmoothedRates {
    pub(crate) base: f64,
    by_vendor_and_mode: BTreeMap<(String, String), (f64, f64)>,
}

impl SmoothedRates {
    pub(crate) fn learn(history: &[Delivery]) -> Self {
        let late = history.iter().filter(|it| is_late(it)).count();
        let mut by_vendor_and_mode = BTreeMap::<_, (f64, f64)>::new();
        for delivery in history {
            let (late, all) = by_vendor_and_mode.entry(vendor_and_mode(delivery)).or_default();
            *late += f64::from(u8::from(is_late(delivery)));
            *all += 1.0;
        }
        Self { base: late as f64 / history.len() as f64, by_vendor_and_mode }
    }

    pub(crate) fn late_probability(&self, delivery: &Delivery) -> f64 {
        let (late, all) =
            self.by_vendor_and_mode.get(&vendor_and_mode(delivery)).copied().unwrap_or_default();
        (late + SMOOTHING * self.base) / (all + SMOOTHING)
    }
}

fn vendor_and_mode(delivery: &Delivery) -> (String, String) {
    let value = |name| delivery.factors.get(name).unwrap_or_default().to_owned();
    (value("vendor"), value("mode"))
}

/// Days late with `probability` of all deliveries of the history alike; `history` is not empty.
pub(crate) fn global_quantile(history: &[Delivery], probability: f64) -> f64 {
    let mut days: Vec<f64> = history.iter().map(days_late).collect();
    days.sort_by(f64::total_cmp);
    let rank = (probability * days.len() as f64).ceil() as usize;
    days[rank.clamp(1, days.len()) - 1]
}

/// Dollars as a power of kilograms, by mode, by least squares of logarithms.
pub(crate) struct PowerLaws {
    /// Factor and exponent.
    pub(crate) by_mode: BTreeMap<String, (f64, f64)>,
    of_all: (f64, f64),
}

impl PowerLaws {
    pub(crate) fn learn(history: &[Delivery]) -> Self {
        let mut points = BTreeMap::<String, Vec<(f64, f64)>>::new();
        for delivery in history {
            if let Some((weight_kg, cost)) = weight_and_freight(delivery) {
                let mode = delivery.factors.get("mode").unwrap_or_default().to_owned();
                points.entry(mode).or_default().push((weight_kg.ln(), cost.ln()));
            }
        }
        let of_all = power_law(&points.values().flatten().copied().collect::<Vec<_>>());
        Self {
            by_mode: points.into_iter().map(|(mode, points)| (mode, power_law(&points))).collect(),
            of_all,
        }
    }

    pub(crate) fn cost(&self, delivery: &Delivery, weight_kg: f64) -> f64 {
        let mode = delivery.factors.get("mode").unwrap_or_default();
        let (factor, exponent) = self.by_mode.get(mode).copied().unwrap_or(self.of_all);
        factor * weight_kg.powf(exponent)
    }
}

fn power_law(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|it| it.0).sum::<f64>() / count;
    let mean_y = points.iter().map(|it| it.1).sum::<f64>() / count;
    let squares: f64 = points.iter().map(|it| (it.0 - mean_x).powi(2)).sum();
    let products: f64 = points.iter().map(|it| (it.0 - mean_x) * (it.1 - mean_y)).sum();
    let exponent = if squares > 0.0 { products / squares } else { 0.0 };
    ((mean_y - exponent * mean_x).exp(), exponent)
}
