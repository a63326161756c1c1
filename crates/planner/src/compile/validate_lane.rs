//! The rules a lane must keep.

use super::error::CompileRule;
use super::validate::Validator;
use crate::model::{Departure, GoodsTerms, Lane, LatenessQuantile, Schedule};

/// Most days before a departure that a cut-off can lie, and most days a lane can take.
const DAYS_MAX: i32 = 120;

impl<'a> Validator<'a> {
    pub(super) fn lane(&mut self, lane: &'a Lane) {
        let record = format!("lane {}", lane.id);
        self.known_site(&record, "from", &lane.from);
        self.known_site(&record, "to", &lane.to);
        self.expect(lane.from != lane.to, &record, "to", &lane.to, CompileRule::SamePlace);
        if let (Some(first), Some(last)) = (lane.valid_from, lane.valid_until) {
            self.expect(first <= last, &record, "valid_until", last, CompileRule::Reversed);
        }
        let likely = (0.0..1.0).contains(&lane.late_probability);
        self.expect(likely, &record, "late_probability", lane.late_probability, CompileRule::OutOfRange);
        self.lateness(&record, &lane.lateness);
        let carries = lane.goods.is_some() || lane.people.is_some();
        self.expect(carries, &record, "goods", "", CompileRule::CarriesNothing);
        if let Some(terms) = &lane.goods {
            self.goods(&record, terms);
        }
        self.tariff(&record, lane);
        if let Some(terms) = &lane.people {
            self.amount(&record, "people.cost_minor", terms.cost_minor);
            self.amount(&record, "people.co2_g", terms.co2_g);
        }
        match &lane.schedule {
            Schedule::Timetable(departures) => {
                for (index, departure) in departures.iter().enumerate() {
                    self.departure(&record, &format!("schedule[{index}]"), departure);
                }
            }
            Schedule::OnDemand { duration_minutes, calendar } => {
                self.length(&record, "schedule.duration_minutes", *duration_minutes);
                if *duration_minutes == 0 {
                    self.add(&record, "schedule.duration_minutes", 0, CompileRule::OutOfRange);
                }
                if let Some(calendar) = calendar {
                    self.known_calendar(&record, "schedule.calendar", calendar);
                }
            }
        }
    }

    fn lateness(&mut self, record: &str, quantiles: &[LatenessQuantile]) {
        let mut before = LatenessQuantile { share: 0.0, minutes: 1 };
        for (index, quantile) in quantiles.iter().enumerate() {
            let rises = quantile.share > before.share && quantile.share <= 1.0;
            let field = format!("lateness[{index}].share");
            self.expect(rises, record, &field, quantile.share, CompileRule::OutOfRange);
            let holds = quantile.minutes >= before.minutes;
            let field = format!("lateness[{index}].minutes");
            self.expect(holds, record, &field, quantile.minutes, CompileRule::OutOfRange);
            before = *quantile;
        }
    }

    fn goods(&mut self, record: &str, terms: &GoodsTerms) {
        self.amount(record, "goods.fixed_cost_minor", terms.fixed_cost_minor);
        self.amount(record, "goods.cost_minor_per_kg", terms.cost_minor_per_kg);
        self.amount(record, "goods.co2_g_per_kg", terms.co2_g_per_kg);
        self.amount(record, "goods.max_weight_g", terms.max_weight_g.unwrap_or(0));
    }

    fn tariff(&mut self, record: &str, lane: &Lane) {
        let (mut weight_g, mut cost_minor) = (0, 0);
        for (index, point) in lane.tariff.iter().enumerate() {
            let rises = point.weight_g > weight_g && point.cost_minor >= cost_minor;
            self.expect(rises, record, &format!("tariff[{index}]"), point.weight_g, CompileRule::NotRising);
            (weight_g, cost_minor) = (point.weight_g, point.cost_minor);
        }
    }

    fn amount(&mut self, record: &str, field: &str, amount: i64) {
        self.expect(amount >= 0, record, field, amount, CompileRule::Negative);
    }

    fn departure(&mut self, record: &str, schedule: &str, departure: &Departure) {
        let minutes = [
            ("cut_off_minute", departure.cut_off_minute),
            ("depart_minute", departure.depart_minute),
            ("arrive_minute", departure.arrive_minute),
        ];
        for (field, minute) in minutes {
            let field = format!("{schedule}.{field}");
            self.expect((0..1440).contains(&minute), record, &field, minute, CompileRule::OutOfRange);
        }
        let before = departure.cut_off_days_before;
        let field = format!("{schedule}.cut_off_days_before");
        self.expect((0..=DAYS_MAX).contains(&before), record, &field, before, CompileRule::OutOfRange);
        let after = departure.arrive_days_after;
        let field = format!("{schedule}.arrive_days_after");
        self.expect((-1..=DAYS_MAX).contains(&after), record, &field, after, CompileRule::OutOfRange);
        let in_time = before > 0 || departure.cut_off_minute <= departure.depart_minute;
        let field = format!("{schedule}.cut_off_minute");
        self.expect(in_time, record, &field, departure.cut_off_minute, CompileRule::CutOffAfterDeparture);
    }
}
