//! A transfer: goods of a hold, kits put together of them and of what came for the case, or an instrument of a customer,
//! on their way between two sites; or goods that are handed over where they lie.
//!
//! requested -> picked -> shipped -> (in customs -> (held by customs ->) released)* -> received | lost. Goods that
//! are not found end it at the shelf; it can be called off until it is shipped. Within one site: requested -> picked ->
//! received | lost, and it can be called off until it is received.

use jiff::Timestamp;
use meridian_types::{CaseId, HoldId, ItemId, Quantity, RegionId, Rule, SerialNumber, SiteId, TransferId};
use serde::{Deserialize, Serialize};

use super::item::KitLine;
use super::stock::Line;
use super::words;

words! {
    /// What happens to a transfer.
    pub(crate) enum Milestone {
        /// Taken from the shelf.
        Picked = "picked",
        /// Not on the shelf, or damaged.
        PickFailed = "pick_failed",
        /// Handed to the carrier.
        Shipped = "shipped",
        /// With customs.
        InCustoms = "in_customs",
        /// Held back by customs.
        CustomsHold = "customs_hold",
        /// Let go by customs.
        CustomsReleased = "customs_released",
        /// Arrived.
        Received = "received",
        /// Gone.
        Lost = "lost",
        /// Called off before it left.
        Cancelled = "cancelled",
    }
}

/// Where a transfer stands: what last happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransferState {
    /// Ordered; nothing has happened yet.
    Requested,
    /// This happened last.
    After(Milestone),
}

const REQUESTED: &str = "requested";

impl TransferState {
    /// The word for it in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => REQUESTED,
            Self::After(milestone) => milestone.as_str(),
        }
    }

    /// What can happen next to goods on this way.
    const fn next(self, way: Way) -> &'static [Milestone] {
        use Milestone::{
            Cancelled, CustomsHold, CustomsReleased, InCustoms, Lost, PickFailed, Picked, Received, Shipped,
        };
        match self {
            Self::Requested => &[Picked, PickFailed, Cancelled],
            Self::After(Picked) if matches!(way, Way::InPlace) => &[Received, Cancelled, Lost],
            Self::After(Picked) => &[Shipped, Cancelled, Lost],
            Self::After(Shipped | CustomsReleased) => &[InCustoms, Received, Lost],
            Self::After(InCustoms) => &[CustomsHold, CustomsReleased, Lost],
            Self::After(CustomsHold) => &[CustomsReleased, Lost],
            Self::After(PickFailed | Received | Lost | Cancelled) => &[],
        }
    }

    /// Whether nothing can happen any more.
    pub(crate) const fn is_over(self) -> bool {
        self.next(Way::Carried).is_empty()
    }

    /// What a milestone means here, on this way. `None` when it cannot happen.
    pub(crate) fn step(self, milestone: Milestone, way: Way) -> Option<Step> {
        match self {
            Self::After(last) if last == milestone => Some(Step::Repeated),
            // It is off; why does not matter to who calls it off.
            Self::After(Milestone::PickFailed) if milestone == Milestone::Cancelled => Some(Step::Repeated),
            _ if self.next(way).contains(&milestone) => Some(Step::Taken),
            _ => None,
        }
    }
}

impl std::str::FromStr for TransferState {
    type Err = Rule;
    fn from_str(word: &str) -> Result<Self, Rule> {
        if word == REQUESTED { Ok(Self::Requested) } else { word.parse().map(Self::After) }
    }
}

/// How goods come to whom they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From one site to another.
    Carried,
    /// They are handed over where they lie.
    InPlace,
}

/// What a milestone means for a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It happens now.
    Taken,
    /// It had happened already, and nothing since.
    Repeated,
}

/// What moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// Goods for a case.
    Goods {
        /// The reservation whose units leave the shelf with it; `None`, and no lines, only where there are kits, all of
        /// whose parts came for the case.
        hold_id: Option<HoldId>,
        lines: Vec<Line>,
        /// What goes instead of its parts.
        kits: Vec<KitOrder>,
    },
    /// An instrument of a customer; it never stood on a shelf of ours.
    Instrument(SerialNumber),
}

impl Cargo {
    /// The reservation whose units leave the shelf with it.
    pub(crate) const fn hold_id(&self) -> Option<HoldId> {
        match self {
            Self::Goods { hold_id, .. } => *hold_id,
            Self::Instrument(_) => None,
        }
    }
}

/// Units of a kit that the warehouse puts together before a transfer leaves. Its JSON is what the database keeps.
///
/// It never stands on a shelf: of its parts, those of the transfer's hold leave theirs when it is picked; the others were
/// received for the case, which means that they count as delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KitOrder {
    pub(crate) item_id: ItemId,
    pub(crate) quantity: Quantity,
    /// All that goes into all units.
    pub(crate) parts: Vec<KitLine>,
}

