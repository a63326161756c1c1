//! Orders with parties, and the requests about them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use meridian_chassis::{decode, encode};
use meridian_proto::intake::v1 as pb;
use meridian_types::{CaseId, PartyOrderId, Problem, Violations};

use super::referral::{REASON_CHARS_MAX, signature};
use crate::domain::party_order::{OrderState, OrderSubject, OrderTerms, PartyOrder};
use crate::operations::party_order::{OrderWish, PartyWord};

/// What a party says about which order.
pub(crate) type Answer = (PartyOrderId, PartyWord);

pub(crate) fn decode_accept(request: &pb::AcceptPartyOrderRequest) -> Result<Answer, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let order_id = decode::parsed(&mut violations, "order_id", &request.order_id);
    let by = signature(&mut violations, "accepted_by", &request.accepted_by);
    let at = decode::timestamp_if_set(&mut violations, "expected_at", request.expected_at);
    decode::complete(violations, order_id.zip(by.map(|by| PartyWord::Accept(by, at))))
}

pub(crate) fn decode_decline(request: &pb::DeclinePartyOrderRequest) -> Result<Answer, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let order_id = decode::parsed(&mut violations, "order_id", &request.order_id);
    let by = signature(&mut violations, "declined_by", &request.declined_by);
    let reason = decode::text(&mut violations, "reason", &request.reason, 0..=REASON_CHARS_MAX);
    let word = by.zip(reason).map(|(by, reason)| PartyWord::Decline(by, reason));
    decode::complete(violations, order_id.zip(word))
}

pub(crate) fn decode_reschedule(request: &pb::ReschedulePartyOrderRequest) -> Result<Answer, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let order_id = decode::parsed(&mut violations, "order_id", &request.order_id);
    let by = signature(&mut violations, "told_by", &request.told_by);
    let at = decode::timestamp(&mut violations, "expected_at", request.expected_at);
    let word = by.zip(at).map(|(by, at)| PartyWord::Reschedule(by, at));
    decode::complete(violations, order_id.zip(word))
}

pub(crate) fn decode_deliver(request: &pb::DeliverPartyOrderRequest) -> Result<Answer, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let order_id = decode::parsed(&mut violations, "order_id", &request.order_id);
    let by = signature(&mut violations, "confirmed_by", &request.confirmed_by);
    decode::complete(violations, order_id.zip(by.map(PartyWord::Deliver)))
}

/// A page of open orders to be read.
#[derive(Debug, Clone)]
pub(crate) struct OrderPage {
    pub(crate) case_id: Option<CaseId>,
    /// Number of the last order of the page before.
    pub(crate) after: i64,
    pub(crate) size: usize,
}

pub(crate) fn decode_list(request: &pb::ListPartyOrdersRequest) -> Result<OrderPage, Problem> {
    let mut violations = Violations::new();
    let case_id = decode::parsed_if_set(&mut violations, "case_id", &request.case_id);
    let size = decode::page_size(&mut violations, request.page_size);
    let token = request.page_token.as_str();
    let after = if token.is_empty() { Some(0) } else { position(token, &request.case_id) };
    if after.is_none() {
        violations.add("page_token", token, "the token of the page before, with the same case");
    }
    decode::complete(violations, size.zip(after).map(|(size, after)| OrderPage { case_id, after, size }))
}

/// The token of the page after the order of that number.
pub(crate) fn token_after(number: i64, request: &pb::ListPartyOrdersRequest) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}|{number}", request.case_id))
}

fn position(token: &str, case_id: &str) -> Option<i64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix(case_id)?.strip_prefix('|')?.parse().ok()
}

/// The order that a command of a plan is about.
pub(crate) fn decode_wish(
    order_id: &str,
    case_id: &str,
    terms: Option<pb::PartyOrderTerms>,
) -> Result<OrderWish, Problem> {
    let mut violations = Violations::new();
    let order_id = decode::parsed(&mut violations, "order_id", order_id);
    let case_id = decode::parsed(&mut violations, "case_id", case_id);
    let terms = decode::required(&mut violations, "terms", terms);
    let terms = terms.and_then(|terms| decode_terms(&mut violations, &terms));
    let wish = (|| Some(OrderWish { order_id: order_id?, case_id: case_id?, terms: terms? }))();
    decode::complete(violations, wish)
}

/// The id that a command of a plan names.
pub(crate) fn decode_id(order_id: &str) -> Result<PartyOrderId, Problem> {
    let mut violations = Violations::new();
    let order_id = decode::parsed(&mut violations, "order_id", order_id);
    decode::complete(violations, order_id)
}

