//! Table `referral`.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, PartyId, ReferralId};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{readable, unknown};
use crate::domain::referral::{Referral, ReferralState, Signature};
use crate::error::Error;

/// A row as PostgreSQL writes it in JSON, with the name of the party.
#[derive(Deserialize)]
pub(super) struct Row {
    referral_id: Uuid,
    party_id: String,
    party_name: String,
    state: String,
    reason: String,
    accept_by: Timestamp,
    answered_by: Option<String>,
    answered_at: Option<Timestamp>,
    answer_reason: Option<String>,
}

impl Row {
    pub(super) fn referral(self) -> Result<Referral, Error> {
        let signature = self.answered_by.zip(self.answered_at).map(|(by, at)| Signature { by, at });
        let state = match (self.state.as_str(), signature, self.answered_at) {
            ("offered", None, None) => ReferralState::Offered,
            ("accepted", Some(signature), _) => ReferralState::Accepted(signature),
            ("declined", Some(signature), _) => {
                ReferralState::Declined(signature, self.answer_reason.unwrap_or_default())
            }
            ("returned", None, Some(at)) => ReferralState::Returned(at),
            ("withdrawn", None, Some(at)) => ReferralState::Withdrawn(at),
            (state, ..) => return Err(unknown("referral.state", state)),
        };
        Ok(Referral {
            referral_id: ReferralId::from_uuid(self.referral_id),
            party_id: readable("referral.party_id", PartyId::parse(&self.party_id))?,
            party_name: self.party_name,
            reason: self.reason,
            accept_by: self.accept_by,
            state,
        })
    }
}

/// One referral, with the case it is about.
pub(crate) async fn find(
    conn: &mut PgConnection,
    id: ReferralId,
) -> Result<Option<(CaseId, Referral)>, Error> {
    let found: Option<(Uuid, Json<Row>)> = sqlx::query_as(
        "SELECT r.case_id, to_jsonb(r) || jsonb_build_object('party_name', p.name)
           FROM referral r JOIN party p USING (party_id) WHERE r.referral_id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(conn)
    .await?;
    found.map(|(case_id, Json(row))| Ok((CaseId::from_uuid(case_id), row.referral()?))).transpose()
}

/// Adds a referral, or notes how it was answered.
pub(crate) async fn put(conn: &mut PgConnection, case_id: CaseId, referral: &Referral) -> Result<(), Error> {
    let (state, by, at, reason) = match &referral.state {
        ReferralState::Offered => ("offered", None, None, None),
        ReferralState::Accepted(signed) => ("accepted", Some(&signed.by), Some(signed.at), None),
        ReferralState::Declined(signed, why) => ("declined", Some(&signed.by), Some(signed.at), Some(why)),
        ReferralState::Returned(at) => ("returned", None, Some(*at), None),
        ReferralState::Withdrawn(at) => ("withdrawn", None, Some(*at), None),
    };
    sqlx::query(
        "INSERT INTO referral
                (referral_id, case_id, party_id, state, reason, accept_by, answered_by, answered_at, answer_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (referral_id) DO UPDATE
            SET state = excluded.state, answered_by = excluded.answered_by, answered_at = excluded.answered_at,
                answer_reason = excluded.answer_reason",
    )
    .bind(referral.referral_id.uuid())
    .bind(case_id.uuid())
    .bind(referral.party_id.as_str())
    .bind(state)
    .bind(&referral.reason)
    .bind(referral.accept_by.to_sqlx())
    .bind(by)
    .bind(at.map(|at| at.to_sqlx()))
    .bind(reason)
    .execute(conn)
    .await?;
    Ok(())
}
