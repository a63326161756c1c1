//! The way of one thing through the steps of a solution.

use jiff::Timestamp;
use meridian_planner::model::{Action, Step, Subject, WaitCause};
use meridian_types::SiteId;

/// From leaving one place to being received at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) from: SiteId,
    pub(super) to: SiteId,
    /// When it must be handed to the first carrier.
    pub(super) departs: Timestamp,
    /// When it is received, customs and opening hours included.
    pub(super) arrives: Timestamp,
}

/// Follows `subject` from `origin` through `steps`, which are in order, until it waits for its way back; `None` when
/// it does not move.
pub(super) fn follow<'a>(
    steps: impl IntoIterator<Item = &'a Step>,
    subject: &Subject,
    origin: &SiteId,
) -> Option<Chain> {
    let mut chain: Option<Chain> = None;
    let returns = |step: &&Step| matches!(step.action, Action::Wait { cause: WaitCause::Return, .. });
    let own = steps.into_iter().filter(|step| step.subject == *subject);
    for step in own.take_while(|step| !returns(step)) {
        let at = chain.as_ref().map_or(origin, |chain| &chain.to);
        match &step.action {
            Action::Move { from, to, hand_over_by, .. } if from == at => {
                let departs = chain.as_ref().map_or(*hand_over_by, |chain| chain.departs);
                let (from, arrives) = (origin.clone(), step.end);
                chain = Some(Chain { from, to: to.clone(), departs, arrives });
            }
            Action::Gate { site, .. } | Action::Wait { site, .. } if site == at => {
                if let Some(chain) = &mut chain {
                    chain.arrives = chain.arrives.max(step.end);
                }
            }
            Action::Pick { .. }
            | Action::Move { .. }
            | Action::Gate { .. }
            | Action::Wait { .. }
            | Action::Work { .. }
            | Action::Assemble { .. }
            | Action::Outsource { .. }
            | Action::Refer { .. } => {}
        }
    }
    chain
}
