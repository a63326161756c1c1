//! A solution, as far as carrying it out needs to know.

use jiff::Timestamp;
use meridian_types::{
    EngineerId, Interval, ItemId, Money, PartyId, Quantity, ReceiptId, RegionId, SerialNumber, SiteId,
    SkillId, SolutionId,
};
use serde::{Deserialize, Serialize};

/// Kinds of solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SolutionKind {
    /// From a warehouse in the customer's country.
    LocalStock,
    /// From a warehouse in another country.
    Transfer,
    /// Another item that may stand in.
    Substitute,
    /// A unit lent until the need is met otherwise.
    Loaner,
    /// An engineer comes.
    EngineerVisit,
    /// The instrument goes to a depot.
    ShipToDepot,
    /// Somebody else takes over.
    Referral,
    /// From several warehouses.
    Split,
    /// Put together from parts.
    Kit,
    /// From units that a warehouse expects.
    WaitForSupply,
    /// A unit for good; the customer's own instrument goes back afterwards.
    AdvanceExchange,
    /// An engineer guides the customer from afar.
    RemoteFix,
    /// Another party sells the item or does the repair.
    ThirdParty,
}

/// A solution, as far as carrying it out needs to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chosen {
    /// Which solution.
    pub(crate) solution_id: SolutionId,
    /// What kind.
    pub(crate) kind: SolutionKind,
    /// When the need is met.
    pub(crate) arrival: Timestamp,
    /// By when it is met with nine chances out of ten, where that is known.
    #[serde(default)]
    pub(crate) likely_by: Option<Timestamp>,
    /// IANA zone in which the customer reads dates.
    pub(crate) zone: String,
    /// Name of the item or model, as customers know it.
    pub(crate) subject_name: String,
    /// Name of the place where the need is met, as customers know it.
    pub(crate) place_name: String,
    /// Stock to hold and send.
    pub(crate) stock: Vec<StockClaim>,
    /// Engineers to book.
    pub(crate) engineers: Vec<EngineerClaim>,
    /// Movements of the customer's instrument.
    pub(crate) moves: Vec<InstrumentMove>,
    /// What is ordered of parties.
    #[serde(default)]
    pub(crate) orders: Vec<OrderClaim>,
    /// Party to refer to.
    pub(crate) party: Option<PartyClaim>,
    /// Whether the customer must agree first.
    pub(crate) approval_required: bool,
    /// What it was found for: differs from what is said of another need.
    #[serde(default)]
    pub(crate) need: String,
}

/// Stock of one warehouse to hold and send to one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StockClaim {
    /// Region that owns the stock.
    pub(crate) region: RegionId,
    /// Where it stands.
    pub(crate) warehouse: SiteId,
    /// What and how much is held there, of shelves and receipts. Nothing where kits are put together from what other
    /// claims bring.
    pub(crate) lines: Vec<(ItemId, Quantity)>,
    /// What of the lines is still to come.
    #[serde(default)]
    pub(crate) awaited: Vec<Awaited>,
    /// What is put together before anything leaves, from the lines and from what other claims bring there.
    #[serde(default)]
    pub(crate) kits: Vec<KitOrder>,
    /// What is sent, kits in place of their parts; the lines when there are no kits.
    #[serde(default)]
    pub(crate) sent: Vec<(ItemId, Quantity)>,
    /// Which of what is sent stands in for which of the items asked for: (substitute, item).
    #[serde(default)]
    pub(crate) stands_in: Vec<(ItemId, ItemId)>,
    /// Whether it is lent rather than given.
    pub(crate) on_loan: bool,
    /// Where it goes.
    pub(crate) to_site: SiteId,
    /// Region of the destination, when it is one of our warehouses.
    pub(crate) to_region: Option<RegionId>,
    /// When it must be handed to the carrier.
    pub(crate) departs: Timestamp,
    /// When it should arrive.
    pub(crate) arrives: Timestamp,
    /// When a lent unit is due back.
    pub(crate) due_back: Option<Timestamp>,
}

