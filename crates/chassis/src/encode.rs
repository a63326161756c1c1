//! Values into response fields: the reverse of [`crate::decode`].

use jiff::Timestamp;
use meridian_proto::types::v1 as pb;
use meridian_types::{Interval, Money};

/// An instant.
#[must_use]
pub fn timestamp(instant: Timestamp) -> prost_types::Timestamp {
    // Before 1970 jiff counts nanoseconds backwards, protobuf forwards.
    let (seconds, nanos) = (instant.as_second(), instant.subsec_nanosecond());
    if nanos < 0 {
        prost_types::Timestamp { seconds: seconds - 1, nanos: nanos + 1_000_000_000 }
    } else {
        prost_types::Timestamp { seconds, nanos }
    }
}

/// A span of time.
#[must_use]
pub fn interval(interval: Interval) -> pb::Interval {
    pb::Interval { start: Some(timestamp(interval.start())), end: Some(timestamp(interval.end())) }
}

/// An amount of money.
#[must_use]
pub fn money(money: Money) -> pb::Money {
    pb::Money { currency_code: money.currency_code().to_owned(), minor: money.minor() }
}
