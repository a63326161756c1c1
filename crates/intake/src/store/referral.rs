//! Table `referral`.

use std::collections::HashMap;

use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, PartyId, ReferralId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{readable, unknown};
use crate::domain::referral::{Referral, ReferralState, Signature};
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    referral_id: Uuid,
    case_id: Uuid,
    party_id: String,
    party_name: String,
    state: String,
    reason: String,
    accept_by: jiff_sqlx::Timestamp,
    answered_by: Option<String>,
    answered_at: Option<jiff_sqlx::Timestamp>,
    answer_reason: Option<String>,
}

impl Row {
    fn referral(self) -> Result<Referral, Error> {
        let answered_at = self.answered_at.map(jiff_sqlx::Timestamp::to_jiff);
        let signature = self.answered_by.zip(answered_at).map(|(by, at)| Signature { by, at });
        let state = match (self.state.as_str(), signature, answered_at) {
            ("offered", None, None) => ReferralState::Offered,
            ("accepted", Some(signature), _) => ReferralState::Accepted(signature),
            ("declined", Some(signature), _) => {
                ReferralState::Declined(signature, self.answer_reason.unwrap_or_default())
            }
            ("returned", None, Some(at)) => ReferralState::Returned(at),
            (state, ..) => return Err(unknown("referral.state", state)),
        };
        Ok(Referral {
            referral_id: ReferralId::from_uuid(self.referral_id),
            party_id: readable("referral.party_id", PartyId::parse(&self.party_id))?,
            party_name: self.party_name,
            reason: self.reason,
            accept_by: self.accept_by.to_jiff(),
            state,
        })
    }
}

/// The latest referral of each case that has one.
pub(super) async fn of_cases(
    conn: &mut PgConnection,
    case_ids: &[Uuid],
) -> Result<HashMap<CaseId, Referral>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT DISTINCT ON (r.case_id)
                r.referral_id, r.case_id, r.party_id, p.name AS party_name, r.state, r.reason, r.accept_by,
                r.answered_by, r.answered_at, r.answer_reason
           FROM referral r JOIN party p USING (party_id)
          WHERE r.case_id = ANY($1)
          ORDER BY r.case_id, r.number DESC",
    )
    .bind(case_ids)
    .fetch_all(conn)
    .await?;
    let of_case = |row: Row| Ok((CaseId::from_uuid(row.case_id), row.referral()?));
    rows.into_iter().map(of_case).collect()
}

/// One referral, with the case it is about.
pub(crate) async fn find(
    conn: &mut PgConnection,
    id: ReferralId,
) -> Result<Option<(CaseId, Referral)>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT r.referral_id, r.case_id, r.party_id, p.name AS party_name, r.state, r.reason, r.accept_by,
                r.answered_by, r.answered_at, r.answer_reason
           FROM referral r JOIN party p USING (party_id)
          WHERE r.referral_id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((CaseId::from_uuid(row.case_id), row.referral()?))).transpose()
}

/// Adds a referral, or notes how it was answered.
pub(crate) async fn put(conn: &mut PgConnection, case_id: CaseId, referral: &Referral) -> Result<(), Error> {
    let (state, by, at, reason) = match &referral.state {
        ReferralState::Offered => ("offered", None, None, None),
        ReferralState::Accepted(signed) => ("accepted", Some(&signed.by), Some(signed.at), None),
        ReferralState::Declined(signed, why) => ("declined", Some(&signed.by), Some(signed.at), Some(why)),
        ReferralState::Returned(at) => ("returned", None, Some(*at), None),
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
