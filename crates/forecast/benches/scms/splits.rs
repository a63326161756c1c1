//! What was known, and what came after.

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use meridian_forecast::Delivery;

/// A cut through the history by the day on which deliveries were due.
pub(crate) struct Split {
    pub(crate) name: String,
    /// The first instant that is not known.
    pub(crate) cut: Timestamp,
    /// Due before the cut.
    pub(crate) known: Vec<Delivery>,
    /// Due from the cut on.
    pub(crate) later: Vec<Delivery>,
}

impl Split {
    fn new(name: String, deliveries: &[Delivery], cut: Timestamp, end: Timestamp) -> Self {
        let between = |from: Timestamp, to: Timestamp| {
            deliveries.iter().filter(|it| from <= it.due && it.due < to).cloned().collect()
        };
        Self { name, cut, known: between(Timestamp::MIN, cut), later: between(cut, end) }
    }

    /// Parts of what came after, by calendar month, each with all that was due before it.
    fn months(&self) -> Vec<(Vec<Delivery>, &[Delivery], Timestamp)> {
        let mut months = Vec::new();
        let mut done = 0;
        while let Some(first) = self.later.get(done) {
            let month = |it: &Delivery| it.due.to_zoned(TimeZone::UTC).date().first_of_month();
            let length = self.later[done..].partition_point(|it| month(it) == month(first));
            let known = [self.known.as_slice(), &self.later[..done]].concat();
            // The month of the cut may have begun before it.
            let start = month(first).to_zoned(TimeZone::UTC).map_or(self.cut, |it| it.timestamp());
            months.push((known, &self.later[done..done + length], start.max(self.cut)));
            done += length;
        }
        months
    }

    /// What `forecasts` makes of each month, anchor and model learned anew at its start as they would be in use: it
    /// gets what was due before, the month, and its first instant.
    pub(crate) fn relearned<T>(
        &self,
        forecasts: impl Fn(&[Delivery], &[Delivery], Timestamp) -> Result<(Vec<T>, Vec<T>)>,
    ) -> Result<(Vec<T>, Vec<T>)> {
        let (mut anchor, mut model) = (Vec::new(), Vec::new());
        for (known, month, as_of) in self.months() {
            let (by_anchor, by_model) = forecasts(&known, month, as_of)?;
            anchor.extend(by_anchor);
            model.extend(by_model);
        }
        Ok((anchor, model))
    }
}

/// Cuts at each new year, tested on the year that follows, and 75 % of the way, tested on the rest.
pub(crate) fn by_date(deliveries: &[Delivery]) -> Result<Vec<Split>> {
    let mut splits = Vec::new();
    for year in 2010..=2013 {
        let cut = date(year, 1, 1).to_zoned(TimeZone::UTC)?;
        let end = cut.checked_add(1.year())?.timestamp();
        splits.push(Split::new(format!("until {year}, then {year}"), deliveries, cut.timestamp(), end));
    }
    splits.retain(|it| !it.known.is_empty() && !it.later.is_empty());
    splits.push(three_to_one(deliveries)?);
    Ok(splits)
}

/// The first 75 % against the rest; deliveries due on the same day stay together.
pub(crate) fn three_to_one(deliveries: &[Delivery]) -> Result<Split> {
    let cut = deliveries.get(deliveries.len() * 3 / 4).context("no delivery")?.due;
    Ok(Split::new("75 % / 25 %".to_owned(), deliveries, cut, Timestamp::MAX))
}

/// All of `deliveries` against those of another file that are due after the last of them.
pub(crate) fn against(deliveries: &[Delivery], later: &[Delivery], path: &Path) -> Result<Split> {
    let last = deliveries.last().context("no delivery")?.due;
    let later: Vec<_> = later.iter().filter(|it| it.due > last).cloned().collect();
    let cut =
        later.first().with_context(|| format!("no delivery of {} is due after {last}", path.display()))?.due;
    Ok(Split { name: "later file".to_owned(), cut, known: deliveries.to_vec(), later })
}
