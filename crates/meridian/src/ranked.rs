//! Options as people compare them: a line of figures, and under it what the option is and why it stands there.

use crate::output::wrapped;

/// Spaces before what stands under the figures.
const INDENT: usize = 4;
const HEADER: [&str; 7] = ["#", "kind", "arrives", "in time", "cost", "CO2", "risk"];
const FIGURES: &str = "In time: how likely the need is met by the deadline. Risk: how likely some step is late or a \
                       remote fix fails, whether that matters for the deadline or not.";

/// One option; figures that are not known are absent.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) arrives: Option<String>,
    pub(crate) in_time: Option<String>,
    pub(crate) cost: Option<String>,
    pub(crate) co2: Option<String>,
    pub(crate) risk: Option<String>,
    /// What it is, why it stands there, what to call it.
    pub(crate) below: Vec<String>,
}

/// The options, best first, in lines of at most `chars` as long as the figures of one fit.
pub(crate) fn lines(rows: Vec<Row>, chars: usize) -> Vec<String> {
    let figures = |(row, number): (&Row, usize)| {
        let Row { kind, arrives, in_time, cost, co2, risk, .. } = row;
        let told = [arrives, in_time, cost, co2, risk].map(|it| it.clone().unwrap_or_else(|| "-".to_owned()));
        [number.to_string(), kind.clone()].into_iter().chain(told).collect()
    };
    let header = HEADER.map(str::to_owned).to_vec();
    let mut table: Vec<Vec<String>> = vec![header];
    table.extend(rows.iter().zip(1..).map(figures));
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|column| table.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default())
        .collect();
    let below = [Vec::new()].into_iter().chain(rows.into_iter().map(|row| row.below));
    let mut lines = Vec::new();
    for (cells, below) in table.iter().zip(below) {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        lines.push(padded.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        lines.extend(below.iter().flat_map(|text| wrapped(text, chars, INDENT, INDENT)));
    }
    lines.extend(wrapped(FIGURES, chars, 0, 0));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str) -> Row {
        let of = str::to_owned;
        let below = vec![
            of("1 x UV2-D2-LAMP from wh-boston"),
            of(&"Meets the deadline with time to spare. ".repeat(4)),
        ];
        Row {
            kind: of(kind),
            arrives: Some(of("Tue 1 Dec 09:00 CEST")),
            in_time: None,
            cost: Some(of("12345.00 EUR")),
            co2: Some(of("120 kg")),
            risk: Some(of("99 %")),
            below,
        }
    }

    #[test]
    fn an_option_fits_80_columns_and_says_below_its_figures_what_it_is() {
        let shown = lines(vec![row("transfer"), row("advance exchange")], 80);
        assert!(shown.iter().all(|line| line.chars().count() <= 80), "{shown:#?}");
        assert!(shown[1].starts_with("1  transfer          Tue 1 Dec"), "{shown:#?}");
        assert_eq!(shown[2], "    1 x UV2-D2-LAMP from wh-boston");
        assert!(shown[3].starts_with("    Meets the deadline"), "{shown:#?}");
    }
}
