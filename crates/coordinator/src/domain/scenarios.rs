//! Stories of single plans, told input by input.

mod dates;
mod office;
mod older_revisions;
mod orders;
mod repairs;
mod returns;
mod shelving;
mod silence;
mod stories;
mod supplies;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{
    CaseId, EngineerId, HoldId, Interval, ItemId, Quantity, ReferralId, SeededIds, SiteId, TransferId,
    VisitId,
};

use super::decide::decide;
use super::{
    Chosen, Command, CustomerMilestone, Effect, EngineerClaim, Fact, Input, InstrumentMove, NewPlan,
    PartyClaim, Plan, Search, SolutionKind, StockClaim, TaskWork, TransferMilestone, open, wants,
};

/// Monday 08:00 UTC.
const START: Timestamp = Timestamp::constant(1_795_420_800, 0);

fn at(hours: i64) -> Timestamp {
    START + SignedDuration::from_hours(hours)
}

/// A plan, the time, and what the plan last had to say.
struct Story {
    plan: Plan,
    now: Timestamp,
    said: Vec<Effect>,
    /// How much has happened to transfers.
    news: i64,
}

impl Story {
    /// Opens a plan at 0 o'clock of the story; the need should be met by `deadline_hours`.
    fn begin(chosen: Chosen, deadline_hours: Option<i64>, attended: bool) -> Self {
        let ids = SeededIds::new(1);
        let new = NewPlan {
            plan_id: meridian_types::PlanId::fresh(&ids),
            case_id: CaseId::fresh(&ids),
            region: "eu".parse().unwrap(),
            office: "OFFICE".to_owned(),
            chosen,
            deadline: deadline_hours.map(at),
            lent: Vec::new(),
            taken_back: None,
            attended,
        };
        let opened = open(new, START);
        Self { plan: opened.plan, now: START, said: opened.effects, news: 1 }
    }

    /// Opens the plan that follows another one of the same case, now.
    fn begin_after(mut last: Plan, chosen: Chosen) -> Self {
        let lent = last.hand_over_loans(START);
        let new = NewPlan {
            plan_id: meridian_types::PlanId::fresh(&SeededIds::new(2)),
            case_id: last.case_id,
            region: last.region,
            office: last.office,
            chosen,
            deadline: last.deadline,
            lent,
            taken_back: last.taken_back,
            attended: false,
        };
        let opened = open(new, START);
        Self { plan: opened.plan, now: START, said: opened.effects, news: 1 }
    }

    fn hear(&mut self, input: Input) {
        let decision = decide(self.plan.clone(), input, self.now);
        (self.plan, self.said) = (decision.plan, decision.effects);
    }

    fn hear_at(&mut self, hours: i64, input: Input) {
        self.now = at(hours);
        self.hear(input);
    }

    /// Lets the watchdog look when it wants to.
    fn due(&mut self) {
        self.now = self.plan.due_at().expect("something is still to happen");
        self.hear(Input::Due);
    }

    fn options(&mut self, options: Vec<Chosen>) {
        let search = self.plan.searches;
        self.would_take_what_it_wants(&options);
        self.hear(Input::OptionsFound { search, options });
    }

    /// What a plan says it wants is what it takes when that is offered first, and it takes nothing else.
    fn would_take_what_it_wants(&self, options: &[Chosen]) {
        let search = self.plan.searches;
        let wanted = wants(&self.plan, search, options, self.now).options;
        let takes = |option: &Chosen| {
            let input = Input::OptionsFound { search, options: vec![option.clone()] };
            let after = decide(self.plan.clone(), input, self.now).plan;
            after.revision > self.plan.revision && after.chosen == *option
        };
        for (index, option) in options.iter().enumerate() {
            // A plan that would not take the best carries on, whatever else there is.
            let decides = index == 0 || !wanted.is_empty();
            assert!(!decides || takes(option) == wanted.contains(&index), "{wanted:?} of {options:?}");
        }
        assert!(wants(&self.plan, search + 1, options, self.now).options.is_empty(), "another search");
    }

