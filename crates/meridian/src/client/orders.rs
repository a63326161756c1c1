//! Orders with parties that sell or repair for us: what is open, and what the parties say.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jiff::{Timestamp, Zoned};
use meridian_chassis::encode;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::intake::v1::{
    AcceptPartyOrderRequest, DeclinePartyOrderRequest, DeliverPartyOrderRequest, ListPartyOrdersRequest,
    PartyOrder, ReschedulePartyOrderRequest,
};

use super::{Region, request_id};
use crate::output::{self, line, money, table, wall, words};

/// What to do with orders.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// List the open ones, oldest first.
    List {
        /// Only of this case.
        #[arg(long, value_name = "CASE")]
        case: Option<String>,
    },
    /// The party takes the order.
    Accept {
        #[command(flatten)]
        signed: Signed,
        /// When it will be done, as an instant or as a time with its zone ("2026-12-02T12:00[Europe/Berlin]"); as
        /// planned without it.
        #[arg(long, value_name = "TIME", value_parser = instant)]
        expected_at: Option<Timestamp>,
    },
    /// The party does not do it, or cannot do what it accepted.
    Decline {
        #[command(flatten)]
        signed: Signed,
        /// Why.
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
    },
    /// The party will be done at another time than it said before.
    Reschedule {
        #[command(flatten)]
        signed: Signed,
        /// When it will be done, as an instant or as a time with its zone.
        #[arg(long, value_name = "TIME", value_parser = instant)]
        expected_at: Timestamp,
    },
    /// The goods are there, or the repair is done.
    Deliver {
        #[command(flatten)]
        signed: Signed,
    },
}

/// An order, and who speaks for the party.
#[derive(Debug, Args)]
pub(crate) struct Signed {
    /// Which order.
    pub(crate) order_id: String,
    /// Desk or role that says so.
    #[arg(long, value_name = "DESK")]
    pub(crate) by: String,
}

/// An instant, or a time with its zone.
fn instant(text: &str) -> Result<Timestamp, String> {
    let zoned = || text.parse::<Zoned>().map(|zoned| zoned.timestamp());
    text.parse()
        .or_else(|_| zoned())
        .map_err(|_| "an instant, or a time with its zone such as 2026-12-02T12:00[Europe/Berlin]".to_owned())
}

pub(super) async fn run(region: &Region, order: Order) -> Result<()> {
    let mut intake = IntakeServiceClient::new(region.client());
    let request_id = request_id();
    macro_rules! told {
        ($call:ident, $request:expr) => {{
            let answer = intake.$call($request).await?.into_inner();
            if region.json {
                return output::json(&answer);
            }
            show(&answer.order.context("the answer holds no order")?)
        }};
    }
    match order {
        Order::List { case } => return list(region, intake, case.unwrap_or_default()).await,
        Order::Accept { signed: Signed { order_id, by: accepted_by }, expected_at } => {
            let expected_at = expected_at.map(encode::timestamp);
            told!(
                accept_party_order,
                AcceptPartyOrderRequest { request_id, order_id, accepted_by, expected_at }
            );
        }
        Order::Decline { signed: Signed { order_id, by: declined_by }, reason } => {
            told!(
                decline_party_order,
                DeclinePartyOrderRequest { request_id, order_id, declined_by, reason }
            );
        }
        Order::Reschedule { signed: Signed { order_id, by: told_by }, expected_at } => {
            let expected_at = Some(encode::timestamp(expected_at));
            told!(
                reschedule_party_order,
                ReschedulePartyOrderRequest { request_id, order_id, told_by, expected_at }
            );
        }
        Order::Deliver { signed: Signed { order_id, by: confirmed_by } } => {
            told!(deliver_party_order, DeliverPartyOrderRequest { request_id, order_id, confirmed_by });
        }
    }
    Ok(())
}

async fn list(
    region: &Region,
    mut intake: IntakeServiceClient<meridian_chassis::client::Client>,
    case_id: String,
) -> Result<()> {
    let mut orders = table(&["order", "state", "party", "what", "done by", "price"]);
    let mut page_token = String::new();
    loop {
        let request = ListPartyOrdersRequest { case_id: case_id.clone(), page_size: 200, page_token };
        let answer = intake.list_party_orders(request).await?.into_inner();
        if region.json {
            output::json(&answer)?;
        }
        for order in &answer.orders {
            let terms = order.terms.clone().unwrap_or_default();
            orders.add_row([
                order.order_id.clone(),
                words(order.state().as_str_name(), "PARTY_ORDER_STATE"),
                order.party_name.clone(),
                what(order),
                wall(order.expected_at.as_ref(), "UTC"),
                money(terms.price.as_ref()),
            ]);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if !region.json {
        line(if orders.is_empty() { "No open orders.".to_owned() } else { orders.to_string() });
    }
    Ok(())
}

/// What is ordered, and where.
fn what(order: &PartyOrder) -> String {
    let terms = order.terms.clone().unwrap_or_default();
    if !terms.serial_number.is_empty() {
        return format!("repair of {} at {}", terms.serial_number, terms.site_id);
    }
    let lines: Vec<_> = terms.lines.iter().map(|it| format!("{} x {}", it.quantity, it.item_id)).collect();
    format!("{} to {}", lines.join(", "), terms.site_id)
}

fn show(order: &PartyOrder) {
    let state = words(order.state().as_str_name(), "PARTY_ORDER_STATE");
    line(format!("{}  {state}: {}, {}", order.order_id, order.party_name, what(order)));
    let accept_by = order.terms.as_ref().and_then(|terms| terms.accept_by);
    line(format!("  accept by {}", wall(accept_by.as_ref(), "UTC")));
    line(format!("  done by   {}", wall(order.expected_at.as_ref(), "UTC")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_has_its_zone() {
        let noon = "2026-12-02T11:00:00Z".parse::<Timestamp>().unwrap();
        for text in ["2026-12-02T11:00Z", "2026-12-02T12:00[Europe/Berlin]"] {
            assert_eq!(instant(text), Ok(noon), "{text}");
        }
        assert!(instant("2026-12-02T12:00").is_err());
    }
}