fn decode_terms(violations: &mut Violations, terms: &pb::PartyOrderTerms) -> Option<OrderTerms> {
    let party_id = decode::parsed(violations, "terms.party_id", &terms.party_id);
    let lines = (0..).zip(&terms.lines).map(|(index, line): (usize, _)| {
        let field = format!("terms.lines[{index}]");
        let item = decode::parsed(violations, &format!("{field}.item_id"), &line.item_id);
        item.zip(decode::quantity(violations, &format!("{field}.quantity"), line.quantity))
    });
    let lines: Option<Vec<_>> = lines.collect::<Vec<_>>().into_iter().collect();
    let serial = decode::parsed_if_set(violations, "terms.serial_number", &terms.serial_number);
    let subject = match (lines?, serial) {
        (lines, None) if !lines.is_empty() => Some(OrderSubject::Supply(lines)),
        (lines, Some(serial)) if lines.is_empty() => Some(OrderSubject::Repair(serial)),
        _ => {
            violations.add("terms.lines", terms.lines.len(), "goods to bring or an instrument to repair");
            None
        }
    };
    let site_id = decode::parsed(violations, "terms.site_id", &terms.site_id);
    let accept_by = decode::timestamp(violations, "terms.accept_by", terms.accept_by);
    let expected_at = decode::timestamp(violations, "terms.expected_at", terms.expected_at);
    let price = decode::money(violations, "terms.price", terms.price.clone());
    Some(OrderTerms {
        party_id: party_id?,
        subject: subject?,
        site_id: site_id?,
        accept_by: accept_by?,
        expected_at: expected_at?,
        price: price?,
    })
}

const fn encode_state(state: OrderState) -> pb::PartyOrderState {
    match state {
        OrderState::Asked => pb::PartyOrderState::Asked,
        OrderState::Accepted => pb::PartyOrderState::Accepted,
        OrderState::Declined => pb::PartyOrderState::Declined,
        OrderState::Placed => pb::PartyOrderState::Placed,
        OrderState::Delivered => pb::PartyOrderState::Delivered,
        OrderState::Cancelled => pb::PartyOrderState::Cancelled,
    }
}

pub(crate) fn encode(order: &PartyOrder) -> pb::PartyOrder {
    let terms = &order.terms;
    let line = |(item, quantity): &(meridian_types::ItemId, meridian_types::Quantity)| pb::NeedLine {
        item_id: item.to_string(),
        quantity: quantity.units(),
        unit: String::new(),
    };
    let (lines, serial_number) = match &terms.subject {
        OrderSubject::Supply(lines) => (lines.iter().map(line).collect(), String::new()),
        OrderSubject::Repair(serial) => (Vec::new(), serial.to_string()),
    };
    pb::PartyOrder {
        order_id: order.order_id.to_string(),
        case_id: order.case_id.to_string(),
        terms: Some(pb::PartyOrderTerms {
            party_id: terms.party_id.to_string(),
            lines,
            serial_number,
            site_id: terms.site_id.to_string(),
            accept_by: Some(encode::timestamp(terms.accept_by)),
            expected_at: Some(encode::timestamp(terms.expected_at)),
            price: Some(encode::money(terms.price)),
        }),
        party_name: order.party_name.clone(),
        state: encode_state(order.state).into(),
        expected_at: Some(encode::timestamp(order.expected_at)),
        told_by: order.told_by.clone().unwrap_or_default(),
        reason: order.reason.clone(),
        changed_at: Some(encode::timestamp(order.changed_at)),
    }
}

/// What everybody may hear of an order: not why the party declines it, which is free text.
pub(crate) fn encode_progress(order: &PartyOrder) -> pb::PartyOrderProgressed {
    pb::PartyOrderProgressed {
        order_id: order.order_id.to_string(),
        case_id: order.case_id.to_string(),
        party_id: order.terms.party_id.to_string(),
        party_name: order.party_name.clone(),
        state: encode_state(order.state).into(),
        accept_by: Some(encode::timestamp(order.terms.accept_by)),
        expected_at: Some(encode::timestamp(order.expected_at)),
        told_by: order.told_by.clone().unwrap_or_default(),
        happened_at: Some(encode::timestamp(order.changed_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_another_case_is_refused() {
        let mut request = pb::ListPartyOrdersRequest::default();
        request.page_token = token_after(7, &request);
        assert_eq!(decode_list(&request).unwrap().after, 7);
        request.case_id = format!("case_{}", "0".repeat(32));
        assert_eq!(decode_list(&request).unwrap_err().violations[0].field, "page_token");
    }
}
