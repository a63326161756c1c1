//! Small facts that several checks need.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use meridian_types::{EndUse, ExportClass, ItemId};

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

/// What rules for a class say about goods for one use, as [`Checker::export`] does.
fn ruling(gates: &[&Gate], (from, to): (&Site, &Site), end_use: Option<&EndUse>) -> Result<Option<i32>, ()> {
    let rank = |gate: &Gate| {
        let specific = covers(&gate.origin, from)? + covers(&gate.destination, to)?;
        let applies = gate.end_use.is_none() || gate.end_use.as_ref() == end_use;
        applies.then_some(specific + u8::from(gate.end_use.is_some()))
    };
    let ranked: Vec<(u8, Verdict)> =
        gates.iter().filter_map(|gate| Some((rank(gate)?, gate.verdict))).collect();
    if ranked.iter().any(|(_, verdict)| *verdict == Verdict::Closed) {
        return Err(());
    }
    let most = ranked.iter().map(|(rank, _)| *rank).max().ok_or(())?;
    let decisive = ranked.iter().filter(|(rank, _)| *rank == most);
    let days = decisive.filter_map(|(_, verdict)| match verdict {
        Verdict::Licence { working_days } => Some(*working_days),
        Verdict::Open | Verdict::Closed => None,
    });
    Ok(days.max())
}

impl Checker<'_> {
    /// `Ok(None)` when goods of a class may pass, the working days when they need a licence, `Err` when they may not.
    pub(super) fn export(&self, class: &ExportClass, from: &Site, to: &Site) -> Result<Option<i32>, ()> {
        if from.territory == to.territory {
            return Ok(None);
        }
        let of_class: Vec<&Gate> =
            self.network.gates.iter().filter(|gate| gate.export_class == *class).collect();
        let declared = self.request.need.end_use();
        let mut worst = ruling(&of_class, (from, to), declared)?;
        if declared.is_none() {
            // Goods whose use nobody declared may be for what any of the rules is about.
            for gate in of_class.iter().filter(|gate| gate.end_use.is_some()) {
                worst = worst.max(ruling(&of_class, (from, to), gate.end_use.as_ref())?);
            }
        }
        Ok(worst)
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
