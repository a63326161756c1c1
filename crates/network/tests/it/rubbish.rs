//! No input makes loading panic or hang.

use proptest::prelude::*;

use crate::tiny;

/// Pieces of which the notations consist, and others.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[-+A-Za-z0-9 ;:/>.,\"#\\n\\r=\\[\\]*]{0,12}",
        1 => "\\PC{0,6}",
        1 => proptest::sample::select(vec![
            "Mon-Fri 08:00-17:00", "Daily", "15:30/17:00>09:15+1", "24:00", "Europe/Berlin", "2026-02-29", "\u{0}",
            "99999999999999999999", "-0", "1e308", "NaN", "inf", "yes", "LAMP", "lab", "\u{feff}", "\"", "9999-12-31",
        ]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_file_of_rubbish_is_refused_or_read(file in 0..19_usize, text in "\\PC{0,300}|[ -~\\n]{0,300}") {
        let mut files = tiny::files();
        let name = *files.keys().nth(file).unwrap();
        files.insert(name, text);
        let _ = tiny::load(&files);
    }

    #[test]
    fn rubbish_between_good_text_is_refused_or_read(
        file in 0..19_usize,
        at in 0.0..1.0_f64,
        length in 0..12_usize,
        rubbish in fragment(),
    ) {
        let mut files = tiny::files();
        let name = *files.keys().nth(file).unwrap();
        let text: Vec<char> = files[name].chars().collect();
        let start = (at * text.len() as f64) as usize;
        let end = (start + length).min(text.len());
        let changed: String =
            text[..start].iter().copied().chain(rubbish.chars()).chain(text[end..].iter().copied()).collect();
        files.insert(name, changed);
        if let Err(errors) = tiny::load(&files) {
            prop_assert!(!errors.errors.is_empty());
            prop_assert!(errors.errors.iter().all(|error| !error.rule.is_empty()));
        }
    }

    #[test]
    fn rows_of_rubbish_are_refused_or_read(file in 0..19_usize, rows in prop::collection::vec(prop::collection::vec(fragment(), 1..14), 1..5)) {
        let mut files = tiny::files();
        let name = *files.keys().nth(file).unwrap();
        let header = files[name].lines().find(|line| !line.starts_with('#')).unwrap().to_owned();
        let rows: Vec<String> = rows.iter().map(|fields| fields.join(",")).collect();
        files.insert(name, format!("{header}\n{}\n", rows.join("\n")));
        let _ = tiny::load(&files);
    }
}

#[test]
fn a_table_has_at_most_a_million_rows() {
    let mut files = tiny::files();
    files.insert("kits.csv", format!("kit,item,quantity\n{}", "KIT\n".repeat(1_000_001)));
    let errors = tiny::load(&files).unwrap_err();
    assert_eq!((errors.errors.len(), errors.further), (100_000, 900_001));
    assert_eq!(errors.errors[0].to_string(), "kits.csv:2: 3 fields like the first line, not 1");
    assert!(errors.to_string().ends_with("\nand 900001 more"));
}

#[test]
fn rubbish_of_the_largest_size_is_refused() {
    for (file, piece) in [
        ("network.toml", "[="),
        ("network.toml", "a.a="),
        ("network.toml", "\"\n"),
        ("network.toml", "x=1\n"),
    ] {
        let mut files = tiny::files();
        files.insert(file, piece.repeat(1024 * 1024 / piece.len()));
        assert!(tiny::load(&files).is_err(), "{piece:?}");
    }
    for piece in ["a,", "\"", "\"\n", "#", "\n", "\r", "kit,"] {
        let mut files = tiny::files();
        files.insert("kits.csv", piece.repeat(16 * 1024 * 1024 / piece.len()));
        let errors = tiny::load(&files).unwrap_err();
        assert!(errors.errors.len() <= 4, "{piece:?}: {}", errors.errors[0]);
    }
}

#[test]
fn a_small_file_cannot_become_a_large_network() {
    let mut files = tiny::files();
    let mut holidays = "set,date,name\n".to_owned();
    let first = jiff::civil::date(2000, 1, 1);
    for date in first.series(jiff::Span::new().days(1)).take(50_000) {
        holidays.push_str(&format!("all,{date},Day\n"));
    }
    files.insert("holidays.csv", holidays);
    let calendars = (0..1_000).map(|number| {
        format!("[calendars.c{number}]\nregion = \"eu\"\nhours = \"Daily 00:00-24:00\"\nclosed = [\"all\"]\n")
    });
    let settings = files["network.toml"].replace("[\"de\"]", "[]");
    files.insert("network.toml", settings + &calendars.collect::<String>());
    let errors = tiny::load(&files).unwrap_err();
    assert!(errors.to_string().contains("at most 2000000 dates in the whole network"));
}