/// Units that a warehouse expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Awaited {
    /// With which receipt.
    pub(crate) receipt: ReceiptId,
    /// What.
    pub(crate) item: ItemId,
    /// How many.
    pub(crate) quantity: Quantity,
    /// When the warehouse last said when they come, if it has: older news is late.
    pub(crate) told_at: Option<Timestamp>,
    /// When they come, as it said then; absent while they come as planned.
    #[serde(default)]
    pub(crate) expected_at: Option<Timestamp>,
}

/// Units of a kit to put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KitOrder {
    /// What comes of it.
    pub(crate) kit: ItemId,
    /// How many.
    pub(crate) quantity: Quantity,
    /// All that goes in.
    pub(crate) parts: Vec<(ItemId, Quantity)>,
    /// Which of it stands in for which of the parts that the kit asks for: (substitute, part).
    #[serde(default)]
    pub(crate) stands_in: Vec<(ItemId, ItemId)>,
}

impl Chosen {
    /// One in which nothing is done yet.
    #[cfg(test)]
    pub(crate) fn blank(solution_id: SolutionId, kind: SolutionKind, arrival: Timestamp) -> Self {
        Self {
            solution_id,
            kind,
            arrival,
            likely_by: None,
            zone: "Europe/Berlin".to_owned(),
            subject_name: "Pump".to_owned(),
            place_name: "Customer".to_owned(),
            stock: Vec::new(),
            engineers: Vec::new(),
            moves: Vec::new(),
            orders: Vec::new(),
            party: None,
            approval_required: false,
            need: String::new(),
        }
    }

    /// Whether somebody works on the customer's instrument: an engineer, or a party.
    pub(crate) fn has_work(&self) -> bool {
        !self.engineers.is_empty() || self.orders.iter().any(OrderClaim::is_repair)
    }
}

impl StockClaim {
    /// What arrives where it goes.
    pub(crate) fn goods(&self) -> &[(ItemId, Quantity)] {
        if self.kits.is_empty() { &self.lines } else { &self.sent }
    }

    /// What arrives where it goes, in terms of what was asked for.
    pub(crate) fn meets(&self) -> impl Iterator<Item = (&ItemId, Quantity)> {
        in_terms_of_what_was_asked(self.goods(), &self.stands_in)
    }

    /// The part that its kits ask for and for which they take another one.
    pub(crate) fn part_replaced_by(&self, given: &ItemId) -> Option<&ItemId> {
        self.kits.iter().find_map(|kit| replaced_by(given, &kit.stands_in))
    }

    /// The item asked for in place of which another one is held.
    pub(crate) fn replaced_by(&self, given: &ItemId) -> Option<&ItemId> {
        replaced_by(given, &self.stands_in).or_else(|| self.part_replaced_by(given))
    }

    /// How many units of an item are claimed on the shelf.
    pub(crate) fn on_shelf(&self, item: &ItemId) -> i64 {
        let units = |lines: &[(ItemId, Quantity)]| -> i64 {
            lines.iter().filter(|(held, _)| held == item).map(|(_, quantity)| quantity.units()).sum()
        };
        let awaited = self.awaited.iter().filter(|awaited| awaited.item == *item);
        units(&self.lines) - awaited.map(|awaited| awaited.quantity.units()).sum::<i64>()
    }

    /// Whether it brings parts for a kit of another claim.
    pub(crate) fn feeds(&self, other: &Self) -> bool {
        let is_part =
            |item: &ItemId| other.kits.iter().flat_map(|kit| &kit.parts).any(|(part, _)| part == item);
        self.to_site == other.warehouse
            && self.warehouse != other.warehouse
            && self.goods().iter().any(|(item, _)| is_part(item))
    }

    /// Whether both are about the same goods on the same way.
    pub(crate) fn same_goods(&self, other: &Self) -> bool {
        let awaits = |claim: &Self| -> Vec<_> {
            let one = |awaited: &Awaited| (awaited.receipt.clone(), awaited.item.clone(), awaited.quantity);
            claim.awaited.iter().map(one).collect()
        };
        self.region == other.region
            && self.warehouse == other.warehouse
            && self.lines == other.lines
            && self.on_loan == other.on_loan
            && self.to_site == other.to_site
            && self.kits == other.kits
            && awaits(self) == awaits(other)
    }
}

