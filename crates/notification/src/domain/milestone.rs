//! What customers hear about: one table says all there is to know of each milestone.

use Milestone::{
    Arrived, CaseOpened, Closed, DateChanged, Done, EngineerOnTheWay, ExchangeArrived, InCustoms,
    InstrumentShipped, LoanerArrived, PlanAgreed, ReferralOffered, ReferralReturned, Referred, Repaired,
    Shipped, StillLooking, VisitCalledOff, VisitFinished, VisitMoved, VisitScheduled, VisitUnsolved,
};

/// What gave rise to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Milestone {
    /// We have the request.
    CaseOpened,
    /// A way was found, and a date is promised.
    PlanAgreed,
    /// Goods are on their way.
    Shipped,
    /// They are with customs.
    InCustoms,
    /// They are there.
    Arrived,
    /// A unit on loan is there; the customer's own is still to be repaired.
    LoanerArrived,
    /// A unit that replaces the customer's own is there; their own goes back.
    ExchangeArrived,
    /// Somebody comes.
    EngineerOnTheWay,
    /// The instrument works.
    Repaired,
    /// The instrument is on its way.
    InstrumentShipped,
    /// Nothing works yet; a next word is promised.
    StillLooking,
    /// A promised date is replaced.
    DateChanged,
    /// The need is met.
    Done,
    /// Somebody else was asked to take over.
    ReferralOffered,
    /// Somebody else took over.
    Referred,
    /// Nobody took over.
    ReferralReturned,
    /// The case is closed.
    Closed,
    /// Somebody is to come.
    VisitScheduled,
    /// They come at another time, or elsewhere.
    VisitMoved,
    /// They do not come.
    VisitCalledOff,
    /// They were there, and all is done.
    VisitFinished,
    /// They were there, and not all is done.
    VisitUnsolved,
}

/// One line of the table.
struct Row {
    milestone: Milestone,
    /// As in the API, the database and the templates' file names.
    name: &'static str,
    /// Whether those hear of it who want to hear only what is promised, changed and done.
    essential: bool,
    /// Told before, any of these makes it old news.
    overtaken_by: &'static [Milestone],
    /// The same, when it is about the same thing: a later leg of one journey, the answer to one offer.
    overtaken_on_its_way_by: &'static [Milestone],
}

const fn row(
    milestone: Milestone,
    name: &'static str,
    essential: bool,
    overtaken_by: &'static [Milestone],
    overtaken_on_its_way_by: &'static [Milestone],
) -> Row {
    Row { milestone, name, essential, overtaken_by, overtaken_on_its_way_by }
}

/// After these the plan goes on, so that its beginning is old news.
const PROGRESS: &[Milestone] = &[
    Shipped,
    InCustoms,
    Arrived,
    LoanerArrived,
    ExchangeArrived,
    EngineerOnTheWay,
    Repaired,
    InstrumentShipped,
    Done,
    Closed,
];
/// After these the goods are there.
const ARRIVALS: &[Milestone] = &[Arrived, LoanerArrived, ExchangeArrived];
/// After these nothing else is to come.
const END: &[Milestone] = &[Done, Closed];

const ESSENTIAL: bool = true;
const OPTIONAL: bool = false;

/// In the order of [`Milestone`].
const TABLE: [Row; 22] = [
    row(CaseOpened, "CASE_OPENED", ESSENTIAL, &[], &[]),
    row(PlanAgreed, "PLAN_AGREED", ESSENTIAL, PROGRESS, &[]),
    row(Shipped, "SHIPPED", OPTIONAL, END, &[InCustoms, Arrived, LoanerArrived, ExchangeArrived]),
    row(InCustoms, "IN_CUSTOMS", OPTIONAL, END, ARRIVALS),
    row(Arrived, "ARRIVED", OPTIONAL, END, &[]),
    row(LoanerArrived, "LOANER_ARRIVED", ESSENTIAL, END, &[]),
    // Once their own has left, nothing is to be handed over.
    row(ExchangeArrived, "EXCHANGE_ARRIVED", ESSENTIAL, &[InstrumentShipped, Done, Closed], &[]),
    row(EngineerOnTheWay, "ENGINEER_ON_THE_WAY", OPTIONAL, &[Repaired, Done, Closed], &[]),
    row(Repaired, "REPAIRED", OPTIONAL, END, &[]),
    row(InstrumentShipped, "INSTRUMENT_SHIPPED", OPTIONAL, END, &[]),
    row(StillLooking, "STILL_LOOKING", ESSENTIAL, END, &[]),
    row(DateChanged, "DATE_CHANGED", ESSENTIAL, END, &[]),
    row(Done, "DONE", ESSENTIAL, &[], &[]),
    row(ReferralOffered, "REFERRAL_OFFERED", OPTIONAL, END, &[Referred, ReferralReturned]),
    row(Referred, "REFERRED", ESSENTIAL, &[Closed], &[]),
    row(ReferralReturned, "REFERRAL_RETURNED", OPTIONAL, END, &[]),
    row(Closed, "CLOSED", OPTIONAL, &[], &[]),
    row(VisitScheduled, "VISIT_SCHEDULED", ESSENTIAL, &[], &[]),
    row(VisitMoved, "VISIT_MOVED", ESSENTIAL, &[], &[]),
    row(VisitCalledOff, "VISIT_CALLED_OFF", ESSENTIAL, &[], &[]),
    row(VisitFinished, "VISIT_FINISHED", OPTIONAL, &[], &[]),
    row(VisitUnsolved, "VISIT_UNSOLVED", ESSENTIAL, &[], &[]),
];

impl Milestone {
    /// Every milestone.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.milestone)
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// "SHIPPED".
    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// The milestone of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.milestone)
    }

    /// Whether those hear of it who want to hear only what is promised, changed and done.
    pub(crate) fn is_essential(self) -> bool {
        self.row().essential
    }

    /// Whether it is old news once `other` was told.
    pub(crate) fn is_overtaken_by(self, other: Self, about_the_same: bool) -> bool {
        let row = self.row();
        row.overtaken_by.contains(&other) || about_the_same && row.overtaken_on_its_way_by.contains(&other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_order_of_the_milestones() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.milestone as usize, index);
            assert_eq!(Milestone::named(row.name), Some(row.milestone));
        }
        assert_eq!(Milestone::named("shipped"), None);
    }
}