    fn facts(&self) -> Vec<&Fact> {
        let told = self.said.iter().filter_map(|effect| match effect {
            Effect::Tell(fact) => Some(fact),
            Effect::Send(_) | Effect::Search(_) => None,
        });
        told.collect()
    }

    fn tells(&self, wanted: impl Fn(&Fact) -> bool) -> bool {
        self.facts().into_iter().any(wanted)
    }

    fn tells_milestone(&self, wanted: CustomerMilestone) -> bool {
        self.tells(|fact| matches!(fact, Fact::Milestone { milestone, .. } if *milestone == wanted))
    }

    fn search(&self) -> &Search {
        let searched = self.said.iter().find_map(|effect| match effect {
            Effect::Search(search) => Some(search),
            Effect::Send(_) | Effect::Tell(_) => None,
        });
        searched.expect("it looks for another way")
    }

    /// The commands it sent: "ask", "confirm", "undo" or "shelve", and what about.
    fn commands(&self) -> Vec<(&'static str, &'static str)> {
        let sent = self.said.iter().filter_map(|effect| match effect {
            Effect::Send(Command::Ask(_, work)) => Some(("ask", word(work))),
            Effect::Send(Command::Confirm(_, work)) => Some(("confirm", word(work))),
            Effect::Send(Command::Undo(_, work)) => Some(("undo", word(work))),
            Effect::Send(Command::Shelve(_, work)) => Some(("shelve", word(work))),
            Effect::Tell(_) | Effect::Search(_) => None,
        });
        sent.collect()
    }

    /// The ids of the last revision's holds, transfers, visits and referrals.
    fn hold(&self, nth: usize) -> HoldId {
        self.ids(|work| if let TaskWork::Hold { hold, .. } = work { Some(*hold) } else { None })[nth]
    }

    fn transfer(&self, nth: usize) -> TransferId {
        let id = |work: &TaskWork| match work {
            TaskWork::Send { transfer, .. } | TaskWork::MoveInstrument { transfer, .. } => Some(*transfer),
            _ => None,
        };
        self.ids(id)[nth]
    }

    fn visit(&self) -> VisitId {
        self.ids(|work| if let TaskWork::Visit { visit, .. } = work { Some(*visit) } else { None })[0]
    }

    fn referral(&self) -> ReferralId {
        self.ids(|work| if let TaskWork::Refer { referral, .. } = work { Some(*referral) } else { None })[0]
    }

    fn ids<T>(&self, id: impl Fn(&TaskWork) -> Option<T>) -> Vec<T> {
        self.plan.current().filter_map(|task| id(&task.work)).collect()
    }

    /// Everything it asked for is held, reserved and ordered.
    fn commit(&mut self) {
        for hold in self.ids(|work| if let TaskWork::Hold { hold, .. } = work { Some(*hold) } else { None }) {
            self.hear(Input::HoldPlaced(hold));
        }
        for visit in
            self.ids(|work| if let TaskWork::Visit { visit, .. } = work { Some(*visit) } else { None })
        {
            self.hear(Input::VisitHeld(visit));
        }
        assert!(self.tells(|fact| *fact == Fact::Committed), "{:?}", self.said);
        for hold in self.ids(|work| if let TaskWork::Hold { hold, .. } = work { Some(*hold) } else { None }) {
            self.hear(Input::HoldConfirmed(hold));
        }
    }

    fn transfer_news(&mut self, hours: i64, milestone: TransferMilestone, expected_hours: Option<i64>) {
        self.news_of(self.transfer(0), hours, milestone, expected_hours);
    }

    fn news_of(
        &mut self,
        transfer: TransferId,
        hours: i64,
        milestone: TransferMilestone,
        expected_hours: Option<i64>,
    ) {
        self.news += 1;
        self.now = at(hours);
        self.recorded(transfer, self.news, milestone, (hours, expected_hours));
    }

