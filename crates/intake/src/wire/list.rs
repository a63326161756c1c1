//! Listing cases: filters and page tokens.
//!
//! A token holds the filters it was made for and the last case of its page, so that a list goes on at the same place
//! whatever was added meanwhile, and cannot go on with other filters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use meridian_chassis::decode;
use meridian_proto::intake::v1 as pb;
use meridian_types::{CaseId, Problem, Violations};

use crate::domain::case::{Case, CaseState, Stage};
use crate::store::support_case::{CaseFilter, CasePosition};

/// A page of cases to be read.
#[derive(Debug, Clone)]
pub(crate) struct CasePage {
    pub(crate) filter: CaseFilter,
    pub(crate) size: usize,
}

pub(crate) fn decode(request: &pb::ListCasesRequest) -> Result<CasePage, Problem> {
    let mut violations = Violations::new();
    let state = match state(request.state) {
        Ok(state) => state,
        Err(rule) => {
            violations.add("state", request.state, rule);
            None
        }
    };
    let customer_id = decode::parsed_if_set(&mut violations, "customer_id", &request.customer_id);
    let due_before = decode::timestamp_if_set(&mut violations, "due_before", request.due_before);
    let size = decode::page_size(&mut violations, request.page_size);
    let after = match request.page_token.as_str() {
        "" => None,
        token => {
            let position = position(token, request);
            if position.is_none() {
                violations.add("page_token", token, "the token of the page before, with the same filters");
            }
            position
        }
    };
    let filter = CaseFilter { state, customer_id, due_before, after };
    decode::complete(violations, size.map(|size| CasePage { filter, size }))
}

fn state(number: i32) -> Result<Option<CaseState>, &'static str> {
    Ok(Some(match pb::CaseState::try_from(number) {
        Ok(pb::CaseState::Unspecified) => return Ok(None),
        Ok(pb::CaseState::Open) => CaseState::Active(Stage::Open),
        Ok(pb::CaseState::InProgress) => CaseState::Active(Stage::InProgress),
        Ok(pb::CaseState::ReferralOffered) => CaseState::Active(Stage::ReferralOffered),
        Ok(pb::CaseState::Referred) => CaseState::Active(Stage::Referred),
        Ok(pb::CaseState::Parked) => CaseState::Active(Stage::Parked),
        Ok(pb::CaseState::Closed) => CaseState::Closed,
        Err(_) => return Err("one of the values of CaseState"),
    }))
}

/// The token of the page after the one that ends with `last`.
pub(crate) fn token_after(last: &Case, request: &pb::ListCasesRequest) -> String {
    let position = format!("{}|{}", last.opened_at.as_microsecond(), last.case_id);
    URL_SAFE_NO_PAD.encode(format!("{}|{position}", filters(request)))
}

fn position(token: &str, request: &pb::ListCasesRequest) -> Option<CasePosition> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let position = text.strip_prefix(&filters(request))?.strip_prefix('|')?;
    let (opened_at, case_id) = position.split_once('|')?;
    Some(CasePosition {
        opened_at: Timestamp::from_microsecond(opened_at.parse().ok()?).ok()?,
        case_id: CaseId::parse(case_id).ok()?,
    })
}

fn filters(request: &pb::ListCasesRequest) -> String {
    let due_before =
        request.due_before.map(|due| format!("{}.{}", due.seconds, due.nanos)).unwrap_or_default();
    format!("{}|{}|{due_before}", request.state, request.customer_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_not_given_out_is_refused() {
        for token in ["x", "AAAA", "fHx8MXxjYXNlXzE", "%"] {
            let request = pb::ListCasesRequest { page_token: token.to_owned(), ..Default::default() };
            assert_eq!(decode(&request).unwrap_err().violations[0].field, "page_token", "{token}");
        }
    }
}
