//! Handing out what was known when something was decided.

use meridian_chassis::status::internal;
use meridian_proto::coordinator::v1 as pb;
use sqlx::PgConnection;

use crate::error::Error;
use crate::store::decision::{self, Which};

/// A part stays well below what clients take in one message.
const PART_BYTES: usize = 1024 * 1024;

/// A decision as a JSON document, in parts.
///
/// # Errors
/// `DECISION_NOT_FOUND`, or the database does not answer.
pub(crate) async fn read_decision(
    conn: &mut PgConnection,
    which: Which,
) -> Result<Vec<pb::GetDecisionResponse>, Error> {
    let decision = decision::read(conn, which).await?;
    let decision = decision.ok_or_else(|| Error::DecisionNotFound(which.to_string()))?;
    let document = serde_json::to_vec(&decision).map_err(|error| internal(&error))?;
    Ok(document.chunks(PART_BYTES).map(|part| pb::GetDecisionResponse { part: part.to_vec() }).collect())
}
