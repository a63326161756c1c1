//! How good forecasts were, once it is known what came.

/// Mean square distance of the probability from what came, 0 (best) to 1 (Brier 1950), of pairs of the probability
/// of an event and whether it came; nothing without pairs.
pub fn brier(forecasts: &[(f64, bool)]) -> Option<f64> {
    mean(forecasts.iter().map(|(probability, came)| (probability - indicator(*came)).powi(2)))
}

/// Mean pinball loss of a quantile (Koenker and Bassett 1978), in the unit of the quantity; of pairs of the
/// quantile that was forecast for `probability` and the quantity that came; nothing without pairs.
pub fn pinball(probability: f64, forecasts: &[(f64, f64)]) -> Option<f64> {
    let loss = |forecast: f64, came: f64| {
        let above = came - forecast;
        if above > 0.0 { probability * above } else { (probability - 1.0) * above }
    };
    mean(forecasts.iter().map(|(forecast, came)| loss(*forecast, *came)))
}

/// Median of the absolute error as a share of what came, of pairs of forecast and what came; pairs in which that
/// is 0 do not count. Nothing without pairs.
pub fn median_absolute_percentage_error(forecasts: &[(f64, f64)]) -> Option<f64> {
    let errors = forecasts.iter().map(|(forecast, came)| ((forecast - came) / came).abs());
    let mut errors: Vec<f64> = errors.filter(|it| it.is_finite()).collect();
    errors.sort_by(f64::total_cmp);
    let upper = errors.len() / 2;
    let lower = errors.len().checked_sub(1)? / 2;
    Some((errors[lower] + errors[upper]) / 2.0)
}

/// Forecasts of about the same probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// How many.
    pub forecasts: usize,
    /// Mean of the probability.
    pub mean_probability: f64,
    /// Share of them in which the event came.
    pub observed_share: f64,
}

/// Whether events come as often as forecast (Murphy and Winkler 1977): the forecasts in at most `bins` bins of as
/// nearly the same size as can be, from the least probable.
pub fn reliability(forecasts: &[(f64, bool)], bins: usize) -> Vec<ReliabilityBin> {
    let mut sorted = forecasts.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let edge = |bin: usize| sorted.len() * bin / bins;
    let bin = |bin: usize| {
        let part = &sorted[edge(bin)..edge(bin + 1)];
        Some(ReliabilityBin {
            forecasts: part.len(),
            mean_probability: mean(part.iter().map(|it| it.0))?,
            observed_share: mean(part.iter().map(|it| indicator(it.1)))?,
        })
    };
    (0..bins).filter_map(bin).collect()
}

fn indicator(came: bool) -> f64 {
    if came { 1.0 } else { 0.0 }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_forecast_scores_nothing_when_right_and_one_when_wrong() {
        assert_eq!(brier(&[(1.0, true), (0.0, false)]), Some(0.0));
        assert_eq!(brier(&[(1.0, false)]), Some(1.0));
        assert_eq!(brier(&[]), None);
    }

    #[test]
    fn a_high_quantile_pays_more_for_what_exceeds_it() {
        assert_eq!(pinball(0.75, &[(0.0, 4.0)]), Some(3.0));
        assert_eq!(pinball(0.75, &[(4.0, 0.0)]), Some(1.0));
    }

    #[test]
    fn the_median_error_is_a_share_of_what_came() {
        assert_eq!(median_absolute_percentage_error(&[(1.0, 2.0), (3.0, 2.0), (9.0, 1.0)]), Some(0.5));
        assert_eq!(median_absolute_percentage_error(&[(1.0, 2.0), (4.0, 2.0)]), Some(0.75));
        assert_eq!(median_absolute_percentage_error(&[(1.0, 0.0)]), None);
    }

    #[test]
    fn every_forecast_is_in_one_bin() {
        let forecasts: Vec<_> = (0..7).map(|it| (f64::from(it) / 10.0, it > 3)).collect();
        let bins = reliability(&forecasts, 3);
        assert_eq!(bins.iter().map(|it| it.forecasts).sum::<usize>(), 7);
        assert_eq!((bins[0].observed_share, bins[2].observed_share), (0.0, 1.0));
        assert!(reliability(&[], 3).is_empty() && reliability(&forecasts, 0).is_empty());
    }
}
