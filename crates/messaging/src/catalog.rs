//! The catalogue of events: which message is the body of which event, of which aggregate, of which service.
//!
//! To announce a new event: add one line to the `announced!` call below.

/// A protobuf message that is the body of an event.
///
/// Implemented by [`announced!`](crate::announced), so that the catalogue is complete.
pub trait Announced: prost::Message + prost::Name {
    /// Kind of aggregate, as in the subject ("hold").
    const AGGREGATE: &'static str;
    /// What happened to it, as in the subject ("placed").
    const EVENT: &'static str;
}

/// One line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Full protobuf message name of the body.
    pub type_name: &'static str,
    /// Service that tells it.
    pub service: &'static str,
    /// Kind of aggregate.
    pub aggregate: &'static str,
    /// What happened to it.
    pub event: &'static str,
}

/// Announces events and lists them in a constant.
///
/// ```text
/// announced! {
///     /// Every event of Meridian.
///     pub const CATALOG;
///     inventory::v1::HoldPlaced => "hold", "placed";
/// }
/// ```
/// A path is `<service>::v1::<Message>`, to be found in `meridian_proto`; the aggregate and the event are
/// tokens of the subject, checked when the crate is compiled.
#[macro_export]
macro_rules! announced {
    (
        $(#[$meta:meta])* $visibility:vis const $catalog:ident;
        $( $service:ident :: $version:ident :: $message:ident => $aggregate:literal, $event:literal; )*
    ) => {
        $(
            impl $crate::Announced for ::meridian_proto::$service::$version::$message {
                const AGGREGATE: &'static str = $aggregate;
                const EVENT: &'static str = $event;
            }
            const _: () = assert!(
                $crate::is_token($aggregate) && $crate::is_token($event),
                "aggregate and event: 1 to 64 lower-case letters, digits, '-' and '_'"
            );
        )*
        $(#[$meta])*
        $visibility const $catalog: &[$crate::Entry] = &[
            $( $crate::Entry {
                type_name: concat!(
                    "meridian.", stringify!($service), ".", stringify!($version), ".", stringify!($message)
                ),
                service: stringify!($service),
                aggregate: $aggregate,
                event: $event,
            }, )*
        ];
    };
}

announced! {
    /// Every event of Meridian.
    pub const CATALOG;
    intake::v1::CaseOpened => "case", "opened";
    intake::v1::CaseUpdated => "case", "updated";
    intake::v1::CaseClosed => "case", "closed";
    intake::v1::ReferralOffered => "referral", "offered";
    intake::v1::ReferralAccepted => "referral", "accepted";
    intake::v1::ReferralReturned => "referral", "returned";
    intake::v1::PartyDefined => "party", "defined";
    intake::v1::PartyOrderProgressed => "party_order", "progressed";
    inventory::v1::ItemDefined => "item", "defined";
    inventory::v1::StockLevelChanged => "stock", "level_changed";
    inventory::v1::ReceiptChanged => "receipt", "changed";
    inventory::v1::HoldPlaced => "hold", "placed";
    inventory::v1::HoldCovered => "hold", "covered";
    inventory::v1::HoldDelayed => "hold", "delayed";
    inventory::v1::HoldRefused => "hold", "refused";
    inventory::v1::HoldConfirmed => "hold", "confirmed";
    inventory::v1::HoldReleased => "hold", "released";
    inventory::v1::HoldExpired => "hold", "expired";
    inventory::v1::StockCommandRefused => "hold", "command_refused";
    inventory::v1::TransferRequested => "transfer", "requested";
    inventory::v1::TransferProgressed => "transfer", "progressed";
    inventory::v1::GoodsShelved => "transfer", "shelved";
    inventory::v1::MilestoneReported => "transfer", "milestone_reported";
    dispatch::v1::EngineerDefined => "engineer", "defined";
    dispatch::v1::FreeBusyChanged => "engineer", "free_busy_changed";
    dispatch::v1::EngineerAbsent => "engineer", "absent";
    dispatch::v1::RepairProfileDefined => "repair_profile", "defined";
    dispatch::v1::DepotDefined => "depot", "defined";
    dispatch::v1::VisitHeld => "visit", "held";
    dispatch::v1::VisitRefused => "visit", "refused";
    dispatch::v1::VisitProgressed => "visit", "progressed";
    dispatch::v1::VisitMoved => "visit", "moved";
    dispatch::v1::VisitDisrupted => "visit", "disrupted";
    coordinator::v1::HoldStockRequested => "plan", "hold_stock_requested";
    coordinator::v1::ConfirmStockRequested => "plan", "confirm_stock_requested";
    coordinator::v1::ReleaseStockRequested => "plan", "release_stock_requested";
    coordinator::v1::MoveRequested => "plan", "move_requested";
    coordinator::v1::CancelMoveRequested => "plan", "cancel_move_requested";
    coordinator::v1::ShelveGoodsRequested => "plan", "shelve_goods_requested";
    coordinator::v1::HoldVisitRequested => "plan", "hold_visit_requested";
    coordinator::v1::BookVisitRequested => "plan", "book_visit_requested";
    coordinator::v1::CancelVisitRequested => "plan", "cancel_visit_requested";
    coordinator::v1::ReferralRequested => "plan", "referral_requested";
    coordinator::v1::PartyOrderRequested => "plan", "party_order_requested";
    coordinator::v1::PlacePartyOrderRequested => "plan", "place_party_order_requested";
    coordinator::v1::CancelPartyOrderRequested => "plan", "cancel_party_order_requested";
    coordinator::v1::PlanCommitted => "plan", "committed";
    coordinator::v1::PlanProgressed => "plan", "progressed";
    coordinator::v1::PlanDisrupted => "plan", "disrupted";
    coordinator::v1::PlanParked => "plan", "parked";
    coordinator::v1::PlanCompleted => "plan", "completed";
    coordinator::v1::PlanEnded => "plan", "ended";
    coordinator::v1::MilestoneReached => "plan", "milestone_reached";
    coordinator::v1::PromiseMade => "promise", "made";
    coordinator::v1::PromiseChanged => "promise", "changed";
    coordinator::v1::PromiseTakenBack => "promise", "taken_back";
    coordinator::v1::PromiseSettled => "promise", "settled";
    coordinator::v1::SiteDefined => "site", "defined";
    coordinator::v1::CalendarDefined => "calendar", "defined";
    coordinator::v1::PublicCalendarDefined => "public_calendar", "defined";
    coordinator::v1::LaneDefined => "lane", "defined";
    coordinator::v1::CustomsRuleDefined => "customs_rule", "defined";
    coordinator::v1::GateDefined => "gate", "defined";
    notification::v1::NoticeDelivered => "notice", "delivered";
    notification::v1::NoticeFailed => "notice", "failed";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_events_share_a_message_or_a_subject() {
        let messages: HashSet<_> = CATALOG.iter().map(|entry| entry.type_name).collect();
        let subjects: HashSet<_> =
            CATALOG.iter().map(|entry| (entry.service, entry.aggregate, entry.event)).collect();
        assert_eq!((messages.len(), subjects.len()), (CATALOG.len(), CATALOG.len()));
    }
}
