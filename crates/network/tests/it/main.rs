//! Networks that load, and networks that don't.

mod broken;
mod broken_rules;
mod folders;
mod learned;
mod load;
mod offers;
mod rubbish;
mod sample;
mod tiny;
mod work_orders;
