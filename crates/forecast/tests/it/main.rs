//! What forecasts keep to, whatever the history.

mod freight;
mod histories;
mod lateness;