/// Goods moving between two sites, or handed over where they lie. In transit they stand on nobody's shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) id: TransferId,
    pub(crate) case_id: CaseId,
    pub(crate) cargo: Cargo,
    pub(crate) from_site_id: SiteId,
    pub(crate) to_site_id: SiteId,
    /// Region of the destination, when it is one of our warehouses.
    pub(crate) to_region: Option<RegionId>,
    /// Received means delivered, also at one of our warehouses. Always so within one site.
    pub(crate) for_case: bool,
    pub(crate) state: TransferState,
    pub(crate) expected_at: Option<Timestamp>,
    pub(crate) due_back: Option<Timestamp>,
    /// Grows with every change.
    pub(crate) version: i64,
}

impl Transfer {
    /// How its goods come to whom they are for.
    pub(crate) fn way(&self) -> Way {
        if self.from_site_id == self.to_site_id { Way::InPlace } else { Way::Carried }
    }
}

/// Goods that another region sends to a warehouse of this one.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) transfer_id: TransferId,
    pub(crate) to_site_id: SiteId,
    pub(crate) lines: Vec<Line>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Milestone::{
        Cancelled, CustomsHold, CustomsReleased, InCustoms, Lost, PickFailed, Picked, Received, Shipped,
    };

    const ALL: [Milestone; 9] =
        [Picked, PickFailed, Shipped, InCustoms, CustomsHold, CustomsReleased, Received, Lost, Cancelled];

    fn walk(milestones: &[Milestone]) -> Option<TransferState> {
        walk_on(Way::Carried, milestones)
    }

    fn walk_on(way: Way, milestones: &[Milestone]) -> Option<TransferState> {
        milestones.iter().try_fold(TransferState::Requested, |state, milestone| {
            state.step(*milestone, way).map(|step| match step {
                Step::Taken => TransferState::After(*milestone),
                Step::Repeated => state,
            })
        })
    }

    #[test]
    fn goods_may_pass_customs_twice_or_never() {
        assert!(walk(&[Picked, Shipped, Received]).is_some());
        let twice =
            [Picked, Shipped, InCustoms, CustomsHold, CustomsReleased, InCustoms, CustomsReleased, Received];
        assert!(walk(&twice).is_some());
    }

    #[test]
    fn what_has_left_cannot_be_called_off() {
        assert!(walk(&[Cancelled]).is_some() && walk(&[Picked, Cancelled]).is_some());
        assert!(walk(&[Picked, Shipped, Cancelled]).is_none());
        assert!(walk(&[Picked, Shipped, InCustoms, Cancelled]).is_none());
    }

    #[test]
    fn goods_that_never_left_cannot_be_lost_or_arrive() {
        for impossible in [Lost, Received, Shipped, InCustoms] {
            assert!(walk(&[impossible]).is_none(), "{impossible:?}");
        }
        assert!(walk(&[Picked, Lost]).is_some());
        assert!(walk(&[Picked, Received]).is_none());
    }

    #[test]
    fn goods_that_are_handed_over_where_they_lie_are_never_on_their_way() {
        assert!(walk_on(Way::InPlace, &[Picked, Received]).is_some());
        assert!(walk_on(Way::InPlace, &[Picked, Cancelled]).is_some());
        for carried in [Shipped, InCustoms, CustomsHold, CustomsReleased] {
            assert!(walk_on(Way::InPlace, &[Picked, carried]).is_none(), "{carried:?}");
        }
        assert!(walk_on(Way::InPlace, &[Received]).is_none());
    }

    fn way() -> impl Strategy<Value = Way> {
        prop::sample::select(&[Way::Carried, Way::InPlace][..])
    }

    proptest! {
        #[test]
        fn a_milestone_reported_again_at_once_changes_nothing(
            path in prop::collection::vec(prop::sample::select(&ALL[..]), 0..12), way in way()
        ) {
            let mut state = TransferState::Requested;
            for milestone in path {
                if state.step(milestone, way) == Some(Step::Taken) {
                    state = TransferState::After(milestone);
                    prop_assert_eq!(state.step(milestone, way), Some(Step::Repeated));
                    prop_assert_eq!(state.as_str().parse::<TransferState>(), Ok(state));
                }
            }
        }

        #[test]
        fn what_is_over_stays_over(end in prop::sample::select(&[PickFailed, Received, Lost, Cancelled][..]),
                                   milestone in prop::sample::select(&ALL[..]), way in way()) {
            prop_assert_ne!(TransferState::After(end).step(milestone, way), Some(Step::Taken));
        }
    }
}
