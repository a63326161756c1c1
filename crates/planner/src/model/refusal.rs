//! Why something is not an option, and what would change that.

use jiff::Timestamp;
use jiff::civil::Date;
use meridian_types::{
    CaseId, CountryCode, EndUse, EngineerId, ExportClass, GateId, InstrumentModel, ItemId, LaneId, PartyId,
    ReceiptAt, ReceiptId, Revision, SiteId, SkillId, TerritoryId,
};
use serde::{Deserialize, Serialize};

/// Something that is not an option, with the decisive reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What was considered.
    pub candidate: Candidate,
    /// Why not, with the witness.
    pub reason: Reason,
    /// The same in one English sentence, for staff.
    pub sentence: String,
    /// When it would meet the need, if late is better than never.
    pub earliest_possible: Option<Timestamp>,
    /// At most 3 smallest changes that would help, alone or in pairs, the most useful first: those that meet the
    /// deadline, then those that ask less of others.
    pub relaxations: Vec<Relaxation>,
}

/// What was considered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Candidate {
    /// The request as a whole.
    Request,
    /// An item, wherever it may be.
    Item(ItemId),
    /// Everything that is needed, from one site.
    Source {
        /// The warehouse.
        site: SiteId,
    },
    /// Substitutes for what is needed, from one site.
    Substitute {
        /// The item asked for.
        item: ItemId,
        /// What would be sent instead.
        substitute: ItemId,
        /// The warehouse.
        site: SiteId,
    },
    /// Parts of what is needed from several sites.
    Split,
    /// Units that a warehouse expects.
    Receipt {
        /// The warehouse.
        site: SiteId,
        /// Which receipt.
        receipt: ReceiptId,
    },
    /// An item put together from parts.
    Kit {
        /// The item.
        kit: ItemId,
        /// Where.
        site: SiteId,
    },
    /// A loaner from one site.
    Loaner {
        /// The model.
        model: InstrumentModel,
        /// The warehouse.
        site: SiteId,
    },
    /// An exchange unit from one site.
    Exchange {
        /// The item that the unit is.
        item: ItemId,
        /// The warehouse.
        site: SiteId,
    },
    /// Guidance by an engineer from afar.
    Remote {
        /// Who.
        engineer: EngineerId,
    },
    /// A visit by an engineer.
    Visit {
        /// Who.
        engineer: EngineerId,
    },
    /// Repair at a depot by one of its engineers.
    Depot {
        /// Where.
        site: SiteId,
        /// By whom; absent when the depot itself is the obstacle.
        engineer: Option<EngineerId>,
    },
    /// Something that a party sells or repairs.
    ThirdParty(PartyId),
    /// Referral to a party.
    Party(PartyId),
}

