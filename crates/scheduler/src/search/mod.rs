//! Ruin and recreate: take some visits near each other out, put them back where they are cheapest, and go on with what
//! comes of it unless it is too much worse.

mod adapt;
mod anneal;
mod course;
mod insertion;
mod moment;
#[cfg(feature = "highs")]
mod partition;
mod pool;
mod recreate;
mod route;
mod ruin;
mod start;
mod state;
mod tell;
mod ties;

pub(crate) use anneal::anneal;
pub(crate) use insertion::Blink;
pub(crate) use route::Narrowing;
pub(crate) use state::State;
pub(crate) use tell::tell;
