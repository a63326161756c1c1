//! Ruin and recreate: take some visits near each other out, put them back where they are cheapest, and go on with what
//! comes of it unless it is too much worse.

mod anneal;
mod insertion;
mod recreate;
mod route;
mod ruin;
mod state;
mod tell;

pub(crate) use anneal::anneal;
