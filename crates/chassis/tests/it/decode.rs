use jiff::Timestamp;
use meridian_chassis::{decode, encode};
use meridian_proto::types::v1::{Interval, LocalDateTime, Money};
use meridian_types::{ItemId, Violations};
use proptest::prelude::*;

/// The value, or the field and rule of the one violation.
fn decoded<T>(decode: impl FnOnce(&mut Violations) -> Option<T>) -> Result<T, String> {
    let mut violations = Violations::new();
    let value = decode(&mut violations);
    decode::complete(violations, value).map_err(|problem| problem.message)
}

fn instant(seconds: i64, nanos: i32) -> Result<Timestamp, String> {
    decoded(|v| decode::timestamp(v, "due", Some(prost_types::Timestamp { seconds, nanos })))
}

proptest! {
    #[test]
    fn an_instant_comes_back_as_it_was(seconds in -62_135_596_800_i64..253_402_207_200, nanos in 0..1_000_000_000) {
        let instant = instant(seconds, nanos).unwrap();
        prop_assert_eq!(encode::timestamp(instant), prost_types::Timestamp { seconds, nanos });
    }
}

#[test]
fn an_instant_outside_the_range_is_refused_by_name() {
    for (seconds, nanos) in [(0, -1), (0, 1_000_000_000), (i64::MAX, 0), (-62_135_596_801, 0)] {
        let refused = instant(seconds, nanos).unwrap_err();
        assert!(refused.starts_with("due: "), "{refused}");
    }
    assert!(decoded(|v| decode::timestamp(v, "due", None)).unwrap_err().contains("must be set"));
    let mut violations = Violations::new();
    assert_eq!(decode::timestamp_if_set(&mut violations, "due", None), None);
    assert!(violations.is_empty());
}

#[test]
fn a_request_id_is_required_and_plain() {
    assert_eq!(decoded(|v| decode::request_id(v, "0190-aB_")).unwrap(), "0190-aB_");
    for text in ["", "a b", "a.b", "ä", &"x".repeat(65)] {
        assert!(decoded(|v| decode::request_id(v, text)).unwrap_err().starts_with("request_id"), "{text:?}");
    }
}

#[test]
fn all_violations_of_a_request_are_told_at_once() {
    let mut violations = Violations::new();
    let item = decode::parsed::<ItemId>(&mut violations, "item_id", "A.B");
    let quantity = decode::quantity(&mut violations, "quantity", 0);
    let page = decode::page_size(&mut violations, 201);
    let problem = decode::complete(violations, item.zip(quantity).zip(page)).unwrap_err();
    let fields: Vec<_> = problem.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["item_id", "quantity", "page_size"]);
}

#[test]
fn text_is_counted_in_characters_and_has_no_control_characters() {
    assert_eq!(decoded(|v| decode::text(v, "name", "äöü", 1..=3)).unwrap(), "äöü");
    assert!(decoded(|v| decode::text(v, "name", "äöüß", 1..=3)).is_err());
    assert!(decoded(|v| decode::text(v, "name", "a\r\nBcc: x", 1..=99)).is_err());
}

#[test]
fn an_amount_and_an_interval_name_the_part_that_is_wrong() {
    let euro = Money { currency_code: "eur".to_owned(), minor: 1 };
    assert!(decoded(|v| decode::money(v, "cost", Some(euro))).unwrap_err().starts_with("cost.currency_code"));
    let instant = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let good = Interval { start: instant(1), end: instant(2) };
    assert_eq!(encode::interval(decoded(|v| decode::interval(v, "during", Some(good))).unwrap()), good);
    let half = Interval { start: instant(1), end: None };
    assert!(decoded(|v| decode::interval(v, "during", Some(half))).unwrap_err().starts_with("during.end"));
    let empty = Interval { start: instant(1), end: instant(1) };
    assert!(decoded(|v| decode::interval(v, "during", Some(empty))).is_err());
}

#[test]
fn a_wall_time_that_happens_twice_needs_its_offset_and_one_that_does_not_happen_is_refused() {
    let wall = |local: &str, offset: &str| {
        let value = LocalDateTime {
            local: local.to_owned(),
            zone: "Europe/Berlin".to_owned(),
            offset: offset.to_owned(),
        };
        decoded(|v| decode::local_date_time(v, "start", Some(value)))
    };
    assert_eq!(wall("2026-07-01T10:00", "").unwrap().to_string(), "2026-07-01T08:00:00Z");
    assert!(wall("2026-10-25T02:30", "").unwrap_err().contains("twice"));
    assert_eq!(wall("2026-10-25T02:30", "+01:00").unwrap().to_string(), "2026-10-25T01:30:00Z");
    assert!(wall("2026-03-29T02:30", "").unwrap_err().contains("does not exist"));
    assert!(wall("tomorrow", "").unwrap_err().starts_with("start.local"));
    assert!(wall("2026-07-01T10:00", "CEST").unwrap_err().starts_with("start.offset"));
}