    /// What became of a transfer by its `version`, as the plan hears it now.
    fn recorded(
        &mut self,
        transfer: TransferId,
        version: i64,
        milestone: TransferMilestone,
        (hours, expected_hours): (i64, Option<i64>),
    ) {
        let (happened_at, expected_at) = (at(hours), expected_hours.map(at));
        self.hear(Input::TransferProgressed { transfer, version, milestone, happened_at, expected_at });
    }
}

const fn word(work: &TaskWork) -> &'static str {
    match work {
        TaskWork::Hold { .. } => "hold",
        TaskWork::Send { .. } => "send",
        TaskWork::MoveInstrument { .. } => "move",
        TaskWork::Visit { .. } => "visit",
        TaskWork::Order { .. } => "order",
        TaskWork::Refer { .. } => "refer",
    }
}

fn pump() -> ItemId {
    "PUMP".parse().unwrap()
}

fn site(code: &str) -> SiteId {
    code.parse().unwrap()
}

fn blank(number: u64, kind: SolutionKind, arrival_hours: i64) -> Chosen {
    Chosen::blank(meridian_types::SolutionId::fresh(&SeededIds::new(number)), kind, at(arrival_hours))
}

/// One pump from each warehouse: it leaves after an hour and is there at `arrival_hours`.
fn delivery(warehouses: &[(&str, &str)], arrival_hours: i64) -> Chosen {
    let claim = |(warehouse, region): &(&str, &str)| StockClaim {
        region: region.parse().unwrap(),
        warehouse: site(warehouse),
        lines: vec![(pump(), Quantity::ONE)],
        awaited: Vec::new(),
        kits: Vec::new(),
        sent: Vec::new(),
        stands_in: Vec::new(),
        on_loan: false,
        to_site: site("CUSTOMER"),
        to_region: None,
        departs: at(1),
        arrives: at(arrival_hours),
        due_back: None,
    };
    let stock = warehouses.iter().map(claim).collect();
    Chosen { stock, ..blank(7, SolutionKind::Transfer, arrival_hours) }
}

/// A pump from a warehouse for good; the customer's own is fetched when that has long been there.
fn exchange_from(warehouse: (&str, &str), arrival_hours: i64) -> Chosen {
    let back = InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: site("CUSTOMER"),
        to_site: site("DEPOT"),
        to_region: None,
        departs: at(200),
        arrives: at(230),
        after_work: false,
        after_arrival: true,
    };
    let unit = delivery(&[warehouse], arrival_hours);
    Chosen { kind: SolutionKind::AdvanceExchange, moves: vec![back], ..unit }
}

/// Somebody comes for two hours of work, from `start_hours` on.
fn visit_by(engineer: &str, start_hours: i64) -> Chosen {
    let engineer: EngineerId = engineer.parse().unwrap();
    let claim = EngineerClaim {
        region: "eu".parse().unwrap(),
        engineer,
        site: site("CUSTOMER"),
        during: Interval::new(at(start_hours - 2), at(start_hours + 4)).unwrap(),
        work: Interval::new(at(start_hours), at(start_hours + 2)).unwrap(),
        skill: "PUMPS".parse().unwrap(),
        remote: false,
        bookings: 1,
        level: 3,
    };
    Chosen { engineers: vec![claim], ..blank(8, SolutionKind::EngineerVisit, start_hours + 2) }
}

/// A part that is there at `arrival_hours` for the engineer who starts at `start_hours`.
fn repair_by(engineer: &str, start_hours: i64, warehouse: (&str, &str), arrival_hours: i64) -> Chosen {
    Chosen { stock: delivery(&[warehouse], arrival_hours).stock, ..visit_by(engineer, start_hours) }
}

fn referral_to(party: &str) -> Chosen {
    let party = Some(PartyClaim { party: party.parse().unwrap(), answer_due: at(4) });
    Chosen { party, ..blank(9, SolutionKind::Referral, 4) }
}
