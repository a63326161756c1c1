//! Optimisations as messages.

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, Violations};

use super::terms;
use crate::domain::optimisation::State;
use crate::domain::terms::Terms;
use crate::store::optimisation::Stored;

/// The terms of a request that was accepted.
///
/// # Errors
/// It is not one that this service accepts.
pub(crate) fn terms(request: &pb::OptimiseRequest) -> Result<Terms, Problem> {
    let mut v = Violations::new();
    let terms = terms::decode(&mut v, "terms", request.terms.clone());
    decode::complete(v, terms)
}

/// All but the draft.
pub(crate) fn encode(stored: &Stored) -> pb::Optimisation {
    pb::Optimisation {
        optimisation_id: stored.id.to_string(),
        state: encode_state(stored.state).into(),
        progress: Some(stored.progress),
        draft: None,
        failure: stored.failure.clone(),
        cancel_requested: stored.cancel_requested,
    }
}

const fn encode_state(state: State) -> pb::OptimisationState {
    match state {
        State::Running => pb::OptimisationState::Running,
        State::Succeeded => pb::OptimisationState::Succeeded,
        State::Failed => pb::OptimisationState::Failed,
        State::Cancelled => pb::OptimisationState::Cancelled,
        State::Published => pb::OptimisationState::Published,
    }
}
