//! Fronts: every way between sites that no other way beats, found label by label.

mod bounds;
mod front;
mod labels;
mod memory;
mod queue;
mod view;
mod workspace;

pub(crate) use front::{Front, Missed, front};
pub(crate) use labels::{Label, Payload, Seed, Unfit};
pub(crate) use view::{Leg, View};