/// An engineer's time to book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EngineerClaim {
    /// Region of the engineer.
    pub(crate) region: RegionId,
    /// Who.
    pub(crate) engineer: EngineerId,
    /// Where.
    pub(crate) site: SiteId,
    /// Travel included.
    pub(crate) during: Interval,
    /// The work itself.
    pub(crate) work: Interval,
    /// Skill needed.
    pub(crate) skill: SkillId,
    /// Level needed.
    pub(crate) level: i32,
    /// Whether the engineer stays at home and guides the customer.
    #[serde(default)]
    pub(crate) remote: bool,
    /// How many bookings of the engineer the work takes, this one included.
    #[serde(default)]
    pub(crate) bookings: usize,
}

/// A movement of the customer's instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstrumentMove {
    /// Serial number.
    pub(crate) serial: SerialNumber,
    /// From.
    pub(crate) from_site: SiteId,
    /// To.
    pub(crate) to_site: SiteId,
    /// Region of the destination, when it is one of our warehouses.
    pub(crate) to_region: Option<RegionId>,
    /// When it leaves.
    pub(crate) departs: Timestamp,
    /// When it should arrive.
    pub(crate) arrives: Timestamp,
    /// Whether it moves only after the work is done.
    pub(crate) after_work: bool,
    /// Whether it goes back once the unit that replaces it has arrived: the need is met by then.
    #[serde(default)]
    pub(crate) after_arrival: bool,
}

/// Something to order of a party, which must accept before anything leaves. The case stays ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderClaim {
    /// Who.
    pub(crate) party: PartyId,
    /// What.
    pub(crate) service: PartyService,
    /// Where.
    pub(crate) site: SiteId,
    /// By when it must accept.
    pub(crate) answer_due: Timestamp,
    /// When it should be done.
    pub(crate) done: Timestamp,
    /// What all of it costs.
    pub(crate) price: Money,
    /// Items that stand in for others: what is given, and what it stands in for.
    #[serde(default)]
    pub(crate) stands_in: Vec<(ItemId, ItemId)>,
    /// Version of the order in which the party last said when it is done, if it has: older news is late.
    #[serde(default)]
    pub(crate) told: Option<i64>,
}

/// What a party does for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartyService {
    /// Brings goods.
    Supply(Vec<(ItemId, Quantity)>),
    /// Repairs an instrument where it stands.
    Repair(SerialNumber),
}

/// Goods with each item that stands in for another one under the name of that.
fn in_terms_of_what_was_asked<'c>(
    goods: &'c [(ItemId, Quantity)],
    stands_in: &'c [(ItemId, ItemId)],
) -> impl Iterator<Item = (&'c ItemId, Quantity)> {
    goods.iter().map(move |(given, quantity)| (replaced_by(given, stands_in).unwrap_or(given), *quantity))
}

fn replaced_by<'c>(given: &ItemId, stands_in: &'c [(ItemId, ItemId)]) -> Option<&'c ItemId> {
    stands_in.iter().find(|(substitute, _)| substitute == given).map(|(_, asked)| asked)
}

impl OrderClaim {
    /// What it brings.
    pub(crate) fn goods(&self) -> &[(ItemId, Quantity)] {
        match &self.service {
            PartyService::Supply(goods) => goods,
            PartyService::Repair(_) => &[],
        }
    }

    /// What it brings, in terms of what was asked for.
    pub(crate) fn meets(&self) -> impl Iterator<Item = (&ItemId, Quantity)> {
        in_terms_of_what_was_asked(self.goods(), &self.stands_in)
    }

    /// The item asked for in place of which another one is brought.
    pub(crate) fn replaced_by(&self, given: &ItemId) -> Option<&ItemId> {
        replaced_by(given, &self.stands_in)
    }

    /// Whether it is the customer's instrument that is worked on.
    pub(crate) const fn is_repair(&self) -> bool {
        matches!(self.service, PartyService::Repair(_))
    }

    /// Whether both order the same of the same party.
    pub(crate) fn same_order(&self, other: &Self) -> bool {
        (&self.party, &self.service, &self.site) == (&other.party, &other.service, &other.site)
    }
}

/// A party that must accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartyClaim {
    /// Who.
    pub(crate) party: PartyId,
    /// By when.
    pub(crate) answer_due: Timestamp,
}