/// Why something is not an option. Each variant carries its witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// A site in the request is not in the network.
    UnknownSite {
        /// The site.
        site: SiteId,
    },
    /// A field of the request breaks a rule.
    InvalidRequest {
        /// The field.
        field: String,
        /// Its value.
        value: String,
        /// The rule.
        rule: String,
    },
    /// The request has no lines.
    NothingAsked,
    /// The moment of asking lies outside the horizon that was compiled.
    OutsideHorizon,
    /// The company does not support the item.
    ItemNotSupported {
        /// The item.
        item: ItemId,
    },
    /// The company does not support the model: none of its work repairs it, and nobody replaces, lends or repairs one.
    ModelNotSupported {
        /// The model.
        model: InstrumentModel,
    },
    /// The request rules it out.
    Excluded,
    /// The owner refused to hold it.
    HoldRefused {
        /// The item.
        item: Option<ItemId>,
    },
    /// There is not enough of it.
    NoStock {
        /// The item; absent for a loaner.
        item: Option<ItemId>,
        /// Units available.
        available: i64,
        /// Units needed.
        needed: i64,
    },
    /// There would be enough of it, had another case not reserved it.
    Held {
        /// The item.
        item: ItemId,
        /// The warehouse.
        warehouse: SiteId,
        /// Units available.
        available: i64,
        /// Units needed.
        needed: i64,
        /// The case whose release would do.
        case: CaseId,
    },
    /// All there is of it, in stock and expected, wherever it may be, is not enough.
    TooFew {
        /// The item.
        item: ItemId,
        /// Units there are, with those that may stand in for it.
        existing: i64,
        /// Units needed.
        needed: i64,
        /// From when on all of them could be there; absent when they can't be brought there.
        there_from: Option<Timestamp>,
    },
    /// The site is not open long enough within the horizon.
    NoTime {
        /// The site.
        site: SiteId,
        /// Minutes of work needed.
        work_minutes: i64,
    },
    /// A receipt should have come already, so nobody knows when it will.
    ReceiptOverdue {
        /// Which receipt.
        receipt: ReceiptAt,
        /// When it was expected.
        expected: Timestamp,
    },
    /// The warehouse has to be supplied first.
    SupplyAwaited {
        /// The warehouse.
        site: SiteId,
        /// When the units are expected.
        until: Timestamp,
    },
    /// The party takes its time.
    PartyLead {
        /// Which party.
        party: PartyId,
        /// When it delivers.
        until: Timestamp,
    },
    /// An item that is needed, or a part of a repair or a kit, can't be had.
    PartMissing {
        /// The part.
        item: ItemId,
        /// Why, at its best source.
        because: Box<Reason>,
    },
    /// The substitute has to be approved first.
    NotApproved,
    /// The substitute does not fit the instrument.
    NotCompatible {
        /// The instrument's model.
        model: InstrumentModel,
        /// Its revision, when known.
        revision: Option<Revision>,
    },
    /// The instrument can't be shipped.
    NotShippable,
    /// The depot does not repair this model, or nobody works there.
    NotEquipped,
    /// The engineer does not have the skill at the level needed.
    SkillMissing {
        /// The skill.
        skill: SkillId,
        /// Level needed.
        needed: u8,
        /// Level held, 0 for none.
        held: u8,
    },
    /// The engineer never had the certificate.
    CertificateMissing {
        /// The certificate.
        certificate: SkillId,
    },
    /// The certificate is not valid at the time of the work.
    CertificateExpired {
        /// The certificate.
        certificate: SkillId,
        /// Its last day.
        on: Date,
    },
    /// The engineer may not work in the country.
    NoRightToWork {
        /// The country.
        country: CountryCode,
    },
    /// The right to work in the country has to be asked for, and comes too late.
    PermitPending {
        /// The country.
        country: CountryCode,
        /// Working days of that country that it takes.
        working_days: i32,
        /// From when on work is allowed; absent when that is years away.
        from: Option<Timestamp>,
    },
    /// The site lets nobody in who was announced so late.
    NoticeNeeded {
        /// The site.
        site: SiteId,
        /// From when on somebody announced now is let in.
        until: Timestamp,
    },
    /// The rest that the engineer must have leaves no time for it.
    RestNeeded {
        /// Minutes of a rest.
        rest_minutes: i64,
        /// The longest stretch of duty in minutes.
        duty_minutes_max: i64,
    },
    /// The engineer has no free time that is long enough, travel included.
    NotFree {
        /// Minutes of work needed, travel not counted.
        work_minutes: i64,
    },
    /// Export is closed.
    ExportClosed {
        /// The goods' class.
        export_class: ExportClass,
        /// The rule that closes it; absent when no rule opens it.
        gate: Option<GateId>,
    },
    /// No use of the goods is declared, so that the strictest rule for any use counts; declaring it would decide.
    EndUseUndeclared {
        /// The goods' class.
        export_class: ExportClass,
        /// What the strictest rule says.
        because: Box<Reason>,
    },
    /// An export licence takes too long.
    LicenceNeeded {
        /// The rule that asks for it.
        gate: GateId,
        /// Working days.
        working_days: i32,
    },
    /// Every way refuses dangerous goods.
    DangerousGoods {
        /// One lane that would do otherwise.
        lane: LaneId,
    },
    /// Every way breaks the cold chain.
    ColdChain {
        /// One lane that would do otherwise.
        lane: LaneId,
    },
    /// The consignment is too heavy for every way.
    TooHeavy {
        /// One lane that would do otherwise.
        lane: LaneId,
        /// The consignment's weight.
        weight_g: i64,
        /// What the lane takes.
        max_weight_g: i64,
    },
    /// No lanes lead there within the horizon.
    NoRoute {
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
    },
    /// A cut-off was missed.
    CutOffMissed {
        /// The lane.
        lane: LaneId,
        /// Last hand-over.
        cut_off: Timestamp,
        /// By how much it was missed.
        by_minutes: i64,
    },
    /// A site is closed.
    SiteClosed {
        /// The site.
        site: SiteId,
        /// When it opens.
        until: Timestamp,
    },
    /// Customs is closed or needs the time.
    CustomsWait {
        /// The territory.
        territory: TerritoryId,
        /// When the goods are cleared.
        until: Timestamp,
    },
    /// It takes until after the deadline.
    AfterDeadline {
        /// When it meets the need.
        arrives: Timestamp,
        /// How late that is.
        late_by_minutes: i64,
        /// What costs most of the time.
        because: Option<Box<Reason>>,
    },
    /// The party needs so long that it ends beyond the time that is planned for.
    LeadTime {
        /// Working days of the customer's country.
        working_days: i32,
    },
    /// The party does not serve this country, item or model.
    NotServed,
}

impl Reason {
    /// What a rule about exports says, when it may say something else once the use of goods of a class is declared.
    pub(crate) fn until_declared(self, undeclared: Option<ExportClass>) -> Self {
        match undeclared {
            Some(export_class) => Self::EndUseUndeclared { export_class, because: Box::new(self) },
            None => self,
        }
    }
}

/// Changes that would help, tried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// What would have to change: one thing, or two together where neither helps as much alone.
    pub changes: Vec<Change>,
    /// The same in one English sentence, for staff.
    pub sentence: String,
    /// When the need would be met at the earliest.
    pub arrival_with_it: Timestamp,
    /// What that would cost in minor units of the network's currency.
    pub cost_minor_with_it: i64,
    /// Whether that meets the deadline.
    pub meets_deadline: bool,
}

/// Something that could be agreed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Change {
    /// The carrier waits.
    LaterCutOff {
        /// The lane.
        lane: LaneId,
        /// How long.
        by_minutes: i64,
    },
    /// The substitute is approved.
    ApproveSubstitute {
        /// What would be sent.
        substitute: ItemId,
    },
    /// A site opens all day.
    SiteOpens {
        /// The site.
        site: SiteId,
        /// On this local date.
        date: Date,
    },
    /// An engineer works overtime.
    Overtime {
        /// Who.
        engineer: EngineerId,
    },
    /// Goods are cleared before they arrive.
    CustomsPrecleared {
        /// The territory entered.
        territory: TerritoryId,
    },
    /// The goods are declared to be for a use.
    EndUseDeclared {
        /// The use.
        end_use: EndUse,
    },
    /// The export licence is in hand already.
    LicenceInHand {
        /// The rule that asks for it.
        gate: GateId,
    },
    /// A case lets go of what it holds.
    ReleaseHold {
        /// The case.
        case: CaseId,
        /// The item.
        item: ItemId,
        /// The warehouse.
        warehouse: SiteId,
    },
}
