//! Orders with parties: plans ask, place and call off; parties answer. Whatever changes, or is asked for again, is said.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::{CaseId, PartyOrderId};
use sqlx::PgConnection;

use crate::domain::case::Progress;
use crate::domain::party_order::{OrderState, OrderTerms, PartyOrder};
use crate::error::Error;
use crate::store;
use crate::wire;

/// A plan's wish to order something of a party.
#[derive(Debug, Clone)]
pub(crate) struct OrderWish {
    pub(crate) order_id: PartyOrderId,
    pub(crate) case_id: CaseId,
    pub(crate) terms: OrderTerms,
}

/// What a party says about an order, with the desk or role that says it.
#[derive(Debug, Clone)]
pub(crate) enum PartyWord {
    /// It takes the order, to be done by then, or as planned.
    Accept(String, Option<Timestamp>),
    /// It does not do it, for this reason.
    Decline(String, String),
    /// It will be done by then.
    Reschedule(String, Timestamp),
    /// It is done.
    Deliver(String),
}

/// Asks the party, once for each id.
pub(crate) async fn ask(work: &mut Work, wish: OrderWish) -> Result<(), Error> {
    let order = match store::party_order::find_for_update(work.conn(), wish.order_id).await? {
        Some(known) => known,
        None => {
            let order = new_order(work, wish).await?;
            store::party_order::put(work.conn(), &order).await?;
            order
        }
    };
    say(work, &order);
    Ok(())
}

/// Nobody is asked about a case that is over, or asked who is not on record: the plan hears that it is declined.
async fn new_order(work: &mut Work, wish: OrderWish) -> Result<PartyOrder, Error> {
    let OrderWish { order_id, case_id, terms } = wish;
    let case = store::support_case::find(work.conn(), case_id).await?;
    let party = store::party::find(work.conn(), &terms.party_id).await?;
    let is_open = case.is_some_and(|case| matches!(case.progress, Progress::Active { .. }));
    let obstacle = match &party {
        _ if !is_open => Some(format!("case {case_id} is not open")),
        None => Some(format!("there is no party {}", terms.party_id)),
        Some(_) => None,
    };
    let name = party.map(|party| party.name).unwrap_or_default();
    let order = PartyOrder::asked(order_id, case_id, terms, name, work.now());
    Ok(match obstacle {
        Some(reason) => order.ended_at_once(OrderState::Declined, reason),
        None => order,
    })
}

/// Places an accepted order for good; one in another state is said to be so.
pub(crate) async fn place(work: &mut Work, order_id: PartyOrderId) -> Result<(), Error> {
    let Some(mut order) = store::party_order::find_for_update(work.conn(), order_id).await? else {
        return Err(Error::OrderNotFound(order_id));
    };
    order.place(work.now());
    store::party_order::put(work.conn(), &order).await?;
    say(work, &order);
    Ok(())
}

/// Calls an order off. One that was never seen is remembered as called off: a late request finds nothing to do.
pub(crate) async fn cancel(work: &mut Work, wish: OrderWish) -> Result<(), Error> {
    let now = work.now();
    let order = match store::party_order::find_for_update(work.conn(), wish.order_id).await? {
        Some(mut known) => {
            known.cancel(now);
            known
        }
        None => PartyOrder::asked(wish.order_id, wish.case_id, wish.terms, String::new(), now)
            .ended_at_once(OrderState::Cancelled, String::new()),
    };
    store::party_order::put(work.conn(), &order).await?;
    say(work, &order);
    Ok(())
}

/// The party answers.
pub(crate) async fn answer(
    work: &mut Work,
    order_id: PartyOrderId,
    word: PartyWord,
) -> Result<PartyOrder, Error> {
    let found = store::party_order::find_for_update(work.conn(), order_id).await?;
    let mut order = found.ok_or(Error::OrderNotFound(order_id))?;
    let now = work.now();
    match word {
        PartyWord::Accept(by, at) => order.accept(by, at, now)?,
        PartyWord::Decline(by, reason) => order.decline(by, reason, now)?,
        PartyWord::Reschedule(by, at) => order.reschedule(by, at, now)?,
        PartyWord::Deliver(by) => order.deliver(by, now)?,
    }
    store::party_order::put(work.conn(), &order).await?;
    say(work, &order);
    Ok(order)
}

/// One order.
pub(crate) async fn one(conn: &mut PgConnection, order_id: PartyOrderId) -> Result<PartyOrder, Error> {
    store::party_order::find(conn, order_id).await?.ok_or(Error::OrderNotFound(order_id))
}

/// A page of open orders with their numbers, and whether there are more.
pub(crate) async fn page(
    conn: &mut PgConnection,
    case_id: Option<CaseId>,
    after: i64,
    size: usize,
) -> Result<(Vec<(i64, PartyOrder)>, bool), Error> {
    let limit = i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1);
    let mut orders = store::party_order::open(conn, case_id, after, limit).await?;
    let more = orders.len() > size;
    orders.truncate(size);
    Ok((orders, more))
}

fn say(work: &mut Work, order: &PartyOrder) {
    work.emit(order.order_id, order.version, &wire::party_order::encode_progress(order));
}
