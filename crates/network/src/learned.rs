//! `learned.csv`: what deliveries have taught about lanes, in place of what `lanes.csv` says.

use meridian_proto::coordinator::v1::{Lane, LatenessQuantile, TariffPoint};
use meridian_types::Rule;

use crate::known::Known;
use crate::reading::Reading;
use crate::settings::Settings;
use crate::table::{Row, Shape};
use crate::values;

pub(crate) const LEARNED: Shape =
    Shape { file: "learned.csv", needed: &["lane"], optional: &["late_risk", "lateness", "tariff"] };

/// What a row says of a lane; absent where it says nothing.
#[derive(Debug, Default)]
struct Learned {
    risk: Option<f64>,
    lateness: Vec<LatenessQuantile>,
    tariff: Vec<TariffPoint>,
}

pub(crate) fn read(reading: &mut Reading<'_>, lanes: &Known<()>) {
    let mut learned = Known::new("a lane of learned.csv");
    LEARNED.read(reading.files.get(LEARNED.file), reading.report, |row| {
        row.reference("lane", lanes);
        let risk = row.optional("late_risk", |text| values::probability(text).map(Some));
        let known = Learned { risk, lateness: lateness(row), tariff: tariff(row, &reading.settings) };
        learned.add(row, "lane", row.text("lane").to_owned(), known);
    });
    for lane in reading.regions.lanes_mut() {
        if let Some(known) = learned.get(&lane.lane_id) {
            known.apply(lane);
        }
    }
}

impl Learned {
    fn apply(&self, lane: &mut Lane) {
        lane.risk = self.risk.unwrap_or(lane.risk);
        if !self.lateness.is_empty() {
            lane.lateness.clone_from(&self.lateness);
        }
        if !self.tariff.is_empty() && !lane.people {
            lane.tariff.clone_from(&self.tariff);
        }
    }
}

/// How late late arrivals are: shares of them, each with the minutes by which they are late at most, as
/// `0.5 120; 1 1440`.
pub(crate) fn lateness(row: &Row<'_>) -> Vec<LatenessQuantile> {
    let quantiles = row.list("lateness", |text| {
        let (share, minutes) =
            text.split_once(' ').ok_or(Rule::new("a share and minutes, such as 0.5 120"))?;
        let minutes = values::whole(1, values::NUMBER_MAX)(minutes)?;
        Ok(LatenessQuantile { share: values::share(share)?, minutes })
    });
    let rises =
        |pair: &[LatenessQuantile]| pair[0].share < pair[1].share && pair[0].minutes <= pair[1].minutes;
    if !quantiles.windows(2).all(rises) {
        row.refuse("lateness", "shares that rise from one to the next, with minutes that don't fall");
    }
    quantiles
}

/// What a consignment costs at some weights, as `1 12.50; 100 310.00`.
pub(crate) fn tariff(row: &Row<'_>, settings: &Settings) -> Vec<TariffPoint> {
    let Some(currency) = &settings.currency else { return Vec::new() };
    let points = row.list("tariff", |text| {
        let (weight, cost) =
            text.split_once(' ').ok_or(Rule::new("kilograms and an amount, such as 100 310.00"))?;
        Ok(TariffPoint { weight_grams: values::kilograms(weight)?, cost: Some(currency.amount(cost)?) })
    });
    let cost = |point: &TariffPoint| point.cost.as_ref().map_or(0, |cost| cost.minor);
    let rises = |pair: &[TariffPoint]| {
        pair[0].weight_grams < pair[1].weight_grams && cost(&pair[0]) <= cost(&pair[1])
    };
    if !points.windows(2).all(rises) || points.first().is_some_and(|point| point.weight_grams == 0) {
        row.refuse("tariff", "weights above 0 that rise from one to the next, at costs that don't fall");
    }
    points
}
