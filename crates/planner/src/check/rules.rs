//! Small facts that several checks need.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use meridian_types::{ExportClass, GateId, ItemId};

use super::Checker;
use super::clock::public_calendar;
use crate::model::{Gate, Line, Place, Site, TariffPoint, Verdict, Weekdays};

/// Lines of one item added up.
pub(super) fn sums(lines: &[Line]) -> Vec<Line> {
    let mut sums: BTreeMap<&ItemId, Line> = BTreeMap::new();
    for line in lines {
        sums.entry(&line.item)
            .and_modify(|sum| sum.quantity = sum.quantity.checked_add(line.quantity).unwrap_or(sum.quantity))
            .or_insert_with(|| line.clone());
    }
    sums.into_values().collect()
}

fn covers(place: &Place, site: &Site) -> Option<u8> {
    match place {
        Place::Country(country) => (*country == site.country).then_some(2),
        Place::Territory(territory) => (*territory == site.territory).then_some(1),
        Place::Anywhere => Some(0),
    }
}

impl Checker<'_> {
    /// `Ok(None)` when goods of a class may pass, the rule and its days when they need a licence, `Err` when
    /// they may not.
    pub(super) fn export(
        &self,
        class: &ExportClass,
        from: &Site,
        to: &Site,
    ) -> Result<Option<(GateId, i32)>, ()> {
        if from.territory == to.territory {
            return Ok(None);
        }
        let end_use = self.request.need.end_use();
        let rank = |gate: &Gate| {
            let declared = gate.end_use.is_none() || gate.end_use.as_ref() == end_use;
            let specific = covers(&gate.origin, from)? + covers(&gate.destination, to)?;
            let applies = declared && gate.export_class == *class;
            applies.then_some(specific + u8::from(gate.end_use.is_some()))
        };
        let ranked: Vec<(u8, &Gate)> =
            self.network.gates.iter().filter_map(|gate| Some((rank(gate)?, gate))).collect();
        if ranked.iter().any(|(_, gate)| gate.verdict == Verdict::Closed) {
            return Err(());
        }
        let most = ranked.iter().map(|(rank, _)| *rank).max().ok_or(())?;
        let mut strictest = None;
        for (_, gate) in ranked.iter().filter(|(rank, _)| *rank == most) {
            if let Verdict::Licence { working_days } = gate.verdict
                && strictest.as_ref().is_none_or(|(_, days)| working_days >= *days)
            {
                strictest = Some((gate.id.clone(), working_days));
            }
        }
        Ok(strictest)
    }

    /// Whether something that takes so many working days where a site is, such as a licence, is done at `at` when it
    /// is asked for now.
    pub(super) fn licensed(&self, site: &Site, working_days: i32, at: Timestamp) -> bool {
        let Ok(zone) = TimeZone::get(&site.zone) else { return false };
        let kept = public_calendar(self.network, &site.country, site.subdivision.as_deref());
        let weekend = kept.map_or(Weekdays::usual_weekend(&site.country), |kept| kept.weekend);
        let works = |date: &Date| {
            let holiday = kept.is_some_and(|kept| kept.holidays.iter().any(|holiday| holiday.date == *date));
            // A date that the clocks skip has no moment that shows it.
            let shown = date.to_zoned(zone.clone()).is_ok_and(|first| first.date() == *date);
            !holiday && !weekend.contains(date.weekday()) && shown
        };
        let applied = zone.to_datetime(self.request.now).date();
        let today = zone.to_datetime(at).date();
        let days = applied.series(1.day()).skip(1).take_while(|date| *date < today).filter(works).count();
        working_days <= 0 || usize::try_from(working_days).is_ok_and(|needed| days >= needed)
    }
}

/// What a tariff asks for a weight; nothing when there is no tariff.
pub(super) fn by_tariff(tariff: &[TariffPoint], weight_g: i64) -> Option<i64> {
    let (first, last) = (tariff.first()?, tariff.last()?);
    if weight_g <= first.weight_g {
        return Some(first.cost_minor);
    }
    let span = tariff.windows(2).find(|span| weight_g <= span[1].weight_g);
    let [from, to] = span.map_or([(0, 0), (last.weight_g, last.cost_minor)], |span| {
        [(span[0].weight_g, span[0].cost_minor), (span[1].weight_g, span[1].cost_minor)]
    });
    let (run, rise) = (i128::from(to.0 - from.0), i128::from(to.1 - from.1));
    let exact = rise * i128::from(weight_g - from.0);
    let rounded_up = exact / run + i128::from(exact % run != 0);
    i64::try_from(i128::from(from.1) + rounded_up).ok()
}
